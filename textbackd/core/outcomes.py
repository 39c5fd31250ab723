"""What a whole call amounted to: one outcome per inbound call, by ordered rules over its steps.

The rules, first match wins:

1. Its end was not seen: *unknown*, whoever was on the line before.
2. A person was joined: what came after the last of them decides between *answered* and its three shadows.
3. Not seen whole: *unknown*. We do not guess.
4. A voicemail message was left.
5. Otherwise the last place where the caller was decides: voicemail, mailbox, queue, parking or conference, menu,
   ringing phones.
6. Nobody was rung and the caller was nowhere: an announcement, a tone, nothing.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence

from textbackd.core.call_records import EndedCall, Step, What
from textbackd.core.channel_events import DialResult, QueueExit, Stage
from textbackd.core.office import Did, Mark, Office
from textbackd.core.opening_hours import Hours


class Outcome(enum.StrEnum):
    """What a person would say of the call."""

    ANSWERED = "answered"
    ANSWERED_BRIEFLY = "answered_briefly"
    ANSWERED_THEN_LOST = "answered_then_lost"
    ANSWERED_THEN_VOICEMAIL = "answered_then_voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    ABANDONED_RINGING = "abandoned_ringing"
    ABANDONED_QUEUE = "abandoned_queue"
    ABANDONED_IVR = "abandoned_ivr"
    VOICEMAIL_MESSAGE = "voicemail_message"
    VOICEMAIL_SILENT = "voicemail_silent"
    CLOSED = "closed"
    NOT_OFFERED = "not_offered"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An inbound call with its outcome: what every decision is made on."""

    pbx: str
    record: EndedCall
    did: Did
    business: str
    hours: Hours
    """At the start of the call."""
    outcome: Outcome
    because: str
    """What decided the outcome, in plain words."""


def judge(record: EndedCall, office: Office, *, pbx: str, minimum_talk: dt.timedelta) -> Call:
    """Say what the call amounted to. Total: every record has an outcome."""
    did = office.did(record.did)
    hours = office.hours(did, record.started_at)
    outcome, because = _outcome(record, did, hours, office.closed_contexts, minimum_talk)
    return Call(
        pbx=pbx,
        record=record,
        did=did,
        business=office.business(did.business).name,
        hours=hours,
        outcome=outcome,
        because=because,
    )


Verdict = tuple[Outcome, str]


def _outcome(
    record: EndedCall, did: Did, hours: Hours, closed_contexts: frozenset[str], minimum_talk: dt.timedelta
) -> Verdict:
    steps = record.steps
    if not record.seen_whole and not any(step.what is What.GONE for step in steps):
        return Outcome.UNKNOWN, "the end of the call was not seen"
    if record.talked_to:
        return _after_a_person(record, minimum_talk)
    if not record.seen_whole:
        return Outcome.UNKNOWN, "not all of the call was seen"
    if any(step.what is What.MESSAGE for step in steps):
        return Outcome.VOICEMAIL_MESSAGE, "the caller left a message"
    last = _last_place(steps)
    since = steps[last:] if last is not None else ()
    match _stage(since):
        case Stage.VOICEMAIL:
            return Outcome.VOICEMAIL_SILENT, "the caller reached voicemail and left no message"
        case Stage.MAILBOX:
            return Outcome.NOT_OFFERED, "the caller checked a mailbox"
        case Stage.BLOCKED:
            return Outcome.NOT_OFFERED, "the PBX turns this caller away"
        case Stage.QUEUE:
            return _queue(since)
        case Stage.PARKED | Stage.CONFERENCE:
            return Outcome.ABANDONED_QUEUE, "the caller waited where nobody came"
        case Stage.MENU if not _announced_elsewhere(since):
            return Outcome.ABANDONED_IVR, "the caller got no further than the menu"
        case Stage.DIAL:
            return _dialled(_all_dialling(steps, last or 0))
    return _nobody_rung(record, did, hours, closed_contexts)


def _after_a_person(record: EndedCall, minimum_talk: dt.timedelta) -> Verdict:
    joined_with = f"{', '.join(record.talked_to)} and the caller were joined"
    if not record.seen_whole:
        return Outcome.ANSWERED, f"{joined_with}; not all of the call was seen"
    joined = max(i for i, step in enumerate(record.steps) if step.what is What.JOINED)
    after = record.steps[joined + 1 :]  # parking is told before the bridge is left (``g15``)
    # Only what the call went *to* counts: an announcement or a survey after a talk takes nothing away.
    for step in after:
        if step.what is What.STAGE and step.value == Stage.VOICEMAIL:
            return Outcome.ANSWERED_THEN_VOICEMAIL, "a person was on the line, then voicemail"
    for step in after:
        if step.what is What.STAGE and step.value in (Stage.PARKED, Stage.QUEUE, Stage.DIAL):
            return Outcome.ANSWERED_THEN_LOST, f"a person was on the line, then {step.value}, and nobody came back"
    if record.talk_seconds < minimum_talk.total_seconds():
        return Outcome.ANSWERED_BRIEFLY, f"a person was on the line for {record.talk_seconds} s only"
    return Outcome.ANSWERED, joined_with


_PLACES = frozenset(Stage) - {Stage.ANNOUNCEMENT, Stage.BUSY_TONE, Stage.CONGESTION_TONE}


def _last_place(steps: Sequence[Step]) -> int | None:
    """Where the caller came to the last place that counts; what is only heard does not."""
    return next((i for i in reversed(range(len(steps))) if _is_place(steps[i])), None)


def _is_place(step: Step) -> bool:
    return step.what is What.STAGE and step.value in _PLACES


def _stage(since: Sequence[Step]) -> str:
    return since[0].value if since else ""


def _announced_elsewhere(since: Sequence[Step]) -> bool:
    """The menu led to an announcement; a prompt in the menu's own context is still the menu."""
    return any(
        step.what is What.STAGE and step.value == Stage.ANNOUNCEMENT and step.who != since[0].who for step in since
    )


def _queue(since: Sequence[Step]) -> Verdict:
    left = next((step.value for step in since if step.what is What.QUEUE_LEFT), None)
    match left:
        case None:
            return Outcome.ABANDONED_QUEUE, "the caller gave up waiting in the queue"
        case QueueExit.EMPTY:
            return Outcome.UNAVAILABLE, "nobody was in the queue"
        case QueueExit.FULL:
            return Outcome.BUSY, "the queue was full"
    if any(step.what is What.DIALLED for step in since):
        return Outcome.NO_ANSWER, "the queue rang and nobody took it"
    return Outcome.BUSY, "the queue found nobody free"


def _all_dialling(steps: Sequence[Step], last: int) -> Sequence[Step]:
    """The steps of the last round of dialling: one phone after the other is one round."""
    first = last
    for i in reversed(range(last)):
        if _is_place(steps[i]):
            if steps[i].value != Stage.DIAL:
                break
            first = i
    return steps[first:]


def _dialled(since: Sequence[Step]) -> Verdict:
    if any(step.what is What.GAVE_UP for step in since):
        return Outcome.ABANDONED_RINGING, "the caller gave up while phones rang"
    results = [step.value for step in since if step.what is What.RESULT]
    if not set(results) - {DialResult.CANCELLED, DialResult.ANSWERED}:  # answered, but not accepted (``f08``)
        results = [step.value for step in since if step.what is What.LOCAL_RESULT] or [
            step.value for step in since if step.what is What.DIAL_OVER
        ]
    if DialResult.NO_ANSWER in results:
        return Outcome.NO_ANSWER, "phones rang and nobody took it"
    if DialResult.BUSY in results:
        return Outcome.BUSY, "every phone was busy or declined"
    if DialResult.UNAVAILABLE in results:
        return Outcome.UNAVAILABLE, "no phone could be reached"
    return Outcome.ABANDONED_RINGING, "the call ended while phones were being dialled"


def _nobody_rung(record: EndedCall, did: Did, hours: Hours, closed_contexts: frozenset[str]) -> Verdict:
    if did.marks & {Mark.INFORMATION, Mark.FAX, Mark.IGNORE}:
        return Outcome.NOT_OFFERED, f"the number dialled is marked {min(did.marks)}"
    heard = [step for step in record.steps if step.what is What.STAGE and step.value == Stage.ANNOUNCEMENT]
    if Mark.CLOSED in did.marks or any(step.who in closed_contexts for step in heard):
        return Outcome.CLOSED, "nobody was rung, and the number dialled or its context is marked closed"
    through_a_menu = any(step.what is What.STAGE and step.value == Stage.MENU for step in record.steps)
    if heard and not through_a_menu and hours is not Hours.OPEN:
        return Outcome.CLOSED, f"the caller heard an announcement while the hours are {hours}"
    if not heard:
        if _tone(record.steps, Stage.BUSY_TONE, DialResult.BUSY):
            return Outcome.BUSY, "the PBX gave the busy signal"
        if any(step.what is What.DIAL_OVER and step.value == DialResult.UNAVAILABLE for step in record.steps):
            return Outcome.UNAVAILABLE, "no phone could be reached"
    return Outcome.NOT_OFFERED, "the PBX dealt with the call itself and rang nobody"


def _tone(steps: Sequence[Step], stage: Stage, cause: DialResult) -> bool:
    return any(
        (step.what is What.STAGE and step.value == stage) or (step.what is What.GONE and step.value == cause)
        for step in steps
    )
