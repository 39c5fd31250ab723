"""What the policy needs to know of a number's past, in one value."""

import datetime as dt

from textbackd.core.outgoing import OutgoingMessage
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import CallerHistory
from textbackd.store import calls, live_calls, opt_outs, outbox
from textbackd.store.database import Transaction

MEMORY = dt.timedelta(days=30)


async def of_caller(tx: Transaction, number: E164, business: str, now: dt.datetime) -> CallerHistory:
    """For the decision about a call."""
    return CallerHistory(
        consent=await opt_outs.consent(tx, number),
        texts=await outbox.texts_to(tx, number, business, now - MEMORY),
        answered_at=await calls.last_answered(tx, number, now - MEMORY),
        on_the_line=await live_calls.on_the_line(tx, number),
    )


async def of_message(tx: Transaction, message: OutgoingMessage, now: dt.datetime) -> CallerHistory:
    """For the recheck of a queued text: the addressee's consent, the rest of the caller whom it is about."""
    caller = message.about or message.to
    return CallerHistory(
        consent=await opt_outs.consent(tx, message.to),
        texts=await outbox.texts_to(tx, message.to, message.business, now - MEMORY, besides=message.id),
        answered_at=await calls.last_answered(tx, caller, now - MEMORY),
        on_the_line=await live_calls.on_the_line(tx, caller),
    )
