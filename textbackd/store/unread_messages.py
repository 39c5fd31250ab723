"""What came and is no text: notices of picture messages, data, what nobody can decode. Each once, with its bytes."""

import datetime as dt
import hashlib

from textbackd.core.phone_numbers import E164
from textbackd.store.database import Transaction, stamp


async def add(
    tx: Transaction,
    *,
    modem: str,
    kind: str,
    sender: str,
    number: E164 | None,
    pdu: bytes,
    identity: bytes,
    now: dt.datetime,
) -> int | None:
    """Keep a message: its id, or None where one of that identity was kept before."""
    row = await tx.one(
        "INSERT INTO unread_messages (modem, kind, sender, number, pdu, received_at, fingerprint)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (fingerprint) DO NOTHING RETURNING id",
        modem,
        kind,
        sender,
        number,
        pdu.hex(),
        stamp(now),
        hashlib.sha256(identity).hexdigest(),
    )
    return None if row is None else int(row["id"])


async def put_into_lead(tx: Transaction, message_id: int, lead_id: int) -> None:
    """Say to which lead a message belongs."""
    await tx.run("UPDATE unread_messages SET lead_id = ?1 WHERE id = ?2", lead_id, message_id)
