"""Who was there, and how long: each party once, all visits added up, and the time in which anybody was there."""

import datetime as dt
from collections.abc import Mapping, Sequence

import hypothesis
from hypothesis import strategies as st

from tests.builders import NOON, seconds
from textbackd.core.call_records import Party
from textbackd.core.presence import Presence

ANNA, BEN = Party(number="101", name="Anna"), Party(number="102", name="Ben")


def at(second: float) -> dt.datetime:
    """So long after ``NOON``."""
    return NOON + seconds(second)


def lengths(presence: Presence) -> list[tuple[str, float]]:
    """Who was there, and how long, in order."""
    return [(party.number, party.seconds) for party in presence.parties()]


def test_nobody_has_come() -> None:
    """Nobody, never, for no time."""
    presence = Presence()

    assert (None, frozenset(), 0.0, []) == (presence.first_at, presence.here, presence.seconds, presence.parties())


def test_a_visit() -> None:
    """Who came, with all that is known of him, and from when to when."""
    presence = Presence()
    mobile = Party(number="07700900777", name="Chris", outside=True)
    presence.come("leg", mobile, at(2))
    assert {"leg"} == presence.here

    presence.go("leg", at(5.25))

    assert (frozenset(), at(2), 3.2) == (presence.here, presence.first_at, presence.seconds)
    assert [Party(number="07700900777", name="Chris", outside=True, seconds=3.2)] == presence.parties()


def test_whoever_is_still_there_has_no_length_yet() -> None:
    """As far as they have gone: the end of a call lets everybody go first."""
    presence = Presence()
    presence.come("a", ANNA, at(0))

    assert (0.0, [("101", 0.0)]) == (presence.seconds, lengths(presence))


def test_coming_twice_and_going_twice_change_nothing() -> None:
    """Events are repeated."""
    presence = Presence()
    presence.come("a", ANNA, at(0))
    presence.come("a", BEN, at(1))
    presence.go("a", at(3))
    presence.go("a", at(9))
    presence.go("b", at(9))

    assert (3.0, [("101", 3.0)]) == (presence.seconds, lengths(presence))


def test_two_who_overlap_are_counted_once_together_and_each_alone() -> None:
    """Anna 0 to 6, Ben 4 to 10: each 6 s, together 10 s; the first is who came first."""
    presence = Presence()
    presence.come("a", ANNA, at(0))
    presence.come("b", BEN, at(4))
    presence.go("a", at(6))
    assert 0.0 == presence.seconds, "somebody is still there"
    presence.go("b", at(10))

    assert (10.0, [("101", 6.0), ("102", 6.0)]) == (presence.seconds, lengths(presence))


def test_visits_are_added_up() -> None:
    """Somebody who comes back is one party, at the place of the first visit; the time between is nobody's."""
    presence = Presence()
    presence.come("a1", ANNA, at(0))
    presence.go("a1", at(2))
    presence.come("b", BEN, at(5))
    presence.go("b", at(6))
    presence.come("a2", ANNA, at(10))
    presence.go("a2", at(13))

    assert (6.0, [("101", 5.0), ("102", 1.0)]) == (presence.seconds, lengths(presence))
    assert at(0) == presence.first_at


def test_an_extension_that_rings_on_two_phones_rings_once() -> None:
    """A desk phone and a softphone of 101 at the same time: 101 rang for 20 s, not for 40."""
    presence = Presence()
    presence.come("desk", ANNA, at(0))
    presence.come("soft", ANNA, at(0))
    presence.go("desk", at(20))
    presence.go("soft", at(20))

    assert (20.0, [("101", 20.0)]) == (presence.seconds, lengths(presence))


def test_only_those_who_are_named_are_there() -> None:
    """Others go, new ones come, who stays has stayed."""
    presence = Presence()
    presence.only({"a": ANNA}, at(0))
    presence.only({"a": ANNA, "b": BEN}, at(1))
    presence.only({"b": BEN}, at(3))
    assert {"b"} == presence.here
    presence.only({}, at(7))

    assert (7.0, [("101", 3.0), ("102", 6.0)]) == (presence.seconds, lengths(presence))


def test_a_hand_over_at_one_moment_is_no_gap() -> None:
    """Ben takes over from Anna in the same instant; it still began when Anna came."""
    presence = Presence()
    presence.only({"a": ANNA}, at(0))
    presence.only({"b": BEN}, at(4))
    presence.only({}, at(6))

    assert (6.0, at(0), [("101", 4.0), ("102", 2.0)]) == (presence.seconds, presence.first_at, lengths(presence))


def test_a_clock_that_is_set_back_costs_that_visit_only() -> None:
    """An hour back in mid-visit: that visit counts nothing, and takes nothing from the next."""
    presence = Presence()
    presence.come("a", ANNA, at(3600))
    presence.go("a", at(5))
    presence.come("a", ANNA, at(10))
    presence.go("a", at(40))

    assert (30.0, [("101", 30.0)]) == (presence.seconds, lengths(presence))


NUMBERS = ("101", "102", "103")
CHANNELS = [f"{number}-{phone}" for number in NUMBERS for phone in ("desk", "soft")]
ROOMS = st.lists(st.frozensets(st.sampled_from(CHANNELS)), max_size=12)
"""Who is there in each second, by channel."""


def parties(channels: frozenset[str]) -> Mapping[str, Party]:
    return {channel: Party(number=channel[:3]) for channel in sorted(channels)}


@hypothesis.given(ROOMS)
def test_whoever_comes_and_goes_each_second_is_counted_once(rooms: Sequence[frozenset[str]]) -> None:
    """Each number in as many seconds as any phone of it was there; all together in as many as anybody was."""
    presence = Presence()
    for second, room in enumerate(rooms):
        presence.only(parties(room), at(second))
    presence.only({}, at(len(rooms)))

    numbers = [{channel[:3] for channel in room} for room in rooms]
    expected = {number: float(sum(number in here for here in numbers)) for number in NUMBERS}
    assert {number: length for number, length in expected.items() if length} == dict(lengths(presence))
    assert float(sum(map(bool, rooms))) == presence.seconds
    assert next((at(i) for i, room in enumerate(rooms) if room), None) == presence.first_at
