"""Delivery reports that fit more than one part, kept until only one is left."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from textbackd.core.phone_numbers import E164
from textbackd.store.database import Transaction, moment, stamp
from textbackd.store.outbox_parts import REPORT_WINDOW


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """One of them."""

    id: int
    message_reference: int
    status: int
    """TP-ST."""
    arrived_at: dt.datetime


async def keep(tx: Transaction, number: E164, modem: str, reference: int, status: int, now: dt.datetime) -> None:
    """Keep a report once, for as long as another one may come that settles whose it is."""
    await tx.run("DELETE FROM kept_reports WHERE arrived_at < ?1", stamp(now - REPORT_WINDOW))
    await tx.run(
        "INSERT INTO kept_reports (number, modem, message_reference, status, arrived_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO NOTHING",
        number,
        modem,
        reference,
        status,
        stamp(now),
    )


async def about(tx: Transaction, number: E164, modem: str) -> Sequence[KeptReport]:
    """Those about texts of a modem to a number, in the order in which they came."""
    rows = await tx.all("SELECT * FROM kept_reports WHERE number = ?1 AND modem = ?2 ORDER BY id", number, modem)
    return [
        KeptReport(
            id=row["id"],
            message_reference=row["message_reference"],
            status=row["status"],
            arrived_at=moment(row["arrived_at"]),
        )
        for row in rows
    ]


async def drop(tx: Transaction, kept_id: int) -> None:
    """It is known whose it was."""
    await tx.run("DELETE FROM kept_reports WHERE id = ?1", kept_id)
