"""What stands at the far ends of a worker: a modem that does as it is told, a clock that is set by hand."""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.builders import CALLER, NOON, seconds
from textbackd.core import sms_text
from textbackd.core.message_parts import PartState
from textbackd.core.outgoing import MessageEvent, MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment
from textbackd.modem.modem import (
    DeliveryReport,
    IncomingCall,
    IncomingSms,
    ModemStatus,
    Received,
    Registration,
    Stored,
    UnreadMessage,
)
from textbackd.store import outbox, outbox_parts
from textbackd.store.database import Database, Row


class ManualClock:
    """Shows ``NOON`` until it is moved on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now

    def move_on(self, count: float) -> None:
        """By so many seconds."""
        self.now += seconds(count)


class ScriptedModem:
    """A modem whose answers are laid down; without any it accepts all."""

    def __init__(self, name: str = "gsm") -> None:
        self.name = name
        self.incoming = asyncio.Event()
        self.pushed: deque[bytes] = deque()
        self.is_gone: Exception | None = None
        """What ``open`` and ``receive`` raise."""
        self.how = ModemStatus(
            manufacturer="a", model="b", network="c", registration=Registration.HOME, signal_percent=None
        )
        self.answers: list[Exception | None] = []
        """What the next submits raise (None: accepted); when they are used up, texts are accepted."""
        self.delete_fails: Exception | None = None
        self.submitted: list[tuple[str, str]] = []
        self.segments: list[Segment] = []
        self.sim: list[IncomingSms] = []
        self.unread: list[UnreadMessage] = []
        self.reports: list[DeliveryReport] = []
        self.stored_reports: list[tuple[str, DeliveryReport]] = []
        self.crowded: dict[str, bytes] = {}
        self.unreadable = ""
        self.calls: list[IncomingCall] = []
        self.before: Callable[[str], Awaitable[None]] | None = None
        """Awaited at the beginning of ``submit`` and ``delete``, with its name."""

    async def open(self) -> None:
        if self.is_gone:
            raise self.is_gone

    async def submit(self, number: E164, segment: Segment) -> int:
        if self.before:
            await self.before("submit")
        self.submitted.append((number, segment.text))
        self.segments.append(segment)
        if self.answers and (error := self.answers.pop(0)) is not None:
            raise error
        return len(self.submitted) % 256

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        await self.open()
        reports, self.reports = self.reports, []
        calls, self.calls = self.calls, []
        return Received(
            messages=list(self.sim),
            unread=list(self.unread),
            reports=reports,
            stored_reports=list(self.stored_reports),
            calls=calls,
            crowded=dict(self.crowded),
            unreadable=self.unreadable,
        )

    async def delete(self, places: Sequence[str]) -> None:
        if self.before:
            await self.before("delete")
        if self.delete_fails:
            raise self.delete_fails
        self.sim = [message for message in self.sim if set(message.places).isdisjoint(places)]
        self.unread = [message for message in self.unread if message.place not in places]
        self.stored_reports = [(place, report) for place, report in self.stored_reports if place not in places]

    async def status(self) -> ModemStatus:
        await self.open()
        return self.how

    async def reset(self, *, radio: bool = False) -> None:
        """Nothing is stuck."""

    async def close(self) -> None:
        """Nothing is open."""


async def queued(database: Database, **values: Any) -> int:
    """Queue a text, by default to ``CALLER`` and due at ``NOON``: its id."""
    draft: dict[str, Any] = {
        "kind": MessageKind.CALLER,
        "business": "Hill Plumbing",
        "to": CALLER,
        "text": "sorry we missed you",
        "about": CALLER,
        "since": NOON - seconds(30),
        "not_before": NOON,
    }
    async with database.transaction() as tx:
        return await outbox.enqueue(tx, outbox.Draft(**draft | values), NOON)


async def submitting(database: Database, *, to: E164 = CALLER, at: dt.datetime = NOON, text: str = "sorry") -> int:
    """Queue a text and give its first part to the modem ``gsm``: its id."""
    message_id = await queued(database, to=to, text=text)
    async with database.transaction() as tx:
        await outbox.change(tx, message_id, MessageEvent.CLAIMED, at)
        await tx.run("UPDATE outbox SET modem = 'gsm' WHERE id = ?1", message_id)
        await outbox_parts.begin(tx, message_id, to, len(sms_text.split(text)))
        await outbox_parts.submit(tx, message_id, 1, "gsm", at)
    return message_id


async def accept(database: Database, message_id: int, *references: int, at: dt.datetime = NOON) -> None:
    """The network takes the parts of a text that is being submitted, and gives them these references."""
    async with database.transaction() as tx:
        for part, reference in enumerate(references, 1):
            if part > 1:
                await outbox_parts.submit(tx, message_id, part, "gsm", at)
            await outbox_parts.settle(tx, message_id, part, PartState.ACCEPTED, "", reference)
        await outbox.accepted(tx, message_id, at)


async def rows(database: Database, sql: str, *values: str | int) -> Sequence[Row]:
    """What stands in the database."""
    async with database.reading() as tx:
        return await tx.all(sql, *values)


async def row(database: Database, sql: str, *values: str | int) -> Row:
    """The only row."""
    (only,) = await rows(database, sql, *values)
    return only


async def states(database: Database) -> list[str]:
    """Of all texts, in the order in which they were queued."""
    return [found["state"] for found in await rows(database, "SELECT state FROM outbox ORDER BY id")]
