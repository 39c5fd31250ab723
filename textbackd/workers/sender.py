"""Outbox to modem: claim, recheck, commit, submit, record. One sender per modem; all share the outbox."""

import asyncio
import datetime as dt
import random
from collections.abc import Callable

import structlog

from textbackd.core import backoff
from textbackd.core.outgoing import IllegalTransitionError, MessageEvent, OutgoingMessage
from textbackd.core.policy import Policy
from textbackd.core.recheck import Cancel, Expire, Go, Wait, recheck
from textbackd.core.sms_text import encoding_of
from textbackd.modem.modem import Modem, ModemUnavailable, SubmitRefused, SubmitUnknown
from textbackd.store import history, outbox
from textbackd.store.database import Database, StaleState, StoreUnavailable, Transaction
from textbackd.workers.bell import Bell
from textbackd.workers.patiently import patiently
from textbackd.workers.uninterrupted import uninterrupted

log = structlog.get_logger()

POLL = 5.0
"""Seconds: how often to look without a bell."""
STOP_PATIENCE = 1.0
"""Seconds that a stop waits for the modem's answer; after that nobody knows whether the text went out."""


async def take_next(tx: Transaction, policy: Policy, modem: str, now: dt.datetime) -> OutgoingMessage | None:
    """Claim the most urgent text that is due and still wanted; the ones in front of it that are not are settled."""
    while (message := await outbox.next_due(tx, now)) is not None:
        match recheck(message, await history.of_message(tx, message, policy, now), policy, now):
            case Go():
                await outbox.claim(tx, message, modem, now)
                return message
            case Wait(until=until):
                await outbox.postpone(tx, message.id, until)
            case Cancel(reason=reason):
                await outbox.change(tx, message.id, MessageEvent.CANCEL, now, reason)
                log.info("text_cancelled", message_id=message.id, reason=reason)
            case Expire(reason=reason):
                await outbox.change(tx, message.id, MessageEvent.GREW_STALE, now, reason)
                log.info("text_expired", message_id=message.id)
    return None


class Sender:
    """Sends through one modem."""

    def __init__(
        self, modem: Modem, database: Database, policy: Policy, bell: Bell, utc_now: Callable[[], dt.datetime]
    ) -> None:
        self._modem = modem
        self._database = database
        self._policy = policy
        self._bell = bell
        self._utc_now = utc_now
        self._tick: Callable[[], None] = lambda: None

    async def run(self, tick: Callable[[], None]) -> None:
        """Send for ever. ``tick`` says that this loop is not stuck."""
        self._tick = tick
        while True:
            tick()
            try:
                sent = await self.step()
                pause = 0.0 if sent else await self._until_next()
            except StoreUnavailable:
                pause = POLL  # the watch over the database says it
            if pause:
                await self._bell.wait(pause)

    async def step(self) -> bool:
        """Send one text, if one is due: whether there was one."""
        async with self._database.transaction() as tx:
            message = await take_next(tx, self._policy, self._modem.name, self._utc_now())
        if message is None:
            return False
        await uninterrupted(self._submit(message), patience=STOP_PATIENCE)
        return True

    async def _submit(self, message: OutgoingMessage) -> None:
        try:
            reference = await self._modem.submit(message.to, message.text, encoding_of(message.text))
        except ModemUnavailable as error:
            await self._record(message, MessageEvent.NOT_SENT, str(error))
        except SubmitRefused as error:
            await self._record(message, MessageEvent.REFUSED if error.permanent else MessageEvent.NOT_SENT, str(error))
        except SubmitUnknown as error:
            await self._record(message, MessageEvent.NO_ANSWER, str(error))
        except asyncio.CancelledError:
            stopped = self._record(message, MessageEvent.NO_ANSWER, "textbackd was stopped while sending")
            await uninterrupted(stopped, patience=STOP_PATIENCE)
            raise
        except Exception:
            log.exception("text_not_handled", message_id=message.id)
            await self._record(message, MessageEvent.NO_ANSWER, "an error of textbackd; its log has it")
        else:
            await self._record(message, MessageEvent.ACCEPTED, "", reference)

    async def _record(self, message: OutgoingMessage, event: MessageEvent, detail: str, reference: int = 0) -> None:
        now = self._utc_now()

        async def write(tx: Transaction) -> None:
            if event is MessageEvent.ACCEPTED:
                await outbox.accepted(tx, message.id, reference, now)
            else:
                await outbox.change(tx, message.id, event, now, detail)
            if event is MessageEvent.NOT_SENT:
                spread = random.random()  # noqa: S311 - no secret
                pause = backoff.delay(message.attempts + 1, first=2.0, most=60.0, spread=spread)
                await outbox.postpone(tx, message.id, now + dt.timedelta(seconds=pause))

        try:
            await patiently(self._database, write, self._tick)
        except (IllegalTransitionError, StaleState):
            log.exception("text_changed_meanwhile", message_id=message.id, happened=event, detail=detail)
            return
        lost = event in (MessageEvent.REFUSED, MessageEvent.NO_ANSWER)
        (log.warning if lost else log.info)(
            "text_" + event.replace(" ", "_"), message_id=message.id, to=message.to, kind=message.kind, detail=detail
        )

    async def _until_next(self) -> float:
        async with self._database.reading() as tx:
            due = await outbox.next_time(tx)
        return POLL if due is None else min(POLL, max((due - self._utc_now()).total_seconds(), 0.01))
