"""Messages that are no texts: kept with their bytes, then gone from the SIM; a picture message makes a lead."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import CALLER, NOON, OWNER, a_policy
from tests.core.test_mms_notices import NOTICE
from tests.daemon.said import Said
from tests.workers.far_ends import ManualClock, ScriptedModem, row, rows, states
from textbackd.modem.modem import IncomingSms, ModemUnavailable, Unread, UnreadMessage
from textbackd.store import leads
from textbackd.store.database import Database
from textbackd.workers.receiver import Receiver

DAY = 86400


@pytest.fixture
def receiver(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    return Receiver(modem, database, a_policy, lambda: None, clock)


def a_message(pdu: bytes, kind: Unread = Unread.BINARY, *, place: str = "SM:1", sender: str = "60777") -> UnreadMessage:
    return UnreadMessage(kind=kind, place=place, pdu=pdu, sender=sender)


async def look(receiver: Receiver, modem: ScriptedModem, *messages: UnreadMessage) -> None:
    modem.unread += messages
    await receiver.step()


@pytest.mark.parametrize("kind", Unread)
async def test_it_is_kept_with_its_bytes_and_then_deleted(
    receiver: Receiver, modem: ScriptedModem, database: Database, tmp_path: Path, said: Said, kind: Unread
) -> None:
    """Another process sees the row before the SIM loses the message; the log names it, and not what is in it."""
    seen = []

    async def see(_what: str) -> None:
        with closing(sqlite3.connect(tmp_path / "textbackd.db")) as other:
            seen.append(other.execute("SELECT kind, sender, pdu FROM unread_messages").fetchall())

    modem.before = see
    await look(receiver, modem, a_message(b"\x07\x91secret", kind))

    assert [[(kind, "60777", b"\x07\x91secret".hex())]] == seen
    assert [] == modem.unread
    kept = await row(database, "SELECT * FROM unread_messages")
    assert ("gsm", NOON.isoformat(timespec="microseconds")) == (kept["modem"], kept["received_at"])
    assert 1 == len(said.events("unread_message_kept", unread_id=kept["id"], kind=kind))
    assert "secret" not in str(said.lines)
    assert b"secret".hex() not in str(said.lines)
    assert ([], []) == (await states(database), await rows(database, "SELECT * FROM leads"))


async def test_what_could_not_be_deleted_is_kept_once(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """And deleted when it can be; two of other bytes are two."""
    modem.unread = [a_message(b"one"), a_message(b"two", place="SM:2"), a_message(b"one", place="SM:3")]
    modem.delete_fails = ModemUnavailable("silent")
    for _ in range(2):
        with pytest.raises(ModemUnavailable):
            await receiver.step()
    modem.delete_fails = None
    await receiver.step()

    assert 2 == len(await rows(database, "SELECT * FROM unread_messages"))
    assert [] == modem.unread


async def test_a_picture_message_makes_a_lead(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """The owner reads who sent it and that it cannot be fetched; the caller gets nothing."""
    await look(receiver, modem, a_message(NOTICE, Unread.MMS))

    lead = await row(database, "SELECT * FROM leads")
    assert (CALLER, "new", 0) == (lead["number"], lead["status"], lead["calls"])
    notice = await row(database, "SELECT * FROM outbox")
    assert (OWNER, "owner", lead["id"]) == (notice["number"], notice["kind"], notice["lead_id"])
    assert f"#1 PICTURE 12:00 sent a picture, which the modem cannot fetch {CALLER}" == notice["text"]
    async with database.reading() as tx:
        (entry,) = await leads.thread(tx, lead)
    assert ("picture", "not fetched") == (entry["kind"], entry["summary"])


async def test_the_network_repeats_its_notices(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """Until somebody fetches the picture: one row, one word to the owner; another picture is another one."""
    for n in range(3):
        clock.move_on(3600)
        await look(receiver, modem, a_message(bytes([n]) + NOTICE, Unread.MMS))
    assert 1 == len(await states(database))

    await look(receiver, modem, a_message(NOTICE.replace(b"T123", b"T124"), Unread.MMS))

    assert (2, 2) == (len(await rows(database, "SELECT * FROM unread_messages")), len(await states(database)))
    assert 1 == len(await rows(database, "SELECT * FROM leads"))
    assert [] == modem.unread


@pytest.mark.parametrize("sender", [OWNER, "60777", "Vodafone", ""])
async def test_a_picture_from_nobody_is_only_kept(
    receiver: Receiver, modem: ScriptedModem, database: Database, sender: str
) -> None:
    """From one of ours, from the network, or from no number."""
    await look(receiver, modem, a_message(b"no address inside", Unread.MMS, sender=sender))

    assert sender == (await row(database, "SELECT sender FROM unread_messages"))["sender"]
    assert ([], []) == (await states(database), await rows(database, "SELECT * FROM leads"))


async def test_what_could_not_be_read_stays_for_a_day(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock, said: Said
) -> None:
    """Nothing of it is on disk, and a later look may read it; then its place is needed. It is said once."""
    modem.unread = [a_message(b"", Unread.UNDECODABLE, sender="")]
    for _ in range(3):
        await receiver.step()
    clock.move_on(DAY - 1)
    await receiver.step()
    assert 1 == len(modem.unread)
    assert [] == await rows(database, "SELECT * FROM unread_messages")
    assert 1 == len(said.events("messages_unreadable", places=["SM:1"]))
    clock.move_on(1)
    modem.delete_fails = ModemUnavailable("silent")
    with pytest.raises(ModemUnavailable):
        await receiver.step()
    modem.delete_fails = None
    clock.move_on(10)
    await receiver.step()

    assert [] == modem.unread
    assert "" == (await row(database, "SELECT pdu FROM unread_messages"))["pdu"]


async def test_what_is_read_later_is_kept_at_once(
    receiver: Receiver, modem: ScriptedModem, database: Database, clock: ManualClock
) -> None:
    """The SIM was busy; another one in the same place waits its own day."""
    await look(receiver, modem, a_message(b""))
    clock.move_on(DAY - 1)
    modem.unread = [a_message(b"read")]
    await receiver.step()
    assert b"read".hex() == (await row(database, "SELECT pdu FROM unread_messages"))["pdu"]
    clock.move_on(1)
    await look(receiver, modem, a_message(b""))

    assert 1 == len(modem.unread)


async def test_it_keeps_no_text_waiting(
    receiver: Receiver, modem: ScriptedModem, database: Database, said: Said
) -> None:
    """Also where it cannot be handled: a kind that this textbackd does not know."""
    odd = a_message(b"odd", "odd")  # type: ignore[arg-type]
    text = IncomingSms(sender=CALLER, sent_at=NOON, text="hello", places=("SM:2",))
    modem.sim = [text]
    await look(receiver, modem, odd, a_message(b"fine", place="SM:3"))
    await receiver.step()

    assert ([], [odd]) == (modem.sim, modem.unread)
    assert 1 == len(said.events("message_not_handled", kind="UnreadMessage"))
    assert 1 == len(await rows(database, "SELECT * FROM unread_messages"))
