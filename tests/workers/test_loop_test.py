"""A modem's daily text to itself."""

import datetime as dt

import pytest

from tests.builders import NOON, a_policy
from tests.workers.far_ends import ManualClock, ScriptedModem, row, rows, states
from textbackd.core.alarms import AlarmKind
from textbackd.core.phone_numbers import E164
from textbackd.modem.modem import IncomingSms
from textbackd.store import alarms
from textbackd.store.database import Database
from textbackd.workers.bell import Bell
from textbackd.workers.loop_test import LoopTest, LoopTestSettings
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender

OWN = E164("+447700900900")
POLICY = a_policy(own_numbers=frozenset({OWN}))
AT_NOON = NOON.astimezone(POLICY.office.time_zone).time()


@pytest.fixture
def loop_test(database: Database, clock: ManualClock) -> LoopTest:
    settings = LoopTestSettings(modem="gsm", number=OWN, at=AT_NOON)
    return LoopTest(settings, database, lambda: POLICY, lambda: None, clock)


async def failed(database: Database, clock: ManualClock) -> list[str]:
    async with database.reading() as tx:
        standing = await alarms.standing(tx, clock.now)
    assert {AlarmKind.LOOP_TEST_FAILED} >= {alarm.kind for alarm in standing}
    return [alarm.subject for alarm in standing]


async def test_it_is_sent_once_a_day(loop_test: LoopTest, database: Database, clock: ManualClock) -> None:
    """At its time of day, by its own modem only, to its own number, never the same words twice."""
    clock.move_on(-1)
    await loop_test.step()
    assert [] == await states(database)

    for _ in range(3 * 24):
        clock.move_on(3600)
        for _ in range(3):
            await loop_test.step()

    sent = await rows(database, "SELECT number, for_modem, kind, text FROM outbox")
    assert [(OWN, "gsm", "test")] * 3 == [tuple(text)[:3] for text in sent]
    assert 3 == len({text["text"] for text in sent})


async def test_who_starts_in_the_evening_waits_for_the_next_day(
    loop_test: LoopTest, database: Database, clock: ManualClock
) -> None:
    """A restart costs no text."""
    clock.move_on(8 * 3600)
    await loop_test.step()

    assert [] == await states(database)


async def test_it_comes_back(loop_test: LoopTest, modem: ScriptedModem, database: Database, clock: ManualClock) -> None:
    """All is well, nobody hears of it, and it is nobody's lead."""
    await loop_test.step()
    sender = Sender(modem, database, lambda: POLICY, Bell(), clock)
    receiver = Receiver(modem, database, lambda: POLICY, lambda: None, clock)
    assert await sender.step()
    ((number, text),) = modem.submitted
    clock.move_on(5)
    modem.sim = [IncomingSms(sender=number, sent_at=clock.now, text=text, places=("1",))]
    await receiver.step()
    clock.move_on(3600)
    await loop_test.step()

    assert [] == await failed(database, clock)
    assert [] == await rows(database, "SELECT * FROM leads")
    assert 1 == len(await states(database))


async def test_it_does_not_come_back(loop_test: LoopTest, database: Database, clock: ManualClock) -> None:
    """Whether it was sent or not: an alarm after a quarter of an hour, over when the next day's comes back."""
    await loop_test.step()
    clock.move_on(15 * 60)
    await loop_test.step()
    assert [] == await failed(database, clock)

    clock.move_on(1)
    await loop_test.step()
    assert ["gsm"] == await failed(database, clock)

    clock.now = NOON + dt.timedelta(days=1)
    await loop_test.step()
    assert ["gsm"] == await failed(database, clock)
    text = (await row(database, "SELECT text FROM outbox WHERE id = 2"))["text"]
    async with database.transaction() as tx:
        await tx.run(
            "INSERT INTO inbox (modem, sender, number, text, sent_at, received_at, fingerprint, wish)"
            " VALUES ('gsm', ?1, ?1, ?2, ?3, ?3, 'x', '')",
            OWN,
            text,
            clock.now.isoformat(timespec="microseconds"),
        )
    await loop_test.step()
    assert [] == await failed(database, clock)
