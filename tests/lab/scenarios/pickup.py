"""A phone rings, and somebody at another desk takes the call."""

from tests.lab import office
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import ERIN, lamps_blink, picks_up, rings_at, talk_and_hang_up, talking
from textbackd.core.outcomes import Outcome

FRONT_OFFICE = "01632960306"
"""Alice and Bob, for a minute."""
GROUP = "*8"
"""Takes what rings in the groups of one's own phone."""

pickup = Family("Pickup")


def _at(branch: Branch, desk: int) -> str:
    """The code that takes what rings at a desk."""
    return f"**{branch.extension(desk)}"


async def _picked_up(branch: Branch, did: str, *, rings: int, taken_at: int, code: str) -> None:
    """A caller for whom one desk rings is taken at another by a code; they talk, and he ends it."""
    caller = await branch.call(did)
    ringing = await rings_at(branch, rings)
    colleague = await picks_up(branch, taken_at, ringing, code)
    await talk_and_hang_up(branch, caller, colleague)


@pickup.ends(Outcome.ANSWERED)
async def pickup_group(branch: Branch) -> None:
    """Alice's phone rings; Bob, at the next desk, dials *8."""
    await _picked_up(branch, office.PATIENT, rings=1, taken_at=2, code=GROUP)


@pickup.ends(Outcome.ANSWERED)
async def pickup_from_another_group(branch: Branch) -> None:
    """Carol in the workshop may take the front office's calls, and does, by *8."""
    await _picked_up(branch, office.PATIENT, rings=1, taken_at=3, code=GROUP)


@pickup.ends(Outcome.ABANDONED_RINGING)
async def pickup_not_allowed(branch: Branch) -> None:
    """Erin is in no group of Alice's: her *8 finds nothing, and the caller gives up."""
    caller = await branch.call(office.PATIENT)
    await rings_at(branch, 1)
    erin = await branch.phones[5].call(GROUP)
    assert await erin.ended() >= 400
    await caller.hang_up()


@pickup.ends(Outcome.ANSWERED)
async def pickup_directed(branch: Branch) -> None:
    """Bob names the phone whose call he takes."""
    await _picked_up(branch, office.PATIENT, rings=1, taken_at=2, code=_at(branch, 1))


@pickup.ends(Outcome.ANSWERED)
async def pickup_directed_from_no_group(branch: Branch) -> None:
    """Naming the phone needs no group: Erin can."""
    await _picked_up(branch, office.PATIENT, rings=1, taken_at=5, code=_at(branch, 1))


@pickup.ends(Outcome.ANSWERED)
async def pickup_directed_ring_group(branch: Branch) -> None:
    """Alice's and Bob's phones ring; Carol takes it from Bob's."""
    await _picked_up(branch, FRONT_OFFICE, rings=2, taken_at=3, code=_at(branch, 2))


@pickup.ends(Outcome.ANSWERED)
async def pickup_by_lamp_key(branch: Branch) -> None:
    """Bob presses the blinking key beside Alice's name (INVITE with Replaces)."""
    await branch.ami()
    caller = await branch.call(office.PATIENT)
    ringing = await rings_at(branch, 1)
    await lamps_blink(branch, caller)
    bob = await picks_up(branch, 2, ringing, branch.extension(1), by_lamp=True)
    await talk_and_hang_up(branch, caller, bob)


@pickup.ends(Outcome.ANSWERED)
async def pickup_queue(branch: Branch) -> None:
    """The queue rings its agents; Carol, who is none, takes the call by *8."""
    await _picked_up(branch, office.QUEUE, rings=1, taken_at=3, code=GROUP)


@pickup.ends(Outcome.ANSWERED)
async def pickup_queue_directed(branch: Branch) -> None:
    """The same, naming the agent whose phone rings."""
    await _picked_up(branch, office.QUEUE, rings=1, taken_at=3, code=_at(branch, 1))


@pickup.ends(Outcome.ABANDONED_RINGING)
async def pickup_too_late(branch: Branch) -> None:
    """The caller gives up a moment before Bob dials *8."""
    caller = await branch.call(office.PATIENT)
    ringing = await rings_at(branch, 1)
    await caller.hang_up()
    await ringing.ended()
    bob = await branch.phones[2].call(GROUP)
    assert await bob.ended() >= 400


@pickup.ends(Outcome.ANSWERED_BRIEFLY)
async def pickup_and_gone(branch: Branch) -> None:
    """Bob takes it just when the caller has had enough: half a second, and nobody is there."""
    caller = await branch.call(office.PATIENT)
    ringing = await rings_at(branch, 1)
    await picks_up(branch, 2, ringing, GROUP)
    await branch.talk(caller, seconds=0.5)
    await caller.hang_up()


@pickup.ends(Outcome.ANSWERED)
async def pickup_transferred(branch: Branch) -> None:
    """Alice transfers the caller to Bob, who is out; Carol hears his phone and takes it."""
    caller, alice = await talking(branch, did=office.PATIENT)
    await alice.transfer_to(branch.extension(2))
    ringing = await rings_at(branch, 2)
    carol = await picks_up(branch, 3, ringing, GROUP)
    await talk_and_hang_up(branch, caller, carol)


@pickup.ends(Outcome.ANSWERED_THEN_LOST)
async def pickup_then_transferred_to_nobody(branch: Branch) -> None:
    """Bob takes Alice's call and passes it on to Carol, whose phone rings until the caller gives up."""
    caller = await branch.call(office.PATIENT)
    ringing = await rings_at(branch, 1)
    bob = await picks_up(branch, 2, ringing, GROUP)
    await branch.talk(caller, bob, seconds=0.5)
    await bob.transfer_to(branch.extension(3))
    await rings_at(branch, 3)
    await caller.hang_up()


@pickup.ends(Outcome.ANSWERED, Outcome.ABANDONED_RINGING)
async def pickup_one_of_two(branch: Branch) -> None:
    """Alice's and Erin's phones ring for two callers; Bob takes Alice's, and nobody takes Erin's."""
    first = await branch.call(office.PATIENT)
    ringing = await rings_at(branch, 1)
    second = await branch.call(ERIN)
    await rings_at(branch, 5)
    bob = await picks_up(branch, 2, ringing, GROUP)
    await talk_and_hang_up(branch, first, bob)
    await second.hang_up()
