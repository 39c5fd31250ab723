"""Streams that no PBX should send: mangled in every way, cut anywhere. The next good call still comes out right."""

import asyncio
import contextlib
import functools
import gzip
import itertools
import random
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from tests import fake_ami
from tests.builders import NOON, seconds
from tests.daemon.said import Said
from tests.fake_ami import FakeAmi
from tests.lab.changes import Changes
from tests.pbx import replay
from tests.pbx.mangling import END, MANGLED, NUMBERS, ODD_IDS, ODD_NAMES, ODD_WORDS
from textbackd.core.call_records import EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import SnapshotTaken
from textbackd.core.outcomes import Call, Outcome, judge
from textbackd.pbx.ami_stream import LONGEST_MESSAGE, AmiReader, parsed
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_events import AsteriskTranslator, wanted
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.source import NotUnderstood, PbxUnavailable
from textbackd.pbx.trunks import Trunks

FILTERED = sorted(replay.TRACES.glob("filtered/*.ami"))
FULL = sorted(replay.TRACES.glob("full/*.ami.gz"))
CALLER = "+447700900123"
ANY = st.sampled_from(FILTERED + FULL) | st.sampled_from([path for path in FILTERED + FULL if "reconnect" in path.name])
"""Streams, every other one with the list of what was up at the login."""


@functools.cache
def stream(path: Path) -> bytes:
    """What was recorded, without the greeting."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.partition(b"\r\n")[2]


# --- reader, translator, tracker and judge alone ----------------------------------------------------------------------


def take_in(chunks: Iterable[bytes]) -> list[Call]:
    """What the link does with the bytes that it reads, and the watcher with the events; at the end all is cut off."""
    reader, translator, tracker = AmiReader(), AsteriskTranslator(Trunks()), CallTracker()
    now, ended = NOON, list[object]()
    for chunk in chunks:
        for _offset, block in reader.blocks(chunk):
            now += seconds(0.01)
            ended += tracker.expire(now)
            if not wanted(block):
                continue
            with contextlib.suppress(NotUnderstood):
                for event in translator.events(parsed(block), now):
                    ended += tracker.receive(event)
    ended += tracker.cut_off(now)
    records = [call for call in ended if isinstance(call, EndedCall)]
    assert len(records) == len({record.call_id for record in records})
    return [judge(record, replay.OFFICE, pbx="asterisk", minimum_talk=seconds(2)) for record in records]


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """At these places, counted round and round."""
    marks = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[begin:end] for begin, end in itertools.pairwise(marks)]


PLACES = st.lists(st.integers(0, 2**24), max_size=50)


@hypothesis.given(ANY, PLACES)
def test_a_stream_may_be_cut_anywhere(path: Path, places: list[int]) -> None:
    """The same calls, to the last step."""
    assert take_in([stream(path)]) == take_in(cut(stream(path), places))


@pytest.mark.parametrize("name", MANGLED)
@hypothesis.given(path=ANY, seed=st.integers(0, 2**32), places=PLACES)
@hypothesis.settings(max_examples=60)
def test_a_mangled_stream_breaks_nothing(name: str, path: Path, seed: int, places: list[int]) -> None:
    """Whatever is in it, at most one call per inbound leg comes out, and each can be judged."""
    take_in(cut(MANGLED[name](stream(path), random.Random(seed)), places))


@pytest.mark.long
@pytest.mark.timeout(3600)
@hypothesis.given(
    path=ANY,
    names=st.lists(st.sampled_from([*MANGLED]), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
    places=PLACES,
)
@hypothesis.settings(max_examples=5_000)
def test_a_stream_that_is_mangled_in_many_ways_breaks_nothing(
    path: Path, names: list[str], seed: int, places: list[int]
) -> None:
    """The same, with several kinds of damage at once."""
    data, draw = stream(path), random.Random(seed)
    for name in names:
        data = MANGLED[name](data, draw)
    take_in(cut(data, places))


EVENTS = sorted({name for path in FULL for name in re.findall(r"(?m)^Event: (\w+)\r$", stream(path).decode("latin-1"))})
HEADERS = sorted({name for path in FULL for name in re.findall(r"(?m)^([\w-]+): ", stream(path).decode("latin-1"))})
ODD = st.sampled_from([value.decode("latin-1") for value in [*NUMBERS, *ODD_IDS, *ODD_NAMES, *ODD_WORDS]])
WORDS = st.sampled_from(
    ["1.1", "1.2", "1.3", "PJSIP/trunk-1", "Local/1@x-1;1", "Local/1@x-1;2", "from-trunk", "4", "6"]
)
MESSAGES = st.builds(
    lambda event, headers: {"Event": event} | headers,
    st.sampled_from(EVENTS),
    st.dictionaries(st.sampled_from(HEADERS), ODD | WORDS | st.text(max_size=5), max_size=12),
)
LINES = st.lists(MESSAGES, max_size=30).map(lambda messages: b"".join(map(fake_ami.as_bytes, messages)))


@hypothesis.given(LINES | st.binary(), PLACES)
@hypothesis.settings(max_examples=300)
def test_nothing_that_can_be_said_breaks_anything(data: bytes, places: list[int]) -> None:
    """Any headers in any event, and any bytes at all."""
    take_in(cut(data, places))


ROW = {"Event": "CoreShowChannel", "Uniqueid": "1.1", "Linkedid": "1.1", "Channel": "PJSIP/trunk-1"}


def listed(*rows: Mapping[str, str]) -> frozenset[str]:
    """The channels that are up, when these rows come, as far as they are understood."""
    translator = AsteriskTranslator(Trunks())
    for row in rows:
        with contextlib.suppress(NotUnderstood):
            translator.events(row, NOON)
    *_, snapshot = translator.events({"Event": "CoreShowChannelsComplete"}, NOON)
    assert isinstance(snapshot, SnapshotTaken)
    return snapshot.channels


@pytest.mark.parametrize("duration", [number.decode() for number in NUMBERS], ids=lambda it: ascii(it[:12]))
def test_an_odd_duration_does_not_cost_the_list_of_channels(duration: str) -> None:
    """All that is known of what is up hangs on that list."""
    assert {"1.1"} == listed({**ROW, "Duration": duration})


@pytest.mark.parametrize("lost", ["Uniqueid", "Linkedid", "Channel"])
def test_a_row_that_is_not_understood_costs_only_itself(lost: str) -> None:
    """The other channels are up all the same."""
    broken = {name: value for name, value in ROW.items() if name != lost} | {"CallerIDNum": CALLER}

    assert {"1.2"} <= listed(broken, {**ROW, "Uniqueid": "1.2"})


@pytest.mark.parametrize("chunk", [b"x" * 65536, b"Value: " + b"x" * 1400 + b"\r\n"], ids=["large", "small"])
def test_a_message_without_an_end_is_refused(chunk: bytes) -> None:
    """In large pieces, and in small ones that are lines."""
    reader = AmiReader()
    for _ in range(LONGEST_MESSAGE // len(chunk)):
        assert not [*reader.blocks(chunk)]

    with pytest.raises(PbxUnavailable, match="without the end of a message"):
        list(reader.blocks(chunk))


# --- the real link ----------------------------------------------------------------------------------------------------


class Ear:
    """The real link to a server that talks nonsense, and a tracker that listens to it."""

    def __init__(self, ami: FakeAmi) -> None:
        self.source = AsteriskSource(
            AsteriskSettings(name="asterisk", port=ami.port, user="textbackd", secret=fake_ami.SECRET, ping_interval=60)
        )
        self._ended: dict[str, EndedCall] = {}
        self._changes = Changes()

    async def listen(self) -> None:
        """Until cancelled."""
        tracker = CallTracker()
        while True:
            event = await self.source.events.get()
            for call in tracker.receive(event):
                if isinstance(call, EndedCall):
                    self._ended[call.call_id] = call
            self._changes.announce()

    async def until_ended(self, call_id: str) -> EndedCall:
        """The call, once it is over."""
        await self._changes.until(lambda: call_id in self._ended, lambda: f"{call_id} has not ended", 20)
        return self._ended[call_id]


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[tuple[FakeAmi, Ear]]:
    """A server and a link that is up."""
    async with fake_ami.listening() as ami, asyncio.TaskGroup() as group:
        ear = Ear(ami)
        running = [group.create_task(ear.source.run()), group.create_task(ear.listen())]
        await ami.until_asked("Status")
        yield ami, ear
        for task in running:
            task.cancel()


async def comes_out_right(ami: FakeAmi, ear: Ear, call_id: str) -> None:
    """A call that begins now and rings out."""
    ami.send(*fake_ami.rings_out(call_id, CALLER, name="Jürgen Müller"))
    call = await ear.until_ended(call_id)

    outcome = judge(call, replay.OFFICE, pbx="asterisk", minimum_talk=seconds(2)).outcome
    found = call.caller, call.caller_name, call.did, call.seen_whole, outcome
    assert (CALLER, "Jürgen Müller", "01632960101", True, Outcome.NO_ANSWER) == found


@pytest.mark.parametrize("name", MANGLED)
async def test_a_good_call_behind_a_mangled_stream_comes_out_right(name: str, said: Said) -> None:
    """Ten calls of all kinds, each mangled anew: the link stays up, and nothing was a surprise."""
    draw = random.Random(name)
    async with listening() as (ami, ear):
        for i, path in enumerate(draw.sample(FILTERED, 8) + draw.sample(FULL, 2)):
            ami.send(MANGLED[name](stream(path), draw), END)
            await comes_out_right(ami, ear, f"good.{i}")

        assert 1 == ami.connections
    assert [] == said.events("pbx_event_not_handled")


async def test_what_was_not_understood_is_said(said: Said) -> None:
    """By the name of the event and of the header that it lacks; the number of nobody is in the log."""
    async with listening() as (ami, ear):
        ami.send(b"Event: BridgeEnter\r\nUniqueid: 1.1\r\nCallerIDNum: 07700900123\r\n\r\n")
        await said.until("pbx_event_not_understood")
        await comes_out_right(ami, ear, "good.1")

    (line,) = said.events("pbx_event_not_understood")
    assert "BridgeEnter without 'BridgeUniqueid'" == line["error"]


@pytest.mark.parametrize("line_end", [b"", b"\r\n"])
async def test_ten_megabytes_without_an_end_break_the_link(said: Said, line_end: bytes) -> None:
    """It says so, comes back by itself, and hears again."""
    async with listening() as (ami, ear):
        ami.send(b"Event: VarSet\r\nValue: ", *[b"x" * 10_000 + line_end] * 1000)
        await ami.until_connected(2)
        await ami.until_asked("Status", 2)
        await comes_out_right(ami, ear, "good.1")

        assert 2 == ami.connections
    assert (1, 1) == (len(said.events("pbx_stream_broken")), len(said.events("pbx_lost")))


async def test_four_megabytes_with_an_end_are_a_message() -> None:
    """As long as it stays below the bound; it is thrown away unread, since nobody wants it."""
    async with listening() as (ami, ear):
        ami.send(b"Event: VarSet\r\nVariable: x\r\nValue: " + b"x" * (LONGEST_MESSAGE - 100), END)
        await comes_out_right(ami, ear, "good.1")

        assert 1 == ami.connections
