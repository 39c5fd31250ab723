"""The parts of a text: which may go out, and what their fates make of the whole."""

import itertools
from collections.abc import Sequence

import pytest

from textbackd.core.message_parts import MAYBE_SENT, PART_TRANSITIONS, PartState, after_a_report, after_a_try
from textbackd.core.outgoing import TRANSITIONS, MessageEvent, MessageState

S, E = PartState, MessageEvent
UNSETTLED = {PartState.UNKNOWN, PartState.SUBMITTING, PartState.DISMISSED}
TEXTS = [parts for count in (1, 2, 3) for parts in itertools.product(S, repeat=count)]
"""All fates that texts of up to three parts can have."""


def test_what_may_have_gone_out_is_not_given_to_a_modem_again() -> None:
    """No way leads there, whatever is reported."""
    found, ahead = set(MAYBE_SENT), [*MAYBE_SENT]
    while ahead:
        ahead += PART_TRANSITIONS[ahead.pop()] - found
        found |= set(ahead)
    assert S.SUBMITTING not in found
    assert S.WAITING not in found


@pytest.mark.parametrize("parts", TEXTS, ids="-".join)
def test_a_report_settles_what_is_known(parts: Sequence[PartState]) -> None:
    """One lost part loses the text; else nothing is said while one is of unknown fate; it goes on where one waits."""
    event, fates = after_a_report(parts), set(parts)

    assert (event is E.REPORTED_UNDELIVERABLE) == (S.UNDELIVERABLE in fates)
    if event is not E.REPORTED_UNDELIVERABLE:
        assert (event is None) == bool(fates & UNSETTLED)
    assert (event is E.REPORTED_DELIVERED) == (fates == {S.DELIVERED})
    if event is E.RESUMED:
        assert S.WAITING in fates <= {S.WAITING, S.ACCEPTED, S.DELIVERED}
    if event is E.ACCEPTED:
        assert S.ACCEPTED in fates <= {S.ACCEPTED, S.DELIVERED}
    if event is not None:
        assert event in TRANSITIONS[MessageState.UNKNOWN]


@pytest.mark.parametrize("parts", TEXTS, ids="-".join)
def test_a_try_ends_in_one_of_four_ways(parts: Sequence[PartState]) -> None:
    """What nobody knows weighs most; a text that is not to be tried again is not queued."""
    event, fates = after_a_try(parts), set(parts)

    assert (event is E.NO_ANSWER) == bool(fates & UNSETTLED)
    assert (event is E.NOT_SENT) == (S.WAITING in fates and fates.isdisjoint({S.REFUSED, *UNSETTLED}))
    assert event in TRANSITIONS[MessageState.SENDING]
