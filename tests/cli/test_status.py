"""``status`` without a daemon, and ``check`` with a mail server."""

import asyncio
import fcntl
import json
from pathlib import Path

import pytest

from tests.builders import NOON, seconds
from tests.cli.conftest import Desk
from tests.daemon import commands
from tests.notify import mail_server
from tests.notify.mail_server import HOST, PASSWORD, USER
from textbackd.cli import asking
from textbackd.cli.context import NOBODY_RUNS
from textbackd.core.alarms import AlarmKind, Channel
from textbackd.store import alarms
from textbackd.store.database import Database

MAIL = "alarms:\n  mail: {server: %s, port: %d, security: none, user: %s, password: %s, from: a@b, to: [it@office]}\n"


async def _blocked(path: Path) -> None:
    """A SIM that is blocked since ``NOON``; the log has told it, mail could not."""
    async with Database.open(path, durable=False) as database, database.transaction() as tx:
        await alarms.raise_(tx, AlarmKind.SIM_PUK, "gsm", "PUK required", NOON)
        telling = await alarms.next_to_tell(tx, Channel.LOG, NOON)
        assert telling is not None
        await alarms.told(tx, telling, Channel.LOG, NOON)
        await alarms.not_told(tx, telling, Channel.MAIL, "nobody answers", NOON + seconds(60))


def test_without_a_daemon(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and what the database knows: alarms with who was told, and texts that wait."""
    monkeypatch.setattr(asking, "DAEMON_PATIENCE", seconds(0))
    asyncio.run(_blocked(filled.database))

    result = filled.run("status")

    assert (1, "") == (result.code, result.err)
    for line in (
        f"{NOBODY_RUNS.format(filled.database)}: systemctl status textbackd",
        "ALARM since 2026-11-18 12:00:00: the SIM of modem gsm is blocked and wants its PUK",
        "  seen:  PUK required",
        "  to do: put it into a phone and enter the PUK that came with the SIM; textbackd never tries one",
        "  told:  log; mail not yet (1 tries): nobody answers",
        "Alarms go by: SMS to the owners where nothing else gets through.",
        "Texts: 0 held, 5 queued, 0 sending, 0 unknown.",
    ):
        assert line in result.out.splitlines()


def test_without_a_daemon_for_programs(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code says it too."""
    monkeypatch.setattr(asking, "DAEMON_PATIENCE", seconds(0))
    result = filled.run("status", "--json")

    assert 1 == result.code
    assert '"running": false' in result.out


@pytest.mark.parametrize("mistake", ["rules: {dellay: 5s}\n", "rules: [\n", "\tmode: observe\n"])
def test_with_a_wrong_file(filled: Desk, monkeypatch: pytest.MonkeyPatch, mistake: str) -> None:
    """What is wrong stands beside what the database knows; of what only the file knows nothing is said."""
    monkeypatch.setattr(asking, "DAEMON_PATIENCE", seconds(0))
    text = filled.configuration.read_text()
    filled.configuration.write_text(text.replace("rules:\n", mistake + "own_numbers:\n"))

    problems = filled.run("check", "--offline").err.splitlines()
    result = filled.run("status")
    told = json.loads(filled.run("status", "--json").out)

    assert problems
    assert (1, "") == (result.code, result.err)
    said = ["The file is WRONG, and no textbackd starts with it; mend it:", *(f"  {each}" for each in problems)]
    assert "\n".join(said) in result.out
    assert "Texts: 0 held, 5 queued, 0 sending, 0 unknown." in result.out
    assert "Alarms go by" not in result.out
    assert (problems, None) == (told["file_problems"], told["channels"])


async def test_check_logs_in_to_the_mail_server_and_sends_nothing(desk: Desk) -> None:
    """Offline it does not."""
    text = desk.configuration.read_text()
    async with mail_server.listening(login=True) as server:
        desk.configuration.write_text(text + MAIL % (HOST, server.port, USER, PASSWORD))
        right = await commands.run(desk.configuration, "check")
        offline = await commands.run(desk.configuration, "check", "--offline")
        desk.configuration.write_text(text + MAIL % (HOST, server.port, USER, "wrong"))
        wrong = await commands.run(desk.configuration, "check")

    assert f"ok   mail: {HOST}:{server.port}, logged in as {USER}, no TLS" in right.out
    assert f"ok   configuration: {desk.configuration}\n" == offline.out
    assert f"BAD  mail: {HOST}:{server.port} refuses the login of {USER}: 535" in wrong.out
    assert [] == server.mails
    assert True is server.logins[0]


def test_check_says_that_nobody_is_told(desk: Desk) -> None:
    """Which is no mistake, but may be one; a webhook cannot be tried."""
    assert "ok   alarms: nobody is told of trouble: name a mail server or a webhook" in desk.run("check").out
    desk.configuration.write_text(desk.configuration.read_text() + "alarms: {webhook: {url: 'https://x.example'}}\n")
    assert "ok   alarms: they go to the webhook, which is not tried" in desk.run("check").out


def test_check_leaves_out_the_secrets_that_lie_elsewhere(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a reload systemd shows credentials to nobody but the service; whoever logs in needs them."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    text = desk.configuration.read_text()
    desk.configuration.write_text(text.replace("secret: not-a-secret", "secret_credential: asterisk"))

    assert 1 == desk.run("check", "--offline").code
    assert 0 == desk.run("check", "--offline", "--without-secrets").code
    assert 2 == desk.run("check", "--without-secrets").code


def test_check_says_whether_a_daemon_runs_on_the_database(desk: Desk) -> None:
    """One that does not may run on another, which the file named when it was started."""
    there_is_none = f"ok   daemon: {NOBODY_RUNS.format(desk.database)}\n"
    assert there_is_none in desk.run("check").out
    with desk.database.with_name(desk.database.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert there_is_none not in desk.run("check").out
