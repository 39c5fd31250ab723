"""The alarm that texts are kept back: once for an attack, by SMS too, and over when it is calm."""

import dataclasses
import datetime as dt
import functools
from pathlib import Path

import pytest

from tests.builders import NOON, OWNER, a_call, a_policy, a_record, an_office, seconds
from tests.store.test_traffic import EPOCH, damage
from tests.workers.far_ends import ManualClock, row, rows
from textbackd.core.alarms import CALM, AlarmKind, Channel, News
from textbackd.core.guards import DAY, HOUR, Guard, Limits
from textbackd.core.outcomes import Call
from textbackd.core.policy import Policy, StaySilent
from textbackd.core.reasons import Reason
from textbackd.store import alarms, traffic
from textbackd.store.database import Database, moment
from textbackd.workers import call_book, guard_alarms
from textbackd.workers.alarm_texts import AlarmTexts
from textbackd.workers.guard_alarms import GuardAlarms
from textbackd.workers.patiently import patiently

POLICY = a_policy(guards=Limits(per_prefix=1))


@pytest.fixture
def ending(database: Database, clock: ManualClock) -> GuardAlarms:
    return GuardAlarms(database, clock)


def calling(caller: str, at: dt.datetime) -> Call:
    """A missed call that ended then."""
    record = dataclasses.replace(a_record(), call_id=f"{caller} {at}", caller=caller, ended_at=at)
    return a_call(dataclasses.replace(record, started_at=at - seconds(20)))


async def call(database: Database, caller: str, at: dt.datetime, policy: Policy = POLICY, **how: bool) -> str:
    """What was decided about it: the reason, or ``text``."""
    async with database.transaction() as tx:
        await call_book.keep(tx, calling(caller, at), policy, at, **how)
    kept = await row(database, "SELECT * FROM calls ORDER BY id DESC LIMIT 1")
    return "text" if kept["decision"] == "text" else f"{kept['reason']}:{kept['detail']}"


async def open_alarms(database: Database) -> list[tuple[str, str, str]]:
    found = await rows(database, "SELECT kind, subject, detail FROM alarms WHERE cleared_at IS NULL")
    return [tuple(one) for one in found]


async def trip(database: Database, at: dt.datetime = NOON, prefix: str = "07700900") -> None:
    """Two callers of one prefix, of whom one may be texted."""
    assert "text" == await call(database, f"{prefix}100", at)
    assert "guard:per_prefix" == await call(database, f"{prefix}101", at)


async def test_a_refusal_is_an_alarm_in_the_same_transaction(database: Database) -> None:
    """With what was counted; a second one changes nothing but that."""
    await trip(database)
    first = await open_alarms(database)
    await call(database, "07700900102", NOON + seconds(1))

    words = "per_prefix: 1 texts in an hour to +44770090…; 1 may go"
    assert [("guard_tripped", "", words)] == first == await open_alarms(database)


async def test_an_owner_is_not_texted_without_end(database: Database, ending: GuardAlarms, clock: ManualClock) -> None:
    """Nor by callers who are not texted at all; what was not told has its reason, and the alarm lasts an hour."""
    policy = a_policy(guards=Limits(notices=2))
    for minute in range(4):
        at = NOON + seconds(60 * minute)
        record = dataclasses.replace(a_record(), call_id=str(minute), withheld=True, started_at=at, ended_at=at)
        async with database.transaction() as tx:
            await call_book.keep(tx, a_call(record), policy, at)

    notices = await rows(database, "SELECT state, reason FROM outbox WHERE kind = 'owner' ORDER BY id")
    assert [("queued", ""), ("queued", ""), ("cancelled", "guard"), ("cancelled", "guard")] == [*map(tuple, notices)]
    assert 4 == len(await rows(database, "SELECT * FROM leads"))
    words = "notices: 2 texts in an hour to an owner; textbackd leads has the other callers"
    assert [("guard_tripped", "", words)] == await open_alarms(database)
    for after, over in ((HOUR - seconds(1), False), (HOUR, True)):
        clock.now = NOON + seconds(180) + after
        await ending.step()
        assert over is not bool(await open_alarms(database))


async def test_all_guards_and_prefixes_are_one_alarm(database: Database) -> None:
    """An attack over thousands of prefixes is no thousand alarms."""
    policy = dataclasses.replace(POLICY, guards=Limits(per_prefix=1, per_hour=2))
    await trip(database)
    assert "text" == await call(database, "01134960100", NOON, policy)
    assert "guard:per_hour" == await call(database, "01144960100", NOON, policy)

    assert [("guard_tripped", "", "per_hour: 2 texts in an hour; 2 may go")] == await open_alarms(database)


async def test_what_is_simulated_alarms_nobody(database: Database) -> None:
    """It counts for nothing."""
    await call(database, "07700900100", NOON)
    assert "guard:per_prefix" == await call(database, "07700900101", NOON, simulated=True)

    assert [] == await open_alarms(database)


async def test_the_owner_is_texted_at_once_and_once(database: Database, clock: ManualClock) -> None:
    """Though mail has told it; and that it is over. None of that counts as a text to a caller."""
    await trip(database)
    texts = AlarmTexts(["gsm"], database, lambda: POLICY, lambda: None, clock)
    async with database.transaction() as tx:
        telling = await alarms.next_to_tell(tx, Channel.MAIL, NOON)
        assert telling is not None
        await alarms.told(tx, telling, Channel.MAIL, NOON)

    assert await texts.step()
    assert not await texts.step()
    await call(database, "07700900102", NOON + seconds(1))
    assert not await texts.step()
    told = await rows(database, "SELECT number, text, about FROM outbox WHERE kind = 'owner' AND call_row IS NULL")
    problem = "too many callers to text (rules.guards): some get none, and are leads; perhaps numbers are forged"
    assert [(OWNER, f"ALARM since 12:00: {problem}", None)] == [tuple(one) for one in told]
    async with database.reading() as tx:
        seen = await traffic.seen_from(tx, OWNER, NOON)
    assert seen is not None
    assert (1, 1) == (seen.last_hour, seen.last_day)


@pytest.mark.parametrize(("guard", "calm"), [("per_prefix", HOUR), ("per_day", DAY)])
async def test_it_is_over_after_the_window_of_the_last_refusal(
    database: Database, clock: ManualClock, ending: GuardAlarms, guard: str, calm: dt.timedelta
) -> None:
    """Told as any other alarm; what is refused later is a new one."""
    policy = a_policy(guards=Limits(**{guard: 1}))
    await call(database, "07700900100", NOON, policy)
    last = NOON + seconds(60)
    for ago in (60, 0):
        assert f"guard:{guard}" == await call(database, f"0770090020{ago % 7}", last - seconds(ago), policy)
    clock.now = last + calm - seconds(1)
    await ending.step()
    assert 1 == len(await open_alarms(database))
    clock.move_on(1)
    await ending.step()

    assert [] == await open_alarms(database)
    ended = await row(database, "SELECT * FROM alarms")
    assert (NOON, last + calm) == (moment(ended["began_at"]), moment(ended["cleared_at"]))
    clock.move_on(CALM.total_seconds())
    async with database.reading() as tx:
        telling = await alarms.next_to_tell(tx, Channel.MAIL, clock())
    assert telling is not None
    assert News.CLEARED is telling.news
    await trip(database, clock(), "01134960")
    assert 2 == len(await rows(database, "SELECT id FROM alarms"))


async def test_a_restart_forgets_nothing(database: Database, clock: ManualClock) -> None:
    """It is all in rows: another worker ends what an earlier one saw begin, and another count goes on."""
    await trip(database)
    assert "guard:per_prefix" == await call(database, "07700900103", NOON + HOUR - seconds(1))
    clock.now = NOON + HOUR
    await GuardAlarms(database, clock).step()
    assert 1 == len(await open_alarms(database))
    clock.now += HOUR
    await GuardAlarms(database, clock).step()
    assert [] == await open_alarms(database)


async def test_cleared_by_hand_it_is_over_at_once(database: Database) -> None:
    """But not while another guard has refused."""
    policy = dataclasses.replace(POLICY, guards=Limits(per_prefix=1, per_hour=2))
    await trip(database)
    await call(database, "01134960100", NOON, policy)
    await call(database, "01144960100", NOON, policy)
    for guard, left in ((Guard.PER_PREFIX, 1), (Guard.PER_HOUR, 0)):
        async with database.transaction() as tx:
            await traffic.clear(tx, guard, NOON + seconds(1))
            await guard_alarms.end_if_calm(tx, NOON + seconds(1))
        assert left == len(await open_alarms(database))
    assert "text" == await call(database, "07700900105", NOON + seconds(2), policy)


async def test_what_cannot_be_counted_is_refused_and_the_lead_kept(tmp_path: Path) -> None:
    """A damaged page: the call, its lead and the owner's notice are there, the text is not, and the alarm says why."""
    path = tmp_path / "damaged.db"
    async with Database.open(path, durable=False):
        pass
    damage(path, "outbox_of_callers")
    async with Database.open(path, durable=False) as damaged:
        write = functools.partial(patiently, damaged)
        decision = await call_book.keep_surely(write, calling("07700900100", NOON), POLICY, NOON)
        leads = await rows(damaged, "SELECT number FROM leads")
        texts = await rows(damaged, "SELECT kind FROM outbox")
        found = await open_alarms(damaged)

    assert StaySilent(reason=Reason.GUARD, detail="undecided") == decision
    assert ["+447700900100"] == [one["number"] for one in leads]
    assert ["owner"] == [one["kind"] for one in texts]
    assert [("guard_tripped", "", "undecided: what went out could not be counted")] == found


async def test_a_clock_far_in_the_past_texts_nobody(database: Database) -> None:
    """All texts lie in its future, and count; the lead is kept."""
    await call(database, "07700900100", NOON)
    assert "guard:per_prefix" == await call(database, "07700900101", EPOCH)

    assert 2 == len(await rows(database, "SELECT id FROM leads"))
    assert 1 == len(await open_alarms(database))


async def test_the_owner_of_two_businesses_is_texted_once(database: Database, clock: ManualClock) -> None:
    """Guards count over all businesses, and so speaks their alarm."""
    business = an_office().businesses[0]
    both = an_office(businesses=(business, dataclasses.replace(business, name="Bay Locks")))
    await trip(database)
    assert await AlarmTexts(["gsm"], database, lambda: a_policy(office=both), lambda: None, clock).step()
    told = await rows(database, "SELECT number FROM outbox WHERE kind = 'owner' AND call_row IS NULL")

    assert [OWNER] == [one["number"] for one in told]
    assert AlarmKind.GUARD_TRIPPED == (await row(database, "SELECT kind FROM alarms"))["kind"]


async def test_a_clock_that_ran_ahead_shuts_no_bound_for_longer_than_its_time(
    database: Database, ending: GuardAlarms, clock: ManualClock
) -> None:
    """A text was dated a month ahead, and counts from when that was noticed, against each bound for its own time."""
    policy = a_policy(guards=Limits(per_hour=1, per_day=2))
    assert "text" == await call(database, "07400900100", NOON - 2 * HOUR, policy)
    assert "text" == await call(database, "07401900100", NOON + 30 * DAY, policy)
    for _ in range(61):
        assert "guard:per_hour" == await call(database, "07402900100", clock.now, policy)
        await ending.step()
        clock.move_on(60)

    assert "guard:per_day" == await call(database, "07403900100", clock.now, policy)
    assert "text" == await call(database, "07404900100", NOON + DAY - seconds(60), policy)
    assert "guard:per_hour" == await call(database, "07405900100", NOON + DAY, policy)


async def test_a_clock_that_nobody_has_set_dates_nothing(
    database: Database, ending: GuardAlarms, clock: ManualClock
) -> None:
    """It shows less than the first text: what went out is not forgotten when it is right again."""
    assert "text" == await call(database, "07700900100", NOON)
    clock.now = EPOCH
    for _ in range(90):
        await ending.step()
        clock.move_on(60)

    assert "guard:per_prefix" == await call(database, "07700900101", NOON + seconds(60))


async def test_a_bound_that_is_cleared_by_hand_forgets_the_future_too(database: Database) -> None:
    """What a clock that ran ahead has dated later than the clearance."""
    assert "text" == await call(database, "07700900100", NOON - 2 * HOUR)
    assert "text" == await call(database, "07700900101", NOON + 30 * DAY)
    assert "guard:per_prefix" == await call(database, "07700900102", NOON)
    async with database.transaction() as tx:
        await traffic.clear(tx, Guard.PER_PREFIX, NOON)

    assert "text" == await call(database, "07700900103", NOON + seconds(1))


async def test_callers_of_the_future_are_no_surge(database: Database) -> None:
    """Nor do an owner's notices of then keep him from reading now."""
    policy = a_policy(guards=Limits(callers_per_minute=1, notices=1))
    await call(database, "07700900100", NOON + 30 * DAY, policy)

    assert "text" == await call(database, "07700900101", NOON, policy)
    sql = "SELECT state FROM outbox WHERE kind = 'owner' AND call_row IS NOT NULL"
    assert ["queued", "queued"] == [notice["state"] for notice in await rows(database, sql)]
