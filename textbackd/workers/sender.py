"""Outbox to modem: claim, commit, submit part by part, record. One sender per modem; all share the outbox."""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import random
from collections.abc import Callable, Collection, Coroutine, Sequence

import structlog

from textbackd.core import alarms as rules
from textbackd.core import backoff, sms_text
from textbackd.core.alarms import AlarmKind
from textbackd.core.message_parts import PartState, after_a_try
from textbackd.core.modem_health import NUMBERS_IN_VAIN
from textbackd.core.outgoing import UNASSIGNED_NUMBER, IllegalTransitionError, MessageEvent, OutgoingMessage
from textbackd.core.policy import PolicyNow
from textbackd.core.sms_text import Segment
from textbackd.modem.modem import Modem, ModemUnavailable, SubmitRefused, SubmitUnknown
from textbackd.store import alarms, modem_record, outbox, outbox_parts
from textbackd.store.database import Database, StaleState, StoreUnavailable, Transaction
from textbackd.store.traffic import Uncountable
from textbackd.workers import learning
from textbackd.workers.bell import Bell
from textbackd.workers.next_text import take_next
from textbackd.workers.pace import Pace
from textbackd.workers.patiently import patiently
from textbackd.workers.uninterrupted import uninterrupted

log = structlog.get_logger()

POLL = 5.0
"""Seconds: how often to look without a bell."""
STOP_PATIENCE = 0.5
"""Seconds that a stop, over in 2 s on a busy machine too, waits for the modem's answer; then nobody knows its fate."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds before a text that was surely not sent is tried again."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    """What became of one part."""

    state: PartState
    """``waiting``: surely not sent, and worth another try."""
    reason: str = ""
    reference: int | None = None
    """TP-MR, where it was accepted."""
    no_such_number: bool = False


_COUNTED = {PartState.WAITING: "not sent"}
"""What a part is called that has to be tried again."""


async def _hastily(work: Coroutine[None, None, None]) -> None:
    """What a stop waits for no longer than ``STOP_PATIENCE``; what stays ``sending`` is settled by the next start."""
    with contextlib.suppress(TimeoutError, StoreUnavailable):
        async with asyncio.timeout(STOP_PATIENCE):
            await work


class Sender:
    """Sends through one modem."""

    def __init__(
        self,
        modem: Modem,
        database: Database,
        policy: PolicyNow,
        bell: Bell,
        utc_now: Callable[[], dt.datetime],
        *,
        per_minute: int | None = None,
        others: Callable[[], Collection[str]] = frozenset,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``per_minute`` parts at most, None for no bound; ``others`` tells which other modems answer; ``count`` hears
        of each part what became of it.
        """
        self._modem = modem
        self._database = database
        self._policy = policy
        self._bell = bell
        self._utc_now = utc_now
        self._pace = Pace(modem.name, per_minute)
        self._others = others
        self._count = count
        self._looked_at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._tick: Callable[[], None] = lambda: None
        self._stopping = False

    async def run(self, tick: Callable[[], None]) -> None:
        """Send for ever. ``tick`` says that this loop is not stuck."""
        self._tick = tick
        while True:
            tick()
            try:
                sent = await self.step()
                pause = 0.0 if sent else await self._until_next()
            except (ModemUnavailable, StoreUnavailable):
                pause = POLL  # the receiver and the watch over the database say it
            if pause:
                await self._bell.wait(pause)

    async def step(self) -> bool:
        """Send one text, if one is due and the modem may send: whether there was one.

        A text is claimed only when its modem is ready for it. Raises ModemUnavailable, StoreUnavailable.
        """
        await self._modem.open()
        self._tick()
        try:
            return await self._send_next()
        except Uncountable as error:
            log.warning("texts_not_counted", error=str(error), hint="no caller is texted; put back a backup")
            return await self._send_next(counting=False)

    async def _send_next(self, *, counting: bool = True) -> bool:
        message = None
        try:
            async with self._database.transaction() as tx:
                self._looked_at = now = self._utc_now()
                if await self._pace.wait(tx, now):
                    return False
                policy, others = self._policy(), self._others()
                message = await take_next(tx, policy, self._modem.name, now, others=others, counting=counting)
                if message is None:
                    return False
                segments = sms_text.segments(message.text, message.id)
                waiting = await outbox_parts.begin(tx, message.id, message.to, len(segments))
                if not waiting:
                    await outbox.change(tx, message.id, MessageEvent.NO_ANSWER, now, "no part of it is left to send")
                    return True
                await outbox_parts.submit(tx, message.id, waiting[0], self._modem.name, now)
        except asyncio.CancelledError:
            if message is not None:
                await _hastily(self._give_back(message))
            raise
        sending = self._send(message, [segments[part - 1] for part in waiting])
        await uninterrupted(sending, patience=STOP_PATIENCE, stopping=self._stop)
        return True

    def _stop(self) -> None:
        self._stopping = True

    async def _give_back(self, message: OutgoingMessage) -> None:
        """A stop came when the claim was being written: if it was, nobody is to wonder whether the text went out."""
        async with self._database.transaction() as tx:
            if await outbox.may(tx, message.id, MessageEvent.NOT_SENT):
                submitting = (await outbox_parts.states(tx, message.id)).index(PartState.SUBMITTING) + 1
                await outbox_parts.settle(tx, message.id, submitting, PartState.WAITING, "", None)
                why = "textbackd was stopped before it was sent"
                await outbox.change(tx, message.id, MessageEvent.NOT_SENT, self._utc_now(), why)

    async def _send(self, message: OutgoingMessage, segments: Sequence[Segment]) -> None:
        """Give the modem these parts, one after the other; of the first it is on disk already."""
        for segment, following in zip(segments, [*segments[1:], None], strict=True):
            try:
                fate = await self._submit(message, segment)
            except asyncio.CancelledError:
                stopped = _Fate(state=PartState.UNKNOWN, reason="textbackd was stopped while sending")
                await _hastily(self._record(message, segment, stopped, None))
                raise
            self._count(f"parts {_COUNTED.get(fate.state, fate.state)}")
            # The parts behind are better sent after the next start than cut off by this stop.
            goes_on = fate.state in (PartState.ACCEPTED, PartState.UNKNOWN) and not self._stopping
            await self._record(message, segment, fate, following if goes_on else None)
            if not goes_on:
                return

    async def _submit(self, message: OutgoingMessage, segment: Segment) -> _Fate:
        try:
            reference = await self._modem.submit(message.to, segment)
        except ModemUnavailable as error:
            return _Fate(state=PartState.WAITING, reason=str(error))
        except SubmitRefused as error:
            return _Fate(
                state=PartState.REFUSED if error.permanent else PartState.WAITING,
                reason=str(error),
                no_such_number=error.cms == UNASSIGNED_NUMBER,
            )
        except SubmitUnknown as error:
            return _Fate(state=PartState.UNKNOWN, reason=str(error))
        except Exception:
            log.exception("text_not_handled", message_id=message.id)
            return _Fate(state=PartState.UNKNOWN, reason="an error of textbackd; its log has it")
        return _Fate(state=PartState.ACCEPTED, reference=reference)

    async def _record(self, message: OutgoingMessage, segment: Segment, fate: _Fate, following: Segment | None) -> None:
        """Write down what became of a part, and that the following one is being submitted or how the text ended."""
        now = self._utc_now()

        async def write(tx: Transaction) -> tuple[MessageEvent, str] | None:
            await outbox_parts.settle(tx, message.id, segment.number, fate.state, fate.reason, fate.reference)
            if fate.state is PartState.ACCEPTED:
                await alarms.clear(tx, AlarmKind.ALL_SENDS_FAILING, self._modem.name, now)
            if fate.no_such_number:
                await learning.never_delivered(tx, message.id, "the network knows no such number", now)
            if following is not None:
                await outbox_parts.submit(tx, message.id, following.number, self._modem.name, now)
                return None
            event = after_a_try(await outbox_parts.states(tx, message.id))
            detail = await outbox_parts.why(tx, message.id)
            if event is MessageEvent.ACCEPTED:
                await outbox.accepted(tx, message.id, now)
            else:
                await outbox.change(tx, message.id, event, now, detail)
                await self._mind_failures(tx, fate, now)
            if event is MessageEvent.NOT_SENT:
                await self._put_back(tx, message, now)
            return event, detail

        try:
            ended = await patiently(self._database, write, self._tick)
        except (IllegalTransitionError, StaleState):
            log.exception("text_changed_meanwhile", message_id=message.id, part=segment.number, became=fate.state)
            return
        if ended is None:
            return
        event, detail = ended
        lost = event in (MessageEvent.REFUSED, MessageEvent.NO_ANSWER)
        (log.warning if lost else log.info)(
            "text_" + event.replace(" ", "_"), message_id=message.id, to=message.to, kind=message.kind, detail=detail
        )

    async def _mind_failures(self, tx: Transaction, fate: _Fate, now: dt.datetime) -> None:
        """Say it when it is no longer this text's fault that it did not go out."""
        name = self._modem.name
        if since := await modem_record.in_vain_since(tx, name, NUMBERS_IN_VAIN):
            await alarms.raise_(tx, AlarmKind.ALL_SENDS_FAILING, name, fate.reason, now, began_at=since)

    async def _put_back(self, tx: Transaction, message: OutgoingMessage, now: dt.datetime) -> None:
        """It is to be tried again: by another modem, but a number keeps its own for as long as a glitch may last."""
        spread = random.random()  # noqa: S311 - no secret
        pause = backoff.delay(message.attempts + 1, first=FIRST_PAUSE, most=LONGEST_PAUSE, spread=spread)
        keeps = await outbox_parts.last_writer(tx, message.to) == self._modem.name
        if not keeps or now - message.not_before >= rules.GLITCH:
            first = await outbox.shun(tx, message.id, self._modem.name)
            pause = FIRST_PAUSE if first and self._others() else pause
        await outbox.postpone(tx, message.id, now + dt.timedelta(seconds=pause))

    async def _until_next(self) -> float:
        """Seconds: until the next text is due, or may go."""
        async with self._database.reading() as tx:
            # Of what was due at the last look nothing could be claimed.
            due = await outbox.next_time(tx, after=self._looked_at)
            now = self._utc_now()
            pause = await self._pace.wait(tx, now)
        until_due = POLL if due is None else (due - now).total_seconds()
        return min(POLL, max(until_due, pause, 0.01))
