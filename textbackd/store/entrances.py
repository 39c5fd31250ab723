"""Where calls begin on a PBX, so that a sysadmin finds the contexts and trunks that the configuration must name."""

import datetime as dt
from collections.abc import Sequence

from textbackd.store.database import Row, Transaction, stamp


async def count(
    tx: Transaction, pbx: str, context: str, line: str, calls: int, last_at: dt.datetime, *, inbound: bool
) -> None:
    """Count calls that began there."""
    await tx.run(
        "INSERT INTO entrances (pbx, context, line, inbound, calls, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT DO UPDATE SET calls = calls + ?5, last_at = max(last_at, ?6)",
        pbx,
        context,
        line,
        int(inbound),
        calls,
        stamp(last_at),
    )


async def from_outside(tx: Transaction, pbx: str) -> Sequence[tuple[str, str]]:
    """Context and line of the inbound ones."""
    rows = await tx.all("SELECT context, line FROM entrances WHERE pbx = ?1 AND inbound", pbx)
    return [(row["context"], row["line"]) for row in rows]


async def of_pbx(tx: Transaction, pbx: str) -> Sequence[Row]:
    """The entrances of a PBX, inbound ones first, busiest first."""
    return await tx.all("SELECT * FROM entrances WHERE pbx = ?1 ORDER BY inbound DESC, calls DESC, context, line", pbx)
