"""Calls that came while nobody watched, from the PBX's own record: a real Asterisk's, and a FreeSWITCH's file."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio

from tests.builders import NOON, a_policy, seconds
from tests.daemon import running
from tests.daemon.running import Daemon
from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.sip import Carrier, Phone
from tests.pbx.freeswitch_cdr_rows import CALLER, CALLER_ANSWERED, EXAMPLE, a_line
from tests.pbx.freeswitch_cdr_rows import a_file as cdr_file
from textbackd.pbx.freeswitch_cdr_file import TEMPLATE
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.store import calls
from textbackd.store.database import Database, Transaction
from textbackd.workers.catch_up import CatchUp, Cdr

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


T = TypeVar("T")
LENGTHS = {"start_uepoch": 0, "bridge_uepoch": 5, "end_uepoch": 20}
"""Seconds after the start."""
SEEN, UNSEEN, UP, TALKED, LATER = (f"{n:08}-0000-4000-8000-000000000000" for n in range(5))


@pytest.mark.parametrize("template", [TEMPLATE, EXAMPLE], ids=["ours", "example"])
async def test_a_freeswitchs_file_makes_leads_too(tmp_path: Path, template: str) -> None:
    """Of who was missed unseen: not of who was seen, is on the line, was answered, or came when all was seen again."""

    def call(uuid: str, second: int, leg: Mapping[str, str] = CALLER) -> str:
        began = NOON + seconds(second)
        times = {name: f"{(began + seconds(length)).timestamp():.0f}000000" for name, length in LENGTHS.items()}
        times["answer_uepoch"] = times["bridge_uepoch"] if leg is CALLER_ANSWERED else "0"
        number = f"+4477009003{uuid[6:8]}"
        shown = {"orig_caller_id_number": number, "caller_id_number": number, "start_stamp": f"{began:%F %T}"}
        return a_line(leg, template, uuid=uuid, **times, **shown)

    file = cdr_file(
        tmp_path,
        *(call(SEEN, -30), call(UNSEEN, 10), call(UP, 20), call(TALKED, 40, CALLER_ANSWERED), call(LATER, 120)),
    )
    async with Database.open(tmp_path / "textbackd.db", durable=False) as database:

        async def write(work: Callable[[Transaction], Awaitable[T]]) -> T:
            async with database.transaction() as tx:
                return await work(tx)

        catch_up = CatchUp("freeswitch", Cdr(file=file, trunks=VANILLA), a_policy, write)
        for _twice in range(2):
            await catch_up.link_back(NOON, NOON + seconds(90), {UP})
        async with database.reading() as tx:
            rows = await calls.with_their_texts(tx)

    assert [(UNSEEN, "unknown", "silent")] == [(row["call_id"], row["outcome"], row["decision"]) for row in rows]
    assert calls.OUT_OF_CALL_RECORD + "no_answer" == rows[0]["because"]
