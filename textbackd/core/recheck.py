"""Whether a queued text should still go: asked when it is about to leave.

Between the decision and this moment its caller may have said STOP, rung again, or reached a person.
"""

import dataclasses
import datetime as dt

from textbackd.core.caller_history import CallerHistory, Consent
from textbackd.core.guards import PATIENCE, Guard, Shut
from textbackd.core.outgoing import MessageKind, OutgoingMessage
from textbackd.core.policy import Policy, by_day, in_another_country, nobody_reads_there, talking_by_text, texted_lately
from textbackd.core.reasons import Reason

ACKNOWLEDGE_WITHIN = dt.timedelta(minutes=5)
"""A confirmation of STOP goes at once or never (47 CFR 64.1200(a)(12))."""
OWNER_WITHIN = dt.timedelta(hours=24)
"""A lead is still news to the owner the next morning."""
MORNING = dt.timedelta(hours=3)
"""So long after the quiet hours the last text of the night leaves: sixty (``Limits.per_day``), twenty in an hour."""
TEST_WITHIN = dt.timedelta(minutes=15)
"""Whoever asked has gone away by then."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """Send it now."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Ask again then."""

    until: dt.datetime
    reason: str = ""
    """What is to be shown of it meanwhile; empty: it is over in seconds, or the time tells."""
    anew: bool = False
    """It grows stale from then on only."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """It is not needed, or not wanted, any more."""

    reason: Reason


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """It has waited too long, or would have to."""

    reason: str = Reason.STALE


Recheck = Go | Wait | Cancel | Expire

ON_THE_LINE_AGAIN = dt.timedelta(seconds=2)
"""How soon to ask again while the caller is on the line, or nobody knows whether he is."""


def recheck(
    message: OutgoingMessage, history: CallerHistory, policy: Policy, now: dt.datetime, *, begun: bool = False
) -> Recheck:
    """What has become of a queued text's reasons.

    ``history.consent`` is the addressee's, the rest that of the caller whom it is about. Of what has ``begun`` a part
    has gone out: the rest follows while it is of use. Who only observes learns whether the text would have gone.
    """
    found = _recheck(message, history, policy, now, begun)
    if policy.observing and isinstance(found, Go) and message.kind is not MessageKind.TEST:  # a person asked for that
        return Cancel(reason=Reason.OBSERVED)
    return found


def _recheck(
    message: OutgoingMessage, history: CallerHistory, policy: Policy, now: dt.datetime, begun: bool
) -> Recheck:
    if now > message.not_before + lifetime(message.kind, policy):
        return Expire()
    if begun or message.kind is MessageKind.ACKNOWLEDGEMENT:
        return Go()
    if message.kind in (MessageKind.STAFF, MessageKind.TEST):
        return Cancel(reason=Reason.OPTED_OUT) if history.consent is Consent.OUT else Go()
    # What somebody wrote is to be read all the same, and what is about no caller, such as an alarm.
    of_a_call = message.about is not None and not message.of_a_reply
    served = history.served_until is not None and history.served_until > message.since
    if served and of_a_call:
        return Cancel(reason=Reason.ALREADY_SERVED)
    if history.consent is Consent.OUT:
        return Cancel(reason=Reason.OPTED_OUT)
    if history.on_the_line and of_a_call:
        return Wait(until=now + ON_THE_LINE_AGAIN)
    if message.kind is MessageKind.OWNER:
        return Go()
    if history.unwatched:
        return Wait(until=now + ON_THE_LINE_AGAIN)
    if reason := _against(message, history, policy, now):
        return Cancel(reason=reason)
    if (day := by_day(policy.office.plan(message.to), now, policy)) > now:
        return Wait(until=day, anew=True)
    return _at_a_guard(message, history.shut, policy, now) if history.shut else Go()


def _at_a_guard(message: OutgoingMessage, shut: Shut, policy: Policy, now: dt.datetime) -> Recheck:
    """What was decided on over a night is due in one minute: it leaves as the bounds let it. What was to leave at once
    waits for a guard no longer than for anything else.
    """
    reason = f"{Reason.GUARD}:{shut.guard}"
    if shut.guard is Guard.UNDECIDED:
        return Wait(until=shut.until, reason=reason)
    morning = by_day(policy.office.plan(message.to), message.since, policy)
    of_the_night = morning > message.since
    most = min(now + PATIENCE, morning + MORNING) if of_the_night else message.not_before + policy.stale_after
    return Expire(reason=reason) if shut.until > most else Wait(until=shut.until, reason=reason, anew=of_the_night)


def _against(message: OutgoingMessage, history: CallerHistory, policy: Policy, now: dt.datetime) -> Reason | None:
    """What has come up against a text to a caller since it was decided on: a list, a setting, a word."""
    if policy.is_own(message.to) or history.is_staff:
        return Reason.OWN_NUMBER
    if history.consent is Consent.HOLD:
        return Reason.ON_HOLD
    if policy.exclusions.covering(message.to, message.caller_name, history.excluded):
        return Reason.EXCLUDED
    plan = policy.office.plan(message.to)
    if silent := nobody_reads_there(plan, history) or in_another_country(plan, policy):
        return silent.reason
    # What is written while a text waits for the morning is a conversation, however long ago the morning finds it.
    wrote_since = history.wrote_at is not None and history.wrote_at > message.since
    if wrote_since or talking_by_text(history, policy, now):
        return Reason.ALREADY_SERVED
    return Reason.REPEAT if texted_lately(history, policy, now) else None


def lifetime(kind: MessageKind, policy: Policy) -> dt.timedelta:
    """How long after its time a text is still worth sending."""
    match kind:
        case MessageKind.ACKNOWLEDGEMENT:
            return ACKNOWLEDGE_WITHIN
        case MessageKind.CALLER:
            return policy.stale_after
        case MessageKind.TEST:
            return TEST_WITHIN
    return OWNER_WITHIN
