"""Texts in several parts: joined when all have come, shown with gaps when one is late, never lost, never told twice."""

import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import CALLER, NOON, OWNER, a_policy, seconds
from tests.workers.far_ends import ManualClock, ScriptedModem, queued, row, rows, states
from textbackd.core.caller_history import Consent
from textbackd.modem.modem import GAP, IncomingSms, ModemUnavailable
from textbackd.store import opt_outs
from textbackd.store.database import Database
from textbackd.workers.bell import Bell
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender

PARTS = ("Water is coming ", "through the ceiling ", "of the kitchen")
WHOLE = "".join(PARTS)
TEN_MINUTES = 600
WEEK = 7 * 86400


@pytest.fixture
def receiver(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    return again(modem, database, clock)


def again(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    """After a restart."""
    return Receiver(modem, database, a_policy, lambda: None, clock)


def of(
    *numbers: int, parts: Sequence[str] = PARTS, sender: str = CALLER, reference: int = 7, after: float = 0
) -> IncomingSms:
    """As the modem joins these parts; each was sent a second after the one before, and lies in a place of its own."""
    pieces = [parts[n - 1] if n in numbers else GAP for n in range(1, len(parts) + 1)]
    return IncomingSms(
        sender=sender,
        sent_at=NOON + seconds(after + min(numbers)),
        text="".join(pieces).replace(GAP + GAP, GAP),
        places=tuple(f"SM:{reference}{number}" for number in numbers),
        missing=tuple(n for n in range(1, len(parts) + 1) if n not in numbers),
        concatenation=f"{reference}/{len(parts)}",
    )


async def look(receiver: Receiver, modem: ScriptedModem, *texts: IncomingSms) -> int:
    """The SIM holds exactly these."""
    modem.sim = list(texts)
    return await receiver.step()


async def inbox(database: Database) -> list[tuple[str, str]]:
    return [tuple(found) for found in await rows(database, "SELECT text, missing FROM inbox ORDER BY id")]


async def told(database: Database) -> list[str]:
    """What the owner reads, without the lead and the number."""
    notices = await rows(database, "SELECT text FROM outbox WHERE kind = 'owner' ORDER BY id")
    return [notice["text"].removeprefix("#1 ").removesuffix(f" {CALLER}") for notice in notices]


async def consent(database: Database) -> Consent | None:
    async with database.reading() as tx:
        return await opt_outs.consent(tx, CALLER)


async def test_a_text_waits_for_its_parts(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Nobody hears of it, and it stays on the SIM; when all are there it is a text like any other."""
    assert 0 == await look(receiver, modem, of(1))
    clock.move_on(TEN_MINUTES - 1)
    assert 0 == await look(receiver, modem, of(1, 3))
    assert ([], []) == (await inbox(database), await told(database))
    assert [of(1, 3)] == modem.sim

    assert 1 == await look(receiver, modem, of(1, 2, 3))

    assert [(WHOLE, "[]")] == await inbox(database)
    assert [f'REPLY 12:09 "{WHOLE}"'] == await told(database)
    assert [] == modem.sim


async def test_after_ten_minutes_it_is_shown_with_its_gap(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Counted from the first part that was seen; in its lead's thread, and its parts stay on the SIM."""
    await look(receiver, modem, of(3))
    clock.move_on(TEN_MINUTES)
    assert 1 == await look(receiver, modem, of(1, 3))

    assert [(f"Water is coming {GAP}of the kitchen", "[2]")] == await inbox(database)
    assert ['REPLY, PART MISSING 12:10 "Water is coming (...)of the kitchen"'] == await told(database)
    assert [of(1, 3)] == modem.sim
    lead = await row(database, "SELECT * FROM leads")
    assert (lead["id"], CALLER) == ((await row(database, "SELECT lead_id FROM inbox"))["lead_id"], lead["number"])
    assert "gsm7" == (await row(database, "SELECT encoding FROM outbox"))["encoding"]


async def test_it_is_shown_once_and_gets_its_part_later(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """The same row has the whole text, the owner hears the whole one, and only then the SIM loses it."""
    await look(receiver, modem, of(2))
    clock.move_on(TEN_MINUTES)
    for _ in range(3):
        await look(receiver, modem, of(2))
    await look(receiver, modem, of(2, 3))
    assert [(f"{GAP}{PARTS[1]}{PARTS[2]}", "[1]")] == await inbox(database)
    assert 1 == len(await told(database))
    await owner_reads(database, clock)
    clock.move_on(3600)

    assert 0 == await look(receiver, modem, of(1, 2, 3))

    assert [(WHOLE, "[]")] == await inbox(database)
    assert f'REPLY, NOW WHOLE 13:10 "{WHOLE}"' == (await told(database))[1]
    assert [] == modem.sim
    assert 0 == await look(receiver, modem, of(1, 2, 3))
    assert (1, 2) == (len(await inbox(database)), len(await told(database)))


async def test_a_store_that_cannot_be_read_now_and_then_delays_nothing(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Its parts have waited since they were seen first."""
    await look(receiver, modem, of(1))
    modem.unreadable = "SM: +CMS ERROR: 314"
    await look(receiver, modem)
    modem.unreadable = ""
    clock.move_on(TEN_MINUTES)

    assert 1 == await look(receiver, modem, of(1))


async def test_the_owner_is_spared_the_piece_when_the_whole_is_there_in_time(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """What was still to be told of the piece is withdrawn where the whole is queued; other words are still told."""
    await look(receiver, modem, of(2), of(1, reference=9))
    clock.move_on(TEN_MINUTES)
    await look(receiver, modem, of(2), of(1, reference=9))
    await look(receiver, modem, of(1, 2, 3), of(1, reference=9))

    assert ["cancelled", "queued", "queued"] == await states(database)
    assert f'REPLY 12:10 "{WHOLE}"' == (await told(database))[2]
    withdrawn = await row(database, "SELECT text, reason FROM outbox WHERE state = 'cancelled'")
    assert ("superseded", True) == (withdrawn["reason"], "through the ceiling" in withdrawn["text"])


async def owner_reads(database: Database, clock: ManualClock) -> None:
    """All that is queued goes out."""
    while await Sender(ScriptedModem("other"), database, a_policy, Bell(), clock).step():
        pass


async def test_a_restart_shows_nothing_twice(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """The waiting counts anew; what was shown is known by its row, also with another part or one less."""
    await look(receiver, modem, of(1))
    clock.move_on(TEN_MINUTES - 1)
    receiver = again(modem, database, clock)
    await look(receiver, modem, of(1))
    clock.move_on(TEN_MINUTES - 1)
    await look(receiver, modem, of(1))
    assert [] == await inbox(database)
    clock.move_on(1)
    await look(receiver, modem, of(1, 2))
    for text in (of(1, 2), of(2)):
        receiver = again(modem, database, clock)
        clock.move_on(TEN_MINUTES)
        await look(receiver, modem, text)
        clock.move_on(TEN_MINUTES)
        await look(receiver, modem, text)
    await look(again(modem, database, clock), modem, of(1, 2, 3))

    assert [(WHOLE, "[]")] == await inbox(database)
    assert 2 == len(await told(database))


async def test_what_never_becomes_whole_leaves_the_sim_after_a_week(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Counted from the day it was shown, over restarts; its row has all there was."""
    await look(receiver, modem, of(1))
    clock.move_on(TEN_MINUTES)
    await look(receiver, modem, of(1))
    clock.move_on(WEEK - 1)
    await look(again(modem, database, clock), modem, of(1, 3))
    assert [of(1, 3)] == modem.sim
    clock.move_on(1)

    await look(receiver, modem, of(1, 3))

    assert [] == modem.sim
    assert [(f"{PARTS[0]}{GAP}{PARTS[2]}", "[2]")] == await inbox(database)


async def test_what_was_kept_and_half_deleted_is_no_new_text(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """The modem went away between two parts, or the network sent one again: the rest is deleted at the next look."""
    modem.delete_fails = ModemUnavailable("unplugged")
    with pytest.raises(ModemUnavailable):
        await look(receiver, modem, of(1, 2, 3))
    modem.delete_fails = None
    for rest in (of(2, 3), of(3)):
        await look(again(modem, database, clock), modem, rest)
        assert [] == modem.sim

    assert [(WHOLE, "[]")] == await inbox(database)
    assert 1 == len(await told(database))


async def test_it_is_on_disk_before_the_sim_loses_it(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    """Another process sees the whole text at the time of the delete, also where a row with gaps was there."""
    seen = []

    async def see(_what: str) -> None:
        with closing(sqlite3.connect(tmp_path / "textbackd.db")) as other:
            seen.append(other.execute("SELECT text, missing FROM inbox").fetchall())

    modem.before = see
    await look(receiver, modem, of(1))
    clock.move_on(TEN_MINUTES)
    await look(receiver, modem, of(1))
    assert [] == seen
    await look(receiver, modem, of(1, 2, 3))

    assert [[(WHOLE, "[]")]] == seen


async def test_two_texts_with_one_reference_are_two_texts(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """After 256 texts it comes again; their words tell them apart, and their senders and times.

    Whole texts of the same words are two all the same, where their times differ.
    """
    other = ("My number is ", "07700 900123, ", "and I am Bob")
    first, second = of(1), of(1, parts=other, after=60)
    await look(receiver, modem, first, second)
    clock.move_on(TEN_MINUTES)
    assert 2 == await look(receiver, modem, first, second)
    await look(receiver, modem, of(1, 2, 3, after=60, parts=other), first)
    assert [(f"{PARTS[0]}{GAP}", "[2, 3]"), ("".join(other), "[]")] == await inbox(database)

    stranger = of(1, 2, 3, sender="+447700900456")
    much_later = of(1, 2, 3, after=2 * 3600)
    assert 2 == await look(receiver, modem, stranger, much_later)
    assert [f"{PARTS[0]}{GAP}", "".join(other), WHOLE, WHOLE] == [text for text, _ in await inbox(database)]
    assert 1 == await look(receiver, modem, of(1, 2, 3, after=2 * 3600 + 60))


async def test_a_place_that_is_used_again_begins_to_wait_anew(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Its first part may be a moment old where another text's lay for ten minutes."""
    await look(receiver, modem, of(1))
    clock.move_on(TEN_MINUTES)
    await look(receiver, modem, of(1))
    clock.move_on(WEEK)
    await look(receiver, modem, of(1))

    assert 0 == await look(receiver, modem, of(1, parts=("Another ", "text"), after=WEEK))
    assert 1 == len(await inbox(database))


# --- STOP, START, HELP ------------------------------------------------------------------------------------------------


async def test_stop_does_not_wait_for_a_missing_part(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Where the first part says it; confirmed once, also when the text is whole later, and after a START."""
    await queued(database)
    stop = ("STOP", " ")

    assert 1 == await look(receiver, modem, of(1, parts=stop))

    assert Consent.OUT is await consent(database)
    assert ["cancelled", "queued"] == await states(database)
    assert [(f"STOP{GAP}", "[2]")] == await inbox(database)
    assert [of(1, parts=stop)] == modem.sim
    start = IncomingSms(sender=CALLER, sent_at=NOON + seconds(30), text="START", places=("SM:1",))
    await look(receiver, modem, of(1, parts=stop), start)
    await look(receiver, modem, of(1, 2, parts=stop))
    assert None is await consent(database)
    assert [("STOP ", "[]"), ("START", "[]")] == await inbox(database)
    assert 3 == len(await states(database))


async def test_stop_behind_a_gap_counts_when_the_time_is_over(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """It may be the end of other words, which may still come; if they do not, we do not text."""
    stop = ("Please let the drill ", "stop")
    await look(receiver, modem, of(2, parts=stop))
    assert None is await consent(database)
    clock.move_on(TEN_MINUTES)
    await look(receiver, modem, of(2, parts=stop))

    assert Consent.OUT is await consent(database)
    assert [] == await told(database)

    await look(receiver, modem, of(1, 2, parts=stop))
    assert ['REPLY 12:10 "Please let the drill stop"'] == await told(database)
    assert "stop" == (await row(database, "SELECT wish FROM inbox"))["wish"]


@pytest.mark.parametrize("word", ["START", "HELP"])
async def test_other_words_count_in_whole_texts_only(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock, word: str
) -> None:
    """Who opts in again must be sure to have meant it."""
    async with database.transaction() as tx:
        await opt_outs.add(tx, CALLER, Consent.OUT, "desk", NOON)
    await look(receiver, modem, of(1, parts=(word, " ")))
    clock.move_on(TEN_MINUTES)
    await look(receiver, modem, of(1, parts=(word, " ")))
    assert Consent.OUT is await consent(database)
    assert [f'REPLY, PART MISSING 12:10 "{word}(...)"'] == await told(database)

    await look(receiver, modem, of(1, 2, parts=(word, " ")))
    assert (None if word == "START" else Consent.OUT) is await consent(database)
    assert ["acknowledgement", "owner"] == sorted(r["kind"] for r in await rows(database, "SELECT kind FROM outbox"))


async def test_a_part_from_an_owner_makes_no_lead(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Nor does one from letters; both are kept."""
    texts = of(1, sender=OWNER), of(1, sender="Vodafone", reference=8)
    await look(receiver, modem, *texts)
    clock.move_on(TEN_MINUTES)

    assert 2 == await look(receiver, modem, *texts)
    assert ([], []) == (await states(database), await rows(database, "SELECT * FROM leads"))


async def test_a_whole_text_opens_its_lead_again(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Somebody closed it after reading half of it."""
    await look(receiver, modem, of(1))
    clock.move_on(TEN_MINUTES)
    await look(receiver, modem, of(1))
    async with database.transaction() as tx:
        await tx.run("UPDATE leads SET status = 'closed'")
    clock.now += dt.timedelta(days=1)
    await look(receiver, modem, of(1, 2, 3))

    assert "new" == (await row(database, "SELECT status FROM leads"))["status"]
