"""Somebody of ours talks to the caller and sends him on without asking first (blind transfer)."""

import pytest

from tests.lab import behaviour, mailbox, office
from tests.lab.branch import TALK, Branch
from tests.lab.call import Call, TransferRefusedError
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import reaches_voicemail, rings_at, takes, talk_and_hang_up, talking
from textbackd.core.outcomes import Outcome

blind = Family("Blind transfers")


async def _sent_on(branch: Branch, number: str, *, did: str = office.ONE_PHONE) -> Call:
    """Alice talks to a caller and transfers him by the key of her phone (REFER); the caller's end."""
    caller, alice = await talking(branch, did=did)
    await alice.transfer_to(number)
    return caller


@blind.ends(Outcome.ANSWERED)
async def blind_answered(branch: Branch) -> None:
    """To Bob, who takes it."""
    caller = await _sent_on(branch, branch.extension(2))
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_not_answered(branch: Branch) -> None:
    """To Bob, who is out; the call ends there."""
    caller = await _sent_on(branch, branch.extension(2))
    await caller.ended()


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_given_up(branch: Branch) -> None:
    """To Bob; the caller hears it ring and gives up."""
    caller = await _sent_on(branch, branch.extension(2), did=office.PATIENT)
    await rings_at(branch, 2)
    await caller.hang_up()


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_to_busy(branch: Branch) -> None:
    """To Bob, who is on the phone."""
    branch.phones[2].behaviour = behaviour.BUSY
    caller = await _sent_on(branch, branch.extension(2))
    await caller.ended()


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_declined(branch: Branch) -> None:
    """To Bob, who presses the red button."""
    branch.phones[2].behaviour = behaviour.DECLINES
    caller = await _sent_on(branch, branch.extension(2))
    await caller.ended()


@blind.ends(Outcome.ANSWERED)
async def blind_to_no_such_number(branch: Branch) -> None:
    """To a number that is none: the PBX refuses, and Alice still has the caller."""
    caller, alice = await talking(branch)
    with pytest.raises(TransferRefusedError):
        await alice.transfer_to("12")
    await talk_and_hang_up(branch, caller, alice)


@blind.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def blind_to_voicemail_message(branch: Branch) -> None:
    """To Bob's voicemail; the caller leaves a message."""
    caller = await _sent_on(branch, f"*{branch.extension(2)}")
    await mailbox.leave_message(caller)


@blind.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def blind_to_voicemail_silent(branch: Branch) -> None:
    """To Bob's voicemail; the caller hangs up in the greeting."""
    caller = await _sent_on(branch, f"*{branch.extension(2)}")
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@blind.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def blind_not_answered_then_voicemail(branch: Branch) -> None:
    """To Bob, who is out; his voicemail takes over, and the caller hangs up."""
    caller = await _sent_on(branch, f"5{branch.extension(2)}")
    rang = await rings_at(branch, 2)
    await rang.ended()
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@blind.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def blind_to_busy_then_voicemail(branch: Branch) -> None:
    """To Bob, who is on the phone; his voicemail takes over, and the caller leaves a message."""
    branch.phones[2].behaviour = behaviour.BUSY
    caller = await _sent_on(branch, f"5{branch.extension(2)}")
    await branch.phones[2].next_call()
    await mailbox.leave_message(caller)


@blind.ends(Outcome.ANSWERED)
async def blind_to_mobile(branch: Branch) -> None:
    """To Bob's mobile, who takes it."""
    caller = await _sent_on(branch, office.MOBILE)
    mobile = await branch.carrier.next_call()
    mobile.answer()
    await talk_and_hang_up(branch, caller, mobile)


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_to_mobile_not_answered(branch: Branch) -> None:
    """To Bob's mobile, until its network gives up."""
    branch.carrier.behaviour = behaviour.rings_out_after(1)
    caller = await _sent_on(branch, office.MOBILE)
    await caller.ended()


@blind.ends(Outcome.ANSWERED)
async def blind_to_mobile_mailbox(branch: Branch) -> None:
    """To Bob's mobile, whose mailbox takes it; the PBX cannot know."""
    branch.carrier.behaviour = behaviour.answers_after(1)
    caller = await _sent_on(branch, office.MOBILE)
    machine = await branch.carrier.next_call()
    await talk_and_hang_up(branch, caller, machine)


@blind.ends(Outcome.ANSWERED)
async def blind_to_group(branch: Branch) -> None:
    """To the front office; Bob takes it."""
    caller = await _sent_on(branch, "600")
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_to_group_not_answered(branch: Branch) -> None:
    """To the front office, where nobody is."""
    caller = await _sent_on(branch, "600")
    await caller.ended()


@blind.ends(Outcome.ANSWERED)
async def blind_to_queue(branch: Branch) -> None:
    """To the queue; Bob takes it."""
    caller = await _sent_on(branch, "700")
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_to_queue_given_up(branch: Branch) -> None:
    """To the queue, where the caller gives up."""
    caller = await _sent_on(branch, "700")
    await rings_at(branch, 2)
    await caller.hang_up()


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_to_queue_timed_out(branch: Branch) -> None:
    """To the queue, which lets go of him after three seconds."""
    caller = await _sent_on(branch, "701")
    await caller.ended()


@blind.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def blind_to_queue_then_voicemail(branch: Branch) -> None:
    """To the queue, which ends in voicemail; the caller leaves a message."""
    await branch.ami()
    caller = await _sent_on(branch, "702")
    await reaches_voicemail(branch, caller)
    await mailbox.leave_message(caller)


@blind.ends(Outcome.ANSWERED)
async def blind_from_queue_to_queue(branch: Branch) -> None:
    """An agent finds the caller in the wrong queue and sends him to the other; Bob takes it there."""
    caller, alice = await talking(branch, did=office.QUEUE)
    await alice.transfer_to("707")
    first_round = await rings_at(branch, 2)  # that of the first queue, which Alice won
    bob = await takes(branch, 2)
    assert first_round.status == 487
    await talk_and_hang_up(branch, caller, bob)


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_from_queue_to_queue_given_up(branch: Branch) -> None:
    """The same, and the caller has waited long enough."""
    caller, alice = await talking(branch, did=office.QUEUE)
    await alice.transfer_to("707")
    await rings_at(branch, 1)
    await caller.hang_up()


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_to_menu(branch: Branch) -> None:
    """Back to the menu, where the caller gives up."""
    caller = await _sent_on(branch, "750")
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@blind.ends(Outcome.ANSWERED)
async def blind_to_menu_and_on(branch: Branch) -> None:
    """To the menu, where the caller chooses Alice, and she takes it."""
    caller = await _sent_on(branch, "750")
    await caller.hear()
    caller.press("1")
    alice = await takes(branch, 1)
    await talk_and_hang_up(branch, caller, alice)


@blind.ends(Outcome.ANSWERED)
async def blind_to_announcement(branch: Branch) -> None:
    """Alice has said what there was to say and sends the caller to the announcement of the opening hours."""
    caller, alice = await talking(branch, seconds=TALK)
    await alice.transfer_to("900")
    await caller.ended()


@blind.ends(Outcome.ANSWERED)
async def blind_chain(branch: Branch) -> None:
    """Alice to Bob, Bob to Carol, and Carol helps."""
    caller = await _sent_on(branch, branch.extension(2))
    bob = await takes(branch, 2)
    await branch.talk(caller, bob, seconds=0.5)
    await bob.transfer_to(branch.extension(3))
    carol = await takes(branch, 3)
    await talk_and_hang_up(branch, caller, carol)


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_chain_lost(branch: Branch) -> None:
    """Alice to Bob, Bob to Carol, who is out."""
    caller = await _sent_on(branch, branch.extension(2))
    bob = await takes(branch, 2)
    await branch.talk(caller, bob, seconds=2.2)
    await bob.transfer_to(branch.extension(3))
    await caller.ended()


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_to_and_fro(branch: Branch) -> None:
    """Alice to Bob, Bob back to Alice, who has gone for lunch meanwhile."""
    caller = await _sent_on(branch, branch.extension(2))
    bob = await takes(branch, 2)
    await branch.talk(caller, bob)
    await bob.transfer_to(branch.extension(1))
    await caller.ended()


@blind.ends(Outcome.ANSWERED)
async def blind_comes_back(branch: Branch) -> None:
    """To Bob, who is out; the PBX rings Alice again, and she takes it."""
    caller = await _sent_on(branch, f"6{branch.extension(2)}")
    await rings_at(branch, 2)
    alice = await takes(branch, 1)
    await talk_and_hang_up(branch, caller, alice)


@blind.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_comes_back_to_nobody(branch: Branch) -> None:
    """The same, but Alice has gone for lunch."""
    caller = await _sent_on(branch, f"6{branch.extension(2)}")
    await caller.ended()
