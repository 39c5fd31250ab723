"""A missed call that nobody made, through the real tracker, judge and rules: flagged, and counted nowhere."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from textbackd.core import channel_events as ev
from textbackd.core import outcomes
from textbackd.core.call_records import EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, Stage
from textbackd.core.policy import Policy, SendText
from textbackd.core.reasons import IN_WORDS
from textbackd.store import calls
from textbackd.store.database import Database, stamp
from textbackd.workers import call_book

PBX = "simulated"
RANG = dt.timedelta(seconds=20)


async def missed_call(
    database: Database, policy: Policy, *, caller: str, did: str, send: bool, now: dt.datetime
) -> dict[str, Any]:
    """Let ``caller`` ring ``did`` for 20 s until ``now``, and nobody answer: what textbackd made of it.

    Without ``send`` nothing is sent, neither to the caller nor to the owners.
    """
    record = _ended(caller, did, now)
    call = outcomes.judge(record, policy.office, pbx=PBX, minimum_talk=policy.minimum_talk)
    async with database.transaction() as tx:
        decision = await call_book.keep(tx, call, policy, now, simulated=True, send=send)
        assert decision is not None, "its id holds the time"
        (row,) = await calls.find(tx, record.call_id, None, 1)
    text = decision if isinstance(decision, SendText) else None
    return {
        "call": row["id"],
        "did_configured": call.did in policy.office.dids,
        "outcome": call.outcome,
        "because": call.because,
        "hours": call.hours,
        "decision": "text" if text else "silent",
        "reason": decision.reason,
        "detail": decision.detail,
        "reason_in_words": IN_WORDS[decision.reason],
        "to": text.to if text else None,
        "text": text.text if text else None,
        "template": text.template if text else None,
        "not_before": stamp(text.not_before) if text else None,
        "queued": send and text is not None,
    }


def _ended(caller: str, did: str, now: dt.datetime) -> EndedCall:
    tracker = CallTracker()
    ended = [call for event in _events(caller, did, now) for call in tracker.receive(event)]
    (record,) = (call for call in ended if isinstance(call, EndedCall))
    return record


def _events(caller: str, did: str, now: dt.datetime) -> Iterator[ChannelEvent]:
    leg, phone, start = f"{PBX}-{stamp(now)}", "phone", now - RANG
    yield ev.ChannelAppeared(
        at=start, channel=leg, name=PBX, kind=ChannelKind.INBOUND, group=leg, number=caller, did=did
    )
    yield ev.StageEntered(at=start, channel=leg, stage=Stage.DIAL)
    yield ev.ChannelAppeared(
        at=start, channel=phone, name=PBX, kind=ChannelKind.DEVICE, group=leg, number="a simulated phone"
    )
    yield ev.DialStarted(at=start, channel=phone, by=leg)
    yield ev.DialEnded(at=now, channel=phone, by=leg, result=DialResult.NO_ANSWER)
    yield ev.ChannelGone(at=now, channel=phone)
    yield ev.ChannelGone(at=now, channel=leg)
