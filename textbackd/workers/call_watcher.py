"""Channel events in, calls on record: the tracker's shell."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from textbackd.core import channel_events as ev
from textbackd.core import outcomes
from textbackd.core.call_records import Ended, EndedCall, OutsideCall, Step, What
from textbackd.core.calls import LONGEST_CALL, CallTracker, LiveCall
from textbackd.core.channel_events import ChannelEvent, ChannelKind
from textbackd.core.outcomes import Call
from textbackd.core.phone_numbers import is_withheld
from textbackd.core.policy import Decision, PolicyNow, SendText
from textbackd.store import links, live_calls
from textbackd.store.database import Database, StoreError, Transaction
from textbackd.workers import call_book
from textbackd.workers.catch_up import CatchUp, Cdr
from textbackd.workers.entrance_counter import EntranceCounter
from textbackd.workers.patiently import patiently

log = structlog.get_logger()

T = TypeVar("T")

NOTED_EVERY = dt.timedelta(minutes=1)
"""How exactly it is known when a process that was killed watched last. What it saw meanwhile is on record."""
SWEEP_EVERY = dt.timedelta(hours=1)
POLL = 5.0
"""Seconds: how long to sit without an event before giving a sign of life."""


class CallWatcher:
    """Watches one PBX. Calls are written in the order in which they ended."""

    def __init__(
        self,
        pbx: str,
        database: Database,
        policy: PolicyNow,
        wrote: Callable[[], None],
        *,
        keep_link: bool = False,
        cdr: Cdr | None = None,
    ) -> None:
        """``wrote`` is called after each commit that queued a text. With ``keep_link`` the database knows whether the
        PBX is watched; ``cdr`` tells of calls that came while it was not.
        """
        self._pbx = pbx
        self._database = database
        self._policy = policy
        self._wrote = wrote
        self._tracker = CallTracker()
        self._entrances = EntranceCounter(pbx)
        self._keep_link = keep_link
        self._noted: dt.datetime | None = None
        """When it was last written down that the PBX is watched; None: it is not."""
        self._catch_up = CatchUp(pbx, cdr, policy, self._write) if cdr else None
        self._sweep_at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._outside: set[str] = set()
        """Legs that the office rings outside and that are on record as in the air."""
        self._tick: Callable[[], None] = lambda: None
        self.not_handled = 0
        """Calls lost by a mistake of textbackd; each is logged."""

    async def run(
        self, events: "asyncio.Queue[ChannelEvent]", utc_now: Callable[[], dt.datetime], tick: Callable[[], None]
    ) -> None:
        """Take events for ever, and end calls whose time has come. ``tick`` says that this loop is not stuck."""
        self._tick = tick
        while True:
            tick()
            deadline = self._tracker.next_deadline()
            if deadline is not None and deadline <= utc_now():  # though events never cease
                await self.expire(utc_now())
                continue
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
        match event:
            case ev.ChannelAppeared():
                self._entrances.count(event)
                if event.kind is ChannelKind.INBOUND and not event.from_middle:  # a snapshot's are noted at its end
                    await self._note_live(event.channel)
            case ev.DialStarted():
                await self._note_live(event.channel)
            case ev.DidKnown():
                await self._note_did(event.channel)
        for call in ended:
            await self._finish(call, now)
        if isinstance(event, ev.ChannelGone) and event.channel in self._outside:
            await self._forget_live(event.channel)  # nobody was reached
        elif isinstance(event, ev.LinkLost):
            await self._unwatched(event.at)
        elif isinstance(event, ev.SnapshotTaken):
            await self._resume(event, now)
        await self._note(now)

    def next_deadline(self) -> dt.datetime | None:
        """When ``expire`` has something to do."""
        return self._tracker.next_deadline()

    async def expire(self, now: dt.datetime) -> None:
        """End the calls whose grace is over."""
        for call in self._tracker.expire(now):
            await self._finish(call, now)
        for channel in self._outside - self._tracker.followed():
            await self._forget_live(channel)
        await self._note(now)

    async def _note(self, now: dt.datetime) -> None:
        """Write down what is written now and then only."""
        if self._entrances.is_due(now):
            await self._write(self._entrances.write)
            self._entrances.written()
        if self._noted is not None and now - self._noted >= NOTED_EVERY:
            await self._watched(now)
        if now >= self._sweep_at:
            # A PBX that may not list its channels never says what is gone.
            self._sweep_at = now + SWEEP_EVERY
            await self.end_what_is_gone(now, before=now - LONGEST_CALL)

    async def cut_off(self, now: dt.datetime) -> None:
        """Nothing more will be seen: end every call."""
        for call in self._tracker.cut_off(now):
            await self._finish(call, now)

    async def _finish(self, ended: Ended, now: dt.datetime) -> None:
        """Keep one call. A call that we cannot handle is logged; the next one still counts."""
        leg = ended.call_id if isinstance(ended, EndedCall) else ended.channel
        try:
            if isinstance(ended, OutsideCall):
                await self._keep_outside(ended, now)
            else:
                await self._keep(ended, now)
        except StoreError:
            raise  # a damaged database is no odd call
        except Exception:
            log.exception("call_not_handled", pbx=self._pbx, call_id=leg)
            self.not_handled += 1
            await self._forget_live(leg)

    async def _keep(self, record: EndedCall, now: dt.datetime) -> None:
        policy = self._policy()
        call = outcomes.judge(record, policy.office, pbx=self._pbx, minimum_talk=policy.minimum_talk)
        decision = await call_book.keep_surely(self._write, call, policy, now)
        if decision is not None:
            _log_call(call, decision)

    async def _keep_outside(self, call: OutsideCall, now: dt.datetime) -> None:
        self._outside.discard(call.channel)
        policy = self._policy()
        if await self._write(lambda tx: call_book.keep_outside(tx, self._pbx, call, policy, now)):
            log.info("called_back", pbx=self._pbx, number=call.number, seconds=call.talk_seconds)

    async def _note_live(self, channel: str) -> None:
        call = self._tracker.on_the_line(channel)
        if call is None:
            return
        office = self._policy().office
        if call.outbound:
            number = office.e164_dialled(call.caller)
            if await self._write(lambda tx: call_book.note_live(tx, self._pbx, call, number)):
                self._outside.add(channel)
            return
        number = None if is_withheld(call.caller) else office.e164(call.caller)
        await self._write(lambda tx: call_book.note_live(tx, self._pbx, call, number))
        log.debug("call_arrived", pbx=self._pbx, call_id=channel, caller=call.caller, did=call.did)

    async def _note_did(self, channel: str) -> None:
        """The number dialled may be told late: what an outage hides of it later is then on record."""
        if (call := self._tracker.on_the_line(channel)) is not None:
            await self._write(lambda tx: live_calls.set_did(tx, self._pbx, channel, call.did))
            log.debug("did_told", pbx=self._pbx, call_id=channel, did=call.did)

    async def _lose_outside(self, call: LiveCall, now: dt.datetime) -> None:
        self._outside.discard(call.call_id)
        policy = self._policy()
        await self._write(lambda tx: call_book.lose_outside(tx, self._pbx, call, policy, now))

    async def _forget_live(self, channel: str) -> None:
        self._outside.discard(channel)
        await self._write(lambda tx: live_calls.remove(tx, self._pbx, channel))

    async def _resume(self, event: ev.SnapshotTaken, now: dt.datetime) -> None:
        """Go on with the calls that a snapshot shows; end those that it does not."""
        for call in await patiently(self._database, lambda tx: live_calls.of_pbx(tx, self._pbx), self._tick):
            self._tracker.known_as(call.call_id, call.caller, call.did)
        for channel in event.channels:
            await self._note_live(channel)
        await self.end_what_is_gone(now)
        self._outside &= self._tracker.followed()
        if (lost_at := await self._write(lambda tx: links.up_until(tx, self._pbx))) is not None:
            await self._link_back(lost_at, event)
        await self._watched(event.at)

    async def _link_back(self, lost_at: dt.datetime, event: ev.SnapshotTaken) -> None:
        """All is seen again: learn what happened since ``lost_at``, or take into account that nobody can say."""
        if self._catch_up and await self._catch_up.link_back(lost_at, event.at, event.channels):
            return
        policy = self._policy()
        if cancelled := await self._write(
            lambda tx: call_book.nobody_watched(tx, self._pbx, lost_at, policy, event.at)
        ):
            hint = "cdr_file in the configuration tells who got through meanwhile"
            log.warning("texts_cancelled", pbx=self._pbx, texts=cancelled, hint=hint)

    async def _watched(self, at: dt.datetime) -> None:
        if self._keep_link:
            self._noted = at
            await self._write(lambda tx: links.is_up(tx, self._pbx, at))

    async def _unwatched(self, at: dt.datetime) -> None:
        if self._noted is not None:
            self._noted = None
            await self._write(lambda tx: links.is_down(tx, self._pbx, at))

    async def end_what_is_gone(self, now: dt.datetime, *, before: dt.datetime | None = None) -> None:
        """Calls that were in the air when an earlier process stopped, and are no more: nobody saw how they ended.

        Only those that began ``before``, if that is given.
        """
        for call in await patiently(self._database, lambda tx: live_calls.of_pbx(tx, self._pbx), self._tick):
            if call.call_id in self._tracker.followed() or (before and call.started_at >= before):
                continue
            if call.outbound:
                await self._lose_outside(call, now)
            else:
                await self._finish(_not_seen(call, now), now)

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        done = await patiently(self._database, work, self._tick)
        self._wrote()
        return done


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
