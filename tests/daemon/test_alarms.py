"""The daemon says by mail what is broken, once, and that it works again, once; over a restart too."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import fake_ami
from tests.daemon import commands, crashing, running
from tests.daemon.running import Daemon
from tests.daemon.said import Said
from tests.daemon.test_in_one_process import at_work
from tests.notify import mail_server, web_server
from tests.notify.mail_server import HOST
from textbackd import clock, daemon
from textbackd.core import alarms as rules
from textbackd.core.alarms import AlarmKind
from textbackd.modem.modem import Modem, ModemUnavailable, Received, Stored
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings
from textbackd.notify.settings import AlarmSettings, Security, SmtpSettings, WebhookSettings
from textbackd.reload import Reload
from textbackd.store import alarms
from textbackd.store.database import Database
from textbackd.workers import alarmer

AT_ONCE = dt.timedelta(0)


class LooseModem(SimulatedModem):
    """Is there only while it is plugged in."""

    def __init__(self, settings: SimulatedSettings) -> None:
        super().__init__(settings)
        self.plugged_in = False

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        if not self.plugged_in:
            raise ModemUnavailable("it was unplugged")
        return await super().receive(shelf)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No condition has to last, and none to be gone for long."""
    hasty = dataclasses.replace(rules.MEANINGS[AlarmKind.MODEM_DOWN], lasting=AT_ONCE)
    monkeypatch.setattr(rules, "MEANINGS", {**rules.MEANINGS, AlarmKind.MODEM_DOWN: hasty})
    monkeypatch.setattr(rules, "CALM", AT_ONCE)
    monkeypatch.setattr(alarmer, "POLL", 0.05)


async def test_a_modem_that_is_not_there(tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """One mail, though the daemon is restarted; status says it; one mail when the modem is there."""
    modems: list[LooseModem] = []

    def loose(settings: SimulatedSettings, _unanswered: object) -> Modem:
        modems.append(LooseModem(settings))
        return modems[-1]

    monkeypatch.setattr(daemon, "_modem", loose)
    async with fake_ami.listening() as ami, mail_server.listening() as server:
        configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
        mail = SmtpSettings(
            server=HOST, port=server.port, security=Security.NONE, sender="a@office.example", to=("it@office.example",)
        )
        settings = dataclasses.replace(crashing.settings(tmp_path, ami.port), alarms=AlarmSettings(mail=mail))
        async with at_work(settings, ami):
            first = await server.until(1)
            await said.until("alarm_raised", kind="modem_down", subject="gsm")
        ami.actions.clear()
        async with at_work(settings, ami):
            await said.until("modem_lost", count=2)
            down = await commands.run(configuration, "status")
            modems[-1].plugged_in = True
            modems[-1].incoming.set()
            second = await server.until(2)
            await said.until("alarm_cleared", kind="modem_down", subject="gsm")
            well = await commands.run(configuration, "status", "--json")

    problem = "modem gsm does not answer: texts wait, and replies are not read"
    assert [problem, f"over: {problem}"] == [mail["Subject"].partition("Plumbing: ")[2] for mail in (first, second)]
    assert "it was unplugged" in first.get_content()
    assert 2 == len(server.mails)
    assert 1 == len(said.events("alarm_raised"))
    assert 1 == down.code
    assert "modem gsm     down" in down.out
    assert "PBX asterisk  up" in down.out
    assert problem in down.out
    assert (0, []) == (well.code, well.json["alarms"])


async def test_a_reload_changes_who_is_told(tmp_path: Path) -> None:
    """Mail that failed is switched off: its own alarm is over. The webhook that came instead is told what stands."""
    async with fake_ami.listening() as ami, web_server.listening() as web:
        mail = SmtpSettings(
            server=HOST, port=1, security=Security.NONE, sender="a@office.example", to=("it@office.example",)
        )
        before = dataclasses.replace(crashing.settings(tmp_path, ami.port), alarms=AlarmSettings(mail=mail))
        after = dataclasses.replace(before, alarms=AlarmSettings(webhook=WebhookSettings(url=web.url)))
        reload = Reload(lambda: after)
        async with at_work(before, ami, reload), Database.open(before.database) as database:
            async with database.transaction() as tx:
                await alarms.raise_(tx, AlarmKind.LOOP_TEST_FAILED, "gsm", "sent", clock.utc_now())
            await _until(database, "SELECT count(*) FROM alarms WHERE kind = 'mail_failing'")
            reload.ask()
            told = await web.until(1)
            await _until(database, "SELECT 1 - count(*) FROM alarms WHERE kind = 'mail_failing'")

    assert "loop_test_failed" == told.json["kind"]


async def _until(database: Database, sql: str) -> None:
    """Until a query's only value is 1."""
    async with asyncio.timeout(10):
        while True:
            async with database.reading() as tx:
                row = await tx.one(sql)
            if row is not None and row[0] == 1:
                return
            await asyncio.sleep(0.02)


async def test_nobody_to_tell(tmp_path: Path) -> None:
    """Is said once, at the start of the service."""
    service = Daemon(running.configuration(tmp_path, host="127.0.0.1", port=1))
    try:
        await service.start()
        await service.stop()
    finally:
        await service.close()

    assert 1 == len(service.events("nobody_is_told_of_alarms", level="warning"))
