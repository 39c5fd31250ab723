"""Until when each PBX was watched: what came later, nobody saw."""

import datetime as dt

from textbackd.store.database import Transaction, moment, stamp


async def is_up(tx: Transaction, pbx: str, at: dt.datetime) -> None:
    """The PBX is watched, and was so at ``at``."""
    await tx.run(
        "INSERT INTO links (pbx, up_until, watched) VALUES (?1, ?2, 1)"
        " ON CONFLICT (pbx) DO UPDATE SET up_until = ?2, watched = 1",
        pbx,
        stamp(at),
    )


async def is_down(tx: Transaction, pbx: str, at: dt.datetime) -> None:
    """The PBX is not watched since then."""
    await tx.run("UPDATE links SET up_until = ?2, watched = 0 WHERE pbx = ?1 AND watched", pbx, stamp(at))


async def all_are_down(tx: Transaction) -> None:
    """No PBX is watched yet."""
    await tx.run("UPDATE links SET watched = 0")


async def hides(tx: Transaction, message_id: int) -> bool:
    """Whether the PBX whose call a text is about is not watched: its caller may have got through meanwhile."""
    return bool(
        await tx.value(
            "SELECT EXISTS (SELECT 1 FROM outbox JOIN calls ON calls.id = outbox.call_row"
            " JOIN links ON links.pbx = calls.pbx WHERE outbox.id = ?1 AND NOT links.watched)",
            message_id,
        )
    )


async def up_until(tx: Transaction, pbx: str) -> dt.datetime | None:
    """When the link was last known to be up; None: never."""
    stamped = await tx.value("SELECT up_until FROM links WHERE pbx = ?1", pbx)
    return moment(stamped) if stamped else None
