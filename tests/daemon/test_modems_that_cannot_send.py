"""Two modems on gammu's real driver, of which one answers and cannot send: texts and alarms leave by the other."""

import asyncio
import contextlib
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest

from tests.builders import AT_ANY_HOUR, OWNER, a_policy
from tests.daemon.said import Said
from tests.emulator import CmsError, ModemEmulator, Silence
from textbackd import clock, daemon
from textbackd.config import Settings
from textbackd.core import alarms as rules
from textbackd.core.alarms import AlarmKind
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.logs import LogSettings
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.store import outbox
from textbackd.store.database import Database
from textbackd.workers import alarm_texts, alarmer, modem_watch, next_text

REGULAR = E164("+447700900456")
"""Whom the sick modem has written to before."""
GLITCH = dt.timedelta(seconds=3)
SECONDS = 30
"""In which every text leaves: a try that fails, the pauses behind it, and a busy machine; stale is a quarter hour."""


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes are seconds."""
    for kind in (AlarmKind.ALL_SENDS_FAILING, AlarmKind.MODEM_NOT_REGISTERED, AlarmKind.NO_SERVICE_CENTRE):
        hasty = dataclasses.replace(rules.MEANINGS[kind], lasting=GLITCH)
        monkeypatch.setattr(rules, "MEANINGS", {**rules.MEANINGS, kind: hasty})
    monkeypatch.setattr(rules, "GLITCH", GLITCH)
    monkeypatch.setattr(rules, "CALM", dt.timedelta(0))
    monkeypatch.setattr(rules, "TEXTED_AFTER", dt.timedelta(0))
    monkeypatch.setattr(alarmer, "POLL", 0.1)
    monkeypatch.setattr(alarm_texts, "POLL", 0.1)
    monkeypatch.setattr(modem_watch, "POLL", 1.0)
    monkeypatch.setattr(modem_watch, "POLL_ILL", 1.0)
    monkeypatch.setattr(next_text, "TRIAL_EVERY", dt.timedelta(seconds=8))


class Office:
    """A daemon at work, its modems, and who is to be texted."""

    def __init__(self, settings: Settings, sick: ModemEmulator, well: ModemEmulator, said: Said) -> None:
        self.sick, self.well = sick, well
        self.said = said
        self._settings = settings
        self._numbers = iter(range(100, 1000))

    def numbers(self, count: int) -> list[E164]:
        """Nobody has texted them before."""
        return [E164(f"+447700900{next(self._numbers)}") for _ in range(count)]

    async def queue(self, numbers: Iterable[E164], *, for_modem: str = "") -> None:
        """One text to each, now."""
        now = clock.utc_now()
        async with Database.open(self._settings.database) as database, database.transaction() as tx:
            for number in numbers:
                draft = outbox.Draft(
                    kind=MessageKind.STAFF, business="Hill Plumbing", to=number, text="hello", about=None,
                    since=now, not_before=now, for_modem=for_modem,
                )  # fmt: skip
                await outbox.enqueue(tx, draft, now)

    async def sent(self, numbers: Iterable[E164], within: float = SECONDS) -> None:
        """Return when the network has taken one text to each."""
        end = clock.monotonic() + within
        for number in numbers:
            await self.said.until("text_accepted", to=number, within=end - clock.monotonic())

    async def send_until(self, event: str, within: float) -> list[E164]:
        """Text one new number after the other until that is said: these numbers."""
        end = clock.monotonic() + within
        numbers: list[E164] = []
        while not self.said.events(event):
            numbers += (new := self.numbers(2))
            await self.queue(new)
            await self.sent(new, end - clock.monotonic())
        return numbers

    async def begin(self) -> None:
        """Both answer, and the sick one has texted the regular."""
        await self.said.until("modem_connected", count=2, within=SECONDS)
        await self.queue([REGULAR], for_modem="sick")
        await self.sent([REGULAR])
        assert [REGULAR] == took(self.sick)


def took(emulator: ModemEmulator) -> list[str]:
    """Whose texts that network took, in order."""
    return [one.number for one in emulator.submissions if one.reference is not None]


@pytest.fixture
async def office(tmp_path: Path, said: Said) -> AsyncIterator[Office]:
    async with contextlib.AsyncExitStack() as stack:
        names = ("sick", "well")
        sick, well = [await stack.enter_async_context(ModemEmulator(tmp_path / name)) for name in names]
        modems = tuple(
            GammuSettings(name=name, device=str(emulator.device), per_minute=60)
            for name, emulator in zip(names, (sick, well), strict=True)
        )
        settings = Settings(
            policy=a_policy(**AT_ANY_HOUR),
            database=tmp_path / "textbackd.db",
            pbxs=(),
            modems=modems,
            log=LogSettings(),
        )
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(daemon.run(settings, stop=stop))
            yield Office(settings, sick, well, said)
            stop.set()
            await running


def bar(sick: ModemEmulator) -> None:
    """Operator determined barring."""
    sick.fault = CmsError(8)


def silence_at_prompt(sick: ModemEmulator) -> None:
    """gammu gives up after 31 s each time."""
    sick.fault = Silence(at="AT+CMGS")


@pytest.mark.parametrize(
    ("fall_ill", "detail", "seconds"),
    [
        pytest.param(bar, "CMS ERROR: 8", SECONDS, id="barred"),
        pytest.param(
            silence_at_prompt, "ERR_TIMEOUT", 300, id="silent", marks=[pytest.mark.long, pytest.mark.timeout(900)]
        ),
    ],
)
async def test_one_that_fails_at_every_text(
    office: Office, fall_ill: Callable[[ModemEmulator], None], detail: str, seconds: float
) -> None:
    """All leaves by the other, once: new numbers, its own, and the alarm. With credit again it is one of two again."""
    await office.begin()
    fall_ill(office.sick)
    numbers = await office.send_until("alarm_raised", seconds)
    (raised,) = office.said.events("alarm_raised")
    await office.sent([OWNER], seconds)
    assert ("all_sends_failing", "sick") == (raised["kind"], raised["subject"])
    assert detail in raised["error"]
    assert sorted([*numbers, OWNER]) == sorted(took(office.well))

    await office.queue([REGULAR])
    await office.said.until("text_accepted", to=REGULAR, count=2, within=seconds)
    assert ([REGULAR], REGULAR) == (took(office.sick), took(office.well)[-1])

    office.sick.fault = None
    numbers += await office.send_until("alarm_cleared", seconds)
    await office.said.until("text_accepted", to=OWNER, count=2, within=seconds)
    by_both = sorted(took(office.sick) + took(office.well))
    assert sorted([*numbers, REGULAR, REGULAR, OWNER, OWNER]) == by_both


def leave_the_network(sick: ModemEmulator) -> None:
    sick.network.registration = "searching"


def come_back(sick: ModemEmulator) -> None:
    sick.network.registration = "home"


def forget_the_service_centre(sick: ModemEmulator) -> None:
    sick.sim.service_centre = ""


def be_told_it(sick: ModemEmulator) -> None:
    sick.sim.service_centre = "+15550000001"


@pytest.mark.parametrize(
    ("fall_ill", "get_well", "kind", "detail"),
    [
        (leave_the_network, come_back, "modem_not_registered", "searching"),
        (forget_the_service_centre, be_told_it, "no_service_centre", "AT+CSCA? tells none"),
    ],
)
async def test_one_that_says_why_it_cannot_send(
    office: Office, fall_ill: Callable[[ModemEmulator], None], get_well: Callable[[ModemEmulator], None], kind: str,
    detail: str,
) -> None:  # fmt: skip
    """It is known before any text fails; and when it is over its numbers are its own again."""
    await office.begin()
    fall_ill(office.sick)
    raised = await office.said.until("alarm_raised", kind=kind, subject="sick", within=SECONDS)
    numbers = office.numbers(4)
    await office.queue([REGULAR, *numbers])
    await office.said.until("text_accepted", to=REGULAR, count=2, within=SECONDS)
    await office.sent([*numbers, OWNER])
    assert detail == raised["error"]
    assert [] == office.said.events("text_not_sent")
    assert sorted([REGULAR, *numbers, OWNER]) == sorted(took(office.well))
    assert [REGULAR] == took(office.sick)

    await office.queue(own := office.numbers(1), for_modem="sick")
    get_well(office.sick)
    await office.said.until("alarm_cleared", kind=kind, subject="sick", within=SECONDS)
    await office.sent(own)
    await office.queue(own)
    await office.said.until("text_accepted", to=own[0], count=2, within=SECONDS)
    assert [REGULAR, *own, *own] == took(office.sick)


async def test_a_glitch(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is lost for some seconds: its number keeps the modem."""
    monkeypatch.setattr(rules, "GLITCH", dt.timedelta(minutes=1))
    await office.begin()
    leave_the_network(office.sick)
    await office.queue([REGULAR])
    await office.said.until("text_not_sent", to=REGULAR, within=SECONDS)
    come_back(office.sick)
    await office.said.until("text_accepted", to=REGULAR, count=2, within=SECONDS)
    assert ([REGULAR, REGULAR], []) == (took(office.sick), took(office.well))
