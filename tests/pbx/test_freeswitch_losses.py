"""Losing the link to a FreeSWITCH: how it is found out, and what is told when it is back."""

import asyncio

import pytest

from tests import fake_event_socket, freeswitch_calls
from tests.daemon.said import Said
from tests.fake_event_socket import FakeEventSocket
from tests.pbx.watched_source import a_link, connected, watching
from textbackd.core.channel_events import ChannelAppeared, ChannelGone, LinkLost, SnapshotTaken
from textbackd.pbx import connection, liveness
from textbackd.pbx.source import PbxUnavailable

CALLER = "+15555550123"
LIST = "api show channels"
PING = "api uptime"


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_falls_silent_is_found_out(switch: FakeEventSocket, said: Said) -> None:
    """Half-open, or frozen: within the interval of the ping and its timeout; then it is called again."""
    async with connected(switch, ping_interval=0.1, ping_timeout=0.2) as watched:
        await switch.until_asked(PING, 2)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        switch.frozen = True
        error = await watched.reported(2)
        seconds = loop.time() - begin
        switch.frozen = False

        assert isinstance(error, PbxUnavailable)
        assert "did not answer api within" in str(error)
        assert seconds < 0.1 + 0.2 + 1
        assert isinstance(await watched.next_event(), LinkLost)
    assert 1 == len(said.events("pbx_lost"))


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_thaws_is_followed_again(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is frozen the kernel takes connections for it, and none of them is told the secret."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.2)
    async with connected(switch, ping_interval=0.05, ping_timeout=0.2) as watched:
        switch.frozen = True
        await watched.reported(4)
        assert 1 == len(switch.asked("userauth"))
        switch.frozen = False
        await said.until("pbx_connected", count=2)

    assert (1, 2) == (len(said.events("pbx_lost")), len(said.events("pbx_connected")))


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_falls_silent_in_the_list_is_found_out(switch: FakeEventSocket) -> None:
    """No later than one that falls silent at any other time."""
    switch.mute = {LIST}
    async with watching(a_link(switch, ping_interval=0.1, ping_timeout=0.1)) as watched:
        await switch.until_asked(LIST)
        error = await watched.reported(1)
        switch.mute = set()

        assert "did not answer api within" in str(error)
        assert None is await watched.reported(2)


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_heard_but_does_not_hear_is_found_out(
    switch: FakeEventSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events show that it is there, and no question is ever answered."""
    monkeypatch.setattr(liveness, "ANSWER_TIMEOUT", 0.3)
    switch.beats_every = 0.05
    async with connected(switch, ping_interval=0.05, ping_timeout=60) as watched:
        switch.mute = {PING}
        assert isinstance(await watched.reported(2), PbxUnavailable)


async def test_a_pbx_that_breaks_every_snapshot_is_left_in_peace(
    switch: FakeEventSocket, said: Said, impatient: list[int]
) -> None:
    """It lets us in each time, but a link is up when it has told what is up: said once, tried ever later."""
    switch.drops = {LIST}
    async with watching(a_link(switch)) as watched:
        await watched.reported(4)
        switch.drops = set()
        await said.until("pbx_connected")

    assert [1, 2, 3, 4] == impatient[:4]
    assert 1 == len(said.events("pbx_lost"))


@pytest.mark.usefixtures("impatient")
async def test_a_link_that_breaks_in_mid_body(switch: FakeEventSocket, said: Said) -> None:
    """The half is forgotten; what comes over the next link is whole, behind a LinkLost and a new snapshot."""
    arriving = freeswitch_calls.arrives("c1", CALLER)
    async with connected(switch) as watched:
        half = fake_event_socket.as_bytes(arriving[0])[:-20]
        switch.send(half)
        await watched.read(half)
        switch.drop()
        assert isinstance(await watched.next_event(), LinkLost)
        await watched.events_until(SnapshotTaken)
        await watched.reported(3)

        switch.send(*arriving)
        appeared = await watched.next_event()

    assert isinstance(appeared, ChannelAppeared)
    assert ("c1", CALLER, "5550101") == (appeared.channel, appeared.number, appeared.did)
    assert (1, 2) == (len(said.events("pbx_lost")), len(said.events("pbx_connected")))


@pytest.mark.usefixtures("impatient")
async def test_a_restart_is_told_from_a_reconnect(switch: FakeEventSocket, said: Said) -> None:
    """By the Core-UUID; said once. What was up is read anew in either case, and the new core has none of it."""
    arriving = freeswitch_calls.arrives("c1", CALLER)
    switch.channels = freeswitch_calls.listed(*arriving)
    async with connected(switch) as watched:
        switch.send(*freeswitch_calls.rings_out("c2", CALLER))
        await watched.events_until(ChannelGone)
        up: list[frozenset[str]] = []
        for again in (switch.drop, switch.restart, switch.drop):
            again()
            await watched.events_until(LinkLost)
            *_, snapshot = await watched.events_until(SnapshotTaken)
            assert isinstance(snapshot, SnapshotTaken)
            up.append(snapshot.channels)
            switch.send({"Event-Name": "HEARTBEAT"})
            await watched.read(switch.core.encode())

    assert [{"c1", "c1-phone"}, set(), set()] == up
    assert 1 == len(said.events("pbx_was_restarted"))


@pytest.mark.usefixtures("impatient")
async def test_a_shutdown_is_told_at_once_and_in_its_words(switch: FakeEventSocket, said: Said) -> None:
    """It may keep the connection open for long, while it ends calls by itself: those ends are nobody's will."""
    async with connected(switch) as watched:
        switch.shut_down()
        assert isinstance(await watched.next_event(), LinkLost)
        error = await watched.reported(2)
        await said.until("pbx_connected", count=2)

    assert "the PBX closed the connection; it said 'The system is being shut down.'" == str(error)
    assert [str(error)] == [line["error"] for line in said.events("pbx_lost")]
