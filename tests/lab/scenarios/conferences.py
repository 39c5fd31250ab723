"""Callers in a conference room, with somebody of ours or without."""

from tests.lab import behaviour, office
from tests.lab.branch import TALK, Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, rings_at, talking
from textbackd.core.outcomes import Outcome

ROOM = "01632960303"
"""A room where whoever is there hears the others."""
WAITING_ROOM = "01632960304"
"""A room where outsiders hear music until somebody of ours is there."""
STAFF_TO_ROOM = "800"
STAFF_TO_WAITING_ROOM = "801"

LOUD_ROOM = "01632960307"
"""ROOM with its announcements: who comes first is told that he is the only one, and is not in the room meanwhile."""

conferences = Family("Conferences")


async def _enters(branch: Branch, room: str) -> Call:
    """A caller dials into a room."""
    caller = await branch.call(room)
    await caller.answered()
    return caller


async def _joins(branch: Branch, desk: int, room: str) -> Call:
    """Somebody of ours does."""
    call = await branch.phones[desk].call(room)
    await call.answered()
    return call


@conferences.ends(Outcome.ABANDONED_QUEUE)
async def conference_alone(branch: Branch) -> None:
    """The caller is alone in the room, hears music, and leaves."""
    caller = await _enters(branch, ROOM)
    await branch.talk(caller)
    await caller.hang_up()


@conferences.ends(Outcome.ABANDONED_QUEUE, Outcome.ABANDONED_QUEUE)
async def conference_two_outsiders(branch: Branch) -> None:
    """Two callers meet in the room; nobody of ours comes."""
    first = await _enters(branch, ROOM)
    second = await _enters(branch, ROOM)
    await branch.talk(first, second)
    await first.hang_up()
    await second.hang_up()


@conferences.ends(Outcome.ANSWERED)
async def conference_with_staff(branch: Branch) -> None:
    """Alice is in the room when the caller comes."""
    alice = await _joins(branch, 1, STAFF_TO_ROOM)
    caller = await _enters(branch, ROOM)
    await branch.talk(caller, alice)
    await caller.hang_up()
    await alice.hang_up()


@conferences.ends(Outcome.ANSWERED)
async def conference_staff_comes_later(branch: Branch) -> None:
    """The caller waits in the room until Alice comes."""
    caller = await _enters(branch, ROOM)
    await branch.talk(caller, seconds=0.5)
    alice = await _joins(branch, 1, STAFF_TO_ROOM)
    await branch.talk(caller, alice)
    await alice.hang_up()
    await branch.talk(caller, seconds=0.3)
    await caller.hang_up()


@conferences.ends(Outcome.ABANDONED_QUEUE)
async def conference_staff_has_left(branch: Branch) -> None:
    """Alice waited, and left; then the caller comes, and finds nobody."""
    alice = await _joins(branch, 1, STAFF_TO_ROOM)
    await branch.talk(alice, seconds=0.5)
    await branch.gone(alice)
    caller = await _enters(branch, ROOM)
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@conferences.ends(Outcome.ANSWERED, Outcome.ANSWERED, Outcome.ABANDONED_QUEUE)
async def conference_one_comes_too_late(branch: Branch) -> None:
    """Two callers talk with Alice; the third comes when only the second is still there."""
    alice = await _joins(branch, 1, STAFF_TO_ROOM)
    first = await _enters(branch, ROOM)
    second = await _enters(branch, ROOM)
    await branch.talk(alice, first, second)
    await first.hang_up()
    await branch.gone(alice)
    third = await _enters(branch, ROOM)
    await branch.talk(second, third, seconds=1)
    await second.hang_up()
    await third.hang_up()


@conferences.ends(Outcome.ANSWERED)
async def conference_announced(branch: Branch) -> None:
    """The room tells the caller that he is the only one; Alice comes meanwhile."""
    caller = await _enters(branch, LOUD_ROOM)
    alice = await _joins(branch, 1, STAFF_TO_ROOM)
    await branch.talk(caller, alice, seconds=6)
    await caller.hang_up()
    await alice.hang_up()


@conferences.ends(Outcome.ABANDONED_QUEUE)
async def conference_announced_and_given_up(branch: Branch) -> None:
    """The room tells the caller that he is the only one, and he hangs up at once; Alice finds an empty room."""
    caller = await _enters(branch, LOUD_ROOM)
    await branch.talk(caller, seconds=0.5)
    await branch.gone(caller)
    alice = await _joins(branch, 1, STAFF_TO_ROOM)
    await alice.hang_up()


@conferences.ends(Outcome.ABANDONED_QUEUE)
async def conference_waiting_alone(branch: Branch) -> None:
    """The caller waits for somebody of ours to open the room, and gives up."""
    caller = await _enters(branch, WAITING_ROOM)
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@conferences.ends(Outcome.ANSWERED)
async def conference_waiting_then_staff(branch: Branch) -> None:
    """The caller waits until Alice opens the room; when she leaves, it closes."""
    caller = await _enters(branch, WAITING_ROOM)
    await branch.talk(caller, seconds=0.5)
    alice = await _joins(branch, 1, STAFF_TO_WAITING_ROOM)
    await branch.talk(caller, alice)
    await alice.hang_up()
    await caller.ended()


@conferences.ends(Outcome.ABANDONED_QUEUE, Outcome.ANSWERED)
async def conference_one_did_not_wait(branch: Branch) -> None:
    """Two callers wait; the first leaves before Alice opens the room, the second talks to her."""
    first = await _enters(branch, WAITING_ROOM)
    second = await _enters(branch, WAITING_ROOM)
    await branch.talk(first, second, seconds=0.5)
    await branch.gone(first)
    alice = await _joins(branch, 1, STAFF_TO_WAITING_ROOM)
    await branch.talk(second, alice)
    await alice.hang_up()
    await second.ended()


@conferences.ends(Outcome.ANSWERED)
async def conference_with_a_mobile(branch: Branch) -> None:
    """The room calls Carol's mobile, and she talks to the caller."""
    caller = await _enters(branch, ROOM)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await (await branch.ami()).perform(
        "Originate",
        Channel=f"PJSIP/{office.MOBILE}@trunk-{branch.site.number}",
        Context=f"from-internal-{branch.site.number}",
        Exten=STAFF_TO_ROOM,
        Priority="1",
        Async="true",
    )
    carol = await branch.carrier.next_call()
    await carol.answered()
    await branch.talk(caller, carol, seconds=2.5)
    await caller.hang_up()
    await carol.hang_up()


@conferences.ends(Outcome.ANSWERED)
async def conference_transferred_into(branch: Branch) -> None:
    """Alice sends the caller into the room where Bob and Carol are; they talk."""
    bob = await _joins(branch, 2, STAFF_TO_ROOM)
    carol = await _joins(branch, 3, STAFF_TO_ROOM)
    caller, alice = await talking(branch)
    await alice.transfer_to(STAFF_TO_ROOM)
    await branch.talk(caller, bob, carol)
    await caller.hang_up()
    await bob.hang_up()
    await carol.hang_up()


@conferences.ends(Outcome.ANSWERED_THEN_LOST)
async def conference_transferred_into_empty(branch: Branch) -> None:
    """Alice sends the caller into the room, but nobody is or comes there; he hears music and leaves."""
    caller, alice = await talking(branch, seconds=TALK)
    await alice.transfer_to(STAFF_TO_ROOM)
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@conferences.ends(Outcome.ANSWERED)
async def conference_of_three(branch: Branch) -> None:
    """Alice takes the caller along into the room (AMI Redirect of both), and Bob joins them."""
    caller, alice = await talking(branch)
    ami = await branch.ami()
    await ami.perform(
        "Redirect",
        Channel=await ami.channel(caller.call_id),
        ExtraChannel=await ami.channel(alice.call_id),
        Context=f"from-internal-{branch.site.number}",
        ExtraContext=f"from-internal-{branch.site.number}",
        Exten=STAFF_TO_ROOM,
        ExtraExten=STAFF_TO_ROOM,
        Priority="1",
        ExtraPriority="1",
    )
    bob = await _joins(branch, 2, STAFF_TO_ROOM)
    await branch.talk(caller, alice, bob)
    await caller.hang_up()
    await alice.hang_up()
    await bob.hang_up()


@conferences.ends(Outcome.ANSWERED)
async def conference_attended_into(branch: Branch) -> None:
    """Alice dials into the room where Bob waits, and hands the caller over into it."""
    bob = await _joins(branch, 2, STAFF_TO_ROOM)
    caller, alice = await talking(branch)
    await alice.hold()
    second_line = await _joins(branch, 1, STAFF_TO_ROOM)
    await branch.talk(second_line, seconds=A_FEW_WORDS)
    await alice.transfer_into(second_line)
    await branch.talk(caller, bob)
    await caller.hang_up()
    await bob.hang_up()


@conferences.ends(Outcome.ANSWERED_THEN_LOST)
async def conference_attended_into_empty(branch: Branch) -> None:
    """Alice dials into the empty room, hands the caller over into it, and nobody else comes."""
    caller, alice = await talking(branch, seconds=TALK)
    await alice.hold()
    second_line = await _joins(branch, 1, STAFF_TO_ROOM)
    await branch.talk(second_line, seconds=A_FEW_WORDS)
    await alice.transfer_into(second_line)
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@conferences.ends(Outcome.ABANDONED_RINGING, Outcome.ANSWERED)
async def conference_while_another_rings(branch: Branch) -> None:
    """While Alice is in the room with one caller, another rings her phone in vain."""
    alice = await _joins(branch, 1, STAFF_TO_ROOM)
    other = await branch.call(office.PATIENT)
    await rings_at(branch, 1)
    caller = await _enters(branch, ROOM)
    await branch.talk(caller, alice)
    await other.hang_up()
    await caller.hang_up()
    await alice.hang_up()
