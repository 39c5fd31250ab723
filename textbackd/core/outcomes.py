"""What a whole call amounted to: one outcome per inbound call, by ordered rules over its steps.

The rules, first match wins:

1. Its end was not seen: *unknown*, whoever was on the line before.
2. A person was joined: what came after the last of them decides between *answered* and its three shadows.
3. Not seen whole, or a phone answered and nobody was seen on the line: *unknown*. We do not guess.
4. A voicemail message was left.
5. Otherwise the last place where the caller was decides: voicemail, mailbox, queue, parking or conference, menu,
   ringing phones.
6. Nobody was rung and the caller was nowhere: an announcement, a tone, nothing.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Collection, Sequence
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
    hours = office.moment(did, record.started_at).hours
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
    if picked_up := _of(steps, What.PICKED_UP):
        # To an account that is not sent BridgeEnter every answered call looks like a missed one.
        because = "a phone answered, and was not seen on the line with the caller"
        return _Verdict(Outcome.UNKNOWN, because, picked_up)
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
        case Stage.MENU if refused := _refused(since, {since[0].who}):
            return refused
        case Stage.MENU if not _announced_elsewhere(since):
            return _Verdict(Outcome.ABANDONED_IVR, "the caller gave up in the menu", here)
        case Stage.DIAL:
            return _dialled(_all_dialling(steps, last or 0))
    return _nobody_rung(record, did, hours, closed_contexts)


def _of(steps: Sequence[Step], *kinds: What) -> Sequence[Step]:
    return [step for step in steps if step.what in kinds]


def _after_a_person(record: EndedCall, minimum_talk: dt.timedelta) -> _Verdict:
    people = ", ".join(str(party) for party in record.talked_to)
    joins = _of(record.steps, What.JOINED)
    last = _last_join(record.steps)
    after = record.steps[last + 1 :]
    voicemail = [step for step in _of(after, What.STAGE) if step.value == Stage.VOICEMAIL]
    lost = voicemail or _lost(after)
    if not record.seen_whole:
        if lost:
            because = f"{people} had been on the line, and not all of what came after was seen"
            return _Verdict(Outcome.UNKNOWN, because, [*joins, *lost])
        because = f"{people} and the caller were joined; not all of the call was seen"
        return _Verdict(Outcome.ANSWERED, because, joins)
    if voicemail:
        because = "a person was on the line, then voicemail"
        return _Verdict(Outcome.ANSWERED_THEN_VOICEMAIL, because, [*joins, *voicemail])
    if lost:
        because = f"a person was on the line, then {_IN_WORDS.get(lost[0].what, lost[0].value)}, and nobody came back"
        return _Verdict(Outcome.ANSWERED_THEN_LOST, because, [*joins, *lost])
    if record.talk_seconds < minimum_talk.total_seconds():
        because = f"a person was on the line for {record.talk_seconds} s only"
        return _Verdict(Outcome.ANSWERED_BRIEFLY, because, _of(record.steps, What.JOINED, What.PARTED))
    return _Verdict(Outcome.ANSWERED, f"{people} and the caller were joined", joins)


def _last_join(steps: Sequence[Step]) -> int:
    """Who comes when the caller has hung up is too late, unless nobody had come before (``a21``)."""
    joins = [i for i, step in enumerate(steps) if step.what is What.JOINED]
    hung_up = next((i for i, step in enumerate(steps) if step.what is What.HUNG_UP), len(steps))
    return max([i for i in joins if i < hung_up] or joins, default=0)


_DIALLING = frozenset({What.DIALLED, What.DIAL_OVER, What.HALF_RESULT, What.GAVE_UP})
_A_MOMENT = dt.timedelta(seconds=0.1)
"""Events of one instant come in any order."""
_IN_WORDS = dict.fromkeys(_DIALLING, "dialling")


def _lost(after: Sequence[Step]) -> Sequence[Step]:
    """What shows, after the last person, that the caller was to reach another one and did not.

    Only what the call went *to* counts: an announcement or a survey after a talk takes nothing away.
    """
    over = next((i for i, step in enumerate(after) if step.what is What.GONE), len(after))
    alone = next((i for i, step in enumerate(after) if step.what is What.PARTED), over)
    stages = _of(after[:over], What.STAGE)
    # Of parking and queues the PBX tells before the bridge is left (``g15``).
    if waiting := [step for step in stages if step.value in (Stage.PARKED, Stage.QUEUE)]:
        return waiting[:1]
    # Of a conference it tells at once, whoever is there. The name of the application alone may be an old one; what
    # was dialled while the talk lasted is of a ring group. A phone that is to take over may be told of a moment early.
    parted_at = after[alone].at if alone < over else None
    for i, step in enumerate(after[:over]):
        conference = step.what is What.STAGE and step.value == Stage.CONFERENCE
        early = step.what is What.DIALLED and parted_at is not None and step.at >= parted_at - _A_MOMENT
        if early or (i >= alone and (step.what in _DIALLING or conference)):
            return [step]
    # Sent back to the menu; a survey comes by itself.
    sent_on = _of(after[:over], What.SENT_ON)
    return stages[-1:] if sent_on and stages and stages[-1].value == Stage.MENU else []


_PLACES = frozenset(Stage) - {Stage.ANNOUNCEMENT, Stage.CLOSED, Stage.BUSY_TONE, Stage.CONGESTION_TONE}


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
    came, left = since[0], next((step for step in since if _lets_go(step)), None)
    if left is None:
        return _Verdict(Outcome.ABANDONED_QUEUE, "the caller gave up waiting in the queue", [came])
    if left.value == QueueExit.EMPTY:
        return _Verdict(Outcome.UNAVAILABLE, "nobody was in the queue", [came, left])
    if left.value == QueueExit.FULL:
        return _Verdict(Outcome.BUSY, "the queue was full", [came, left])
    if verdict := _of_results(_of(since, What.RESULT)):
        return verdict._replace(steps=[came, *verdict.steps, left])
    if rang := _of(since, What.DIALLED):
        return _Verdict(Outcome.NO_ANSWER, "the queue rang and nobody took it", [came, *rang[-1:], left])
    return _Verdict(Outcome.BUSY, "the queue found nobody free", [came, left])


def _lets_go(step: Step) -> bool:
    """A queue plays its announcements itself: who hears the dialplan's is in the queue no more."""
    return step.what is What.QUEUE_LEFT or (step.what is What.STAGE and step.value == Stage.ANNOUNCEMENT)


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
    gave_up = _of(since, What.GAVE_UP)
    if gave_up and not _went_on(since, gave_up[-1]):
        return _Verdict(Outcome.ABANDONED_RINGING, "the caller gave up while phones rang", gave_up)
    results = _of(since, What.RESULT)
    if not {step.value for step in results} - _NO_RESULT:
        # Answered, but not accepted (``f08``), or told of the PBX's own legs only.
        results = _of(since, What.HALF_RESULT) or _of(since, What.DIAL_OVER)
    abandoned = _Verdict(Outcome.ABANDONED_RINGING, "the call ended while phones were being dialled", since[:1])
    return _of_results(results) or abandoned


def _went_on(since: Sequence[Step], gave_up: Step) -> bool:
    """Other phones were rung then and came to a result: the caller was moved, and had not given up."""
    behind = since[since.index(gave_up) + 1 :]
    later = [step for step in behind if step.at >= gave_up.at + _AT_ONCE]
    return bool(_of(behind, What.DIALLED)) and any(
        step.what is What.DIAL_OVER or (step.what is What.RESULT and step.value not in _NO_RESULT) for step in later
    )


_AT_ONCE = dt.timedelta(seconds=1)
"""What is told within is of the same hang-up."""
_NO_RESULT = {DialResult.CANCELLED, DialResult.ANSWERED, DialResult.FORWARDED}
"""By themselves; a leg that was cancelled among others that were not rang to the end."""
_RANG_IN_VAIN = (DialResult.NO_ANSWER, DialResult.CANCELLED)
"""The PBX cancels what still rings behind a Local channel when the time is over."""
_OF_DIALLING = (
    (_RANG_IN_VAIN, Outcome.NO_ANSWER, "phones rang and nobody took it"),
    ((DialResult.BUSY,), Outcome.BUSY, "every phone was busy or declined"),
    ((DialResult.UNAVAILABLE,), Outcome.UNAVAILABLE, "no phone could be reached"),
)
"""The first result that any phone had wins."""


def _of_results(results: Sequence[Step]) -> _Verdict | None:
    """What phones that were dialled amount to, of a caller who had not given up; None where all that is not told."""
    if not {step.value for step in results} - _NO_RESULT:
        return None
    for values, outcome, because in _OF_DIALLING:
        if decisive := [step for step in results if step.value in values]:
            return _Verdict(outcome, because, decisive)
    return None


def _nobody_rung(record: EndedCall, did: Did, hours: Hours, closed_contexts: frozenset[str]) -> _Verdict:
    stages = _of(record.steps, What.STAGE)
    heard = [step for step in stages if step.value == Stage.ANNOUNCEMENT]
    if did.marks & {Mark.INFORMATION, Mark.FAX, Mark.IGNORE}:
        return _Verdict(Outcome.NOT_OFFERED, f"the number dialled is marked {min(did.marks)}", heard)
    if said := [step for step in stages if step.value == Stage.CLOSED]:
        return _Verdict(Outcome.CLOSED, "nobody was rung, and the dialplan says that the office is closed", said)
    if Mark.CLOSED in did.marks or any(step.who in closed_contexts for step in heard):
        because = "nobody was rung, and the number dialled or its context is marked closed"
        return _Verdict(Outcome.CLOSED, because, heard)
    through_a_menu = any(step.value == Stage.MENU for step in stages)
    if heard and not through_a_menu and hours is not Hours.OPEN:
        return _Verdict(Outcome.CLOSED, f"the caller heard an announcement while the hours are {hours}", heard)
    if refused := _refused(record.steps, {step.who for step in heard}):
        return refused
    return _Verdict(Outcome.NOT_OFFERED, "the PBX dealt with the call itself and rang nobody", heard)


def _refused(steps: Sequence[Step], heard_in: Collection[str]) -> _Verdict | None:
    """What the PBX says where it rang nobody, and somebody was wanted: the result of a dialling, or a tone.

    A tone in a context in which something else was played (``heard_in``) only ends what was played.
    """
    for values, outcome, because in _OF_REFUSAL:
        if decisive := [step for step in steps if step.value in values and _refuses(step, heard_in)]:
            return _Verdict(outcome, because, decisive)
    return None


def _refuses(step: Step, heard_in: Collection[str]) -> bool:
    match step.what:
        case What.DIAL_OVER:
            return True
        case What.STAGE:
            return step.who not in heard_in
    return step.what is What.GONE and not heard_in


_OF_REFUSAL = (
    ((DialResult.BUSY, Stage.BUSY_TONE), Outcome.BUSY, "the PBX gave the busy signal"),
    ((DialResult.UNAVAILABLE, Stage.CONGESTION_TONE), Outcome.UNAVAILABLE, "no phone could be reached"),
)
