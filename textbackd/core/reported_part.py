"""Which part a delivery report is about.

A report names the number and the message reference, which has 8 bits, is the SIM's, and begins anew when it is used up
or the modem starts anew. So one reference may be that of two parts, and a part of unknown fate may have had any. A
report that fits two parts is about neither until we know better: no part ever gets another one's fate.

A person may know better. A part that they have dismissed had no reference that is on record for another one.
"""

import dataclasses
import enum
from collections.abc import Sequence

from textbackd.core.message_parts import REPORTED, PartState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A part that the network may have got, by that modem, for that number, not too long ago."""

    message_id: int
    copy: int
    part: int
    state: PartState
    message_reference: int | None
    """None: not known (yet)."""


class Nobodys(enum.StrEnum):
    """Why a report is booked on no part."""

    UNFITTING = "no part fits it"
    TOLD_TWICE = "its part was reported on before"
    TOO_EARLY = "the part that may be meant is still being submitted"
    AMBIGUOUS = "it fits several parts"


def whose(reference: int, candidates: Sequence[Candidate]) -> Candidate | Nobodys:
    """The one part that a report with this reference can be about."""
    fitting = [one for one in candidates if one.message_reference in (None, reference)]
    if any(one.message_reference == reference for one in fitting):
        fitting = [one for one in fitting if one.state is not PartState.DISMISSED]
    states = {one.state for one in fitting}
    if not fitting:
        return Nobodys.UNFITTING
    if states <= REPORTED:
        return Nobodys.TOLD_TWICE
    if PartState.SUBMITTING in states:
        return Nobodys.TOO_EARLY
    return fitting[0] if len(fitting) == 1 else Nobodys.AMBIGUOUS
