"""The events of one PBX over a link that comes back by itself, with what is up read at every login."""

import abc
import asyncio
import datetime as dt
import random
from collections.abc import Callable
from typing import Protocol

import structlog

from textbackd import clock
from textbackd.core import backoff
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent
from textbackd.pbx.source import LoginRefused, PbxError

log = structlog.get_logger()

REFUSED_DELAY = 150.0
"""Seconds, at least, between two logins after a refused one: at most 5 in 10 minutes, or a fail2ban closes the door
for good."""
LONGEST_DELAY = 10.0
"""Seconds between two tries otherwise: every call that begins and ends meanwhile is never heard of."""
QUEUE_LENGTH = 20_000
"""Events that may wait while the database is slow; after that they are dropped and the state is asked for anew."""
STOOD_STILL = dt.timedelta(seconds=5)
"""A machine that was paused, or a clock that was set, by more: what is heard then happened nobody knows when."""
PAUSED = "this machine was paused, or its clock was set: calls of then are not judged by their times"
TICK = 1.0
"""Seconds between two looks at the clock."""
CATCH_UP_POLL = 0.5
"""Seconds between two looks whether the events that wait have been taken."""


class Link(Protocol):
    """One connection, opened once. All of it raises PbxError when the link is lost."""

    was_up: bool
    """It was logged in, if only for a moment."""

    async def open(self) -> None:
        """Connect and log in."""
        ...

    async def read_state(self) -> None:
        """Ask for the channels that are up; the answers come as events."""
        ...

    async def ping(self) -> None:
        """See that the PBX answers."""
        ...

    async def idle(self, seconds: float) -> None:
        """Wait; less when ``disturb`` is called."""
        ...

    def disturb(self) -> None:
        """End ``idle`` at once."""
        ...

    def close(self) -> None:
        """Let go at once."""
        ...


class LinkedSource(abc.ABC):
    """An ``EventSource``; what the PBX's words mean is for those who derive from it."""

    def __init__(self, name: str, where: str, ping_interval: float, report: Callable[[PbxError | None], None]) -> None:
        """``ping_interval``: seconds. ``report`` hears of a link that is up (None) or down."""
        self.name = name
        self.events: asyncio.Queue[ChannelEvent] = asyncio.Queue(QUEUE_LENGTH)
        self.overflowed = False
        """Events were dropped, and the state has not been read anew yet."""
        self._where = where
        self._ping_interval = ping_interval
        self._report = report
        self._link: Link | None = None
        self._failures = 0
        self._trouble: type[PbxError] | None = None
        self._awake_at = clock.utc_now()
        self._stood_still = False
        """And the state has not been read anew yet."""

    @abc.abstractmethod
    def _new_link(self) -> Link:
        """A connection that is not open yet, and tells what it hears to ``_deliver``."""

    @property
    def was_up(self) -> bool:
        """Whether the last connection was logged in, if only for a moment."""
        return self._link is not None and self._link.was_up

    def _lost(self) -> None:  # noqa: B027 - most have asked nothing
        """The link is lost: what was asked is never answered."""

    async def run(self) -> None:
        """Keep a link up for ever. Warns once when it is lost, says once when it is back."""
        self._awake_at = clock.utc_now()
        self._look_at_the_clock()
        try:
            while True:
                await self._once()
        finally:
            self._ticking.cancel()

    async def _once(self) -> None:
        """One connection, and the pause behind its loss."""
        self._link = link = self._new_link()
        try:
            await self._follow(link)
        except PbxError as error:
            self._lost()
            if link.was_up:
                self._deliver(ev.LinkLost(at=clock.utc_now()))
            self._failures += 1
            self._say(error)
            await asyncio.sleep(retry_delay(error, self._failures, spread=random.random()))  # noqa: S311 - no secret

    async def _follow(self, link: Link) -> None:
        """Tell all that one connection tells, until it is lost: raises PbxError."""
        try:
            await link.open()
            await self._resynchronise(link)
            self._failures, self._trouble = 0, None
            self._report(None)
            log.info("pbx_connected", pbx=self.name, where=self._where)
            while True:
                if self.overflowed or self._stood_still:
                    await self._resynchronise(link)
                await self._pause(link, self._ping_interval)
        finally:
            link.close()

    async def _pause(self, link: Link, seconds: float) -> None:
        """Wait, less when events were dropped, and see whether the link is alive."""
        await link.idle(seconds)
        await link.ping()

    async def _resynchronise(self, link: Link) -> None:
        """Ask for the channels that are up; the answers come through the translator like all events."""
        if self.overflowed:
            log.error("pbx_events_dropped", pbx=self.name, hint="the database was too slow; reading the state anew")
            while not self.events.empty():  # what is up may need all the room there is
                await self._pause(link, CATCH_UP_POLL)
            self.overflowed = False
            self._deliver(ev.LinkLost(at=clock.utc_now()))
        self._stood_still = False
        await link.read_state()

    def _look_at_the_clock(self) -> None:
        self._notice_a_standstill()
        self._awake_at = clock.utc_now()
        self._ticking = asyncio.get_running_loop().call_later(TICK, self._look_at_the_clock)

    def _deliver(self, event: ChannelEvent) -> None:
        self._notice_a_standstill()  # what arrived meanwhile may be read before the clock is looked at again
        self._put(event)

    def _notice_a_standstill(self) -> None:
        if abs((now := clock.utc_now()) - self._awake_at) > STOOD_STILL:
            log.error(
                "pbx_not_watched", pbx=self.name, seconds=round((now - self._awake_at).total_seconds()), hint=PAUSED
            )
            self._awake_at, self._stood_still = now, True
            self._put(ev.LinkLost(at=now))
            if self._link is not None:
                self._link.disturb()

    def _put(self, event: ChannelEvent) -> None:
        if not self.overflowed and not self.events.full():
            self.events.put_nowait(event)
        elif not self.overflowed:
            # What comes behind a gap tells half a story, so nothing more until the state is read anew.
            self.overflowed = True
            if self._link is not None:
                self._link.disturb()

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
