"""Calls that are over, each with its outcome, its decision and what was seen of it."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from textbackd.core.call_records import EndedCall, Step, What
from textbackd.core.office import Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Decision, SendText
from textbackd.store import parties
from textbackd.store.database import Row, Transaction, moment, stamp


async def record(
    tx: Transaction,
    call: Call,
    number: E164 | None,
    decision: Decision,
    lead_id: int | None,
    now: dt.datetime,
    *,
    simulated: bool = False,
) -> int | None:
    """Keep a call with its decision: its row, or None where this call is on record already."""
    seen = call.record
    answered_at = next((step.at for step in seen.steps if step.what is What.JOINED), None)
    row = await tx.one(
        "INSERT INTO calls (pbx, call_id, caller, caller_name, number, withheld, did, did_label, context,"
        " business, hours, outcome, because, ring_seconds, wait_seconds, talk_seconds, rang, talked_to, maybe_machine, "
        "queue, queue_seconds, answered_at, started_at, ended_at, steps, decision, reason, detail, "
        "decided_at, lead_id, simulated)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, "
        "?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31)"
        " ON CONFLICT (pbx, call_id) DO NOTHING RETURNING id",
        call.pbx,
        seen.call_id,
        seen.caller,
        seen.caller_name,
        number,
        int(seen.withheld),
        seen.did,
        call.did.label,
        seen.context,
        call.business,
        call.hours,
        call.outcome,
        call.because,
        seen.ring_seconds,
        seen.wait_seconds,
        seen.talk_seconds,
        parties.as_column(seen.rang),
        parties.as_column(seen.talked_to),
        int(call.maybe_machine),
        seen.queue,
        seen.queue_seconds,
        stamp(answered_at) if answered_at else None,
        stamp(seen.started_at),
        stamp(seen.ended_at),
        _to_json(seen.steps, call.decided_by),
        "text" if isinstance(decision, SendText) else "silent",
        decision.reason,
        decision.detail,
        stamp(now),
        lead_id,
        int(simulated),
    )
    return None if row is None else int(row["id"])


async def get(tx: Transaction, row_id: int, office: Office) -> Call:
    """A call that was texted, as it was judged; what is not kept of it is what a call must be to be texted."""
    row = await tx.one("SELECT * FROM calls WHERE id = ?1", row_id)
    assert row is not None, "calls are never deleted before their texts"
    seen = steps(row)
    record = EndedCall(
        call_id=row["call_id"],
        caller=row["caller"],
        caller_name=row["caller_name"],
        withheld=bool(row["withheld"]),
        did=row["did"],
        context=row["context"],
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        ring_seconds=row["ring_seconds"],
        wait_seconds=row["wait_seconds"],
        talk_seconds=row["talk_seconds"],
        rang=tuple(parties.from_column(row["rang"])),
        talked_to=tuple(parties.from_column(row["talked_to"])),
        queue=row["queue"],
        queue_seconds=row["queue_seconds"],
        seen_whole=True,
        steps=tuple(step for step, _ in seen),
    )
    return Call(
        pbx=row["pbx"],
        record=record,
        did=office.did(row["did"]),
        business=row["business"],
        hours=Hours(row["hours"]),
        outcome=Outcome(row["outcome"]),
        because=row["because"],
        decided_by=tuple(step for step, decided in seen if decided),
        maybe_machine=bool(row["maybe_machine"]),
    )


async def on_record(tx: Transaction, pbx: str, call_id: str) -> bool:
    """Whether this call was kept already."""
    return await tx.value("SELECT 1 FROM calls WHERE pbx = ?1 AND call_id = ?2", pbx, call_id) is not None


async def is_known(tx: Transaction, number: E164) -> bool:
    """Whether this number has called."""
    return bool(await tx.value("SELECT EXISTS (SELECT 1 FROM calls WHERE number = ?1 AND NOT simulated)", number))


_WITH_A_PERSON = (
    " number = ?1 AND NOT simulated AND (outcome IN ('answered', 'answered_then_lost', 'answered_then_voicemail')"
    " OR (outcome = 'unknown' AND talk_seconds >= ?3))"
)
"""For how long counts only where the outcome does not say that it was long enough; what became of the call later does
not matter.
"""


async def last_answered(
    tx: Transaction, number: E164, since: dt.datetime, at_least: dt.timedelta
) -> dt.datetime | None:
    """Until when this number last was on the line with a person, in a call that ended after ``since``."""
    stamped = await tx.value(
        f"SELECT max(ended_at) FROM calls WHERE ended_at > ?2 AND {_WITH_A_PERSON}",  # noqa: S608 - a constant
        number,
        stamp(since),
        at_least.total_seconds(),
    )
    return moment(stamped) if stamped else None


async def first_answered(
    tx: Transaction, number: E164, since: dt.datetime, at_least: dt.timedelta, *, besides: int
) -> Row | None:
    """The first of the calls that ``last_answered`` knows; never the row ``besides``."""
    return await tx.one(
        "SELECT * FROM calls WHERE ended_at > ?2 AND answered_at IS NOT NULL AND id <> ?4"  # noqa: S608
        f" AND {_WITH_A_PERSON} ORDER BY answered_at LIMIT 1",
        number,
        stamp(since),
        at_least.total_seconds(),
        besides,
    )


async def latest(tx: Transaction, most: int) -> Sequence[Row]:
    """The last calls, newest first."""
    return await tx.all("SELECT * FROM calls ORDER BY ended_at DESC, id DESC LIMIT ?1", most)


async def find(
    tx: Transaction, call_or_number: str, number: E164 | None, most: int, *, ending: str = ""
) -> Sequence[Row]:
    """The calls with this id (the PBX's or the row's) or of this number, newest first; also those whose caller's number
    has this ``ending``. Who withheld the number is not found by it.
    """
    return await tx.all(
        "SELECT * FROM calls WHERE call_id = ?1 OR CAST(id AS TEXT) = ?1"
        " OR (NOT withheld AND (caller = ?1 OR number = ?2 OR (?4 <> '' AND caller LIKE '%' || ?4)))"
        " ORDER BY ended_at DESC, id DESC LIMIT ?3",
        call_or_number,
        number,
        most,
        ending,
    )


async def with_their_texts(tx: Transaction) -> Sequence[Row]:
    """Every call in the order in which they began, with what is kept of its text, if there is one."""
    return await tx.all(
        "SELECT calls.*, outbox.template, outbox.text, outbox.state, outbox.not_before, outbox.sent_at,"
        " outbox.reason AS final_reason"
        " FROM calls LEFT JOIN outbox ON outbox.call_row = calls.id AND outbox.kind = 'caller'"
        " ORDER BY calls.started_at, calls.id"
    )


OUT_OF_CALL_RECORD = "nobody watched the PBX then; by its own record, which is often wrong: "
"""How ``because`` begins where the call was caught up from the PBX's call record (CDR)."""


def is_out_of_call_record(row: Row) -> bool:
    """Whether nobody watched this call: what is told of it is from the PBX's call record."""
    return bool(row["because"].startswith(OUT_OF_CALL_RECORD))


def steps(row: Row) -> Sequence[tuple[Step, bool]]:
    """What was seen of a call, each step with whether it decided the outcome."""
    return [_step(entry) for entry in json.loads(row["steps"])]


def as_told(row: Row) -> dict[str, Any]:
    """A call as programs read it, without its steps, and without what a caller withheld."""
    found = dict(row)
    del found["steps"]
    if found["withheld"]:
        found |= {"caller": "withheld", "caller_name": ""}
    return found | {name: parties.as_told(row[name]) for name in ("rang", "talked_to")}


def _to_json(seen: Sequence[Step], decided_by: Sequence[Step]) -> str:
    rows = [[stamp(step.at), step.what, step.value, step.who, step in decided_by] for step in seen]
    return json.dumps(rows, ensure_ascii=False)


def _step(entry: Any) -> tuple[Step, bool]:
    at, what, value, who, decided = entry
    return Step(at=moment(at), what=What(what), value=value, who=who), decided
