"""What the outbox tells of the texts that were made, whatever became of them. Changes nothing."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from textbackd.core.guards import HOUR
from textbackd.core.phone_numbers import E164
from textbackd.core.reasons import Reason
from textbackd.store.database import Row, Transaction, moment, stamp

CAME_TO_NOTHING = "'failed', 'cancelled', 'expired'"
"""The states of texts that came to nothing; all others have left, or are to."""


async def get(tx: Transaction, message_id: int) -> Row | None:
    """One text."""
    return await tx.one("SELECT * FROM outbox WHERE id = ?1", message_id)


async def latest(tx: Transaction, most: int) -> Sequence[Row]:
    """The last texts, newest first."""
    return await tx.all("SELECT * FROM outbox ORDER BY id DESC LIMIT ?1", most)


async def latest_of(tx: Transaction, template: str, modem: str) -> Row | None:
    """The last text of a template that only that modem may send."""
    return await tx.one(
        "SELECT * FROM outbox WHERE template = ?1 AND for_modem = ?2 ORDER BY id DESC LIMIT 1", template, modem
    )


async def of_call(tx: Transaction, call_row: int) -> Sequence[Row]:
    """The texts that one call made."""
    return await tx.all("SELECT * FROM outbox WHERE call_row = ?1 ORDER BY id", call_row)


async def changes(tx: Transaction, message_id: int) -> Sequence[Row]:
    """What happened to a text, in order."""
    return await tx.all("SELECT * FROM outbox_changes WHERE message_id = ?1 ORDER BY at, rowid", message_id)


def passed_over(text: Row) -> Sequence[tuple[str, str]]:
    """The templates that would have come before the text's own, each with what spoke against it."""
    return [(template, why) for template, why in json.loads(text["passed_over"])]


def as_told(text: Row) -> dict[str, Any]:
    """A text as JSON has it."""
    return dict(text) | {"passed_over": dict(passed_over(text))}


async def texts_to(
    tx: Transaction, number: E164, business: str, since: dt.datetime, *, besides: int = 0, observing: bool = False
) -> tuple[dt.datetime, ...]:
    """When texts for missed calls left for a number and business, and when those were made that wait to leave; what
    came to nothing does not count.

    While ``observing``, those count that would have been sent.
    """
    rows = await tx.all(
        "SELECT counted_at FROM outbox WHERE number = ?1 AND business = ?2 AND kind = 'caller' AND counted_at > ?3"  # noqa: S608 - a constant
        f" AND (state NOT IN ({CAME_TO_NOTHING}) OR (?5 AND state = 'cancelled' AND reason = 'observed'))"
        " AND NOT simulated AND id <> ?4 ORDER BY counted_at",
        number,
        business,
        stamp(since),
        besides,
        int(observing),
    )
    return tuple(moment(row["counted_at"]) for row in rows)


async def last_words(tx: Transaction, number: E164, since: dt.datetime) -> dt.datetime | None:
    """When one of the staff last wrote to a number, after ``since``."""
    stamped = await tx.value(
        "SELECT max(created_at) FROM outbox WHERE number = ?1 AND created_at > ?2 AND kind = 'staff'"  # noqa: S608 - a constant
        f" AND state NOT IN ({CAME_TO_NOTHING})",
        number,
        stamp(since),
    )
    return moment(stamped) if stamped else None


async def last_business(tx: Transaction, number: E164) -> str | None:
    """The business that texted a number last."""
    value = await tx.value(
        "SELECT business FROM outbox WHERE number = ?1 AND kind IN ('caller', 'staff') ORDER BY id DESC LIMIT 1", number
    )
    return str(value) if value is not None else None


async def acknowledgements_since(tx: Transaction, number: E164, since: dt.datetime) -> int:
    """How often a number was answered automatically."""
    value = await tx.value(
        "SELECT count(*) FROM outbox WHERE number = ?1 AND kind = 'acknowledgement' AND created_at > ?2",
        number,
        stamp(since),
    )
    return int(value)


async def notices_to(tx: Transaction, owner: E164, now: dt.datetime, most: int) -> int:
    """How many texts about missed calls an owner was to get in the last hour, counted up to ``most``.

    What lies further ahead than that is of a clock that was wrong, and would keep him from reading for as long.
    """
    value = await tx.value(
        "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE number = ?1 AND created_at > ?2 AND created_at <= ?4"
        " AND kind = 'owner' AND state <> 'cancelled' AND call_row IS NOT NULL LIMIT ?3)",
        owner,
        stamp(now - HOUR),
        most,
        stamp(now + HOUR),
    )
    return int(value)


async def notice_kept_back_at(tx: Transaction, now: dt.datetime) -> dt.datetime | None:
    """When an owner was last, until ``now``, not told of a missed call because there were too many."""
    stamped = await tx.value(
        "SELECT max(created_at) FROM outbox WHERE reason = ?1 AND created_at <= ?2", Reason.GUARD, stamp(now)
    )
    return moment(stamped) if stamped else None
