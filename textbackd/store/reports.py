"""What a report counts: calls by the thousand, a page at a time."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence

from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, Transaction, moment, stamp

PAGE = 2000
"""Rows in memory at a time."""


async def calls_between(tx: Transaction, since: dt.datetime, until: dt.datetime) -> AsyncIterator[Row]:
    """The calls that began in [since, until), in the order in which they ended, each with state, final_reason and
    sent_at of its caller's text, if any; none that ``simulate`` made up.
    """
    ended_at, last = stamp(since), 0
    while True:
        page = await tx.all(
            "SELECT calls.id, started_at, ended_at, caller, calls.number, withheld, did, did_label, outcome, hours,"
            " ring_seconds, wait_seconds, calls.reason, outbox.state, outbox.reason AS final_reason, sent_at"
            " FROM calls LEFT JOIN outbox ON outbox.call_row = calls.id AND outbox.kind = 'caller'"
            " WHERE (ended_at, calls.id) > (?1, ?2) AND started_at >= ?3 AND started_at < ?4 AND calls.simulated = 0"
            " ORDER BY ended_at, calls.id LIMIT ?5",
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


async def last_calls_back(
    tx: Transaction, since: dt.datetime, until: dt.datetime
) -> Sequence[tuple[E164, dt.datetime]]:
    """The numbers at which somebody was reached in calls of the office that began in [since, until), and until when."""
    rows = await tx.all(
        "SELECT number, max(ended_at) AS ended_at FROM outside_calls"
        " WHERE started_at >= ?1 AND started_at < ?2 GROUP BY number",
        stamp(since),
        stamp(until),
    )
    return [(E164(row["number"]), moment(row["ended_at"])) for row in rows]


async def dids(tx: Transaction) -> Sequence[tuple[str, str]]:
    """Each DID that was ever called, with its label then."""
    rows = await tx.all("SELECT DISTINCT did, did_label FROM calls WHERE NOT simulated")
    return [(row["did"], row["did_label"]) for row in rows]


async def texts_waiting(tx: Transaction) -> dict[str, int]:
    """How many texts there are in each state that is not their last: held, queued, sending, unknown."""
    states = ("held", "queued", "sending", "unknown")
    rows = await tx.all(
        "SELECT state, count(*) AS texts FROM outbox WHERE state IN (?1, ?2, ?3, ?4) GROUP BY state", *states
    )
    return dict.fromkeys(states, 0) | {row["state"]: row["texts"] for row in rows}
