"""The daemon, from the lock on its database to its end. What it does is done by its crew."""

import asyncio
import contextlib
import datetime as dt
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence

import structlog

from textbackd import clock, systemd
from textbackd.config import InForce, Settings
from textbackd.core.alarms import AlarmKind
from textbackd.crew import Crew
from textbackd.errors import UserError
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import Modem
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings
from textbackd.reload import Reload
from textbackd.store import alarms, daemon_lock, links, outbox, outbox_parts, withdrawals
from textbackd.store.database import Database, StoreError, Transaction
from textbackd.workers.patiently import patiently

log = structlog.get_logger()


async def run(
    settings: Settings,
    *,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    reload: Reload | None = None,
) -> None:
    """Run until ``stop`` is set. ``ready`` is called when the database is open and every worker has begun; ``reload``
    is served from then on.

    A PBX or a modem that is not there keeps nothing from starting. Raises StoreError or UserError where the database
    cannot be used.
    """
    async with daemon_lock.alone(settings.database):
        await _run(InForce(settings, clock.utc_now()), stop, ready, reload)


async def _run(in_force: InForce, stop: asyncio.Event, ready: Callable[[], None], reload: Reload | None) -> None:
    settings = in_force.settings
    async with Database.open(settings.database) as database:
        names = [modem.name for modem in settings.modems]
        async with database.transaction() as tx:
            interrupted = await outbox.settle_interrupted(tx, clock.utc_now())
            unanswered = {name: await outbox_parts.last_unanswered(tx, name) for name in names}
            await withdrawals.cancel_for_others_than(tx, names, clock.utc_now())
            await links.all_are_down(tx)
            await _end_what_is_gone(tx, settings)
        if interrupted:
            log.warning("texts_interrupted", message_ids=list(interrupted), hint="textbackd queue list")
        async with _modems(settings, unanswered) as modems, asyncio.TaskGroup() as group:
            crew = Crew(in_force, database, modems, group)
            await crew.start()
            ready()
            _say_if_observing(settings)
            log.info("textbackd_started", pbx=[p.name for p in settings.pbxs], modems=[m.name for m in modems])
            reloading = group.create_task(_serve(reload, in_force, database)) if reload else None
            await stop.wait()
            log.info("textbackd_stopping")
            systemd.stopping()
            crew.stop()
            if reloading:
                reloading.cancel()


async def _serve(reload: Reload, in_force: InForce, database: Database) -> None:
    async def taken() -> None:
        settings = in_force.settings
        _say_if_observing(settings)
        _say_if_nobody_is_told(settings)
        await patiently(database, lambda tx: _end_what_is_gone(tx, settings))

    await reload.run(in_force, taken)


async def _end_what_is_gone(tx: Transaction, settings: Settings) -> None:
    """Notices and alarms that the configuration no longer has anybody or anything for."""
    now = clock.utc_now()
    owners = [owner for business in settings.policy.office.businesses for owner in business.owners]
    await withdrawals.cancel_notices_but_to(tx, owners, now)
    await alarms.clear_all_but(tx, _alarm_subjects(settings), now)


def _say_if_observing(settings: Settings) -> None:
    if settings.policy.observing:
        log.warning("observing_only", hint="nothing is sent; mode: live in the configuration sends")


def _say_if_nobody_is_told(settings: Settings) -> None:
    if not (settings.alarms.mail or settings.alarms.webhook):
        log.warning("nobody_is_told_of_alarms", hint="name a mail server or a webhook under alarms")


def _alarm_subjects(settings: Settings) -> Mapping[AlarmKind, Collection[str]]:
    """What there may be an alarm of."""
    here, modems = ("",), tuple(modem.name for modem in settings.modems)
    return dict.fromkeys(AlarmKind, modems) | {
        AlarmKind.PBX_DOWN: tuple(pbx.name for pbx in settings.pbxs),
        AlarmKind.GUARD_TRIPPED: here,
        AlarmKind.MAIL_FAILING: here if settings.alarms.mail else (),
        AlarmKind.WEBHOOK_FAILING: here if settings.alarms.webhook else (),
    }


@contextlib.asynccontextmanager
async def _modems(settings: Settings, unanswered: Mapping[str, dt.datetime | None]) -> AsyncIterator[Sequence[Modem]]:
    """``unanswered``: when each of them was last given a text whose answer nobody saw."""
    modems = [_modem(modem, unanswered[modem.name]) for modem in settings.modems]
    try:
        yield modems
    finally:
        for modem in modems:
            await modem.close()


def _modem(settings: GammuSettings | SimulatedSettings, unanswered: dt.datetime | None) -> Modem:
    if isinstance(settings, GammuSettings):
        since = (clock.utc_now() - unanswered).total_seconds() if unanswered else None
        return GammuModem(settings, seconds_unanswered=since)
    return SimulatedModem(settings)


async def run_until_signalled(settings: Settings, load: Callable[[], Settings]) -> None:
    """``run`` as a service: SIGTERM and SIGINT stop it, SIGHUP has it ``load`` anew, systemd is told when it is ready.

    SIGHUP is to be blocked by the caller, and is ignored in the end: one that nobody takes would end the process.
    """
    stop, reload = asyncio.Event(), Reload(load)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # The loop would put its own handlers back to the default while threads still end that can be given the signal.
    signal.signal(signal.SIGHUP, lambda _number, _frame: loop.call_soon_threadsafe(reload.ask))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
    _say_if_nobody_is_told(settings)
    try:
        await run(settings, stop=stop, ready=systemd.ready, reload=reload)
    except* StoreError as errors:
        raise errors.exceptions[0] from None
    except* UserError as errors:
        raise errors.exceptions[0] from None
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
