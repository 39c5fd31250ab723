"""What happens, as it happens: the rows that the daemon writes, one plain line for each fact.

The database is what is shown, not the log: what a line says is on disk, and ``textbackd calls`` shows the same.
"""

import asyncio
import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Iterator

from textbackd.core.office import Office
from textbackd.core.opt_out import Wish
from textbackd.core.outgoing import MessageEvent, MessageKind
from textbackd.core.reasons import IN_WORDS, Reason
from textbackd.store import live_calls, news
from textbackd.store.database import Database, Row, moment

LOOK = 0.1
"""Seconds between two looks at the database."""


class Kind(enum.StrEnum):
    """What a fact is about."""

    CALL = "call"
    TEXT = "text"
    SILENT = "silent"
    REPLY = "reply"
    ANSWER = "answer"
    """The automatic one, to STOP, START or HELP."""
    OWNER = "owner"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of the demo."""

    at: dt.datetime
    """In the office's zone."""
    kind: Kind
    words: str


_WISHES = {
    Wish.STOP: " (no more texts to this number)",
    Wish.START: " (texts are welcome again)",
    Wish.HELP: "",
}


class Show:
    """Looks at the database and tells what is new."""

    def __init__(self, database: Database, office: Office, pbx: str) -> None:
        """``pbx``: the name of the PBX whose calls in the air are shown."""
        self._database = database
        self._office = office
        self._pbx = pbx
        self._rung: set[str] = set()
        self._call_row = self._inbox_id = self._change = 0

    async def run(self, say: Callable[[Fact], None]) -> None:
        """Tell every fact, for ever."""
        while True:
            for fact in await self.look():
                say(fact)
            await asyncio.sleep(LOOK)

    async def look(self) -> list[Fact]:
        """The facts since the last look, in the order of time."""
        facts: list[Fact] = []
        async with self._database.reading() as tx:
            live = await live_calls.of_pbx(tx, self._pbx)
            ended = await news.calls_after(tx, self._call_row)
            incoming = await news.inbox_after(tx, self._inbox_id)
            changes = await news.changes_after(tx, self._change)
        for call in live:
            facts += self._rings(call.call_id, call.caller, call.did, call.started_at)
        for row in ended:
            self._call_row = row["id"]
            facts += self._rings(row["call_id"], row["caller"], row["did"], moment(row["started_at"]))
            facts += self._ended(row)
        for row in incoming:
            self._inbox_id = row["id"]
            wish = _WISHES[Wish(row["wish"])] if row["wish"] else ""
            words = f'<- {row["number"] or row["sender"]}: "{row["text"]}"{wish}'
            facts.append(Fact(at=moment(row["received_at"]), kind=Kind.REPLY, words=words))
        for row in changes:
            self._change = row["change_number"]
            facts += _changed(row)
        zone = self._office.time_zone
        return sorted((dataclasses.replace(f, at=f.at.astimezone(zone)) for f in facts), key=lambda fact: fact.at)

    def _rings(self, call_id: str, caller: str, dialled: str, at: dt.datetime) -> Iterator[Fact]:
        if call_id not in self._rung:
            self._rung.add(call_id)
            label = self._office.did(dialled).label
            where = f"{label} ({dialled})" if label else dialled
            yield Fact(at=at, kind=Kind.CALL, words=f"{self._who(caller)} rings {where}")

    def _ended(self, row: Row) -> Iterator[Fact]:
        at, who = moment(row["decided_at"]), self._who(row["caller"])
        rang = f", rang {row['ring_seconds']:.1f} s" if row["ring_seconds"] else ""
        talked = f", talked {row['talk_seconds']:.1f} s" if row["talk_seconds"] else ""
        words = f"{who} {row['outcome']}: {row['because']}{rang}{talked}"
        yield Fact(at=at, kind=Kind.CALL, words=words)
        if row["decision"] == "silent":
            yield Fact(at=at, kind=Kind.SILENT, words=f"for {who}: {_reason(row['reason'], row['detail'])}")

    def _who(self, caller: str) -> str:
        return self._office.e164(caller) or "a withheld number"


def _changed(row: Row) -> Iterator[Fact]:
    """One change of one outgoing text; most are of no interest to anybody who watches."""
    kind, event, body = MessageKind(row["kind"]), row["event"], row["text"]
    caller = row["about"] or "a withheld number"
    quoted = f'-> {row["number"]}: "{body}"'
    known = {
        (MessageKind.CALLER, "queue"): (Kind.TEXT, f"for {caller} is queued"),
        (MessageKind.CALLER, MessageEvent.ACCEPTED): (Kind.TEXT, quoted),
        (MessageKind.CALLER, MessageEvent.REPORTED_DELIVERED): (Kind.TEXT, f"delivered to {row['number']}"),
        (MessageKind.ACKNOWLEDGEMENT, MessageEvent.ACCEPTED): (Kind.ANSWER, quoted),
        (MessageKind.OWNER, MessageEvent.ACCEPTED): (Kind.OWNER, f'<- "{body}"'),
        (MessageKind.OWNER, MessageEvent.CANCEL): (
            Kind.OWNER,
            f"is not told of {caller}: {_reason(row['detail'])}",
        ),
    }
    dull = event in (MessageEvent.CLAIMED, MessageEvent.REPORTED_DELIVERED, "queue")
    if (told := known.get((kind, event))) is not None:
        shown, words = told
    elif dull:
        return
    else:
        shown, words = Kind.TEXT, f"to {row['number']} is {row['change']}: {_reason(row['detail'])}"
    yield Fact(at=moment(row["at"]), kind=shown, words=words)


def _reason(reason: str, detail: str = "") -> str:
    """``opted_out (the caller asked for no more texts)``; words that are no reason of ours stay as they are."""
    try:
        words = IN_WORDS[Reason(reason)]
    except ValueError:
        return reason
    return f"{reason} ({words}{': ' + detail if detail else ''})"
