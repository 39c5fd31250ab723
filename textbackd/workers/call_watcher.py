"""Channel events to decided calls: one call, its decision, its lead and its texts in one transaction."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from textbackd.core import channel_events as ev
from textbackd.core import leads as core_leads
from textbackd.core import notifications, outcomes
from textbackd.core.call_records import EndedCall, Step, What
from textbackd.core.calls import CallTracker, LiveCall
from textbackd.core.channel_events import ChannelEvent, ChannelKind
from textbackd.core.leads import Lead
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import is_withheld
from textbackd.core.policy import CallerHistory, Decision, Policy, SendText, decide
from textbackd.store import calls, history, leads, live_calls, outbox
from textbackd.store.database import Database, StoreError, Transaction
from textbackd.workers.patiently import patiently

log = structlog.get_logger()

T = TypeVar("T")

OWNER_AFTER = dt.timedelta(seconds=10)
"""The owner's notice is due so long after the caller's text, whatever became of that."""
POLL = 5.0
"""Seconds: how long to sit without an event before giving a sign of life."""


class CallWatcher:
    """Watches one PBX. Calls are written in the order in which they ended."""

    def __init__(self, pbx: str, database: Database, policy: Policy, wrote: Callable[[], None]) -> None:
        """``wrote`` is called after each commit that queued a text."""
        self._pbx = pbx
        self._database = database
        self._policy = policy
        self._wrote = wrote
        self._tracker = CallTracker()
        self._tick: Callable[[], None] = lambda: None

    async def run(
        self, events: "asyncio.Queue[ChannelEvent]", utc_now: Callable[[], dt.datetime], tick: Callable[[], None]
    ) -> None:
        """Take events for ever, and end calls whose time has come. ``tick`` says that this loop is not stuck."""
        self._tick = tick
        while True:
            tick()
            deadline = self._tracker.next_deadline()
            seconds = POLL if deadline is None else min(max((deadline - utc_now()).total_seconds(), 0.0), POLL)
            try:
                async with asyncio.timeout(seconds):  # see bell.py: not asyncio.wait_for
                    event = await events.get()
            except TimeoutError:
                await self.expire(utc_now())
            else:
                await self.take(event, utc_now())

    async def take(self, event: ChannelEvent, now: dt.datetime) -> None:
        """Take one event in."""
        ended = self._tracker.receive(event)
        if isinstance(event, ev.ChannelAppeared) and event.kind is ChannelKind.INBOUND:
            await self._note_live(event.channel)
        for record in ended:
            await self._finish(record, now)
        if isinstance(event, ev.SnapshotTaken):
            await self.end_what_is_gone(now)

    def next_deadline(self) -> dt.datetime | None:
        """When ``expire`` has something to do."""
        return self._tracker.next_deadline()

    async def expire(self, now: dt.datetime) -> None:
        """End the calls whose grace is over."""
        for record in self._tracker.expire(now):
            await self._finish(record, now)

    async def cut_off(self, now: dt.datetime) -> None:
        """Nothing more will be seen: end every call."""
        for record in self._tracker.cut_off(now):
            await self._finish(record, now)

    async def _finish(self, record: EndedCall, now: dt.datetime) -> None:
        """Judge, decide and keep one call. A call that we cannot handle is logged; the next one still counts."""
        try:
            call = outcomes.judge(record, self._policy.office, pbx=self._pbx, minimum_talk=self._policy.minimum_talk)
            decision = await self._write(lambda tx: self._keep(tx, call, now))
        except StoreError:
            raise  # a damaged database is no odd call
        except Exception:
            log.exception("call_not_handled", pbx=self._pbx, call_id=record.call_id)
            await self._write(lambda tx: live_calls.remove(tx, self._pbx, record.call_id))
            return
        if decision is not None:
            _log_call(call, decision)

    async def _keep(self, tx: Transaction, call: Call, now: dt.datetime) -> Decision | None:
        """None: the call is on record already."""
        record = call.record
        await live_calls.remove(tx, self._pbx, record.call_id)
        if await calls.on_record(tx, self._pbx, record.call_id):
            return None
        number = None if record.withheld else self._policy.office.e164(record.caller)
        past = await history.of_caller(tx, number, call.business, now) if number else CallerHistory()
        decision = decide(call, past, self._policy, now)
        lead = None
        if core_leads.makes_a_lead(call, self._policy):
            lead = await leads.for_missed_call(tx, call, number, now)
        elif call.outcome is Outcome.ANSWERED and number:
            await leads.contacted(tx, number, ", ".join(record.talked_to), now)
        row = await calls.record(tx, call, number, decision, lead.id if lead else None, now)
        if isinstance(decision, SendText):
            await outbox.enqueue(tx, _to_caller(call, decision, row, lead), now)
        if lead is not None:
            await self._notify_owners(tx, call, lead, decision, row, now)
        return decision

    async def _notify_owners(
        self, tx: Transaction, call: Call, lead: Lead, decision: Decision, row: int | None, now: dt.datetime
    ) -> None:
        office = self._policy.office
        text = notifications.missed_call(
            lead_id=lead.id,
            outcome=call.outcome,
            at=call.record.started_at.astimezone(office.time_zone),
            label=call.did.label,
            calls=lead.calls,
            number=lead.number or ("withheld" if call.record.withheld else call.record.caller),
            urgent=lead.urgent,
        )
        texted_at = decision.not_before if isinstance(decision, SendText) else call.record.ended_at
        for owner in office.business(call.business).owners:
            # Of a caller who rings again and again the owner reads once, and no later for it.
            due = await outbox.supersede_notices(tx, lead.id, owner, now)
            draft = outbox.Draft(
                kind=MessageKind.OWNER,
                business=call.business,
                to=owner,
                text=text,
                about=lead.number,
                since=call.record.started_at,
                not_before=due or texted_at + OWNER_AFTER,
                call_row=row,
                lead_id=lead.id,
            )
            await outbox.enqueue(tx, draft, now)

    async def _note_live(self, call_id: str) -> None:
        call = self._tracker.on_the_line(call_id)
        if call is not None:
            number = None if is_withheld(call.caller) else self._policy.office.e164(call.caller)
            await self._write(lambda tx: live_calls.add(tx, self._pbx, call, number))
            log.debug("call_arrived", pbx=self._pbx, call_id=call_id, caller=call.caller, did=call.did)

    async def end_what_is_gone(self, now: dt.datetime) -> None:
        """Calls that were in the air when an earlier process stopped, and are no more: nobody saw how they ended."""
        for call in await patiently(self._database, lambda tx: live_calls.of_pbx(tx, self._pbx), self._tick):
            if call.call_id not in self._tracker.followed():
                await self._finish(_not_seen(call, now), now)

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        done = await patiently(self._database, work, self._tick)
        self._wrote()
        return done


def _to_caller(call: Call, decision: SendText, row: int | None, lead: Lead | None) -> outbox.Draft:
    return outbox.Draft(
        kind=MessageKind.CALLER,
        business=call.business,
        to=decision.to,
        text=decision.text,
        about=decision.to,
        since=call.record.started_at,
        not_before=decision.not_before,
        template=decision.template,
        call_row=row,
        lead_id=lead.id if lead else None,
    )


def _not_seen(call: LiveCall, now: dt.datetime) -> EndedCall:
    return EndedCall(
        call_id=call.call_id,
        caller=call.caller,
        caller_name="",
        withheld=is_withheld(call.caller),
        did=call.did,
        context="",
        started_at=call.started_at,
        ended_at=now,
        ring_seconds=0.0,
        wait_seconds=0.0,
        talk_seconds=0.0,
        talked_to=(),
        seen_whole=False,
        steps=(
            Step(at=call.started_at, what=What.ARRIVED, who=call.did),
            Step(at=now, what=What.NOT_SEEN),
        ),
    )


def _log_call(call: Call, decision: Decision) -> None:
    log.info(
        "call_ended",
        pbx=call.pbx,
        call_id=call.record.call_id,
        caller=call.record.caller,
        did=call.record.did,
        outcome=call.outcome,
        decision="text" if isinstance(decision, SendText) else "silent",
        reason=decision.reason,
    )
