"""What the policy needs to know of a number's past, in one value."""

import datetime as dt

from textbackd.core.caller_history import CallerHistory
from textbackd.core.guards import MINUTE, Guard, Shut
from textbackd.core.outgoing import MessageKind, OutgoingMessage
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.store import (
    calls,
    exclusions,
    inbox,
    leads,
    learned_numbers,
    links,
    live_calls,
    opt_outs,
    outside_calls,
    text_history,
    traffic,
)
from textbackd.store.database import Transaction
from textbackd.store.learned_numbers import Learned

MEMORY = dt.timedelta(days=30)


async def of_caller(
    tx: Transaction,
    number: E164,
    name: str,
    business: str,
    policy: Policy,
    now: dt.datetime,
    *,
    counting: bool = True,
) -> CallerHistory:
    """For the decision about a call; ``name`` is the caller's as the PBX shows it.

    Without ``counting`` what went out is left unknown; with it, raises traffic.Uncountable.
    """
    learned = await learned_numbers.of_number(tx, number, now)
    return CallerHistory(
        plan=policy.office.plan(number),
        consent=await opt_outs.consent(tx, number),
        is_staff=Learned.STAFF in learned,
        excluded=await exclusions.covering(tx, number, name),
        undeliverable=Learned.UNDELIVERABLE in learned,
        wrote_at=await _wrote(tx, number, now - policy.conversation),
        traffic=await traffic.seen_from(tx, number, now, observing=policy.observing) if counting else None,
        texts=await text_history.texts_to(tx, number, business, now - MEMORY, observing=policy.observing),
        served_until=await _answered(tx, number, policy, now),
        on_the_line=await live_calls.on_the_line(tx, number),
        returning=await leads.is_returning(tx, number, business),
    )


async def of_message(
    tx: Transaction, message: OutgoingMessage, policy: Policy, now: dt.datetime, *, counting: bool = True
) -> CallerHistory:
    """For the recheck of a queued text: the addressee's consent, the rest of the caller whom it is about.

    Without ``counting`` no text passes the guards; with it, raises traffic.Uncountable.
    """
    shut = None
    if message.kind is MessageKind.CALLER:
        shut = Shut(guard=Guard.UNDECIDED, until=now + MINUTE)
        if counting:
            shut = await traffic.shut_for(tx, message.to, policy.guards, now, observing=policy.observing)
    caller, since = message.about or message.to, now - MEMORY
    learned = await learned_numbers.of_number(tx, message.to, now)
    return CallerHistory(
        consent=await opt_outs.consent(tx, message.to),
        is_staff=Learned.STAFF in learned,
        excluded=await exclusions.covering(tx, message.to, message.caller_name),
        undeliverable=Learned.UNDELIVERABLE in learned,
        wrote_at=await _wrote(tx, caller, min(message.since, now - policy.conversation)),
        texts=await text_history.texts_to(
            tx, message.to, message.business, since, besides=message.id, observing=policy.observing
        ),
        served_until=await _answered(tx, caller, policy, now),
        on_the_line=await live_calls.on_the_line(tx, caller),
        unwatched=await links.hides(tx, message.id),
        shut=shut,
    )


async def _wrote(tx: Transaction, number: E164, since: dt.datetime) -> dt.datetime | None:
    """When the number last wrote to us, or one of the staff to it, after ``since``."""
    came, went = await inbox.last_words(tx, number, since), await text_history.last_words(tx, number, since)
    return max((at for at in (came, went) if at), default=None)


async def _answered(tx: Transaction, number: E164, policy: Policy, now: dt.datetime) -> dt.datetime | None:
    """Until when the number was last on the line with a person of ours, whoever rang whom."""
    since = now - MEMORY
    inbound = await calls.last_answered(tx, number, since, policy.minimum_talk)
    outbound = await outside_calls.last_answered(tx, number, since)
    return max((at for at in (inbound, outbound) if at), default=None)
