"""Calls to the numbers of the SIMs themselves, where nobody answers."""

import datetime as dt

from textbackd.store.database import Transaction, stamp


async def add(tx: Transaction, *, modem: str, caller: str, lead_id: int, called_at: dt.datetime) -> None:
    """Keep a call that made a lead, or moved one."""
    await tx.run(
        "INSERT INTO calls_to_sims (modem, caller, lead_id, called_at) VALUES (?1, ?2, ?3, ?4)",
        modem,
        caller,
        lead_id,
        stamp(called_at),
    )


async def has_called(tx: Transaction, caller: str, since: dt.datetime) -> bool:
    """Whether that caller is on record since then; empty: any that is withheld."""
    sql = "SELECT EXISTS (SELECT 1 FROM calls_to_sims WHERE caller = ?1 AND called_at > ?2)"
    return bool(await tx.value(sql, caller, stamp(since)))
