"""Leads: at most one open one per number and business. A caller without a number makes a lead per call."""

import datetime as dt
from collections.abc import Sequence

from textbackd.core.leads import Lead, LeadStatus, is_urgent
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, Transaction, moment, stamp


async def for_missed_call(tx: Transaction, call: Call, number: E164 | None, now: dt.datetime) -> Lead:
    """The lead of a missed call: the number's own, opened again where it was closed, or a new one."""
    old = await _latest(tx, call.business, number) if number else None
    if old is None:
        row = await tx.one(
            "INSERT INTO leads (business, number, caller, did, did_label, outcome, status, urgent, calls,"
            " created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'new', ?7, 1, ?8, ?8) RETURNING *",
            call.business,
            number,
            "withheld" if call.record.withheld else call.record.caller,
            call.record.did,
            call.did.label,
            call.outcome,
            int(is_urgent(call)),
            stamp(now),
        )
    else:
        row = await tx.one(
            "UPDATE leads SET did = ?2, did_label = ?3, outcome = ?4, urgent = max(urgent, ?5), calls = calls + 1,"
            " status = CASE status WHEN 'booked' THEN 'booked' ELSE 'new' END, updated_at = ?6"
            " WHERE id = ?1 RETURNING *",
            old["id"],
            call.record.did,
            call.did.label,
            call.outcome,
            int(is_urgent(call)),
            stamp(now),
        )
    assert row is not None
    return _lead(row)


async def for_text(tx: Transaction, business: str, number: E164, now: dt.datetime) -> Lead:
    """The lead of an incoming text: the number's latest, opened again where it was closed, or a new one."""
    row = await tx.one(
        "UPDATE leads SET status = CASE status WHEN 'closed' THEN 'new' ELSE status END, updated_at = ?2 WHERE id ="
        " (SELECT id FROM leads WHERE number = ?1 ORDER BY business = ?3 DESC, updated_at DESC, id DESC LIMIT 1)"
        " RETURNING *",
        number,
        stamp(now),
        business,
    )
    if row is None:
        row = await tx.one(
            "INSERT INTO leads (business, number, caller, did, did_label, outcome, status, created_at,"
            " updated_at) VALUES (?1, ?2, ?2, '', '', '', 'new', ?3, ?3) RETURNING *",
            business,
            number,
            stamp(now),
        )
    assert row is not None
    return _lead(row)


async def contacted(tx: Transaction, number: E164, by: str, now: dt.datetime) -> int:
    """The number was on the line with a person: how many new leads that settles."""
    return await tx.run(
        "UPDATE leads SET status = 'contacted', contacted_by = ?2, updated_at = ?3"
        " WHERE number = ?1 AND status = 'new'",
        number,
        by,
        stamp(now),
    )


async def latest(tx: Transaction, most: int) -> Sequence[Row]:
    """The leads, the ones that moved last first."""
    return await tx.all("SELECT * FROM leads ORDER BY updated_at DESC, id DESC LIMIT ?1", most)


async def get(tx: Transaction, lead_id: int) -> Row | None:
    """One lead."""
    return await tx.one("SELECT * FROM leads WHERE id = ?1", lead_id)


async def thread(tx: Transaction, lead: Row) -> Sequence[Row]:
    """Calls and texts of a lead's number in one line of time: at, kind (call, in, out), summary, text.

    Of a lead without a number only what belongs to the lead itself.
    """
    return await tx.all(
        "SELECT ended_at AS at, 'call' AS kind, outcome AS summary, '' AS text FROM calls"
        " WHERE number = ?1 OR (?1 IS NULL AND lead_id = ?2)"
        " UNION ALL SELECT received_at, 'in', wish, text FROM inbox WHERE number = ?1 OR (?1 IS NULL AND lead_id = ?2)"
        " UNION ALL SELECT created_at, 'out', state, text FROM outbox WHERE number = ?1"  # not the owner's notices
        " ORDER BY at",
        lead["number"],
        lead["id"],
    )


async def _latest(tx: Transaction, business: str, number: E164) -> Row | None:
    return await tx.one(
        "SELECT * FROM leads WHERE business = ?1 AND number = ?2"
        " ORDER BY status = 'closed', updated_at DESC, id DESC LIMIT 1",
        business,
        number,
    )


def _lead(row: Row) -> Lead:
    return Lead(
        id=row["id"],
        business=row["business"],
        number=E164(row["number"]) if row["number"] else None,
        caller=row["caller"],
        did=row["did"],
        did_label=row["did_label"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        status=LeadStatus(row["status"]),
        urgent=bool(row["urgent"]),
        calls=row["calls"],
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
    )
