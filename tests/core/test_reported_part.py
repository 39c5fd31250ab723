"""Whose a delivery report is: nobody's where there is any doubt."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbackd.core.message_parts import REPORTED, PartState
from textbackd.core.reported_part import Candidate, Nobodys, whose

S = PartState
KNOWN = (S.ACCEPTED, *REPORTED)
CANDIDATES = st.one_of(
    st.tuples(st.sampled_from(KNOWN), st.integers(0, 3)),
    st.tuples(st.sampled_from((S.UNKNOWN, S.SUBMITTING, S.DISMISSED)), st.none()),
)


def of(*fates: tuple[PartState, int | None]) -> Sequence[Candidate]:
    """Parts with these states and references."""
    return [
        Candidate(message_id=number, copy=1, part=1, state=state, message_reference=reference)
        for number, (state, reference) in enumerate(fates)
    ]


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (of((S.ACCEPTED, 7)), 0),
        (of((S.ACCEPTED, 8), (S.UNKNOWN, None)), 1),
        (of((S.ACCEPTED, 8), (S.DELIVERED, 9), (S.ACCEPTED, 7)), 2),
        (of(), Nobodys.UNFITTING),
        (of((S.ACCEPTED, 8)), Nobodys.UNFITTING),
        (of((S.DELIVERED, 7)), Nobodys.TOLD_TWICE),
        (of((S.DELIVERED, 7), (S.UNDELIVERABLE, 7)), Nobodys.TOLD_TWICE),
        (of((S.DELIVERED, 7), (S.UNKNOWN, None)), Nobodys.AMBIGUOUS),
        (of((S.ACCEPTED, 7), (S.UNKNOWN, None)), Nobodys.AMBIGUOUS),
        (of((S.DELIVERED, 7), (S.ACCEPTED, 7)), Nobodys.AMBIGUOUS),
        (of((S.UNKNOWN, None), (S.UNKNOWN, None)), Nobodys.AMBIGUOUS),
        (of((S.SUBMITTING, None)), Nobodys.TOO_EARLY),
        (of((S.ACCEPTED, 7), (S.SUBMITTING, None)), Nobodys.TOO_EARLY),
        (of((S.DISMISSED, None)), 0),
        (of((S.DISMISSED, None), (S.ACCEPTED, 7)), 1),
        (of((S.DISMISSED, None), (S.DISMISSED, None), (S.ACCEPTED, 7)), 2),
        (of((S.DISMISSED, None), (S.DELIVERED, 7)), Nobodys.TOLD_TWICE),
        (of((S.DISMISSED, None), (S.ACCEPTED, 7), (S.ACCEPTED, 7)), Nobodys.AMBIGUOUS),
        (of((S.DISMISSED, None), (S.ACCEPTED, 7), (S.UNKNOWN, None)), Nobodys.AMBIGUOUS),
        (of((S.DISMISSED, None), (S.UNKNOWN, None)), Nobodys.AMBIGUOUS),
        (of((S.DISMISSED, None), (S.DISMISSED, None)), Nobodys.AMBIGUOUS),
        (of((S.DISMISSED, None), (S.SUBMITTING, None)), Nobodys.TOO_EARLY),
    ],
)
def test_whose_a_report_with_the_reference_7_is(candidates: Sequence[Candidate], expected: int | Nobodys) -> None:
    """The one part that it fits; a doubt is no guess."""
    assert whose(7, candidates) == (candidates[expected] if isinstance(expected, int) else expected)


@given(st.lists(CANDIDATES, max_size=5), st.integers(0, 3))
def test_it_is_booked_only_where_it_can_be_about_nothing_else(
    fates: list[tuple[PartState, int | None]], reference: int
) -> None:
    """Whichever part it is truly about, that one is found or none; but a person's word that it is not about a part
    they have dismissed is taken where one with that reference is on record.
    """
    candidates = of(*fates)
    found = whose(reference, candidates)
    on_record = [one for one in candidates if one.message_reference == reference]
    for truly in candidates:
        if truly.message_reference in (None, reference):
            instead = on_record if truly.state is S.DISMISSED else []
            assert found in (truly, *instead, *Nobodys)
