"""A lead: one caller whom nobody served yet, with all calls and texts of that number."""

import dataclasses
import datetime as dt
import enum

from textbackd.core.caller_history import CallerHistory
from textbackd.core.exclusions import WITHOUT_LEADS
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy


class LeadStatus(enum.StrEnum):
    """How far we are with it."""

    NEW = "new"
    CONTACTED = "contacted"
    BOOKED = "booked"
    CLOSED = "closed"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """As it lies in the store."""

    id: int
    business: str
    number: E164 | None
    """None: withheld, or nothing that a text can be sent to."""
    caller: str
    """As the PBX showed it."""
    did: str
    did_label: str
    outcome: Outcome | None
    """Of the latest missed call on the PBX; None where there was none."""
    status: LeadStatus
    urgent: bool
    maybe_machine: bool
    """Reached so briefly that a voicemail may have taken the call."""
    calls: int
    """Missed calls in it, those to a SIM included."""
    created_at: dt.datetime
    updated_at: dt.datetime


MAKES_A_LEAD = frozenset(Outcome) - {Outcome.ANSWERED, Outcome.NOT_OFFERED}


def makes_a_lead(call: Call, history: CallerHistory, policy: Policy) -> bool:
    """Whether somebody should see to this caller, whatever kept the text back."""
    if call.outcome not in MAKES_A_LEAD and not call.maybe_machine:
        return False
    number = policy.office.e164(call.record.caller)
    if policy.is_own_caller(call.record.caller, number):
        return False
    return _is_a_stranger(number, call.record.caller_name, history, policy)


def call_to_sim_makes_a_lead(number: E164 | None, history: CallerHistory, policy: Policy) -> bool:
    """The same of a call to the number of a SIM; ``number`` is None where it is withheld or none that can be texted."""
    return _is_a_stranger(number, "", history, policy)


def _is_a_stranger(number: E164 | None, name: str, history: CallerHistory, policy: Policy) -> bool:
    is_ours = history.is_staff or (number is not None and policy.is_own(number))
    exclusion = policy.exclusions.covering(number, name, history.excluded)
    return not is_ours and (exclusion is None or exclusion.label not in WITHOUT_LEADS)


def is_urgent(call: Call) -> bool:
    """Somebody was talked to and then lost: that hurts more than a call nobody took."""
    return call.outcome is Outcome.ANSWERED_THEN_LOST
