"""Database to people: alarms that were raised and cleared, told by one channel. Each channel has its own worker.

An alarm that is told twice is better than one that is lost: it is told first and recorded after. Between the two lies a
moment in which only a kill -9 repeats it, with the same key.
"""

import datetime as dt
import random
from collections.abc import Awaitable, Callable, Mapping

import structlog

from textbackd.core import alarms as rules
from textbackd.core import backoff
from textbackd.core.alarms import Channel, News, Telling
from textbackd.core.office import Office
from textbackd.notify.errors import NotifyError, NotifyRefused, NotifyUnavailable
from textbackd.notify.settings import AlarmSettings
from textbackd.notify.smtp import Smtp
from textbackd.notify.webhook import Webhook
from textbackd.store import alarms
from textbackd.store.database import Database, StoreUnavailable, Transaction
from textbackd.workers.bell import Bell
from textbackd.workers.patiently import patiently
from textbackd.workers.uninterrupted import uninterrupted

log = structlog.get_logger()

POLL = 5.0
"""Seconds. Alarms have lasted for minutes when they are told."""
STOP_PATIENCE = 1.0
"""Seconds that a stop waits for a mail server's answer; after that it is told again at the next start."""
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 900.0
"""Seconds between tries. After a refusal at once the longest: a login that fails often is locked out."""

Tell = Callable[[Telling], Awaitable[None]]
"""Tells it, or raises NotifyUnavailable or NotifyRefused."""


def by_log() -> Tell:
    """One line when an alarm is raised, one when it is over."""

    async def tell(telling: Telling) -> None:
        alarm = telling.alarm
        values = {"kind": alarm.kind, "subject": alarm.subject, "error": alarm.detail, "since": alarm.began_at}
        if telling.news is News.RAISED:
            log.warning("alarm_raised", **values, hint=alarm.remedy)
        else:
            log.info("alarm_cleared", **values, until=alarm.cleared_at)

    return tell


def by_mail(smtp: Smtp, office: Office) -> Tell:
    """One mail each."""

    async def tell(telling: Telling) -> None:
        subject = rules.headline(telling, office.businesses[0].name)
        await smtp.send(subject, rules.letter(telling, office.time_zone), telling.key)

    return tell


def by_webhook(webhook: Webhook, office: Office, utc_now: Callable[[], dt.datetime]) -> Tell:
    """One document each."""

    async def tell(telling: Telling) -> None:
        await webhook.post(rules.document(telling, office.businesses[0].name), telling.key, utc_now())

    return tell


def channels(settings: AlarmSettings, office: Office, utc_now: Callable[[], dt.datetime]) -> Mapping[Channel, Tell]:
    """Each that is configured, and the log."""
    tells = {Channel.LOG: by_log()}
    if settings.mail:
        tells[Channel.MAIL] = by_mail(Smtp(settings.mail), office)
    if settings.webhook:
        tells[Channel.WEBHOOK] = by_webhook(Webhook(settings.webhook), office, utc_now)
    return tells


class Alarmer:
    """Tells alarms by one channel."""

    def __init__(
        self,
        channel: Channel,
        tell: Callable[[], Tell | None],
        database: Database,
        utc_now: Callable[[], dt.datetime],
    ) -> None:
        """``tell`` is asked at each alarm for the way to tell it; None: this channel is not configured now."""
        self._channel = channel
        self._tell = tell
        self._database = database
        self._utc_now = utc_now
        self._tick: Callable[[], None] = lambda: None

    async def run(self, tick: Callable[[], None]) -> None:
        """Tell for ever. ``tick`` says that this loop is not stuck."""
        self._tick = tick
        bell = Bell()
        while True:
            tick()
            try:
                told = await self.step()
            except StoreUnavailable:
                told = False  # the watch over the database says it
            if not told:
                await bell.wait(POLL)

    async def step(self) -> bool:
        """Tell one thing, or try to: whether there was one. Raises StoreUnavailable."""
        if (tell := self._tell()) is None:
            return False
        async with self._database.reading() as tx:
            telling = await alarms.next_to_tell(tx, self._channel, self._utc_now())
        if telling is None:
            return False
        await uninterrupted(self._try(tell, telling), patience=STOP_PATIENCE)
        return True

    async def _try(self, tell: Tell, telling: Telling) -> None:
        try:
            await tell(telling)
        except NotifyRefused as error:
            await self._failed(telling, error, LONGEST_PAUSE)
        except NotifyUnavailable as error:
            spread = random.random()  # noqa: S311 - no secret
            pause = backoff.delay(telling.attempts + 1, first=FIRST_PAUSE, most=LONGEST_PAUSE, spread=spread)
            await self._failed(telling, error, pause)
        except Exception as error:
            log.exception("alarm_not_handled", channel=self._channel, kind=telling.alarm.kind)
            await self._failed(telling, error, LONGEST_PAUSE)
        else:
            await patiently(self._database, self._recorded(telling), self._tick)

    def _recorded(self, telling: Telling) -> Callable[[Transaction], Awaitable[None]]:
        async def write(tx: Transaction) -> None:
            now = self._utc_now()
            await alarms.told(tx, telling, self._channel, now)
            if self._channel in rules.OWN_KIND:
                await alarms.clear(tx, rules.OWN_KIND[self._channel], "", now)

        return write

    async def _failed(self, telling: Telling, error: Exception, pause: float) -> None:
        async def write(tx: Transaction) -> None:
            now = self._utc_now()
            await alarms.not_told(tx, telling, self._channel, str(error), now + dt.timedelta(seconds=pause))
            # Of a channel that a reload took away meanwhile nobody would ever clear the alarm.
            if self._channel in rules.OWN_KIND and self._tell() is not None:
                await alarms.raise_(tx, rules.OWN_KIND[self._channel], "", str(error), now)

        await patiently(self._database, write, self._tick)
        # Said once; that it goes on is an alarm of its own.
        say = log.warning if telling.attempts == 0 and isinstance(error, NotifyError) else log.debug
        say("alarm_not_told", channel=self._channel, kind=telling.alarm.kind, error=str(error))
