"""Callers are parked, by somebody of ours or by the PBX, and somebody fetches them, or does not."""

from tests.lab import office
from tests.lab.branch import TALK, Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, picks_up, rings_at, takes, talk_and_hang_up, talking
from textbackd.core.outcomes import Outcome

AUTOPARK = "01632960301"
"""Parked by the PBX itself, for 20 s."""
LOT = "70"
"""Parks for 20 s in slots 71 to 79."""
SHORT_LOT = "80"
"""Parks for a second in slots 81 to 89, then rings the phone that parked, and then lets go."""
RECEPTION_LOT = "90"
"""Parks for a second in slots 91 to 99, then rings Bob, who has the reception, whoever parked."""

parking = Family("Parking")


async def _parked(branch: Branch, lot: str = LOT) -> Call:
    """Alice talks to a caller and parks him; the caller's end."""
    caller, alice = await talking(branch)
    await alice.transfer_to(lot)
    return caller


async def _fetches(branch: Branch, desk: int, slot: str) -> Call:
    call = await branch.phones[desk].call(slot)
    await call.answered()
    return call


async def _handed_over_into_the_lot(branch: Branch) -> Call:
    """Alice talks to a caller, dials the car park on her second line, and joins the two; the caller's end."""
    caller, alice = await talking(branch, seconds=TALK)
    await alice.hold()
    second_line = await branch.phones[1].call(LOT)
    await second_line.answered()
    await branch.talk(second_line, seconds=A_FEW_WORDS)
    await alice.transfer_into(second_line)
    await branch.talk(caller, seconds=0.5)
    return caller


async def _autoparked(branch: Branch) -> Call:
    call = await branch.call(AUTOPARK)
    await call.answered()
    return call


@parking.ends(Outcome.ANSWERED)
async def park_fetched(branch: Branch) -> None:
    """The receptionist parks the caller and calls out his slot; Carol fetches him from her desk."""
    caller = await _parked(branch)
    await branch.talk(caller, seconds=0.5)
    carol = await _fetches(branch, 3, "71")
    await talk_and_hang_up(branch, caller, carol)


@parking.ends(Outcome.ANSWERED)
async def park_fetched_by_the_same(branch: Branch) -> None:
    """Alice parks the caller, looks something up, and fetches him herself; she ends the call."""
    caller = await _parked(branch)
    await branch.talk(caller, seconds=0.5)
    alice = await _fetches(branch, 1, "71")
    await branch.talk(caller, alice)
    await alice.hang_up()
    await caller.ended()


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_given_up(branch: Branch) -> None:
    """Alice parks the caller; nobody comes, and he hangs up."""
    caller = await _parked(branch)
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_given_up_before_the_fetch(branch: Branch) -> None:
    """Carol comes a moment too late: the slot is empty."""
    caller = await _parked(branch)
    await branch.talk(caller, seconds=0.5)
    await branch.gone(caller)
    carol = await branch.phones[3].call("71")
    await carol.hang_up()


@parking.ends(Outcome.ANSWERED)
async def park_by_keys(branch: Branch) -> None:
    """Alice parks by keys in the talk, and Carol fetches him."""
    caller, alice = await talking(branch)
    alice.press("##" + LOT)
    await alice.ended()
    carol = await _fetches(branch, 3, "71")
    await talk_and_hang_up(branch, caller, carol)


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_by_keys_given_up(branch: Branch) -> None:
    """Alice parks by keys in the talk; the caller gives up."""
    caller, alice = await talking(branch)
    alice.press("##" + LOT)
    await alice.ended()
    await branch.talk(caller, seconds=0.5)
    await caller.hang_up()


@parking.ends(Outcome.ANSWERED)
async def park_by_attended_transfer(branch: Branch) -> None:
    """Alice dials the car park on her second line, hears the slot, and hands the caller over into it; Carol fetches."""
    caller = await _handed_over_into_the_lot(branch)
    carol = await _fetches(branch, 3, "71")
    await talk_and_hang_up(branch, caller, carol)


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_by_attended_transfer_given_up(branch: Branch) -> None:
    """The same, and the caller gives up in the slot."""
    caller = await _handed_over_into_the_lot(branch)
    await caller.hang_up()


@parking.ends(Outcome.ANSWERED)
async def park_comes_back(branch: Branch) -> None:
    """Nobody fetches the caller; the PBX rings Alice again, and she takes it."""
    caller = await _parked(branch, SHORT_LOT)
    alice = await takes(branch, 1)
    await talk_and_hang_up(branch, caller, alice)


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_comes_back_to_nobody(branch: Branch) -> None:
    """The PBX rings Alice again, who has left, and lets go of the caller."""
    caller = await _parked(branch, SHORT_LOT)
    await rings_at(branch, 1)
    await caller.ended()


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_comes_back_and_given_up(branch: Branch) -> None:
    """The PBX rings Alice again, and the caller hangs up before she is there."""
    caller = await _parked(branch, SHORT_LOT)
    await rings_at(branch, 1)
    await caller.hang_up()


@parking.ends(Outcome.ANSWERED)
async def park_comes_back_and_picked_up(branch: Branch) -> None:
    """The PBX rings Alice again; Bob hears it and takes the call from his own desk by *8."""
    caller = await _parked(branch, SHORT_LOT)
    ringing = await rings_at(branch, 1)
    bob = await picks_up(branch, 2, ringing, "*8")
    await talk_and_hang_up(branch, caller, bob)


@parking.ends(Outcome.ANSWERED)
async def park_goes_to_the_reception(branch: Branch) -> None:
    """Nobody fetches the caller; the PBX rings the reception, where Bob takes it."""
    caller = await _parked(branch, RECEPTION_LOT)
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_goes_to_an_empty_reception(branch: Branch) -> None:
    """The same, but nobody is at the reception."""
    caller = await _parked(branch, RECEPTION_LOT)
    await rings_at(branch, 2)
    await caller.ended()


@parking.ends(Outcome.ANSWERED, Outcome.ANSWERED_THEN_LOST)
async def park_two_at_once(branch: Branch) -> None:
    """Alice parks two callers; Carol fetches the first, and the second gives up."""
    first = await _parked(branch)
    second = await _parked(branch)
    await branch.talk(first, second, seconds=0.5)
    carol = await _fetches(branch, 3, "71")
    await branch.talk(first, carol)
    await second.hang_up()
    await first.hang_up()


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_twice(branch: Branch) -> None:
    """Carol fetches the caller, cannot help, and parks him again; now he gives up."""
    caller = await _parked(branch)
    carol = await _fetches(branch, 3, "71")
    await branch.talk(caller, carol)
    await carol.transfer_to(LOT)
    await branch.talk(caller, seconds=0.5)
    await caller.hang_up()


@parking.ends(Outcome.ANSWERED_THEN_LOST)
async def park_fetched_and_sent_on(branch: Branch) -> None:
    """Carol fetches the caller and sends him on to Bob, who is out."""
    caller = await _parked(branch)
    carol = await _fetches(branch, 3, "71")
    await branch.talk(caller, carol, seconds=A_FEW_WORDS)
    await carol.transfer_to(branch.extension(2))
    await caller.ended()


@parking.ends(Outcome.ABANDONED_QUEUE)
async def autopark_given_up(branch: Branch) -> None:
    """The PBX parks every caller of this number for whoever is free; nobody is, and he gives up."""
    caller = await _autoparked(branch)
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@parking.ends(Outcome.ANSWERED)
async def autopark_fetched(branch: Branch) -> None:
    """The same, and Bob fetches him."""
    caller = await _autoparked(branch)
    await branch.talk(caller, seconds=0.5)
    bob = await _fetches(branch, 2, "71")
    await talk_and_hang_up(branch, caller, bob)


@parking.ends(Outcome.ABANDONED_QUEUE, Outcome.ABANDONED_QUEUE)
async def autopark_two_given_up(branch: Branch) -> None:
    """Two callers are parked side by side, and do not hear each other; both give up."""
    first = await _autoparked(branch)
    second = await _autoparked(branch)
    await branch.talk(first, second, seconds=1)
    await first.hang_up()
    await second.hang_up()


@parking.ends(Outcome.ABANDONED_QUEUE)
async def autopark_beside_a_colleague(branch: Branch) -> None:
    """A parked caller waits beside a parked colleague: Alice has parked Carol, and nobody fetches the caller."""
    caller = await _autoparked(branch)
    carol = await branch.phones[3].call(branch.extension(1))
    alice = await takes(branch, 1)
    await branch.talk(carol, alice, seconds=A_FEW_WORDS)
    await alice.transfer_to(LOT)
    await branch.talk(caller, carol, seconds=1)
    await caller.hang_up()
    await carol.hang_up()


@parking.ends(Outcome.ANSWERED)
async def park_fetched_by_a_mobile(branch: Branch) -> None:
    """Alice parks the caller; the PBX rings Carol on her mobile and connects her to the slot."""
    caller = await _parked(branch)
    await (await branch.ami()).perform(
        "Originate",
        Channel=f"PJSIP/{office.MOBILE}@trunk-{branch.site.number}",
        Context=f"from-internal-{branch.site.number}",
        Exten="71",
        Priority="1",
        Async="true",
    )
    carol = await branch.carrier.next_call()
    carol.answer()
    await talk_and_hang_up(branch, caller, carol)
