"""An Asterisk and a FreeSWITCH in one office: one daemon, one history of each caller, the same commands."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import fake_ami, fake_event_socket, freeswitch_calls
from tests.daemon import commands, running
from tests.daemon.running import OWNER, Daemon
from tests.fake_ami import FakeAmi
from tests.fake_event_socket import FakeEventSocket
from tests.pbx.switch import Switch

ANN, BOB, CAT = (f"+4477009002{i:02}" for i in range(3))
DID = "01632960101"


class Office(NamedTuple):
    """A daemon at work on both."""

    daemon: Daemon
    ami: FakeAmi
    switch: FakeEventSocket
    configuration: Path


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        ami = await stack.enter_async_context(fake_ami.listening())
        switch = await stack.enter_async_context(fake_event_socket.listening())
        configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
        entry = f"{{name: switch, kind: freeswitch, port: {switch.port}, secret: {fake_event_socket.SECRET}}}"
        text = configuration.read_text().replace("pbx:\n", f"pbx:\n  - {entry}\n")
        configuration.write_text(text.replace("rules:\n", "rules:\n  minimum_talk: 0s\n"))
        daemon = Daemon(configuration)
        stack.push_async_callback(daemon.close)
        await daemon.start()
        await daemon.until("pbx_connected", pbx="asterisk")
        await daemon.until("pbx_connected", pbx="switch")
        yield Office(daemon, ami, switch, configuration)


async def missed_on_freeswitch(office: Office, caller: str, uuid: str = "a-1") -> None:
    office.switch.send(*freeswitch_calls.rings_out(uuid, caller, did=DID))
    await office.daemon.until("text_accepted", to=caller)


async def test_a_call_that_nobody_takes_is_texted_on_either(office: Office) -> None:
    """Each call is known by its PBX; the owner is told of both."""
    await missed_on_freeswitch(office, ANN)
    office.ami.send(*fake_ami.rings_out("1.1", BOB))
    await office.daemon.until("text_accepted", to=BOB)

    told = office.daemon.rows("SELECT pbx, number, outcome, did, decision FROM calls ORDER BY number")
    assert told == [
        {"pbx": "switch", "number": ANN, "outcome": "no_answer", "did": DID, "decision": "text"},
        {"pbx": "asterisk", "number": BOB, "outcome": "no_answer", "did": DID, "decision": "text"},
    ]
    assert 2 == len(office.daemon.rows("SELECT * FROM outbox WHERE kind = 'owner' AND number = ?", OWNER))


async def test_who_is_called_back_over_the_other_pbx_is_contacted(office: Office) -> None:
    """The lead is of the Asterisk; Anna rings the number from a phone of the FreeSWITCH, and they talk."""
    office.ami.send(*fake_ami.rings_out("1.1", BOB))
    await office.daemon.until("call_ended", caller=BOB)
    fs = Switch()
    anna = fs.phone_calls("101", BOB)
    mobile = fs.rings_outside(anna, BOB)
    fs.connect(anna, mobile)
    fs.ends(anna, mobile)
    office.switch.send(*fs.events)
    await office.daemon.until("called_back", number=BOB)

    assert ("contacted", "101") == tuple(office.daemon.row("SELECT status, contacted_by FROM leads").values())


async def test_a_call_in_the_air_is_followed_over_a_restart(office: Office) -> None:
    """Its end is seen by the next life, but not its beginning: unknown, a lead, no text."""
    arriving = freeswitch_calls.arrives("a-1", ANN, did=DID)
    office.switch.send(*arriving)
    await office.daemon.until("call_arrived", caller=ANN)
    await office.daemon.stop()
    office.switch.channels = freeswitch_calls.listed(*arriving)
    await office.daemon.start()
    await office.daemon.until("pbx_connected", pbx="switch", count=2)
    office.switch.send(*freeswitch_calls.is_not_answered("a-1", ANN, did=DID))
    await office.daemon.until("call_ended", caller=ANN)

    assert ("unknown", "silent") == tuple(office.daemon.row("SELECT outcome, decision FROM calls").values())
    assert [ANN] == [lead["number"] for lead in office.daemon.rows("SELECT number FROM leads")]


async def test_a_lost_link_hides_only_its_own_calls(office: Office) -> None:
    """The FreeSWITCH is gone; a caller of the Asterisk is texted all the same."""
    office.switch.greeting = b"nothing\n\n"
    office.switch.drop()
    await office.daemon.until("pbx_lost", pbx="switch")
    office.ami.send(*fake_ami.rings_out("1.1", BOB))

    await office.daemon.until("text_accepted", to=BOB)


async def test_the_commands_know_both(office: Office, tmp_path: Path) -> None:
    """check, explain, report, record and replay: as for an Asterisk alone."""
    await missed_on_freeswitch(office, ANN)

    checked = await commands.run(office.configuration, "check", "--json")
    pbxs = {finding["what"]: finding["found"] for finding in checked.json if "channels up" in finding["found"]}
    assert {"PBX asterisk", "PBX switch"} == pbxs.keys()
    told = await commands.run(office.configuration, "explain", ANN)
    assert "101 was rung" in told.out
    assert "on switch" in told.out
    counted = await commands.run(office.configuration, "report", "--json")
    assert 1 == counted.json["calls"]


async def test_what_freeswitch_refuses_is_named_with_the_line_that_mends_it(office: Office) -> None:
    """Events by their names, and the list of channels."""
    office.switch.allowed_events = {"CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_HANGUP_COMPLETE"}
    office.switch.allowed_events |= {"HEARTBEAT", "vm::maintenance"}
    office.switch.allowed_api = set()

    checked = await commands.run(office.configuration, "check", "--json")

    problems = "\n".join(finding["found"] for finding in checked.json if not finding["ok"])
    assert 1 == checked.code
    assert "may not have callcenter::info" in problems
    assert "may not list the channels" in problems
    assert '<param name="esl-allowed-events" value="CHANNEL_CREATE ' in problems


async def test_a_stream_that_is_recorded_can_be_played_and_disguised(office: Office, tmp_path: Path) -> None:
    """By a second login, beside the daemon; the copy that may be sent tells the same outcome and another number."""
    path = tmp_path / "office.esl"
    recording = commands.run(office.configuration, "trace", "record", "--pbx", "switch", "--seconds", "3", str(path))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(recording)
        await office.switch.until_asked("event json", 2)
        office.switch.send(*freeswitch_calls.rings_out("a-9", CAT, did=DID))
    assert 0 == task.result().code, task.result().problem
    played = await commands.run(office.configuration, "trace", "replay", str(path))
    hidden = await commands.run(office.configuration, "trace", "anonymise", str(path), str(tmp_path / "b.esl"))
    again = await commands.run(office.configuration, "trace", "replay", str(tmp_path / "b.esl"))

    assert 0 == hidden.code, hidden.problem
    first, second = json.loads(played.out), json.loads(again.out)
    assert (CAT, "no_answer") == (first["caller"], first["outcome"])
    assert ("no_answer", True) == (second["outcome"], second["caller"] != CAT)
