"""Whatever comes in whatever order: one whole call per inbound leg at most, and nothing kept for ever."""

import dataclasses
import datetime as dt
import functools
import random
from collections.abc import Iterable, Sequence

import hypothesis
from hypothesis import strategies as st

from tests.builders import NOON, inbound, seconds, spoke_with
from tests.core.events import every_kind, gone
from tests.core.line import Line, nothing_kept
from tests.pbx import replay
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.call_in_the_air import MOST_STEPS
from textbackd.core.call_records import EndedCall, What
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelEvent, ChannelKind

TRACES = sorted(path.name for path in replay.TRACES.glob("filtered/*.ami"))


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
ANY_EVENT = st.builds(every_kind, NAMES, NAMES, NAMES).flatmap(st.sampled_from)
SNAPSHOTS = st.builds(ev.SnapshotTaken, at=st.just(NOON), channels=st.frozensets(NAMES))


@functools.cache
def recorded(name: str) -> Sequence[ChannelEvent]:
    return replay.events(replay.TRACES / "filtered" / name)


def channels_of(events: Iterable[ChannelEvent]) -> set[str]:
    """Every channel that is named in them."""
    names = {getattr(event, field, "") for event in events for field in ("channel", "one", "two", "by")}
    return names - {""}


def at_last(event: ChannelEvent, now: dt.datetime) -> ChannelEvent:
    """The event, come at another time."""
    if isinstance(event, ev.ChannelAppeared):
        return dataclasses.replace(event, at=now, since=None)
    return dataclasses.replace(event, at=now)


def hear_out(events: Sequence[ChannelEvent]) -> list[EndedCall]:
    """What a tracker makes of them, the rules held after every event; at the end all channels go."""
    tracker, ended, now = CallTracker(), list[EndedCall](), NOON
    callers: set[str] = set()
    hung_up: set[str] = set()
    unseen: set[str] = set()
    goodbyes = [gone(channel) for channel in sorted(channels_of(events))]
    for event in [*events, *goodbyes]:
        now += seconds(0.05)
        match event:
            case ev.ChannelAppeared(kind=ChannelKind.INBOUND):
                callers.add(event.channel)
            case ev.ChannelGone():
                hung_up.add(event.channel)
            case ev.SnapshotTaken():
                unseen |= callers - event.channels
        new = inbound([*tracker.expire(now), *tracker.receive(at_last(event, now))])
        assert {call.call_id for call in new} <= hung_up | unseen, "ended while the inbound leg was up"
        ended += new
        deadline = tracker.next_deadline()
        assert deadline is None or deadline > now
        assert tracker.followed().isdisjoint(call.call_id for call in ended)
    ended += inbound(tracker.expire(now + calls.GRACE))

    assert nothing_kept(tracker)
    assert len(ended) == len({call.call_id for call in ended})
    assert {call.call_id for call in ended} <= callers
    for call in ended:
        assert call.ended_at >= call.started_at
        assert min(call.ring_seconds, call.wait_seconds, call.talk_seconds) >= 0
        assert bool(spoke_with(call)) == any(step.what is What.JOINED for step in call.steps)
        assert len(call.steps) <= MOST_STEPS
    return ended


@hypothesis.given(st.lists(ANY_EVENT | SNAPSHOTS, max_size=60))
def test_whatever_comes_the_rules_hold(events: list[ChannelEvent]) -> None:
    """One ended call per inbound leg at most, none while its leg is up, nothing kept, nothing raised."""
    hear_out(events)


@hypothesis.given(st.lists(ANY_EVENT | SNAPSHOTS, max_size=60), NAMES)
def test_cutting_off_at_any_moment_ends_each_call_once(events: list[ChannelEvent], name: str) -> None:
    """Also while a grace is running, and whatever else was in the group."""
    line = Line()
    line.hear(*events, apart=0.1)
    line.ended += inbound(line.tracker.cut_off(line.now))

    assert line.is_empty()
    assert len(line.ended) == len({call.call_id for call in line.ended})


@hypothesis.given(st.sampled_from(TRACES), st.sampled_from(TRACES), st.randoms(use_true_random=False))
def test_recorded_calls_may_be_shuffled_repeated_and_cut(one: str, two: str, draw: random.Random) -> None:
    """Real events of two traces at once: some repeated, some lost, all out of order."""
    events = [event for event in [*recorded(one), *recorded(two)] if draw.random() > 0.1]
    events += draw.choices(events, k=len(events) // 10) if events else []
    draw.shuffle(events)

    hear_out(events)


@hypothesis.given(st.sampled_from(TRACES), st.randoms(use_true_random=False))
def test_recorded_calls_survive_small_disorder(name: str, draw: random.Random) -> None:
    """Neighbours swapped and repeated, as a PBX under load does: each inbound leg still ends in one call."""
    places = [(i + draw.choice((0, 0, 0, 1.5)), event) for i, event in enumerate(recorded(name))]
    places += [(i + 0.5, event) for i, event in draw.choices(places, k=len(places) // 20)] if places else []
    events = [event for _, event in sorted(places, key=lambda place: place[0])]
    inbound = {e.channel for e in events if isinstance(e, ev.ChannelAppeared) and e.kind is ChannelKind.INBOUND}

    assert inbound == {call.call_id for call in hear_out(events)}


@hypothesis.given(st.sampled_from(TRACES), st.data())
def test_one_lost_event_never_joins_anybody(name: str, data: st.DataObject) -> None:
    """A call in which nobody was joined is not *answered* because an event is missing."""
    events = list(recorded(name))
    hypothesis.assume(events)
    whole = {call.call_id: spoke_with(call) for call in replay.ended(events)}
    del events[data.draw(st.integers(0, len(events) - 1))]

    for call in hear_out(events):
        assert whole[call.call_id] or not spoke_with(call)
