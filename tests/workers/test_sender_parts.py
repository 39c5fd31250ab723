"""Texts in several parts: each part once, all by one modem, and one fate in the end."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import NOON, a_policy, seconds
from tests.daemon.said import Said
from tests.workers.far_ends import ManualClock, ScriptedModem, queued, row, rows, states
from textbackd.core.outgoing import MessageEvent, MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.modem.modem import ModemUnavailable, SubmitRefused, SubmitUnknown
from textbackd.store import outbox
from textbackd.store.database import Database
from textbackd.workers.bell import Bell
from textbackd.workers.sender import Sender

BOB = E164("+447700900456")
LONG = "abcde" * 70  # three parts
FIRST, SECOND, THIRD = LONG[:153], LONG[153:306], LONG[306:]


@pytest.fixture
def sender(modem: ScriptedModem, database: Database, clock: ManualClock) -> Sender:
    return Sender(modem, database, a_policy, Bell(), clock)


def texts(modem: ScriptedModem) -> list[str]:
    return [text for _, text in modem.submitted]


async def parts(database: Database) -> list[str]:
    return [part["state"] for part in await rows(database, "SELECT state FROM outbox_parts ORDER BY message_id, part")]


async def test_all_parts_go_out_in_order(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """With one reference, by which the phone joins them, and each with a message reference of its own."""
    message = await queued(database, text=LONG)

    assert await sender.step()

    assert [(FIRST, 1, 3), (SECOND, 2, 3), (THIRD, 3, 3)] == [(s.text, s.number, s.of) for s in modem.segments]
    assert {message % 256} == {segment.reference for segment in modem.segments}
    assert ["sent"] == await states(database)
    references = await rows(database, "SELECT message_reference FROM outbox_parts ORDER BY part")
    assert [1, 2, 3] == [part["message_reference"] for part in references]


async def test_each_part_is_on_disk_before_the_modem_sees_it(
    sender: Sender, modem: ScriptedModem, database: Database, tmp_path: Path
) -> None:
    """Another process, which sees only what is committed, sees exactly that part in the modem's hands."""
    seen = []

    async def look(_what: str) -> None:
        with closing(sqlite3.connect(tmp_path / "textbackd.db")) as other:
            seen.append([state for (state,) in other.execute("SELECT state FROM outbox_parts ORDER BY part")])

    modem.before = look
    await queued(database, text=LONG)
    await sender.step()

    assert [
        ["submitting", "waiting", "waiting"],
        ["accepted", "submitting", "waiting"],
        ["accepted", "accepted", "submitting"],
    ] == seen


@pytest.mark.parametrize("error", [ModemUnavailable("unplugged"), SubmitRefused("busy", cms=42)], ids=str)
async def test_it_goes_on_at_the_part_that_was_not_sent(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock, error: Exception
) -> None:
    """What went out already does not go out again."""
    await queued(database, text=LONG)
    modem.answers = [None, error]
    await sender.step()
    assert ["queued"] == await states(database)
    assert ["accepted", "waiting", "waiting"] == await parts(database)
    assert f"part 2 of 3: {error}" == (await row(database, "SELECT reason FROM outbox"))["reason"]

    clock.move_on(60)
    await sender.step()

    assert [FIRST, SECOND, SECOND, THIRD] == texts(modem)
    assert ["sent"] == await states(database)
    assert {1} == {segment.reference for segment in modem.segments}


async def test_the_parts_behind_an_unknown_one_go_out_too(
    sender: Sender, modem: ScriptedModem, database: Database
) -> None:
    """Most probably it went out, so its text must not end in the middle; of the whole nobody knows."""
    await queued(database, text=LONG)
    modem.answers = [None, SubmitUnknown("no answer")]
    await sender.step()

    assert [FIRST, SECOND, THIRD] == texts(modem)
    assert ["unknown"] == await states(database)
    assert ["accepted", "unknown", "accepted"] == await parts(database)


async def test_a_stop_in_a_long_text_leaves_its_rest_for_the_next_start(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """The part that the modem has is waited for; none is begun that the stop would cut off."""
    await queued(database, text=LONG)

    async def stop(_what: str) -> None:
        step.cancel()
        await asyncio.sleep(0)

    modem.before = stop
    async with asyncio.TaskGroup() as group:
        step = group.create_task(sender.step())

    assert step.cancelled()
    assert (["accepted", "waiting", "waiting"], ["queued"]) == (await parts(database), await states(database))
    modem.before = None
    clock.move_on(10)
    assert await Sender(modem, database, a_policy, Bell(), clock).step()
    assert [FIRST, SECOND, THIRD] == texts(modem)
    assert ["sent"] == await states(database)


async def test_a_modem_that_dies_at_an_unknown_part_ends_the_text(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """It is for a person to decide; by itself nothing goes on."""
    await queued(database, text=LONG)
    modem.answers = [SubmitUnknown("no answer"), ModemUnavailable("unplugged")]
    await sender.step()
    clock.move_on(600)
    await sender.step()

    assert [FIRST, SECOND] == texts(modem)
    assert ["unknown"] == await states(database)
    assert ["unknown", "waiting", "waiting"] == await parts(database)


async def test_a_refused_part_ends_the_text(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """The rest would be of no use, and the person at the queue reads which part it was."""
    await queued(database, text=LONG)
    modem.answers = [None, SubmitRefused("no such number", cms=1)]
    await sender.step()

    assert [FIRST, SECOND] == texts(modem)
    failed = await row(database, "SELECT state, reason FROM outbox")
    assert ("failed", "part 2 of 3: no such number") == tuple(failed)


async def test_released_by_hand_all_of_it_goes_out_again(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Whoever releases a text of unknown fate wants it read."""
    message = await queued(database, text=LONG)
    modem.answers = [None, SubmitUnknown("no answer"), None]
    await sender.step()
    async with database.transaction() as tx:
        await outbox.change(tx, message, MessageEvent.RELEASE, clock.now, "by hand")
        await outbox.restart(tx, message, clock.now)
    await sender.step()

    assert [FIRST, SECOND, THIRD] * 2 == texts(modem)
    assert ["sent"] == await states(database)


async def test_released_when_a_report_has_settled_what_was_unknown(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """No part is of unknown fate any more, and none is left: all of it goes out again, as whoever released it wants."""
    message = await queued(database, text=LONG)
    modem.answers = [None, SubmitUnknown("no answer"), None]
    await sender.step()
    async with database.transaction() as tx:
        await tx.run("UPDATE outbox_parts SET state = 'delivered' WHERE part = 2")
        await outbox.change(tx, message, MessageEvent.RELEASE, clock.now, "by hand")
        await outbox.restart(tx, message, clock.now)
    await sender.step()

    assert [FIRST, SECOND, THIRD] * 2 == texts(modem)
    assert ["sent"] == await states(database)


async def test_a_text_of_which_nothing_is_left_ends_nothing_else(
    sender: Sender, modem: ScriptedModem, database: Database
) -> None:
    """However it came to that: it is of unknown fate, and the next text goes out."""
    message = await queued(database)
    await sender.step()
    async with database.transaction() as tx:
        await tx.run("UPDATE outbox SET state = 'queued' WHERE id = ?1", message)
    await queued(database, to=BOB)
    while await sender.step():
        pass

    assert ["unknown", "sent"] == await states(database)


async def test_a_crash_between_two_parts(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    """One part was in the modem's hands: the text is of unknown fate, and is not touched again."""
    await queued(database, text=LONG)

    async def keep_what_a_crash_would_leave(_what: str) -> None:
        if len(modem.submitted) == 1:
            with (
                closing(sqlite3.connect(tmp_path / "textbackd.db")) as now,
                closing(sqlite3.connect(tmp_path / "left.db")) as left,
            ):
                now.backup(left)

    modem.before = keep_what_a_crash_would_leave
    await sender.step()
    clock.move_on(60)
    async with Database.open(tmp_path / "left.db") as left:
        async with left.transaction() as tx:
            await outbox.settle_interrupted(tx, clock.now)
        restarted = ScriptedModem()
        await Sender(restarted, left, a_policy, Bell(), clock).step()

        assert [] == texts(restarted)
        assert ["unknown"] == await states(left)
        assert ["accepted", "unknown", "waiting"] == await parts(left)


async def test_the_rest_of_a_text_leaves_by_the_same_modem(database: Database, clock: ManualClock) -> None:
    """From another number it would be another text."""
    first, second = ScriptedModem("first"), ScriptedModem("second")
    one, other = (Sender(modem, database, a_policy, Bell(), clock) for modem in (first, second))
    await queued(database, text=LONG)
    first.answers = [None, ModemUnavailable("unplugged")]
    await one.step()
    clock.move_on(60)

    assert not await other.step()
    assert [] == second.submitted
    clock.move_on(5)
    await one.step()
    assert [FIRST, SECOND, SECOND, THIRD] == texts(first)


async def test_a_text_that_was_begun_stays_with_its_modem(database: Database, clock: ManualClock) -> None:
    """Also where another one, which works too, has written to the number since."""
    first, second = ScriptedModem("first"), ScriptedModem("second")
    one = Sender(first, database, a_policy, Bell(), clock, others=lambda: {"second"})
    await queued(database, text=LONG)
    first.answers = [None, ModemUnavailable("unplugged")]
    await one.step()
    await queued(database, text="STOP noted", kind=MessageKind.ACKNOWLEDGEMENT)
    await Sender(second, database, a_policy, Bell(), clock).step()
    clock.move_on(60)

    assert not await Sender(second, database, a_policy, Bell(), clock, others=lambda: {"first"}).step()
    assert await one.step()
    assert [FIRST, SECOND, SECOND, THIRD] == texts(first)


@pytest.mark.parametrize(
    ("by", "why"), [("first", "unplugged"), ("second", "modem first is gone")], ids=["it works", "it is gone"]
)
async def test_a_text_that_stays_half_sent_has_failed(
    database: Database, clock: ManualClock, said: Said, by: str, why: str
) -> None:
    """When it is too late for the rest, whoever looks; and not silently."""
    first = ScriptedModem("first")
    await queued(database, text=LONG)
    first.answers = [None, ModemUnavailable("unplugged")]
    await Sender(first, database, a_policy, Bell(), clock).step()
    clock.move_on(24 * 3600)
    await queued(database, to=BOB, not_before=clock.now)
    assert await Sender(ScriptedModem(by), database, a_policy, Bell(), clock).step()

    assert ["failed", "sent"] == await states(database)
    reason = f"part 2 of 3 was never sent: {why}"
    assert reason == (await row(database, "SELECT reason FROM outbox WHERE state = 'failed'"))["reason"]
    assert 1 == len(said.events("text_broke_off", detail=reason, level="warning"))


# --- several modems ---------------------------------------------------------------------------------------------------


async def test_a_modem_that_is_not_there_claims_nothing(
    sender: Sender, modem: ScriptedModem, database: Database
) -> None:
    """The text stays for whoever can send it, and no try is counted."""
    await queued(database)
    modem.is_gone = ModemUnavailable("unplugged")
    with pytest.raises(ModemUnavailable):
        await sender.step()

    waiting = await row(database, "SELECT state, attempts, modem FROM outbox")
    assert ("queued", 0, "") == tuple(waiting)


async def test_a_number_keeps_its_modem_while_that_one_lives(database: Database, clock: ManualClock) -> None:
    """The caller sees one number; a dead modem's go to the others."""
    first, second = ScriptedModem("first"), ScriptedModem("second")
    living = {"first", "second"}
    one = Sender(first, database, a_policy, Bell(), clock, others=lambda: living - {"first"})
    other = Sender(second, database, a_policy, Bell(), clock, others=lambda: living - {"second"})
    await queued(database, text="1")
    await one.step()
    clock.move_on(48 * 3600)
    await queued(database, text="2", not_before=clock.now)

    assert not await other.step()
    assert await one.step()
    assert ["1", "2"] == texts(first)

    clock.move_on(48 * 3600)
    await queued(database, text="3", not_before=clock.now)
    living.remove("first")
    assert await other.step()
    assert ["3"] == texts(second)


async def test_a_modem_keeps_its_pace(modem: ScriptedModem, database: Database, clock: ManualClock) -> None:
    """So many parts in any minute, over restarts too; a text that has begun is finished."""
    sender = Sender(modem, database, a_policy, Bell(), clock, per_minute=4)
    for i, text in enumerate(("1", LONG, "2", "3")):
        await queued(database, text=text, to=f"+4477009001{i:02}")
        clock.move_on(1)
    at = []
    for _ in range(120):
        while await Sender(modem, database, a_policy, Bell(), clock, per_minute=4).step():
            at.append((clock.now - NOON).total_seconds())
        clock.move_on(1)

    assert [4, 4, 64, 64] == at
    assert 0.01 <= await sender._until_next() <= 5


async def test_a_clock_that_was_set_back_silences_nobody(
    modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """What was sent in the future does not count."""
    sender = Sender(modem, database, a_policy, Bell(), clock, per_minute=1)
    await queued(database)
    await sender.step()
    clock.now = NOON - seconds(3600)
    await queued(database, to="+447700900777", not_before=clock.now)

    assert await sender.step()


async def test_what_belongs_to_another_modem_lets_this_one_sleep(
    modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """A text that is due and not for us is no reason to look again and again."""
    sender = Sender(modem, database, a_policy, Bell(), clock, others=lambda: {"other"})
    await queued(database)
    await Sender(ScriptedModem("other"), database, a_policy, Bell(), clock).step()
    await queued(database, not_before=NOON, text="the owner")

    assert not await sender.step()
    assert 5.0 == await sender._until_next()
