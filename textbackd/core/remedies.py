"""What would have to change for another decision: the last line of an explanation."""

import dataclasses
import datetime as dt
import shlex

from textbackd.core.exclusions import Exclusion
from textbackd.core.guards import CLEARABLE, HOUR, WINDOWS, Guard
from textbackd.core.office import Mark
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.policy import Policy
from textbackd.core.reasons import CONVERSATION, STAFF, Reason


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What has become of the text to a caller."""

    text: int
    """Its row, as ``textbackd queue`` names it."""
    state: MessageState
    reason: str
    """Of the state: a ``Reason``, or other words."""
    day: dt.datetime | None = None
    """While it waits, and it is night where the caller is: when that ends, in the office's zone."""


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
    caller_name: str = ""
    excluded_by: Exclusion | None = None
    """What decides about the caller now, of all that was excluded by hand or by import."""
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
    exclusion = f"textbackd exclude add --label LABEL --number {decided.caller}"
    waits_for = fate.reason.removeprefix(f"{Reason.GUARD}:")
    match fate.state:
        case MessageState.QUEUED | MessageState.EXPIRED if waits_for in set(Guard) and not policy.observing:
            return _guard(dataclasses.replace(decided, detail=waits_for))
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
            night = f"it waits for {fate.day:%Y-%m-%d %H:%M}, {_AT_NIGHT}; " if fate.day else ""
            return f"{night}to stop it: {cancel}; to keep all texts from this caller: {exclusion}"
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
            return _excluded(decided, policy)
        case Reason.OPTED_OUT | Reason.ON_HOLD:
            return (
                f"only the caller can, by START; or, asked to by the caller: textbackd opt-out remove {decided.caller}"
            )
        case Reason.OWN_NUMBER:
            return _own_number(decided, policy)
        case Reason.SPOOFED:
            return "nothing: whoever rang may have shown a stranger's number; ring it back to find out"
        case Reason.NUMBER_TYPE:
            return "nothing: at numbers of this type nobody reads texts, or somebody earns by them"
        case Reason.LANDLINE:
            return "nothing: a landline takes no texts; call the lead back"
        case Reason.UNDELIVERABLE:
            return (
                f"textbackd exclude forget {decided.caller}, if the number takes texts after all; it is forgotten by"
                " itself when a text comes from there, or in time"
            )
        case Reason.COUNTRY:
            return _country(decided, policy)
        case Reason.GUARD:
            return _guard(decided)
        case Reason.NOT_A_PHONE_NUMBER:
            return (
                "nothing, unless the PBX puts something before callers' numbers: then name it in"
                " pbx[].trunks[].strip; country is how numbers without + are read"
            )
        case Reason.WITHHELD | Reason.PRIVACY_UNKNOWN:
            return "nothing: who hides the number is never texted"
        case Reason.ALREADY_SERVED if decided.detail == CONVERSATION:
            return "nothing: go on by text; rules.conversation is how long after the last one the two are still talking"
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


_AT_NIGHT = "the end of the caller's night (rules.quiet_hours); rules.instant_at_night: true texts at night too"
_BOUNDS = {Guard.SURGE: "callers_per_minute"}
"""The keys under rules.guards that are not called as their guard."""


def _excluded(decided: Decided, policy: Policy) -> str:
    ways = []
    if configured := policy.exclusions.covering(policy.office.e164(decided.caller), decided.caller_name):
        ways.append(f"remove the entry labelled '{configured.label}' that covers this number or name from exclusions")
    if entry := decided.excluded_by:
        ways.append(f"textbackd exclude remove {_words(entry)}")
    nobody = "nothing: the entry that covered the caller is gone, and the next missed call is decided without it"
    return "; and ".join(ways) or nobody


def _words(entry: Exclusion) -> str:
    if entry.number:
        return f"--number {entry.number}"
    return f"--prefix {entry.prefix}" if entry.prefix else f"--name {shlex.quote(entry.name or '')}"


def _own_number(decided: Decided, policy: Policy) -> str:
    number = policy.office.e164(decided.caller)
    if decided.detail != STAFF and (not decided.texted or (number and policy.is_own(number))):
        return "remove the number from own_numbers, owners, dids or a business's phone, if it is none of yours"
    return (
        f"textbackd exclude forget {decided.caller}, if nobody of yours has that number; it is learned again when the"
        " PBX rings it for a caller"
    )


def _country(decided: Decided, policy: Policy) -> str:
    number = policy.office.e164(decided.caller)
    country = policy.office.plan(number).country if number else ""
    if not country:
        return "nothing: the number is of no country"
    texted = policy.countries or {policy.office.country}
    return f"rules.countries: [{', '.join(sorted({*texted, country}))}]"


def _guard(decided: Decided) -> str:
    if decided.detail == Guard.UNDECIDED:
        return "put back a backup of the database, of which a page is damaged; call the lead back"
    if decided.detail not in set(Guard):
        return "wait until it has forgotten; call the lead back"
    guard = Guard(decided.detail)
    key = f"rules.guards.{_BOUNDS.get(guard, guard)}"
    hours = WINDOWS[guard] // HOUR
    window = f"{hours} h" if hours else "a minute"
    by_hand = "" if guard not in CLEARABLE else f"; textbackd guards clear {guard} lets it forget at once"
    return f"it forgets in {window}{by_hand}; a higher {key} lets more texts leave; call the lead back"


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
    its_own = policy.office.did(decided.did).text_on is not None
    return f"add {decided.outcome} to {f'text_on of {decided.did} in dids' if its_own else 'rules.text_on'}"


def _later(decided: Decided, policy: Policy) -> str:
    if not decided.texts:
        return "wait until rules.repeat_window and rules.max_per_30_days allow a text again"
    waits = {max(decided.texts) + policy.repeat_window: "rules.repeat_window"}
    if len(decided.texts) >= policy.max_per_30_days:
        waits[sorted(decided.texts)[-policy.max_per_30_days] + dt.timedelta(days=30)] = "rules.max_per_30_days"
    again = max(waits)
    return f"a missed call after {again:%Y-%m-%d %H:%M} would be texted again ({waits[again]})"
