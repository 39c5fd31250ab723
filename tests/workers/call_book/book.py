"""A call book with a sender beside it, and the calls that are kept in it."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from tests.builders import NOON, a_call, a_policy, a_record, seconds, steps
from tests.workers.far_ends import ManualClock, row, rows
from textbackd.core.call_records import OutsideCall, Party, What
from textbackd.core.calls import LiveCall
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.outgoing import OutgoingMessage
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.store.database import Database
from textbackd.workers import call_book
from textbackd.workers.next_text import take_next

ANNA, BEN = Party(number="101", name="Anna", seconds=60.0), Party(number="102", name="Ben", seconds=45.0)
BOB = E164("+447700900456")
MOBILE = Party(number="07700900777", seconds=15.0, outside=True)
"""A staff member's, to which calls are forwarded."""


def an_outside_call(**values: Any) -> OutsideCall:
    """101 rang ``CALLER`` back a minute after ``a_call``, and they talked for a minute."""
    return dataclasses.replace(
        OutsideCall(
            channel="1795220464.9",
            number="07700900123",
            by=(ANNA,),
            started_at=NOON + seconds(60),
            answered_at=NOON + seconds(70),
            ended_at=NOON + seconds(130),
            talk_seconds=60.0,
        ),
        **values,
    )


def an_answered_call(*talked_to: Party, **values: Any) -> Call:
    """``CALLER`` rang again a minute after ``a_call``, and somebody was on the line."""
    notes = steps((What.ARRIVED,), (What.JOINED, "", talked_to[0].number))
    record = a_record(
        call_id="1795220424.7",
        started_at=NOON + seconds(60),
        ended_at=NOON + seconds(130),
        talk_seconds=sum(party.seconds for party in talked_to),
        talked_to=talked_to,
        steps=tuple(dataclasses.replace(step, at=step.at + seconds(60)) for step in notes),
    )
    return a_call(record, outcome=Outcome.ANSWERED, **values)


class Book:
    """The call book of one office, with a sender that takes what is due."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.policy: Policy = a_policy()
        self._clock = clock

    async def keep(self, call: Call, **how: bool) -> None:
        """An inbound call is over."""
        self._clock.now = call.record.ended_at
        async with self.database.transaction() as tx:
            await call_book.keep(tx, call, self.policy, self._clock(), **how)

    async def keep_outside(self, call: OutsideCall) -> bool:
        """A call of the office is over."""
        self._clock.now = call.ended_at
        async with self.database.transaction() as tx:
            return await call_book.keep_outside(tx, "asterisk", call, self.policy, self._clock())

    async def note_live(self, call: LiveCall, number: E164 | None, pbx: str = "asterisk") -> None:
        """A call is in the air."""
        async with self.database.transaction() as tx:
            await call_book.note_live(tx, pbx, call, number)

    async def leaves(self, *, after: float = 60.0) -> list[tuple[str, str]]:
        """Whom the texts go to that leave within so many seconds, each with its kind."""
        self._clock.move_on(after)
        return [(message.to, message.kind.value) for message in await self._taken()]

    async def _taken(self) -> Sequence[OutgoingMessage]:
        taken: list[OutgoingMessage] = []
        async with self.database.transaction() as tx:
            while message := await take_next(tx, self.policy, "gsm", self._clock()):
                taken.append(message)
        return taken

    async def texts(self) -> list[tuple[str, str, str]]:
        """Kind, state and reason of every text."""
        found = await rows(self.database, "SELECT kind, state, reason FROM outbox ORDER BY id")
        return [(text["kind"], text["state"], text["reason"]) for text in found]

    async def lead(self) -> tuple[str, str, float, bool]:
        """Status of the only lead, who was in contact with it, how long, and whether that may have been a machine."""
        lead = await row(self.database, "SELECT * FROM leads")
        return lead["status"], lead["contacted_by"], lead["contacted_seconds"], bool(lead["maybe_machine"])


def calling(number: str = "07700900123", call_id: str = "1795220464.9") -> LiveCall:
    """The office calls a number outside."""
    return LiveCall(call_id=call_id, caller=number, did="", started_at=NOON, outbound=True)
