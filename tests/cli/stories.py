"""Calls as they were judged, decided and kept, and what ``explain`` says of them."""

import asyncio
import datetime as dt
from collections.abc import Iterable
from typing import Any

from tests.builders import CALLER, NOON, a_policy, a_record, seconds
from tests.cli.conftest import Desk
from textbackd.core import outcomes
from textbackd.core.call_records import Ended, EndedCall, OutsideCall
from textbackd.core.caller_history import Consent
from textbackd.core.outgoing import MessageEvent
from textbackd.core.policy import Policy
from textbackd.store import opt_outs, outbox
from textbackd.store.database import Database, Transaction
from textbackd.workers import call_book
from textbackd.workers.next_text import take_next


def kept(desk: Desk, *ended: Ended, policy: Policy | None = None, stop: bool = False, send: bool = True) -> None:
    """A database in which these calls were judged and decided, each when it ended, and what was due was sent.

    ``stop``: the caller had said STOP. Without ``send`` the texts stay in the queue, until ``sent``.
    """
    asyncio.run(_keep(desk, ended, policy or a_policy(), stop=stop, send=send))


def sent(desk: Desk, at: dt.datetime) -> None:
    """What was due at that time is given to the modem, or settled."""

    async def work() -> None:
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            await _send(tx, a_policy(), at)

    asyncio.run(work())


async def _send(tx: Transaction, policy: Policy, at: dt.datetime) -> None:
    while await take_next(tx, policy, "gsm", at):
        """It is being sent."""


async def _keep(desk: Desk, ended: Iterable[Ended], policy: Policy, *, stop: bool, send: bool) -> None:
    async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
        if stop:
            await opt_outs.add(tx, CALLER, Consent.OUT, "sms", NOON)
        for each in ended:
            if isinstance(each, OutsideCall):
                await call_book.keep_outside(tx, "asterisk", each, policy, each.ended_at)
            else:
                call = outcomes.judge(each, policy.office, pbx="asterisk", minimum_talk=policy.minimum_talk)
                await call_book.keep(tx, call, policy, each.ended_at)
            if send:
                await _send(tx, policy, each.ended_at + seconds(30))


def happened(desk: Desk, text: int, *events: tuple[MessageEvent, str]) -> None:
    """This became of a text, a second after the other, from a minute after ``NOON`` on."""

    async def work() -> None:
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            for n, (event, detail) in enumerate(events):
                await outbox.change(tx, text, event, NOON + seconds(60 + n), detail)

    asyncio.run(work())


def later(by: dt.timedelta, **values: Any) -> EndedCall:
    """``a_record`` so much later."""
    return a_record(call_id=f"{by}", started_at=NOON + by, ended_at=NOON + by + seconds(20), **values)


def lines(desk: Desk, call: str, start: str) -> list[str]:
    """What ``explain`` says behind this beginning of a line."""
    result = desk.run("explain", call)
    assert (0, "") == (result.code, result.err)
    return [line.removeprefix(start).strip() for line in result.out.splitlines() if line.startswith(start)]
