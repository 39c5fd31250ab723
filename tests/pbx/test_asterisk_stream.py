"""What comes over the link to an Asterisk: cut anywhere, broken, too much; and what is asked meanwhile."""

from collections import Counter

import pytest

from tests import fake_ami
from tests.daemon.said import Said
from tests.fake_ami import FakeAmi
from tests.pbx.watched_source import connected
from textbackd.core.channel_events import ChannelAppeared, ChannelGone, LinkLost, SnapshotTaken
from textbackd.pbx import linked_source
from textbackd.pbx.asterisk_events import PRIVACY_QUESTIONS
from textbackd.pbx.source import PbxUnavailable

CALLER = "+447700900123"


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_the_stream_may_be_cut_anywhere(ami: FakeAmi, size: int) -> None:
    """Also within a letter: each piece is a read of its own."""
    stream = b"".join(map(fake_ami.as_bytes, fake_ami.rings_out("1.1", CALLER, name="Jürgen Müller 山田 🚰")))
    ami.mute = {"Getvar"}
    async with connected(ami) as watched:
        before = bytes(watched.received)
        for i in range(0, len(stream), size):
            ami.send(stream[i : i + size])
            await watched.read(before + stream[: i + size])
        events = await watched.events_until(ChannelGone)

    appeared = events[0]
    assert isinstance(appeared, ChannelAppeared)
    assert appeared.display_name == "Jürgen Müller 山田 🚰"


async def test_bytes_that_are_no_utf8_are_kept_as_latin1(ami: FakeAmi) -> None:
    """An old phone book's name loses no letter."""
    message = fake_ami.as_bytes(fake_ami.arrives("1.1", CALLER, name="Mueller")[0])
    async with connected(ami) as watched:
        ami.send(message.replace(b"Mueller", b"M\xfcller"))
        appeared = await watched.next_event()

    assert isinstance(appeared, ChannelAppeared)
    assert appeared.display_name == "Müller"


async def test_a_message_that_is_not_understood_closes_nothing(ami: FakeAmi, said: Said) -> None:
    """It is logged; the rest of the same read still counts."""
    broken = {"Event": "Newstate", "ChannelState": "6"}
    async with connected(ami) as watched:
        ami.send(
            b"".join(
                map(
                    fake_ami.as_bytes,
                    [broken, {"Event": "BridgeEnter", "BridgeNumChannels": "1"}, *fake_ami.rings_out("1.1", CALLER)],
                )
            )
        )
        events = await watched.events_until(ChannelGone)

    assert isinstance(events[0], ChannelAppeared)
    assert 2 == len(said.events("pbx_event_not_understood"))
    assert (1, [None]) == (ami.connections, watched.reports)


async def test_a_header_that_comes_twice_closes_nothing(ami: FakeAmi) -> None:
    """Nor do lines without a colon, empty messages, or an answer that nobody waits for."""
    async with connected(ami) as watched:
        ami.send(b"Event: Newstate\r\nEvent: Hangup\r\nno colon\r\n: \r\n\r\n\r\n\r\n\r\n")
        ami.send(b"Response: Success\r\nActionID: nobody\r\n\r\nResponse: Error\r\n\r\n")
        ami.send(*fake_ami.rings_out("1.1", CALLER))
        await watched.events_until(ChannelGone)

    assert (1, [None]) == (ami.connections, watched.reports)


@pytest.mark.usefixtures("impatient")
async def test_a_message_without_an_end_is_a_broken_link(
    ami: FakeAmi, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded, whatever speaks at the other end."""
    monkeypatch.setattr("textbackd.pbx.ami_stream.LONGEST_MESSAGE", 10_000)
    async with connected(ami) as watched:
        ami.send(b"Event: VarSet\r\nValue: " + b"x" * 20_000)
        assert isinstance(await watched.reported(2), PbxUnavailable)
        assert None is await watched.reported(3)

    assert 1 == len(said.events("pbx_stream_broken"))


# --- too much ---------------------------------------------------------------------------------------------------------


async def test_too_many_events_are_dropped_and_the_state_is_read_anew(
    ami: FakeAmi, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first one dropped nothing more is told until LinkLost: half a story could become a text."""
    monkeypatch.setattr(linked_source, "QUEUE_LENGTH", 8)
    async with connected(ami) as watched:
        ami.send(*fake_ami.arrives("1.1", CALLER))  # four events
        ami.send(*fake_ami.is_not_answered("1.1"), *fake_ami.rings_out("2.2", CALLER))
        await watched.read(b"Uniqueid: 2.2\r\nLinkedid: 2.2\r\nCause: 34")
        ami.channels = fake_ami.listed(fake_ami.arrives("3.3", CALLER))
        told = await watched.events_until(LinkLost)
        *anew, snapshot = await watched.events_until(SnapshotTaken)

    assert 9 == len(told)
    assert ["3.3", "3.39"] == [event.channel for event in anew if isinstance(event, ChannelAppeared)]
    assert isinstance(snapshot, SnapshotTaken)
    assert 1 == len(said.events("pbx_events_dropped"))
    assert (1, [None]) == (ami.connections, watched.reports)


async def test_a_watcher_that_is_behind_is_waited_for(
    ami: FakeAmi, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is up is not asked for before there is room for the answer, and the link is looked after meanwhile."""
    monkeypatch.setattr(linked_source, "QUEUE_LENGTH", 5)
    monkeypatch.setattr(linked_source, "CATCH_UP_POLL", 0.01)
    async with connected(ami) as watched:
        ami.send(*fake_ami.rings_out("1.1", CALLER), *fake_ami.rings_out("2.2", CALLER))
        await said.until("pbx_events_dropped")
        await ami.until_asked("Ping", 5)
        assert 1 == len(ami.asked("CoreShowChannels"))
        await watched.events_until(SnapshotTaken)

    assert 2 == len(ami.asked("CoreShowChannels"))
    assert 1 == len(said.events("pbx_events_dropped"))


@pytest.mark.usefixtures("impatient")
async def test_a_link_that_is_lost_while_the_watcher_is_behind(
    ami: FakeAmi, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said and mended at once, although there is no room for a word of it."""
    monkeypatch.setattr(linked_source, "QUEUE_LENGTH", 5)
    async with connected(ami) as watched:
        ami.send(*fake_ami.rings_out("1.1", CALLER), *fake_ami.rings_out("2.2", CALLER))
        await said.until("pbx_events_dropped")
        ami.drop()
        await said.until("pbx_lost")
        await ami.until_asked("Login", 2)
        before = await watched.events_until(LinkLost)
        anew = await watched.events_until(SnapshotTaken)

    assert 5 == sum(not isinstance(event, LinkLost) for event in before)
    assert [] == [event for event in anew if isinstance(event, ChannelAppeared)]


# --- questions --------------------------------------------------------------------------------------------------------


async def test_every_inbound_leg_is_asked_about_privacy(ami: FakeAmi) -> None:
    """Three questions for the leg from the trunk, none for the phones; also for one that was up before."""
    ami.channels = fake_ami.listed(fake_ami.arrives("1.1", CALLER))
    async with connected(ami):
        ami.send(*fake_ami.arrives("2.2", CALLER))
        await ami.until_asked("Getvar", 2 * len(PRIVACY_QUESTIONS))

    each = len(PRIVACY_QUESTIONS)
    asked = Counter(question["Channel"] for question in ami.asked("Getvar"))
    assert {"PJSIP/trunk-1.1": each, "PJSIP/trunk-2.2": each} == asked


async def test_a_call_in_the_same_breath_as_the_login_is_asked_about(ami: FakeAmi) -> None:
    """It was held back before: to an answer that never comes the hang-up would have waited."""
    ami.behind_login = fake_ami.arrives("1.1", CALLER)
    async with connected(ami):
        await ami.until_asked("Getvar", len(PRIVACY_QUESTIONS))
