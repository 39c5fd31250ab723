"""The shelf: messages as octets that lie with us instead of on a SIM, until they are taken in.

Parts of texts that are not whole yet, where their places on the SIM were needed, and what a modem hands out without
storing it.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence

from textbackd.store.database import Transaction, moment, stamp


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """One message."""

    id: int
    pdu: bytes
    seen_at: dt.datetime
    """When it was first seen, on the SIM or here."""


async def put(tx: Transaction, modem: str, pdu: bytes, seen_at: dt.datetime) -> None:
    """Keep a message of that modem's; one that lies here already stays as it is."""
    sql = "INSERT INTO shelf (modem, pdu, seen_at) VALUES (?1, ?2, ?3) ON CONFLICT (modem, pdu) DO NOTHING"
    await tx.run(sql, modem, pdu.hex(), stamp(seen_at))


async def of_modem(tx: Transaction, modem: str) -> Sequence[Shelved]:
    """What lies here of that modem's, the oldest first."""
    rows = await tx.all("SELECT * FROM shelf WHERE modem = ?1 ORDER BY id", modem)
    return [Shelved(id=row["id"], pdu=bytes.fromhex(row["pdu"]), seen_at=moment(row["seen_at"])) for row in rows]


async def take_off(tx: Transaction, shelved: Iterable[int]) -> None:
    """These need no place any more."""
    for one in shelved:
        await tx.run("DELETE FROM shelf WHERE id = ?1", one)
