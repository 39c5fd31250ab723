"""Calls of the office as the watcher sees them, from the dialling to the hang-up."""

from typing import Any

import pytest

from tests import fake_ami
from tests.builders import CALLER, NOON, OWNER, a_call, a_policy, a_record, seconds
from tests.daemon.said import Said
from tests.pbx import replay
from tests.workers.call_book.book import BOB
from tests.workers.call_book.watch import Watch, hang_up
from tests.workers.far_ends import ManualClock, row
from textbackd.core import calls as core_calls
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelKind
from textbackd.store import parties
from textbackd.store.database import Database


def outside_leg(channel: str = "lead", group: str = "101", number: str = "", **values: Any) -> ev.ChannelAppeared:
    return ev.ChannelAppeared(
        at=NOON, channel=channel, name="X", kind=ChannelKind.OUTSIDE, group=group, number=number, **values
    )


def dialled(channel: str = "lead", number: str = CALLER) -> ev.DialStarted:
    return ev.DialStarted(at=NOON, channel=channel, by="101", number=number)


def gone(channel: str = "lead") -> ev.ChannelGone:
    return ev.ChannelGone(at=NOON, channel=channel)


@pytest.mark.parametrize(
    ("name", "by"), [("j01_outbound_answered", "101 Anna"), ("j09_originate_local_callback", "102 Ben")]
)
async def test_a_recorded_call_back_is_a_contact_without_a_gap(
    watch: Watch, clock: ManualClock, name: str, by: str
) -> None:
    """The text is due all the while; from the dialling on there is no event after which it would leave."""
    watch.book.policy = a_policy(instant_at_night=True)
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
        at=NOON, channel="caller", name="X", kind=ChannelKind.INBOUND, group="caller", number=BOB, from_middle=True
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
