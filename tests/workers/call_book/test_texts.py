"""Texts that stay while their number is on the line, and simulated calls that touch nothing real."""

import dataclasses

import pytest

from tests.builders import CALLER, NOON, OWNER, a_call, a_policy, a_record, an_office
from tests.workers.call_book.book import ANNA, BOB, Book, an_answered_call, an_outside_call, calling
from tests.workers.far_ends import row, rows
from textbackd.core.calls import LiveCall
from textbackd.core.exclusions import HAND, Exclusion
from textbackd.store import exclusions, leads, live_calls

# --- on the line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pbx", ["asterisk", "other"])
async def test_no_text_leaves_while_its_number_is_being_called(book: Book, pbx: str) -> None:
    """By whichever PBX; nor does the owner's notice. When nobody was reached both leave after all."""
    await book.keep(a_call())
    await book.note_live(calling(), CALLER, pbx)
    assert [] == await book.leaves()

    async with book.database.transaction() as tx:
        await live_calls.remove(tx, pbx, "1795220464.9")
    assert [(CALLER, "caller"), (OWNER, "owner")] == await book.leaves()


async def test_the_end_of_a_call_and_the_contact_are_one(book: Book) -> None:
    """There is no moment in which the number is neither being called nor contacted."""
    await book.keep(a_call())
    await book.note_live(calling(), CALLER)
    await book.keep_outside(an_outside_call())

    assert [] == await rows(book.database, "SELECT * FROM live_calls")
    assert [] == await book.leaves()


async def test_a_call_to_a_number_that_never_called_is_recorded_nowhere(book: Book) -> None:
    """Whom the staff calls otherwise is nobody's business; a simulated call makes nobody known."""
    await book.keep(a_call(a_record(caller=BOB)), simulated=True)
    before = [await rows(book.database, f"SELECT * FROM {table}") for table in ("leads", "outbox")]
    for number in (CALLER, BOB):
        await book.note_live(calling(number), number)
        assert [] == await rows(book.database, "SELECT * FROM live_calls")
        assert not await book.keep_outside(an_outside_call(number=number))

    assert [] == await rows(book.database, "SELECT * FROM outside_calls")
    assert before == [await rows(book.database, f"SELECT * FROM {table}") for table in ("leads", "outbox")]


@pytest.mark.parametrize("number", ["101", "*97", "s", "", "84433"])
async def test_what_is_no_phone_number_is_nobody(book: Book, number: str) -> None:
    """An extension at another site, a feature code, a short code."""
    await book.keep(a_call())
    await book.note_live(calling(number), None)

    assert not await book.keep_outside(an_outside_call(number=number))
    assert [] == await rows(book.database, "SELECT * FROM live_calls")


@pytest.mark.parametrize("caller", ["12", "anonymous"])
async def test_a_name_on_the_exclusion_list_is_enough_where_there_is_no_number(book: Book, caller: str) -> None:
    """An alarm dialler makes no lead, and its owner is told of none."""
    async with book.database.transaction() as tx:
        await exclusions.add(tx, Exclusion(label="machine", name="ALARM", source=HAND), "", NOON)

    await book.keep(a_call(a_record(call_id="1", caller=caller, caller_name="Alarm")))
    assert ([], []) == (await rows(book.database, "SELECT * FROM leads"), await book.texts())
    await book.keep(a_call(a_record(call_id="2", caller=caller, caller_name="Bob")))
    assert 1 == len(await rows(book.database, "SELECT * FROM leads"))


async def test_a_number_put_on_the_list_by_hand_goes_before_a_prefix_in_the_configuration(book: Book) -> None:
    """It is a good customer's: somebody is to call back."""
    book.policy = a_policy(exclusions=[Exclusion(label="family", prefix="+447700")])
    async with book.database.transaction() as tx:
        await exclusions.add(tx, Exclusion(label="vip", number=CALLER, source=HAND), "", NOON)

    await book.keep(a_call())

    call = await row(book.database, "SELECT * FROM calls")
    assert ("excluded", "vip") == (call["reason"], call["detail"])
    assert "new" == (await book.lead())[0]


async def test_a_number_that_only_wrote_is_known(book: Book) -> None:
    """Its lead came by text."""
    async with book.database.transaction() as tx:
        await leads.for_text(tx, "Hill Plumbing", CALLER, NOON)

    assert await book.keep_outside(an_outside_call())
    assert "contacted" == (await book.lead())[0]


async def test_a_caller_whose_first_call_is_not_over_is_known(book: Book) -> None:
    """He hung up a second ago, or still waits in the queue, and is being called already: no text comes between."""
    waiting = LiveCall(call_id="1.1", caller=CALLER, did="01632960101", started_at=NOON)
    await book.note_live(waiting, CALLER)
    await book.note_live(calling(), CALLER)

    assert [0, 1] == [
        live["outbound"] for live in await rows(book.database, "SELECT outbound FROM live_calls ORDER BY outbound")
    ]


# --- simulated -------------------------------------------------------------------------------------------------------


async def test_a_simulated_call_touches_no_real_lead(book: Book) -> None:
    """Neither a missed one nor an answered one; what it makes is flagged."""
    await book.keep(a_call())
    real = await rows(book.database, "SELECT * FROM leads")
    await book.keep(a_call(a_record(call_id="2.2")), simulated=True)
    await book.keep(an_answered_call(ANNA), simulated=True)

    assert real == await rows(book.database, "SELECT * FROM leads WHERE NOT simulated")
    assert ["new"] == [lead["status"] for lead in await rows(book.database, "SELECT * FROM leads WHERE simulated")]
    flags = await rows(book.database, "SELECT simulated FROM calls UNION ALL SELECT simulated FROM outbox ORDER BY 1")
    assert [0, 0, 0, 1, 1, 1] == [found["simulated"] for found in flags]  # the real call's two texts, and the notice


async def test_a_simulated_answer_keeps_no_real_text_back(book: Book) -> None:
    """Nobody was on the line."""
    await book.keep(a_call())
    await book.keep(an_answered_call(ANNA), simulated=True)

    assert [(CALLER, "caller"), (OWNER, "owner")] == await book.leaves()


async def test_without_send_nothing_is_queued(book: Book) -> None:
    """The call is on record with its decision, and has its lead."""
    await book.keep(a_call(), simulated=True, send=False)

    assert [] == await book.texts()
    assert "text" == (await row(book.database, "SELECT decision FROM calls"))["decision"]
    assert 1 == (await row(book.database, "SELECT simulated FROM leads"))["simulated"]


# --- whose modem ------------------------------------------------------------------------------------------------------


async def test_a_business_with_a_modem_of_its_own_texts_by_it(book: Book) -> None:
    """Its callers are to know that number; the owner is told by any."""
    business = dataclasses.replace(an_office().businesses[0], modem="sim-2")
    book.policy = a_policy(office=an_office(businesses=(business,)))
    await book.keep(a_call())

    found = await rows(book.database, "SELECT kind, for_modem FROM outbox ORDER BY id")
    assert [("caller", "sim-2"), ("owner", "")] == [*map(tuple, found)]
