"""What would have to change for another decision: the last line of an explanation."""

import dataclasses
import datetime as dt

from textbackd.core.office import Mark
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.policy import Policy, Reason


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What has become of the text to a caller."""

    text: int
    """Its row, as ``textbackd queue`` names it."""
    state: MessageState
    reason: str
    """Of the state: a ``Reason``, or other words."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision on record, as far as a remedy needs it."""

    outcome: Outcome
    texted: bool
    reason: Reason
    detail: str
    caller: str
    did: str
    wait_seconds: float
    texts: tuple[dt.datetime, ...]
    """Texts to the caller before, in the last 30 days: in the office's zone."""
    fate: Fate | None = None
    """None: no text is on record."""


def remedy(decided: Decided, policy: Policy) -> str:
    """One sentence for the sysadmin, without its full stop: by what became of the text, if one was decided on."""
    if not decided.texted:
        return _against(decided.reason, decided, policy)
    if decided.fate is None:
        return "the call was simulated, and nothing sent: textbackd simulate missed-call --send sends"
    return _of_fate(decided.fate, decided, policy)


def _of_fate(fate: Fate, decided: Decided, policy: Policy) -> str:
    release, cancel = (f"textbackd queue {verb} {fate.text}" for verb in ("release", "cancel"))
    exclusion = f'an entry under exclusions with number: "{decided.caller}"'
    match fate.state:
        case MessageState.CANCELLED | MessageState.EXPIRED if fate.reason in set(Reason):
            return _against(Reason(fate.reason), decided, policy)
        case MessageState.CANCELLED:
            return "nothing: somebody cancelled it; call the lead back"
        case MessageState.FAILED:
            return "textbackd check looks at the modem, which could not send it; call the lead back"
        case MessageState.UNDELIVERABLE:
            return "nothing: the network could not bring it to the phone; call the lead back"
        case MessageState.UNKNOWN:
            return f"{release} sends it, perhaps for the second time; {cancel} leaves it at that"
        case MessageState.HELD:
            return f"{release} sends it; {cancel} gives it up"
        case MessageState.QUEUED if policy.observing:
            return _OBSERVING
        case MessageState.QUEUED:
            return f"to stop it: {cancel}; to keep all texts from this caller: {exclusion}"
    return f"to keep texts from this caller: {exclusion}"


def _against(reason: Reason, decided: Decided, policy: Policy) -> str:
    match reason:
        case Reason.OUTCOME_NOT_TEXTED:
            return _another_outcome(decided, policy)
        case Reason.TOO_SHORT:
            return (
                f"the caller waited {decided.wait_seconds:.1f} s: with rules.minimum_wait (or, while closed,"
                f" minimum_wait_closed) at or below that there had been a text"
            )
        case Reason.REPEAT:
            return _later(decided, policy)
        case Reason.EXCLUDED:
            return f"remove the entry labelled '{decided.detail}' that covers this number or name from exclusions"
        case Reason.OPTED_OUT | Reason.ON_HOLD:
            return (
                f"only the caller can, by START; or, asked to by the caller: textbackd opt-out remove {decided.caller}"
            )
        case Reason.OWN_NUMBER:
            return "remove the number from own_numbers, owners, dids or a business's phone, if it is none of yours"
        case Reason.NOT_A_PHONE_NUMBER:
            return (
                "nothing, unless the PBX puts something before callers' numbers: then name it in"
                " pbx[].trunks[].strip; country is how numbers without + are read"
            )
        case Reason.WITHHELD | Reason.PRIVACY_UNKNOWN:
            return "nothing: who hides the number is never texted"
        case Reason.ALREADY_SERVED:
            return "nothing: the caller got through"
        case Reason.PERHAPS_SERVED:
            return "nothing; call the lead back, unless somebody has spoken with the caller"
        case Reason.STALE:
            return (
                "mend what kept it waiting: the modem, the link to the PBX, or the caller was on the line; or give it"
                " more time: rules.stale_after; call the lead back"
            )
        case Reason.OBSERVED:
            return _OBSERVING
    return "nothing"


_OBSERVING = "nothing is sent to anybody while textbackd only observes: mode: live sends"


def _another_outcome(decided: Decided, policy: Policy) -> str:
    match decided.outcome:
        case Outcome.ANSWERED:
            return "nothing: somebody of yours spoke with the caller"
        case Outcome.UNKNOWN:
            return "nothing: what was not seen whole is never texted; call the lead back"
        case Outcome.NOT_OFFERED:
            marks = next(
                (did.marks for did in policy.office.dids if did == policy.office.did(decided.did)), frozenset()
            )
            if silencing := marks - {Mark.CLOSED}:
                return f"remove the mark {min(silencing)} from {decided.did} in dids"
            if Mark.CLOSED in policy.office.did(decided.did).marks:
                return "nothing: the PBX turned the caller away, or the caller listened to a mailbox"
            return (
                f"if callers of {decided.did} hear that nobody is there: mark it closed in dids, name the context of"
                " the announcement in rules.closed_contexts, or give the business its hours"
            )
    return f"add {decided.outcome} to rules.text_on"


def _later(decided: Decided, policy: Policy) -> str:
    if not decided.texts:
        return "wait until rules.repeat_window and rules.max_per_30_days allow a text again"
    waits = {max(decided.texts) + policy.repeat_window: "rules.repeat_window"}
    if len(decided.texts) >= policy.max_per_30_days:
        waits[sorted(decided.texts)[-policy.max_per_30_days] + dt.timedelta(days=30)] = "rules.max_per_30_days"
    again = max(waits)
    return f"a missed call after {again:%Y-%m-%d %H:%M} would be texted again ({waits[again]})"
