"""The bounds on texts: each at its number, within its time, and as it is counted."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER, NOON, seconds
from textbackd.core import guards
from textbackd.core.guards import DAY, HOUR, WINDOWS, Guard, Limits, Sent, Traffic
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
