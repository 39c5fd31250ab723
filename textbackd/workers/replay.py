"""Recorded calls through the real rules and outbox, on a clock of their own."""

import dataclasses
import datetime as dt
import json
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from textbackd.core import outcomes
from textbackd.core.policy import Policy
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.cdr import CdrCall, CdrReader, is_freeswitchs
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import VANILLA, DidFrom, FreeSwitchSettings
from textbackd.pbx.source import NotUnderstood
from textbackd.pbx.sources import PbxSettings
from textbackd.pbx.trace import EventSocketTrace, Trace, holds_records
from textbackd.pbx.trunks import Trunks
from textbackd.store import calls, outbox, parties, standing_lists
from textbackd.store.database import Database, Row
from textbackd.store.standing_lists import NO_LISTS, StandingLists
from textbackd.workers import call_book
from textbackd.workers.call_watcher import CallWatcher
from textbackd.workers.next_text import take_next

log = structlog.get_logger()

AFTERWARDS = dt.timedelta(hours=48)
"""How long after the last event the clock runs on: long enough for every text to leave or to grow stale."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By what recorded calls are judged, whichever kind of PBX they come from."""

    policy: Policy
    asterisk: Trunks = dataclasses.field(default_factory=Trunks)
    freeswitch: Trunks = VANILLA
    did_from: DidFrom = DidFrom.REQUEST
    """For FreeSWITCH."""
    lists: StandingLists = NO_LISTS
    """Who is not to be texted from the first call on."""

    @classmethod
    def of(cls, policy: Policy, pbxs: Sequence[PbxSettings]) -> "Rules":
        """Those of an office; of a kind of PBX that it has not got the usual trunks."""
        freeswitches = [pbx for pbx in pbxs if isinstance(pbx, FreeSwitchSettings)]
        return cls(
            policy=policy,
            asterisk=_together([pbx.trunks for pbx in pbxs if isinstance(pbx, AsteriskSettings)]) or Trunks(),
            freeswitch=_together([pbx.trunks for pbx in freeswitches]) or VANILLA,
            did_from=next((pbx.did_from for pbx in freeswitches), DidFrom.REQUEST),
        )

    def trunks(self, trace: Trace) -> Trunks:
        """Those of the kind of PBX that a stream comes from."""
        return self.freeswitch if isinstance(trace, EventSocketTrace) else self.asterisk

    def translator(self, trace: Trace) -> AsteriskTranslator | FreeSwitchTranslator:
        """What reads a stream."""
        if isinstance(trace, EventSocketTrace):
            return FreeSwitchTranslator(self.freeswitch, did_from=self.did_from)
        return AsteriskTranslator(self.asterisk)


def _together(trunks: Sequence[Trunks]) -> Trunks | None:
    return Trunks(tuple(trunk for of_one in trunks for trunk in of_one.each)) if trunks else None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What the calls in one file amount to."""

    calls: Sequence[dict[str, Any]]
    """In the order in which they began."""
    trunks: Trunks
    """Over which they came."""
    approximate: bool
    """They come from records of calls."""
    not_handled: int = 0
    """Calls that are missing here by a mistake of textbackd; the log has each."""


async def replay(path: Path, rules: Rules) -> Replayed:
    """Play one file with a fresh history: a recorded stream, or a CDR file (``Master.csv``)."""
    if holds_records(path):
        return await _of_records(path, rules)
    rules = dataclasses.replace(rules, policy=_by_any_modem(rules.policy))
    trace = Trace.read(path)
    if not trace.timed:
        # Nothing is known of how long anybody talked; that somebody did is enough.
        policy = dataclasses.replace(rules.policy, minimum_talk=dt.timedelta())
        rules = dataclasses.replace(rules, policy=policy)
    stream = _Player(rules.policy, rules.translator(trace), trace)
    rows = await _played(stream.play, rules.lists)
    told = [_as_told(path, row, timed=trace.timed, approximate=False) for row in rows]
    return Replayed(calls=told, trunks=rules.trunks(trace), approximate=False, not_handled=stream.watcher.not_handled)


async def _of_records(path: Path, rules: Rules) -> Replayed:
    trunks = rules.freeswitch if is_freeswitchs(path) else rules.asterisk
    records = CdrReader(path, trunks, rules.policy.office.time_zone, rules.did_from).calls()
    rows = await rehearse(records, rules.policy, rules.lists)
    told = [_as_told(path, row, timed=True, approximate=True) for row in rows]
    return Replayed(calls=told, trunks=trunks, approximate=True)


async def rehearse(records: Iterable[CdrCall], policy: Policy, lists: StandingLists) -> Sequence[Row]:
    """What would have become of calls on record, in the order of their ends, and of their texts: the rows of
    ``calls.with_their_texts``. The history begins with the first of them, but for ``lists``.
    """
    return await _played(lambda database: _play_cdr(database, _by_any_modem(policy), records), lists)


def _by_any_modem(policy: Policy) -> Policy:
    """There is but one in a replay."""
    businesses = tuple(dataclasses.replace(business, modem="") for business in policy.office.businesses)
    return dataclasses.replace(policy, office=dataclasses.replace(policy.office, businesses=businesses))


async def _played(play: Callable[[Database], Awaitable[None]], lists: StandingLists) -> Sequence[Row]:
    with tempfile.TemporaryDirectory(prefix="textbackd-replay-") as folder:
        async with Database.open(Path(folder) / "replay.db", durable=False) as database:
            async with database.transaction() as tx:
                await standing_lists.put(tx, lists)
            await play(database)
            async with database.reading() as tx:
                return await calls.with_their_texts(tx)


class _Outbox:
    """The texts of a replay leave when they are due, as if a modem took them at once."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._written = False
        self._next: dt.datetime | None = None

    def note_writing(self) -> None:
        """There may be a new text."""
        self._written = True

    async def next_due(self) -> dt.datetime | None:
        """When the next text leaves."""
        if self._written:
            async with self._database.reading() as tx:
                self._next = await outbox.next_time(tx)
            self._written = False
        return self._next

    async def send(self, now: dt.datetime) -> None:
        """Let one text leave that is due."""
        async with self._database.transaction() as tx:
            message = await take_next(tx, self._policy, "replay", now)
            if message is not None:
                await outbox.accepted(tx, message.id, now)
        self._written = True

    async def send_until(self, now: dt.datetime) -> None:
        """Let all leave that are due by then, each at its time."""
        while (due := await self.next_due()) is not None and due <= now:
            await self.send(due)


class _Player:
    """Plays one recorded stream."""

    def __init__(self, policy: Policy, translator: AsteriskTranslator | FreeSwitchTranslator, trace: Trace) -> None:
        self._policy = policy
        self._translator = translator
        self._trace = trace

    async def play(self, database: Database) -> None:
        """Everything that follows from it into the database."""
        self._outbox = _Outbox(database, self._policy)
        self.watcher = CallWatcher("trace", database, lambda: self._policy, self._outbox.note_writing)
        now = None
        for now, message in self._trace.messages():
            try:
                events = self._translator.events(message, now)
            except NotUnderstood as error:
                log.warning("pbx_event_not_understood", error=str(error))
                continue
            await self._until(now)
            for event in events:
                await self.watcher.take(event, now)
        if now is not None:
            await self.watcher.cut_off(now)
            await self._until(now + AFTERWARDS)

    async def _until(self, now: dt.datetime) -> None:
        """Let everything happen that is due by ``now``, each at its time."""
        while (due := await self._next_due()) is not None and due <= now:
            await self.watcher.expire(due)
            await self._outbox.send(due)

    async def _next_due(self) -> dt.datetime | None:
        times = [time for time in (await self._outbox.next_due(), self.watcher.next_deadline()) if time is not None]
        return min(times, default=None)


async def _play_cdr(database: Database, policy: Policy, records: Iterable[CdrCall]) -> None:
    """Each call when it ended; records come nearly in that order."""
    leaving, now = _Outbox(database, policy), None
    for cdr in records:
        now = max(now or cdr.record.ended_at, cdr.record.ended_at)
        await leaving.send_until(now)
        # A record never tells who withheld the number; what a text would depend on is told all the same.
        record = dataclasses.replace(cdr.record, privacy_unknown=False)
        call = outcomes.judge(record, policy.office, pbx="cdr", minimum_talk=policy.minimum_talk)
        async with database.transaction() as tx:
            await call_book.keep(tx, call, policy, now)
        leaving.note_writing()
    if now is not None:
        await leaving.send_until(now + AFTERWARDS)


def _as_told(path: Path, row: Row, *, timed: bool, approximate: bool) -> dict[str, Any]:
    def measured(value: Any) -> Any:
        return value if timed else None

    texts = row["decision"] == "text"
    gone = texts and row["state"] == "sent"
    return {
        "file": str(path),
        "approximate": approximate,
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
        "template": row["template"].rpartition("/")[2] if texts else None,
        "words_from": row["template"].rpartition("/")[0] if texts else None,
        "text": row["text"],
        "not_before": measured(row["not_before"]),
        "started_at": measured(row["started_at"]),
        "ended_at": measured(row["ended_at"]),
    }


def _measured_parties(column: str, *, timed: bool) -> list[dict[str, Any]]:
    return [party | {"seconds": party["seconds"] if timed else None} for party in parties.as_told(column)]


def _reason(reason: str, detail: str) -> str:
    return f"{reason}:{detail}" if detail else reason


def as_line(told: Mapping[str, Any]) -> str:
    """One call, or what calls amount to, as one line of JSON."""
    return json.dumps(told, ensure_ascii=False)
