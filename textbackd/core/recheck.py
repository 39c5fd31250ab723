"""Whether a queued text should still go: asked when it is about to leave.

Between the decision and this moment its caller may have said STOP, rung again, or reached a person.
"""

import dataclasses
import datetime as dt

from textbackd.core.outgoing import MessageKind, OutgoingMessage
from textbackd.core.policy import CallerHistory, Consent, Policy, Reason, texted_lately

ACKNOWLEDGE_WITHIN = dt.timedelta(minutes=5)
"""A confirmation of STOP goes at once or never (47 CFR 64.1200(a)(12))."""
OWNER_WITHIN = dt.timedelta(hours=24)
"""A lead is still news to the owner the next morning."""
TEST_WITHIN = dt.timedelta(minutes=15)
"""Whoever asked has gone away by then."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """Send it now."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Ask again then."""

    until: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """It is not needed, or not wanted, any more."""

    reason: Reason


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """It has waited too long."""

    reason: Reason = Reason.STALE


Recheck = Go | Wait | Cancel | Expire

ON_THE_LINE_AGAIN = dt.timedelta(seconds=2)
"""How soon to ask again while the caller is on the line, or nobody knows whether he is."""


def recheck(message: OutgoingMessage, history: CallerHistory, policy: Policy, now: dt.datetime) -> Recheck:
    """What has become of a queued text's reasons.

    ``history.consent`` is the addressee's, the rest that of the caller whom it is about. Who only observes learns
    whether the text would have gone.
    """
    found = _recheck(message, history, policy, now)
    if policy.observing and isinstance(found, Go) and message.kind is not MessageKind.TEST:  # a person asked for that
        return Cancel(reason=Reason.OBSERVED)
    return found


def _recheck(message: OutgoingMessage, history: CallerHistory, policy: Policy, now: dt.datetime) -> Recheck:
    if now > message.not_before + lifetime(message.kind, policy):
        return Expire()
    if message.kind in (MessageKind.ACKNOWLEDGEMENT, MessageKind.STAFF, MessageKind.TEST):
        return Go()
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
    if history.consent is Consent.HOLD:
        return Cancel(reason=Reason.ON_HOLD)
    if history.unwatched:
        return Wait(until=now + ON_THE_LINE_AGAIN)
    if texted_lately(history, policy, now):
        return Cancel(reason=Reason.REPEAT)
    return Go()


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
