"""What is known of a number when a decision about it is made, in one value."""

import dataclasses
import datetime as dt
import enum

from textbackd.core.exclusions import Exclusion
from textbackd.core.guards import Shut, Traffic
from textbackd.core.number_plan import Plan


class Consent(enum.StrEnum):
    """What a number said about texts."""

    OUT = "out"
    HOLD = "hold"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CallerHistory:
    """What is known of a number when a decision about it is made."""

    plan: Plan | None = None
    """What the plan of its country says of it; None: nobody has looked yet, which takes longer than the decision."""
    consent: Consent | None = None
    """None: nothing was said."""
    is_staff: bool = False
    """The PBX was seen to ring it for our callers: a mobile of ours."""
    excluded: Exclusion | None = None
    """What decides about it of the exclusions by hand and by import; the configuration may have a nearer one."""
    undeliverable: bool = False
    """A text to it failed for good lately."""
    texts: tuple[dt.datetime, ...] = ()
    """When texts for missed calls to it by this business left, or were made while they wait, in the last 30 days; all
    but failed, cancelled and expired ones count, and never the one that is being asked about."""
    served_until: dt.datetime | None = None
    """Until when it last was on the line with a person of ours, whoever rang whom."""
    wrote_at: dt.datetime | None = None
    """When it last wrote to us, or one of the staff to it: words, no STOP and no HELP."""
    returning: bool = False
    """It had to do with this business before this call."""
    traffic: Traffic | None = None
    """What guards count when a call is decided on; None: it could not be counted."""
    shut: Shut | None = None
    """What keeps a text to it from leaving now; None: no guard."""
    on_the_line: bool = False
    """It is calling, or being called by us, at this moment."""
    unwatched: bool = False
    """The PBX that its call came to is not watched at this moment."""
