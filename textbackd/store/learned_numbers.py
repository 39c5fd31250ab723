"""What became known of a number by itself: no text reaches it, or the staff has it. Forgotten in time.

The staff's are mobiles in E.164, and extensions as ``phone_numbers.unwrapped`` spells them.
"""

import datetime as dt
import enum
import json
from collections.abc import Collection, Sequence

from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, Transaction, stamp


class Learned(enum.StrEnum):
    """What is known of it."""

    UNDELIVERABLE = "undeliverable"
    """The network said for good that no text can be brought there: most are landlines."""
    STAFF = "staff"
    """The PBX was seen to ring it for callers, outside or as a phone of its own."""


A_DAY = dt.timedelta(days=1)
MEMORY = dt.timedelta(days=90)
"""A number that was ported, or has another holder, is tried again after so long."""


async def learn(tx: Transaction, number: E164, what: Learned, because: str, now: dt.datetime) -> None:
    """Keep it, for another while where it is known already."""
    await tx.run(
        "INSERT INTO learned_numbers (number, what, because, learned_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (number, what) DO UPDATE SET because = ?3, learned_at = ?4, expires_at = ?5",
        number,
        what,
        because,
        stamp(now),
        stamp(now + MEMORY),
    )


async def learn_extensions(tx: Transaction, extensions: Collection[str], because: str, now: dt.datetime) -> None:
    """Keep that these are the staff's; at most once a day, since a group of twenty may ring at each call."""
    await tx.run(
        "INSERT INTO learned_numbers (number, what, because, learned_at, expires_at)"
        " SELECT value, ?2, ?3, ?4, ?5 FROM json_each(?1) WHERE true"
        " ON CONFLICT (number, what) DO UPDATE SET because = ?3, learned_at = ?4, expires_at = ?5"
        " WHERE learned_at < ?6",
        json.dumps(sorted(extensions)),
        Learned.STAFF,
        because,
        stamp(now),
        stamp(now + MEMORY),
        stamp(now - A_DAY),
    )


async def forget(tx: Transaction, number: str, what: Learned) -> bool:
    """A person knows better, or the network does: whether there was something to forget."""
    return await tx.run("DELETE FROM learned_numbers WHERE number = ?1 AND what = ?2", number, what) > 0


async def about(tx: Transaction, number: str, what: Learned, now: dt.datetime) -> Row | None:
    """Why, since when and until when that is known of a number; None: it is not."""
    return await tx.one(
        "SELECT * FROM learned_numbers WHERE number = ?1 AND what = ?2 AND expires_at > ?3", number, what, stamp(now)
    )


async def of_number(tx: Transaction, number: str, now: dt.datetime) -> frozenset[Learned]:
    """What is known of a number and not forgotten yet."""
    rows = await tx.all("SELECT what FROM learned_numbers WHERE number = ?1 AND expires_at > ?2", number, stamp(now))
    return frozenset(Learned(row["what"]) for row in rows)


async def everything(tx: Transaction, now: dt.datetime) -> Sequence[Row]:
    """All that is known, by number."""
    return await tx.all("SELECT * FROM learned_numbers WHERE expires_at > ?1 ORDER BY number, what", stamp(now))
