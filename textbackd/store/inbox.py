"""Texts that came in. Stored before they are deleted from the SIM, and each only once."""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Sequence

from textbackd.core.joined_texts import PARTS_WITHIN
from textbackd.core.opt_out import Wish
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, Transaction, moment, stamp


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text as far as it has come."""

    sender: str
    """As the network gave it."""
    sent_at: dt.datetime
    """Of the first part that is there."""
    text: str
    concatenation: str = ""
    """What its parts have in common: reference/of; empty for a text of one part."""
    missing: tuple[int, ...] = ()
    """The numbers of the parts that have not come."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A text on record."""

    id: int
    words: Words
    received_at: dt.datetime
    """When it was first kept, whole or not."""
    wish: Wish | None


async def add(
    tx: Transaction, words: Words, *, modem: str, number: E164 | None, wish: Wish | None, now: dt.datetime
) -> int:
    """Keep a text that is not on record yet: its id."""
    row = await tx.one(
        "INSERT INTO inbox (modem, sender, number, text, sent_at, received_at, fingerprint, concatenation, missing,"
        " wish) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
        modem,
        words.sender,
        number,
        words.text,
        stamp(words.sent_at),
        stamp(now),
        _fingerprint(words),
        words.concatenation,
        json.dumps(words.missing),
        wish or "",
    )
    assert row is not None
    return int(row["id"])


async def same(tx: Transaction, words: Words) -> Kept | None:
    """The very text, where it was kept before: deleting it failed, or the SIM gave it twice."""
    row = await tx.one("SELECT * FROM inbox WHERE fingerprint = ?1", _fingerprint(words))
    return None if row is None else _kept(row)


async def akin(tx: Transaction, words: Words) -> Sequence[Kept]:
    """What may be the same text with more parts, or with fewer, the latest first."""
    if not words.concatenation:
        return ()
    rows = await tx.all(
        "SELECT * FROM inbox WHERE sender = ?1 AND concatenation = ?2 AND concatenation <> ''"
        " AND sent_at BETWEEN ?3 AND ?4 ORDER BY id DESC",
        words.sender,
        words.concatenation,
        stamp(words.sent_at - PARTS_WITHIN),
        stamp(words.sent_at + PARTS_WITHIN),
    )
    return [_kept(row) for row in rows]


async def complete(tx: Transaction, inbox_id: int, words: Words, wish: Wish | None) -> None:
    """More parts of a text have come, perhaps all."""
    await tx.run(
        "UPDATE inbox SET text = ?2, sent_at = ?3, fingerprint = ?4, missing = ?5, wish = ?6 WHERE id = ?1",
        inbox_id,
        words.text,
        stamp(words.sent_at),
        _fingerprint(words),
        json.dumps(words.missing),
        wish or "",
    )


async def put_into_lead(tx: Transaction, inbox_id: int, lead_id: int) -> None:
    """Say to which lead a text belongs."""
    await tx.run("UPDATE inbox SET lead_id = ?1 WHERE id = ?2", lead_id, inbox_id)


async def has_come(tx: Transaction, number: E164, text: str, since: dt.datetime) -> bool:
    """Whether that very text came from that number."""
    sql = "SELECT EXISTS (SELECT 1 FROM inbox WHERE number = ?1 AND received_at >= ?2 AND text = ?3)"
    return bool(await tx.value(sql, number, stamp(since), text))


def _fingerprint(words: Words) -> str:
    return hashlib.sha256("\0".join((words.sender, stamp(words.sent_at), words.text)).encode()).hexdigest()


def _kept(row: Row) -> Kept:
    return Kept(
        id=row["id"],
        words=Words(
            sender=row["sender"],
            sent_at=moment(row["sent_at"]),
            text=row["text"],
            concatenation=row["concatenation"],
            missing=tuple(json.loads(row["missing"])),
        ),
        received_at=moment(row["received_at"]),
        wish=Wish(row["wish"]) if row["wish"] else None,
    )


async def last_words(tx: Transaction, number: E164, since: dt.datetime) -> dt.datetime | None:
    """When a number last wrote to us, after ``since``; STOP, START and HELP are no words to us."""
    stamped = await tx.value(
        "SELECT max(received_at) FROM inbox WHERE number = ?1 AND received_at > ?2 AND wish = ''", number, stamp(since)
    )
    return moment(stamped) if stamped else None
