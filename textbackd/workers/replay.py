"""A recorded stream through the real translator, tracker, policy and outbox, on a clock of its own."""

import dataclasses
import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from textbackd.core.policy import Policy
from textbackd.pbx.asterisk_events import AsteriskTranslator, NotUnderstood
from textbackd.pbx.asterisk_trunks import Trunks
from textbackd.pbx.trace import Trace
from textbackd.store import calls, outbox, parties
from textbackd.store.database import Database, Row
from textbackd.workers.call_watcher import CallWatcher
from textbackd.workers.sender import take_next

log = structlog.get_logger()

AFTERWARDS = dt.timedelta(hours=48)
"""How long after the last event the clock runs on: long enough for every text to leave or to grow stale."""


async def replay(path: Path, policy: Policy, trunks: Trunks) -> Sequence[dict[str, Any]]:
    """What the calls in one file amount to, with a fresh history; in the order in which they began."""
    trace = Trace.read(path)
    if not trace.timed:
        # Nothing is known of how long anybody talked; that somebody did is enough.
        policy = dataclasses.replace(policy, minimum_talk=dt.timedelta())
    with tempfile.TemporaryDirectory(prefix="textbackd-replay-") as folder:
        async with Database.open(Path(folder) / "replay.db", durable=False) as database:
            await _Player(database, policy, trunks).play(trace)
            async with database.reading() as tx:
                rows = await calls.with_their_texts(tx)
    return [_as_told(path, row, timed=trace.timed) for row in rows]


class _Player:
    def __init__(self, database: Database, policy: Policy, trunks: Trunks) -> None:
        self._database = database
        self._policy = policy
        self._translator = AsteriskTranslator(trunks)
        self._watcher = CallWatcher("trace", database, policy, self._note_writing)
        self._written = False
        self._next_text: dt.datetime | None = None

    def _note_writing(self) -> None:
        self._written = True

    async def play(self, trace: Trace) -> None:
        now = None
        for now, message in trace.messages():
            try:
                events = self._translator.events(message, now)
            except NotUnderstood as error:
                log.warning("pbx_event_not_understood", error=str(error))
                continue
            if events or self._next_text is not None or self._watcher.next_deadline() is not None:
                await self._until(now)
            for event in events:
                await self._watcher.take(event, now)
        if now is not None:
            await self._watcher.cut_off(now)
            await self._until(now + AFTERWARDS)

    async def _until(self, now: dt.datetime) -> None:
        """Let everything happen that is due by ``now``, each at its time."""
        while (due := await self._next_due()) is not None and due <= now:
            await self._watcher.expire(due)
            async with self._database.transaction() as tx:
                message = await take_next(tx, self._policy, "replay", due)
                if message is not None:
                    await outbox.accepted(tx, message.id, message.id % 256, due)
            self._written = True

    async def _next_due(self) -> dt.datetime | None:
        if self._written:
            async with self._database.reading() as tx:
                self._next_text = await outbox.next_time(tx)
            self._written = False
        times = [time for time in (self._next_text, self._watcher.next_deadline()) if time is not None]
        return min(times, default=None)


def _as_told(path: Path, row: Row, *, timed: bool) -> dict[str, Any]:
    def measured(value: Any) -> Any:
        return value if timed else None

    texts = row["decision"] == "text"
    gone = texts and row["state"] == "sent"
    return {
        "file": str(path),
        "call_id": row["call_id"],
        "caller": row["caller"],
        "caller_e164": row["number"],
        "withheld": bool(row["withheld"]),
        "did": row["did"],
        "did_label": row["did_label"] or None,
        "outcome": row["outcome"],
        "because": row["because"],
        "hours": row["hours"],
        "ring_seconds": measured(row["ring_seconds"]),
        "wait_seconds": measured(row["wait_seconds"]),
        "talk_seconds": measured(row["talk_seconds"]),
        "talked_to": ", ".join(party.number for party in parties.from_column(row["talked_to"])) or None,
        "talked_to_each": _measured_parties(row["talked_to"], timed=timed),
        "rang": _measured_parties(row["rang"], timed=timed),
        "queue": row["queue"] or None,
        "queue_seconds": measured(row["queue_seconds"]),
        "maybe_machine": bool(row["maybe_machine"]),
        "decision": row["decision"],
        "reason": _reason(row["reason"], row["detail"]),
        "final": "text" if gone else "silent",
        "final_reason": row["final_reason"] if texts and not gone else _reason(row["reason"], row["detail"]),
        "template": row["template"],
        "text": row["text"],
        "started_at": measured(row["started_at"]),
        "ended_at": measured(row["ended_at"]),
    }


def _measured_parties(column: str, *, timed: bool) -> list[dict[str, Any]]:
    return [party | {"seconds": party["seconds"] if timed else None} for party in parties.as_told(column)]


def _reason(reason: str, detail: str) -> str:
    return f"{reason}:{detail}" if detail else reason


def as_line(call: dict[str, Any]) -> str:
    """One call as one line of JSON."""
    return json.dumps(call, ensure_ascii=False)
