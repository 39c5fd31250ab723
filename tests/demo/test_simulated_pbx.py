"""The simulated PBX against the real AMI client, translator and tracker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.builders import an_office, inbound, seconds
from textbackd.core import channel_events as ev
from textbackd.core.call_records import EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.outcomes import Outcome, judge
from textbackd.demo import day
from textbackd.demo.scenes import Pause, Scene, Step
from textbackd.demo.simulated_pbx import SimulatedPbx
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_probe import probe
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.source import LoginRefused, PbxUnavailable

SECRET = "of the tests"
CALLER, DID = "07700900123", "01632960101"


def settings_for(pbx: SimulatedPbx, secret: str = SECRET) -> AsteriskSettings:
    return AsteriskSettings(name="simulated", port=pbx.port, user="textbackd", secret=secret)


@contextlib.asynccontextmanager
async def watched(pbx: SimulatedPbx) -> AsyncIterator[AsteriskSource]:
    """A source whose link is up and knows what is up."""
    source = AsteriskSource(settings_for(pbx))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(source.run())
        await pbx.watched.wait()
        yield source
        running.cancel()


async def next_call(source: AsteriskSource) -> EndedCall:
    """The first call that is over."""
    tracker = CallTracker()
    while True:
        if ended := inbound(tracker.receive(await source.events.get())):
            return ended[0]


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        pytest.param(day.RINGS_OUT, Outcome.NO_ANSWER, id="rings-out"),
        pytest.param(day.GIVES_UP, Outcome.ABANDONED_RINGING, id="gives-up"),
        pytest.param(day.TALKS, Outcome.ANSWERED, id="talks"),
        pytest.param(day.FINDS_ALL_BUSY, Outcome.BUSY, id="all-busy"),
        pytest.param(day.LEAVES_MESSAGE, Outcome.VOICEMAIL_MESSAGE, id="leaves-a-message"),
        pytest.param(day.HANGS_UP_ON_GREETING, Outcome.VOICEMAIL_SILENT, id="hangs-up-on-greeting"),
    ],
)
async def test_every_scene_is_read_as_it_is_meant(steps: tuple[Step, ...], outcome: Outcome) -> None:
    """Whole, from the right caller to the right DID, by everything that a real Asterisk's calls go through."""
    at_once = tuple(step for step in steps if not isinstance(step, Pause))
    async with SimulatedPbx("textbackd", SECRET).opened() as pbx, watched(pbx) as source:
        call_id = await pbx.place(Scene(caller=CALLER, did=DID, steps=at_once))
        record = await next_call(source)
    call = judge(record, an_office(), pbx="simulated", minimum_talk=seconds(0))
    assert (call_id, CALLER, DID, True, False, outcome) == (
        record.call_id, record.caller, record.did, record.seen_whole, record.withheld, call.outcome
    )  # fmt: skip


async def test_call_that_is_up_already_is_listed() -> None:
    """With its DID and its phones; and it is known that its beginning was not seen."""
    scene = Scene(caller=CALLER, did=DID, steps=(day.RINGS_OUT[0], Pause(seconds=3600)))
    async with SimulatedPbx("textbackd", SECRET).opened() as pbx, asyncio.TaskGroup() as group:
        ringing = group.create_task(pbx.place(scene))
        await asyncio.sleep(0)
        async with watched(pbx) as source:
            seen = []
            while not isinstance(event := await source.events.get(), ev.DidKnown):
                seen.append(event)
        ringing.cancel()
    appeared = {event.number: event for event in seen if isinstance(event, ev.ChannelAppeared)}
    assert appeared.keys() == {CALLER, *day.PHONES}
    assert appeared[CALLER].kind is ev.ChannelKind.INBOUND
    assert all(event.from_middle for event in appeared.values())
    assert (event.channel, event.did) == (appeared[CALLER].channel, DID)


async def test_wrong_secret_is_refused() -> None:
    """As an Asterisk refuses it."""
    async with SimulatedPbx("textbackd", SECRET).opened() as pbx:
        with pytest.raises(LoginRefused):
            await probe(settings_for(pbx, "another"))
        assert "0 channels up" in (await probe(settings_for(pbx))).seen


async def test_nothing_listens_when_it_is_closed() -> None:
    """Sessions that were open are gone, too."""
    async with SimulatedPbx("textbackd", SECRET).opened() as pbx:
        settings = settings_for(pbx)
        _reader, writer = await asyncio.open_connection("127.0.0.1", pbx.port)
    with contextlib.suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()
    with pytest.raises(PbxUnavailable):
        await probe(settings)
