"""What comes over the link to FreeSWITCH: cut anywhere, broken, hostile, and too much."""

import asyncio
from pathlib import Path

import pytest

from tests import fake_event_socket, freeswitch_calls
from tests.daemon.said import Said
from tests.fake_event_socket import FakeEventSocket
from tests.pbx.watched_source import a_link, connected
from textbackd.core.channel_events import ChannelAppeared, ChannelGone, LinkLost, SnapshotTaken
from textbackd.pbx import event_socket, linked_source
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_link import EventSocketLink
from textbackd.pbx.source import PbxUnavailable

CALLER = "+15555550123"


# --- the stream ------------------------------------------------------------------------------------------------------


async def test_answers_come_in_order_between_events(switch: FakeEventSocket) -> None:
    """Nothing else tells which is whose."""
    heard: list[Event] = []
    link = EventSocketLink(a_link(switch), heard.append)
    await link.open()
    event = fake_event_socket.as_bytes({"Event-Name": "HEARTBEAT"})
    switch.mute = {"api"}
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(link.command(f"api {what}", silence=10)) for what in ("one", "two", "three")]
        await switch.until_asked("api", 3)
        switch.send(event + b"Content-Type: api/response\nContent-Length: 3\n\nfoo" + event)
        switch.send(b"Content-Type: command/reply\nReply-Text: -ERR no\n\n" + event)
        switch.send(event + b"Content-Type: api/response\nContent-Length: 0\n\n")
    link.close()

    assert ["foo", "-ERR no", ""] == [task.result() for task in asked]
    assert 4 == sum(told.get("Event-Name") == "HEARTBEAT" for told in heard)


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_the_stream_may_be_cut_anywhere(switch: FakeEventSocket, size: int) -> None:
    """Also within a letter: each piece is a read of its own."""
    calls = freeswitch_calls.rings_out("c1", CALLER, name="Jürgen Müller 山田 🚰")
    stream = b"".join(map(fake_event_socket.as_bytes, calls))
    async with connected(switch) as watched:
        before = bytes(watched.received)
        for i in range(0, len(stream), size):
            switch.send(stream[i : i + size])
            await watched.read(before + stream[: i + size])
        events = await watched.events_until(ChannelGone)

    appeared = events[0]
    assert isinstance(appeared, ChannelAppeared)
    assert "Jürgen Müller 山田 🚰" == appeared.display_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("M\udcfcller", "Müller", id="latin-1"),
        pytest.param('x\nHangup-Cause: NO_ANSWER\n\n"}', 'x Hangup-Cause: NO_ANSWER "}', id="line-ends"),
    ],
)
async def test_a_name_is_whatever_a_stranger_sent(switch: FakeEventSocket, name: str, shown: str) -> None:
    """It closes nothing, hides nothing behind it, and is told in one line."""
    async with connected(switch) as watched:
        switch.send(*freeswitch_calls.rings_out("c1", CALLER, name=name))
        appeared, *_, gone = await watched.events_until(ChannelGone)

    assert isinstance(appeared, ChannelAppeared)
    assert isinstance(gone, ChannelGone)
    assert (shown, CALLER, "c1-phone") == (appeared.display_name, appeared.number, gone.channel)
    assert [None] == watched.reports


async def test_an_event_that_is_not_understood_closes_nothing(switch: FakeEventSocket, said: Said) -> None:
    """It is logged; the rest of the same read still counts."""
    broken = [
        b"Content-Length: 9\nContent-Type: text/event-json\n\n{not json",
        b"Content-Length: 2\nContent-Type: text/event-json\n\n[]",
        fake_event_socket.as_bytes({"Event-Name": "CHANNEL_CREATE"}),
        b"Content-Type: log/data\nContent-Length: 3\n\nlog",
        b"Content-Type: command/reply\nReply-Text: +OK nobody asked\n\n",
        b"no colon\n\n\n\n",
    ]
    async with connected(switch) as watched:
        whole = map(fake_event_socket.as_bytes, freeswitch_calls.rings_out("c1", CALLER))
        switch.send(b"".join([*broken, *whole]))
        events = await watched.events_until(ChannelGone)

    assert isinstance(events[0], ChannelAppeared)
    assert 3 == len(said.events("pbx_event_not_understood"))
    assert (1, [None]) == (switch.connections, watched.reports)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "endless", [b"Event-Name: " + b"x" * 20_000, b"Content-Length: 20000\n\n", b"Content-Length: -1\n\n"]
)
async def test_a_message_without_an_end_is_a_broken_link(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch, endless: bytes
) -> None:
    """Memory is bounded, whatever speaks at the other end."""
    monkeypatch.setattr(event_socket, "LONGEST_MESSAGE", 10_000)
    async with connected(switch) as watched:
        switch.send(endless)
        assert isinstance(await watched.reported(2), PbxUnavailable)
        assert None is await watched.reported(3)

    assert 1 == len(said.events("pbx_stream_broken"))


# --- too much --------------------------------------------------------------------------------------------------------


async def test_too_many_events_are_dropped_and_the_state_is_read_anew(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first one dropped nothing more is told until LinkLost: half a story could become a text."""
    monkeypatch.setattr(linked_source, "QUEUE_LENGTH", 8)
    async with connected(switch) as watched:
        for i in range(3):
            switch.send(*freeswitch_calls.rings_out(f"c{i}", CALLER))
        await said.until("pbx_events_dropped")
        arriving = freeswitch_calls.arrives("c9", CALLER)
        switch.channels = freeswitch_calls.listed(*arriving)
        told = await watched.events_until(LinkLost)
        *anew, snapshot = await watched.events_until(SnapshotTaken)

    assert 9 == len(told)
    assert ["c9", "c9-phone"] == [event.channel for event in anew if isinstance(event, ChannelAppeared)]
    assert isinstance(snapshot, SnapshotTaken)
    assert 1 == len(said.events("pbx_events_dropped"))
    assert (1, [None]) == (switch.connections, watched.reports)


@pytest.mark.parametrize(
    ("calls", "room"),
    [(1_000, 500), pytest.param(50_000, 20_000, marks=[pytest.mark.long, pytest.mark.timeout(300)])],
)
async def test_a_flood_is_read_to_its_end_whoever_stands_still(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch, calls: int, room: int
) -> None:
    """A FreeSWITCH that queues for its listener blocks itself in the end. What waits here is bounded, nothing is heard
    in half, and what is up is read anew when the watcher moves on. (50,000 calls: 200,000 events.)
    """
    monkeypatch.setattr(linked_source, "QUEUE_LENGTH", room)
    monkeypatch.setattr(linked_source, "CATCH_UP_POLL", 0.01)
    a_hundred = [freeswitch_calls.rings_out(f"{i}-@@@@@", CALLER) for i in range(100)]
    data = b"".join(fake_event_socket.as_bytes(event) for call in a_hundred for event in call)
    pieces = (data.replace(b"@@@@@", b"%05d" % i) for i in range(calls // 100))
    async with connected(switch) as watched:
        before = _resident()
        watched.keeps = 100
        await switch.flood(pieces, within=200)
        switch.send(b"Content-Type: the/end\n\n")
        await watched.read(b"the/end")
        assert room == watched.source.events.qsize()
        assert _resident() - before < 64
        await said.until("pbx_events_dropped")

        switch.channels = freeswitch_calls.listed(*freeswitch_calls.arrives("c9999", CALLER))
        before_the_gap = await watched.events_until(LinkLost)
        anew = await watched.events_until(SnapshotTaken)

    assert room + 1 == len(before_the_gap)
    assert 1 == len(said.events("pbx_events_dropped"))
    assert {"c9999", "c9999-phone"} <= {event.channel for event in anew if isinstance(event, ChannelAppeared)}
    assert (1, [None]) == (switch.connections, watched.reports)


def _resident() -> float:
    """Megabytes of memory that this process has."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000
