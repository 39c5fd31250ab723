"""Texts that came in. Stored before they are deleted from the SIM, and each only once."""

import datetime as dt
import hashlib

from textbackd.core.opt_out import Wish
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Transaction, stamp


async def add(
    tx: Transaction,
    *,
    modem: str,
    sender: str,
    number: E164 | None,
    text: str,
    sent_at: dt.datetime,
    wish: Wish | None,
    now: dt.datetime,
) -> int | None:
    """Keep an incoming text: its id, or None where it was kept before (deleting failed, or the SIM gave it twice)."""
    fingerprint = hashlib.sha256("\0".join((sender, stamp(sent_at), text)).encode()).hexdigest()
    row = await tx.one(
        "INSERT INTO inbox (modem, sender, number, text, sent_at, received_at, fingerprint, wish)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (fingerprint) DO NOTHING RETURNING id",
        modem,
        sender,
        number,
        text,
        stamp(sent_at),
        stamp(now),
        fingerprint,
        wish or "",
    )
    return None if row is None else int(row["id"])


async def put_into_lead(tx: Transaction, inbox_id: int, lead_id: int) -> None:
    """Say to which lead a text belongs."""
    await tx.run("UPDATE inbox SET lead_id = ?1 WHERE id = ?2", lead_id, inbox_id)
