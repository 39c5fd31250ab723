"""The bounds on texts: each at its number, within its time, and as it is counted."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER, NOON, seconds
from textbackd.core import guards
from textbackd.core.guards import DAY, HOUR, MINUTE, WINDOWS, Guard, Limits, Sent, Traffic
from textbackd.core.phone_numbers import E164

NEIGHBOUR, STRANGER = E164("+447700909999"), E164("+447700910000")
"""The first lies together with the caller (+44 7700 90 ....), the second just does not."""
LIMITS = Limits()


def seen(*sent: Sent, replied: bool = False, cleared: Mapping[Guard, dt.datetime] = MappingProxyType({})) -> Traffic:
    return guards.traffic(CALLER, sent, callers=0, replied=replied, cleared=cleared, now=NOON)


@pytest.mark.parametrize(
    ("field", "guard", "bound"),
    [
        ("to_prefix", Guard.PER_PREFIX, 6),
        ("last_hour", Guard.PER_HOUR, 20),
        ("last_day", Guard.PER_DAY, 60),
        ("callers", Guard.SURGE, 10),
        ("unanswered", Guard.UNANSWERED, 10),
        ("numbers", Guard.CEILING, 200),
    ],
)
def test_each_bound(field: str, guard: Guard, bound: int) -> None:
    """So many may go; the next one may not (product.md section 3, rule 12)."""
    assert guards.tripped(dataclasses.replace(Traffic(), **{field: bound - 1}), LIMITS) is None
    assert guards.tripped(dataclasses.replace(Traffic(), **{field: bound}), LIMITS) is guard


def test_what_cannot_be_counted_is_refused() -> None:
    """Each text costs us; a lead is kept all the same."""
    assert guards.tripped(None, LIMITS) is Guard.UNDECIDED


@pytest.mark.parametrize(
    ("ago", "in_hour", "in_day"),
    [
        (seconds(-5), 1, 1),
        (seconds(0), 1, 1),
        (HOUR - seconds(1), 1, 1),
        (HOUR, 0, 1),
        (DAY - seconds(1), 0, 1),
        (DAY, 0, 0),
    ],
)
def test_each_looks_back_so_far(ago: dt.timedelta, in_hour: int, in_day: int) -> None:
    """A text of the future counts: the clock was set back."""
    found = seen(Sent(CALLER, NOON - ago))

    assert (found.to_prefix, found.last_hour) == (in_hour, in_hour)
    assert (found.last_day, found.unanswered) == (in_day, in_day)


def test_what_lies_together() -> None:
    """All but the last four digits are the same."""
    found = seen(*(Sent(number, NOON) for number in (CALLER, NEIGHBOUR, STRANGER)))

    assert (found.to_prefix, found.unanswered, found.last_hour, found.numbers) == (2, 2, 3, 2)


def test_one_reply_answers_for_all_that_lie_together() -> None:
    """Somebody lives there."""
    assert seen(Sent(NEIGHBOUR, NOON), replied=True).unanswered == 0


@pytest.mark.parametrize("guard", [Guard.PER_PREFIX, Guard.PER_HOUR, Guard.PER_DAY, Guard.UNANSWERED])
def test_a_guard_that_was_cleared_forgets(guard: Guard) -> None:
    """And no other does."""
    counts = {
        Guard.PER_PREFIX: "to_prefix",
        Guard.PER_HOUR: "last_hour",
        Guard.PER_DAY: "last_day",
        Guard.UNANSWERED: "unanswered",
    }
    found = seen(Sent(CALLER, NOON - seconds(10)), cleared={guard: NOON - seconds(5)})

    assert {g: getattr(found, field) for g, field in counts.items()} == {g: int(g is not guard) for g in counts}


@hypothesis.given(
    st.lists(st.tuples(st.sampled_from([CALLER, NEIGHBOUR, STRANGER]), st.integers(0, 90000)), max_size=80),
    st.booleans(),
)
def test_more_texts_never_open_a_guard(texts: list[tuple[E164, int]], replied: bool) -> None:
    """What one more text finds shut was not open without it, but where a reply has come."""
    sent = [Sent(number, NOON - seconds(ago)) for number, ago in texts]
    before, after = seen(*sent, replied=replied), seen(*sent, Sent(NEIGHBOUR, NOON), replied=replied)

    assert guards.tripped(before, LIMITS) is None or guards.tripped(after, LIMITS) is not None


def test_every_guard_has_its_time() -> None:
    """After which it has forgotten."""
    assert set(WINDOWS) == set(Guard)


# --- what is shown ----------------------------------------------------------------------------------------------------


def read(
    *sent: Sent,
    callers: Sequence[Sent] = (),
    replied: Collection[str] = (),
    cleared: Mapping[Guard, dt.datetime] = MappingProxyType({}),
    limits: Limits = LIMITS,
) -> Mapping[Guard, tuple[str, int, dt.datetime | None]]:
    """Of each guard the last reading: prefix, count and until when it is shut."""
    found = guards.readings(sent, callers, replied=replied, cleared=cleared, limits=limits, now=NOON)
    return {one.guard: (one.prefix, one.count, one.shut_until) for one in found}


def test_a_guard_is_shut_until_its_bound_is_free_again() -> None:
    """Of three texts where two may go, the second has to be forgotten, not the first."""
    sent = [Sent(CALLER, NOON - seconds(ago)) for ago in (300, 200, 100)]
    prefix = CALLER[:-4]
    found = read(*sent, limits=Limits(per_prefix=2, per_hour=3, per_day=4, unanswered=3, ceiling=1))

    assert {
        Guard.PER_PREFIX: (prefix, 3, NOON - seconds(200) + HOUR),
        Guard.PER_HOUR: ("", 3, NOON - seconds(300) + HOUR),
        Guard.PER_DAY: ("", 3, None),
        Guard.SURGE: ("", 0, None),
        Guard.UNANSWERED: (prefix, 3, NOON - seconds(300) + DAY),
        Guard.CEILING: ("", 1, NOON - seconds(100) + DAY),
    } == found


def test_each_prefix_that_is_shut_is_shown_or_else_the_fullest() -> None:
    """Thousands lie far from their bound."""
    sent = [Sent(number, NOON) for number in (CALLER, NEIGHBOUR, STRANGER)]
    one, both = (
        [r.prefix for r in guards.readings(sent, (), replied=(), cleared={}, limits=limits, now=NOON)][0:2]
        for limits in (LIMITS, Limits(per_prefix=1))
    )

    assert [CALLER[:-4], ""] == one
    assert [CALLER[:-4], STRANGER[:-4]] == both


def test_a_reply_and_a_clearance_are_seen() -> None:
    """As the guards themselves see them."""
    sent, prefix = Sent(CALLER, NOON - seconds(10)), CALLER[:-4]

    assert ("", 0, None) == read(sent, replied={prefix})[Guard.UNANSWERED]
    assert ("", 0, None) == read(sent, cleared={Guard.PER_HOUR: NOON})[Guard.PER_HOUR]
    assert (prefix, 1, None) == read(sent, cleared={Guard.PER_HOUR: NOON})[Guard.PER_PREFIX]


def test_callers_of_a_surge_are_different_ones() -> None:
    """Who rings twice is one."""
    callers = [Sent(number, NOON - seconds(ago)) for number, ago in ((CALLER, 50), (STRANGER, 30), (CALLER, 10))]

    assert ("", 2, NOON - seconds(30) + guards.MINUTE) == (
        read(callers=callers, limits=Limits(callers_per_minute=2))[Guard.SURGE]
    )


@hypothesis.given(
    st.lists(st.tuples(st.sampled_from([CALLER, NEIGHBOUR, STRANGER]), st.integers(-100, 90000)), max_size=80),
    st.sampled_from([Guard.PER_PREFIX, Guard.PER_HOUR, Guard.PER_DAY, Guard.UNANSWERED]),
    st.integers(1, 20),
)
def test_what_is_shown_is_what_holds(texts: list[tuple[E164, int]], guard: Guard, bound: int) -> None:
    """A guard that is shown as shut refuses until that very moment, and lets through from then on."""
    limits = dataclasses.replace(Limits(**{f.name: 10**6 for f in dataclasses.fields(Limits)}), **{guard.value: bound})
    sent = [Sent(number, NOON - seconds(ago)) for number, ago in texts]
    shut = [
        one
        for one in guards.readings(sent, (), replied=(), cleared={}, limits=limits, now=NOON)
        if one.guard is guard and one.shut_until
    ]

    def refuses(number: E164, now: dt.datetime) -> bool:
        found = guards.traffic(number, sent, callers=0, replied=False, cleared={}, now=now)
        return guards.tripped(found, limits) is not None

    for one in shut:
        assert one.shut_until is not None
        number = next(text.number for text in sent if text.number.startswith(one.prefix))
        assert (True, False) == (refuses(number, one.shut_until - seconds(0.001)), refuses(number, one.shut_until))
    if not shut:
        assert not any(refuses(text.number, NOON) for text in sent)


@hypothesis.given(
    st.lists(st.tuples(st.sampled_from([CALLER, NEIGHBOUR, STRANGER]), st.integers(-100, 90000)), max_size=20),
    st.sampled_from(sorted(WINDOWS)),
    st.integers(1, 4),
)
def test_what_leaves_is_held_by_what_would_refuse_it(texts: list[tuple[E164, int]], guard: Guard, bound: int) -> None:
    """At sending a guard is shut where the decision on the same texts would refuse: a number that was texted today is
    no further one.
    """
    hypothesis.assume(guard is not Guard.UNDECIDED)
    name = "callers_per_minute" if guard is Guard.SURGE else guard.value
    limits = dataclasses.replace(Limits(**{f.name: 10**6 for f in dataclasses.fields(Limits)}), **{name: bound})
    left = [Sent(number, NOON - seconds(ago)) for number, ago in texts]
    callers = len({text.number for text in left if text.at > NOON - MINUTE} - {CALLER})
    found = guards.traffic(CALLER, left, callers=callers, replied=False, cleared={}, now=NOON)
    shut = guards.shut_for(CALLER, left, replied=False, cleared={}, limits=limits, now=NOON)

    assert guards.tripped(found, limits) == (shut.guard if shut else None)


def test_an_attack_is_over_after_its_window_and_an_hour_at_least() -> None:
    """Waves of a minute are one attack."""
    assert None is guards.calm_at({})
    assert NOON + HOUR == guards.calm_at({Guard.SURGE: NOON})
    assert NOON + DAY == guards.calm_at({Guard.SURGE: NOON + seconds(5), Guard.PER_DAY: NOON})


def test_a_refusal_says_what_was_counted() -> None:
    """A prefix is no number: the last four digits are missing."""
    traffic = Traffic(to_prefix=6, last_hour=20)

    assert "per_prefix: 6 texts in an hour to +44770090…; 6 may go" == (
        guards.refusal(Guard.PER_PREFIX, CALLER, traffic, LIMITS)
    )
    assert "per_hour: 20 texts in an hour; 20 may go" == guards.refusal(Guard.PER_HOUR, CALLER, traffic, LIMITS)
    assert "undecided: what went out could not be counted" == guards.refusal(Guard.UNDECIDED, CALLER, None, LIMITS)


def test_a_clock_that_was_set_back_shuts_no_guard_for_longer_than_its_window() -> None:
    """A text of the future was sent nobody knows when."""
    limits = dataclasses.replace(Limits(), per_hour=1)
    left = [Sent(STRANGER, NOON + seconds(90000))]
    shut = guards.shut_for(CALLER, left, replied=False, cleared={}, limits=limits, now=NOON)

    assert shut == guards.Shut(guard=Guard.PER_HOUR, until=NOON + WINDOWS[Guard.PER_HOUR])
