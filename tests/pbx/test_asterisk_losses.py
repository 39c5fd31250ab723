"""Losing the link to an Asterisk: how it is found out, and what is told when it is back."""

import asyncio

import pytest

from tests import fake_ami
from tests.daemon.said import Said
from tests.fake_ami import FakeAmi
from tests.pbx.watched_source import a_link, connected, watching
from textbackd.core.channel_events import ChannelAppeared, ChannelGone, LinkLost, SnapshotTaken
from textbackd.pbx import ami_link, linked_source, liveness
from textbackd.pbx.asterisk_events import PRIVACY_QUESTIONS
from textbackd.pbx.source import PbxUnavailable

CALLER = "+447700900123"


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_falls_silent_is_found_out(ami: FakeAmi, said: Said) -> None:
    """Half-open, or frozen: within the interval of the ping and its timeout; then it is called again."""
    async with connected(ami, ping_interval=0.1, ping_timeout=0.2) as watched:
        await ami.until_asked("Ping", 2)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        ami.mute = {"Ping"}
        error = await watched.reported(2)
        seconds = loop.time() - begin
        ami.mute = set()

        assert isinstance(error, PbxUnavailable)
        assert "did not answer Ping within" in str(error)
        assert seconds < 0.1 + 0.2 + 1
        assert isinstance(await watched.next_event(), LinkLost)
        await watched.events_until(SnapshotTaken)
        await watched.reported(3)
    assert (1, 2) == (len(said.events("pbx_lost")), len(said.events("pbx_connected")))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("action", ami_link.SNAPSHOT)
async def test_a_pbx_that_falls_silent_in_a_list_is_found_out(ami: FakeAmi, action: str) -> None:
    """No later than one that falls silent at any other time."""
    arriving = fake_ami.listed(fake_ami.arrives("1.1", CALLER))
    ami.mute = {action}
    async with watching(a_link(ami, ping_interval=0.1, ping_timeout=0.1)) as watched:
        asked = await ami.until_asked(action)
        ami.send({"Response": "Success", "EventList": "start", "ActionID": asked["ActionID"]}, arriving[0])
        error = await watched.reported(1)
        ami.mute = set()

        assert f"did not answer {action} within" in str(error)
        assert None is await watched.reported(2)


async def test_a_list_may_take_long_while_it_comes(ami: FakeAmi) -> None:
    """A thousand channels over a slow line: each row shows that the PBX is alive."""
    rows = fake_ami.listed([message for i in range(3) for message in fake_ami.arrives(f"{i}.1", CALLER)])
    ami.mute = {"CoreShowChannels"}
    async with watching(a_link(ami, ping_interval=0.5, ping_timeout=0.5)) as watched:
        asked = {"ActionID": (await ami.until_asked("CoreShowChannels"))["ActionID"]}
        ami.send({"Response": "Success", "EventList": "start", **asked})
        for row in rows:
            await asyncio.sleep(0.25)  # time is what this is about: 1.5 s in all
            ami.send({**row, **asked})
        ami.send({"Event": "CoreShowChannelsComplete", "EventList": "Complete", "ListItems": "6", **asked})
        assert None is await watched.reported(1)

    assert [None] == watched.reports


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_heard_but_does_not_hear_is_found_out(
    ami: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events show that it is there, and no question is ever answered: whether a number is withheld, who is up."""
    monkeypatch.setattr(liveness, "ANSWER_TIMEOUT", 0.3)
    async with connected(ami, ping_interval=0.05, ping_timeout=60) as watched:
        ami.mute = {"Ping"}
        assert isinstance(await watched.reported(2), PbxUnavailable)


async def test_a_pbx_that_breaks_every_snapshot_is_left_in_peace(
    ami: FakeAmi, said: Said, impatient: list[int]
) -> None:
    """It lets us in each time, but a link is up when it has told what is up: said once, tried ever later."""
    ami.drops = {"CoreShowChannels"}
    async with watching(a_link(ami)) as watched:
        await watched.reported(4)
        ami.drops = set()
        await said.until("pbx_connected")
        ami.drop()
        await said.until("pbx_connected", count=2)

    assert [1, 2, 3, 4] == impatient[:4]
    assert 1 == impatient[-1]
    assert (2, 2) == (len(said.events("pbx_lost")), len(said.events("pbx_connected")))


@pytest.mark.usefixtures("impatient")
async def test_a_link_that_breaks_in_mid_message(ami: FakeAmi, said: Said) -> None:
    """The half is forgotten; what comes over the next link is whole, behind a LinkLost and a new snapshot."""
    arriving = fake_ami.arrives("1.1", CALLER)
    async with connected(ami) as watched:
        half = fake_ami.as_bytes(arriving[0])[:60]
        ami.send(half)
        await watched.read(half)
        ami.drop()
        assert isinstance(await watched.next_event(), LinkLost)
        await watched.events_until(SnapshotTaken)
        await watched.reported(3)

        ami.send(*arriving)
        appeared = await watched.next_event()

    assert isinstance(appeared, ChannelAppeared)
    assert (appeared.channel, appeared.number) == ("1.1", CALLER)
    assert (1, 2) == (len(said.events("pbx_lost")), len(said.events("pbx_connected")))


async def test_a_loss_is_told_at_once_behind_all_that_was_heard(ami: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also behind a hang-up that waited for an answer: that call was seen whole."""
    monkeypatch.setattr(linked_source, "retry_delay", lambda error, failures, spread: 3600)
    monkeypatch.setattr("textbackd.pbx.asterisk_privacy.PATIENCE", 3600)
    ami.mute = {"Getvar"}
    async with connected(ami) as watched:
        ami.send(*fake_ami.rings_out("1.1", CALLER))
        await watched.read(b"Uniqueid: 1.1\r\nLinkedid: 1.1\r\nCause: 34")
        ami.drop()
        *heard, _lost = await watched.events_until(LinkLost)

    assert isinstance(heard[-1], ChannelGone)
    assert "1.1" == heard[-1].channel


@pytest.mark.usefixtures("impatient")
async def test_what_is_up_after_a_loss_is_read_anew(ami: FakeAmi) -> None:
    """Channels that the new snapshot lists, and no others."""
    ami.channels = fake_ami.listed(fake_ami.arrives("1.1", CALLER))
    async with connected(ami) as watched:
        ami.channels = fake_ami.listed(fake_ami.arrives("2.2", CALLER))
        ami.drop()
        *_, snapshot = await watched.events_until(SnapshotTaken)

    assert isinstance(snapshot, SnapshotTaken)
    assert {"2.2", "2.29"} == snapshot.channels


@pytest.mark.usefixtures("impatient")
async def test_nothing_is_sent_twice(ami: FakeAmi) -> None:
    """Questions that got no answer before the loss are not asked again; the library would, at FullyBooted."""
    ami.mute = {"Getvar"}
    async with connected(ami, ping_interval=0.05) as watched:
        ami.send(*fake_ami.arrives("1.1", CALLER))
        await ami.until_asked("Getvar", len(PRIVACY_QUESTIONS))
        ami.drop()
        await ami.until_asked("Status", 2)
        ami.send({"Event": "FullyBooted", "Uptime": "1", "Status": "Fully Booted"})
        await watched.read(b"FullyBooted")
        await ami.until_asked("Ping", len(ami.asked("Ping")) + 2)

    assert len(PRIVACY_QUESTIONS) == len(ami.asked("Getvar"))
    assert (2, 2) == (len(ami.asked("Login")), len(ami.asked("CoreShowChannels")))
