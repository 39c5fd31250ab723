"""What the tracker and the translator hold does not grow with the calls that they have seen, whatever was lost."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping

import pytest

from tests import fake_ami
from tests.builders import NOON, seconds
from tests.core.holding import held
from tests.core.witness import CALLER, PHONE, Line, appeared
from textbackd.core import calls
from textbackd.core.call_records import EndedCall
from textbackd.core.calls import CallTracker
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.trunks import Trunks

Message = Mapping[str, str]

EACH = 3.6
"""Seconds from one call to the next: a thousand an hour, day and night."""
NUMBER = "07700900123"


def missed(call_id: str) -> Iterator[Message]:
    """101 rings, and nobody takes it."""
    yield from fake_ami.rings_out(call_id, NUMBER)


def answered(call_id: str) -> Iterator[Message]:
    """101 takes it."""
    yield from fake_ami.arrives(call_id, NUMBER)
    yield {"Event": "Newstate", "Uniqueid": f"{call_id}9", "Linkedid": call_id, "ChannelState": "6"}
    for event in ("BridgeEnter", "BridgeLeave"):
        for leg in (call_id, f"{call_id}9"):
            yield {"Event": event, "Uniqueid": leg, "Linkedid": call_id, "BridgeUniqueid": f"b{call_id}"}
    yield hung_up(f"{call_id}9", call_id)
    yield hung_up(call_id, call_id)


def through_a_local_pair(call_id: str) -> Iterator[Message]:
    """A queue that reaches 102 through a Local pair; the pair stays, and 102 takes the call."""
    yield fake_ami.arrives(call_id, NUMBER)[0]
    yield {"Event": "QueueCallerJoin", "Uniqueid": call_id, "Linkedid": call_id, "Queue": "700"}
    one, two, phone = (f"{call_id}{i}" for i in (1, 2, 3))
    for leg, name in ((one, "Local/102@q-1;1"), (two, "Local/102@q-1;2"), (phone, f"PJSIP/102-{call_id}")):
        yield {"Event": "Newchannel", "Uniqueid": leg, "Linkedid": call_id, "Channel": name, "ChannelState": "0"}
    yield {"Event": "LocalBridge", "LocalOneUniqueid": one, "LocalTwoUniqueid": two}
    for leg, bridge in ((call_id, "a"), (one, "a"), (two, "b"), (phone, "b")):
        yield {"Event": "BridgeEnter", "Uniqueid": leg, "Linkedid": call_id, "BridgeUniqueid": f"{bridge}{call_id}"}
    for leg in (phone, two, one, call_id):
        yield hung_up(leg, call_id)


def fetched(call_id: str) -> Iterator[Message]:
    """Parked, and fetched by a phone with a channel of its own, into whose older group the call goes over."""
    yield fake_ami.arrives(call_id, NUMBER)[0]
    phone = {"Uniqueid": f"{call_id}7", "Linkedid": f"{call_id}7"}
    yield {"Event": "ParkedCall", "ParkeeUniqueid": call_id, "ParkingSpace": "71"}
    yield {"Event": "Newchannel", **phone, "Channel": f"PJSIP/103-{call_id}", "ChannelState": "4", "Context": "x"}
    for leg in (call_id, phone["Uniqueid"]):
        yield {"Event": "BridgeEnter", "Uniqueid": leg, "Linkedid": phone["Linkedid"], "BridgeUniqueid": f"c{call_id}"}
    yield hung_up(call_id, phone["Linkedid"])
    yield hung_up(phone["Uniqueid"], phone["Linkedid"])


def inside(call_id: str) -> Iterator[Message]:
    """101 calls 102: no call of anybody outside."""
    for leg in (call_id, f"{call_id}5"):
        channel = {"Uniqueid": leg, "Linkedid": call_id, "Channel": f"PJSIP/101-{leg}"}
        yield {"Event": "Newchannel", **channel, "ChannelState": "4", "Context": "from-internal"}
    for leg in (call_id, f"{call_id}5"):
        yield hung_up(leg, call_id)


def hung_up(leg: str, group: str) -> Message:
    return {"Event": "Hangup", "Uniqueid": leg, "Linkedid": group, "Cause": "16"}


KINDS: tuple[Callable[[str], Iterator[Message]], ...] = (missed, answered, through_a_local_pair, fetched, inside)


class Office:
    """A PBX with a thousand calls an hour, of all kinds, that loses one hang-up in so many."""

    def __init__(self, lost: int) -> None:
        self.tracker = CallTracker()
        self.translator = AsteriskTranslator(Trunks())
        self.now = NOON
        self.ended = 0
        self.lost = 0
        self._one_in = lost
        self._draw = random.Random(lost)
        self._calls = ((f"17000{i}.", kind) for i, kind in zip(itertools.count(10_000), itertools.cycle(KINDS)))

    def work(self, count: int) -> None:
        """So many calls."""
        for call_id, kind in itertools.islice(self._calls, count):
            self.now += seconds(EACH)
            self._count(self.tracker.expire(self.now))
            for message in kind(call_id):
                if message["Event"] == "Hangup" and self._draw.random() < 1 / self._one_in:
                    self.lost += 1
                    continue
                for event in self.translator.events(message, self.now):
                    self._count(self.tracker.receive(event))

    def _count(self, ended: object) -> None:
        assert isinstance(ended, list | tuple)
        self.ended += sum(isinstance(call, EndedCall) for call in ended)


PER_CHANNEL, PER_CALL = 12, 40
"""Objects that may be held for one that lost its hang-up."""


@pytest.mark.parametrize(
    ("count", "lost", "most"),
    [
        (20_000, 1000, calls.MOST_CHANNELS),
        (6_000, 20, 500),
        pytest.param(1_000_000, 1000, calls.MOST_CHANNELS, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
def test_a_tracker_that_has_seen_many_calls_holds_no_more_for_it(
    count: int, lost: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hang-up in so many is lost; each call of somebody outside has ended, but for what is still waited for."""
    monkeypatch.setattr(calls, "MOST_CHANNELS", most)
    office = Office(lost=lost)
    office.work(count)

    waited_for = len(office.tracker.followed())
    channels = PER_CHANNEL * min(office.lost, most)
    assert held(office.tracker) < calls.REMEMBERED + channels + PER_CALL * waited_for + 1000
    assert count * (len(KINDS) - 1) // len(KINDS) - waited_for == office.ended
    assert office.lost > count / lost


def test_more_callers_than_there_is_room_for_are_followed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is made at the cost of other channels; every caller's call ends once."""
    monkeypatch.setattr(calls, "MOST_CHANNELS", 3)
    line = Line()
    line.hear(*(appeared(str(i), PHONE if i % 5 == 0 else CALLER) for i in range(20)))
    line.hang_up()


def test_a_translator_holds_no_more_for_hang_ups_that_were_lost() -> None:
    """Every one of fifty thousand; a snapshot may never come."""
    office = Office(lost=1)
    for call_id, kind in zip(map(str, range(20_000)), itertools.cycle(KINDS), strict=False):
        for message in kind(f"{call_id}."):
            if message["Event"] != "Hangup":
                office.translator.events(message, NOON)

    assert held(office.translator) < 3 * calls.REMEMBERED


def test_a_translator_holds_no_more_for_names_that_hold_the_callers_number() -> None:
    """A channel of an ISDN trunk is named for who calls (``DAHDI/i1/07700900123-1f``)."""
    translator = AsteriskTranslator(Trunks())
    before = held(translator)
    for i in range(1000):
        call = {"Channel": f"DAHDI/i1/07700900{i:03}-{i:x}", "Uniqueid": str(i), "Linkedid": str(i)}
        message = {"Event": "Newchannel", **call, "ChannelState": "4", "Context": "from-digital"}
        translator.events(message, NOON)
        translator.events(hung_up(str(i), str(i)), NOON)

    assert held(translator) < before + 10
