"""Whatever happens between us and the network: no part is given another one's fate, and none goes out twice."""

import asyncio
import contextlib
import dataclasses
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER, a_policy
from tests.workers.far_ends import ManualClock, ScriptedModem, queued
from textbackd.core.outgoing import MessageEvent, MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment
from textbackd.modem.modem import DeliveryReport, ModemUnavailable, SubmitRefused, SubmitUnknown
from textbackd.store import outbox
from textbackd.store.database import Database
from textbackd.workers import delivery_reports
from textbackd.workers.bell import Bell
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender

NUMBERS = (CALLER, E164("+447700900456"))
REFERENCES = 5
"""So few, and each comes again soon."""
MOST_TEXTS = 12
Part = tuple[int, int, int]
"""Text, copy, part."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A part that the network got."""

    part: Part
    report: DeliveryReport


class Network(ScriptedModem):
    """A modem, and what lies behind it; both know which part is which."""

    def __init__(self, disk: Path) -> None:
        super().__init__()
        self.ways: list[str] = []
        """How the next parts fare; when they are used up, they are accepted."""
        self.fails: list[bool] = []
        """Whether the next parts that the network gets are not delivered."""
        self.got: list[Got] = []
        self.reported: set[Part] = set()
        self.last_reference = 0
        self.receiver: Receiver | None = None
        self._disk = disk

    async def submit(self, number: E164, segment: Segment) -> int:
        way = self.ways.pop(0) if self.ways else "accepted"
        match way:
            case "unavailable":
                raise ModemUnavailable("gone")
            case "refused":
                raise SubmitRefused("no", cms=1)
            case "lost":
                raise SubmitUnknown("no answer")
        self.last_reference = (self.last_reference + 1) % REFERENCES
        status = 70 if self.fails and self.fails.pop(0) else 0
        report = DeliveryReport(number=number, message_reference=self.last_reference, status=status)
        with contextlib.closing(sqlite3.connect(self._disk)) as other:
            ((*part,),) = other.execute("SELECT message_id, copy, part FROM outbox_parts WHERE state = 'submitting'")
        self.got.append(Got(part=(part[0], part[1], part[2]), report=report))
        if way in ("reported before the answer", "reported, no answer"):
            await self.report_on(-1)
        if way in ("no answer", "reported, no answer"):
            raise SubmitUnknown("no answer")
        return self.last_reference

    async def report_on(self, submission: int) -> None:
        """One of what the network got."""
        assert self.receiver is not None
        if self.got:
            told = self.got[submission % len(self.got)]
            self.reported.add(told.part)
            self.reports.append(told.report)
            await self.receiver.step()


WAYS = ("accepted", "no answer", "lost", "reported before the answer", "reported, no answer", "unavailable", "refused")
EVENTS = st.one_of(
    st.tuples(
        st.just("text"), st.sampled_from(NUMBERS), st.integers(1, 3), st.lists(st.sampled_from(WAYS), max_size=3)
    ),
    st.tuples(st.just("report"), st.integers(0, 30)),
    st.tuples(st.just("time passes"), st.sampled_from([60, 600])),
    st.tuples(st.just("release"), st.integers(1, MOST_TEXTS)),
    st.just(("cancel",)),
    st.just(("the modem starts anew",)),
    st.just(("textbackd starts anew",)),
)


async def _story(events: Sequence[tuple[object, ...]], fails: Sequence[bool], folder: Path) -> None:
    path = folder / "textbackd.db"
    async with Database.open(path, durable=False) as database:
        network, clock = Network(path), ManualClock()
        network.fails = [*fails]
        sender = Sender(network, database, a_policy, Bell(), clock)
        network.receiver = Receiver(network, database, a_policy, lambda: None, clock)
        for event in events:
            match event:
                case "text", str(number), int(parts), list(ways):
                    await queued(database, kind=MessageKind.STAFF, to=E164(number), text="x" * 150 * parts)
                    network.ways = ways.copy()
                case "report", int(submission):
                    await network.report_on(submission)
                case "time passes", int(length):
                    clock.move_on(length)
                case "release", int(message):
                    await _release(database, message, clock)
                case ("cancel",):
                    await _cancel(database, network, clock)
                case ("the modem starts anew",):
                    network.last_reference = 0
                case _:
                    network.receiver = Receiver(network, database, a_policy, lambda: None, clock)
            while await sender.step():
                pass
            network.ways = []
            await network.receiver.step()
            _judge(network, path)


async def _release(database: Database, message: int, clock: ManualClock) -> None:
    async with database.transaction() as tx:
        if await outbox.may(tx, message, MessageEvent.RELEASE):
            await outbox.change(tx, message, MessageEvent.RELEASE, clock.now, "by hand")
            await outbox.restart(tx, message, clock.now)


async def _cancel(database: Database, network: Network, clock: ManualClock) -> None:
    """All texts with parts of unknown fate, by a person who knows that those did not go out; others they let be."""
    got = {one.part for one in network.got}
    async with database.transaction() as tx:
        rows = await tx.all("SELECT message_id, copy, part FROM outbox_parts WHERE state = 'unknown'")
        doubtful = {(row["message_id"], row["copy"], row["part"]) for row in rows}
        for message in {part[0] for part in doubtful} - {part[0] for part in doubtful & got}:
            if await outbox.may(tx, message, MessageEvent.CANCEL):
                await outbox.change(tx, message, MessageEvent.CANCEL, clock.now, "by hand")
                await delivery_reports.dismiss(tx, message, clock.now)


def _judge(network: Network, path: Path) -> None:
    """What is on record is what the network knows, or nothing is."""
    got = {one.part: one.report for one in network.got}
    assert len(network.got) == len(got), "a part went out twice"
    with contextlib.closing(sqlite3.connect(path)) as disk:
        rows = disk.execute("SELECT message_id, copy, part, state, message_reference FROM outbox_parts").fetchall()
        texts = dict(disk.execute("SELECT id, state FROM outbox"))
    for *part, state, reference in rows:
        report = got.get((part[0], part[1], part[2]))
        if state in ("delivered", "undeliverable"):
            assert report is not None
            assert tuple(part) in network.reported
            assert ("undeliverable" if report.status else "delivered", report.message_reference) == (state, reference)
        if state in ("waiting", "refused"):
            assert report is None
    latest = {message: max(copy for other, copy, *_ in rows if other == message) for message, *_ in rows}
    for text, state in texts.items():
        states = {row[3] for row in rows if row[:2] == (text, latest.get(text))}
        match state:
            case "delivered":
                assert {"delivered"} == states
            case "sent":
                assert states <= {"accepted", "delivered", "undeliverable"}
            case "undeliverable":
                assert "undeliverable" in states
            case "unknown":
                assert "unknown" in states


def _play(events: Sequence[tuple[object, ...]], fails: Sequence[bool]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_story(events, fails, Path(folder)))


@hypothesis.settings(max_examples=100)
@hypothesis.given(st.lists(EVENTS, max_size=25), st.lists(st.booleans(), max_size=10))
def test_no_part_gets_the_fate_of_another(events: list[tuple[object, ...]], fails: list[bool]) -> None:
    """Reports come in any order, early, twice, late and never; answers are lost, references begin anew, texts are
    released and cancelled, textbackd is restarted.
    """
    _play(events, fails)


@pytest.mark.long
@pytest.mark.timeout(600)
@hypothesis.settings(max_examples=2000)
@hypothesis.given(st.lists(EVENTS, max_size=60), st.lists(st.booleans(), max_size=30))
def test_a_long_time_of_it(events: list[tuple[object, ...]], fails: list[bool]) -> None:
    """The same, with more of everything."""
    _play(events, fails)
