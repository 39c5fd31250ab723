"""What the guards count: texts and callers of the last day, over all businesses, over restarts."""

import datetime as dt
from collections.abc import Mapping

from textbackd.core import guards
from textbackd.core.guards import DAY, MINUTE, Guard, Sent, Traffic
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Transaction, moment, stamp

MANY_CALLERS = 1000
"""So many different callers in a minute are enough: no bound lies above."""


async def seen_from(tx: Transaction, number: E164, now: dt.datetime, *, observing: bool = False) -> Traffic:
    """For the decision about a call of ``number``. While ``observing``, texts count that would have been sent."""
    cleared = await clearances(tx, now - DAY)
    rows = await tx.all(
        "SELECT number, created_at FROM outbox WHERE kind = 'caller' AND created_at > ?1 AND NOT simulated"
        " AND (state NOT IN ('failed', 'cancelled', 'expired') OR (?2 AND reason = 'observed'))",
        stamp(now - DAY),
        int(observing),
    )
    return guards.traffic(
        number,
        [Sent(E164(row["number"]), moment(row["created_at"])) for row in rows],
        callers=await _callers(tx, number, max(now - MINUTE, cleared.get(Guard.SURGE, now - MINUTE))),
        replied=await _replied(tx, number, now - DAY),
        cleared=cleared,
        now=now,
    )


async def clearances(tx: Transaction, since: dt.datetime) -> Mapping[Guard, dt.datetime]:
    """When a person last let each guard forget, if that was after ``since``."""
    rows = await tx.all(
        "SELECT guard, max(cleared_at) AS cleared_at FROM guard_clearances WHERE cleared_at > ?1 GROUP BY guard",
        stamp(since),
    )
    return {Guard(row["guard"]): moment(row["cleared_at"]) for row in rows}


async def clear(tx: Transaction, guard: Guard, now: dt.datetime) -> None:
    """Let a guard forget what it has counted."""
    await tx.run("INSERT INTO guard_clearances (guard, cleared_at) VALUES (?1, ?2)", guard, stamp(now))


async def _callers(tx: Transaction, number: E164, since: dt.datetime) -> int:
    """Different callers that were to be texted, whether a guard kept it from them or not."""
    value = await tx.value(
        "SELECT count(*) FROM (SELECT DISTINCT number FROM calls WHERE (decision = 'text' OR reason = 'guard')"
        " AND decided_at > ?1 AND number <> ?2 AND NOT simulated LIMIT ?3)",
        stamp(since),
        number,
        MANY_CALLERS,
    )
    return int(value)


async def _replied(tx: Transaction, number: E164, since: dt.datetime) -> bool:
    """Whether a number that lies together with this one has written."""
    first = guards.prefix_of(number)
    value = await tx.value(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE number BETWEEN ?1 AND ?2 AND length(number) = ?3"
        " AND received_at > ?4)",
        first + "0000",
        first + "9999",
        len(number),
        stamp(since),
    )
    return bool(value)
