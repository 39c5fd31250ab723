"""A changed configuration takes effect while the daemon runs: no call in the air and no link is lost for it."""

import asyncio
import contextlib
import datetime as dt
import os
import signal
import socket
import sqlite3
from pathlib import Path

import pytest

from tests import fake_ami
from tests.daemon import commands, running
from tests.daemon.running import BUSINESS, OWNER, Daemon, Office
from textbackd.cli.context import NOBODY_RUNS
from textbackd.store.database import moment

ANN, BOB = "+447700900101", "+447700900102"
NEW_OWNER = "+447700900002"
STORM = 50


def change(configuration: Path, *changes: tuple[str, str]) -> None:
    """Replace these words in the file."""
    text = configuration.read_text()
    for old, new in changes:
        assert 1 == text.count(old), old
        text = text.replace(old, new)
    configuration.write_text(text)


async def test_what_is_new_counts_from_the_next_decision_on(office: Office) -> None:
    """Also for a call that was in the air meanwhile: words, delay and owner; and nobody connects anew."""
    daemon, ami = office.daemon, office.ami
    ami.send(*fake_ami.arrives("1.1", ANN))
    await daemon.until("call_arrived", call_id="1.1")
    change(
        office.configuration,
        ("delay: 0s", "delay: 10m"),
        ("sorry we missed you. What", "we were at work. What"),
        (f'["{OWNER}"]', f'["{NEW_OWNER}"]'),
    )
    await daemon.reload()
    ami.send(*fake_ami.is_not_answered("1.1"))
    await daemon.until("call_ended", call_id="1.1", decision="text")

    text = daemon.row("SELECT * FROM outbox WHERE kind = 'caller'")
    call = daemon.row("SELECT * FROM calls WHERE call_id = '1.1'")
    assert f"{BUSINESS}: we were at work. What can we do for you? Reply STOP to opt out." == text["text"]
    assert dt.timedelta(minutes=10) == moment(text["not_before"]) - moment(call["ended_at"])
    assert [NEW_OWNER] == [row["number"] for row in daemon.rows("SELECT number FROM outbox WHERE kind = 'owner'")]
    assert 1 == ami.connections
    assert 1 == len(daemon.events("pbx_connected"))
    assert [] == daemon.events("restart_wanted")


async def test_a_text_that_cannot_go_out_as_it_is_written_is_told_of(office: Office) -> None:
    """It is taken all the same, and another goes out in its place; what is only unusual is for ``check``."""
    change(office.configuration, ("sorry we missed you. What", f"sorry we missed you!! {'x' * 160} What"))
    await office.daemon.reload()

    (told,) = office.daemon.events("configuration_unwise")
    assert ("warning", True) == (told["level"], "parts" in told["warning"])
    assert 1 == len(office.daemon.events("configuration_reloaded"))


async def test_hours_and_exclusions(office: Office) -> None:
    """Closed from now on; and who is excluded gets nothing."""
    change(
        office.configuration,
        ("    owners:", "    hours: 'Feb 29 00:00-00:01'\n    owners:"),
        ("rules:\n", f"exclusions: [{{label: vip, number: '{ANN}'}}]\nrules:\n"),
    )
    await office.daemon.reload()
    office.ami.send(*fake_ami.rings_out("1.1", ANN), *fake_ami.rings_out("2.2", BOB))

    await office.daemon.until("call_ended", call_id="1.1", reason="excluded")
    await office.daemon.until("call_ended", call_id="2.2", decision="text")
    (call,) = office.daemon.rows("SELECT hours FROM calls WHERE call_id = '2.2'")
    assert "closed" == call["hours"]


async def test_a_text_that_waits_is_asked_about_by_the_new_rules(office: Office) -> None:
    """Its number was excluded after the decision."""
    daemon = office.daemon
    change(office.configuration, ("delay: 0s", "delay: 10m"))
    await daemon.reload()
    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await daemon.until("call_ended", call_id="1.1", decision="text")
    change(office.configuration, ("rules:\n", f"exclusions: [{{label: vip, number: '{ANN}'}}]\nrules:\n"))
    await daemon.reload()
    text = str(daemon.row("SELECT id FROM outbox WHERE kind = 'caller'")["id"])
    for verb in ("hold", "release"):  # who releases a text has it go now
        assert 0 == (await commands.run(office.configuration, "queue", verb, text)).code

    await daemon.until("text_cancelled", message_id=int(text), reason="excluded")


async def test_who_is_no_owner_any_more_reads_nothing_more(office: Office) -> None:
    """Not even of a lead that was there before."""
    daemon = office.daemon
    change(office.configuration, ("delay: 0s", "delay: 10m"), (f'["{OWNER}"]', f'["{OWNER}", "{NEW_OWNER}"]'))
    await daemon.reload()
    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await daemon.until("call_ended", call_id="1.1")
    change(office.configuration, (f'["{OWNER}", "{NEW_OWNER}"]', f'["{NEW_OWNER}"]'))
    await daemon.reload()
    # The next reload begins when this one has done all.
    await daemon.reload()

    told = daemon.rows("SELECT number, state FROM outbox WHERE kind = 'owner' ORDER BY number")
    assert [(OWNER, "cancelled"), (NEW_OWNER, "queued")] == [(row["number"], row["state"]) for row in told]


async def test_a_wrong_file_changes_nothing(office: Office) -> None:
    """Each mistake is said with its place, in the log and by ``status``, until a right file is loaded."""
    daemon = office.daemon
    right = office.configuration.read_text()
    change(
        office.configuration, ("What can we do", "What shall we do"), ("delay: 0s", "dellay: 0s"), ("port: ", "port: x")
    )
    await daemon.reload()
    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await daemon.until("call_ended", call_id="1.1", decision="text")
    problems = [line["problem"] for line in daemon.events("configuration_wrong", level="error")]
    offline = await commands.run(office.configuration, "check", "--offline", "--without-secrets")
    office.configuration.write_text(right)
    failed = await commands.run(office.configuration, "status")
    told = await commands.run(office.configuration, "status", "--json")
    await daemon.reload()
    mended = await commands.run(office.configuration, "status")

    assert 1 == len(daemon.events("reload_failed", problems=2))
    assert [running.WORDS] == [row["text"] for row in daemon.rows("SELECT text FROM outbox WHERE kind = 'caller'")]
    port, dellay = problems
    assert port.startswith(f"{office.configuration}:19:11: a whole number is wanted here")
    assert dellay.endswith(":3: unknown key 'dellay'; did you mean 'delay'?")
    assert (1, problems) == (offline.code, offline.problem.splitlines())
    assert (1, 1) == (failed.code, told.code)
    assert "FAILED; mend the file and reload again:" in failed.out
    assert f"  {dellay}" in failed.out.splitlines()
    assert problems == told.json["configuration"]["problems"]
    assert 0 == mended.code
    assert "Configuration in force since " in mended.out
    assert "FAILED" not in mended.out


async def test_what_wants_a_restart_is_named(office: Office) -> None:
    """In the log and by ``status``; all else is taken, and what runs goes on."""
    daemon = office.daemon
    change(
        office.configuration,
        ("host: 127.0.0.1", "host: pbx.example"),
        ("  - name: gsm", "  - name: other"),
        ("What can we do", "What shall we do"),
    )
    await daemon.reload()
    line = await daemon.until("restart_wanted", level="warning")
    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await daemon.until("text_accepted", to=ANN)
    status = await commands.run(office.configuration, "status")

    assert ["pbx[0].host", "modems"] == line["keys"]
    text = daemon.row("SELECT text, modem FROM outbox WHERE kind = 'caller'")
    assert ("gsm", running.WORDS.replace("can", "shall")) == (text["modem"], text["text"])
    assert 1 == office.ami.connections
    assert 0 == status.code
    assert "To take effect, these want a restart: pbx[0].host, modems." in status.out


async def test_another_database_is_refused(office: Office) -> None:
    """With all that is beside it in the file; and who enters something there hears that nobody else does."""
    there = office.configuration.parent / "other.db"
    right = office.configuration.read_text()
    with contextlib.closing(sqlite3.connect(there.with_name("textbackd.db"))) as connection:
        connection.execute("VACUUM INTO ?", (str(there),))
    change(office.configuration, ("textbackd.db", there.name), ("What can we do", "What shall we do"))
    await office.daemon.reload()
    line = await office.daemon.until("configuration_wrong", level="error")
    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await office.daemon.until("text_accepted", to=ANN)
    unheard = await commands.run(office.configuration, "opt-out", "add", BOB)
    status = await commands.run(office.configuration, "status")
    office.configuration.write_text(right)
    refused = await commands.run(office.configuration, "status")
    heard = await commands.run(office.configuration, "opt-out", "add", BOB)

    assert line["problem"].startswith(f"database: it stays {there.with_name('textbackd.db')} until a restart; commands")
    assert running.WORDS == office.daemon.row("SELECT text FROM outbox WHERE kind = 'caller'")["text"]
    nobody_runs = NOBODY_RUNS.format(there)
    assert (0, f"note: {nobody_runs}; this counts once one runs there\n") == (unheard.code, unheard.problem)
    assert (1, True) == (status.code, status.out.startswith(nobody_runs))
    assert (1, True) == (refused.code, f"  {line['problem']}" in refused.out.splitlines())
    assert (0, "") == (heard.code, heard.problem)


async def test_commands_go_on_while_the_file_is_wrong(office: Office) -> None:
    """As the daemon does: an opt-out at the desk counts, and ``status`` tells what is in force."""
    right = office.configuration.read_text()
    office.configuration.write_text(right.replace("delay: 0s", "dellay: 0s") + "\tmode: live\n")
    wrong = await commands.run(office.configuration, "status")
    await office.daemon.reload()
    failed = await commands.run(office.configuration, "status")
    added = await commands.run(office.configuration, "opt-out", "add", ANN)
    office.ami.send(*fake_ami.rings_out("1.1", ANN))

    await office.daemon.until("call_ended", call_id="1.1", reason="opted_out")
    assert (0, f"{ANN} gets no more texts.\n") == (added.code, added.out)
    assert f"note: {office.configuration} is wrong; textbackd check tells where\n" == added.problem
    for said, before in (
        (wrong, "The file is WRONG, and what was loaded then stays in force; mend it:"),
        (failed, "FAILED; mend the file and reload again:"),
    ):
        lines = said.out.splitlines()
        assert 1 == said.code
        (at,) = (i for i, line in enumerate(lines) if line.endswith(": there is a tab: YAML takes spaces only"))
        assert lines[at - 1].endswith(before)
        assert lines[at - 2].startswith("Configuration in force since ")


async def test_many_hangups_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It loads a few times, the last file in the end; systemd hears of each that it began and that it is over."""
    words = list[str]()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        asyncio.get_running_loop().add_reader(systemd, lambda: words.extend(systemd.recv(4096).decode().splitlines()))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        async with fake_ami.listening() as ami:
            daemon = Daemon(running.configuration(tmp_path, host="127.0.0.1", port=ami.port))
            try:
                await daemon.start()
                change(tmp_path / "textbackd.yaml", ("What can we do", "What shall we do"))
                for _ in range(STORM):
                    daemon.send(signal.SIGHUP)
                await daemon.until("configuration_reloaded")
                await daemon.until("pbx_connected")
                ami.send(*fake_ami.rings_out("1.1", ANN))
                await daemon.until("text_accepted", to=ANN)
                await daemon.stop()
            finally:
                await daemon.close()
        asyncio.get_running_loop().remove_reader(systemd)

    (text,) = daemon.rows("SELECT text FROM outbox WHERE kind = 'caller'")
    assert running.WORDS.replace("can", "shall") == text["text"]
    reloads = len(daemon.events("configuration_reloaded"))
    assert 1 <= reloads < STORM
    about = [word for word in words if word.startswith(("READY", "RELOADING", "STOPPING"))]
    assert ["READY=1", *["RELOADING=1", "READY=1"] * reloads, "STOPPING=1"] == about
    assert reloads == sum(word.startswith("MONOTONIC_USEC=") for word in words)
    assert 0 == daemon.returncode


async def test_a_hangup_while_it_starts_is_served_when_it_has(tmp_path: Path) -> None:
    """It comes while the file is being read, which is another one by then."""
    async with fake_ami.listening() as ami, asyncio.TaskGroup() as group:
        configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
        read = configuration.read_text()
        configuration.unlink()
        os.mkfifo(configuration)
        daemon = Daemon(configuration)
        try:
            starting = group.create_task(daemon.start())
            reading = await _until_read(configuration)
            configuration.unlink()
            configuration.write_text(read + "mode: observe\n")
            daemon.send(signal.SIGHUP)
            with os.fdopen(reading, "w") as pipe:
                pipe.write(read)
            await starting
            await daemon.until("configuration_reloaded")
            await daemon.until("observing_only")
        finally:
            await daemon.close()


async def test_a_hangup_before_all_modules_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes a second, on a slow machine more."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")  # a line for each
    async with fake_ami.listening() as ami, asyncio.TaskGroup() as group:
        daemon = Daemon(running.configuration(tmp_path, host="127.0.0.1", port=ami.port))
        try:
            starting = group.create_task(daemon.start())
            await daemon.until_said("textbackd.errors")
            daemon.send(signal.SIGHUP)
            await starting
            await daemon.until("configuration_reloaded")
        finally:
            await daemon.close()


async def _until_read(pipe: Path) -> int:
    """The end of a pipe that is written, once somebody has opened the other."""
    async with asyncio.timeout(30):
        while True:
            try:
                return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # ENXIO: nobody yet
                await asyncio.sleep(0.01)


async def test_hangups_while_it_stops(office: Office) -> None:
    """It ends as it would without them."""

    async def hang_up() -> None:
        while office.daemon.returncode is None:
            office.daemon.send(signal.SIGHUP)
            await asyncio.sleep(0.005)

    async with asyncio.TaskGroup() as group:
        group.create_task(hang_up())
        await office.daemon.until("configuration_reloaded")
        await office.daemon.stop()

    assert 0 == office.daemon.returncode


async def test_the_log_follows(office: Office) -> None:
    """A PBX may stay connected for months before somebody wants to see more of it."""
    change(office.configuration, ("level: debug", "level: info"))
    await office.daemon.reload()
    before = len(office.daemon.events("call_arrived"))
    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await office.daemon.until("call_ended", call_id="1.1")

    assert before == len(office.daemon.events("call_arrived"))
