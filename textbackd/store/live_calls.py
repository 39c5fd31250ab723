"""Calls in the air: who is on the line now, or being called by the office; and what a restart has missed the end of."""

from collections.abc import Sequence

from textbackd.core.calls import LiveCall
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Transaction, moment, stamp


async def add(tx: Transaction, pbx: str, call: LiveCall, number: E164 | None) -> None:
    """Note that a call is in the air; noting it again changes nothing."""
    await tx.run(
        "INSERT INTO live_calls (pbx, call_id, caller, number, did, outbound, started_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT DO NOTHING",
        pbx,
        call.call_id,
        call.caller,
        number,
        call.did,
        int(call.outbound),
        stamp(call.started_at),
    )


async def set_did(tx: Transaction, pbx: str, call_id: str, did: str) -> None:
    """The number that the caller dialled became known; nothing where no such call is in the air."""
    await tx.run(
        "UPDATE live_calls SET did = ?3 WHERE pbx = ?1 AND call_id = ?2 AND NOT outbound AND did <> ?3",
        pbx,
        call_id,
        did,
    )


async def remove(tx: Transaction, pbx: str, call_id: str) -> None:
    """The call is over."""
    await tx.run("DELETE FROM live_calls WHERE pbx = ?1 AND call_id = ?2", pbx, call_id)


async def of_pbx(tx: Transaction, pbx: str) -> Sequence[LiveCall]:
    """What is in the air on one PBX."""
    rows = await tx.all("SELECT * FROM live_calls WHERE pbx = ?1 ORDER BY started_at", pbx)
    return [
        LiveCall(
            call_id=row["call_id"],
            caller=row["caller"],
            did=row["did"],
            started_at=moment(row["started_at"]),
            outbound=bool(row["outbound"]),
        )
        for row in rows
    ]


async def pbxes(tx: Transaction) -> Sequence[str]:
    """The PBXs that have calls in the air."""
    return [row["pbx"] for row in await tx.all("SELECT DISTINCT pbx FROM live_calls")]


async def is_calling(tx: Transaction, number: E164) -> bool:
    """Whether this number is calling the office at this moment."""
    return bool(await tx.value("SELECT EXISTS (SELECT 1 FROM live_calls WHERE number = ?1 AND NOT outbound)", number))


async def on_the_line(tx: Transaction, number: E164) -> bool:
    """Whether this number is calling, or being called, at this moment."""
    return bool(await tx.value("SELECT EXISTS (SELECT 1 FROM live_calls WHERE number = ?1)", number))
