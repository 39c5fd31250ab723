"""Calls to the SIM's own number: nobody answers there, so they are leads; nobody is texted for them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import CALLER, NOON, OWNER, a_call, a_policy, an_office, seconds
from tests.daemon.said import Said
from tests.workers.far_ends import ManualClock, ScriptedModem, row, rows, states
from textbackd.core.exclusions import Exclusion
from textbackd.core.phone_numbers import E164
from textbackd.modem.modem import IncomingCall
from textbackd.store import leads
from textbackd.store.database import Database, StoreUnavailable
from textbackd.workers.receiver import Receiver

SIM, CREW = E164("+447700900002"), E164("+447700900003")
POLICY = a_policy(office=an_office(), own_numbers=frozenset({SIM}), exclusions=[Exclusion(label="crew", number=CREW)])


@pytest.fixture
def receiver(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    return Receiver(modem, database, lambda: POLICY, lambda: None, clock)


async def rings(receiver: Receiver, modem: ScriptedModem, *numbers: str) -> None:
    modem.calls = [IncomingCall(number=number) for number in numbers]
    await receiver.step()


async def test_a_call_to_the_sim_makes_a_lead(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """The owner reads of it; the caller is not texted. It stands in the thread."""
    await rings(receiver, modem, "07700900123")

    lead = await row(database, "SELECT * FROM leads")
    assert (CALLER, CALLER, "new", 1, "") == tuple(lead[k] for k in ("number", "caller", "status", "calls", "outcome"))
    notice = await row(database, "SELECT * FROM outbox")
    assert (OWNER, "owner", CALLER) == (notice["number"], notice["kind"], notice["about"])
    assert f"#1 MISSED 12:00 called the SIM's own number {CALLER}" == notice["text"]
    async with database.reading() as tx:
        assert ["call to the SIM"] == [entry["kind"] for entry in await leads.thread(tx, lead)]


async def test_it_joins_the_lead_that_is_there(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """And opens it again, as any missed call does."""
    async with database.transaction() as tx:
        old = await leads.for_missed_call(tx, a_call(), CALLER, NOON)
        await leads.contacted(tx, CALLER, "101", 60.0, NOON, maybe_machine=False)
    await rings(receiver, modem, CALLER)

    lead = await row(database, "SELECT * FROM leads")
    assert (old.id, 2, "new", "", "no_answer") == (
        lead["id"], lead["calls"], lead["status"], lead["contacted_by"], lead["outcome"],
    )  # fmt: skip


@pytest.mark.parametrize("number", [CALLER, "", "60777"])
async def test_who_rings_again_and_again_is_told_once_in_ten_minutes(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock, number: str
) -> None:
    """Also after a restart, and also who withholds the number; then it is news again."""
    await rings(receiver, modem, number, number)
    clock.move_on(599)
    await rings(Receiver(modem, database, lambda: POLICY, lambda: None, clock), modem, number)
    assert 1 == len(await states(database))
    clock.move_on(1)
    await rings(receiver, modem, number)

    assert 2 == len(await states(database))


async def test_a_withheld_number(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """A lead without a number, with nothing but the call in its thread."""
    await rings(receiver, modem, "", CALLER)

    async with database.reading() as tx:
        withheld = await leads.get(tx, 1)
        assert withheld is not None
        assert (None, "withheld", 1) == (withheld["number"], withheld["caller"], withheld["calls"])
        assert ["call to the SIM"] == [entry["kind"] for entry in await leads.thread(tx, withheld)]
    texts = await rows(database, "SELECT text, about FROM outbox ORDER BY id")
    assert ("#1 MISSED 12:00 called the SIM's own number withheld", None) == tuple(texts[0])


@pytest.mark.parametrize("number", [OWNER, SIM, "01632960101", CREW])
async def test_ours_make_no_lead(receiver: Receiver, modem: ScriptedModem, database: Database, number: str) -> None:
    """The owner, a SIM, a DID, the crew."""
    await rings(receiver, modem, number)

    assert ([], []) == (await states(database), await rows(database, "SELECT * FROM leads"))


async def test_it_is_said_once_that_the_sim_should_be_diverted(
    receiver: Receiver, modem: ScriptedModem, said: Said
) -> None:
    """Each call has a line, the warning is one."""
    for _ in range(3):
        await rings(receiver, modem, CALLER)

    assert 3 == len(said.events("sim_called", modem="gsm"))
    (warning,) = said.events("sim_takes_calls", level="warning")
    assert "divert" in warning["hint"]


async def test_a_call_outlives_a_locked_database(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    """The modem tells it once; it keeps the time at which it came."""
    await database._writer.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await rings(receiver, modem, CALLER)
        other.execute("ROLLBACK")
    clock.move_on(60)

    await receiver.step()
    await receiver.step()

    assert 1 == len(await states(database))
    called_at = (await row(database, "SELECT called_at FROM calls_to_sims"))["called_at"]
    assert (NOON + seconds(0)).isoformat(timespec="microseconds") == called_at
