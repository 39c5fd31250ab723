"""Calls back over a restart of the daemon."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import fake_ami
from tests.builders import CALLER, NOON, a_policy, seconds
from tests.daemon import crashing
from tests.daemon.said import Said
from tests.workers.call_book.book import BOB
from tests.workers.call_book.watch import Watch, hang_up
from tests.workers.far_ends import row, rows
from textbackd import clock as real_clock
from textbackd import daemon
from textbackd.config import Settings
from textbackd.core.calls import LiveCall
from textbackd.store import leads, live_calls
from textbackd.store.database import Database


@contextlib.asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[None]:
    """A daemon in this process."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(daemon.run(settings, stop=stop))
        yield
        stop.set()


def listed(channel: str, uniqueid: str, linkedid: str, bridge: str = "") -> dict[str, str]:
    """A row of a snapshot: somebody whom a phone of the office, or a click, has called."""
    return {
        "Event": "CoreShowChannel", "Channel": channel, "ChannelState": "6", "Uniqueid": uniqueid,
        "Linkedid": linkedid, "CallerIDNum": "s", "Context": "from-trunk", "Exten": "", "Application": "AppDial",
        "ApplicationData": "(Outgoing Line)", "Duration": "00:00:05", "BridgeId": bridge,
    }  # fmt: skip


async def lead_being_called(settings: Settings) -> None:
    """What an earlier life left: a lead, and that it is being called."""
    live = LiveCall(call_id="9.9", caller=CALLER, did="", started_at=real_clock.utc_now(), outbound=True)
    async with Database.open(settings.database) as database, database.transaction() as tx:
        await leads.for_text(tx, "Hill Plumbing", CALLER, NOON)
        await live_calls.add(tx, "asterisk", live, CALLER)


@pytest.mark.parametrize("linkedid", ["9.8", "9.9"], ids=["a phone dialled", "a click rang outside first"])
async def test_a_call_back_is_no_call_from_outside_after_a_restart(tmp_path: Path, said: Said, linkedid: str) -> None:
    """What was in the air is known again as what it was: no call is judged, nobody told, and it ends."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        await lead_being_called(settings)
        ami.channels = [listed("PJSIP/trunk-00000009", "9.9", linkedid)]
        async with at_work(settings):
            await said.until("pbx_connected")
            ami.send(hang_up("9.9"), *fake_ami.rings_out("2.2", BOB))
            await said.until("call_ended", call_id="2.2")
        async with Database.open(settings.database) as database:
            assert ["2.2"] == [call["call_id"] for call in await rows(database, "SELECT call_id FROM calls")]
            assert [] == await rows(database, "SELECT * FROM live_calls")


async def test_a_call_back_is_a_contact_over_a_restart(tmp_path: Path, said: Said) -> None:
    """The list of channels has forgotten the number; what is noted of the calls in the air has not."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        settings = dataclasses.replace(settings, policy=a_policy(minimum_talk=seconds(0)))
        await lead_being_called(settings)
        phone = listed("PJSIP/101-00000008", "9.8", "9.8", bridge="b") | {"Context": "from-internal"}
        ami.channels = [listed("PJSIP/trunk-00000009", "9.9", "9.8", bridge="b"), phone]
        async with at_work(settings):
            await said.until("pbx_connected")
            ami.send(hang_up("9.8"), hang_up("9.9"), *fake_ami.rings_out("2.2", BOB))
            await said.until("call_ended", call_id="2.2")
        async with Database.open(settings.database) as database:
            lead = await row(database, "SELECT status, contacted_by FROM leads WHERE number = ?1", CALLER)
            assert ("contacted", "101") == (lead["status"], lead["contacted_by"])


async def test_a_caller_found_in_the_middle_keeps_the_did_that_the_pbx_remembers(watch: Watch) -> None:
    """The extension has moved on to a feature code; the number dialled stands beside it, and is not overwritten."""
    caller = listed("PJSIP/trunk-00000001", "1.1", "1.1") | {"CallerIDNum": "07700900123", "Exten": "*102"}
    complete = {"Event": "CoreShowChannelsComplete"}
    await watch.see(caller, complete, {"Event": "Status", "Uniqueid": "1.1", "DNID": "01632960101"})
    await watch.see(caller, complete)
    await watch.see(hang_up("1.1"))

    (call,) = await rows(watch.book.database, "SELECT outcome, did FROM calls")
    assert ("unknown", "01632960101") == (call["outcome"], call["did"])
