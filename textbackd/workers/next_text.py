"""Which text goes next: what is due is asked about once more, and settled where it is not wanted any more."""

import datetime as dt
import functools
from collections.abc import Collection

import structlog

from textbackd.core import alarms as rules
from textbackd.core.alarms import Alarm, AlarmKind
from textbackd.core.message_parts import PartState
from textbackd.core.outgoing import MessageEvent, MessageKind, OutgoingMessage
from textbackd.core.policy import Policy
from textbackd.core.reasons import Reason
from textbackd.core.recheck import Cancel, Expire, Go, Wait, recheck
from textbackd.store import alarms, history, modem_record, outbox, outbox_parts
from textbackd.store.database import Transaction
from textbackd.workers import guard_alarms
from textbackd.workers.rewording import reword

log = structlog.get_logger()

ANOTHERS = dt.timedelta(seconds=5)
"""How soon to look again at a text whose first parts went out by a modem that does not go on with it."""
TRIAL_EVERY = dt.timedelta(minutes=10)
"""How often a modem all of whose texts fail tries one that another could send: only that shows that it can again. It
costs that text some seconds, after which the other takes it.
"""


async def take_next(
    tx: Transaction,
    policy: Policy,
    modem: str,
    now: dt.datetime,
    *,
    others: Collection[str] = (),
    counting: bool = True,
) -> OutgoingMessage | None:
    """Claim the most urgent text that is due and still wanted; the ones in front of it that are not are settled.

    ``others`` are the other modems that answer: what they began is theirs. Those of them that can send keep the numbers
    that they wrote to last, and are left all that is new by a modem that cannot. Without ``counting`` no caller is
    texted; with it, raises traffic.Uncountable.
    """
    conditions = await alarms.conditions(tx)
    able = [other for other in others if not rules.why_mute(other, conditions, now)]
    only_begun = bool(able) and not await _may_begin(tx, modem, conditions, now)
    due = functools.partial(outbox.next_due, tx, now, modem, answering=others, able=able, only_begun=only_begun)
    while (message := await due()) is not None:
        past = await history.of_message(tx, message, policy, now, counting=counting)
        begun_by = await outbox_parts.begun_by(tx, message.id)
        match found := recheck(message, past, policy, now, begun=begun_by is not None):
            case Go():
                if begun_by in (None, modem):
                    if begun_by is None and message.kind is MessageKind.CALLER:
                        message = await reword(tx, message, policy, now)
                    await outbox.claim(tx, message, modem, now)
                    return message
                await outbox.postpone(tx, message.id, now + ANOTHERS)
            case Wait(until=until, reason="", anew=anew):
                await outbox.postpone(tx, message.id, until, anew=anew)
            case Wait(until=until, reason=reason, anew=anew):
                await outbox.keep_back(tx, message.id, until, reason, now, anew=anew)
            case Cancel(reason=reason):
                await outbox.change(tx, message.id, MessageEvent.CANCEL, now, reason)
                if reason is Reason.OBSERVED:
                    await outbox.count_from(tx, message.id, now)
                log.info("text_cancelled", message_id=message.id, reason=reason)
            case Expire(reason=reason):
                await _expire(tx, message, reason, {modem, *others}, now)
        await guard_alarms.mind(tx, message, found, now)
    return None


async def _may_begin(tx: Transaction, modem: str, conditions: Collection[Alarm], now: dt.datetime) -> bool:
    """Whether a modem is to begin with a text that another could send."""
    why = rules.why_mute(modem, conditions, now)
    if why != {AlarmKind.ALL_SENDS_FAILING}:
        return not why  # of all else the modem itself tells when it is over
    tried_at = await modem_record.last_claimed_at(tx, modem)
    return tried_at is None or now - tried_at >= TRIAL_EVERY


async def _expire(
    tx: Transaction, message: OutgoingMessage, reason: str, working: Collection[str], now: dt.datetime
) -> None:
    """Nobody reads half a text: one of which only some parts went out has failed."""
    parts = await outbox_parts.of_latest_copy(tx, message.id)
    unsent = next((part for part in parts if part["state"] == PartState.WAITING), None)
    begun_by = await outbox_parts.begun_by(tx, message.id)
    if begun_by is None or unsent is None:
        await outbox.change(tx, message.id, MessageEvent.GREW_STALE, now, reason)
        log.info("text_expired", message_id=message.id, reason=reason)
        return
    why = (unsent["reason"] or reason) if begun_by in working else f"modem {begun_by} is gone"
    detail = f"part {unsent['part']} of {len(parts)} was never sent: {why}"
    await outbox.change(tx, message.id, MessageEvent.BROKE_OFF, now, detail)
    log.warning("text_broke_off", message_id=message.id, to=message.to, kind=message.kind, detail=detail)
