"""What holds of any stream of a FreeSWITCH, whatever of it is lost, repeated, reordered or nonsense.

A witness sees the same raw events, and needs no cleverness: somebody spoke with a caller where bridges lead from the
caller's leg, over nothing but loopbacks, to a leg that was answered and is no caller's.
"""

import contextlib
import datetime as dt
import functools
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import NOON, seconds, spoke_with
from tests.core.holding import held
from tests.pbx import replay
from tests.pbx.replay import FREESWITCH
from tests.pbx.switch import CALLER, Leg, Switch
from textbackd.core.call_records import Ended, EndedCall
from textbackd.core.calls import MOST_CHANNELS, REMEMBERED, CallTracker
from textbackd.core.outcomes import Outcome, judge
from textbackd.core.policy import TEXTED
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.source import NotUnderstood
from textbackd.pbx.trace import Trace

STREAMS = sorted(FREESWITCH.glob("subscribed/*.esl.gz"))
ANY = st.sampled_from(STREAMS)
LINE_OF_THE_TRUNK = "sofia/trunk/+"
"""How the name of a caller's leg begins in the lab."""


@functools.cache
def recorded(path: Path) -> tuple[Event, ...]:
    return tuple(event for _at, event in Trace.read(path).messages() if "Event-Name" in event)


class Witness:
    """Knows of each leg what was said of it, by itself or by others."""

    def __init__(self) -> None:
        self.hung_up: set[str] = set()
        self._names: dict[str, str] = {}
        self._answered: set[str] = set()
        self._wires = defaultdict[str, set[str]](set)
        """Bridges, and the halves of loopbacks."""

    def see(self, e: Event) -> None:
        """Write down what one event says."""
        leg = e.get("Unique-ID", "")
        if not leg or not e["Event-Name"].startswith("CHANNEL_"):
            return
        self._names[leg] = e.get("Channel-Name", "")
        if e.get("Answer-State") == "answered" or e.get("Caller-Channel-Answered-Time", "0") != "0":
            self._answered.add(leg)
        if e["Event-Name"] == "CHANNEL_HANGUP_COMPLETE":
            self.hung_up.add(leg)
        if "Bridge-A-Unique-ID" in e:
            self._wire(e["Bridge-A-Unique-ID"], e["Bridge-B-Unique-ID"])
        for other in ("variable_last_bridge_to", "variable_bridge_uuid", "variable_other_loopback_leg_uuid"):
            if other in e:
                self._wire(leg, e[other])

    def _wire(self, one: str, other: str) -> None:
        self._wires[one].add(other)
        self._wires[other].add(one)

    def saw_a_talk(self, caller: str) -> bool:
        """Whether anybody spoke with the caller, as far as was seen."""
        reached, new = {caller}, set(self._wires[caller])
        while new:
            if any(self._is_a_person(leg) and leg in self._answered for leg in new):
                return True
            reached |= new
            halves = {leg for leg in new if self._names.get(leg, "").startswith("loopback/")}
            new = {other for leg in halves for other in self._wires[leg]} - reached
        return False

    def _is_a_person(self, leg: str) -> bool:
        return leg in self._names and not self._names[leg].startswith((LINE_OF_THE_TRUNK, "loopback/"))


def watched(events: Iterable[Event]) -> list[EndedCall]:
    """The calls of a stream that was cut off at its end, each looked at by the witness as soon as it is over."""
    translator, tracker, witness = FreeSwitchTranslator(VANILLA), CallTracker(), Witness()
    now, calls = NOON, list[EndedCall]()

    def over(ended: Iterable[Ended]) -> None:
        for call in ended:
            if isinstance(call, EndedCall):
                calls.append(call)
                look_at(call, witness)

    for event in events:
        now += seconds(0.01)
        witness.see(event)
        with contextlib.suppress(NotUnderstood):
            for told in translator.events(event, now):
                over(tracker.receive(told))
        over(tracker.expire(now))
    over(tracker.expire(now + seconds(60)))
    calls += [call for call in tracker.cut_off(now) if isinstance(call, EndedCall)]
    assert len(calls) == len({call.call_id for call in calls}), "one call per inbound leg"
    return calls


def look_at(call: EndedCall, witness: Witness) -> None:
    """Whether a call is over, and what is said of it can be said."""
    assert call.call_id in witness.hung_up, "over, and the caller's leg is up"
    found = outcome(call)
    assert not (found in TEXTED and witness.saw_a_talk(call.call_id)), found


def outcome(call: EndedCall) -> Outcome:
    return judge(call, replay.FREESWITCH_OFFICE, pbx="freeswitch", minimum_talk=dt.timedelta()).outcome


def damaged(events: Sequence[Event], seed: int) -> list[Event]:
    """Some events lost, some repeated, and all moved a little or anywhere."""
    draw = random.Random(seed)
    kept, again, far = draw.choice((1, 0.9, 0.6, 0.3)), draw.choice((0, 0.3)), draw.choice((0, 3, 1000))
    chosen = [event for event in events if draw.random() < kept]
    chosen += [event for event in chosen if draw.random() < again]
    places = {id(event): place for place, event in enumerate(events)}
    return sorted(chosen, key=lambda event: places[id(event)] + draw.random() * far)


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
def test_the_witness_sees_what_happened(path: Path) -> None:
    """In a stream that is whole, whoever was answered was seen to be."""
    for call in watched(recorded(path)):
        witness = Witness()
        for event in recorded(path):
            witness.see(event)
        assert outcome(call).startswith("answered") == witness.saw_a_talk(call.call_id)


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
def test_no_single_event_is_missed_so_much_that_a_talk_looks_like_a_missed_call(path: Path) -> None:
    """Each left out once."""
    events = recorded(path)
    whole = len(watched(events))

    for i in range(len(events)):
        assert whole == len(watched([*events[:i], *events[i + 1 :]]))


KINDS = ["CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CUSTOM"]


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
@pytest.mark.parametrize("lost", [*([kind] for kind in KINDS), KINDS, ["CHANNEL_CREATE"], ["CHANNEL_CREATE", *KINDS]])
def test_nor_is_any_kind_of_event(path: Path, lost: list[str]) -> None:
    """An account that is not sent all of them."""
    events = [event for event in recorded(path) if event["Event-Name"] not in lost]

    assert len(watched(recorded(path))) == len(watched(events))


@hypothesis.given(ANY, st.integers(0, 2**32))
@hypothesis.settings(max_examples=1000)
def test_a_stream_may_lose_repeat_and_reorder_events(path: Path, seed: int) -> None:
    """At most one call per inbound leg, none with its leg up, none texted in which somebody was seen to talk."""
    watched(damaged(recorded(path), seed))


@pytest.mark.long
@pytest.mark.timeout(3600)
@hypothesis.given(st.lists(ANY, min_size=1, max_size=3), st.integers(0, 2**32))
@hypothesis.settings(max_examples=20_000)
def test_several_streams_at_once_may_lose_repeat_and_reorder_events(paths: list[Path], seed: int) -> None:
    """The same, of a busy PBX."""
    watched(damaged([event for path in paths for event in recorded(path)], seed))


def taken_behind_a_loopback(fs: Switch) -> tuple[Leg, Leg]:
    """A caller and the phone that takes the call, to which FreeSWITCH joins the caller in place of the loopback."""
    caller = fs.call(CALLER, profile="trunk")
    half, other = fs.loopback(caller, "fm101")
    phone = fs.rings(other, "101")
    fs.answers(phone)
    fs.answers(caller, "bridge")
    for leg in (half, other):
        fs.hang_up(leg)
    fs.bridge(caller, phone)
    return caller, phone


def test_a_phone_that_is_said_to_have_answered_when_the_caller_has_gone() -> None:
    """It was bridged before; how it ended was never told."""
    fs = Switch()
    caller, phone = taken_behind_a_loopback(fs)
    fs.unbridge(caller, phone)
    fs.hang_up(caller, by="recv_bye")
    fs.rings(caller, "102")  # keeps the call open
    (late,) = (e for e in fs.events if e["Event-Name"] == "CHANNEL_ANSWER" and e["Unique-ID"] == phone.uuid)
    fs.events.remove(late)

    (call,) = watched([*fs.events, late])

    assert outcome(call) is Outcome.UNKNOWN


def test_a_bridge_of_which_only_the_end_was_seen() -> None:
    """And after which the caller was joined with early media."""
    fs = Switch()
    caller = fs.call(CALLER, profile="trunk")
    phone = fs.rings(caller, "101")
    fs.connect(caller, phone)
    fs.unbridge(caller, phone)
    mobile = fs.rings_outside(caller, "15557770001")
    fs.bridge(caller, mobile)
    fs.hang_up(mobile, "NO_USER_RESPONSE")
    caller.variables["last_bridge_to"] = mobile.uuid
    fs.hang_up(caller)
    (first, _second) = (e for e in fs.events if e["Event-Name"] == "CHANNEL_BRIDGE")
    fs.events.remove(first)

    (call,) = watched(fs.events)

    assert outcome(call) is Outcome.ANSWERED_THEN_LOST


def lose(fs: Switch, name: str, leg: Leg) -> None:
    """Forget the first of such events that the leg told."""
    fs.events.remove(next(e for e in fs.events if (e["Event-Name"], e["Unique-ID"]) == (name, leg.uuid)))


def transferred_by(fs: Switch, caller: Leg, phone: Leg) -> None:
    """The phone that talks with the caller hands over to another one, and the caller hangs up there."""
    second = fs.rings(None, "103")
    fs.unbridge(caller, phone)
    fs.bridge(caller, second)
    caller.variables["last_bridge_to"] = second.uuid
    fs.hang_up(caller, by="recv_bye")


def test_a_bridge_names_the_phone_that_the_caller_talked_with_before() -> None:
    """No event told of that bridge; that the next phone answered was never seen (``attended_transfer``)."""
    fs = Switch()
    caller = fs.call(CALLER, profile="trunk")
    phone = fs.rings(caller, "101")
    fs.connect(caller, phone)
    transferred_by(fs, caller, phone)
    lose(fs, "CHANNEL_BRIDGE", caller)
    lose(fs, "CHANNEL_UNBRIDGE", caller)

    (call,) = watched(fs.events)

    assert ("101",) == spoke_with(call)


def test_a_bridge_with_a_phone_that_was_never_seen() -> None:
    """Somebody was there, and it is not known who."""
    fs = Switch()
    caller = fs.call(CALLER, profile="trunk")
    phone = fs.rings(caller, "101")
    fs.connect(caller, phone)
    transferred_by(fs, caller, phone)
    for leg, name in ((phone, "CHANNEL_CREATE"), (phone, "CHANNEL_ANSWER"), (caller, "CHANNEL_UNBRIDGE")):
        lose(fs, name, leg)

    (call,) = watched(fs.events)

    assert outcome(call) is Outcome.UNKNOWN


# --- nonsense ---------------------------------------------------------------------------------------------------------

HEADERS = sorted({name for path in STREAMS for event in recorded(path) for name in event})
NAMES = sorted({event["Event-Name"] for path in STREAMS for event in recorded(path)})
SUBCLASSES = sorted({event.get("Event-Subclass", "") for path in STREAMS for event in recorded(path)})
IDS = ["1", "2", "3", "1/2", "", " ", "\ud800", "x" * 1000]
ODD = ["-1", "0", "9" * 15, "9" * 19, "9" * 20, "9" * 5000, "NaN", "٣", "\x00", "ARRAY::a|:b", "inbound", "answered"]
EVENTS = st.builds(
    lambda name, subclass, ids, rest: {"Event-Name": name, "Event-Subclass": subclass} | ids | rest,
    st.sampled_from([*NAMES, "auth/request", "conference::maintenance"]),
    st.sampled_from([*SUBCLASSES, "conference::maintenance"]),
    st.dictionaries(
        st.sampled_from(["Unique-ID", "Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "variable_last_bridge_to"]),
        st.sampled_from(IDS),
        min_size=2,
    ),
    st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(IDS + ODD) | st.text(max_size=5), max_size=12),
)


@hypothesis.given(st.lists(EVENTS, max_size=20))
@hypothesis.settings(max_examples=200)
def test_nothing_that_can_be_said_breaks_anything(events: list[Event]) -> None:
    """Any headers in any event: nothing but NotUnderstood leaves the translator, and what comes out can be judged."""
    take_in(events)


@hypothesis.given(ANY, st.integers(0, 2**32))
@hypothesis.settings(max_examples=200)
def test_a_recorded_call_with_odd_headers_breaks_nothing(path: Path, seed: int) -> None:
    """A tenth of them lost or replaced."""
    draw = random.Random(seed)
    take_in(
        {
            name: value if draw.random() < 0.9 else draw.choice([*IDS, *ODD])
            for name, value in event.items()
            if name == "Event-Name" or draw.random() < 0.9
        }
        for event in recorded(path)
    )


def take_in(events: Iterable[Event]) -> None:
    translator, tracker, ended = FreeSwitchTranslator(VANILLA), CallTracker(), list[Ended]()
    for event in events:
        with contextlib.suppress(NotUnderstood):
            for told in translator.events(event, NOON):
                ended += tracker.receive(told)
    ended += tracker.expire(NOON + seconds(60))
    ended += tracker.cut_off(NOON + seconds(60))
    calls = [call for call in ended if isinstance(call, EndedCall)]
    assert len(calls) == len({call.call_id for call in calls})
    for call in calls:
        outcome(call)


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
def test_little_is_kept_of_a_call_that_is_over(path: Path) -> None:
    """Only the ids of its legs, for a while."""
    translator = FreeSwitchTranslator(VANILLA)
    for event in recorded(path):
        translator.events(event, NOON)

    legs = {event["Unique-ID"] for event in recorded(path) if event.get("Unique-ID")}
    profiles = 1
    assert held(translator) <= held(FreeSwitchTranslator(VANILLA)) + len(legs) + profiles


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("hung_up", [True, False], ids=["each hung up", "each hang-up lost"])
def test_many_calls_are_not_kept_for_ever(hung_up: bool) -> None:
    """In a daemon that runs for months, over a link that loses what it likes."""
    translator, sizes = FreeSwitchTranslator(VANILLA), list[int]()
    fs = Switch()
    for i in range(6 * MOST_CHANNELS // 2):
        caller = fs.call()
        phone = fs.rings(caller, "101")
        fs.connect(caller, phone)
        if hung_up:
            fs.ends(caller, phone)
        for event in fs.events:
            translator.events(event, NOON)
        fs.events.clear()
        if i and i % MOST_CHANNELS == 0:
            sizes.append(held(translator))

    assert REMEMBERED == MOST_CHANNELS
    assert max(sizes) <= sizes[0] + 10
