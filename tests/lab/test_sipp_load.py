"""A busy hour on a real Asterisk: SIPp is the carrier and the phones, and textbackd keeps every call, each once."""

import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.daemon.said import Said
from tests.lab import office
from tests.lab.asterisk import Asterisk
from tests.lab.sipp import Sipp
from tests.lab.watch import Watch, watching
from tests.lab.witness import OFFICE
from tests.workers.far_ends import rows
from textbackd.store.database import Database

A_SECOND = 20
"""Calls: some 30 at once, for which Asterisk, SIPp and textbackd together take half a core."""
AT_ONCE = 60
"""Calls: where the machine is too busy for them, they come more slowly."""
MOBILES = tuple(f"07700900{n:03}" for n in range(1000))
"""All that Ofcom reserves for fiction."""
PHONES = {"101": "rings", "102": "answers", "103": "busy"}
"""Scenarios by extension."""


class Way(NamedTuple):
    """How a call goes."""

    did: str
    does: str
    """the caller, in the words of callers.xml"""
    seen: str
    """by the carrier: answered also means a menu, a queue, a mailbox or an announcement"""
    outcome: str


WAYS = (
    Way(office.ONE_PHONE, "waits", "refused", "no_answer"),
    Way(office.PATIENT, "gives up", "cancelled", "abandoned_ringing"),
    Way(office.SECOND_PHONE, "hangs up", "answered", "answered"),
    Way(office.THIRD_PHONE, "waits", "refused", "busy"),
    Way(office.UNREGISTERED, "waits", "refused", "unavailable"),
    Way(office.CLOSED, "waits", "answered", "closed"),
    Way(office.INFORMATION, "waits", "answered", "not_offered"),
    Way(office.CLOSED_VOICEMAIL, "hangs up", "answered", "voicemail_silent"),
    Way(office.MENU, "hangs up", "answered", "abandoned_ivr"),
    Way(office.ANNOUNCING_QUEUE, "hangs up", "answered", "abandoned_queue"),
)
"""Where the caller is to be the first to hang up, the PBX has patience for seconds more: the machine may be busy."""
NO_LEAD = {"answered", "not_offered"}

Calls = Sequence[tuple[str, Way]]
"""Caller and way."""


def calls(count: int) -> Calls:
    """So many calls, all ways mixed; who calls again meets the same as before."""
    callers = itertools.cycle(zip(MOBILES, itertools.cycle(WAYS), strict=False))
    return list(itertools.islice(callers, count))


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "textbackd.db") as database:
        yield database


@pytest_asyncio.fixture
async def watch(asterisk: Asterisk, database: Database, said: Said) -> AsyncIterator[Watch]:
    async with watching(asterisk, database, said, office=OFFICE, ping_interval=10, ping_timeout=5) as watch:
        yield watch


async def test_hundreds_of_calls(
    tmp_path: Path, asterisk: Asterisk, watch: Watch, database: Database, said: Said
) -> None:
    """Each is kept once, with its caller, DID and outcome; nothing was lost, and SIPp counts the same calls."""
    await ring_and_hold(calls(300), tmp_path, asterisk, watch, database, said)


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("asterisk_version", [22, 16])
async def test_thousands_of_calls(
    tmp_path: Path, asterisk: Asterisk, watch: Watch, database: Database, said: Said
) -> None:
    """The same where every caller rings three times: one lead, one text."""
    await ring_and_hold(calls(3000), tmp_path, asterisk, watch, database, said)


async def ring_and_hold(
    calls: Calls, folder: Path, asterisk: Asterisk, watch: Watch, database: Database, said: Said
) -> None:
    carrier, phones = await ring(calls, folder, asterisk)
    await said.until("call_ended", count=len(calls), within=30)
    ways = [way for _, way in calls]
    leads = Counter(f"+44{caller[1:]}" for caller, way in calls if way.outcome not in NO_LEAD)

    assert {"TotalCallCreated": len(calls), **Counter(way.seen for way in ways)} == carrier
    assert Counter(way.did for way in ways)[office.SECOND_PHONE] == phones["102"]
    assert Counter(way.did for way in ways)[office.THIRD_PHONE] == phones["103"]

    kept = await rows(database, "SELECT caller, did, outcome FROM calls")
    assert Counter((caller, way.did, way.outcome) for caller, way in calls) == Counter(map(tuple, kept))
    of_callers = await rows(database, "SELECT number, calls FROM leads ORDER BY number")
    assert sorted(leads.items()) == [(row["number"], row["calls"]) for row in of_callers]
    assert sorted(leads) == [row["number"] for row in await rows(database, "SELECT number FROM outbox ORDER BY number")]
    assert [] == await watch.in_the_air()

    assert 1 == watch.received.count(b"Event: CoreShowChannelsComplete"), "the state was read anew"
    assert [] == [line for line in said.lines if line["level"] not in ("debug", "info")]


async def ring(calls: Calls, folder: Path, asterisk: Asterisk) -> tuple[dict[str, int], dict[str, int]]:
    """Ring them all: what the carrier counted, and how many calls each phone had."""
    async with contextlib.AsyncExitStack() as closing:
        phones = {
            extension: Sipp(folder / extension, does, asterisk.phone(extension), asterisk.pbx)
            for extension, does in PHONES.items()
        }
        carrier = Sipp(folder / "carrier", "callers", asterisk.carrier, asterisk.pbx)
        for sipp in (*phones.values(), carrier):
            closing.push_async_callback(sipp.close)
        for phone in phones.values():
            await phone.take()
        lines = [f"{caller};{way.did};{way.does}" for caller, way in calls]
        await carrier.place(lines, a_second=A_SECOND, at_once=AT_ONCE)
        counted = await carrier.over(within=len(calls) / A_SECOND + 60)
        taken = {extension: await phone.stop() for extension, phone in phones.items()}
    return (
        {name: counted[name] for name in ("TotalCallCreated", "answered", "refused", "cancelled")},
        {extension: count["TotalCallCreated"] for extension, count in taken.items()},
    )
