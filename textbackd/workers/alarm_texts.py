"""Alarms by SMS: what neither mail nor webhook could tell in its time goes to the owners, where a modem still works.
Some kinds always go.

A row in the outbox and the record of it are one transaction: nobody is texted twice.
"""

import datetime as dt
from collections.abc import Callable, Collection

import structlog

from textbackd.core import alarms as rules
from textbackd.core.alarms import AlarmKind, Channel, Telling
from textbackd.core.outgoing import MessageKind
from textbackd.core.policy import PolicyNow
from textbackd.store import alarms, outbox
from textbackd.store.database import Database, StoreUnavailable, Transaction
from textbackd.workers.bell import Bell

log = structlog.get_logger()

POLL = 5.0
"""Seconds."""


class AlarmTexts:
    """Queues the owners' texts about alarms."""

    def __init__(
        self,
        modems: Collection[str],
        database: Database,
        policy: PolicyNow,
        wrote: Callable[[], None],
        utc_now: Callable[[], dt.datetime],
        *,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """``modems``: the names of all; ``wrote`` hears that there is a text to send; ``wanted``: owners are texted."""
        self._modems = modems
        self._database = database
        self._policy = policy
        self._wrote = wrote
        self._utc_now = utc_now
        self._wanted = wanted

    async def run(self, tick: Callable[[], None]) -> None:
        """Queue for ever. ``tick`` says that this loop is not stuck."""
        bell = Bell()
        while True:
            tick()
            try:
                queued = await self.step()
            except StoreUnavailable:
                queued = False  # the watch over the database says it
            if not queued:
                await bell.wait(POLL)

    async def step(self) -> bool:
        """Queue the texts about one alarm: whether there was one. Raises StoreUnavailable."""
        if not self._wanted():
            return False
        now = self._utc_now()
        async with self._database.reading() as tx:
            telling = await self._next(tx, now)
        if telling is None:
            return False
        async with self._database.transaction() as tx:
            await self._queue(tx, telling, now)
            await alarms.told(tx, telling, Channel.SMS, now)
        log.info("alarm_texted", kind=telling.alarm.kind, subject=telling.alarm.subject, news=telling.news)
        self._wrote()
        return True

    async def _next(self, tx: Transaction, now: dt.datetime) -> Telling | None:
        if not rules.can_text(self._modems, await alarms.conditions(tx), now):
            return None
        return await alarms.next_to_text(tx, now)

    async def _queue(self, tx: Transaction, telling: Telling, now: dt.datetime) -> None:
        """One text for each owner, though he may own several businesses; not by the modem that it is about."""
        office = self._policy().office
        owners = {owner: business.name for business in reversed(office.businesses) for owner in business.owners}
        text = rules.text_message(telling, office.time_zone)
        about = "" if telling.alarm.kind is AlarmKind.PBX_DOWN else telling.alarm.subject
        for owner, business in owners.items():
            draft = outbox.Draft(
                kind=MessageKind.OWNER,
                business=business,
                to=owner,
                text=text,
                about=None,
                since=now,
                not_before=now,
                shuns=about,
            )
            await outbox.enqueue(tx, draft, now)
