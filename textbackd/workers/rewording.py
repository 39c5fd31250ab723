"""Words that were true when a text was decided on and are not when it leaves.

A text that says *closed until 9:00* may leave at 10:00: a bound on texts, the quiet hours, a modem that was gone or a
person held it back.
"""

import dataclasses
import datetime as dt

import structlog

from textbackd.core import sms_text, templates
from textbackd.core.outgoing import OutgoingMessage
from textbackd.core.policy import Policy
from textbackd.store import calls, outbox, outbox_parts, text_history
from textbackd.store.database import Transaction

log = structlog.get_logger()


async def reword(tx: Transaction, message: OutgoingMessage, policy: Policy, now: dt.datetime) -> OutgoingMessage:
    """A text about a missed call, of which no part has gone out, with the words that are to be said of it now, which
    mostly are its own.

    It keeps its own where the number that was dialled is no longer that of its business, whose name they say.
    """
    row = await text_history.get(tx, message.id)
    if row is None or row["call_row"] is None:
        return message
    office = policy.office
    call = await calls.get(tx, row["call_row"], office)
    chosen = templates.choose(call, office, now, returning=bool(row["called_before"]))
    if chosen.text == message.text or office.business(call.did.business).name != message.business:
        return message
    if await outbox_parts.states(tx, message.id):
        await outbox_parts.begin_copy(tx, message.id, message.to, len(sms_text.split(chosen.text)))
    await outbox.reword(tx, message, chosen.text, chosen.template.name, chosen.refused, now)
    log.info("text_reworded", message_id=message.id, template=chosen.template.name)
    return dataclasses.replace(message, text=chosen.text)
