"""A call to the SIM is told once, however long it rings."""

from textbackd.modem.incoming_calls import IncomingCalls
from textbackd.modem.modem import IncomingCall

BOB, CAROL = "+447700900456", "+447700900789"


def test_once_however_long_it_rings() -> None:
    """RING and +CLIP every five seconds for ten minutes."""
    calls = IncomingCalls()
    news = []
    for second in range(0, 600, 5):
        news += [calls.ring("", second), calls.ring(BOB, second + 0.1)]
        if second == 300:
            assert calls.take(second + 1) == [IncomingCall(number=BOB)]
    assert news == [True, True] + [False] * 238
    assert calls.take(700) == []


def test_another_after_silence() -> None:
    """30 s without a RING."""
    calls = IncomingCalls()
    calls.ring(BOB, 0)
    calls.ring(BOB, 29)
    assert calls.ring(BOB, 60)
    assert calls.take(61) == [IncomingCall(number=BOB), IncomingCall(number=BOB)]


def test_a_withheld_number_is_waited_for() -> None:
    """Only for a second."""
    calls = IncomingCalls()
    calls.ring("", 0)
    assert calls.take(0.5) == []
    assert calls.take(1) == [IncomingCall(number="")]
    assert not calls.ring(BOB, 1.5)
    assert calls.take(10) == []


def test_two_numbers_are_two_calls() -> None:
    """The second rings at once."""
    calls = IncomingCalls()
    calls.ring(BOB, 0)
    calls.ring(CAROL, 3)
    assert calls.take(3) == [IncomingCall(number=BOB), IncomingCall(number=CAROL)]
