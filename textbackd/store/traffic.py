"""What the guards count: texts and callers of the last day, over all businesses, over restarts."""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from textbackd.core import guards
from textbackd.core.guards import DAY, MINUTE, WINDOWS, Guard, Limits, Reading, Sent, Shut, Traffic
from textbackd.core.phone_numbers import E164
from textbackd.store import text_history
from textbackd.store.database import StoreError, Transaction, moment, stamp

MANY_TEXTS, MANY_CALLERS = 2000, 500
"""Where counting ends: no bound of the configuration on texts lies above 1000, on callers in a minute above 200."""

_CALLERS = (  # by itself SQLite would read through all numbers that ever called, to find each but once
    "FROM calls INDEXED BY calls_to_be_texted"
    " WHERE (decision = 'text' OR reason = 'guard') AND NOT simulated AND decided_at > ?1 AND decided_at <= ?2"
)
"""Those that were to be texted between two times, whether a guard kept it from them or not."""
_KEPT_BACK = "FROM calls WHERE reason = 'guard' AND NOT simulated AND detail = ?1"
"""What one guard refused."""
_WAITING = "FROM outbox WHERE state = 'queued' AND NOT simulated AND reason = 'guard:' || ?1"
"""What waits for one guard."""
_EXPIRED = "FROM outbox WHERE state = 'expired' AND NOT simulated AND reason = 'guard:' || ?1"
"""What one guard kept from leaving for too long."""
_NOT_LEFT = f"'held', 'queued', {text_history.CAME_TO_NOTHING}"
"""The states of texts that have not left."""


class Uncountable(StoreError):
    """What went out cannot be counted: a page of the file is damaged, or holds what nobody here wrote.

    SQLite changes nothing more in this transaction.
    """


async def seen_from(tx: Transaction, number: E164, now: dt.datetime, *, observing: bool = False) -> Traffic:
    """For the decision about a call of ``number``. While ``observing``, texts count that would have been sent.

    Raises Uncountable. A database that is locked is another matter: the call waits for it.
    """
    with _counting():
        cleared = await clearances(tx, now)
        return guards.traffic(
            number,
            await _sent(tx, text_history.CAME_TO_NOTHING, now, observing=observing),
            callers=await _callers(tx, number, max(now - MINUTE, cleared.get(Guard.SURGE, now - MINUTE)), now),
            replied=await _replied(tx, guards.prefix_of(number), len(number), now - DAY),
            cleared=cleared,
            now=now,
        )


async def shut_for(
    tx: Transaction, number: E164, limits: Limits, now: dt.datetime, *, observing: bool = False
) -> Shut | None:
    """What keeps a text to ``number`` from leaving now, by those that have left. Otherwise as ``seen_from``."""
    with _counting():
        return guards.shut_for(
            number,
            await _sent(tx, _NOT_LEFT, now, observing=observing),
            replied=await _replied(tx, guards.prefix_of(number), len(number), now - DAY),
            cleared=await clearances(tx, now),
            limits=limits,
            now=now,
        )


@contextlib.contextmanager
def _counting() -> Iterator[None]:
    """Tells what cannot be counted from what has to be waited for."""
    try:
        yield
    except sqlite3.OperationalError:
        raise
    except (sqlite3.DatabaseError, ValueError) as error:
        raise Uncountable(str(error)) from error


async def readings(tx: Transaction, limits: Limits, now: dt.datetime, *, observing: bool = False) -> Sequence[Reading]:
    """How far each guard is from its bound."""
    sent = await _sent(tx, text_history.CAME_TO_NOTHING, now, observing=observing)
    callers = await tx.all(
        f"SELECT number, max(decided_at) AS at {_CALLERS} GROUP BY number LIMIT ?3",
        stamp(now - MINUTE),
        stamp(now + MINUTE),
        MANY_CALLERS,
    )
    kinds = {(guards.prefix_of(text.number), len(text.number)) for text in sent}
    return guards.readings(
        sent,
        [Sent(E164(row["number"]), moment(row["at"])) for row in callers],
        replied={prefix for prefix, length in kinds if await _replied(tx, prefix, length, now - DAY)},
        cleared=await clearances(tx, now),
        limits=limits,
        now=now,
    )


async def kept_back(tx: Transaction, now: dt.datetime) -> Mapping[Guard, int]:
    """How many texts each guard refused or let expire within its window, or holds now."""
    counts = {}
    for guard, window in WINDOWS.items():
        sql = (
            f"SELECT (SELECT count(*) {_KEPT_BACK} AND decided_at > ?2)"
            f" + (SELECT count(*) {_EXPIRED} AND settled_at > ?2) + (SELECT count(*) {_WAITING})"
        )
        counts[guard] = int(await tx.value(sql, guard, stamp(now - window)))
    return counts


async def refused(tx: Transaction, now: dt.datetime) -> Mapping[Guard, dt.datetime]:
    """When each guard refused a text last or let one expire, if it has since a person let it forget; now, while one
    waits for it.
    """
    cleared, found = await clearances(tx, now), {}
    for guard in Guard:
        sql = (
            f"SELECT max(at) FROM (SELECT max(decided_at) AS at {_KEPT_BACK} AND decided_at > ?2 AND decided_at <= ?3"  # noqa: S608 - constants
            f" UNION ALL SELECT max(settled_at) {_EXPIRED} AND settled_at > ?2 AND settled_at <= ?3"
            f" UNION ALL SELECT ?3 WHERE EXISTS (SELECT 1 {_WAITING}))"
        )
        if last := await tx.value(sql, guard, stamp(cleared.get(guard, now - DAY)), stamp(now)):
            found[guard] = moment(last)
    return found


async def clearances(tx: Transaction, now: dt.datetime) -> Mapping[Guard, dt.datetime]:
    """When a person last let each guard forget, if that was in the last day; one in the future is of a clock that was
    set back, and would leave the guard open for as long.
    """
    rows = await tx.all(
        "SELECT guard, max(cleared_at) AS cleared_at FROM guard_clearances WHERE cleared_at BETWEEN ?1 AND ?2"
        " GROUP BY guard",
        stamp(now - DAY),
        stamp(now),
    )
    return {Guard(row["guard"]): moment(row["cleared_at"]) for row in rows}


async def clear(tx: Transaction, guard: Guard, now: dt.datetime) -> None:
    """Let a guard forget what it has counted, also what is dated later than now: the clock was set back."""
    await date_back(tx, now, now)
    await tx.run("INSERT INTO guard_clearances (guard, cleared_at) VALUES (?1, ?2)", guard, stamp(now))


async def any_ahead(tx: Transaction, now: dt.datetime) -> bool:
    """Whether a text is dated later than now, or a minute of it: the clock was set back."""
    value = await tx.value(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE kind = 'caller' AND counted_at > ?1)", stamp(now + MINUTE)
    )
    return bool(value)


async def date_back(tx: Transaction, now: dt.datetime, at: dt.datetime) -> None:
    """Count what is dated later than now as of ``at``: the clock ran ahead when it was. A clock that shows less than
    our first text is one that nobody has set, and dates nothing.
    """
    await tx.run(
        "UPDATE outbox SET counted_at = ?2 WHERE kind = 'caller' AND counted_at > ?1"
        " AND (SELECT min(counted_at) FROM outbox WHERE kind = 'caller') <= ?1",
        stamp(now),
        stamp(at),
    )


async def _sent(tx: Transaction, states: str, now: dt.datetime, *, observing: bool) -> Sequence[Sent]:
    """The texts of the last day, the newest first."""
    rows = await tx.all(
        "SELECT number, counted_at FROM outbox WHERE kind = 'caller' AND counted_at > ?1 AND NOT simulated"  # noqa: S608 - a constant
        f" AND (state NOT IN ({states}) OR (?2 AND reason = 'observed'))"
        " ORDER BY counted_at DESC LIMIT ?3",
        stamp(now - DAY),
        int(observing),
        MANY_TEXTS,
    )
    return [Sent(E164(row["number"]), moment(row["counted_at"])) for row in rows]


async def _callers(tx: Transaction, number: E164, since: dt.datetime, now: dt.datetime) -> int:
    """Different callers but this one that were to be texted, whether a guard kept it from them or not."""
    value = await tx.value(
        f"SELECT count(*) FROM (SELECT DISTINCT number {_CALLERS}"  # noqa: S608 - a constant
        " AND number <> ?3 LIMIT ?4)",
        stamp(since),
        stamp(now + MINUTE),
        number,
        MANY_CALLERS,
    )
    return int(value)


async def _replied(tx: Transaction, prefix: str, length: int, since: dt.datetime) -> bool:
    """Whether a number that lies there has written."""
    value = await tx.value(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE number BETWEEN ?1 AND ?2 AND length(number) = ?3"
        " AND received_at > ?4)",
        prefix + "0000",
        prefix + "9999",
        length,
        stamp(since),
    )
    return bool(value)
