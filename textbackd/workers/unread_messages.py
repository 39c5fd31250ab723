"""What becomes of a message that is no text: it is kept with its bytes, and then the SIM may lose it.

Of a picture message only the notice comes; whoever sent it is a lead, and is not answered by itself.
"""

import dataclasses
import datetime as dt

from textbackd.core import mms_notices, notifications
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.modem.modem import Unread, UnreadMessage
from textbackd.store import leads, outbox
from textbackd.store import unread_messages as store
from textbackd.store.database import Transaction, stamp
from textbackd.workers import owner_notices

READABLE_WITHIN = dt.timedelta(days=1)
"""A SIM that is busy, or whose contacts are bad, reads again within a day or not at all."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a message at this look."""

    done: bool
    """It is on record: the SIM may lose it."""
    unread_id: int | None = None
    """Where it is news."""


async def take(
    tx: Transaction, message: UnreadMessage, policy: Policy, modem: str, seen_at: dt.datetime, now: dt.datetime
) -> Taken:
    """Keep a message, once. ``seen_at``: when it was first seen in its place.

    One whose bytes could not be had stays for a day: nothing of it could be kept, and a later look may read it. After
    that it only takes a place, which is needed; that it was there is on record.
    """
    if not message.pdu and now - seen_at < READABLE_WITHIN:
        return Taken(done=False)
    notice = mms_notices.read(message.pdu) if message.kind is Unread.MMS else None
    sender = (notice.sender if notice else "") or message.sender
    if notice and notice.location:  # repeated until somebody fetches it, each time with another time in its bytes
        identity = f"{sender}\0{notice.location}".encode()
    else:
        identity = message.pdu or "\0".join((modem, message.place, stamp(seen_at))).encode()
    number = policy.office.e164(sender)
    row = await store.add(
        tx, modem=modem, kind=message.kind, sender=sender, number=number, pdu=message.pdu, identity=identity, now=now
    )
    if row is not None and notice and number and not policy.is_own(number):
        await _into_thread(tx, row, number, policy, now)
    return Taken(done=True, unread_id=row)


async def _into_thread(tx: Transaction, row: int, number: E164, policy: Policy, now: dt.datetime) -> None:
    lead = await leads.for_text(tx, await owner_notices.business_of(tx, policy, number), number, now)
    await store.put_into_lead(tx, row, lead.id)
    at = now.astimezone(policy.office.time_zone)
    text = notifications.picture(lead_id=lead.id, at=at, number=number)
    await owner_notices.queue(tx, policy, lead, text, outbox.OF_A_REPLY, now)
