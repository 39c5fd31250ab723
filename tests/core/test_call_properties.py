"""Recorded calls, lost, repeated, swapped: whatever is left, the tracker says of a call what was there to be seen."""

import dataclasses
import functools
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import NOON
from tests.core.witness import CALLER, HALF, PARKING_LOT, PHONE, Line, appeared, entered
from tests.pbx import replay
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent

# --- what was found once ----------------------------------------------------------------------------------------------


def test_a_phone_that_has_been_up_for_days_still_answers() -> None:
    """An agent of a queue may log in once a week and leave the phone off the hook."""
    line = Line()
    line.hear(appeared("agent", PHONE))
    for caller in ("monday", "tuesday", "wednesday"):
        line.wait(2 * calls.LONGEST_CALL.total_seconds())
        line.hear(appeared(caller, CALLER), entered("agent", caller), entered(caller, caller))
        line.hear(ev.ChannelGone(at=NOON, channel=caller))
    line.hang_up()


def test_a_half_that_is_paired_anew_leaves_its_other_half() -> None:
    """No PBX should say so; a stream that was mangled may."""
    line = Line()
    line.hear(appeared("caller", CALLER), appeared("101", PHONE), *(appeared(half, HALF) for half in "abc"))
    line.hear(ev.HalvesPaired(at=NOON, one="a", two="b"), entered("caller", "1"), entered("b", "1"))
    line.hear(entered("101", "2"), entered("a", "2"), ev.HalvesPaired(at=NOON, one="a", two="c"))
    line.hear(ev.ChannelGone(at=NOON, channel="a"), entered("c", "1"))
    line.hang_up()


def test_who_is_in_no_bridge_is_not_with_those_in_a_bridge_without_a_name() -> None:
    """Nor are they with him."""
    line = Line()
    line.hear(appeared("caller", CALLER), appeared("101", PHONE), entered("101", ""), entered("caller", PARKING_LOT))
    line.hang_up()


def test_a_link_that_is_lost_just_behind_a_caller_hides_what_came_of_the_call() -> None:
    """Somebody may have come to the conference, or a message been told of, on a leg that is up still (``g23``)."""
    line = Line()
    line.hear(appeared("caller", CALLER), appeared("101", PHONE, "caller"), entered("101", "1"), entered("caller", "1"))
    line.hear(ev.BridgeLeft(at=NOON, channel="caller", bridge="1"))
    line.hear(ev.StageEntered(at=NOON, channel="caller", stage=ev.Stage.CONFERENCE, where="800"))
    line.hear(ev.ChannelGone(at=NOON, channel="caller"), ev.LinkLost(at=NOON))
    line.hang_up()


# --- recorded calls --------------------------------------------------------------------------------------------------

RECORDED = sorted(replay.TRACES.glob("filtered/*.ami"))
LOADS = [
    replay.TRACES / "load-1200-calls.filtered.ami.gz",
    replay.TRACES.parent / "asterisk-own" / "load-unfiltered.ami.gz",
]
WINDOW = 400
"""Events of a load that are looked at together: some two dozen calls at once, most of them cut at both ends."""


@functools.cache
def recorded(path: Path) -> Sequence[ChannelEvent]:
    return replay.events(path)


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """Recorded calls, all of them interleaved, or ``WINDOW`` events out of a load."""

    paths: tuple[Path, ...]
    begin: int | None = None

    def __repr__(self) -> str:
        return " and ".join(path.name for path in self.paths) + ("" if self.begin is None else f" from {self.begin}")

    def events(self) -> list[ChannelEvent]:
        """In the order in which they came."""
        if self.begin is not None:
            return list(recorded(self.paths[0])[self.begin : self.begin + WINDOW])
        places = [(i / len(recorded(path)), event) for path in self.paths for i, event in enumerate(recorded(path))]
        return [event for _, event in sorted(places, key=lambda place: place[0])]


@dataclasses.dataclass(frozen=True, slots=True)
class Mischief:
    """What happens to ``length`` events at ``begin``."""

    what: str
    begin: int
    length: int
    seed: int

    def do(self, events: list[ChannelEvent]) -> None:
        """Do it to them."""
        begin = self.begin % max(len(events), 1)
        end = begin + self.length
        window = events[begin:end]
        match self.what:
            case "lost":
                del events[begin:end]
            case "repeated":
                events[end:end] = window
            case "shuffled":
                random.Random(self.seed).shuffle(window)
                events[begin:end] = window
            case "late":
                del events[begin:end]
                later = begin + self.seed
                events[later:later] = window
            case "not seen":
                events[begin:end] = [ev.LinkLost(at=NOON)]


PIECES = st.one_of(
    st.lists(st.sampled_from(RECORDED), min_size=1, max_size=2, unique=True).map(lambda paths: Piece(tuple(paths))),
    st.builds(Piece, st.sampled_from(LOADS).map(lambda path: (path,)), st.integers(0, 20_000)),
)
MISCHIEF = st.builds(
    Mischief,
    what=st.sampled_from(("lost", "repeated", "shuffled", "late", "not seen")),
    begin=st.integers(0, 2 * WINDOW),
    length=st.sampled_from((1, 2, 3, 5, 10, 30)),
    seed=st.integers(0, WINDOW),
)


def disturb(piece: Piece, mischief: Iterable[Mischief]) -> None:
    """Let a tracker hear it, so disturbed."""
    events = piece.events()
    for one in mischief:
        one.do(events)
    line = Line()
    line.hear(*events)
    line.hang_up()


@hypothesis.given(PIECES, st.lists(MISCHIEF, max_size=6))
@hypothesis.settings(max_examples=200)
def test_recorded_calls_may_be_disturbed(piece: Piece, mischief: list[Mischief]) -> None:
    """One call for each caller who was seen, none texted whom a person was seen on the line with."""
    disturb(piece, mischief)


def test_who_comes_into_a_conference_unseen_was_there_until_leaving() -> None:
    """Also where only the link is to blame that nobody saw it."""
    (path,) = (path for path in RECORDED if path.parts[-2:] == ("filtered", "g23_ami_redirect_bridged_callee.ami"))

    disturb(Piece((path,)), [Mischief("lost", 352, 10, 0)])


@pytest.mark.long
@pytest.mark.timeout(3600)
@hypothesis.given(PIECES, st.lists(MISCHIEF, max_size=12))
@hypothesis.settings(max_examples=5_000)
def test_recorded_calls_may_be_disturbed_in_many_ways(piece: Piece, mischief: list[Mischief]) -> None:
    """The same, twenty-five times as often."""
    disturb(piece, mischief)
