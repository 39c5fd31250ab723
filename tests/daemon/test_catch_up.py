"""Calls that came to a real Asterisk while no daemon ran, from its own record of calls."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.daemon import running
from tests.daemon.running import Daemon
from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.sip import Carrier, Phone

BEFORE, MISSED, ANSWERED, AFTER = (f"+4477009003{i:02}" for i in range(4))


def master(asterisk: Asterisk) -> Path:
    """Where it writes its calls."""
    return asterisk.folder / "log" / "cdr-csv" / "Master.csv"


@pytest_asyncio.fixture
async def daemon(tmp_path: Path, asterisk: Asterisk) -> AsyncIterator[Daemon]:
    """At work on the Asterisk, with its Master.csv."""
    configuration = running.configuration(tmp_path, host=asterisk.pbx, port=asterisk.ami_port)
    text = configuration.read_text().replace("    user:", f"    cdr_file: {master(asterisk)}\n    user:")
    configuration.write_text(text)
    daemon = Daemon(configuration)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(daemon.close)
        await daemon.start()
        await daemon.until("pbx_connected")
        yield daemon


async def busy(carrier: Carrier, phones: dict[str, Phone], caller: str) -> None:
    phones["101"].behaviour = behaviour.BUSY
    await (await carrier.call(caller, did=office.ONE_PHONE)).ended()


@pytest.mark.parametrize("asterisk_version", [22, 16])
async def test_calls_that_nobody_watched_make_leads(
    daemon: Daemon, asterisk: Asterisk, carrier: Carrier, phones: dict[str, Phone]
) -> None:
    """Who was missed is a lead, once; who was answered is none; nobody is texted but by a call that was seen."""
    await busy(carrier, phones, BEFORE)
    await daemon.until("text_accepted", to=BEFORE)
    await daemon.stop()

    await busy(carrier, phones, MISSED)
    phones["101"].behaviour = behaviour.Behaviour(answer_after=0.1, hang_up_after=2.5)
    await (await carrier.call(ANSWERED, did=office.ONE_PHONE)).ended()
    async with asyncio.timeout(10):
        while ANSWERED not in master(asterisk).read_text():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.05)
    await daemon.start()
    caught = await daemon.until("call_caught_up")
    await daemon.stop()
    await daemon.start()
    await daemon.until("pbx_connected", count=3)
    await busy(carrier, phones, AFTER)
    await daemon.until("text_accepted", to=AFTER)

    assert len(daemon.events("call_caught_up")) == 1
    row = daemon.row("SELECT * FROM calls WHERE caller = ?", MISSED)
    assert (row["call_id"], row["outcome"], row["decision"]) == (caught["call_id"], "unknown", "silent")
    assert "by its own record, which is often wrong: busy" in row["because"]
    assert [] == daemon.rows("SELECT * FROM calls WHERE caller = ?", ANSWERED)
    assert {BEFORE, MISSED, AFTER} == {row["number"] for row in daemon.rows("SELECT number FROM leads")}
    assert {BEFORE, AFTER} == {row["number"] for row in daemon.rows("SELECT number FROM outbox WHERE kind = 'caller'")}
