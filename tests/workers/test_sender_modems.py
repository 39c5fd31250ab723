"""Several modems, of which some cannot send: who takes which text, who hears of it, and how it is over."""

import datetime as dt
from collections.abc import Sequence

import pytest

from tests.builders import AT_ANY_HOUR, NOON, OWNER, a_policy, seconds
from tests.workers.far_ends import ManualClock, ScriptedModem, queued, row, rows, states
from textbackd.core.alarms import GLITCH, AlarmKind
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.modem.modem import ModemUnavailable, SubmitRefused, SubmitUnknown
from textbackd.store import alarms, modem_record
from textbackd.store.database import Database
from textbackd.workers.bell import Bell
from textbackd.workers.next_text import TRIAL_EVERY
from textbackd.workers.sender import Sender

REGULAR = E164("+447700900456")
BARRED = SubmitRefused("+CMS ERROR: 8", cms=8)
LONG = "abcde" * 70  # three parts
MUTE = [AlarmKind.MODEM_NOT_REGISTERED, AlarmKind.NO_SERVICE_CENTRE]

UNBOUNDED = a_policy(guards=AT_ANY_HOUR["guards"])
"""All the numbers here lie together."""


def number(i: int) -> E164:
    return E164(f"+447700900{200 + i}")


class Office:
    """Two modems that answer, ``sick`` and ``well``, and their senders."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.sick, self.well = ScriptedModem("sick"), ScriptedModem("well")
        self.database = database
        self._clock = clock
        self.by_sick, self.by_well = (self._sender(modem) for modem in (self.sick, self.well))

    def _sender(self, modem: ScriptedModem) -> Sender:
        others = {"sick", "well"} - {modem.name}
        return Sender(modem, self.database, lambda: UNBOUNDED, Bell(), self._clock, others=lambda: others)

    def restart(self) -> None:
        """What was in memory is gone."""
        self.by_sick, self.by_well = (self._sender(modem) for modem in (self.sick, self.well))

    async def bar(self) -> None:
        """Three numbers were refused a text of the one for longer than a glitch, and the other has sent them."""
        self.sick.answers = [BARRED] * 100
        for i in range(3):
            await queued(self.database, to=number(i), not_before=self._clock.now)
            assert await self.by_sick.step()
            self._clock.move_on(31)
            assert await self.by_well.step()
        self.sick.submitted.clear()
        self.well.submitted.clear()

    async def regular_of(self, modem: ScriptedModem) -> None:
        """``modem`` has texted ``REGULAR``."""
        sender = self.by_sick if modem is self.sick else self.by_well
        await queued(self.database, to=REGULAR, kind=MessageKind.STAFF, not_before=self._clock.now)
        assert await sender.step()
        modem.submitted.clear()

    async def raise_(self, kind: AlarmKind, since: dt.timedelta = GLITCH) -> None:
        """It has held of the sick one for so long."""
        async with self.database.transaction() as tx:
            await alarms.raise_(tx, kind, "sick", "", self._clock.now - since)

    async def conditions(self) -> Sequence[tuple[AlarmKind, str, str, dt.datetime]]:
        async with self.database.reading() as tx:
            return [(one.kind, one.subject, one.detail, one.began_at) for one in await alarms.conditions(tx)]


@pytest.fixture
def office(database: Database, clock: ManualClock) -> Office:
    return Office(database, clock)


async def regular_text(office: Office, clock: ManualClock) -> int:
    return await queued(office.database, to=REGULAR, kind=MessageKind.STAFF, text="again", not_before=clock.now)


# --- one that cannot send ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MUTE)
async def test_it_leaves_all_to_one_that_can(office: Office, clock: ManualClock, kind: AlarmKind) -> None:
    """New numbers and its own; when it can again they are its own again."""
    await office.regular_of(office.sick)
    await office.raise_(kind)
    await regular_text(office, clock)
    await queued(office.database)

    assert not await office.by_sick.step()
    assert await office.by_well.step()
    assert await office.by_well.step()
    assert 2 == len(office.well.submitted)

    async with office.database.transaction() as tx:
        await alarms.clear(tx, kind, "sick", clock.now)
    await queued(office.database, to=number(1))
    assert await office.by_sick.step()


@pytest.mark.parametrize("kind", [*MUTE, AlarmKind.ALL_SENDS_FAILING])
async def test_one_that_is_alone_tries_all_the_same(
    office: Office, database: Database, clock: ManualClock, kind: AlarmKind
) -> None:
    """Also where the other does not answer, or cannot send either."""
    await office.raise_(kind)
    office.sick.answers = [BARRED] * 2
    alone = Sender(office.sick, database, a_policy, Bell(), clock)
    await queued(database, to=number(1))
    assert await alone.step()

    async with database.transaction() as tx:
        await alarms.raise_(tx, AlarmKind.NO_SERVICE_CENTRE, "well", "", clock.now - GLITCH)
    await queued(database, to=number(2))
    await queued(database, to=number(3))
    assert await office.by_sick.step()
    assert await office.by_well.step()


async def test_a_glitch_changes_no_number(office: Office, clock: ManualClock) -> None:
    """A registration that is lost for some seconds; a text that fails stays with its modem for a minute."""
    await office.regular_of(office.sick)
    await office.raise_(AlarmKind.MODEM_NOT_REGISTERED, GLITCH - seconds(10))
    await regular_text(office, clock)
    office.sick.answers = [BARRED]
    assert await office.by_sick.step()
    clock.move_on(5)
    assert not await office.by_well.step()
    assert await office.by_sick.step()
    assert ["sent", "sent"] == await states(office.database)


async def test_a_text_that_fails_for_longer_goes_by_another(office: Office, clock: ManualClock) -> None:
    """However well its modem is with others."""
    await office.regular_of(office.sick)
    await regular_text(office, clock)
    office.sick.answers = [BARRED] * 100
    while not await office.by_well.step() and clock.now < NOON + 2 * GLITCH:
        await office.by_sick.step()
        clock.move_on(2)
    assert GLITCH <= clock.now - NOON < 2 * GLITCH
    assert ["sent", "sent"] == await states(office.database)
    assert [] == await office.conditions()


@pytest.mark.parametrize("error", [BARRED, ModemUnavailable("no prompt")], ids=str)
async def test_a_new_number_is_tried_by_another_next(office: Office, clock: ManualClock, error: Exception) -> None:
    """It costs its text seconds, not a quarter of an hour; and if that one fails too, it is anybody's."""
    office.sick.answers, office.well.answers = [error], [error]
    await queued(office.database)
    assert await office.by_sick.step()
    clock.move_on(2)
    assert not await office.by_sick.step()
    assert await office.by_well.step()
    clock.move_on(4)
    assert not await office.by_well.step()
    assert await office.by_sick.step()
    assert ["sent"] == await states(office.database)


async def test_what_it_has_begun_stays_with_it(office: Office, clock: ManualClock) -> None:
    """A phone joins only what comes from one number; the other does not even put off the next try."""
    office.sick.answers = [None, BARRED, BARRED]
    message = await queued(office.database, text=LONG)
    assert await office.by_sick.step()
    await office.raise_(AlarmKind.NO_SERVICE_CENTRE)
    for _ in range(2):
        clock.move_on(4)
        assert not await office.by_well.step()
        assert await office.by_sick.step()
    assert (message, "sent") == tuple(await row(office.database, "SELECT id, state FROM outbox"))
    assert [] == office.well.submitted


async def test_what_only_it_may_send_it_tries(office: Office, clock: ManualClock) -> None:
    """Its own test, and that of a person who wants to know."""
    await office.bar()
    office.sick.answers = []
    clock.move_on(1)
    await queued(office.database, for_modem="sick", not_before=clock.now)
    assert await office.by_sick.step()
    assert [] == await office.conditions()


# --- all of whose texts fail ------------------------------------------------------------------------------------------


async def test_a_sim_that_is_barred_is_seen(office: Office, clock: ManualClock) -> None:
    """Three numbers one after the other, though the other modem has sent the texts meanwhile; with the last reason."""
    for i in range(3):
        assert [] == await office.conditions()
        office.sick.answers = [SubmitRefused(f"refusal {i}", cms=8)]
        await queued(office.database, to=number(i))
        await office.by_sick.step()
        clock.move_on(5)
        await office.by_well.step()

    assert [(AlarmKind.ALL_SENDS_FAILING, "sick", "refusal 2", NOON)] == await office.conditions()
    assert ["sent"] * 3 == await states(office.database)


@pytest.mark.parametrize("error", [ModemUnavailable("no prompt"), SubmitUnknown("no answer")], ids=str)
async def test_whatever_the_reason_is(office: Office, clock: ManualClock, error: Exception) -> None:
    """Silent at the prompt every time, or behind it."""
    office.sick.answers = [error] * 3
    for i in range(3):
        await queued(office.database, to=number(i))
        await office.by_sick.step()
    assert [(AlarmKind.ALL_SENDS_FAILING, "sick", str(error), NOON)] == await office.conditions()


async def test_one_bad_number_is_no_barred_sim(office: Office, clock: ManualClock) -> None:
    """However often it is tried; nor are three with a text between them that got out."""
    alone = Sender(office.sick, office.database, a_policy, Bell(), clock)
    office.sick.answers = [BARRED] * 5
    await queued(office.database)
    for _ in range(5):
        await alone.step()
        clock.move_on(60)
    office.sick.answers = [BARRED, None, BARRED, BARRED]
    for i in range(4):
        clock.move_on(1)
        await queued(office.database, to=number(i), not_before=clock.now)
        await alone.step()
    assert [] == await office.conditions()


async def test_a_restart_ends_no_alarm(office: Office, clock: ManualClock) -> None:
    """Nothing got better by it, and what was counted goes on."""
    await office.bar()
    (before,) = await office.conditions()
    office.restart()
    clock.move_on(TRIAL_EVERY.total_seconds())
    await queued(office.database, to=number(7), not_before=clock.now)
    assert await office.by_sick.step()
    assert [before] == await office.conditions()


async def test_the_count_outlives_a_restart(office: Office, clock: ManualClock) -> None:
    """Two in one life and one in the next are three."""
    office.sick.answers = [BARRED] * 3
    for i in range(3):
        office.restart()
        await queued(office.database, to=number(i))
        await office.by_sick.step()
    assert [AlarmKind.ALL_SENDS_FAILING] == [kind for kind, *_ in await office.conditions()]


async def test_it_tries_one_text_now_and_then(office: Office, clock: ManualClock) -> None:
    """Nobody but the network knows when it has credit again. The text that it fails at goes by the other at once."""
    await office.bar()
    office.sick.answers = [BARRED]
    for i in range(10, 14):
        await queued(office.database, to=number(i), not_before=clock.now)
    assert not await office.by_sick.step()

    clock.move_on(TRIAL_EVERY.total_seconds())
    assert await office.by_sick.step()
    assert not await office.by_sick.step()
    clock.move_on(4)
    for _ in range(4):
        assert await office.by_well.step()
    assert {"sent"} == set(await states(office.database))

    clock.move_on(TRIAL_EVERY.total_seconds())
    for i in range(20, 22):
        await queued(office.database, to=number(i), not_before=clock.now)
    assert await office.by_sick.step()
    assert [] == await office.conditions()
    assert await office.by_sick.step()
    assert [number(10), number(20), number(21)] == [to for to, _ in office.sick.submitted]


# --- what is about a modem --------------------------------------------------------------------------------------------


async def test_what_is_about_a_modem_leaves_by_another(office: Office, clock: ManualClock) -> None:
    """Even where that one is due for a try, and has written to this number last; alone it has to do it itself."""
    await office.bar()
    office.sick.answers = []
    clock.move_on(2 * TRIAL_EVERY.total_seconds())
    draft = {"to": OWNER, "kind": MessageKind.OWNER, "about": None, "shuns": "sick", "not_before": clock.now}
    await queued(office.database, **draft)
    assert not await office.by_sick.step()
    assert await office.by_well.step()

    await queued(office.database, **draft)
    assert await Sender(office.sick, office.database, a_policy, Bell(), clock).step()
    await queued(office.database, **draft)
    assert await office.by_well.step()
    assert ["well", "sick", "well"] == [
        found["modem"] for found in await rows(office.database, "SELECT modem FROM outbox ORDER BY id DESC LIMIT 3")
    ]


async def test_when_it_was_last_tried(database: Database, office: Office, clock: ManualClock) -> None:
    """Also where another modem has sent the text since."""
    async with database.reading() as tx:
        assert await modem_record.last_claimed_at(tx, "sick") is None
    office.sick.answers = [BARRED]
    await queued(database)
    await office.by_sick.step()
    clock.move_on(5)
    await office.by_well.step()
    async with database.reading() as tx:
        assert NOON == await modem_record.last_claimed_at(tx, "sick")
