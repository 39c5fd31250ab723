"""Delivery reports: each settles the text that it is about, and no other."""

import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CALLER, NOON, a_policy
from tests.daemon.said import Said
from tests.workers.far_ends import ManualClock, ScriptedModem, accept, rows, states, submitting
from textbackd.core.message_parts import PartState
from textbackd.core.outgoing import MessageEvent
from textbackd.core.phone_numbers import E164
from textbackd.core.reported_part import Candidate
from textbackd.modem.modem import DeliveryReport, ModemUnavailable
from textbackd.store import outbox, outbox_parts
from textbackd.store.database import Database, StoreUnavailable, Transaction
from textbackd.workers import delivery_reports
from textbackd.workers.bell import Bell
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender

BOB = E164("+447700900456")


@pytest.fixture
def receiver(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    return Receiver(modem, database, a_policy, lambda: None, clock)


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
    modem.reports = [a_report()]
    await receiver.step()
    await unknown(database)
    modem.reports = [a_report(), a_report(status=64)]
    await receiver.step()

    assert ["delivered", "unknown"] == await states(database)


async def unknown(database: Database, *, to: E164 = CALLER, at: dt.datetime = NOON) -> int:
    message = await submitting(database, to=to, at=at)
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
    """It waits for the reference; then it fits that one, and one of unknown fate as well, and settles neither."""
    await unknown(database)
    message = await submitting(database)
    modem.reports = [a_report()]
    await receiver.step()
    await accept(database, message, 7)

    await receiver.step()

    assert ["unknown", "sent"] == await states(database)


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


# --- which text -------------------------------------------------------------------------------------------------------


async def test_a_report_that_fits_two_texts_settles_neither(
    receiver: Receiver, modem: ScriptedModem, database: Database, said: Said
) -> None:
    """The one of unknown fate may have had the same reference: the modem may have begun anew between them."""
    await unknown(database)
    await sent(database)
    modem.reports = [a_report()]
    await receiver.step()

    assert ["unknown", "sent"] == await states(database)
    assert 1 == len(said.events("report_received", message_id=None, why_not="it fits several parts"))


async def test_one_reference_twice_within_two_days_is_ambiguous(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Also where the older text was reported on: networks repeat themselves."""
    await sent(database, at=NOON - dt.timedelta(hours=5))
    modem.reports = [a_report()]
    await receiver.step()
    await sent(database)
    modem.reports = [a_report(status=70)]
    await receiver.step()

    assert ["delivered", "sent"] == await states(database)


async def test_what_fits_one_text_only_settles_what_was_kept(
    modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """As soon as the reference of the unknown one is known, also when textbackd was restarted meanwhile."""
    await unknown(database)
    await sent(database, 7)
    await sent(database, 8)
    for report in (a_report(7), a_report(8, status=70), a_report(7, status=70), a_report(6)):
        modem.reports = [report]
        await Receiver(modem, database, a_policy, lambda: None, clock).step()

    assert ["delivered", "delivered", "undeliverable"] == await states(database)
    assert [] == await rows(database, "SELECT * FROM kept_reports")


async def test_what_was_kept_is_forgotten_after_two_days(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """No report comes any more that could settle whose it was."""
    await unknown(database)
    await sent(database)
    for hours in (0, 49):
        clock.now = NOON + dt.timedelta(hours=hours)
        await sent(database, at=clock.now)
        await unknown(database, at=clock.now)
        modem.reports = [a_report()]
        await receiver.step()

    assert 1 == len(await rows(database, "SELECT * FROM kept_reports"))


async def test_the_first_copy_is_no_other_text(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """A person had a text of unknown fate sent once more. A report of its first copy is not taken for one about
    another text of unknown fate, and one that can only be about it changes nothing of the second.
    """
    message = await unknown(database)
    await release(database, message)
    modem.reports = [a_report(3)]
    await receiver.step()
    assert ["queued"] == await states(database)
    assert [("delivered", 3), ("waiting", None)] == await parts(database)

    again = await unknown(database)
    await release(database, again)
    await unknown(database)
    modem.reports = [a_report(3), a_report(4)]
    await receiver.step()
    assert ["queued", "queued", "unknown"] == await states(database)


async def release(database: Database, message: int) -> None:
    async with database.transaction() as tx:
        await outbox.change(tx, message, MessageEvent.RELEASE, NOON, "by hand")
        await outbox.restart(tx, message, NOON)


async def test_a_person_may_end_the_doubt_about_a_text(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Cancelled, it is in no other text's way: what was kept is booked at once, and what comes later when it comes."""
    doubtful = await unknown(database)
    for reference in (7, 8, 9):
        await sent(database, reference)
    modem.reports = [a_report(7), a_report(8, status=70)]
    await receiver.step()
    assert ["unknown", "sent", "sent", "sent"] == await states(database)

    await cancel(database, doubtful)
    assert ["cancelled", "delivered", "undeliverable", "sent"] == await states(database)
    assert [("dismissed", None), ("delivered", 7), ("undeliverable", 8), ("accepted", 9)] == await parts(database)
    assert [] == await rows(database, "SELECT * FROM kept_reports")
    modem.reports = [a_report(9)]
    await receiver.step()
    assert "delivered" == (await states(database))[-1]


async def test_a_report_that_nobody_has_on_record_may_still_be_of_a_cancelled_text(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """So it does not settle another one of unknown fate: only of references on record is a person's word taken."""
    await cancel(database, await unknown(database))
    await unknown(database)
    modem.reports = [a_report()]
    await receiver.step()

    assert ["cancelled", "unknown"] == await states(database)


async def test_the_first_copy_of_a_released_text_stays_in_doubt_until_it_is_cancelled(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """The service centre may have it still, and a modem that started anew gives the next text its reference."""
    message = await unknown(database)
    await release(database, message)
    await sent(database)
    modem.reports = [a_report()]
    await receiver.step()
    assert ["queued", "sent"] == await states(database)

    await cancel(database, message)
    assert ["cancelled", "delivered"] == await states(database)


async def test_the_modem_waits_for_a_late_answer_to_a_cancelled_text_too(database: Database) -> None:
    """That a person is done with a text does not keep the modem from answering."""
    await cancel(database, await unknown(database))

    async with database.reading() as tx:
        assert NOON == await outbox_parts.last_unanswered(tx, "gsm")


async def cancel(database: Database, message: int) -> None:
    async with database.transaction() as tx:
        await outbox.change(tx, message, MessageEvent.CANCEL, NOON, "by hand")
        await delivery_reports.dismiss(tx, message, NOON)


async def parts(database: Database) -> list[tuple[str, int | None]]:
    found = await rows(database, "SELECT state, message_reference FROM outbox_parts ORDER BY message_id, copy, part")
    return [tuple(part) for part in found]


# --- long texts of unknown fate ---------------------------------------------------------------------------------------


async def half_sent(database: Database, *fates: PartState) -> int:
    """A long text whose parts so fared; accepted ones have the references 1, 2, 3."""
    message = await submitting(database, text=LONG)
    async with database.transaction() as tx:
        for number, fate in enumerate(fates, 1):
            if number > 1:
                await outbox_parts.submit(tx, message, number, "gsm", NOON)
            accepted = fate is PartState.ACCEPTED
            await outbox_parts.settle(
                tx, message, number, fate, "" if accepted else fate, number if accepted else None
            )  # fmt: skip
        await outbox.change(tx, message, MessageEvent.NO_ANSWER, NOON, "no answer")
    return message


ACCEPTED, UNKNOWN, REFUSED = PartState.ACCEPTED, PartState.UNKNOWN, PartState.REFUSED


@pytest.mark.parametrize(
    ("fates", "status", "state", "reason"),
    [
        ((ACCEPTED, UNKNOWN), 0, "queued", "TP-ST 0"),
        ((ACCEPTED, UNKNOWN), 70, "undeliverable", "part 2 of 3: TP-ST 70"),
        ((ACCEPTED, UNKNOWN, ACCEPTED), 0, "sent", ""),
        ((ACCEPTED, UNKNOWN, ACCEPTED), 70, "undeliverable", "part 2 of 3: TP-ST 70"),
        ((ACCEPTED, UNKNOWN, REFUSED), 0, "failed", "part 3 of 3: refused"),
        ((UNKNOWN, UNKNOWN), 0, "unknown", "no answer"),
    ],
)
async def test_when_the_unknown_part_is_settled_the_text_is(
    receiver: Receiver, modem: ScriptedModem, database: Database,
    fates: Sequence[PartState], status: int, state: str, reason: str,
) -> None:  # fmt: skip
    """It goes on, has gone out, or is lost: one missing part spoils it."""
    await half_sent(database, *fates)
    modem.reports = [a_report(9, status=status)]
    await receiver.step()

    (text,) = await rows(database, "SELECT state, reason FROM outbox")
    assert (state, reason) == tuple(text)


async def test_the_rest_goes_out_and_nothing_twice(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """By the same modem; then reports settle all of it."""
    await half_sent(database, ACCEPTED, UNKNOWN)
    modem.reports = [a_report(9)]
    await receiver.step()
    other = ScriptedModem("other")
    assert not await Sender(other, database, a_policy, Bell(), clock).step()
    clock.move_on(10)
    assert await Sender(modem, database, a_policy, Bell(), clock).step()

    assert [LONG[306:]] == [text for _, text in modem.submitted]
    assert [("accepted", 1), ("delivered", 9), ("accepted", 1)] == await parts(database)
    assert ["sent"] == await states(database)


async def test_a_queued_text_is_given_up_when_a_part_of_it_was_not_delivered(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """The rest of it would be of no use."""
    message = await submitting(database, text=LONG)
    async with database.transaction() as tx:
        await outbox_parts.settle(tx, message, 1, ACCEPTED, "", 7)
        await outbox.change(tx, message, MessageEvent.NOT_SENT, NOON)
    modem.reports = [a_report(status=70)]
    await receiver.step()

    assert ["undeliverable"] == await states(database)


async def test_a_report_about_a_text_that_was_cancelled_by_hand(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """It was of unknown fate, and now it is known to have gone out: cancelled it stays, and nothing is stuck."""
    await cancel(database, await unknown(database))
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

    await Receiver(modem, database, a_policy, lambda: None, clock).step()

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
    real = outbox_parts.reportable

    async def picky(tx: Transaction, number: E164, *values: Any) -> Sequence[Candidate]:
        if number == BOB:
            raise ZeroDivisionError
        return await real(tx, number, *values)

    monkeypatch.setattr(outbox_parts, "reportable", picky)
    await sent(database)
    modem.reports = [a_report(number=BOB), a_report()]
    for _ in range(3):
        await receiver.step()

    assert ["delivered"] == await states(database)
    assert 1 == len(said.events("message_not_handled", kind="DeliveryReport"))
