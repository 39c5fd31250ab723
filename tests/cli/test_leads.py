"""What ``leads`` shows of callers who wrote in parts, sent pictures, or called where nobody answers."""

import asyncio
import dataclasses

from tests.builders import CALLER, NOON, a_policy, seconds
from tests.cli.conftest import BOB, Desk
from tests.core.test_mms_notices import NOTICE
from tests.workers.far_ends import ManualClock, ScriptedModem
from textbackd.modem.modem import GAP, IncomingCall, IncomingSms, Unread, UnreadMessage
from textbackd.store.database import Database
from textbackd.workers.incoming_texts import JOIN_WITHIN
from textbackd.workers.receiver import Receiver

INCOMPLETE = IncomingSms(
    sender=CALLER, sent_at=NOON, text=f"Water under {GAP}", places=("SM:1",), missing=(2,), concatenation="7/2"
)
WHOLE = dataclasses.replace(INCOMPLETE, text="Water under the sink", places=("SM:1", "SM:3"), missing=())


def received(desk: Desk, *, whole: bool) -> None:
    """A text in two parts, the second late or missing; a picture; calls to the SIM."""

    async def work() -> None:
        async with Database.open(desk.database, durable=False) as database:
            modem, clock = ScriptedModem(), ManualClock()
            receiver = Receiver(modem, database, a_policy, lambda: None, clock)
            modem.sim = [INCOMPLETE]
            modem.unread = [UnreadMessage(kind=Unread.MMS, place="SM:2", pdu=NOTICE, sender="60777")]
            await receiver.step()
            clock.now += JOIN_WITHIN
            await receiver.step()
            if whole:
                modem.sim = [WHOLE]
            modem.calls = [IncomingCall(number=CALLER), IncomingCall(number=BOB)]
            clock.now += seconds(1)
            await receiver.step()

    asyncio.run(work())


def thread(desk: Desk) -> list[tuple[str, str, str]]:
    entries = desk.run("leads", "1", "--json").json["thread"]
    return [(entry["kind"], entry["summary"], entry["text"]) for entry in entries]


def test_what_is_missing_is_shown(desk: Desk) -> None:
    """In one line of time, for people and for programs."""
    received(desk, whole=False)

    assert [
        ("picture", "not fetched", ""),
        ("in", "incomplete", f"Water under {GAP}"),
        ("call to the SIM", "missed", ""),
    ] == thread(desk)
    assert f"incomplete   Water under {GAP}" in desk.run("leads", "1").out


def test_what_came_late_takes_its_place(desk: Desk) -> None:
    """The same entry, whole."""
    received(desk, whole=True)

    assert ("in", "", "Water under the sink") == thread(desk)[1]


def test_a_lead_of_a_call_to_the_sim_says_so(desk: Desk) -> None:
    """It is no text, and no call that the PBX saw."""
    received(desk, whole=False)
    lines = desk.run("leads").out.splitlines()

    assert all("called the SIM" in line for line in lines[1:])
    assert 2 == len(lines[1:])
