"""Calls of the office to numbers that had called it: who was reached, by whom, how long."""

import datetime as dt

from textbackd.core.call_records import OutsideCall
from textbackd.core.phone_numbers import E164
from textbackd.store import parties
from textbackd.store.database import Row, Transaction, moment, stamp


async def record(tx: Transaction, pbx: str, call: OutsideCall, number: E164) -> bool:
    """Keep a call: whether it is new."""
    added = await tx.run(
        "INSERT INTO outside_calls (pbx, channel, number, made_by, talk_seconds, started_at, answered_at, ended_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        pbx,
        call.channel,
        number,
        parties.as_column(call.by),
        call.talk_seconds,
        stamp(call.started_at),
        stamp(call.answered_at),
        stamp(call.ended_at),
    )
    return added == 1


async def last_answered(tx: Transaction, number: E164, since: dt.datetime) -> dt.datetime | None:
    """Until when somebody was last on the line at this number, in a call that ended after ``since``."""
    stamped = await tx.value(
        "SELECT max(ended_at) FROM outside_calls WHERE number = ?1 AND ended_at > ?2", number, stamp(since)
    )
    return moment(stamped) if stamped else None


async def first_answered(tx: Transaction, number: E164, since: dt.datetime) -> Row | None:
    """The first call in which somebody was on the line at this number after ``since``."""
    return await tx.one(
        "SELECT * FROM outside_calls WHERE number = ?1 AND ended_at > ?2 ORDER BY answered_at LIMIT 1",
        number,
        stamp(since),
    )
