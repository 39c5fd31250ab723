"""What a report counts: calls by the thousand, a page at a time."""

import datetime as dt
from collections.abc import AsyncIterator

from textbackd.store.database import Row, Transaction, stamp

PAGE = 2000
"""Rows in memory at a time."""


async def calls_between(tx: Transaction, since: dt.datetime, until: dt.datetime) -> AsyncIterator[Row]:
    """The calls that began in [since, until), in the order in which they ended; none that ``simulate`` made up."""
    ended_at, last = stamp(since), 0
    while True:
        page = await tx.all(
            "SELECT id, started_at, ended_at, caller, number, withheld, did, did_label, outcome, hours, ring_seconds,"
            " wait_seconds, reason FROM calls WHERE (ended_at, id) > (?1, ?2) AND started_at >= ?3 AND started_at < ?4"
            " AND simulated = 0 ORDER BY ended_at, id LIMIT ?5",
            ended_at,
            last,
            stamp(since),
            stamp(until),
            PAGE,
        )
        for row in page:
            yield row
        if len(page) < PAGE:
            return
        ended_at, last = page[-1]["ended_at"], page[-1]["id"]


async def calls_texted_since(tx: Transaction, since: dt.datetime) -> frozenset[int]:
    """The rows of the calls whose caller was sent a text since then."""
    rows = await tx.all(
        "SELECT call_row FROM outbox WHERE kind = 'caller' AND sent_at >= ?1 AND call_row IS NOT NULL", stamp(since)
    )
    return frozenset(row["call_row"] for row in rows)
