"""Calls of the office to numbers that had called it: kept once, and when somebody was last reached."""

import dataclasses
import datetime as dt
from typing import Any

from tests.builders import CALLER, NOON, a_policy, seconds
from textbackd.core.call_records import OutsideCall, Party
from textbackd.core.phone_numbers import E164
from textbackd.store import history, leads, outside_calls, parties
from textbackd.store.database import Database, Transaction, moment

BOB = E164("+447700900456")
ANNA = Party(number="101", name="Anna", seconds=60.0)
DAY = dt.timedelta(days=1)


def a_call(**values: Any) -> OutsideCall:
    """101 rang ``CALLER`` at ``NOON`` and talked for a minute."""
    return dataclasses.replace(
        OutsideCall(
            channel="1795220464.9",
            number="07700900123",
            by=(ANNA,),
            started_at=NOON,
            answered_at=NOON + seconds(10),
            ended_at=NOON + seconds(70),
            talk_seconds=60.0,
        ),
        **values,
    )


def moved(by: dt.timedelta, channel: str) -> OutsideCall:
    """The same call at another time."""
    call = a_call(channel=channel)
    times = {name: getattr(call, name) + by for name in ("started_at", "answered_at", "ended_at")}
    return dataclasses.replace(call, **times)


async def all_of(tx: Transaction) -> list[tuple[str, str, str, float]]:
    found = await tx.all("SELECT * FROM outside_calls ORDER BY pbx, channel")
    return [(row["pbx"], row["channel"], row["number"], row["talk_seconds"]) for row in found]


async def test_a_call_comes_back_as_it_was_kept(database: Database) -> None:
    """With the number in E.164, who made it, and its times."""
    call = a_call()
    async with database.transaction() as tx:
        await outside_calls.record(tx, "asterisk", call, CALLER)
        (row,) = await tx.all("SELECT * FROM outside_calls")

    kept = row["pbx"], row["channel"], row["number"], row["talk_seconds"]
    assert ("asterisk", call.channel, CALLER, 60.0) == kept
    assert [ANNA] == parties.from_column(row["made_by"])
    times = [moment(row[name]) for name in ("started_at", "answered_at", "ended_at")]
    assert [call.started_at, call.answered_at, call.ended_at] == times


async def test_a_call_is_kept_once(database: Database) -> None:
    """The first time; the same leg of another PBX is another call."""
    async with database.transaction() as tx:
        await outside_calls.record(tx, "asterisk", a_call(), CALLER)
        await outside_calls.record(tx, "asterisk", a_call(talk_seconds=1.0), BOB)
        await outside_calls.record(tx, "other", a_call(), CALLER)
        kept = await all_of(tx)

    assert [("asterisk", a_call().channel, CALLER, 60.0), ("other", a_call().channel, CALLER, 60.0)] == kept


async def test_when_a_number_was_last_reached(database: Database) -> None:
    """Until the end of the latest call, if that ended after a given time; of this number only."""
    async with database.transaction() as tx:
        assert None is await outside_calls.last_answered(tx, CALLER, NOON - DAY)
        await outside_calls.record(tx, "asterisk", a_call(), CALLER)
        await outside_calls.record(tx, "asterisk", moved(-DAY, "1.1"), CALLER)
        await outside_calls.record(tx, "asterisk", moved(DAY, "2.2"), BOB)

        assert NOON + seconds(70) == await outside_calls.last_answered(tx, CALLER, NOON - DAY)
        assert NOON + seconds(70) == await outside_calls.last_answered(tx, CALLER, NOON + seconds(30))
        assert None is await outside_calls.last_answered(tx, CALLER, NOON + seconds(70))


async def test_the_history_of_a_number_knows_that_it_was_reached(database: Database) -> None:
    """As it knows of a call that was answered."""
    async with database.transaction() as tx:
        await outside_calls.record(tx, "asterisk", a_call(), CALLER)
        found = await history.of_caller(tx, CALLER, "", "Hill Plumbing", a_policy(), NOON + DAY)

    assert NOON + seconds(70) == found.served_until


async def test_a_thread_holds_the_call_back_where_somebody_was_reached(database: Database) -> None:
    """Between what came before and after it, with its length; of a simulated lead no real call."""
    async with database.transaction() as tx:
        await outside_calls.record(tx, "asterisk", a_call(), CALLER)
        await outside_calls.record(tx, "asterisk", a_call(channel="2.2"), BOB)
        lead = await leads.get(tx, (await leads.for_text(tx, "Hill Plumbing", CALLER, NOON)).id)
        assert lead is not None
        thread = await leads.thread(tx, lead)
        await tx.run("UPDATE leads SET simulated = 1")
        simulated = await leads.get(tx, lead["id"])
        assert simulated is not None
        assert [] == await leads.thread(tx, simulated)

    assert [("called back", "60.0 s", NOON + seconds(10))] == [
        (entry["kind"], entry["summary"], moment(entry["at"])) for entry in thread
    ]
