"""Who is never texted, besides those that the configuration names: added by hand, or imported."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence

from textbackd.core.exclusions import Exclusion, nearest
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, Transaction, stamp


async def covering(tx: Transaction, number: E164 | None, name: str) -> Exclusion | None:
    """What decides, of these, about a number or a caller's name."""
    return nearest(await all_covering(tx, number, name))


async def all_covering(tx: Transaction, number: str | None, name: str) -> Sequence[Exclusion]:
    """All that excludes a number, or the beginning of one, or a caller's name."""
    prefixes = [number[:length] for length in range(len(number), 1, -1)] if number else []
    rows = await tx.all(
        "SELECT * FROM exclusions WHERE number = ?1 OR prefix IN (SELECT value FROM json_each(?3)) OR name = ?2",
        number,
        name.casefold() or None,
        json.dumps(prefixes),
    )
    return [of_row(row) for row in rows]


def of_row(row: Row) -> Exclusion:
    """One of them, without its note."""
    return Exclusion(
        label=row["label"], number=row["number"], prefix=row["prefix"], name=row["name"], source=row["source"]
    )


async def add(tx: Transaction, exclusion: Exclusion, note: str, now: dt.datetime) -> bool:
    """Exclude somebody; a new label takes the place of the old one. Whether it is somebody new."""
    name = exclusion.name.casefold() if exclusion.name else None
    known = await tx.run(
        "UPDATE exclusions SET label = ?1, note = ?2, source = ?3, added_at = ?4"
        " WHERE number = ?5 OR prefix = ?6 OR name = ?7",
        exclusion.label,
        note,
        exclusion.source,
        stamp(now),
        exclusion.number,
        exclusion.prefix,
        name,
    )
    if known:
        return False
    await tx.run(
        "INSERT INTO exclusions (label, number, prefix, name, note, source, added_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        exclusion.label,
        exclusion.number,
        exclusion.prefix,
        name,
        note,
        exclusion.source,
        stamp(now),
    )
    return True


async def labels_of_numbers(tx: Transaction) -> Mapping[str, tuple[str, str]]:
    """Each number that is excluded by itself, with its label and its source."""
    rows = await tx.all("SELECT number, label, source FROM exclusions WHERE number IS NOT NULL")
    return {row["number"]: (row["label"], row["source"]) for row in rows}


async def add_numbers(tx: Transaction, entries: Iterable[tuple[E164, str, str]], source: str, now: dt.datetime) -> None:
    """Exclude numbers that are not there yet, by the thousand: each with its label and a note."""
    await tx.run(
        "INSERT INTO exclusions (number, label, note, source, added_at)"
        " SELECT value ->> 0, value ->> 1, value ->> 2, ?2, ?3 FROM json_each(?1)",
        json.dumps(list(entries)),
        source,
        stamp(now),
    )


async def remove(tx: Transaction, exclusion: Exclusion) -> bool:
    """Whether there was one; its label does not matter."""
    name = exclusion.name.casefold() if exclusion.name else None
    return (
        await tx.run(
            "DELETE FROM exclusions WHERE number = ?1 OR prefix = ?2 OR name = ?3",
            exclusion.number,
            exclusion.prefix,
            name,
        )
        > 0
    )


async def everybody(tx: Transaction) -> Sequence[Row]:
    """All of them, by label."""
    return await tx.all("SELECT * FROM exclusions ORDER BY label, number, prefix, name")
