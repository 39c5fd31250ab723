"""Who is contacted: a lead that is rung back, or that is answered when it calls again, or was it a machine?"""

import dataclasses

import pytest

from tests.builders import CALLER, NOON, OWNER, a_call, a_policy, a_record, seconds
from tests.workers.call_book.book import ANNA, BEN, MOBILE, Book, an_answered_call, an_outside_call
from tests.workers.far_ends import row, rows
from textbackd.core.exclusions import Exclusion

# --- contacted -------------------------------------------------------------------------------------------------------


async def test_a_lead_that_is_rung_back_is_contacted(book: Book) -> None:
    """By whom and how long; neither the caller nor the owner is texted any more."""
    await book.keep(a_call())
    assert ("new", "", 0.0, False) == await book.lead()

    assert await book.keep_outside(an_outside_call(by=(ANNA, BEN), talk_seconds=75.0))

    assert ("contacted", "101 Anna, 102 Ben", 75.0, False) == await book.lead()
    assert [] == await book.leaves()
    assert [("caller", "cancelled", "already_served"), ("owner", "cancelled", "already_served")] == await book.texts()


async def test_a_lead_that_is_answered_when_it_calls_again_is_contacted(book: Book) -> None:
    """The same, whoever rang whom."""
    await book.keep(a_call())
    await book.keep(an_answered_call(ANNA))

    assert ("contacted", "101 Anna", 60.0, False) == await book.lead()
    assert [] == await book.leaves()
    assert [("caller", "cancelled", "already_served"), ("owner", "cancelled", "already_served")] == await book.texts()


@pytest.mark.parametrize(
    "dialled", ["07700900123", "+447700900123", "00447700900123", "447700900123", "07700 900 123", "0044 7700 900123"]
)
async def test_a_number_is_known_however_it_is_dialled(book: Book, dialled: str) -> None:
    """Many carriers want it in international form, with or without a plus."""
    await book.keep(a_call())

    assert await book.keep_outside(an_outside_call(number=dialled))
    assert CALLER == (await row(book.database, "SELECT number FROM outside_calls"))["number"]


@pytest.mark.parametrize("dialled", ["+12125550123", "0012125550123", "12125550123"])
async def test_a_number_abroad_is_known_however_it_is_dialled(book: Book, dialled: str) -> None:
    """Without a plus it is no number of the office's country."""
    await book.keep(a_call(a_record(caller="+12125550123")))

    assert await book.keep_outside(an_outside_call(number=dialled))


async def test_who_was_reached_for_a_moment_only_is_not_contacted(book: Book) -> None:
    """Shorter than minimum_talk: the text goes, and the lead stays new."""
    await book.keep(a_call())

    assert not await book.keep_outside(an_outside_call(talk_seconds=1.9))
    assert ("new", "", 0.0, False) == await book.lead()
    assert [(CALLER, "caller"), (OWNER, "owner")] == await book.leaves()
    assert [] == await rows(book.database, "SELECT * FROM outside_calls")


async def test_a_short_call_back_may_have_reached_a_machine(book: Book) -> None:
    """It counts until somebody is reached for longer; from then on it is settled."""
    await book.keep(a_call())
    await book.keep_outside(an_outside_call(talk_seconds=19.9))
    assert ("contacted", "101 Anna", 19.9, True) == await book.lead()

    later = an_outside_call(channel="1795220999.1", by=(BEN,), ended_at=NOON + seconds(900), talk_seconds=20.0)
    await book.keep_outside(later)
    assert ("contacted", "102 Ben", 20.0, False) == await book.lead()

    await book.keep_outside(dataclasses.replace(later, channel="1795221999.1", by=(ANNA,), talk_seconds=5.0))
    assert ("contacted", "102 Ben", 20.0, False) == await book.lead()


async def test_a_call_that_is_kept_twice_settles_nothing_the_second_time(book: Book) -> None:
    """Another daemon watches the same PBX and is late; meanwhile the caller was missed once more."""
    await book.keep(a_call())
    await book.keep_outside(an_outside_call())
    missed_again = a_record(call_id="2.2", started_at=NOON + seconds(600), ended_at=NOON + seconds(620))
    await book.keep(a_call(missed_again))
    await book.keep_outside(an_outside_call())

    assert "new" == (await book.lead())[0]
    assert 1 == len(await rows(book.database, "SELECT * FROM outside_calls"))


async def test_a_lead_that_is_missed_again_was_not_contacted_about_that(book: Book) -> None:
    """It is new, and nobody has been in contact since: what a machine may have taken was no talk of Anna's."""
    await book.keep(a_call())
    await book.keep_outside(an_outside_call())
    again = an_answered_call(MOBILE, maybe_machine=True)
    await book.keep(dataclasses.replace(again, record=dataclasses.replace(again.record, ended_at=NOON + seconds(900))))

    assert ("new", "", 0.0, True) == await book.lead()


# --- machines --------------------------------------------------------------------------------------------------------


async def test_a_call_that_a_machine_may_have_taken_makes_a_lead(book: Book) -> None:
    """No text to the caller; the owner is told, and that notice is not served by the very call that it is about."""
    await book.keep(an_answered_call(MOBILE, maybe_machine=True))
    assert ("new", "", 0.0, True) == await book.lead()

    assert [(OWNER, "owner")] == await book.leaves()
    assert "VOICEMAIL?" in (await row(book.database, "SELECT text FROM outbox"))["text"]


async def test_a_call_back_serves_a_call_that_a_machine_may_have_taken(book: Book) -> None:
    """What the owner would be told is settled then."""
    await book.keep(an_answered_call(MOBILE, maybe_machine=True))
    back = an_outside_call(
        started_at=NOON + seconds(131), answered_at=NOON + seconds(135), ended_at=NOON + seconds(195)
    )
    await book.keep_outside(back)

    assert ("contacted", "101 Anna", 60.0, False) == await book.lead()
    assert [] == await book.leaves()


async def test_an_excluded_caller_whom_a_machine_may_have_taken_is_perhaps_contacted(book: Book) -> None:
    """He makes no new lead; the one that he had before he was put on the list is not settled for sure."""
    await book.keep(a_call())
    book.policy = a_policy(exclusions=[Exclusion(label="crew", number=CALLER)])
    await book.keep(an_answered_call(MOBILE, maybe_machine=True))

    assert ("contacted", "07700900777", 15.0, True) == await book.lead()
