"""The parts of a text, each with a fate of its own, and what their fates make of the text.

A part may go out once. ``submitting`` is on disk before the modem sees it; what a crash leaves there is ``unknown``.
The parts behind an unknown one are tried at once all the same: most probably it went out, and a text with a hole where
nothing is missing but our knowledge helps nobody. Mostly the modem will not take them then, lest a late answer be taken
for theirs; so they wait until a delivery report has settled the unknown one, or a person releases the whole text.
"""

import enum
from collections.abc import Sequence

from textbackd.core.outgoing import MessageEvent


class PartState(enum.StrEnum):
    """Where a part is."""

    WAITING = "waiting"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DISMISSED = "dismissed"
    """Of unknown fate, and a person has cancelled its text: it is to stand in no other part's way."""
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"


_S, _E = PartState, MessageEvent

PART_TRANSITIONS: dict[PartState, frozenset[PartState]] = {
    _S.WAITING: frozenset({_S.SUBMITTING}),
    _S.SUBMITTING: frozenset({_S.WAITING, _S.ACCEPTED, _S.REFUSED, _S.UNKNOWN}),
    _S.ACCEPTED: frozenset({_S.DELIVERED, _S.UNDELIVERABLE}),
    _S.UNKNOWN: frozenset({_S.DISMISSED, _S.DELIVERED, _S.UNDELIVERABLE}),
    _S.DISMISSED: frozenset({_S.DELIVERED, _S.UNDELIVERABLE}),
    _S.REFUSED: frozenset(),
    _S.DELIVERED: frozenset(),
    _S.UNDELIVERABLE: frozenset(),
}

REPORTED = frozenset({_S.DELIVERED, _S.UNDELIVERABLE})
MAYBE_SENT = frozenset({_S.ACCEPTED, _S.UNKNOWN, _S.DISMISSED, *REPORTED})
"""It cannot be taken back, and the rest of its text must leave by the same SIM to be joined with it."""
_UNSETTLED = frozenset({_S.SUBMITTING, _S.UNKNOWN, _S.DISMISSED})


def after_a_try(parts: Sequence[PartState]) -> MessageEvent:
    """What has happened to a text of which no further part will be tried now."""
    if _UNSETTLED.intersection(parts):
        return _E.NO_ANSWER
    if _S.REFUSED in parts:
        return _E.REFUSED
    return _E.NOT_SENT if _S.WAITING in parts else _E.ACCEPTED


def after_a_report(parts: Sequence[PartState]) -> MessageEvent | None:
    """What the delivery reports have settled of the whole text; None while a part may yet turn out either way.

    A part that was not delivered spoils it, whatever became of the others.
    """
    if _S.UNDELIVERABLE in parts:
        return _E.REPORTED_UNDELIVERABLE
    if _UNSETTLED.intersection(parts):
        return None
    if _S.REFUSED in parts:
        return _E.REFUSED
    if _S.WAITING in parts:
        return _E.RESUMED
    return _E.ACCEPTED if _S.ACCEPTED in parts else _E.REPORTED_DELIVERED
