"""What follows from a call that is over, and from one of the office: leads that are settled, texts that stay."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import fake_ami
from tests.builders import CALLER, NOON, OWNER, a_call, a_policy, a_record, seconds, steps
from tests.daemon import crashing
from tests.daemon.said import Said
from tests.fake_ami import Message
from tests.pbx import replay
from tests.workers.far_ends import ManualClock, row, rows
from textbackd import clock as real_clock
from textbackd import daemon
from textbackd.config import Settings
from textbackd.core import calls as core_calls
from textbackd.core import channel_events as ev
from textbackd.core.call_records import OutsideCall, Party, What
from textbackd.core.calls import LiveCall
from textbackd.core.channel_events import ChannelEvent, ChannelKind
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.outgoing import OutgoingMessage
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Exclusion, Policy
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.asterisk_trunks import Trunks
from textbackd.store import leads, live_calls, parties
from textbackd.store.database import Database
from textbackd.workers import call_book
from textbackd.workers.call_watcher import CallWatcher
from textbackd.workers.sender import take_next

ANNA, BEN = Party(number="101", name="Anna", seconds=60.0), Party(number="102", name="Ben", seconds=45.0)
BOB = E164("+447700900456")
MOBILE = Party(number="07700900777", seconds=15.0, outside=True)
"""A staff member's, to which calls are forwarded."""


def an_outside_call(**values: Any) -> OutsideCall:
    """101 rang ``CALLER`` back a minute after ``a_call``, and they talked for a minute."""
    return dataclasses.replace(
        OutsideCall(
            channel="1795220464.9",
            number="07700900123",
            by=(ANNA,),
            started_at=NOON + seconds(60),
            answered_at=NOON + seconds(70),
            ended_at=NOON + seconds(130),
            talk_seconds=60.0,
        ),
        **values,
    )


def an_answered_call(*talked_to: Party, **values: Any) -> Call:
    """``CALLER`` rang again a minute after ``a_call``, and somebody was on the line."""
    notes = steps((What.ARRIVED,), (What.JOINED, "", talked_to[0].number))
    record = a_record(
        call_id="1795220424.7",
        started_at=NOON + seconds(60),
        ended_at=NOON + seconds(130),
        talk_seconds=sum(party.seconds for party in talked_to),
        talked_to=talked_to,
        steps=tuple(dataclasses.replace(step, at=step.at + seconds(60)) for step in notes),
    )
    return a_call(record, outcome=Outcome.ANSWERED, **values)


class Book:
    """The call book of one office, with a sender that takes what is due."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.policy: Policy = a_policy()
        self._clock = clock

    async def keep(self, call: Call, **how: bool) -> None:
        """An inbound call is over."""
        self._clock.now = call.record.ended_at
        async with self.database.transaction() as tx:
            await call_book.keep(tx, call, self.policy, self._clock(), **how)

    async def keep_outside(self, call: OutsideCall) -> bool:
        """A call of the office is over."""
        self._clock.now = call.ended_at
        async with self.database.transaction() as tx:
            return await call_book.keep_outside(tx, "asterisk", call, self.policy, self._clock())

    async def note_live(self, call: LiveCall, number: E164 | None, pbx: str = "asterisk") -> None:
        """A call is in the air."""
        async with self.database.transaction() as tx:
            await call_book.note_live(tx, pbx, call, number)

    async def leaves(self, *, after: float = 60.0) -> list[tuple[str, str]]:
        """Whom the texts go to that leave within so many seconds, each with its kind."""
        self._clock.move_on(after)
        return [(message.to, message.kind.value) for message in await self._taken()]

    async def _taken(self) -> Sequence[OutgoingMessage]:
        taken: list[OutgoingMessage] = []
        async with self.database.transaction() as tx:
            while message := await take_next(tx, self.policy, "gsm", self._clock()):
                taken.append(message)
        return taken

    async def texts(self) -> list[tuple[str, str, str]]:
        """Kind, state and reason of every text."""
        found = await rows(self.database, "SELECT kind, state, reason FROM outbox ORDER BY id")
        return [(text["kind"], text["state"], text["reason"]) for text in found]

    async def lead(self) -> tuple[str, str, float, bool]:
        """Status of the only lead, who was in contact with it, how long, and whether that may have been a machine."""
        lead = await row(self.database, "SELECT * FROM leads")
        return lead["status"], lead["contacted_by"], lead["contacted_seconds"], bool(lead["maybe_machine"])


@pytest.fixture
def book(database: Database, clock: ManualClock) -> Book:
    return Book(database, clock)


def calling(number: str = "07700900123", call_id: str = "1795220464.9") -> LiveCall:
    """The office calls a number outside."""
    return LiveCall(call_id=call_id, caller=number, did="", started_at=NOON, outbound=True)


# --- contacted -------------------------------------------------------------------------------------------------------


async def test_a_lead_that_is_rung_back_is_contacted(book: Book) -> None:
    """By whom and how long; neither the caller nor the owner is texted any more."""
    await book.keep(a_call())
    assert ("new", "", 0.0, False) == await book.lead()

    assert await book.keep_outside(an_outside_call(by=(ANNA, BEN), talk_seconds=75.0))

    assert ("contacted", "101 Anna, 102 Ben", 75.0, False) == await book.lead()
    assert [] == await book.leaves()
    assert [("caller", "cancelled", "already_served"), ("owner", "cancelled", "already_served")] == await book.texts()


async def test_a_lead_that_is_answered_when_it_calls_again_is_contacted(book: Book) -> None:
    """The same, whoever rang whom."""
    await book.keep(a_call())
    await book.keep(an_answered_call(ANNA))

    assert ("contacted", "101 Anna", 60.0, False) == await book.lead()
    assert [] == await book.leaves()
    assert [("caller", "cancelled", "already_served"), ("owner", "cancelled", "already_served")] == await book.texts()


@pytest.mark.parametrize(
    "dialled", ["07700900123", "+447700900123", "00447700900123", "447700900123", "07700 900 123", "0044 7700 900123"]
)
async def test_a_number_is_known_however_it_is_dialled(book: Book, dialled: str) -> None:
    """Many carriers want it in international form, with or without a plus."""
    await book.keep(a_call())

    assert await book.keep_outside(an_outside_call(number=dialled))
    assert CALLER == (await row(book.database, "SELECT number FROM outside_calls"))["number"]


@pytest.mark.parametrize("dialled", ["+12125550123", "0012125550123", "12125550123"])
async def test_a_number_abroad_is_known_however_it_is_dialled(book: Book, dialled: str) -> None:
    """Without a plus it is no number of the office's country."""
    await book.keep(a_call(a_record(caller="+12125550123")))

    assert await book.keep_outside(an_outside_call(number=dialled))


async def test_who_was_reached_for_a_moment_only_is_not_contacted(book: Book) -> None:
    """Shorter than minimum_talk: the text goes, and the lead stays new."""
    await book.keep(a_call())

    assert not await book.keep_outside(an_outside_call(talk_seconds=1.9))
    assert ("new", "", 0.0, False) == await book.lead()
    assert [(CALLER, "caller"), (OWNER, "owner")] == await book.leaves()
    assert [] == await rows(book.database, "SELECT * FROM outside_calls")


async def test_a_short_call_back_may_have_reached_a_machine(book: Book) -> None:
    """It counts until somebody is reached for longer; from then on it is settled."""
    await book.keep(a_call())
    await book.keep_outside(an_outside_call(talk_seconds=19.9))
    assert ("contacted", "101 Anna", 19.9, True) == await book.lead()

    later = an_outside_call(channel="1795220999.1", by=(BEN,), ended_at=NOON + seconds(900), talk_seconds=20.0)
    await book.keep_outside(later)
    assert ("contacted", "102 Ben", 20.0, False) == await book.lead()

    await book.keep_outside(dataclasses.replace(later, channel="1795221999.1", by=(ANNA,), talk_seconds=5.0))
    assert ("contacted", "102 Ben", 20.0, False) == await book.lead()


async def test_a_call_that_is_kept_twice_settles_nothing_the_second_time(book: Book) -> None:
    """Another daemon watches the same PBX and is late; meanwhile the caller was missed once more."""
    await book.keep(a_call())
    await book.keep_outside(an_outside_call())
    missed_again = a_record(call_id="2.2", started_at=NOON + seconds(600), ended_at=NOON + seconds(620))
    await book.keep(a_call(missed_again))
    await book.keep_outside(an_outside_call())

    assert "new" == (await book.lead())[0]
    assert 1 == len(await rows(book.database, "SELECT * FROM outside_calls"))


async def test_a_lead_that_is_missed_again_was_not_contacted_about_that(book: Book) -> None:
    """It is new, and nobody has been in contact since: what a machine may have taken was no talk of Anna's."""
    await book.keep(a_call())
    await book.keep_outside(an_outside_call())
    again = an_answered_call(MOBILE, maybe_machine=True)
    await book.keep(dataclasses.replace(again, record=dataclasses.replace(again.record, ended_at=NOON + seconds(900))))

    assert ("new", "", 0.0, True) == await book.lead()


# --- machines --------------------------------------------------------------------------------------------------------


async def test_a_call_that_a_machine_may_have_taken_makes_a_lead(book: Book) -> None:
    """No text to the caller; the owner is told, and that notice is not served by the very call that it is about."""
    await book.keep(an_answered_call(MOBILE, maybe_machine=True))
    assert ("new", "", 0.0, True) == await book.lead()

    assert [(OWNER, "owner")] == await book.leaves()
    assert "VOICEMAIL?" in (await row(book.database, "SELECT text FROM outbox"))["text"]


async def test_a_call_back_serves_a_call_that_a_machine_may_have_taken(book: Book) -> None:
    """What the owner would be told is settled then."""
    await book.keep(an_answered_call(MOBILE, maybe_machine=True))
    back = an_outside_call(
        started_at=NOON + seconds(131), answered_at=NOON + seconds(135), ended_at=NOON + seconds(195)
    )
    await book.keep_outside(back)

    assert ("contacted", "101 Anna", 60.0, False) == await book.lead()
    assert [] == await book.leaves()


async def test_an_excluded_caller_whom_a_machine_may_have_taken_is_perhaps_contacted(book: Book) -> None:
    """He makes no new lead; the one that he had before he was put on the list is not settled for sure."""
    await book.keep(a_call())
    book.policy = a_policy(exclusions=(Exclusion(label="crew", number=CALLER),))
    await book.keep(an_answered_call(MOBILE, maybe_machine=True))

    assert ("contacted", "07700900777", 15.0, True) == await book.lead()


# --- on the line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pbx", ["asterisk", "other"])
async def test_no_text_leaves_while_its_number_is_being_called(book: Book, pbx: str) -> None:
    """By whichever PBX; nor does the owner's notice. When nobody was reached both leave after all."""
    await book.keep(a_call())
    await book.note_live(calling(), CALLER, pbx)
    assert [] == await book.leaves()

    async with book.database.transaction() as tx:
        await live_calls.remove(tx, pbx, "1795220464.9")
    assert [(CALLER, "caller"), (OWNER, "owner")] == await book.leaves()


async def test_the_end_of_a_call_and_the_contact_are_one(book: Book) -> None:
    """There is no moment in which the number is neither being called nor contacted."""
    await book.keep(a_call())
    await book.note_live(calling(), CALLER)
    await book.keep_outside(an_outside_call())

    assert [] == await rows(book.database, "SELECT * FROM live_calls")
    assert [] == await book.leaves()


async def test_a_call_to_a_number_that_never_called_is_recorded_nowhere(book: Book) -> None:
    """Whom the staff calls otherwise is nobody's business; a simulated call makes nobody known."""
    await book.keep(a_call(a_record(caller=BOB)), simulated=True)
    before = [await rows(book.database, f"SELECT * FROM {table}") for table in ("leads", "outbox")]
    for number in (CALLER, BOB):
        await book.note_live(calling(number), number)
        assert [] == await rows(book.database, "SELECT * FROM live_calls")
        assert not await book.keep_outside(an_outside_call(number=number))

    assert [] == await rows(book.database, "SELECT * FROM outside_calls")
    assert before == [await rows(book.database, f"SELECT * FROM {table}") for table in ("leads", "outbox")]


@pytest.mark.parametrize("number", ["101", "*97", "s", "", "84433"])
async def test_what_is_no_phone_number_is_nobody(book: Book, number: str) -> None:
    """An extension at another site, a feature code, a short code."""
    await book.keep(a_call())
    await book.note_live(calling(number), None)

    assert not await book.keep_outside(an_outside_call(number=number))
    assert [] == await rows(book.database, "SELECT * FROM live_calls")


async def test_a_number_that_only_wrote_is_known(book: Book) -> None:
    """Its lead came by text."""
    async with book.database.transaction() as tx:
        await leads.for_text(tx, "Hill Plumbing", CALLER, NOON)

    assert await book.keep_outside(an_outside_call())
    assert "contacted" == (await book.lead())[0]


async def test_a_caller_whose_first_call_is_not_over_is_known(book: Book) -> None:
    """He hung up a second ago, or still waits in the queue, and is being called already: no text comes between."""
    waiting = LiveCall(call_id="1.1", caller=CALLER, did="01632960101", started_at=NOON)
    await book.note_live(waiting, CALLER)
    await book.note_live(calling(), CALLER)

    assert [0, 1] == [
        live["outbound"] for live in await rows(book.database, "SELECT outbound FROM live_calls ORDER BY outbound")
    ]


# --- simulated -------------------------------------------------------------------------------------------------------


async def test_a_simulated_call_touches_no_real_lead(book: Book) -> None:
    """Neither a missed one nor an answered one; what it makes is flagged."""
    await book.keep(a_call())
    real = await rows(book.database, "SELECT * FROM leads")
    await book.keep(a_call(a_record(call_id="2.2")), simulated=True)
    await book.keep(an_answered_call(ANNA), simulated=True)

    assert real == await rows(book.database, "SELECT * FROM leads WHERE NOT simulated")
    assert ["new"] == [lead["status"] for lead in await rows(book.database, "SELECT * FROM leads WHERE simulated")]
    flags = await rows(book.database, "SELECT simulated FROM calls UNION ALL SELECT simulated FROM outbox ORDER BY 1")
    assert [0, 0, 0, 1, 1, 1] == [found["simulated"] for found in flags]  # the real call's two texts, and the notice


async def test_a_simulated_answer_keeps_no_real_text_back(book: Book) -> None:
    """Nobody was on the line."""
    await book.keep(a_call())
    await book.keep(an_answered_call(ANNA), simulated=True)

    assert [(CALLER, "caller"), (OWNER, "owner")] == await book.leaves()


async def test_without_send_nothing_is_queued(book: Book) -> None:
    """The call is on record with its decision, and has its lead."""
    await book.keep(a_call(), simulated=True, send=False)

    assert [] == await book.texts()
    assert "text" == (await row(book.database, "SELECT decision FROM calls"))["decision"]
    assert 1 == (await row(book.database, "SELECT simulated FROM leads"))["simulated"]


# --- through the watcher ---------------------------------------------------------------------------------------------


class Watch:
    """A watcher that is given events by hand, and a sender beside it."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.book = Book(database, clock)
        self.watcher = CallWatcher("asterisk", database, self.book.policy, lambda: None)
        self._translator = AsteriskTranslator(Trunks())
        self._clock = clock

    async def see(self, *messages: Message) -> None:
        """Messages of an Asterisk, a second apart."""
        for message in messages:
            self._clock.move_on(1)
            await self.take(*self._translator.events(message, self._clock()))

    async def take(self, *events: ChannelEvent) -> None:
        """Channel events, all now."""
        for event in events:
            await self.watcher.take(event, self._clock())

    async def in_the_air(self) -> list[str]:
        """The calls that are noted as such."""
        return [live["call_id"] for live in await rows(self.book.database, "SELECT call_id FROM live_calls")]


@pytest.fixture
def watch(database: Database, clock: ManualClock) -> Watch:
    return Watch(database, clock)


def outside_leg(channel: str = "lead", group: str = "101", number: str = "", **values: Any) -> ev.ChannelAppeared:
    return ev.ChannelAppeared(
        at=NOON, channel=channel, name="X", kind=ChannelKind.OUTSIDE, linkedid=group, number=number, **values
    )


def dialled(channel: str = "lead", number: str = CALLER) -> ev.DialStarted:
    return ev.DialStarted(at=NOON, channel=channel, by="101", number=number)


def gone(channel: str = "lead") -> ev.ChannelGone:
    return ev.ChannelGone(at=NOON, channel=channel)


def hang_up(uniqueid: str) -> Message:
    return {"Event": "Hangup", "Channel": "X", "Uniqueid": uniqueid, "Cause": "16"}


@pytest.mark.parametrize(
    ("name", "by"), [("j01_outbound_answered", "101 Anna"), ("j09_originate_local_callback", "102 Ben")]
)
async def test_a_recorded_call_back_is_a_contact_without_a_gap(
    watch: Watch, clock: ManualClock, name: str, by: str
) -> None:
    """The text is due all the while; from the dialling on there is no event after which it would leave."""
    events = replay.events(replay.TRACES / "filtered" / f"{name}.ami")
    began = next(event.at for event in events if isinstance(event, ev.DialStarted) and event.number == "07700900555")
    missed = a_record(caller="07700900555", started_at=began - seconds(60), ended_at=began - seconds(40))
    await watch.book.keep(a_call(missed))
    clock.now = events[0].at
    in_the_air: list[int] = []
    for event in events:
        clock.now = max(clock.now, event.at)
        await watch.take(event)
        if event.at > began:
            assert [] == [to for to, kind in await watch.book.leaves(after=0) if kind == "caller"]
        in_the_air.append(len(await watch.in_the_air()))

    assert {0, 1} == set(in_the_air)
    assert 0 == in_the_air[-1]
    assert ("contacted", by) == (await watch.book.lead())[:2]
    clock.move_on(2)
    assert [] == await watch.book.leaves()
    assert ("caller", "cancelled", "already_served") in await watch.book.texts()


async def test_a_leg_to_which_a_caller_is_forwarded_is_not_being_called(watch: Watch) -> None:
    """Though its number is a lead's."""
    await watch.book.keep(a_call())
    await watch.see(*fake_ami.arrives("1.1", BOB))
    await watch.take(outside_leg(group="1.1"), dialled())

    assert ["1.1"] == await watch.in_the_air()


async def test_a_call_that_reaches_nobody_is_in_the_air_until_its_end(watch: Watch) -> None:
    """It rings out; the lead stays new, and the text leaves."""
    await watch.book.keep(a_call())
    await watch.take(outside_leg(), dialled())
    assert ["lead"] == await watch.in_the_air()

    await watch.take(gone())

    assert [] == await watch.in_the_air()
    assert ("new", "", 0.0, False) == await watch.book.lead()
    assert [(CALLER, "caller"), (OWNER, "owner")] == await watch.book.leaves()


async def test_a_call_whose_hang_up_was_lost_is_not_in_the_air_for_ever(watch: Watch, clock: ManualClock) -> None:
    """After half a day it is given up, reached or not, and nothing is kept of it; else no text would leave again."""
    await watch.book.keep(a_call())
    await watch.take(outside_leg(), dialled(), outside_leg("other"), dialled("other", BOB))
    clock.now += core_calls.LONGEST_CALL + seconds(60)
    await watch.watcher.expire(clock.now)

    assert [] == await watch.in_the_air()
    assert set() == watch.watcher._outside


async def test_legs_that_go_while_nobody_watches_leave_nothing_behind(watch: Watch) -> None:
    """Of the number that is known and of the one that is not."""
    await watch.book.keep(a_call())
    await watch.take(outside_leg(), dialled(), outside_leg("other"), dialled("other", BOB))
    await watch.take(ev.LinkLost(at=NOON), ev.SnapshotTaken(at=NOON, channels=frozenset()))

    assert [] == await watch.in_the_air()
    assert set() == watch.watcher._outside


async def test_a_call_back_whose_end_nobody_saw_keeps_the_text_back(watch: Watch) -> None:
    """It rang when the link was lost, and is over: perhaps they talked. The lead stays new, and the owner is told."""
    await watch.book.keep(a_call())
    await watch.take(outside_leg(), dialled(), ev.LinkLost(at=NOON))
    await watch.take(ev.SnapshotTaken(at=NOON, channels=frozenset()))

    assert "new" == (await watch.book.lead())[0]
    assert [(OWNER, "owner")] == await watch.book.leaves()
    assert ("caller", "cancelled", "perhaps_served") in await watch.book.texts()


async def test_a_call_back_over_a_restart_ends(watch: Watch, database: Database, clock: ManualClock) -> None:
    """The next life finds it in the air, follows it, and sees its end."""
    await watch.book.keep(a_call())
    await watch.take(outside_leg(), dialled())
    again = Watch(database, clock)
    await again.take(outside_leg(from_middle=True), ev.SnapshotTaken(at=NOON, channels=frozenset({"lead"})))
    assert ["lead"] == await again.in_the_air()

    await again.take(gone())

    assert [] == await again.in_the_air()


async def test_a_call_back_that_began_while_nobody_watched_keeps_the_text(watch: Watch) -> None:
    """A snapshot finds it, where it tells the number; a leg in it to which a caller is forwarded is none."""
    await watch.book.keep(a_call())
    caller = ev.ChannelAppeared(
        at=NOON, channel="caller", name="X", kind=ChannelKind.INBOUND, linkedid="caller", number=BOB, from_middle=True
    )
    await watch.take(
        outside_leg("forwarded", "caller", CALLER, from_middle=True),
        caller,
        outside_leg(number=CALLER, from_middle=True),
        ev.SnapshotTaken(at=NOON, channels=frozenset({"forwarded", "caller", "lead"})),
    )

    assert {"lead", "caller"} == set(await watch.in_the_air())
    assert [] == [to for to, kind in await watch.book.leaves() if kind == "caller"]


async def test_a_phone_that_registered_under_a_random_name_is_known_by_its_extension(watch: Watch) -> None:
    """FreePBX dials each contact of 101 by its URI; that of a softphone in a browser begins with nonsense."""
    contact = {"DialString": "101/sip:3kd0a8f2@df7jal23ls0d.invalid;transport=ws"}
    arriving = [m | contact if m["Event"] == "DialBegin" else m for m in map(dict, fake_ami.arrives("1.1", CALLER))]
    joined = [
        {"Event": "BridgeEnter", "Uniqueid": leg, "BridgeUniqueid": "b", "BridgeTechnology": "simple_bridge"}
        for leg in ("1.1", "1.19")
    ]
    await watch.see(*arriving, *joined, hang_up("1.19"), hang_up("1.1"))

    call = await row(watch.book.database, "SELECT rang, talked_to FROM calls")
    assert ("101", "101") == (parties.in_words(call["rang"]), parties.in_words(call["talked_to"]))


async def test_the_log_does_not_say_whom_the_staff_calls(watch: Watch, said: Said) -> None:
    """A lead that is called back, yes; anybody else not even masked, and no call of the office has arrived."""
    await watch.book.keep(a_call())
    await watch.take(outside_leg("other"), dialled("other", BOB), gone("other"))
    assert [] == said.lines

    await watch.take(outside_leg(), dialled())
    assert [] == said.events("call_arrived")


# --- over a restart --------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[None]:
    """A daemon in this process."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(daemon.run(settings, stop=stop))
        yield
        stop.set()


def listed(channel: str, uniqueid: str, linkedid: str, bridge: str = "") -> dict[str, str]:
    """A row of a snapshot: somebody whom a phone of the office, or a click, has called."""
    return {
        "Event": "CoreShowChannel", "Channel": channel, "ChannelState": "6", "Uniqueid": uniqueid,
        "Linkedid": linkedid, "CallerIDNum": "s", "Context": "from-trunk", "Exten": "", "Application": "AppDial",
        "ApplicationData": "(Outgoing Line)", "Duration": "00:00:05", "BridgeId": bridge,
    }  # fmt: skip


async def lead_being_called(settings: Settings) -> None:
    """What an earlier life left: a lead, and that it is being called."""
    live = LiveCall(call_id="9.9", caller=CALLER, did="", started_at=real_clock.utc_now(), outbound=True)
    async with Database.open(settings.database) as database, database.transaction() as tx:
        await leads.for_text(tx, "Hill Plumbing", CALLER, NOON)
        await live_calls.add(tx, "asterisk", live, CALLER)


@pytest.mark.parametrize("linkedid", ["9.8", "9.9"], ids=["a phone dialled", "a click rang outside first"])
async def test_a_call_back_is_no_call_from_outside_after_a_restart(tmp_path: Path, said: Said, linkedid: str) -> None:
    """What was in the air is known again as what it was: no call is judged, nobody told, and it ends."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        await lead_being_called(settings)
        ami.channels = [listed("PJSIP/trunk-00000009", "9.9", linkedid)]
        async with at_work(settings):
            await said.until("pbx_connected")
            ami.send(hang_up("9.9"), *fake_ami.rings_out("2.2", BOB))
            await said.until("call_ended", call_id="2.2")
        async with Database.open(settings.database) as database:
            assert ["2.2"] == [call["call_id"] for call in await rows(database, "SELECT call_id FROM calls")]
            assert [] == await rows(database, "SELECT * FROM live_calls")


async def test_a_call_back_is_a_contact_over_a_restart(tmp_path: Path, said: Said) -> None:
    """The list of channels has forgotten the number; what is noted of the calls in the air has not."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        settings = dataclasses.replace(settings, policy=a_policy(minimum_talk=seconds(0)))
        await lead_being_called(settings)
        phone = listed("PJSIP/101-00000008", "9.8", "9.8", bridge="b") | {"Context": "from-internal"}
        ami.channels = [listed("PJSIP/trunk-00000009", "9.9", "9.8", bridge="b"), phone]
        async with at_work(settings):
            await said.until("pbx_connected")
            ami.send(hang_up("9.8"), hang_up("9.9"), *fake_ami.rings_out("2.2", BOB))
            await said.until("call_ended", call_id="2.2")
        async with Database.open(settings.database) as database:
            lead = await row(database, "SELECT status, contacted_by FROM leads WHERE number = ?1", CALLER)
            assert ("contacted", "101") == (lead["status"], lead["contacted_by"])
