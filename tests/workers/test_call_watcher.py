"""The call watcher, event by event: one call, its decision, its lead and its texts in one transaction."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import fake_ami
from tests.builders import CALLER, NOON, OWNER, a_policy, seconds
from tests.daemon.said import Said
from tests.fake_ami import Message
from tests.workers.far_ends import ManualClock, row, rows, states
from textbackd.core.channel_events import ChannelEvent, LinkLost, Privacy, PrivacyTold, SnapshotTaken
from textbackd.core.outcomes import Call
from textbackd.core.policy import Decision, decide
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.trunks import Trunks
from textbackd.store import parties
from textbackd.store.database import Database
from textbackd.workers import call_book
from textbackd.workers.call_watcher import CallWatcher

BOB = "+447700900456"


class Watch:
    """A watcher that is given AMI messages by hand."""

    def __init__(self, database: Database, clock: ManualClock, *, pbx: str = "asterisk") -> None:
        self.bells = 0
        self.watcher = CallWatcher(pbx, database, a_policy, self._wrote)
        self._translator = AsteriskTranslator(Trunks())
        self._clock = clock

    def _wrote(self) -> None:
        self.bells += 1

    def events(self, messages: Sequence[Message]) -> list[ChannelEvent]:
        return [event for message in messages for event in self._translator.events(message, self._clock())]

    async def see(self, *messages: Message, each: float = 0) -> None:
        """Messages so many seconds apart."""
        for message in messages:
            self._clock.move_on(each)
            await self.take(*self.events([message]))

    async def take(self, *events: ChannelEvent) -> None:
        for event in events:
            await self.watcher.take(event, self._clock())


@pytest.fixture
def watch(database: Database, clock: ManualClock) -> Watch:
    return Watch(database, clock)


async def test_a_missed_call_is_all_in_one(watch: Watch, database: Database, clock: ManualClock) -> None:
    """Call, decision, lead, text and the owner's notice; the bell is rung; the call is no longer in the air."""
    await watch.see(*fake_ami.arrives("1.1", CALLER), each=1)
    assert CALLER == (await row(database, "SELECT number FROM live_calls"))["number"]
    assert [] == await rows(database, "SELECT * FROM calls")

    await watch.see(*fake_ami.is_not_answered("1.1"), each=5)

    assert [] == await rows(database, "SELECT * FROM live_calls")
    call = await row(database, "SELECT * FROM calls")
    assert ("no_answer", "text", "nothing_against") == (call["outcome"], call["decision"], call["reason"])
    assert (CALLER, "01632960101", "Sales") == (call["number"], call["did"], call["did_label"])
    lead = await row(database, "SELECT * FROM leads")
    text, notice = await rows(database, "SELECT * FROM outbox ORDER BY id")
    assert (CALLER, "caller", "en/general/missed") == (text["number"], text["kind"], text["template"])
    assert (OWNER, "owner", CALLER) == (notice["number"], notice["kind"], notice["about"])
    ended = clock.now
    assert (ended + seconds(5)).isoformat(timespec="microseconds") == text["not_before"]
    assert (ended + seconds(15)).isoformat(timespec="microseconds") == notice["not_before"]
    for found in (text, notice):
        assert (call["id"], lead["id"]) == (found["call_row"], found["lead_id"])
    assert watch.bells >= 1


async def test_a_call_told_twice_is_one_call(watch: Watch, database: Database) -> None:
    """Repeated, and after a restart that remembers nothing."""
    story = fake_ami.rings_out("1.1", CALLER)
    await watch.see(*[message for message in story for _ in range(2)])
    await watch.see(*story)

    assert 1 == len(await rows(database, "SELECT * FROM calls"))
    assert ["queued", "queued"] == await states(database)


async def test_a_call_told_again_after_a_restart_is_one_call(
    watch: Watch, database: Database, clock: ManualClock
) -> None:
    """The row decides, not the memory; the call does not stay in the air."""
    await watch.see(*fake_ami.rings_out("1.1", CALLER))
    await Watch(database, clock).see(*fake_ami.rings_out("1.1", CALLER))

    assert 1 == len(await rows(database, "SELECT * FROM calls"))
    assert ["queued", "queued"] == await states(database)
    assert [] == await rows(database, "SELECT * FROM live_calls")
    assert 1 == (await row(database, "SELECT calls FROM leads"))["calls"]


async def test_the_same_id_on_another_pbx_is_another_call(watch: Watch, database: Database, clock: ManualClock) -> None:
    """Ids are a PBX's own."""
    await watch.see(*fake_ami.rings_out("1.1", CALLER))
    await Watch(database, clock, pbx="other").see(*fake_ami.rings_out("1.1", BOB))

    assert 2 == len(await rows(database, "SELECT * FROM calls"))


async def test_who_was_texted_is_not_texted_again(watch: Watch, database: Database) -> None:
    """The history is read in the same transaction: two calls that end together make one text."""
    await watch.see(*fake_ami.arrives("1.1", CALLER), *fake_ami.arrives("2.2", CALLER))
    await watch.see(*fake_ami.is_not_answered("1.1"), *fake_ami.is_not_answered("2.2"))

    reasons = await rows(database, "SELECT reason FROM calls ORDER BY id")
    assert ["nothing_against", "repeat"] == [found["reason"] for found in reasons]
    assert 2 == (await row(database, "SELECT calls FROM leads"))["calls"]


async def test_a_withheld_caller_makes_a_lead_per_call(watch: Watch, database: Database) -> None:
    """No number is kept with it, though the PBX shows one."""
    for call_id in ("1.1", "2.2"):
        await watch.see(*fake_ami.arrives(call_id, CALLER))
        await watch.take(PrivacyTold(at=NOON, channel=call_id, privacy=Privacy.WITHHELD))
        await watch.see(*fake_ami.is_not_answered(call_id))

    leads = await rows(database, "SELECT * FROM leads")
    assert [(None, "withheld", 1)] * 2 == [(lead["number"], lead["caller"], lead["calls"]) for lead in leads]
    notices = await rows(database, "SELECT * FROM outbox")
    assert [("owner", None)] * 2 == [(notice["kind"], notice["about"]) for notice in notices]
    assert all(CALLER not in notice["text"] for notice in notices)


async def test_an_answered_call_settles_the_lead(watch: Watch, database: Database, clock: ManualClock) -> None:
    """Missed, then answered: contacted, by whom; nothing new is queued."""
    await watch.see(*fake_ami.rings_out("1.1", CALLER))
    before = await states(database)
    joined = [
        {"Event": "BridgeEnter", "Uniqueid": "2.2", "BridgeUniqueid": "b", "BridgeTechnology": "simple_bridge"},
        {"Event": "BridgeEnter", "Uniqueid": "2.29", "BridgeUniqueid": "b", "BridgeTechnology": "simple_bridge"},
        {"Event": "Hangup", "Uniqueid": "2.29", "Cause": "16"},
        {"Event": "Hangup", "Uniqueid": "2.2", "Cause": "16"},
    ]
    await watch.see(*fake_ami.arrives("2.2", CALLER), *joined, each=3)

    lead = await row(database, "SELECT * FROM leads")
    assert ("contacted", "101", 1) == (lead["status"], lead["contacted_by"], lead["calls"])
    assert before == await states(database)
    answered = await row(database, "SELECT * FROM calls WHERE call_id = '2.2'")
    assert ("answered", "silent") == (answered["outcome"], answered["decision"])
    assert [("101", 3.0)] == [(who.number, who.seconds) for who in parties.from_column(answered["talked_to"])]


# --- what nobody saw -------------------------------------------------------------------------------------------------


async def test_a_call_that_ended_while_nobody_watched_is_unknown(
    watch: Watch, database: Database, clock: ManualClock
) -> None:
    """In the air at the last stop and gone at the next start: a lead, no text, once."""
    await watch.see(*fake_ami.arrives("1.1", CALLER))
    clock.move_on(600)
    again = Watch(database, clock)
    for _ in range(2):
        await again.take(SnapshotTaken(at=clock(), channels=frozenset()))

    call = await row(database, "SELECT * FROM calls")
    assert ("unknown", "silent", "outcome_not_texted") == (call["outcome"], call["decision"], call["reason"])
    assert 1 == (await row(database, "SELECT calls FROM leads"))["calls"]
    (notice,) = await rows(database, "SELECT * FROM outbox")
    assert "owner" == notice["kind"]
    assert "UNSURE" in notice["text"]
    assert [] == await rows(database, "SELECT * FROM live_calls")


async def test_a_call_that_is_still_up_is_followed(watch: Watch, database: Database, clock: ManualClock) -> None:
    """It stays in the air, and is unknown at its end, since its beginning was another life's."""
    arriving = fake_ami.arrives("1.1", CALLER)
    await watch.see(*arriving)
    again = Watch(database, clock)
    complete = {"Event": "CoreShowChannelsComplete"}
    await again.see(*fake_ami.listed(arriving), complete)
    assert 1 == len(await rows(database, "SELECT * FROM live_calls"))

    await again.see(*fake_ami.is_not_answered("1.1"))

    assert "unknown" == (await row(database, "SELECT outcome FROM calls"))["outcome"]
    assert [] == await rows(database, "SELECT * FROM live_calls")


async def test_what_was_first_seen_of_a_call_outlives_a_restart(
    watch: Watch, database: Database, clock: ManualClock
) -> None:
    """Its caller, and the DID that the dialplan told: the channels list what has become of them."""
    arriving = fake_ami.arrives("1.1", CALLER, did="account")
    did = {"Event": "VarSet", "Uniqueid": "1.1", "Variable": "__FROM_DID", "Value": "01632960101"}
    await watch.see(*arriving, did)
    again = Watch(database, clock)
    changed = [{**row, "CallerIDNum": BOB, "Exten": "s"} for row in fake_ami.listed(arriving)]
    status = {"Event": "Status", "Uniqueid": "1.1", "DNID": "account"}
    await again.see(*changed, {"Event": "CoreShowChannelsComplete"}, status)
    live = await row(database, "SELECT caller, number, did FROM live_calls")
    assert (CALLER, CALLER, "01632960101") == tuple(live)

    await again.see(*fake_ami.is_not_answered("1.1"))

    call = await row(database, "SELECT * FROM calls")
    assert (CALLER, CALLER, "01632960101") == (call["caller"], call["number"], call["did"])


async def test_a_lost_link_makes_the_calls_in_the_air_unknown(watch: Watch, database: Database) -> None:
    """Whatever is seen of them afterwards; a call that comes later is whole."""
    await watch.see(*fake_ami.arrives("1.1", CALLER))
    await watch.take(LinkLost(at=NOON), SnapshotTaken(at=NOON, channels=frozenset({"1.1", "1.19"})))
    await watch.see(*fake_ami.is_not_answered("1.1"), *fake_ami.rings_out("2.2", BOB))

    outcomes = await rows(database, "SELECT outcome FROM calls ORDER BY id")
    assert ["unknown", "no_answer"] == [found["outcome"] for found in outcomes]


async def test_a_call_whose_other_legs_never_end_is_over_after_a_grace(
    watch: Watch, database: Database, clock: ManualClock
) -> None:
    """By the time of the tracker, without another event."""
    await watch.see(*fake_ami.arrives("1.1", CALLER), fake_ami.is_not_answered("1.1")[-1])
    assert [] == await rows(database, "SELECT * FROM calls")
    due = watch.watcher.next_deadline()
    assert due is not None
    await watch.watcher.expire(due)

    assert 1 == len(await rows(database, "SELECT * FROM calls"))


# --- trouble ---------------------------------------------------------------------------------------------------------


async def test_a_locked_database_loses_nothing(
    watch: Watch, database: Database, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reported, keeps what it has, and goes on when the lock is gone; calls keep their order."""
    monkeypatch.setattr("textbackd.workers.patiently.TRY_AGAIN", 0.01)
    await database._writer.execute("PRAGMA busy_timeout = 0")
    waiting: asyncio.Queue[ChannelEvent] = asyncio.Queue()
    tried: list[object] = []
    locked, heard = asyncio.Event(), list[str | None]()

    def report(error: str | None) -> None:
        heard.append(error)
        if error is not None:
            locked.set()

    database.report = report
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.TaskGroup() as group:
            running = group.create_task(watch.watcher.run(waiting, lambda: NOON, lambda: tried.append(None)))
            for number, caller in enumerate((CALLER, BOB), 1):
                for event in watch.events(fake_ami.rings_out(f"{number}.{number}", caller)):
                    waiting.put_nowait(event)
            await locked.wait()
            other.execute("ROLLBACK")
            await said.until("call_ended", call_id="2.2")
            running.cancel()

    calls = await rows(database, "SELECT caller, decision FROM calls ORDER BY id")
    assert [(CALLER, "text"), (BOB, "text")] == [tuple(call) for call in calls]
    assert heard[-1] is None
    assert [] == await rows(database, "SELECT * FROM live_calls")


async def test_a_call_that_cannot_be_handled_costs_one_call(
    watch: Watch, database: Database, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged with its id, nothing of it is kept, and the next one still counts."""

    def picky(call: Call, *rest: Any) -> Decision:
        if call.record.call_id == "1.1":
            raise ZeroDivisionError
        return decide(call, *rest)

    monkeypatch.setattr(call_book, "decide", picky)
    await watch.see(*fake_ami.rings_out("1.1", CALLER), *fake_ami.rings_out("2.2", BOB))

    assert ["2.2"] == [call["call_id"] for call in await rows(database, "SELECT call_id FROM calls")]
    assert ["1.1"] == [line["call_id"] for line in said.events("call_not_handled")]
    assert 1 == len(await rows(database, "SELECT * FROM leads"))


async def test_what_the_log_says_is_on_disk(watch: Watch, database: Database, said: Said) -> None:
    """A call is logged once, after its commit."""
    await watch.see(*fake_ami.rings_out("1.1", CALLER))
    await watch.see(*fake_ami.rings_out("1.1", CALLER))

    (line,) = said.events("call_ended")
    assert ("no_answer", "text") == (line["outcome"], line["decision"])
