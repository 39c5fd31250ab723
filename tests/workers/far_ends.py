"""What stands at the far ends of a worker: a modem that does as it is told, a clock that is set by hand."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.builders import CALLER, NOON, seconds
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Encoding
from textbackd.modem.modem import DeliveryReport, IncomingSms, ModemIdentity, Received
from textbackd.store import outbox
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

    name = "gsm"

    def __init__(self) -> None:
        self.incoming = asyncio.Event()
        self.answers: list[Exception] = []
        """What the next submits raise; when they are used up, texts are accepted."""
        self.delete_fails: Exception | None = None
        self.submitted: list[tuple[str, str]] = []
        self.sim: list[IncomingSms] = []
        self.reports: list[DeliveryReport] = []
        self.before: Callable[[str], Awaitable[None]] | None = None
        """Awaited at the beginning of ``submit`` and ``delete``, with its name."""

    async def submit(self, number: E164, text: str, encoding: Encoding) -> int:
        if self.before:
            await self.before("submit")
        self.submitted.append((number, text))
        if self.answers:
            raise self.answers.pop(0)
        return len(self.submitted) % 256

    async def receive(self) -> Received:
        reports, self.reports = self.reports, []
        return Received(messages=list(self.sim), reports=reports)

    async def delete(self, message: IncomingSms) -> None:
        if self.before:
            await self.before("delete")
        if self.delete_fails:
            raise self.delete_fails
        self.sim.remove(message)

    async def identify(self) -> ModemIdentity:
        return ModemIdentity(manufacturer="a", model="b", network="c", registered=True, signal_percent=None)

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
