"""A modem's daily text to itself: the one proof that texts go out and come in."""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable

import structlog

from textbackd.core import service_texts
from textbackd.core.alarms import AlarmKind
from textbackd.core.office import Office
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import PolicyNow
from textbackd.store import alarms, inbox, outbox, text_history
from textbackd.store.database import Database, StoreUnavailable, Transaction, moment
from textbackd.workers.bell import Bell

log = structlog.get_logger()

POLL = 10.0
"""Seconds."""
TEMPLATE = "loop_test"
LATE = dt.timedelta(hours=1)
"""Who starts later than this after the time of day waits for the next day's."""
BACK_WITHIN = dt.timedelta(minutes=15)
"""Most texts arrive within a minute; networks that are busy take their time."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LoopTestSettings:
    """When a modem texts itself."""

    modem: str
    number: E164
    """Its own."""
    at: dt.time
    """In the office's time."""


class LoopTest:
    """Sends it, waits for it, and raises or clears the alarm."""

    def __init__(
        self,
        settings: LoopTestSettings,
        database: Database,
        policy: PolicyNow,
        wrote: Callable[[], None],
        utc_now: Callable[[], dt.datetime],
    ) -> None:
        self._settings = settings
        self._database = database
        self._policy = policy
        self._wrote = wrote
        self._utc_now = utc_now

    async def run(self, tick: Callable[[], None]) -> None:
        """Test for ever. ``tick`` says that this loop is not stuck."""
        bell = Bell()
        while True:
            tick()
            with contextlib.suppress(StoreUnavailable):  # the watch over the database says it
                await self.step()
            await bell.wait(POLL)

    async def step(self) -> None:
        """Do what is due. Raises StoreUnavailable."""
        now, settings, office = self._utc_now(), self._settings, self._policy().office
        async with self._database.transaction() as tx:
            last = await text_history.latest_of(tx, TEMPLATE, settings.modem)
            due = self._last_due(now.astimezone(office.time_zone))
            if now - due <= LATE and (last is None or moment(last["created_at"]) < due):
                await self._send(tx, office, now)
            elif last is not None:
                text, sent_at = last["text"], moment(last["created_at"])
                if await inbox.has_come(tx, settings.number, text, sent_at):
                    await alarms.clear(tx, AlarmKind.LOOP_TEST_FAILED, settings.modem, now)
                elif now - sent_at > BACK_WITHIN:
                    await alarms.raise_(tx, AlarmKind.LOOP_TEST_FAILED, settings.modem, f"{last['state']}: {text}", now)

    async def _send(self, tx: Transaction, office: Office, now: dt.datetime) -> None:
        settings = self._settings
        draft = outbox.Draft(
            kind=MessageKind.TEST,
            business=office.businesses[0].name,
            to=settings.number,
            text=service_texts.loop_test_text(settings.modem, now.astimezone(office.time_zone)),
            about=None,
            since=now,
            not_before=now,
            template=TEMPLATE,
            for_modem=settings.modem,
        )
        await outbox.enqueue(tx, draft, now)
        self._wrote()

    def _last_due(self, here: dt.datetime) -> dt.datetime:
        """When it was due last; ``here`` is now, in the office's zone."""
        today = dt.datetime.combine(here, self._settings.at, here.tzinfo)
        return today if today <= here else today - dt.timedelta(days=1)
