"""The workers of a daemon, made and joined.

    PBX link -> watcher -> database -> sender -> modem -> receiver -> database

Each arrow is a row in the database; the bells only save waiting.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any

import structlog

from textbackd import clock, systemd
from textbackd.config import InForce
from textbackd.core.alarms import AlarmKind, Channel
from textbackd.health import Component, Condition, Health
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import Modem
from textbackd.modem.simulated_modem import SimulatedSettings
from textbackd.pbx import sources
from textbackd.pbx.source import PbxError
from textbackd.store import live_calls
from textbackd.store.database import Database, StoreError, StoreUnavailable
from textbackd.workers import alarmer, answers
from textbackd.workers.alarm_texts import AlarmTexts
from textbackd.workers.alarmer import Alarmer, Tell
from textbackd.workers.bell import Bell
from textbackd.workers.call_watcher import CallWatcher
from textbackd.workers.catch_up import Cdr
from textbackd.workers.guard_alarms import GuardAlarms
from textbackd.workers.health_alarms import HealthAlarms, Watched
from textbackd.workers.loop_test import LoopTest
from textbackd.workers.modem_watch import ModemWatch
from textbackd.workers.receiver import Receiver
from textbackd.workers.requests import RequestWorker
from textbackd.workers.sender import Sender

log = structlog.get_logger()

OTHERS_POLL = 0.2
"""Seconds: how soon the commits of other processes (command line, web) are noticed."""
STUCK_AFTER = 90.0
"""Seconds without a sign of life from a worker, after which systemd is no longer patted. None waits for news for more
than a minute.
"""
WORKERS_ON_A_MODEM = 3
"""Sender, receiver and watch: each may have to wait for both of the others, in turn, before it has its own answer."""


def stuck_after(modem: GammuSettings | SimulatedSettings) -> float:
    """Seconds without a sign of life from one of the workers on this modem: more than it may have to wait for the modem
    at its slowest, since between two signs each gives it one command at most.
    """
    return STUCK_AFTER + WORKERS_ON_A_MODEM * modem.longest_turn


class Crew:
    """The workers of one daemon: the only place where they are made and joined."""

    def __init__(
        self, in_force: InForce, database: Database, modems: Sequence[Modem], group: asyncio.TaskGroup
    ) -> None:
        self._in_force = in_force
        self._settings = in_force.settings
        """Those of the start; what a reload changes is asked of ``in_force``."""
        self._database = database
        self._modems = modems
        self._group = group
        self._health = Health()
        self._send_bells = {modem.name: Bell() for modem in modems}
        self._requests_bell = Bell()
        self._answering: set[str] = set()
        """The modems that do. Which of them can send stands in the database."""
        self._watches: dict[str, ModemWatch] = {}
        self._alarming: list[Watched] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin. They go on until ``stop``."""
        database, health = self._database, self._health
        database.report = _report(health.component("database"), "database_unavailable", "database_back")
        await self._end_calls_of_gone_pbxs()
        await self._start_pbxs()
        self._start_modems()
        self._start_alarms()
        policy, told = self._in_force.policy, self._in_force.told
        asked = answers.all_of(database, policy, told, health, self._modems, self._watches, self._wrote)
        requests = RequestWorker(database, asked, clock.utc_now)
        self._begin(requests.run(self._requests_bell, health.component("requests", within=STUCK_AFTER).tick))
        self._begin(_watch_others(database, self._settings.database, self._others_wrote))
        self._begin(_tell_systemd(health))

    def stop(self) -> None:
        """Tell all to end; the task group waits for them."""
        for task in self._tasks:
            task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self._group.create_task(work))

    def _wrote(self) -> None:
        """There may be a text to send."""
        for bell in self._send_bells.values():
            bell.ring()

    def _others_wrote(self) -> None:
        self._wrote()
        self._requests_bell.ring()

    async def _end_calls_of_gone_pbxs(self) -> None:
        """Who was on the line of a PBX that was taken out of the configuration is not so for ever."""
        async with self._database.reading() as tx:
            gone = set(await live_calls.pbxes(tx)) - {pbx.name for pbx in self._settings.pbxs}
        for name in gone:
            watcher = CallWatcher(name, self._database, self._in_force.policy, self._wrote)
            await watcher.end_what_is_gone(clock.utc_now())

    async def _start_pbxs(self) -> None:
        for pbx in self._settings.pbxs:
            async with self._database.reading() as tx:
                known = await live_calls.of_pbx(tx, pbx.name)
            inbound = frozenset(call.call_id for call in known if not call.outbound)
            outside = frozenset(call.call_id for call in known if call.outbound)
            link = self._health.component(f"PBX {pbx.name}")
            self._alarming.append(Watched(component=link, kind=AlarmKind.PBX_DOWN, subject=pbx.name))
            source = sources.source(pbx, inbound=inbound, outside=outside, report=_link_report(link))
            cdr = Cdr(file=pbx.cdr_file, trunks=pbx.trunks, did_from=pbx.did_from) if pbx.cdr_file else None
            policy = self._in_force.policy
            watcher = CallWatcher(pbx.name, self._database, policy, self._wrote, keep_link=True, cdr=cdr)
            tick = self._health.component(f"watcher {pbx.name}", within=STUCK_AFTER).tick
            self._begin(watcher.run(source.events, clock.utc_now, tick))
            self._begin(source.run())

    def _start_modems(self) -> None:
        """A sender, a receiver and a watch for each; all senders share the outbox."""
        policy = self._in_force.policy
        for modem, settings in zip(self._modems, self._settings.modems, strict=True):
            name = modem.name
            device = self._health.component(f"modem {name}")
            self._alarming.append(Watched(component=device, kind=AlarmKind.MODEM_DOWN, subject=name))
            sender = Sender(
                modem,
                self._database,
                policy,
                self._send_bells[name],
                clock.utc_now,
                per_minute=settings.per_minute,
                others=functools.partial(self._answering_besides, name),
                count=device.count,
            )
            receiver = Receiver(modem, self._database, policy, self._wrote, clock.utc_now)
            watch = self._watches[name] = ModemWatch(modem, self._database, clock.utc_now)
            within = stuck_after(settings)
            self._begin(sender.run(self._health.component(f"sender {name}", within=within).tick))
            receiver_tick = self._health.component(f"receiver {name}", within=within).tick
            self._begin(receiver.run(Bell(modem.incoming), self._modem_report(device, name), receiver_tick))
            self._begin(watch.run(Bell(), self._health.component(f"watch {name}", within=within).tick))
        for test in self._settings.loop_tests:
            loop_test = LoopTest(test, self._database, policy, self._wrote, clock.utc_now)
            tick = self._health.component(f"loop test {test.modem}", within=STUCK_AFTER).tick
            self._begin(loop_test.run(tick))

    def _answering_besides(self, name: str) -> Collection[str]:
        return self._answering - {name}

    def _modem_report(self, component: Component, name: str) -> Callable[[str | None], None]:
        """When a modem comes or goes, the texts are shared out anew."""
        say = _report(component, "modem_lost", "modem_connected", modem=name)

        def report(error: str | None) -> None:
            say(error)
            answered = name in self._answering
            if error is None:
                self._answering.add(name)
            else:
                self._answering.discard(name)
            if answered != (name in self._answering):
                self._wrote()

        return report

    def _start_alarms(self) -> None:
        """What raises alarms, and one worker for each channel that tells them: none waits for another."""
        database, in_force = self._database, self._in_force
        runs = {
            "alarms": HealthAlarms(self._alarming, database, clock.utc_now).run,
            "guard alarms": GuardAlarms(database, clock.utc_now).run,
        }
        for channel in (Channel.LOG, Channel.MAIL, Channel.WEBHOOK):
            tell = functools.partial(self._way_to_tell, channel)
            runs[f"alarms by {channel}"] = Alarmer(channel, tell, database, clock.utc_now).run
        runs["alarms by sms"] = AlarmTexts(
            [modem.name for modem in self._modems],
            database,
            in_force.policy,
            self._wrote,
            clock.utc_now,
            wanted=lambda: in_force.settings.alarms.sms,
        ).run
        for name, run in runs.items():
            self._begin(run(self._health.component(name, within=STUCK_AFTER).tick))

    def _way_to_tell(self, channel: Channel) -> Tell | None:
        settings = self._in_force.settings
        return alarmer.channels(settings.alarms, settings.policy.office, clock.utc_now).get(channel)


def _link_report(component: Component) -> Callable[[PbxError | None], None]:
    def report(error: PbxError | None) -> None:
        if error is None:
            component.up()
        else:
            component.down(str(error))

    return report


def _report(component: Component, lost: str, back: str, **names: str) -> Callable[[str | None], None]:
    """Says it once when it is lost and once when it is back; a database that was never lost is not back."""

    def report(error: str | None) -> None:
        was_down = component.condition is Condition.DOWN
        if error is None:
            if component.up() and (was_down or names):
                log.info(back, **names)
        elif component.down(error):
            log.warning(lost, error=error, **names)

    return report


async def _watch_others(database: Database, path: Path, wrote: Callable[[], None]) -> None:
    """Ring the bells when another process has committed; end everything when the file is no longer there."""
    inode = path.stat().st_ino  # noqa: ASYNC240 - a local file's stat does not block
    while True:
        with contextlib.suppress(StoreUnavailable):
            if await database.changed_by_others():
                wrote()
        try:
            same = path.stat().st_ino == inode  # noqa: ASYNC240
        except OSError:
            same = False
        if not same:
            raise StoreError(f"{path} was removed or replaced while textbackd was running; what it holds would be lost")
        await asyncio.sleep(OTHERS_POLL)


async def _tell_systemd(health: Health) -> None:
    """The status line, and the watchdog while every worker gives signs of life."""
    interval = systemd.watchdog_interval()
    said, stuck = "", list[str]()
    while True:
        if (status := health.status()) != said:
            systemd.status(status)
            said = status
        late = list(health.late(clock.monotonic()))
        if late and late != stuck:
            log.error("workers_stuck", workers=late)
        elif not late:
            systemd.alive()
        stuck = late
        await asyncio.sleep(min(interval or 5.0, 5.0))
