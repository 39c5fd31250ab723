"""The daemon: the only place where objects are made and joined.

    PBX link -> watcher -> database -> sender -> modem -> receiver -> database

Each arrow is a row in the database; the bells only save waiting.
"""

import asyncio
import contextlib
import fcntl
import signal
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from textbackd import clock, systemd
from textbackd.config import Settings
from textbackd.core.alarms import AlarmKind
from textbackd.core.policy import Policy
from textbackd.errors import TextbackdError, UserError
from textbackd.health import Component, Condition, Health
from textbackd.modem.gammu_modem import GammuModem, GammuSettings
from textbackd.modem.modem import Modem
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings
from textbackd.pbx import sources
from textbackd.pbx.source import PbxError
from textbackd.store import alarms, links, live_calls, outbox
from textbackd.store.database import Database, StoreError, StoreUnavailable
from textbackd.workers import alarmer, simulation
from textbackd.workers.alarm_texts import AlarmTexts
from textbackd.workers.alarmer import Alarmer
from textbackd.workers.bell import Bell
from textbackd.workers.call_watcher import CallWatcher
from textbackd.workers.catch_up import Cdr
from textbackd.workers.health_alarms import HealthAlarms, Watched
from textbackd.workers.receiver import Receiver
from textbackd.workers.requests import RequestWorker
from textbackd.workers.sender import Sender

log = structlog.get_logger()

OTHERS_POLL = 0.2
"""Seconds: how soon the commits of other processes (command line, web) are noticed."""
STUCK_AFTER = 60.0
"""Seconds without a sign of life from a worker, after which systemd is no longer patted."""
STUCK_AFTER_SENDING = 240.0
"""A modem may take two minutes to answer, and a second command waits for the first."""


async def run(settings: Settings, *, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
    """Run until ``stop`` is set. ``ready`` is called when the database is open and every worker has begun.

    A PBX or a modem that is not there keeps nothing from starting. Raises StoreError or UserError where the database
    cannot be used.
    """
    with _alone(settings.database):
        await _run(settings, stop, ready)


async def _run(settings: Settings, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    async with Database.open(settings.database) as database, _modems(settings) as modems:
        async with database.transaction() as tx:
            interrupted = await outbox.settle_interrupted(tx, clock.utc_now())
            await links.all_are_down(tx)
            await alarms.clear_all_but(tx, _alarm_subjects(settings), clock.utc_now())
        if interrupted:
            log.warning("texts_interrupted", message_ids=list(interrupted), hint="textbackd queue list")
        async with asyncio.TaskGroup() as group:
            tasks = await _start(settings, database, modems, group)
            ready()
            if settings.policy.observing:
                log.warning("observing_only", hint="nothing is sent; mode: live in the configuration sends")
            log.info("textbackd_started", pbx=[p.name for p in settings.pbxs], modems=[m.name for m in modems])
            await stop.wait()
            log.info("textbackd_stopping")
            systemd.stopping()
            for task in tasks:
                task.cancel()


@contextlib.contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Two daemons on one database would take each other's texts for interrupted ones."""
    path = database.with_name(database.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a")
    except OSError as error:
        remedy = "run textbackd as a user who may write there, or name another database in the configuration"
        raise UserError(f"{path}: {error.strerror}; {remedy}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(f"{database}: another textbackd is running on it") from error
        yield


async def _start(
    settings: Settings, database: Database, modems: Sequence[Modem], group: asyncio.TaskGroup
) -> Sequence["asyncio.Task[None]"]:
    """Make the workers and begin them."""
    health = Health()
    database.report = _report(health.component("database"), "database_unavailable", "database_back")
    send_bells = {modem.name: Bell() for modem in modems}
    requests_bell = Bell()

    def wrote() -> None:
        for bell in send_bells.values():
            bell.ring()

    def others_wrote() -> None:
        wrote()
        requests_bell.ring()

    async with database.reading() as tx:
        gone = set(await live_calls.pbxes(tx)) - {pbx.name for pbx in settings.pbxs}
    for name in gone:  # it was taken out of the configuration; its callers are not on the line for ever
        await CallWatcher(name, database, settings.policy, wrote).end_what_is_gone(clock.utc_now())
    tasks, watched = [], []
    for pbx in settings.pbxs:
        async with database.reading() as tx:
            known = await live_calls.of_pbx(tx, pbx.name)
        inbound = frozenset(call.call_id for call in known if not call.outbound)
        outside = frozenset(call.call_id for call in known if call.outbound)
        link = health.component(f"PBX {pbx.name}")
        watched.append(Watched(component=link, kind=AlarmKind.PBX_DOWN, subject=pbx.name))
        report_link = _link_report(link)
        source = sources.source(pbx, inbound=inbound, outside=outside, report=report_link)
        cdr = Cdr(file=pbx.cdr_file, trunks=pbx.trunks, did_from=pbx.did_from) if pbx.cdr_file else None
        watcher = CallWatcher(pbx.name, database, settings.policy, wrote, keep_link=True, cdr=cdr)
        tick = health.component(f"watcher {pbx.name}", within=STUCK_AFTER).tick
        tasks.append(group.create_task(watcher.run(source.events, clock.utc_now, tick)))
        tasks.append(group.create_task(source.run()))
    for modem in modems:
        sender = Sender(modem, database, settings.policy, send_bells[modem.name], clock.utc_now)
        receiver = Receiver(modem, database, settings.policy, wrote, clock.utc_now)
        device = health.component(f"modem {modem.name}")
        watched.append(Watched(component=device, kind=AlarmKind.MODEM_DOWN, subject=modem.name))
        report = _report(device, "modem_lost", "modem_connected", modem=modem.name)
        sender_tick = health.component(f"sender {modem.name}", within=STUCK_AFTER_SENDING).tick
        receiver_tick = health.component(f"receiver {modem.name}", within=STUCK_AFTER_SENDING).tick
        tasks.append(group.create_task(sender.run(sender_tick)))
        tasks.append(group.create_task(receiver.run(Bell(modem.incoming), report, receiver_tick)))
    tasks += _start_alarms(settings, database, watched, wrote, health, group)
    answers = {
        "status": _status_answer(health, modems),
        "simulate": _simulate_answer(database, settings.policy, wrote),
    }
    requests = RequestWorker(database, answers, clock.utc_now)
    tasks.append(group.create_task(requests.run(requests_bell, health.component("requests", within=STUCK_AFTER).tick)))
    tasks.append(group.create_task(_watch_others(database, settings.database, others_wrote)))
    tasks.append(group.create_task(_tell_systemd(health)))
    return tasks


def _start_alarms(
    settings: Settings,
    database: Database,
    watched: Sequence[Watched],
    wrote: Callable[[], None],
    health: Health,
    group: asyncio.TaskGroup,
) -> Sequence["asyncio.Task[None]"]:
    """What raises alarms, and one worker for each channel that tells them: none waits for another."""
    runs = {"alarms": HealthAlarms(watched, database, clock.utc_now).run}
    for channel, tell in alarmer.channels(settings.alarms, settings.policy.office, clock.utc_now).items():
        runs[f"alarms by {channel}"] = Alarmer(channel, tell, database, clock.utc_now).run
    if settings.alarms.sms:
        modems = [modem.name for modem in settings.modems]
        runs["alarms by sms"] = AlarmTexts(modems, database, settings.policy, wrote, clock.utc_now).run
    return [group.create_task(run(health.component(name, within=STUCK_AFTER).tick)) for name, run in runs.items()]


def _alarm_subjects(settings: Settings) -> Mapping[AlarmKind, Collection[str]]:
    """What there may be an alarm of."""
    here, modems = ("",), tuple(modem.name for modem in settings.modems)
    return dict.fromkeys(AlarmKind, modems) | {
        AlarmKind.PBX_DOWN: tuple(pbx.name for pbx in settings.pbxs),
        AlarmKind.MAIL_FAILING: here if settings.alarms.mail else (),
        AlarmKind.WEBHOOK_FAILING: here if settings.alarms.webhook else (),
    }


@contextlib.asynccontextmanager
async def _modems(settings: Settings) -> AsyncIterator[Sequence[Modem]]:
    modems = [_modem(modem) for modem in settings.modems]
    try:
        yield modems
    finally:
        for modem in modems:
            await modem.close()


def _modem(settings: GammuSettings | SimulatedSettings) -> Modem:
    if isinstance(settings, GammuSettings):
        return GammuModem(settings)
    return SimulatedModem(settings)


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


def _status_answer(health: Health, modems: Sequence[Modem]) -> Callable[[dict[str, Any]], Any]:
    async def answer(_arguments: dict[str, Any]) -> Any:
        parts = [
            {"name": c.name, "condition": c.condition, "since": c.since.isoformat(), "last_error": c.last_error}
            for c in health.components()
            if c.within is None
        ]
        identities: list[dict[str, Any]] = []
        for modem in modems:
            try:
                identity = await modem.identify()
            except TextbackdError as error:
                identities.append({"name": modem.name, "error": str(error)})
            else:
                identities.append(
                    {
                        "name": modem.name,
                        "model": f"{identity.manufacturer} {identity.model}",
                        "network": identity.network,
                        "registered": identity.registered,
                        "signal_percent": identity.signal_percent,
                    }
                )
        return {"parts": parts, "modems": identities}

    return answer


def _simulate_answer(database: Database, policy: Policy, wrote: Callable[[], None]) -> Callable[[dict[str, Any]], Any]:
    async def answer(arguments: dict[str, Any]) -> Any:
        if policy.observing and arguments["send"]:
            raise UserError("mode is observe: nothing is sent; leave out --send, or set mode: live and restart")
        found = await simulation.missed_call(
            database,
            policy,
            caller=arguments["caller"],
            did=arguments["did"],
            send=arguments["send"],
            now=clock.utc_now(),
        )
        wrote()
        return found

    return answer


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


async def run_until_signalled(settings: Settings) -> None:
    """``run`` as a service: SIGTERM and SIGINT stop it, systemd is told when it is ready."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if not (settings.alarms.mail or settings.alarms.webhook):
        log.warning("nobody_is_told_of_alarms", hint="name a mail server or a webhook under alarms")
    try:
        await run(settings, stop=stop, ready=systemd.ready)
    except* StoreError as errors:
        raise errors.exceptions[0] from None
    except* UserError as errors:
        raise errors.exceptions[0] from None
