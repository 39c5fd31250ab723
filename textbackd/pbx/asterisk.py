"""The events of an Asterisk: a link that comes back by itself, and a snapshot of what is up at every login."""

import asyncio
import random
from collections.abc import Callable, Mapping

import structlog

from textbackd import clock
from textbackd.core import backoff
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, ChannelKind
from textbackd.pbx import ami_stream
from textbackd.pbx.ami_link import AmiLink
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.asterisk_privacy import PrivacyQuestions
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.source import LoginRefused, PbxError

log = structlog.get_logger()

REFUSED_DELAY = 150.0
"""Seconds, at least, between two logins after a refused one: at most 5 in 10 minutes, or a fail2ban closes the door
for good."""
LONGEST_DELAY = 10.0
"""Seconds between two tries otherwise: every call that begins and ends meanwhile is never heard of."""
QUEUE_LENGTH = 20_000
"""Events that may wait while the database is slow; after that they are dropped and the state is asked for anew."""
CATCH_UP_POLL = 0.5
"""Seconds between two looks whether the events that wait have been taken."""
SNAPSHOT = ("BridgeList", "CoreShowChannels", "Status")
"""What tells the state, in this order: in which bridges people hear each other, who is where, who dialled what."""
REPORTING = "give the AMI user write = reporting: who is on the line and who withholds the number stay unknown"


class AsteriskSource:
    """The events of one Asterisk, in order; an ``EventSource``."""

    def __init__(
        self,
        settings: AsteriskSettings,
        *,
        inbound: frozenset[str] = frozenset(),
        outside: frozenset[str] = frozenset(),
        report: Callable[[PbxError | None], None] = lambda _error: None,
        tap: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        """``inbound``, ``outside``: legs known from before. ``report`` hears of a link that is up (None) or down.
        ``tap`` gets every byte that arrives.
        """
        self.name = settings.name
        self.events: asyncio.Queue[ChannelEvent] = asyncio.Queue(QUEUE_LENGTH)
        self._settings = settings
        self._translator = AsteriskTranslator(settings.trunks, inbound=inbound, outside=outside)
        self._report = report
        self._tap = tap
        self._privacy = PrivacyQuestions(self._send, self._deliver, clock.utc_now)
        self._link: AmiLink | None = None
        self._failures = 0
        self._trouble: type[PbxError] | None = None
        self.overflowed = False
        """Events were dropped, and the state has not been read anew yet."""

    async def run(self) -> None:
        """Keep a link up for ever. Warns once when it is lost, says once when it is back."""
        while True:
            self._link = link = AmiLink(self._settings, self._take_in, self._tap)
            try:
                await self._follow(link)
            except PbxError as error:
                self._privacy.give_up()
                if link.was_up:
                    self._deliver(ev.LinkLost(at=clock.utc_now()))
                self._failures += 1
                self._say(error)
                await asyncio.sleep(retry_delay(error, self._failures, spread=random.random()))  # noqa: S311 - no secret

    async def _follow(self, link: AmiLink) -> None:
        """Tell all that one connection tells, until it is lost: raises PbxError."""
        try:
            await link.open()
            await self._resynchronise(link)
            self._failures, self._trouble = 0, None
            self._report(None)
            log.info("pbx_connected", pbx=self.name, host=self._settings.host, port=self._settings.port)
            while True:
                await self._pause(link, self._settings.ping_interval)
                if self.overflowed:
                    await self._resynchronise(link)
        finally:
            link.close()

    async def _pause(self, link: AmiLink, seconds: float) -> None:
        """Wait, less when events were dropped, and see whether the link is alive."""
        await link.idle(seconds)
        await link.ask({"Action": "Ping"}, silence=self._settings.ping_timeout)

    async def _resynchronise(self, link: AmiLink) -> None:
        """Ask for the channels that are up; the answers come through the translator like all events."""
        if self.overflowed:
            log.error("pbx_events_dropped", pbx=self.name, hint="the database was too slow; reading the state anew")
            while not self.events.empty():  # what is up may need all the room there is
                await self._pause(link, CATCH_UP_POLL)
            self.overflowed = False
            self._deliver(ev.LinkLost(at=clock.utc_now()))
        for action in SNAPSHOT:
            answer, *_rows = await link.ask({"Action": action}, silence=link.patience)
            if answer.message == "Permission denied":  # before Asterisk 12 BridgeList is an unknown command
                log.warning("pbx_snapshot_denied", pbx=self.name, action=action, hint=REPORTING)

    def _take_in(self, message: ami_stream.Message) -> None:
        for event in self._translator.events(message, clock.utc_now()):
            if not self._privacy.holds(event):
                self._deliver(event)
            if isinstance(event, ev.ChannelAppeared) and event.kind is ChannelKind.INBOUND:
                self._privacy.ask(event)
        self._privacy.answered(message)

    def _deliver(self, event: ChannelEvent) -> None:
        if not self.overflowed and not self.events.full():
            self.events.put_nowait(event)
        elif not self.overflowed:
            # What comes behind a gap tells half a story, so nothing more until the state is read anew.
            self.overflowed = True
            if self._link is not None:
                self._link.disturb()

    def _send(self, action: Mapping[str, str]) -> None:
        assert self._link is not None, "questions are raised by what a link says"
        self._link.send(action)

    def _say(self, error: PbxError) -> None:
        """Once for each kind of trouble, until the link is back."""
        self._report(error)
        again = self._trouble is type(error)
        self._trouble = type(error)
        if again:
            log.debug("pbx_still_lost", pbx=self.name, error=str(error))
        elif isinstance(error, LoginRefused):
            log.error("pbx_login_refused", pbx=self.name, error=str(error), retry_seconds=REFUSED_DELAY)
        else:
            log.warning("pbx_lost", pbx=self.name, error=str(error))


def retry_delay(error: PbxError, failures: int, *, spread: float) -> float:
    """Seconds until the next try after ``failures`` in a row; ``spread`` is a random number in [0, 1)."""
    if isinstance(error, LoginRefused):
        return REFUSED_DELAY * (1 + spread / 5)
    return backoff.delay(failures, first=0.5, most=LONGEST_DELAY, spread=spread)
