"""A text that leaves later than it was to has the words of the hour at which it leaves."""

import dataclasses
import datetime as dt

import pytest

from tests.builders import CALLER, NOON, a_call, a_policy, a_record, an_office, seconds
from tests.workers.far_ends import ManualClock, ScriptedModem, row, rows
from textbackd.core.accents import Accents
from textbackd.core.guards import Limits
from textbackd.core.office import Business, Did
from textbackd.core.opening_hours import Hours
from textbackd.core.outgoing import MessageEvent
from textbackd.core.policy import Policy
from textbackd.modem.modem import ModemUnavailable
from textbackd.store import calls, outbox
from textbackd.store.database import Database
from textbackd.workers import call_book
from textbackd.workers.bell import Bell
from textbackd.workers.sender import Sender

EVENING = NOON.replace(hour=22)
MORNING = NOON.replace(hour=8) + dt.timedelta(days=1)
"""When the quiet hours are over."""
CLOSED_UNTIL_NINE = "closed until 9:00"


def the_policy(hours: str = "Mo-Fr 09:00-17:00", **values: object) -> Policy:
    business = Business(name="Hill Plumbing", hours=hours)
    return a_policy(office=an_office(businesses=(business,)), **values)


class Office:
    """The office, a modem and the callers of an evening; ``policy`` may be replaced, as by a reload."""

    def __init__(self, database: Database, modem: ScriptedModem, clock: ManualClock) -> None:
        self.policy = the_policy()
        self._database = database
        self._clock = clock
        self._sender = Sender(modem, database, lambda: self.policy, Bell(), clock)

    async def missed(self, *, at: dt.datetime = EVENING, caller: str = "07700 900123") -> None:
        self._clock.now = at
        record = a_record(call_id=caller, caller=caller, started_at=at - seconds(20), ended_at=at)
        hours = self.policy.office.moment(self.policy.office.did(record.did), at).hours
        async with self._database.transaction() as tx:
            await call_book.keep(tx, a_call(record, hours=hours), self.policy, at)

    async def leaves(self, at: dt.datetime) -> None:
        self._clock.now = at
        while await self._sender.step():
            pass


@pytest.fixture
def office(database: Database, modem: ScriptedModem, clock: ManualClock) -> Office:
    return Office(database, modem, clock)


async def test_a_text_in_time_has_its_own_words(office: Office, modem: ScriptedModem, database: Database) -> None:
    """Those of the moment at which it was to leave."""
    await office.missed()
    await office.leaves(MORNING + seconds(30))

    ((to, text),) = modem.submitted
    assert (CALLER, True) == (to, CLOSED_UNTIL_NINE in text)
    assert [] == await rows(database, "SELECT * FROM outbox_changes WHERE event = 'reworded'")


async def test_what_a_guard_holds_until_the_office_is_open(
    office: Office, modem: ScriptedModem, database: Database
) -> None:
    """It no longer says *closed*; what it said before stays on record, and the template is the one that it is from."""
    office.policy = the_policy(guards=Limits(per_hour=1))
    await office.missed()
    await office.missed(at=EVENING + dt.timedelta(hours=2), caller="07700 900456")
    await office.leaves(MORNING)
    await office.leaves(MORNING + dt.timedelta(hours=1))

    first, second = (text for _, text in modem.submitted)
    assert CLOSED_UNTIL_NINE in first
    assert ("closed" in second, "earlier" in second) == (False, True)
    kept = (await rows(database, "SELECT * FROM outbox WHERE kind = 'caller' ORDER BY id"))[-1]
    assert (second, "en/general/later", "gsm7") == (kept["text"], kept["template"], kept["encoding"])
    change = await row(database, "SELECT * FROM outbox_changes WHERE event = 'reworded'")
    assert (kept["id"], "queued", True) == (
        change["message_id"],
        change["state"],
        CLOSED_UNTIL_NINE in change["detail"],
    )


async def test_what_the_night_overtakes(office: Office, modem: ScriptedModem) -> None:
    """Missed at work, and the modem was gone until the quiet hours."""
    office.policy = the_policy(hours="Mo-Fr 09:00-21:00")
    modem.is_gone = ModemUnavailable("gone")
    await office.missed(at=NOON.replace(hour=20, minute=59))
    modem.is_gone = None
    await office.leaves(NOON.replace(hour=21, minute=1))
    assert [] == modem.submitted
    await office.leaves(MORNING)

    ((_, text),) = modem.submitted
    assert CLOSED_UNTIL_NINE in text


async def test_what_a_modem_delays_until_the_office_is_open(office: Office, modem: ScriptedModem) -> None:
    """By minutes, after a try that came to nothing."""
    before_nine = NOON.replace(hour=8, minute=58)
    modem.answers = [ModemUnavailable("gone")]
    await office.missed(at=before_nine)
    await office.leaves(before_nine + seconds(5))
    await office.leaves(before_nine + seconds(180))

    tried, sent = (text for _, text in modem.submitted)
    assert CLOSED_UNTIL_NINE in tried
    assert "closed" not in sent


async def test_what_a_person_lets_go_days_later(office: Office, modem: ScriptedModem, database: Database) -> None:
    """*Tomorrow* has become Monday by then."""
    await office.missed(at=NOON.replace(hour=18))
    async with database.transaction() as tx:
        await outbox.change(tx, 1, MessageEvent.HOLD, NOON)
    saturday = NOON + dt.timedelta(days=3)
    async with database.transaction() as tx:
        await outbox.change(tx, 1, MessageEvent.RELEASE, saturday)
        await outbox.restart(tx, 1, saturday)
    await office.leaves(saturday)

    ((_, text),) = modem.submitted
    assert "Monday 9:00" in text
    assert "tomorrow" in (await row(database, "SELECT * FROM outbox_changes WHERE event = 'reworded'"))["detail"]


async def test_a_caller_who_was_new_stays_new(office: Office, modem: ScriptedModem) -> None:
    """The missed call itself makes a lead of him, and words for those who called before would greet him wrongly."""
    templates = {"later": "later: {business}", "later_returning": "again: {business}"}
    business = Business(name="Hill Plumbing", hours="Mo-Fr 09:00-17:00", templates=templates)
    office.policy = a_policy(office=an_office(businesses=(business,)), guards=Limits(per_hour=1))
    await office.missed()
    await office.missed(at=EVENING + dt.timedelta(hours=2), caller="07700 900456")
    await office.leaves(MORNING)
    await office.leaves(MORNING + dt.timedelta(hours=1))

    assert "later: Hill Plumbing" == modem.submitted[-1][1]


async def test_what_was_reloaded_meanwhile_counts(office: Office, modem: ScriptedModem) -> None:
    """A mistake in a template, or in the hours, can be mended in the evening."""
    await office.missed()
    business = Business(name="Hill Plumbing", hours="Mo-Fr 10:00-17:00", templates={"closed": "mended: {opens}"})
    office.policy = a_policy(office=an_office(businesses=(business,)))
    await office.leaves(MORNING)

    assert [(CALLER, "mended: 10:00")] == modem.submitted


async def test_a_business_that_is_gone_lends_its_callers_no_other_name(office: Office, modem: ScriptedModem) -> None:
    """After a reload without it."""
    await office.missed()
    business = Business(name="Vale Heating", hours="24/7")
    office.policy = a_policy(office=an_office(businesses=(business,)))
    await office.leaves(MORNING + seconds(600))

    ((_, text),) = modem.submitted
    assert f"Hill Plumbing: we're {CLOSED_UNTIL_NINE}" in text


async def test_what_has_begun_is_ended_in_the_same_words(office: Office, modem: ScriptedModem) -> None:
    """The second part of a text whose first one has gone out."""
    texts = {"closed": "{business} öffnet: ő" + 60 * "x", "later": "{business} offen: ő" + 60 * "y"}
    business = Business(name="Hill Plumbing", hours="Mo-Fr 09:00-17:00", templates=texts, accents=Accents.EXACT)
    office.policy = a_policy(office=an_office(businesses=(business,)))
    before_nine = NOON.replace(hour=8, minute=58)
    modem.answers = [None, ModemUnavailable("gone")]
    await office.missed(at=before_nine)
    await office.leaves(before_nine + seconds(5))
    await office.leaves(before_nine + seconds(180))

    first, second, again = (text for _, text in modem.submitted)
    assert (True, second) == (first.startswith("Hill Plumbing öffnet"), again)


async def test_what_was_only_tried_may_have_other_parts(
    office: Office, modem: ScriptedModem, database: Database
) -> None:
    """The journal keeps those that were tried in vain."""
    texts = {"closed": "{business} öffnet: ő" + 60 * "x", "later": "now we are here"}
    business = Business(name="Hill Plumbing", hours="Mo-Fr 09:00-17:00", templates=texts, accents=Accents.EXACT)
    office.policy = a_policy(office=an_office(businesses=(business,)))
    before_nine = NOON.replace(hour=8, minute=58)
    modem.answers = [ModemUnavailable("gone")]
    await office.missed(at=before_nine)
    await office.leaves(before_nine + seconds(5))
    await office.leaves(before_nine + seconds(180))

    assert (2, "now we are here") == (len(modem.submitted), modem.submitted[-1][1])
    parts = await rows(database, "SELECT copy, part, state FROM outbox_parts ORDER BY copy, part")
    assert [(1, 1, "waiting"), (1, 2, "waiting"), (2, 1, "accepted")] == [tuple(part) for part in parts]
    assert "sent" == (await row(database, "SELECT state FROM outbox WHERE kind = 'caller'"))["state"]


async def test_a_number_that_is_another_businesss_now(office: Office, modem: ScriptedModem) -> None:
    """After a reload: the text is of the call that was missed, for whom it was meant."""
    await office.missed()
    new = Business(name="Vale Heating", hours="24/7")
    did = Did(number="01632960101", business="Vale Heating")
    office.policy = a_policy(office=an_office(businesses=(*the_policy().office.businesses, new), dids=(did,)))
    await office.leaves(MORNING + seconds(600))

    ((_, text),) = modem.submitted
    assert f"Hill Plumbing: we're {CLOSED_UNTIL_NINE}" in text


async def test_the_call_of_a_text_is_read_as_it_was_judged(database: Database) -> None:
    """All of it but what is not kept: whether a name was asked for, and the carrier's checks."""
    record = dataclasses.replace(a_record(), caller_name="Bob", queue="sales", queue_seconds=3.0)
    call = a_call(record, hours=Hours.OPEN, did=an_office().did(record.did), decided_by=record.steps[:1])
    async with database.transaction() as tx:
        await call_book.keep(tx, call, a_policy(), NOON)
        assert call == await calls.get(tx, 1, an_office())
