"""Delivery reports: each settles the text that it is about, and no other."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CALLER, NOON, a_policy
from tests.daemon.said import Said
from tests.workers.far_ends import ManualClock, ScriptedModem, accept, rows, states, submitting
from textbackd.core.outgoing import MessageEvent
from textbackd.core.phone_numbers import E164
from textbackd.modem.modem import DeliveryReport, ModemUnavailable
from textbackd.store import outbox, outbox_parts
from textbackd.store.database import Database, StoreUnavailable, Transaction
from textbackd.workers.receiver import Receiver

BOB = E164("+447700900456")


@pytest.fixture
def receiver(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    return Receiver(modem, database, a_policy(), lambda: None, clock)


async def sent(database: Database, reference: int = 7, *, to: E164 = CALLER, at: dt.datetime = NOON) -> int:
    message = await submitting(database, to=to, at=at)
    await accept(database, message, reference, at=at)
    return message


def a_report(reference: int = 7, *, number: str = CALLER, status: int = 0) -> DeliveryReport:
    return DeliveryReport(number=number, message_reference=reference, status=status)


@pytest.mark.parametrize(
    ("status", "state"), [(0, "delivered"), (2, "delivered"), (32, "sent"), (63, "sent"), (64, "undeliverable")]
)
async def test_a_report_settles_its_text(
    receiver: Receiver, modem: ScriptedModem, database: Database, status: int, state: str
) -> None:
    """Delivered, still trying, given up."""
    await sent(database)
    modem.reports = [a_report(status=status)]
    await receiver.step()

    assert [state] == await states(database)


@pytest.mark.parametrize("number", ["07700900123", "+447700900123", "00447700900123"])
async def test_a_report_may_spell_the_number_as_the_network_likes(
    receiver: Receiver, modem: ScriptedModem, database: Database, number: str
) -> None:
    """It is compared in E.164."""
    await sent(database)
    modem.reports = [a_report(number=number)]
    await receiver.step()

    assert ["delivered"] == await states(database)


@pytest.mark.parametrize(
    "report",
    [a_report(number=BOB), a_report(8), a_report(number="Vodafone"), a_report(number="")],
    ids=["number", "reference", "letters", "empty"],
)
async def test_a_report_about_something_else_changes_nothing(
    receiver: Receiver, modem: ScriptedModem, database: Database, report: DeliveryReport
) -> None:
    """Number and reference must both fit."""
    await sent(database)
    modem.reports = [report]
    await receiver.step()

    assert ["sent"] == await states(database)


async def test_an_old_reference_is_another_text(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """The reference has eight bits: after two days it means a newer text."""
    await sent(database, at=NOON - dt.timedelta(hours=49))
    await sent(database)
    modem.reports = [a_report(), a_report()]
    await receiver.step()

    assert ["sent", "delivered"] == await states(database)


async def test_a_report_told_twice_settles_one_text(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """The second is no report about another text of unknown fate."""
    await sent(database)
    await unknown(database)
    modem.reports = [a_report(), a_report(), a_report(status=64)]
    await receiver.step()

    assert ["delivered", "unknown"] == await states(database)


async def unknown(database: Database, *, to: E164 = CALLER) -> int:
    message = await submitting(database, to=to)
    async with database.transaction() as tx:
        await outbox.settle_interrupted(tx, NOON)
    return message


async def test_a_report_settles_the_one_text_of_unknown_fate(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """It has no reference, so it is meant where nothing else fits."""
    await unknown(database)
    await unknown(database, to=BOB)
    modem.reports = [a_report(99)]
    await receiver.step()

    assert ["delivered", "unknown"] == await states(database)


async def test_of_two_texts_of_unknown_fate_neither_is_settled(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Nobody can tell which."""
    await unknown(database)
    await unknown(database)
    modem.reports = [a_report(99)]
    await receiver.step()

    assert ["unknown", "unknown"] == await states(database)


async def test_a_report_that_comes_early_is_not_lost(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Before the sender has written down the reference: it is tried again at the next look."""
    message = await submitting(database)
    modem.reports = [a_report()]
    await receiver.step()
    await accept(database, message, 7)

    await receiver.step()

    assert ["delivered"] == await states(database)


async def test_a_report_that_comes_early_is_not_another_texts(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Nor where another one to the same number is of unknown fate, which a report without a text would settle."""
    await unknown(database)
    message = await submitting(database)
    modem.reports = [a_report()]
    await receiver.step()
    await accept(database, message, 7)

    await receiver.step()

    assert ["unknown", "delivered"] == await states(database)


LONG = "x" * 400


async def test_a_long_text_is_delivered_when_its_last_part_is(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Whatever the order of the reports; each part has a reference of its own."""
    message = await submitting(database, text=LONG)
    await accept(database, message, 7, 8, 9)
    for reference, expected in ((8, "sent"), (7, "sent"), (9, "delivered")):
        modem.reports = [a_report(reference)]
        await receiver.step()
        assert [expected] == await states(database)


async def test_a_long_text_with_a_lost_part_is_undeliverable(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Nobody can read it."""
    message = await submitting(database, text=LONG)
    await accept(database, message, 7, 8, 9)
    modem.reports = [a_report(7), a_report(8, status=70), a_report(9)]
    await receiver.step()

    assert ["undeliverable"] == await states(database)


async def test_a_report_about_a_text_that_was_cancelled_by_hand(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """It was of unknown fate, and now it is known to have gone out: cancelled it stays, and nothing is stuck."""
    message = await unknown(database)
    async with database.transaction() as tx:
        await outbox.change(tx, message, MessageEvent.CANCEL, NOON, "by hand")
    modem.reports = [a_report()]
    await receiver.step()

    assert ["cancelled"] == await states(database)
    assert ["delivered"] == [part["state"] for part in await rows(database, "SELECT state FROM outbox_parts")]


async def test_a_stored_report_is_on_disk_before_the_sim_loses_it(
    receiver: Receiver, modem: ScriptedModem, database: Database, tmp_path: Path
) -> None:
    """Another process sees what it says at the time of the delete; what could not be deleted says it again."""
    await sent(database)
    seen = []

    async def see(_what: str) -> None:
        with closing(sqlite3.connect(tmp_path / "textbackd.db")) as other:
            seen.extend(other.execute("SELECT state FROM outbox").fetchall())

    modem.before, modem.delete_fails = see, ModemUnavailable("unplugged")
    modem.stored_reports = [("SR:1", a_report())]
    with pytest.raises(ModemUnavailable):
        await receiver.step()
    modem.delete_fails = None
    await receiver.step()

    assert [("delivered",)] * 2 == seen
    assert [] == modem.stored_reports
    assert ["delivered"] == await states(database)


async def test_a_stored_report_that_comes_early_stays_on_the_sim(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Until the reference of its text is on record; also where textbackd starts anew in between."""
    message = await submitting(database)
    modem.stored_reports = [("SM:1", a_report())]
    await receiver.step()
    assert 1 == len(modem.stored_reports)
    await accept(database, message, 7)

    await Receiver(modem, database, a_policy(), lambda: None, clock).step()

    assert (["delivered"], []) == (await states(database), modem.stored_reports)


async def test_a_report_outlives_a_locked_database(
    receiver: Receiver, modem: ScriptedModem, database: Database, tmp_path: Path
) -> None:
    """The modem keeps no copy of it."""
    await sent(database)
    modem.reports = [a_report()]
    await database._writer.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await receiver.step()
        other.execute("ROLLBACK")

    await receiver.step()

    assert ["delivered"] == await states(database)


async def test_a_report_that_cannot_be_handled_keeps_no_other_waiting(
    receiver: Receiver, modem: ScriptedModem, database: Database, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once and let go."""
    real = outbox_parts.match_report

    async def picky(tx: Transaction, number: E164, *values: Any) -> tuple[int, int] | None:
        if number == BOB:
            raise ZeroDivisionError
        return await real(tx, number, *values)

    monkeypatch.setattr(outbox_parts, "match_report", picky)
    await sent(database)
    modem.reports = [a_report(number=BOB), a_report()]
    for _ in range(3):
        await receiver.step()

    assert ["delivered"] == await states(database)
    assert 1 == len(said.events("message_not_handled", kind="DeliveryReport"))
