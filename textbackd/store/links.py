"""Until when each PBX was watched: what came later, nobody saw."""

import datetime as dt

from textbackd.store.database import Transaction, moment, stamp


async def was_up(tx: Transaction, pbx: str, at: dt.datetime) -> None:
    """The link to a PBX was up then."""
    await tx.run(
        "INSERT INTO links (pbx, up_until) VALUES (?1, ?2) ON CONFLICT (pbx) DO UPDATE SET up_until = ?2",
        pbx,
        stamp(at),
    )


async def up_until(tx: Transaction, pbx: str) -> dt.datetime | None:
    """When the link was last known to be up; None: never."""
    stamped = await tx.value("SELECT up_until FROM links WHERE pbx = ?1", pbx)
    return moment(stamped) if stamped else None
