"""The shelf: what lies on no SIM, or had to leave a full one, is on disk and joins with what comes."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import CALLER, NOON, a_policy
from tests.emulator import pdu
from tests.workers.far_ends import ManualClock, ScriptedModem, rows
from textbackd.core.caller_history import Consent
from textbackd.modem import sms_parts
from textbackd.modem.modem import ModemUnavailable, Received, Stored
from textbackd.store import opt_outs
from textbackd.store.database import Database, StoreUnavailable
from textbackd.workers.receiver import Receiver

LONG = "".join(f"{number:0153}" for number in range(3))
PARTS = pdu.encode_deliver(CALLER, LONG, NOON, reference=7)
STOP = pdu.encode_deliver(CALLER, "STOP", NOON, flash=True)[0]
TEN_MINUTES = 600
WEEK = 7 * 86400


class OctetsModem(ScriptedModem):
    """One with octets in its places, joined as the real one joins them."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, bytes] = {}
        self.nearly_full = False

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        await self.open()
        stored = [Stored(place=place, pdu=octets) for place, octets in self.places.items()]
        found = sms_parts.sort_out((*shelf, *stored))
        crowded = dict(self.places) if self.nearly_full else {}
        return Received(messages=found.texts, unread=found.unread, stored_reports=found.reports, crowded=crowded)

    async def delete(self, places: Sequence[str]) -> None:
        await super().delete(places)
        for place in places:
            del self.places[place]


@pytest.fixture
def modem() -> OctetsModem:
    return OctetsModem()


@pytest.fixture
def receiver(modem: OctetsModem, database: Database, clock: ManualClock) -> Receiver:
    return again(modem, database, clock)


def again(modem: OctetsModem, database: Database, clock: ManualClock) -> Receiver:
    """After a restart."""
    return Receiver(modem, database, a_policy, lambda: None, clock)


async def texts(database: Database) -> list[tuple[str, str]]:
    return [tuple(found) for found in await rows(database, "SELECT text, missing FROM inbox ORDER BY id")]


async def shelved(database: Database) -> list[bytes]:
    return [bytes.fromhex(found["pdu"]) for found in await rows(database, "SELECT pdu FROM shelf ORDER BY id")]


async def consent(database: Database) -> Consent | None:
    async with database.reading() as tx:
        return await opt_outs.consent(tx, CALLER)


# --- what the modem did not store -------------------------------------------------------------------------------------


async def test_a_pushed_text_is_a_text(receiver: Receiver, modem: OctetsModem, database: Database) -> None:
    """Its words are heeded at the same look, and nothing is left of it anywhere else."""
    modem.pushed.append(STOP)

    assert 1 == await receiver.step()

    assert (Consent.OUT, [("STOP", "[]")], []) == (
        await consent(database), await texts(database), await shelved(database)
    )  # fmt: skip
    assert not modem.pushed


async def test_a_pushed_text_outlives_the_modem_and_the_daemon(
    receiver: Receiver, modem: OctetsModem, database: Database, clock: ManualClock
) -> None:
    """It is on disk before the modem is asked anything; the modem went away with its next breath."""
    modem.pushed.append(STOP)
    modem.is_gone = ModemUnavailable("unplugged")
    with pytest.raises(ModemUnavailable):
        await receiver.step()
    assert [STOP] == await shelved(database)
    modem.is_gone, modem.pushed = None, type(modem.pushed)()

    await again(modem, database, clock).step()

    assert (Consent.OUT, [("STOP", "[]")]) == (await consent(database), await texts(database))


async def test_a_pushed_text_outlives_a_locked_database(
    receiver: Receiver, modem: OctetsModem, database: Database, tmp_path: Path
) -> None:
    """The modem has no copy to read again."""
    modem.pushed.append(STOP)
    await database._writer.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await receiver.step()
        other.execute("ROLLBACK")

    await receiver.step()

    assert [("STOP", "[]")] == await texts(database)


async def test_pushed_parts_wait_for_one_another(
    receiver: Receiver, modem: OctetsModem, database: Database, clock: ManualClock
) -> None:
    """As those on the SIM, and with them; also over a restart, and then what nobody can read is kept as such."""
    modem.pushed.append(PARTS[1])
    await receiver.step()
    clock.move_on(TEN_MINUTES - 1)
    receiver = again(modem, database, clock)
    modem.pushed.append(PARTS[2])
    await receiver.step()
    assert [] == await texts(database)
    clock.move_on(1)
    await receiver.step()
    assert [(f"[…]{LONG[153:]}", "[1]")] == await texts(database)
    modem.places["SM:1"] = PARTS[0]
    modem.pushed.append(b"\xff\xff")
    await receiver.step()

    assert ([(LONG, "[]")], [], {}) == (await texts(database), await shelved(database), modem.places)
    assert ["ffff"] == [found["pdu"] for found in await rows(database, "SELECT pdu FROM unread_messages")]


# --- a SIM that is nearly full ----------------------------------------------------------------------------------------


async def test_parts_leave_a_sim_that_is_nearly_full(
    receiver: Receiver, modem: OctetsModem, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    """Or their others would find no room; no sooner. They are on disk before that, and join with what comes."""
    modem.places = {"SM:1": PARTS[0], "SM:2": PARTS[2]}
    await receiver.step()
    assert ([], 2) == (await shelved(database), len(modem.places))
    seen = []

    async def see(_what: str) -> None:
        with closing(sqlite3.connect(tmp_path / "textbackd.db")) as other:
            seen.append([bytes.fromhex(pdu) for (pdu,) in other.execute("SELECT pdu FROM shelf")])

    modem.before = see
    modem.nearly_full = True
    await receiver.step()
    assert ([[PARTS[0], PARTS[2]]], {}, []) == (seen, modem.places, await texts(database))

    modem.before = None
    modem.places["SM:1"] = PARTS[1]
    await again(modem, database, clock).step()
    assert ([(LONG, "[]")], [], {}) == (await texts(database), await shelved(database), modem.places)


async def test_what_waits_on_the_shelf_has_waited_since_it_was_seen(
    receiver: Receiver, modem: OctetsModem, database: Database, clock: ManualClock
) -> None:
    """It is shown after ten minutes, however often textbackd starts, and given up after a week as on the SIM."""
    modem.places, modem.nearly_full = {"SM:1": PARTS[0]}, True
    await receiver.step()
    clock.move_on(TEN_MINUTES)
    await again(modem, database, clock).step()
    assert [(f"{LONG[:153]}[…]", "[2, 3]")] == await texts(database)
    clock.move_on(WEEK - 1)
    await receiver.step()
    assert [PARTS[0]] == await shelved(database)
    clock.move_on(1)
    await receiver.step()

    assert ([], 1) == (await shelved(database), len(await texts(database)))


async def test_a_part_that_could_not_leave_is_on_the_shelf_once(
    receiver: Receiver, modem: OctetsModem, database: Database
) -> None:
    """The modem went away in the middle; or the network sent it again."""
    modem.places, modem.nearly_full = {"SM:1": PARTS[0]}, True
    modem.delete_fails = ModemUnavailable("unplugged")
    for _ in range(2):
        with pytest.raises(ModemUnavailable):
            await receiver.step()
    modem.delete_fails = None
    await receiver.step()

    assert ([PARTS[0]], {}) == (await shelved(database), modem.places)


async def test_what_is_not_deleted_in_time_stays_on_the_shelf(
    receiver: Receiver, modem: OctetsModem, database: Database
) -> None:
    """A whole text, some of it on a SIM that goes away: it is deleted here and there at the next look, and no news."""
    modem.places, modem.nearly_full = {"SM:1": PARTS[0], "SM:2": PARTS[1]}, True
    await receiver.step()
    modem.places = {"SM:1": PARTS[2]}
    modem.delete_fails = ModemUnavailable("unplugged")
    with pytest.raises(ModemUnavailable):
        await receiver.step()
    modem.delete_fails = None

    assert 0 == await receiver.step()

    assert ([(LONG, "[]")], [], {}) == (await texts(database), await shelved(database), modem.places)


# --- a text without a time --------------------------------------------------------------------------------------------


def without_time(message: bytes) -> bytes:
    """The same, with a time stamp that is none."""
    return message.replace(pdu.encode_deliver(CALLER, "", NOON)[0][-8:-1], b"\xff" * 7)


async def test_a_text_without_a_time_is_a_text(
    receiver: Receiver, modem: OctetsModem, database: Database, clock: ManualClock
) -> None:
    """Of the time at which it was first seen; one that cannot be deleted is the same at every look."""
    modem.places = {"SM:1": without_time(STOP)}
    modem.delete_fails = ModemUnavailable("unplugged")
    for _ in range(3):
        with pytest.raises(ModemUnavailable):
            await receiver.step()
        clock.move_on(60)
    modem.delete_fails = None
    await receiver.step()

    assert (Consent.OUT, [("STOP", "[]")], {}) == (await consent(database), await texts(database), modem.places)
    (kept,) = await rows(database, "SELECT sent_at FROM inbox")
    assert NOON.isoformat(timespec="microseconds") == kept["sent_at"]


async def test_two_texts_without_a_time_are_two(
    receiver: Receiver, modem: OctetsModem, database: Database, clock: ManualClock
) -> None:
    """Also of the same words, and in the same place."""
    for _ in range(2):
        modem.places = {"SM:1": without_time(PARTS[0]), "SM:2": without_time(PARTS[1]), "SM:3": without_time(PARTS[2])}
        await receiver.step()
        clock.move_on(60)

    assert [(LONG, "[]")] * 2 == await texts(database)
