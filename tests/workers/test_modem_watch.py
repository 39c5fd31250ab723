"""What a modem says of itself, and the alarms that it makes."""

import asyncio
import dataclasses

import pytest

from tests.builders import CALLER, NOON
from tests.workers.far_ends import ManualClock, ScriptedModem, submitting
from textbackd.core.alarms import AlarmKind
from textbackd.modem.modem import ModemUnavailable, Registration
from textbackd.modem.port_errors import PinMissing, PinRefused, PukNeeded
from textbackd.store import alarms, outbox
from textbackd.store.database import Database
from textbackd.workers import modem_watch
from textbackd.workers.bell import Bell
from textbackd.workers.modem_watch import ModemWatch


@pytest.fixture
def watch(modem: ScriptedModem, database: Database, clock: ManualClock) -> ModemWatch:
    return ModemWatch(modem, database, clock)


async def standing(database: Database, clock: ManualClock) -> dict[AlarmKind, str]:
    async with database.reading() as tx:
        return {alarm.kind: alarm.detail for alarm in await alarms.standing(tx, clock.now)}


async def test_a_modem_that_is_well_is_no_alarm(watch: ModemWatch, database: Database, clock: ManualClock) -> None:
    """What it said last is kept for whoever asks."""
    assert watch.latest is None
    await watch.step()

    assert watch.latest is not None
    assert Registration.HOME is watch.latest.registration
    assert {} == await standing(database, clock)


@pytest.mark.parametrize(
    ("values", "kind", "detail"),
    [
        ({"registration": Registration.DENIED}, AlarmKind.MODEM_NOT_REGISTERED, "denied"),
        ({"has_service_centre": False}, AlarmKind.NO_SERVICE_CENTRE, "AT+CSCA? tells none"),
        ({"stored": 16, "capacity": 20}, AlarmKind.SIM_FULL, "80 % full"),
        ({"store": "SM", "stored": 20, "capacity": 20}, AlarmKind.SIM_FULL, "SM 100 % full"),
        ({"unreadable": "SM: +CMS ERROR: 500"}, AlarmKind.TEXTS_UNREADABLE, "SM: +CMS ERROR: 500"),
    ],
)
async def test_what_it_says_is_an_alarm_while_it_lasts(
    watch: ModemWatch,
    modem: ScriptedModem,
    database: Database,
    clock: ManualClock,
    values: dict[str, object],
    kind: AlarmKind,
    detail: str,
) -> None:
    """Not at once: what mends itself in minutes rings nobody. Gone, it is over."""
    well = modem.how
    modem.how = dataclasses.replace(well, **values)  # type: ignore[arg-type]
    await watch.step()
    assert {} == await standing(database, clock)

    clock.move_on(600)
    await watch.step()
    assert {kind: detail} == await standing(database, clock)

    modem.how = well
    await watch.step()
    assert {} == await standing(database, clock)


async def test_a_sim_that_is_nearly_full_is_none_yet(
    watch: ModemWatch, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Below four fifths; and a modem that does not say how much it holds is not full."""
    for stored, capacity in ((15, 20), (500, None)):
        modem.how = dataclasses.replace(modem.how, stored=stored, capacity=capacity)
        await watch.step()
        clock.move_on(600)
        assert {} == await standing(database, clock)


async def test_one_that_cannot_send_is_asked_more_often(
    watch: ModemWatch, modem: ScriptedModem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it can: its numbers wait to be its own again."""
    monkeypatch.setattr(modem_watch, "POLL", 3600.0)
    monkeypatch.setattr(modem_watch, "POLL_ILL", 0.0)
    well = modem.how
    ill = [{"registration": Registration.SEARCHING}, {"has_service_centre": False}, {}]
    looks = iter([dataclasses.replace(well, **values) for values in ill])  # type: ignore[arg-type]
    asked = asyncio.Event()

    def tick() -> None:
        modem.how = next(looks, well)
        if modem.how == well:
            asked.set()

    task = asyncio.get_running_loop().create_task(watch.run(Bell(), tick))
    async with asyncio.timeout(5):
        await asked.wait()
    task.cancel()


async def test_a_text_of_unknown_fate_is_told_when_no_report_settles_it(
    watch: ModemWatch, database: Database, clock: ManualClock
) -> None:
    """Until a person has settled it, or it is too old to matter."""
    await submitting(database, to=CALLER)
    async with database.transaction() as tx:
        await outbox.settle_interrupted(tx, NOON)
    await watch.step()
    clock.move_on(16 * 60)
    await watch.step()
    assert {AlarmKind.TEXTS_UNKNOWN: "1 text"} == await standing(database, clock)

    clock.move_on(3 * 24 * 3600)
    await watch.step()
    assert {} == await standing(database, clock)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PinMissing("no PIN"), AlarmKind.SIM_PIN),
        (PinRefused("wrong"), AlarmKind.SIM_PIN),
        (PukNeeded("locked"), AlarmKind.SIM_PUK),
    ],
)
async def test_a_sim_that_wants_a_person_is_told_at_once(
    watch: ModemWatch,
    modem: ScriptedModem,
    database: Database,
    clock: ManualClock,
    error: ModemUnavailable,
    kind: AlarmKind,
) -> None:
    """Nothing but a person changes it; when the modem answers again it is over."""
    modem.is_gone = error
    with pytest.raises(ModemUnavailable):
        await watch.step()
    assert {kind: str(error)} == await standing(database, clock)

    modem.is_gone = None
    await watch.step()
    assert {} == await standing(database, clock)


async def test_a_modem_that_does_not_answer_says_nothing(
    watch: ModemWatch, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """What it said before is no longer told, and its alarms stand: nobody knows better."""
    modem.how = dataclasses.replace(modem.how, registration=Registration.NONE)
    await watch.step()
    clock.move_on(600)
    modem.is_gone = ModemUnavailable("unplugged")
    with pytest.raises(ModemUnavailable):
        await watch.step()

    assert watch.latest is None
    assert {AlarmKind.MODEM_NOT_REGISTERED: "none"} == await standing(database, clock)
