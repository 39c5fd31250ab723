"""Alarms told by one channel, step by step: once each, tried again, and never in another channel's way."""

import asyncio
import dataclasses
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, an_office, seconds
from tests.daemon.said import Said
from tests.notify import mail_server, web_server
from tests.notify.mail_server import MailServer
from tests.notify.web_server import WebServer
from tests.workers.far_ends import ManualClock, row, rows
from textbackd.core.alarms import CALM, AlarmKind, Channel
from textbackd.notify.settings import AlarmSettings, Security, SmtpSettings, WebhookSettings
from textbackd.store import alarms
from textbackd.store.database import Database, moment
from textbackd.workers import alarmer as module
from textbackd.workers import patiently
from textbackd.workers.alarmer import LONGEST_PAUSE, Alarmer, Tell

PUK = AlarmKind.SIM_PUK
"""Which is an alarm at once."""


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server.listening() as server:
        yield server


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server.listening() as server:
        yield server


def way_to_tell(channel: Channel, far_end: MailServer | WebServer | None, clock: ManualClock) -> Tell:
    """With a time-out of half a second."""
    settings = AlarmSettings()
    if isinstance(far_end, MailServer):
        smtp = SmtpSettings(
            server=mail_server.HOST,
            port=far_end.port,
            security=Security.NONE,
            sender="textbackd@office.example",
            to=("it@office.example",),
            timeout=0.5,
        )
        settings = dataclasses.replace(settings, mail=smtp)
    elif far_end is not None:
        settings = dataclasses.replace(settings, webhook=WebhookSettings(url=far_end.url, secret="s", timeout=0.5))
    return module.channels(settings, an_office(), clock)[channel]


def alarmer(
    channel: Channel, far_end: MailServer | WebServer | None, database: Database, clock: ManualClock
) -> Alarmer:
    tell = way_to_tell(channel, far_end, clock)
    return Alarmer(channel, lambda: tell, database, clock)


async def begin(database: Database, clock: ManualClock, subject: str = "gsm", kind: AlarmKind = PUK) -> None:
    async with database.transaction() as tx:
        await alarms.raise_(tx, kind, subject, "it is blocked", clock())


async def end(database: Database, clock: ManualClock) -> None:
    async with database.transaction() as tx:
        await alarms.clear(tx, PUK, "gsm", clock())


async def telling(database: Database) -> dict[str, Any]:
    return dict(await row(database, "SELECT told, attempts, error FROM alarm_tellings"))


async def test_a_mail_when_it_begins_and_one_when_it_is_over(
    mail: MailServer, database: Database, clock: ManualClock
) -> None:
    """And none in between, nor after a restart."""
    assert not await alarmer(Channel.MAIL, mail, database, clock).step()
    await begin(database, clock)
    for _ in range(3):
        await alarmer(Channel.MAIL, mail, database, clock).step()
    await end(database, clock)
    assert not await alarmer(Channel.MAIL, mail, database, clock).step()
    clock.move_on(CALM.total_seconds())
    for _ in range(3):
        await alarmer(Channel.MAIL, mail, database, clock).step()

    problem = "the SIM of modem gsm is blocked and wants its PUK"
    assert [f"textbackd at Hill Plumbing: {problem}", f"textbackd at Hill Plumbing: over: {problem}"] == [
        found["Subject"].strip() for found in mail.mails
    ]
    assert "Seen:   it is blocked" in mail.mails[0].get_content()


async def test_a_webhook_of_the_same(web: WebServer, database: Database, clock: ManualClock) -> None:
    """Signed at the time of the try."""
    await begin(database, clock)
    clock.move_on(60)
    assert await alarmer(Channel.WEBHOOK, web, database, clock).step()

    (request,) = web.requests
    assert ("alarm.raised", "sim_puk", "gsm") == tuple(request.json[key] for key in ("event", "kind", "subject"))
    assert request.json["id"] == request.headers["webhook-id"]
    assert str(int(clock().timestamp())) == request.headers["webhook-timestamp"]
    assert request.headers["webhook-signature"].startswith("v1,")


async def test_the_log(database: Database, clock: ManualClock, said: Said) -> None:
    """One line when it begins, one when it is over."""
    await begin(database, clock)
    worker = alarmer(Channel.LOG, None, database, clock)
    assert [True, False] == [await worker.step(), await worker.step()]
    await end(database, clock)
    clock.move_on(CALM.total_seconds())
    assert await worker.step()

    (raised,) = said.events("alarm_raised")
    assert ("warning", "sim_puk", "gsm", "it is blocked") == tuple(
        raised[key] for key in ("level", "kind", "subject", "error")
    )
    assert 1 == len(said.events("alarm_cleared", level="info", since=NOON, until=NOON))


async def test_a_server_that_is_busy_is_tried_again(
    mail: MailServer, database: Database, clock: ManualClock, said: Said
) -> None:
    """With growing pauses, said once; then the mail arrives, under the id of its first try."""
    mail.answer = "451 greylisted"
    await begin(database, clock)
    worker = alarmer(Channel.MAIL, mail, database, clock)
    assert [True, False] == [await worker.step(), await worker.step()]
    found = await telling(database)
    assert ("", 1) == (found["told"], found["attempts"])
    assert found["error"].endswith("says 451 greylisted")
    pauses = []
    for _ in range(8):
        due = moment((await row(database, "SELECT due_at FROM alarm_tellings"))["due_at"])
        pauses.append((due - clock()).total_seconds())
        clock.now = due
        assert await worker.step()
    mail.answer = "250 taken"
    clock.move_on(LONGEST_PAUSE)
    assert await worker.step()

    assert all(15 * 2**n <= pause <= 30 * 2**n for n, pause in enumerate(pauses[:5]))
    assert max(pauses) <= LONGEST_PAUSE
    assert 1 == len(said.events("alarm_not_told", level="warning"))
    assert {"told": "raised", "attempts": 0, "error": ""} == await telling(database)
    (only,) = mail.mails
    assert "<alarm-1-20261118T120000-raised.textbackd@office.example>" == only["Message-ID"]


async def test_a_refusal_waits_for_a_person(mail: MailServer, database: Database, clock: ManualClock) -> None:
    """A login that fails often is locked out: the longest pause at once."""
    mail.answer = "554 no"
    await begin(database, clock)
    assert await alarmer(Channel.MAIL, mail, database, clock).step()

    due = await row(database, "SELECT due_at FROM alarm_tellings")
    assert (NOON + seconds(LONGEST_PAUSE)).isoformat(timespec="microseconds") == due["due_at"]


async def test_mail_that_fails_for_long_is_an_alarm_itself(
    mail: MailServer, web: WebServer, database: Database, clock: ManualClock
) -> None:
    """Told by the others; by mail, once it works, that it is over."""
    mail.manner = "hang up"
    by_mail = alarmer(Channel.MAIL, mail, database, clock)
    by_webhook = alarmer(Channel.WEBHOOK, web, database, clock)
    await begin(database, clock)
    while clock() < NOON + seconds(900):
        await by_mail.step()
        clock.move_on(60)
    while await by_webhook.step():
        pass
    assert ["sim_puk", "mail_failing"] == [request.json["kind"] for request in web.requests]
    mail.manner = "take"
    clock.move_on(LONGEST_PAUSE)
    while await by_mail.step():
        pass
    clock.move_on(CALM.total_seconds())
    while await by_mail.step() or await by_webhook.step():
        pass

    assert "alarm.cleared" == web.requests[-1].json["event"]
    assert ["the SIM of modem gsm is blocked and wants its PUK", "over: mail about alarms does not get through"] == [
        found["Subject"].partition("Plumbing: ")[2] for found in mail.mails
    ]


async def test_a_channel_that_comes_and_goes(mail: MailServer, database: Database, clock: ManualClock) -> None:
    """What stood when it was switched on is told; switched off, it tells nothing."""
    ways: list[Tell] = []
    worker = Alarmer(Channel.MAIL, lambda: ways[-1] if ways else None, database, clock)
    await begin(database, clock)
    assert not await worker.step()
    ways.append(way_to_tell(Channel.MAIL, mail, clock))
    assert await worker.step()
    ways.clear()
    await begin(database, clock, "other")
    assert not await worker.step()

    assert 1 == len(mail.mails)


async def test_a_channel_that_went_while_it_told_is_no_alarm(
    mail: MailServer, database: Database, clock: ManualClock
) -> None:
    """Nobody would clear it: that it failed concerns nobody any more."""
    mail.manner = "stall"
    ways = [way_to_tell(Channel.MAIL, mail, clock)]
    worker = Alarmer(Channel.MAIL, lambda: ways[-1] if ways else None, database, clock)
    await begin(database, clock)
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(worker.step())
        await mail.stalled.wait()
        ways.clear()
    assert telling.result()

    assert ["sim_puk"] == [alarm["kind"] for alarm in await rows(database, "SELECT kind FROM alarms")]


async def test_a_mail_server_that_stalls_is_in_nobodys_way(
    mail: MailServer, web: WebServer, database: Database, clock: ManualClock
) -> None:
    """The webhook is told meanwhile."""
    mail.manner = "stall"
    await begin(database, clock)
    async with asyncio.TaskGroup() as group:
        stalled = group.create_task(alarmer(Channel.MAIL, mail, database, clock).step())
        assert await alarmer(Channel.WEBHOOK, web, database, clock).step()
        assert not stalled.done()

    assert ["webhook"] == [r["channel"] for r in await rows(database, "SELECT * FROM alarm_tellings WHERE told <> ''")]


async def test_a_stop_waits_for_the_answer(
    mail: MailServer, database: Database, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told while the stop came is recorded, also in a database that is locked for a moment: told once."""
    monkeypatch.setattr(patiently, "TRY_AGAIN", 0.01)
    await begin(database, clock)
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:
        async with asyncio.TaskGroup() as group:
            step = group.create_task(alarmer(Channel.MAIL, mail, database, clock).step())
            await mail.until(1)
            other.execute("BEGIN IMMEDIATE")
            step.cancel()
            await asyncio.sleep(0)
            other.execute("ROLLBACK")

    assert step.cancelled()
    assert "raised" == (await telling(database))["told"]


async def test_a_stop_does_not_wait_for_ever(
    mail: MailServer, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that stalls is left; what it was given is told at the next start."""
    monkeypatch.setattr(module, "STOP_PATIENCE", 0.05)
    mail.manner = "stall"
    await begin(database, clock)
    async with asyncio.TaskGroup() as group:
        step = group.create_task(alarmer(Channel.MAIL, mail, database, clock).step())
        await mail.stalled.wait()
        step.cancel()
    mail.manner = "take"
    assert await alarmer(Channel.MAIL, mail, database, clock).step()

    assert 1 == len(mail.mails)
