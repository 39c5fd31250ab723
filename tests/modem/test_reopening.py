"""The pauses between the tries to open a lost modem."""

from collections.abc import Callable

import pytest

from textbackd.modem.modem import ModemUnavailable
from textbackd.modem.port_errors import PinRefused
from textbackd.modem.reopening import Reopening


def lost(reopening: Reopening, now: float, reason: ModemUnavailable) -> float:
    """Seconds until the next try."""
    reopening.opening(now)
    reopening.lost(reason)
    return reopening.not_before - now


def test_the_pauses_grow() -> None:
    """To a minute; what works ends that, and so does another modem."""
    reopening = Reopening()
    gone = ModemUnavailable("gone")
    assert [lost(reopening, 100.0, gone) for _ in range(8)] == [1, 2, 5, 10, 30, 60, 60, 60]
    reopening.worked()
    assert lost(reopening, 200.0, gone) == 1
    reopening.at_once()
    reopening.refuse_if_too_early(200.0)


def test_too_early_is_told_with_the_reason_of_the_last_time() -> None:
    """Until the pause is over."""
    reopening = Reopening()
    reopening.refuse_if_too_early(0.0)
    lost(reopening, 0.0, PinRefused("sim: wrong"))
    with pytest.raises(PinRefused, match="sim: wrong"):
        reopening.refuse_if_too_early(59.9)
    reopening.refuse_if_too_early(60.0)


def test_the_radio_is_cycled_after_every_third_failure() -> None:
    """Not at the first try; as soon as the modem can be told, however long that takes."""
    reopening, wanted = Reopening(), []
    for now in range(9):
        wanted.append(reopening.wants_radio_cycle)
        if now == 5:
            reopening.cycling_radio()
        lost(reopening, now, ModemUnavailable("silent"))
    assert wanted == [False, False, False, True, True, True, False, False, True]


@pytest.mark.parametrize("end", [Reopening.worked, Reopening.at_once])
def test_a_modem_that_works_or_is_another_needs_no_cycle(end: Callable[[Reopening], None]) -> None:
    """Until it has failed three times again."""
    reopening, wanted = Reopening(), []
    for now in range(3):
        lost(reopening, now, ModemUnavailable("silent"))
    reopening.cycling_radio()
    end(reopening)
    for now in range(4):
        wanted.append(reopening.wants_radio_cycle)
        lost(reopening, now, ModemUnavailable("silent"))
    assert wanted == [False, False, False, True]
