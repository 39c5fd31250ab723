"""Whoever forges caller IDs makes the office's SIM text no more than its bounds, and the owner hears of it once."""

import collections
import dataclasses

import pytest

from tests.builders import NOON, a_policy, seconds
from tests.workers.attack import DAY, HOUR, Forger, Office, bounds_reached, e164s
from tests.workers.far_ends import ManualClock, rows
from textbackd.core.alarms import CALM, AlarmKind, News
from textbackd.core.exclusions import Exclusion
from textbackd.core.guards import Guard, Limits
from textbackd.core.policy import Policy
from textbackd.store import alarms, traffic
from textbackd.store.database import Database, moment

GUARD = AlarmKind.GUARD_TRIPPED
LIMITS = dataclasses.asdict(Limits())
A_PREFIX = "+44740012"
SPAM = "+4474009"
COUNTRIES = frozenset({"GB", "FR", "DE", "PL", "US"})


@pytest.fixture
def policy() -> Policy:
    return a_policy(countries=COUNTRIES, exclusions=[Exclusion(label="spam", prefix=SPAM)])


@pytest.fixture
def office(database: Database, policy: Policy, clock: ManualClock) -> Office:
    return Office(database, policy, clock)


def within_limits(reached: collections.abc.Mapping[str, int]) -> bool:
    return all(count <= LIMITS[name] for name, count in reached.items())


@pytest.mark.parametrize(
    "calls",
    [
        5000,
        pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
async def test_a_flood_of_forged_calls(office: Office, policy: Policy, clock: ManualClock, calls: int) -> None:
    """Fifty a second, from random numbers, prefixes and countries, a real caller among them every ten seconds.

    Texts stay under every bound in every window; everybody who is not excluded is a lead; one alarm, and its end.
    A second attack on the next day but one is told again.
    """
    forger, callers = Forger("GB", seed=calls), []
    for count in range(calls):
        clock.move_on(0.02)
        callers.append(f"07400 8{count // 500:05}" if count % 500 == 0 else forger.number())
        await office.called_by(callers[-1])
        if count % 50 == 1:
            await office.send()
        if count % 500 == 1:
            await office.tell()
    sent = await office.sent()

    left = bounds_reached(await office.left())
    assert within_limits(left), left
    assert left["per_hour"]
    reached = bounds_reached(sent)
    assert within_limits(reached), reached
    assert reached["callers_per_minute"] == LIMITS["callers_per_minute"], "the attack was one"
    excluded = {number for number in e164s(callers, policy) if number.startswith(SPAM)}
    expected = collections.Counter(number for number in e164s(callers, policy) if number not in excluded)
    assert excluded
    assert expected == await office.leads()
    assert ([(GUARD, News.RAISED)], ["ALARM"]) == (office.mails, await office.alarm_texts())

    await _calm(office)
    assert ([(GUARD, News.RAISED), (GUARD, News.CLEARED)], ["ALARM", "OVER"]) == (
        office.mails,
        await office.alarm_texts(),
    )
    await office.called_by(*(forger.near(f"+4474{prefix:02}100000") for prefix in range(30)))
    await office.tell()
    assert ["ALARM", "OVER", "ALARM"] == await office.alarm_texts()


async def _calm(office: Office) -> None:
    """Two days go by, and by day it goes on."""
    office.clock.now += 2 * DAY
    await office.tell()
    office.clock.now += CALM
    await office.tell()


@pytest.mark.parametrize("hours", [10, pytest.param(72, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
async def test_a_slow_attack_on_one_prefix(office: Office, clock: ManualClock, hours: int) -> None:
    """A call a minute: six texts in the first hour, ten in a day, and none replies. One alarm for all of it."""
    numbers = [f"{A_PREFIX}{at:04}" for at in range(60 * hours)]
    for number in numbers:
        clock.move_on(60)
        await office.called_by(number)
        if number.endswith("0"):
            await office.tell()
    sent = await office.sent()

    assert (6, 10) == (bounds_reached(sent)["per_prefix"], bounds_reached(sent)["unanswered"])
    assert -(-hours // 24) * 10 == len(sent)
    assert set(numbers) == set(await office.leads())
    assert ([(GUARD, News.RAISED)], ["ALARM"]) == (office.mails, await office.alarm_texts())
    clock.now += DAY - seconds(120)
    await office.tell()
    assert 1 == len(office.mails)
    await _calm(office)
    assert [News.RAISED, News.CLEARED] == [news for _, news in office.mails]


async def test_an_attacker_who_knows_the_bounds(office: Office, clock: ManualClock) -> None:
    """Just as many as may go, each to a prefix of its own: no refusal, but sixty in a day and never more.

    The first caller whom that costs a text is a lead, and the owner is told.
    """
    for day in range(3):
        morning, alarms = NOON + day * DAY, day
        for text in range(60):
            clock.now = morning + seconds(3600 * (text // 20) + 10 * (text % 20))
            await office.called_by(f"+4474{day:02}{text:02}{text:04}")
        await office.tell()
        assert alarms == (await office.alarm_texts()).count("ALARM")
        await office.called_by(f"0747912345{day}")
        await office.tell()
        assert alarms + 1 == (await office.alarm_texts()).count("ALARM")
        clock.now = morning + seconds(3600 * 12)
        await office.tell()
    sent = await office.sent()

    reached = bounds_reached(sent)
    assert (20, 60, 180) == (reached["per_hour"], reached["per_day"], len(sent))
    assert within_limits(reached), reached
    assert {f"+44747912345{day}" for day in range(3)} <= set(await office.leads())


async def test_an_attack_by_night_leaves_by_day_within_the_bounds(office: Office, clock: ManualClock) -> None:
    """From 21:00 to 08:00 a call every two minutes, each from a prefix of its own: all that was decided on leaves, as
    many in each hour of the morning as may go. Who rings meanwhile is a lead.
    """
    clock.now = evening = NOON.replace(hour=21)
    for count in range(330):
        clock.now = evening + seconds(120 * count)
        await office.called_by(f"+4474{count // 100:02}{count % 100:02}{count:04}")
    await office.send()
    made = await office.sent()
    assert (60, []) == (len(made), await office.left())

    morning = clock.now = evening + 11 * HOUR
    while clock.now < morning + 4 * HOUR:
        await office.send()
        clock.move_on(60)
    await office.called_by("07479 123456")
    left = await office.left()

    assert sorted(number for _, number in made) == sorted(number for _, number in left)
    assert [20, 20, 20] == list(collections.Counter((at - morning) // HOUR for at, _ in left).values())
    assert within_limits(bounds_reached(left)), bounds_reached(left)
    assert "+447479123456" in await office.leads()


async def test_what_leaves_late_is_bounded_for_a_prefix_too(office: Office, clock: ManualClock) -> None:
    """Ten of one night, six of them in the first hour; the others wait, say why, and do not grow stale."""
    clock.now = evening = NOON.replace(hour=21)
    for count in range(12):
        clock.now = evening + seconds(1800 * count)
        await office.called_by(f"{A_PREFIX}{count:04}")
    clock.now = evening + 11 * HOUR
    await office.send()
    waiting = await rows(office.database, "SELECT * FROM outbox WHERE state = 'queued' AND kind = 'caller'")

    assert 6 == len(await office.left())
    assert 4 * [("guard:per_prefix", clock.now + HOUR)] == [(w["reason"], moment(w["due_at"])) for w in waiting]
    clock.now += HOUR
    await office.send()
    reached = bounds_reached(await office.left())
    assert (6, 10) == (reached["per_prefix"], reached["unanswered"])
    assert 10 == len(await office.left())


@pytest.mark.parametrize(("per_day", "state"), [(60, "queued"), (3, "expired")])
async def test_what_is_held_when_it_leaves_is_told(
    database: Database, clock: ManualClock, per_day: int, state: str
) -> None:
    """Once: the alarm lasts while texts wait, and after what expired as long as after a call that was refused."""
    office = Office(database, a_policy(guards=Limits(per_hour=3)), clock)
    clock.now = NOON.replace(hour=21)
    for count in range(4):
        await office.called_by(f"+44740{count}123456")
        clock.now += HOUR
    office.policy = a_policy(guards=Limits(per_hour=3, per_day=per_day))
    morning = clock.now = NOON.replace(hour=8) + DAY
    await office.send()
    while clock.now < morning + HOUR:
        await office.tell()
        clock.move_on(600)
    async with database.reading() as tx:
        kept_back = await traffic.kept_back(tx, clock.now)
    last = (await rows(database, "SELECT state FROM outbox WHERE kind = 'caller' ORDER BY id"))[-1]

    assert (state, 1) == (last["state"], kept_back[Guard.PER_HOUR if state == "queued" else Guard.PER_DAY])
    assert [(GUARD, News.RAISED)] == office.mails
    clock.now = morning + (HOUR if state == "queued" else DAY)
    await office.send()
    await office.tell()
    async with database.reading() as tx:
        assert not await alarms.is_open(tx, GUARD, "")


async def test_a_text_that_the_night_overtakes_leaves_in_the_morning(office: Office, clock: ManualClock) -> None:
    """It was due before the quiet hours, and the modem had time in them only: their end is its time now."""
    clock.now = NOON.replace(hour=20, minute=59, second=50)
    await office.called_by("07479 123456")
    clock.now = NOON.replace(hour=21, second=3)
    await office.send()
    morning = clock.now = NOON.replace(hour=8) + DAY
    await office.send()

    assert [(morning, "+447479123456")] == await office.left()


async def test_a_day_without_another_text_begins_when_the_first_has_left(office: Office, clock: ManualClock) -> None:
    """Who rang at 21:05 was texted at 08:00: a call at 21:10 that day makes no other text, one after 08:00 does."""
    morning = NOON.replace(hour=8) + DAY
    for at in (NOON.replace(hour=21, minute=5), morning + 13 * HOUR + seconds(600), morning + DAY):
        clock.now = morning if at > morning else clock.now
        await office.send()
        clock.now = at
        await office.called_by("07479 123456")

    assert [NOON.replace(hour=21, minute=5), morning + DAY] == [at for at, _ in await office.sent()]
