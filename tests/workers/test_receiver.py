"""The receiver, step by step: a text is on disk before the SIM loses it, and its words are heeded at once."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CALLER, NOON, OWNER, a_policy, seconds
from tests.daemon.said import Said
from tests.workers.far_ends import ManualClock, ScriptedModem, queued, row, rows, states
from textbackd.core.caller_history import Consent
from textbackd.core.outgoing import MessageEvent, MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.modem.modem import IncomingSms, ModemUnavailable
from textbackd.store import inbox, opt_outs, outbox
from textbackd.store.database import Database, Transaction
from textbackd.workers.receiver import Receiver

BOB = E164("+447700900456")


@pytest.fixture
def receiver(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    return Receiver(modem, database, a_policy, lambda: None, clock)


def a_text(words: str, *, sender: str = CALLER, after: float = 0) -> IncomingSms:
    return IncomingSms(sender=sender, sent_at=NOON + seconds(after), text=words, places=(str(after),))


async def taken(receiver: Receiver, modem: ScriptedModem, *texts: IncomingSms) -> int:
    modem.sim += texts
    return await receiver.step()


async def consent(database: Database, number: E164) -> Consent | None:
    async with database.reading() as tx:
        return await opt_outs.consent(tx, number)


# --- looking ---------------------------------------------------------------------------------------------------------


async def test_what_cannot_be_read_is_said_once(receiver: Receiver, modem: ScriptedModem, said: Said) -> None:
    """And once that it can be read again; what lies in another store is taken in meanwhile."""
    modem.unreadable = "SM: +CMS ERROR: 500"
    for words in ("one", "two"):
        assert 1 == await taken(receiver, modem, a_text(words))
    modem.unreadable = ""
    for _ in range(2):
        await receiver.step()

    assert 1 == len(said.events("texts_unreadable", modem="gsm", error="SM: +CMS ERROR: 500"))
    assert 1 == len(said.events("texts_readable", modem="gsm"))


# --- keeping ----------------------------------------------------------------------------------------------------------


async def test_a_reply_goes_into_the_thread_and_to_the_owner(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """A lead is made where there was none; the owner reads the words, the number last."""
    assert 1 == await taken(receiver, modem, a_text("Water under the sink"))

    lead = await row(database, "SELECT * FROM leads")
    assert (CALLER, "new", 0, "Hill Plumbing") == (lead["number"], lead["status"], lead["calls"], lead["business"])
    kept = await row(database, "SELECT * FROM inbox")
    assert (lead["id"], "Water under the sink", "") == (kept["lead_id"], kept["text"], kept["wish"])
    notice = await row(database, "SELECT * FROM outbox")
    assert (OWNER, "owner", CALLER) == (notice["number"], notice["kind"], notice["about"])
    assert f'#{lead["id"]} REPLY 12:00 "Water under the sink" {CALLER}' == notice["text"]
    assert [] == modem.sim


async def test_it_is_on_disk_before_the_sim_loses_it(
    receiver: Receiver, modem: ScriptedModem, database: Database, tmp_path: Path
) -> None:
    """Another process sees the row before the modem is told to delete."""
    seen = []

    async def look(_what: str) -> None:
        with closing(sqlite3.connect(tmp_path / "textbackd.db")) as other:
            seen.append(other.execute("SELECT text FROM inbox").fetchall())

    modem.before = look
    await taken(receiver, modem, a_text("hello"))

    assert [[("hello",)]] == seen


async def test_half_an_emoji_is_kept_as_what_it_is(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """It cannot be written to a file; the rest of the words can."""
    assert 1 == await taken(receiver, modem, a_text("thanks \ud83d"))

    assert "thanks \ufffd" == (await row(database, "SELECT text FROM inbox"))["text"]
    assert [] == modem.sim


async def test_what_could_not_be_deleted_is_not_taken_twice(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """The SIM gives it again until it is gone; one row, one notice, one acknowledgement."""
    modem.delete_fails = ModemUnavailable("silent")
    for _ in range(2):
        modem.sim = [a_text("hello"), a_text("STOP", sender=BOB, after=1)]
        for _ in range(3):
            with pytest.raises(ModemUnavailable):
                await receiver.step()
        modem.delete_fails = None
        await receiver.step()
        modem.delete_fails = ModemUnavailable("silent")

    assert [] == modem.sim
    assert 2 == len(await rows(database, "SELECT * FROM inbox"))
    assert ["acknowledgement", "owner"] == sorted(r["kind"] for r in await rows(database, "SELECT kind FROM outbox"))


async def test_the_same_words_later_are_another_text(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Sender, time and words together make a text."""
    texts = [a_text("ok"), a_text("ok", after=1), a_text("ok", sender=BOB), a_text("OK")]

    assert 4 == await taken(receiver, modem, *texts)
    assert 4 == len(await rows(database, "SELECT * FROM inbox"))


async def test_a_text_that_cannot_be_handled_stays_and_the_next_counts(
    receiver: Receiver, modem: ScriptedModem, database: Database, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged once, without its words, and lies on the SIM for a textbackd that can."""
    real = inbox.add

    async def picky(tx: Transaction, words: inbox.Words, **values: Any) -> int:
        if words.text == "odd words":
            raise ZeroDivisionError
        return await real(tx, words, **values)

    monkeypatch.setattr(inbox, "add", picky)
    odd = a_text("odd words")

    assert 1 == await taken(receiver, modem, odd, a_text("fine", after=1))
    assert 0 == await receiver.step()
    assert [odd] == modem.sim
    assert 1 == len(said.events("message_not_handled"))
    assert "odd words" not in str(said.lines)


async def test_a_sender_in_letters_is_kept_and_not_answered(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """The network's own texts: no lead, no acknowledgement, even of STOP."""
    await taken(receiver, modem, a_text("Your balance is low"), a_text("STOP", sender="Vodafone", after=1))
    await taken(receiver, modem, a_text("STOP", sender="60777", after=2))

    assert 3 == len(await rows(database, "SELECT * FROM inbox"))
    assert ["owner"] == [r["kind"] for r in await rows(database, "SELECT kind FROM outbox")]
    assert [] == await rows(database, "SELECT * FROM opt_outs")


async def test_a_text_from_the_owner_makes_no_lead(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """It is kept for the commands to come."""
    await taken(receiver, modem, a_text("12 on my way", sender=OWNER))

    assert 1 == len(await rows(database, "SELECT * FROM inbox"))
    assert [] == await rows(database, "SELECT * FROM leads")
    assert [] == await states(database)


# --- STOP, START, HELP ------------------------------------------------------------------------------------------------


async def test_stop_purges_the_queue_and_is_confirmed_once(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Queued and held texts to him are cancelled; what the modem has, what others get, and the past stay."""
    await queued(database, text="queued")
    held = await queued(database, text="held")
    sending = await queued(database, text="in the modem")
    await queued(database, to=BOB, about=BOB, text="to Bob")
    await queued(database, to=OWNER, kind=MessageKind.OWNER, text="to the owner")
    async with database.transaction() as tx:
        await outbox.change(tx, held, MessageEvent.HOLD, NOON)
        await outbox.change(tx, sending, MessageEvent.CLAIMED, NOON)

    await taken(receiver, modem, a_text("Stop."), a_text("STOP", after=1))
    await taken(receiver, modem, a_text("stop", after=2))

    assert ["cancelled", "cancelled", "sending", "queued", "queued", "queued"] == await states(database)
    acknowledged = await row(database, "SELECT * FROM outbox WHERE kind = 'acknowledgement'")
    assert (CALLER, 0, "opted_out") == (acknowledged["number"], acknowledged["priority"], acknowledged["template"])
    assert "Hill Plumbing" in acknowledged["text"]
    assert Consent.OUT is await consent(database, CALLER)
    assert [] == await rows(database, "SELECT * FROM leads")


async def test_start_brings_texts_back(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """And STOP after that is confirmed anew."""
    await taken(receiver, modem, a_text("STOP"), a_text("START", after=1))
    assert None is await consent(database, CALLER)

    await taken(receiver, modem, a_text("STOP", after=2))
    assert Consent.OUT is await consent(database, CALLER)
    templates = await rows(database, "SELECT template FROM outbox ORDER BY id")
    assert ["opted_out", "opted_in", "opted_out"] == [found["template"] for found in templates]


async def test_help_is_answered(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """Who we are and where to ring; nothing else changes."""
    await taken(receiver, modem, a_text("HELP"))

    answer = await row(database, "SELECT * FROM outbox")
    assert ("acknowledgement", "help") == (answer["kind"], answer["template"])
    assert "01632 960101" in answer["text"]
    assert None is await consent(database, CALLER)


async def test_two_machines_do_not_talk_for_ever(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Three automatic answers to a number in a day; a STOP counts all the same."""
    for i in range(6):
        await taken(receiver, modem, a_text("help", after=i))
    await taken(receiver, modem, a_text("STOP", after=7))
    assert 3 == len(await states(database))
    assert Consent.OUT is await consent(database, CALLER)

    clock.now += dt.timedelta(hours=24, seconds=1)
    await taken(receiver, modem, a_text("help", after=8))
    assert 4 == len(await states(database))
