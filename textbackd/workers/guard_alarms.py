"""Guards to alarms: that texts are kept back is told once for an attack, however many guards and prefixes it trips.

It begins in the transaction of the call that was refused, or of the text that was held, and is over when nothing was
refused for a while.
"""

import contextlib
import datetime as dt
from collections.abc import Callable

import structlog

from textbackd.core import guards
from textbackd.core.alarms import AlarmKind
from textbackd.core.guards import HOUR, Guard, Limits, Traffic
from textbackd.core.outgoing import OutgoingMessage
from textbackd.core.phone_numbers import E164
from textbackd.core.reasons import Reason
from textbackd.core.recheck import Expire, Recheck, Wait
from textbackd.store import alarms, text_history, traffic
from textbackd.store.database import Database, StoreUnavailable, Transaction
from textbackd.workers.bell import Bell

log = structlog.get_logger()

POLL = 60.0
"""Seconds: calm takes an hour at least."""


async def refuse(
    tx: Transaction, guard: Guard, number: E164, seen: Traffic | None, limits: Limits, now: dt.datetime
) -> None:
    """A guard has kept a text to ``number`` back."""
    await alarms.raise_(tx, AlarmKind.GUARD_TRIPPED, "", guards.refusal(guard, number, seen, limits), now)


async def mind(tx: Transaction, message: OutgoingMessage, found: Recheck, now: dt.datetime) -> None:
    """Say it where a guard keeps a text that was decided on from leaving."""
    reason, _, name = found.reason.partition(":") if isinstance(found, Wait | Expire) else ("", "", "")
    if reason != Reason.GUARD or message.simulated:
        return
    guard = Guard(name)
    words = guards.in_words(guard, guards.prefix_of(message.to))
    await alarms.raise_(tx, AlarmKind.GUARD_TRIPPED, "", f"{guard}, at sending: {words}", now)


async def keep_notice_back(tx: Transaction, most: int, now: dt.datetime) -> None:
    """An owner is not told of one more missed call."""
    detail = f"notices: {most} texts in an hour to an owner; textbackd leads has the other callers"
    await alarms.raise_(tx, AlarmKind.GUARD_TRIPPED, "", detail, now)


async def end_if_calm(tx: Transaction, now: dt.datetime) -> None:
    """The attack is over, or a person has let the guards forget it."""
    if await _is_over(tx, now):
        await alarms.clear(tx, AlarmKind.GUARD_TRIPPED, "", now)


async def _is_over(tx: Transaction, now: dt.datetime) -> bool:
    if not await alarms.is_open(tx, AlarmKind.GUARD_TRIPPED, ""):
        return False
    calm_at = guards.calm_at(await traffic.refused(tx, now))
    kept_back_at = await text_history.notice_kept_back_at(tx, now)
    return (calm_at is None or calm_at <= now) and (kept_back_at is None or kept_back_at + HOUR <= now)


class GuardAlarms:
    """Ends the alarm when it is calm, and the bounds that a clock which ran ahead would keep shut."""

    def __init__(self, database: Database, utc_now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._utc_now = utc_now
        self._ahead_since: dt.datetime | None = None
        """Since when texts are dated later than the clock shows."""

    async def run(self, tick: Callable[[], None]) -> None:
        """Look for ever. ``tick`` says that this loop is not stuck."""
        bell = Bell()
        while True:
            tick()
            with contextlib.suppress(StoreUnavailable):  # the watch over the database says it
                await self.step()
            await bell.wait(POLL)

    async def step(self) -> None:
        """Look once, and write only where there is something to write. Raises StoreUnavailable."""
        now = self._utc_now()
        async with self._database.reading() as tx:
            over, ahead = await _is_over(tx, now), await traffic.any_ahead(tx, now)
        if over:
            async with self._database.transaction() as tx:
                await end_if_calm(tx, now)
        await self._mind_the_clock(now, ahead=ahead)

    async def _mind_the_clock(self, now: dt.datetime, *, ahead: bool) -> None:
        """Whichever clock was wrong, texts of the future count. After an hour it was the one that is no more: they
        count as of when that was noticed, so that each bound opens within its time.
        """
        if not ahead:
            self._ahead_since = None
        elif self._ahead_since is None or self._ahead_since > now:
            self._ahead_since = now
        elif now - self._ahead_since >= HOUR:
            async with self._database.transaction() as tx:
                await traffic.date_back(tx, now, self._ahead_since)
            log.warning("texts_dated_back", since=self._ahead_since.isoformat())
