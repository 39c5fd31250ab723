"""What became of the texts that each modem was given: by that it is judged."""

import datetime as dt

from textbackd.store.database import Transaction, moment, stamp

WORTH_SETTLING = dt.timedelta(days=2)
"""A text of unknown fate older than this is settled by nobody: no report comes any more, and it is no news."""


async def count_unknown(tx: Transaction, modem: str, now: dt.datetime) -> int:
    """The texts of a modem of which nobody knows whether they went out, and that a person might still send."""
    value = await tx.value(
        "SELECT count(*) FROM outbox WHERE state = 'unknown' AND modem = ?1 AND settled_at > ?2",
        modem,
        stamp(now - WORTH_SETTLING),
    )
    return int(value)


async def last_sent_at(tx: Transaction, modem: str) -> dt.datetime | None:
    """When the network last took a text of a modem."""
    value = await tx.value("SELECT max(sent_at) FROM outbox WHERE modem = ?1", modem)
    return moment(value) if value else None


async def last_claimed_at(tx: Transaction, modem: str) -> dt.datetime | None:
    """When a modem last tried to send a text."""
    value = await tx.value("SELECT max(at) FROM outbox_changes WHERE event = 'claimed' AND detail = ?1", modem)
    return moment(value) if value else None


async def in_vain_since(tx: Transaction, modem: str, numbers: int) -> dt.datetime | None:
    """When a modem that sends nothing any more began to fail; None while it has not failed at so many numbers.

    A text was refused, could not be sent, or is of unknown fate; and no part of any has got out since.
    """
    value = await tx.value(
        "SELECT min(claim.at) FROM outbox_changes AS claim"
        " JOIN outbox ON outbox.id = claim.message_id WHERE claim.event = 'claimed' AND claim.detail = ?1"
        " AND claim.at > coalesce((SELECT submitted_at FROM outbox_parts WHERE modem = ?1"
        "  AND state IN ('accepted', 'delivered', 'undeliverable') ORDER BY submitted_at DESC LIMIT 1), '')"
        " AND (SELECT event FROM outbox_changes AS next WHERE next.message_id = claim.message_id"
        "  AND next.rowid > claim.rowid ORDER BY next.rowid LIMIT 1) IN ('not sent', 'refused', 'no answer')"
        " HAVING count(DISTINCT outbox.number) >= ?2",
        modem,
        numbers,
    )
    return moment(value) if value else None
