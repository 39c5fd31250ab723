"""The sender, step by step: which text goes, what is on disk when, and what becomes of a failure."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import AT_ANY_HOUR, CALLER, NOON, OWNER, a_call, a_policy, a_record, seconds
from tests.workers.far_ends import ManualClock, ScriptedModem, queued, row, rows, states
from textbackd.core.caller_history import Consent
from textbackd.core.calls import LiveCall
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageEvent, MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import StaySilent
from textbackd.core.reasons import Reason
from textbackd.modem.modem import ModemUnavailable, SubmitRefused, SubmitUnknown
from textbackd.store import calls, live_calls, opt_outs, outbox
from textbackd.store.database import Database, moment
from textbackd.workers import patiently
from textbackd.workers import sender as module
from textbackd.workers.bell import Bell
from textbackd.workers.sender import Sender

BOB = E164("+447700900456")


@pytest.fixture
def sender(modem: ScriptedModem, database: Database, clock: ManualClock) -> Sender:
    return Sender(modem, database, a_policy, Bell(), clock)


async def answered(database: Database, at: int) -> None:
    """``CALLER`` got through, so many seconds after ``NOON``."""
    start = NOON + seconds(at)
    call = a_call(a_record(call_id=f"{at}", started_at=start, ended_at=start), outcome=Outcome.ANSWERED)
    async with database.transaction() as tx:
        silent = StaySilent(reason=Reason.OUTCOME_NOT_TEXTED)
        await calls.record(tx, call, CALLER, silent, None, start)
        await tx.run("UPDATE calls SET answered_at = started_at")


async def test_nothing_to_do(sender: Sender, modem: ScriptedModem) -> None:
    """An empty outbox is no work."""
    assert not await sender.step()
    assert [] == modem.submitted


async def test_a_text_is_sent(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """Accepted: sent, with the reference, the time and the modem by which a report is matched."""
    await queued(database)

    assert await sender.step()

    assert [(CALLER, "sorry we missed you")] == modem.submitted
    sent = await row(database, "SELECT * FROM outbox")
    assert ("sent", "gsm", 1) == (sent["state"], sent["modem"], sent["attempts"])
    part = await row(database, "SELECT * FROM outbox_parts")
    assert ("accepted", 1, "gsm") == (part["state"], part["message_reference"], part["modem"])
    assert NOON.isoformat(timespec="microseconds") == sent["sent_at"]
    changes = await rows(database, "SELECT event, state FROM outbox_changes ORDER BY rowid")
    assert [("queue", "queued"), ("claimed", "sending"), ("accepted", "sent")] == [tuple(c) for c in changes]


async def test_it_is_on_disk_before_the_modem_sees_it(
    sender: Sender, modem: ScriptedModem, database: Database, tmp_path: Path
) -> None:
    """Another process, which sees only what is committed, sees `sending`."""
    seen = []

    async def look(_what: str) -> None:
        with closing(sqlite3.connect(tmp_path / "textbackd.db")) as other:
            seen.extend(other.execute("SELECT state, attempts FROM outbox").fetchall())

    modem.before = look
    await queued(database)
    await sender.step()

    assert [("sending", 1)] == seen


async def test_it_waits_for_its_time(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Not a moment before ``not_before``."""
    await queued(database, not_before=NOON + seconds(5))
    clock.move_on(4.9)
    assert not await sender.step()

    clock.move_on(0.1)
    assert await sender.step()


async def test_the_urgent_goes_first(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """Acknowledgement, caller, owner, staff: whatever was queued first."""
    for kind in reversed(MessageKind):
        await queued(database, kind=kind, to=E164(f"+4477009001{kind.priority:02}"), text=kind)

    while await sender.step():
        pass

    assert list(MessageKind) == [text for _, text in modem.submitted]


async def test_two_modems_share_the_outbox(database: Database, clock: ManualClock) -> None:
    """Each text is claimed by one of them."""
    modems = [ScriptedModem(), ScriptedModem()]
    policy = a_policy(guards=AT_ANY_HOUR["guards"])
    senders = [Sender(modem, database, lambda: policy, Bell(), clock) for modem in modems]
    for i in range(10):
        await queued(database, to=E164(f"+4477009001{i:02}"))

    await asyncio.gather(*(sender.step() for sender in senders for _ in range(6)))

    submitted = [number for modem in modems for number, _ in modem.submitted]
    assert 10 == len(submitted) == len(set(submitted))


# --- asked again before it leaves -------------------------------------------------------------------------------------


async def test_a_stop_in_between_cancels(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """Also one that came by another way than the receiver, which purges the queue."""
    await queued(database)
    async with database.transaction() as tx:
        await opt_outs.add(tx, CALLER, Consent.OUT, "desk", NOON)

    assert not await sender.step()

    cancelled = await row(database, "SELECT state, reason FROM outbox")
    assert ("cancelled", "opted_out") == tuple(cancelled)
    assert [] == modem.submitted


async def test_who_got_through_meanwhile_needs_no_text(
    sender: Sender, modem: ScriptedModem, database: Database
) -> None:
    """Neither does the owner need the notice; a notice about another caller is sent."""
    await queued(database)
    await queued(database, kind=MessageKind.OWNER, to=OWNER)
    await queued(database, kind=MessageKind.OWNER, to=OWNER, about=BOB, text="about Bob")
    await answered(database, at=-10)

    while await sender.step():
        pass

    assert ["cancelled", "cancelled", "sent"] == await states(database)
    assert [(OWNER, "about Bob")] == modem.submitted


async def test_who_was_answered_before_the_missed_call_is_texted(sender: Sender, database: Database) -> None:
    """Only what came after the missed call began makes the text needless."""
    await queued(database)
    await answered(database, at=-60)

    assert await sender.step()


async def test_it_waits_while_the_caller_is_on_the_line(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """And is asked again two seconds later, until the call has ended; other texts go meanwhile."""
    await queued(database)
    await queued(database, to=BOB, about=BOB, text="to Bob")
    async with database.transaction() as tx:
        call = LiveCall(call_id="1.1", caller=CALLER, did="1", started_at=NOON)
        await live_calls.add(tx, "asterisk", call, CALLER)

    while await sender.step():
        pass
    assert [(BOB, "to Bob")] == modem.submitted

    clock.move_on(2)
    assert not await sender.step()
    async with database.transaction() as tx:
        await live_calls.remove(tx, "asterisk", "1.1")
    clock.move_on(2)
    assert await sender.step()


async def test_a_repeat_is_cancelled(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """Two calls that were decided at the same moment, on two PBXs, make one text."""
    await queued(database)
    await queued(database, text="again")

    while await sender.step():
        pass

    assert 1 == len(modem.submitted)
    assert ["cancelled", "sent"] == sorted(await states(database))


async def test_what_waited_too_long_expires(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """A quarter of an hour for a caller, five minutes for an acknowledgement, a day for the owner."""
    await queued(database)
    await queued(database, kind=MessageKind.ACKNOWLEDGEMENT, to=BOB)
    await queued(database, kind=MessageKind.OWNER, to=OWNER, about=None)
    clock.move_on(15 * 60 + 1)

    while await sender.step():
        pass

    assert ["expired", "expired", "sent"] == await states(database)
    assert "stale" == (await rows(database, "SELECT reason FROM outbox ORDER BY id"))[0]["reason"]


# --- failures --------------------------------------------------------------------------------------------------------


async def test_what_was_surely_not_sent_is_tried_again_ever_later(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After at most 2, 4, 8 … 60 seconds; until it is stale."""
    monkeypatch.setattr("random.random", lambda: 0.0)
    await queued(database)
    modem.answers = [ModemUnavailable("no modem")] * 100
    pauses = []
    while True:
        before = len(modem.submitted)
        stepped = await sender.step()
        if not stepped:
            break
        assert len(modem.submitted) == before + 1
        assert ["queued"] == await states(database)
        due = moment((await row(database, "SELECT due_at FROM outbox"))["due_at"])
        pauses.append((due - clock.now).total_seconds())
        clock.now = due

    assert [2, 4, 8, 16, 32, 60, 60] == pauses[:7]
    assert ["expired"] == await states(database)
    assert 15 * 60 - 60 <= sum(pauses[:-1]) <= 15 * 60


async def test_a_modem_that_comes_back_sends_it(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """One failure, then a success: sent once as far as anybody was told."""
    await queued(database)
    modem.answers = [ModemUnavailable("no modem")]
    await sender.step()
    clock.move_on(2)
    await sender.step()

    assert ["sent"] == await states(database)
    assert 2 == (await row(database, "SELECT attempts FROM outbox"))["attempts"]


async def test_a_text_of_unknown_fate_is_never_sent_again(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """However long one waits; a person may release it."""
    message = await queued(database)
    modem.answers = [SubmitUnknown("no answer")]
    await sender.step()
    assert ["unknown"] == await states(database)
    for _ in range(5):
        clock.move_on(60)
        assert not await sender.step()

    async with database.transaction() as tx:
        await outbox.change(tx, message, MessageEvent.RELEASE, clock.now, "by hand")
        await outbox.restart(tx, message, clock.now)
    assert await sender.step()
    assert 2 == len(modem.submitted)


async def test_a_network_that_is_busy_is_asked_again(
    sender: Sender, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Until the text is too old to be of use."""
    await queued(database)
    modem.answers = [SubmitRefused("congestion", cms=42)] * 100
    while "queued" in await states(database):
        await sender.step()
        clock.move_on(60)

    assert ["expired"] == await states(database)
    assert len(modem.submitted) > 10


async def test_what_would_be_refused_again_is_not_tried_again(
    sender: Sender, modem: ScriptedModem, database: Database
) -> None:
    """A number that is not assigned stays so."""
    await queued(database)
    modem.answers = [SubmitRefused("unassigned number", cms=1)]
    await sender.step()

    assert ["failed"] == await states(database)
    assert "unassigned number" == (await row(database, "SELECT reason FROM outbox"))["reason"]


async def test_what_the_modem_said_outlives_a_locked_database(
    sender: Sender,
    modem: ScriptedModem,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The text is gone, so its reference is written down as soon as that can be done."""
    monkeypatch.setattr(patiently, "TRY_AGAIN", 0.01)
    await database._writer.execute("PRAGMA busy_timeout = 0")
    await queued(database)
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:

        async def lock(_what: str) -> None:
            other.execute("BEGIN IMMEDIATE")

        modem.before = lock
        locked = asyncio.Event()
        database.report = lambda error: locked.set() if error else None
        async with asyncio.TaskGroup() as group:
            group.create_task(sender.step())
            await locked.wait()
            other.execute("ROLLBACK")

    assert ["sent"] == await states(database)


async def test_a_stop_while_the_modem_is_silent(
    sender: Sender, modem: ScriptedModem, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits a moment for the answer; then nobody knows whether the text went out."""
    monkeypatch.setattr(module, "STOP_PATIENCE", 0.02)
    given = asyncio.Event()

    async def silence(_what: str) -> None:
        given.set()
        await asyncio.Event().wait()

    modem.before = silence
    await queued(database)
    task = asyncio.get_running_loop().create_task(sender.step())
    await given.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ["unknown"] == await states(database)


async def test_a_stop_while_the_claim_is_being_written(
    sender: Sender, modem: ScriptedModem, database: Database
) -> None:
    """The modem has not seen the text: it waits for the next start, and nobody has to ask what became of it."""
    await queued(database)
    commit = database._writer.commit

    async def commit_at_the_stop() -> None:
        database._writer.commit = commit  # type: ignore[method-assign]
        step.cancel()
        await commit()

    database._writer.commit = commit_at_the_stop  # type: ignore[method-assign]
    async with asyncio.TaskGroup() as group:
        step = group.create_task(sender.step())

    assert step.cancelled()
    assert [] == modem.submitted
    assert ["queued"] == await states(database)
    assert await sender.step()
    assert 1 == len(modem.submitted)
    assert ["sent"] == await states(database)


@pytest.mark.parametrize("with_the_modem", [False, True])
async def test_a_stop_while_somebody_else_writes(
    sender: Sender,
    modem: ScriptedModem,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    with_the_modem: bool,
) -> None:
    """It ends all the same, with the claim written or with the text at the modem: the next start settles it."""
    monkeypatch.setattr(module, "STOP_PATIENCE", 0.05)
    await database._writer.execute("PRAGMA busy_timeout = 0")
    await queued(database)
    commit = database._writer.commit
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:

        async def lock_and_stop(_what: str) -> None:
            other.execute("BEGIN IMMEDIATE")
            step.cancel()
            await asyncio.Event().wait()

        async def commit_lock_and_stop() -> None:
            await commit()
            other.execute("BEGIN IMMEDIATE")
            step.cancel()

        if with_the_modem:
            modem.before = lock_and_stop
        else:
            database._writer.commit = commit_lock_and_stop  # type: ignore[method-assign]
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            step = group.create_task(sender.step())
        other.execute("ROLLBACK")

    assert step.cancelled()
    assert ["sending"] == await states(database)


async def test_a_stop_just_before_the_modem_answers(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """The answer is booked: it is known that the text was sent."""
    given, answer = asyncio.Event(), asyncio.Event()

    async def later(_what: str) -> None:
        given.set()
        await answer.wait()

    modem.before = later
    await queued(database)
    task = asyncio.get_running_loop().create_task(sender.step())
    await given.wait()
    task.cancel()
    asyncio.get_running_loop().call_soon(answer.set)
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ["sent"] == await states(database)
