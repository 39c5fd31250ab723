"""The link to Asterisk, against a manager interface that does everything wrong, and against the real one."""

import asyncio
import contextlib
import dataclasses
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import example, given
from hypothesis import strategies as st

from tests import fake_ami
from tests.daemon.said import Said
from tests.fake_ami import FakeAmi
from tests.lab.asterisk import SECRET, Asterisk
from tests.lab.changes import Changes
from textbackd.core.channel_events import ChannelAppeared, ChannelEvent, ChannelGone, LinkLost, SnapshotTaken
from textbackd.pbx import ami_link, linked_source, liveness
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_events import PRIVACY_QUESTIONS
from textbackd.pbx.asterisk_probe import probe
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.source import LoginRefused, PbxError, PbxUnavailable

CALLER = "+447700900123"


@pytest_asyncio.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with fake_ami.listening() as ami:
        yield ami


def a_link(ami: FakeAmi, **values: Any) -> AsteriskSettings:
    """Settings for the fake, with a ping far off."""
    settings = AsteriskSettings(
        name="asterisk", port=ami.port, user="textbackd", secret=fake_ami.SECRET, ping_interval=60
    )
    return dataclasses.replace(settings, **values)


class Watched:
    """A running source, and what it reported."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self.reports: list[PbxError | None] = []
        self.received = b""
        self._changes = Changes()
        self.source = AsteriskSource(settings, report=self._report, tap=self._tap)

    def _report(self, error: PbxError | None) -> None:
        self.reports.append(error)
        self._changes.announce()

    def _tap(self, data: bytes) -> None:
        self.received += data
        self._changes.announce()

    async def reported(self, count: int) -> PbxError | None:
        """The ``count``-th report."""
        await self._changes.until(lambda: len(self.reports) >= count, lambda: f"only {self.reports}", 10)
        return self.reports[count - 1]

    async def read(self, data: bytes) -> None:
        """Until these bytes have come in."""
        await self._changes.until(lambda: data in self.received, lambda: f"{data!r} did not come", 10)

    async def next_event(self) -> ChannelEvent:
        async with asyncio.timeout(10):
            return await self.source.events.get()

    async def events_until(self, kind: type[ChannelEvent]) -> list[ChannelEvent]:
        """The events up to the first of that kind, and with it."""
        events = [await self.next_event()]
        while not isinstance(events[-1], kind):
            events.append(await self.next_event())
        return events


@contextlib.asynccontextmanager
async def watching(settings: AsteriskSettings) -> AsyncIterator[Watched]:
    watched = Watched(settings)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watched.source.run())
        yield watched
        task.cancel()


@contextlib.asynccontextmanager
async def connected(ami: FakeAmi, **values: Any) -> AsyncIterator[Watched]:
    """A source that is up, its first snapshot read."""
    async with watching(a_link(ami, **values)) as watched:
        assert None is await watched.reported(1)
        await watched.events_until(SnapshotTaken)
        yield watched


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comes back at once after a loss."""
    monkeypatch.setattr(linked_source, "retry_delay", lambda error, failures, spread: 0.01)


# --- logging in ------------------------------------------------------------------------------------------------------


async def test_a_wrong_secret_is_a_state_of_its_own(ami: FakeAmi, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says once that the login was refused, tries again after a long while only, and is up when it may."""
    monkeypatch.setattr(linked_source, "REFUSED_DELAY", 0.02)
    ami.secret = "another"
    async with watching(a_link(ami)) as watched:
        assert isinstance(await watched.reported(3), LoginRefused)
        ami.secret = fake_ami.SECRET
        await said.until("pbx_connected")

    assert 1 == len(said.events("pbx_login_refused"))
    assert [] == said.events("pbx_lost")
    assert None is watched.reports[-1]
    assert len(ami.asked("Login")) == ami.connections == len(watched.reports)


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 1000))
@example(0.0, 1)
@example(0.999, 1)
def test_refused_logins_are_few(spread: float, failures: int) -> None:
    """At most five in any ten minutes, however often it was refused and whatever chance says: else a fail2ban would
    close the door.
    """
    delays = (linked_source.retry_delay(LoginRefused("no"), failures + i, spread=spread) for i in range(10))
    logins = list(itertools.accumulate(delays, initial=0.0))
    for first in logins:
        assert sum(first <= login <= first + 600 for login in logins) <= 5


def test_other_losses_are_tried_again_soon_then_ever_later() -> None:
    """From half a second, doubled, up to ten seconds; shortened by up to a half, by chance."""
    for failures, most in ((1, 0.5), (2, 1), (3, 2), (5, 8), (6, 10), (100, 10), (10**6, 10)):
        longest, shortest = (
            linked_source.retry_delay(PbxUnavailable("gone"), failures, spread=spread) for spread in (0.0, 1.0)
        )
        assert (most / 2, most) == (shortest, longest)


async def test_a_pbx_that_never_answers_the_login_is_given_up(ami: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence after the connection is a loss like any other."""
    monkeypatch.setattr(ami_link, "CONNECT_TIMEOUT", 0.1)
    ami.mute = {"Login"}
    async with watching(a_link(ami)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, PbxUnavailable)
    assert "did not answer Login" in str(error)


@pytest.mark.parametrize(
    ("greeting", "complaint"),
    [
        pytest.param(b"", "did not greet", id="nothing"),
        pytest.param(b"Asterisk Call Manager/9.0", "did not greet", id="half-a-line"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "no Asterisk manager; it said 'SSH-2.0-OpenSSH_9.2'", id="another"),
    ],
)
async def test_only_a_manager_is_told_the_secret(
    ami: FakeAmi, monkeypatch: pytest.MonkeyPatch, greeting: bytes, complaint: str
) -> None:
    """A frozen PBX would find all the logins of the meantime when it wakes; another service has no business with it."""
    monkeypatch.setattr(ami_link, "CONNECT_TIMEOUT", 0.1)
    ami.greeting = greeting
    async with watching(a_link(ami)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, PbxUnavailable)
    assert complaint in str(error)
    assert [] == ami.actions


@pytest.mark.usefixtures("impatient")
async def test_an_account_in_use_is_not_a_wrong_secret(ami: FakeAmi, said: Said) -> None:
    """Where it may log in once at a time (``allowmultiplelogin``), our own dead link is in the way for a while."""
    ami.in_use = True
    async with watching(a_link(ami)) as watched:
        error = await watched.reported(2)
        ami.in_use = False
        await said.until("pbx_connected")

    assert isinstance(error, PbxUnavailable)
    assert "is still logged in" in str(error)
    assert [] == said.events("pbx_login_refused")


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_not_there_is_said_once(ami: FakeAmi, said: Said) -> None:
    """However many tries fail; and once when it is back."""
    nobody = a_link(ami, port=1)
    async with watching(nobody) as watched:
        await watched.reported(5)
        assert all(isinstance(error, PbxUnavailable) for error in watched.reports)
    assert 1 == len(said.events("pbx_lost"))
    assert "127.0.0.1:1" in said.events("pbx_lost")[0]["error"]


@pytest.mark.parametrize("action", ami_link.SNAPSHOT)
async def test_an_account_that_may_not_list_channels_is_told_of(ami: FakeAmi, said: Said, action: str) -> None:
    """The link stays up, and events come; only what is up already cannot be known."""
    ami.denied = {action}
    async with watching(a_link(ami)) as watched:
        await said.until("pbx_snapshot_denied", action=action)
        await watched.reported(1)
        ami.send(*fake_ami.rings_out("1.1", CALLER))
        await watched.events_until(ChannelGone)

    assert [None] == watched.reports


# --- losing the link -------------------------------------------------------------------------------------------------


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
    ami: FakeAmi, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets us in each time, but a link is up when it has told what is up: said once, tried ever later."""
    failures: list[int] = []

    def retry_delay(error: PbxError, failed: int, *, spread: float) -> float:
        failures.append(failed)
        return 0.01

    monkeypatch.setattr(linked_source, "retry_delay", retry_delay)
    ami.drops = {"CoreShowChannels"}
    async with watching(a_link(ami)) as watched:
        await watched.reported(4)
        ami.drops = set()
        await said.until("pbx_connected")
        ami.drop()
        await said.until("pbx_connected", count=2)

    assert [1, 2, 3, 4] == failures[:4]
    assert 1 == failures[-1]
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


# --- the stream ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_the_stream_may_be_cut_anywhere(ami: FakeAmi, size: int) -> None:
    """Also within a letter: each piece is a read of its own."""
    stream = b"".join(map(fake_ami.as_bytes, fake_ami.rings_out("1.1", CALLER, name="Jürgen Müller 山田 🚰")))
    ami.mute = {"Getvar"}
    async with connected(ami) as watched:
        begin = len(watched.received)
        for i in range(0, len(stream), size):
            ami.send(stream[i : i + size])
            await watched.read(watched.received[:begin] + stream[: i + size])
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


# --- what we say -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("injection", ["x\r\nAction: Command", "x\nAction: Command", "x\r"])
async def test_a_line_break_in_what_we_send_is_refused(ami: FakeAmi, injection: str) -> None:
    """It would begin another action."""
    for settings in (a_link(ami, secret=injection), a_link(ami, user=injection)):
        with pytest.raises(ValueError, match="line break"):
            await probe(settings)

    assert ["Command"] != [action["Action"] for action in ami.actions]
    assert [] == ami.asked("Login")


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


# --- probe -----------------------------------------------------------------------------------------------------------


async def test_a_probe_tells_what_it_found(ami: FakeAmi) -> None:
    """The version of AMI where Asterisk's own is not told, how many channels, and in which contexts: the usual mistake
    is in trunks.contexts.
    """
    ami.channels = fake_ami.listed(fake_ami.arrives("1.1", CALLER))

    found = await probe(a_link(ami))

    assert "Asterisk, AMI 9.0.0; 2 channels up, in the contexts from-internal, from-trunk" == found.seen
    assert (True, ()) == (found.may_ask, found.withheld)


async def test_a_probe_tells_what_is_wrong(ami: FakeAmi) -> None:
    """Refused, not allowed, or not there."""
    with pytest.raises(LoginRefused, match=r"refused the user 'textbackd': Authentication failed"):
        await probe(a_link(ami, secret="wrong"))
    with pytest.raises(PbxUnavailable, match=r"127\.0\.0\.1:1: "):
        await probe(a_link(ami, port=1))
    ami.denied = {"CoreShowChannels"}
    assert not (await probe(a_link(ami))).may_ask


async def test_the_real_asterisk_refuses_a_wrong_secret(asterisk: Asterisk) -> None:
    """In so many words."""
    settings = AsteriskSettings(
        name="asterisk", host=asterisk.pbx, port=asterisk.ami_port, user="textbackd", secret=SECRET
    )
    with pytest.raises(LoginRefused, match="Authentication failed"):
        await probe(dataclasses.replace(settings, secret="wrong"))
