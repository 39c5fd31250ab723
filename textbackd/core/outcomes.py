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
from typing import NamedTuple

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


MACHINES_PATIENCE = dt.timedelta(seconds=20)
"""A leg outside that was on the line for less may be a mobile's voicemail, which no event can tell (``f03``)."""


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
    decided_by: tuple[Step, ...] = ()
    """The steps that did."""
    maybe_machine: bool = False
    """Answered by a number outside, and so briefly that its voicemail may have taken it."""


def judge(record: EndedCall, office: Office, *, pbx: str, minimum_talk: dt.timedelta) -> Call:
    """Say what the call amounted to. Total: every record has an outcome."""
    did = office.did(record.did)
    hours = office.hours(did, record.started_at)
    verdict = _verdict(record, did, hours, office.closed_contexts, minimum_talk)
    return Call(
        pbx=pbx,
        record=record,
        did=did,
        business=office.business(did.business).name,
        hours=hours,
        outcome=verdict.outcome,
        because=verdict.because,
        decided_by=tuple(verdict.steps),
        maybe_machine=verdict.outcome is Outcome.ANSWERED and _maybe_machine(record),
    )


def _maybe_machine(record: EndedCall) -> bool:
    only_outside = all(party.outside for party in record.talked_to)
    return only_outside and not record.screened and record.talk_seconds < MACHINES_PATIENCE.total_seconds()


class _Verdict(NamedTuple):
    outcome: Outcome
    because: str
    steps: Sequence[Step]


def _verdict(
    record: EndedCall, did: Did, hours: Hours, closed_contexts: frozenset[str], minimum_talk: dt.timedelta
) -> _Verdict:
    steps = record.steps
    if not record.seen_whole and not any(step.what is What.GONE for step in steps):
        return _Verdict(Outcome.UNKNOWN, "the end of the call was not seen", _of(steps, What.NOT_SEEN))
    if record.talked_to:
        return _after_a_person(record, minimum_talk)
    if not record.seen_whole:
        return _Verdict(Outcome.UNKNOWN, "not all of the call was seen", _of(steps, What.NOT_SEEN))
    if messages := _of(steps, What.MESSAGE):
        return _Verdict(Outcome.VOICEMAIL_MESSAGE, "the caller left a message", messages)
    last = _last_place(steps)
    since = steps[last:] if last is not None else ()
    here = since[:1]
    match _stage(since):
        case Stage.VOICEMAIL:
            return _Verdict(Outcome.VOICEMAIL_SILENT, "the caller reached voicemail and left no message", here)
        case Stage.MAILBOX:
            return _Verdict(Outcome.NOT_OFFERED, "the caller checked a mailbox", here)
        case Stage.BLOCKED:
            return _Verdict(Outcome.NOT_OFFERED, "the PBX turns this caller away", here)
        case Stage.QUEUE:
            return _queue(since)
        case Stage.PARKED | Stage.CONFERENCE:
            return _Verdict(Outcome.ABANDONED_QUEUE, "the caller waited where nobody came", here)
        case Stage.MENU if not _announced_elsewhere(since):
            return _Verdict(Outcome.ABANDONED_IVR, "the caller got no further than the menu", here)
        case Stage.DIAL:
            return _dialled(_all_dialling(steps, last or 0))
    return _nobody_rung(record, did, hours, closed_contexts)


def _of(steps: Sequence[Step], *kinds: What) -> Sequence[Step]:
    return [step for step in steps if step.what in kinds]


_AWAY_FROM_PEOPLE = (Stage.VOICEMAIL, Stage.PARKED, Stage.QUEUE, Stage.DIAL)


def _after_a_person(record: EndedCall, minimum_talk: dt.timedelta) -> _Verdict:
    people = ", ".join(str(party) for party in record.talked_to)
    joined_with = f"{people} and the caller were joined"
    joins = _of(record.steps, What.JOINED)
    last = max(i for i, step in enumerate(record.steps) if step.what is What.JOINED)
    after = record.steps[last + 1 :]  # parking is told before the bridge is left (``g15``)
    # Only what the call went *to* counts: an announcement or a survey after a talk takes nothing away.
    if not record.seen_whole:
        if went_on := [step for step in after if step.what is What.STAGE and step.value in _AWAY_FROM_PEOPLE]:
            because = f"{people} had been on the line, and not all of what came after was seen"
            return _Verdict(Outcome.UNKNOWN, because, [*joins, *went_on])
        return _Verdict(Outcome.ANSWERED, f"{joined_with}; not all of the call was seen", joins)
    for step in after:
        if step.what is What.STAGE and step.value == Stage.VOICEMAIL:
            because = "a person was on the line, then voicemail"
            return _Verdict(Outcome.ANSWERED_THEN_VOICEMAIL, because, [*joins, step])
    for step in after:
        if step.what is What.STAGE and step.value in _AWAY_FROM_PEOPLE:
            because = f"a person was on the line, then {step.value}, and nobody came back"
            return _Verdict(Outcome.ANSWERED_THEN_LOST, because, [*joins, step])
    if record.talk_seconds < minimum_talk.total_seconds():
        because = f"a person was on the line for {record.talk_seconds} s only"
        return _Verdict(Outcome.ANSWERED_BRIEFLY, because, _of(record.steps, What.JOINED, What.PARTED))
    return _Verdict(Outcome.ANSWERED, joined_with, joins)


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


def _queue(since: Sequence[Step]) -> _Verdict:
    came, left = since[0], next((step for step in since if step.what is What.QUEUE_LEFT), None)
    if left is None:
        return _Verdict(Outcome.ABANDONED_QUEUE, "the caller gave up waiting in the queue", [came])
    if left.value == QueueExit.EMPTY:
        return _Verdict(Outcome.UNAVAILABLE, "nobody was in the queue", [came, left])
    if left.value == QueueExit.FULL:
        return _Verdict(Outcome.BUSY, "the queue was full", [came, left])
    if rang := _of(since, What.DIALLED):
        return _Verdict(Outcome.NO_ANSWER, "the queue rang and nobody took it", [came, *rang[-1:], left])
    return _Verdict(Outcome.BUSY, "the queue found nobody free", [came, left])


def _all_dialling(steps: Sequence[Step], last: int) -> Sequence[Step]:
    """The steps of the last round of dialling: one phone after the other is one round."""
    first = last
    for i in reversed(range(last)):
        if _is_place(steps[i]):
            if steps[i].value != Stage.DIAL:
                break
            first = i
    return steps[first:]


def _dialled(since: Sequence[Step]) -> _Verdict:
    if gave_up := _of(since, What.GAVE_UP):
        return _Verdict(Outcome.ABANDONED_RINGING, "the caller gave up while phones rang", gave_up)
    results = _of(since, What.RESULT)
    if not {step.value for step in results} - {DialResult.CANCELLED, DialResult.ANSWERED}:
        # Answered, but not accepted (``f08``), or told of the PBX's own legs only.
        results = _of(since, What.LOCAL_RESULT) or _of(since, What.DIAL_OVER)
    for result, outcome, because in _OF_DIALLING:
        if decisive := [step for step in results if step.value == result]:
            return _Verdict(outcome, because, decisive)
    return _Verdict(Outcome.ABANDONED_RINGING, "the call ended while phones were being dialled", since[:1])


_OF_DIALLING = (
    (DialResult.NO_ANSWER, Outcome.NO_ANSWER, "phones rang and nobody took it"),
    (DialResult.BUSY, Outcome.BUSY, "every phone was busy or declined"),
    (DialResult.UNAVAILABLE, Outcome.UNAVAILABLE, "no phone could be reached"),
)
"""The first result that any phone had wins."""


def _nobody_rung(record: EndedCall, did: Did, hours: Hours, closed_contexts: frozenset[str]) -> _Verdict:
    stages = _of(record.steps, What.STAGE)
    heard = [step for step in stages if step.value == Stage.ANNOUNCEMENT]
    if did.marks & {Mark.INFORMATION, Mark.FAX, Mark.IGNORE}:
        return _Verdict(Outcome.NOT_OFFERED, f"the number dialled is marked {min(did.marks)}", heard)
    if Mark.CLOSED in did.marks or any(step.who in closed_contexts for step in heard):
        because = "nobody was rung, and the number dialled or its context is marked closed"
        return _Verdict(Outcome.CLOSED, because, heard)
    through_a_menu = any(step.value == Stage.MENU for step in stages)
    if heard and not through_a_menu and hours is not Hours.OPEN:
        return _Verdict(Outcome.CLOSED, f"the caller heard an announcement while the hours are {hours}", heard)
    if not heard:
        if tone := _told_busy(record.steps):
            return _Verdict(Outcome.BUSY, "the PBX gave the busy signal", tone)
        over = [step for step in _of(record.steps, What.DIAL_OVER) if step.value == DialResult.UNAVAILABLE]
        if over:
            return _Verdict(Outcome.UNAVAILABLE, "no phone could be reached", over)
    return _Verdict(Outcome.NOT_OFFERED, "the PBX dealt with the call itself and rang nobody", heard)


def _told_busy(steps: Sequence[Step]) -> Sequence[Step]:
    return [
        step
        for step in steps
        if (step.what is What.STAGE and step.value == Stage.BUSY_TONE)
        or (step.what is What.GONE and step.value == DialResult.BUSY)
    ]
