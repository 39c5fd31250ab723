"""Who wants no texts. For all businesses: STOP to one is STOP to all."""

import datetime as dt
from collections.abc import Sequence

from textbackd.core.caller_history import Consent
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, Transaction, stamp


async def consent(tx: Transaction, number: E164) -> Consent | None:
    """What the number said; None where it said nothing."""
    state = await tx.value("SELECT state FROM opt_outs WHERE number = ?1", number)
    return Consent(state) if state else None


async def add(tx: Transaction, number: E164, state: Consent, source: str, now: dt.datetime) -> bool:
    """Note an opt-out; whether it is new. A firm one is never weakened to a doubtful one."""
    old = await consent(tx, number)
    if old is state or old is Consent.OUT:
        return False
    await tx.run(
        "INSERT INTO opt_outs (number, state, since, source) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (number) DO UPDATE SET state = ?2, since = ?3, source = ?4",
        number,
        state,
        stamp(now),
        source,
    )
    return True


async def remove(tx: Transaction, number: E164) -> bool:
    """Whether there was one."""
    return await tx.run("DELETE FROM opt_outs WHERE number = ?1", number) > 0


async def all_of_them(tx: Transaction) -> Sequence[Row]:
    """The whole list, newest first."""
    return await tx.all("SELECT * FROM opt_outs ORDER BY since DESC, number")
