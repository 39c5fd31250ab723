"""What the policy needs to know of a number's past, in one value."""

import datetime as dt

from textbackd.core.outgoing import OutgoingMessage
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import CallerHistory, Policy
from textbackd.store import calls, links, live_calls, opt_outs, outbox, outside_calls
from textbackd.store.database import Transaction

MEMORY = dt.timedelta(days=30)


async def of_caller(tx: Transaction, number: E164, business: str, policy: Policy, now: dt.datetime) -> CallerHistory:
    """For the decision about a call."""
    return CallerHistory(
        consent=await opt_outs.consent(tx, number),
        texts=await outbox.texts_to(tx, number, business, now - MEMORY, observing=policy.observing),
        served_until=await _answered(tx, number, policy, now),
        on_the_line=await live_calls.on_the_line(tx, number),
    )


async def of_message(tx: Transaction, message: OutgoingMessage, policy: Policy, now: dt.datetime) -> CallerHistory:
    """For the recheck of a queued text: the addressee's consent, the rest of the caller whom it is about."""
    caller, since = message.about or message.to, now - MEMORY
    return CallerHistory(
        consent=await opt_outs.consent(tx, message.to),
        texts=await outbox.texts_to(
            tx, message.to, message.business, since, besides=message.id, observing=policy.observing
        ),
        served_until=await _answered(tx, caller, policy, now),
        on_the_line=await live_calls.on_the_line(tx, caller),
        unwatched=await links.hides(tx, message.id),
    )


async def _answered(tx: Transaction, number: E164, policy: Policy, now: dt.datetime) -> dt.datetime | None:
    """Until when the number was last on the line with a person of ours, whoever rang whom."""
    since = now - MEMORY
    inbound = await calls.last_answered(tx, number, since, policy.minimum_talk)
    outbound = await outside_calls.last_answered(tx, number, since)
    return max((at for at in (inbound, outbound) if at), default=None)
