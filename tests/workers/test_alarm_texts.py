"""Alarms by SMS: to the owners, where nobody else could be told and a modem works."""

from typing import Any

import pytest

from tests.builders import NOON, OWNER, a_policy, an_office, seconds
from tests.workers.far_ends import ManualClock, rows, states
from textbackd.core.alarms import CALM, GLITCH, TEXTED_AFTER, AlarmKind, Channel
from textbackd.core.office import Business
from textbackd.core.phone_numbers import E164
from textbackd.store import alarms
from textbackd.store.database import Database
from textbackd.workers.alarm_texts import AlarmTexts

BOB = E164("+447700900456")
PBX = AlarmKind.PBX_DOWN


class Bells:
    """Counts how often it is told that a text waits."""

    def __init__(self) -> None:
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1


@pytest.fixture
def bells() -> Bells:
    return Bells()


@pytest.fixture
def texts(database: Database, clock: ManualClock, bells: Bells) -> AlarmTexts:
    first = Business(name="Hill Plumbing", owners=(OWNER,))
    second = Business(name="Bay Locks", owners=(BOB, OWNER))
    policy = a_policy(office=an_office(businesses=(first, second)))
    return AlarmTexts(["gsm"], database, lambda: policy, bells.ring, clock)


async def begin(database: Database, kind: AlarmKind = PBX, subject: str = "asterisk") -> None:
    """An alarm since ``NOON``."""
    async with database.transaction() as tx:
        await alarms.raise_(tx, kind, subject, "", NOON - seconds(120), began_at=NOON - seconds(120))


async def outbox(database: Database) -> list[tuple[Any, ...]]:
    sql = "SELECT kind, business, number, substr(text, 1, 22) FROM outbox ORDER BY id"
    return [tuple(row) for row in await rows(database, sql)]


async def test_each_owner_is_texted_once(
    texts: AlarmTexts, database: Database, clock: ManualClock, bells: Bells
) -> None:
    """In the name of the first business that is his, after the time that the others have; and that it is over."""
    await begin(database)
    assert not await texts.step()
    clock.move_on(TEXTED_AFTER.total_seconds())
    assert await texts.step()
    assert not await texts.step()

    assert {
        ("owner", "Bay Locks", BOB, "ALARM since 11:58: PBX"),
        ("owner", "Hill Plumbing", OWNER, "ALARM since 11:58: PBX"),
    } == set(await outbox(database))
    assert 1 == bells.rung
    async with database.transaction() as tx:
        await alarms.clear(tx, PBX, "asterisk", clock())
    clock.move_on(CALM.total_seconds())
    assert await texts.step()
    assert ["OVER since 11:58: PBX "] * 2 == [text for *_, text in (await outbox(database))[2:]]


async def test_no_modem_no_text(texts: AlarmTexts, database: Database, clock: ManualClock) -> None:
    """Nothing is queued that could not leave, above all not the alarm of the modem; once it works, what is left."""
    await begin(database)
    await begin(database, AlarmKind.MODEM_DOWN, "gsm")
    clock.move_on(TEXTED_AFTER.total_seconds())
    assert not await texts.step()

    async with database.transaction() as tx:
        await alarms.clear(tx, AlarmKind.MODEM_DOWN, "gsm", clock())
    assert await texts.step()
    assert not await texts.step()
    assert ["ALARM since 11:58: PBX"] * 2 == [text for *_, text in await outbox(database)]


async def test_what_keeps_a_modem_from_sending_keeps_alarms_too(
    texts: AlarmTexts, database: Database, clock: ManualClock
) -> None:
    """Though it has not lasted long enough to be an alarm itself."""
    await begin(database)
    clock.move_on(TEXTED_AFTER.total_seconds())
    async with database.transaction() as tx:
        await alarms.raise_(tx, AlarmKind.MODEM_NOT_REGISTERED, "gsm", "", clock() - GLITCH)
        assert AlarmKind.MODEM_NOT_REGISTERED not in {one.kind for one in await alarms.standing(tx, clock())}
    assert not await texts.step()


@pytest.mark.parametrize(
    ("kind", "subject", "shuns"),
    [(AlarmKind.SIM_FULL, "gsm", "gsm"), (PBX, "gsm", ""), (AlarmKind.MAIL_FAILING, "", "")],
)
async def test_it_leaves_not_by_the_modem_that_it_is_about(
    texts: AlarmTexts, database: Database, clock: ManualClock, kind: AlarmKind, subject: str, shuns: str
) -> None:
    """If another can send; a PBX of the same name is none."""
    await begin(database, kind, subject)
    clock.move_on(2 * TEXTED_AFTER.total_seconds())
    assert await texts.step()
    assert [shuns] * 2 == [found["shuns"] for found in await rows(database, "SELECT shuns FROM outbox")]


async def test_who_wants_no_texts_gets_none(database: Database, clock: ManualClock, bells: Bells) -> None:
    """Asked at each look, since a reload may change it."""
    wanted: list[bool] = []
    worker = AlarmTexts(["gsm"], database, a_policy, bells.ring, clock, wanted=lambda: bool(wanted))
    await begin(database)
    clock.move_on(TEXTED_AFTER.total_seconds())

    assert not await worker.step()
    wanted.append(True)
    assert await worker.step()
    assert [OWNER] == [number for _, _, number, _ in await outbox(database)]


async def test_what_mail_told_is_not_texted(texts: AlarmTexts, database: Database, clock: ManualClock) -> None:
    """The sysadmin knows."""
    await begin(database)
    async with database.transaction() as tx:
        telling = await alarms.next_to_tell(tx, Channel.MAIL, NOON)
        assert telling is not None
        await alarms.told(tx, telling, Channel.MAIL, NOON)
    clock.move_on(TEXTED_AFTER.total_seconds())

    assert not await texts.step()
    assert [] == await states(database)
