"""Leads: at most one open one per number and business. A caller without a number makes a lead per call."""

import datetime as dt
from collections.abc import Sequence

from textbackd.core.leads import Lead, LeadStatus, is_urgent
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, Transaction, moment, stamp


async def for_missed_call(
    tx: Transaction, call: Call, number: E164 | None, now: dt.datetime, *, simulated: bool = False
) -> Lead:
    """The lead of a missed call: the number's own, opened again where it was closed, or a new one."""
    old = await _latest(tx, call.business, number, simulated=simulated) if number else None
    if old is None:
        row = await tx.one(
            "INSERT INTO leads (business, number, caller, did, did_label, outcome, status, urgent, maybe_machine,"
            " simulated, calls, created_at, updated_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'new', ?7, ?8, ?9, 1, ?10, ?10) RETURNING *",
            call.business,
            number,
            "withheld" if call.record.withheld else call.record.caller,
            call.record.did,
            call.did.label,
            call.outcome,
            int(is_urgent(call)),
            int(call.maybe_machine),
            int(simulated),
            stamp(now),
        )
    else:
        row = await tx.one(
            "UPDATE leads SET did = ?2, did_label = ?3, outcome = ?4, urgent = max(urgent, ?5), maybe_machine = ?6,"
            " calls = calls + 1, status = CASE status WHEN 'booked' THEN 'booked' ELSE 'new' END, contacted_by = '',"
            " contacted_seconds = 0, updated_at = ?7"
            " WHERE id = ?1 RETURNING *",
            old["id"],
            call.record.did,
            call.did.label,
            call.outcome,
            int(is_urgent(call)),
            int(call.maybe_machine),
            stamp(now),
        )
    assert row is not None
    return _lead(row)


async def for_text(tx: Transaction, business: str, number: E164, now: dt.datetime) -> Lead:
    """The lead of an incoming text: the number's latest, opened again where it was closed, or a new one."""
    old = await _latest_of_any_business(tx, business, number)
    if old is None:
        return await _without_did(tx, business, number, number, 0, now)
    row = await tx.one(
        "UPDATE leads SET status = CASE status WHEN 'closed' THEN 'new' ELSE status END, updated_at = ?2"
        " WHERE id = ?1 RETURNING *",
        old,
        stamp(now),
    )
    assert row is not None
    return _lead(row)


async def for_call_to_sim(tx: Transaction, business: str, number: E164 | None, caller: str, now: dt.datetime) -> Lead:
    """The lead of a call to a SIM's own number, as of any missed call. ``caller`` is shown where there is no number."""
    old = await _latest_of_any_business(tx, business, number) if number else None
    if old is None:
        return await _without_did(tx, business, number, caller, 1, now)
    row = await tx.one(
        "UPDATE leads SET status = CASE status WHEN 'booked' THEN 'booked' ELSE 'new' END, calls = calls + 1,"
        " contacted_by = '', contacted_seconds = 0, maybe_machine = 0, updated_at = ?2 WHERE id = ?1 RETURNING *",
        old,
        stamp(now),
    )
    assert row is not None
    return _lead(row)


async def _latest_of_any_business(tx: Transaction, business: str, number: E164) -> int | None:
    """No DID tells which business was meant: best its own, then one that is open."""
    value = await tx.value(
        "SELECT id FROM leads WHERE number = ?1 AND NOT simulated"
        " ORDER BY business = ?2 DESC, status = 'closed', updated_at DESC, id DESC LIMIT 1",
        number,
        business,
    )
    return int(value) if value is not None else None


async def _without_did(
    tx: Transaction, business: str, number: E164 | None, caller: str, calls: int, now: dt.datetime
) -> Lead:
    row = await tx.one(
        "INSERT INTO leads (business, number, caller, did, did_label, outcome, status, calls, created_at, updated_at)"
        " VALUES (?1, ?2, ?3, '', '', '', 'new', ?4, ?5, ?5) RETURNING *",
        business,
        number,
        caller,
        calls,
        stamp(now),
    )
    assert row is not None
    return _lead(row)


async def contacted(
    tx: Transaction, number: E164, by: str, seconds: float, now: dt.datetime, *, maybe_machine: bool
) -> int:
    """Somebody of ours was on the line with the number, whoever rang whom: how many leads that settles.

    A contact that may have been with a voicemail gives way to the next one.
    """
    return await tx.run(
        "UPDATE leads SET status = 'contacted', contacted_by = ?2, contacted_seconds = ?3, maybe_machine = ?4,"
        " updated_at = ?5 WHERE number = ?1 AND NOT simulated"
        " AND (status = 'new' OR (status = 'contacted' AND maybe_machine))",
        number,
        by,
        seconds,
        int(maybe_machine),
        stamp(now),
    )


async def is_known(tx: Transaction, number: E164) -> bool:
    """Whether this number has ever been a lead."""
    return bool(await tx.value("SELECT EXISTS (SELECT 1 FROM leads WHERE number = ?1 AND NOT simulated)", number))


async def is_returning(tx: Transaction, number: E164, business: str) -> bool:
    """Whether the number had to do with this business before: a missed call or words of it made a lead, or somebody
    answered it.
    """
    return bool(
        await tx.value(
            "SELECT EXISTS (SELECT 1 FROM leads WHERE number = ?1 AND business = ?2 AND NOT simulated)"
            " OR EXISTS (SELECT 1 FROM calls WHERE number = ?1 AND business = ?2 AND NOT simulated"
            " AND outcome IN ('answered', 'answered_briefly', 'answered_then_lost', 'answered_then_voicemail'))",
            number,
            business,
        )
    )


async def latest(tx: Transaction, most: int) -> Sequence[Row]:
    """The leads, the ones that moved last first."""
    return await tx.all("SELECT * FROM leads ORDER BY updated_at DESC, id DESC LIMIT ?1", most)


async def get(tx: Transaction, lead_id: int) -> Row | None:
    """One lead."""
    return await tx.one("SELECT * FROM leads WHERE id = ?1", lead_id)


async def thread(tx: Transaction, lead: Row) -> Sequence[Row]:
    """Calls and texts of a lead's number in one line of time: at, kind, summary, text.

    The kinds: call, call to the SIM, called back, in, picture, out. Of a lead without a number only what belongs to the
    lead itself.
    """
    return await tx.all(
        "SELECT ended_at AS at, 'call' AS kind, outcome AS summary, '' AS text FROM calls"
        " WHERE (number = ?1 AND simulated = ?3) OR (?1 IS NULL AND lead_id = ?2)"
        " UNION ALL SELECT answered_at, 'called back', CAST(talk_seconds AS TEXT) || ' s', '' FROM outside_calls"
        " WHERE number = ?1 AND NOT ?3"
        " UNION ALL SELECT called_at, 'call to the SIM', 'missed', '' FROM calls_to_sims"
        " WHERE caller = ?1 OR (?1 IS NULL AND lead_id = ?2)"
        " UNION ALL SELECT received_at, 'in', trim(wish || CASE missing WHEN '[]' THEN '' ELSE ' incomplete' END), text"
        " FROM inbox WHERE number = ?1 OR (?1 IS NULL AND lead_id = ?2)"
        " UNION ALL SELECT received_at, 'picture', 'not fetched', '' FROM unread_messages"
        " WHERE kind = 'mms' AND (number = ?1 OR (?1 IS NULL AND lead_id = ?2))"
        " UNION ALL SELECT created_at, 'out', state, text FROM outbox WHERE number = ?1 AND simulated = ?3"
        " ORDER BY at",  # not the owner's notices
        lead["number"],
        lead["id"],
        lead["simulated"],
    )


async def _latest(tx: Transaction, business: str, number: E164, *, simulated: bool) -> Row | None:
    return await tx.one(
        "SELECT * FROM leads WHERE business = ?1 AND number = ?2 AND simulated = ?3"
        " ORDER BY status = 'closed', updated_at DESC, id DESC LIMIT 1",
        business,
        number,
        int(simulated),
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
        maybe_machine=bool(row["maybe_machine"]),
        calls=row["calls"],
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
    )
