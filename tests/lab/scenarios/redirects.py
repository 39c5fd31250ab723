"""Somebody moves calls from a panel on the screen: AMI Redirect, Bridge, transfers, Park and Hangup."""

from tests.lab import mailbox, office
from tests.lab.branch import TALK, Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, rings_at, takes, talk_and_hang_up, talking
from textbackd.core.outcomes import Outcome

panel = Family("Moved from a panel")


async def _moves(branch: Branch, call: Call, number: str) -> None:
    """The channel of a call is sent to a number."""
    ami = await branch.ami()
    channel = await ami.channel(call.call_id)
    context = f"from-internal-{branch.site.number}"
    await ami.perform("Redirect", Channel=channel, Context=context, Exten=number, Priority="1")


async def _bridges(branch: Branch, one: Call, other: Call) -> None:
    """Two channels are joined, out of whatever they were in."""
    ami = await branch.ami()
    await ami.perform("Bridge", Channel1=await ami.channel(one.call_id), Channel2=await ami.channel(other.call_id))


async def _transfers(branch: Branch, action: str, call: Call, number: str) -> None:
    """Whoever talks to this end is transferred."""
    ami = await branch.ami()
    channel = await ami.channel(call.call_id)
    await ami.perform(action, Channel=channel, Context=f"from-internal-{branch.site.number}", Exten=number)


async def _parks(branch: Branch, caller: Call) -> None:
    ami = await branch.ami()
    await ami.perform("Park", Channel=await ami.channel(caller.call_id), Parkinglot=f"lot-{branch.site.number}")


async def _waiting(branch: Branch) -> Call:
    """A caller waits in the queue, and its phones ring."""
    await branch.ami()
    caller = await branch.call(office.QUEUE)
    await rings_at(branch, 1)
    return caller


async def _sent_to_voicemail(branch: Branch) -> Call:
    """A caller for whom Alice's phone rings is sent to her voicemail."""
    caller = await branch.call(office.PATIENT)
    await rings_at(branch, 1)
    await _moves(branch, caller, f"*{branch.extension(1)}")
    return caller


async def _fetched_out_of_voicemail(branch: Branch) -> Call:
    """A caller who is in Alice's voicemail is sent to Bob's phone."""
    caller = await branch.call(office.CLOSED_VOICEMAIL)
    await caller.answered()
    await branch.talk(caller, seconds=0.5)
    await _moves(branch, caller, branch.extension(2))
    return caller


@panel.ends(Outcome.ANSWERED)
async def panel_moves_a_ringing_call(branch: Branch) -> None:
    """Alice's phone rings; she sends the caller to Bob's from the screen, and he takes it."""
    caller = await branch.call(office.PATIENT)
    await rings_at(branch, 1)
    await _moves(branch, caller, branch.extension(2))
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@panel.ends(Outcome.VOICEMAIL_SILENT)
async def panel_sends_a_ringing_call_to_voicemail(branch: Branch) -> None:
    """Alice's phone rings; she sends the caller to her voicemail, and he hangs up in the greeting."""
    caller = await _sent_to_voicemail(branch)
    await caller.answered()
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@panel.ends(Outcome.VOICEMAIL_MESSAGE)
async def panel_sends_a_ringing_call_to_voicemail_message(branch: Branch) -> None:
    """The same, and he leaves a message."""
    caller = await _sent_to_voicemail(branch)
    await mailbox.leave_message(caller)


@panel.ends(Outcome.ANSWERED)
async def panel_moves_a_talking_caller(branch: Branch) -> None:
    """Alice talks to the caller and sends him to Bob from the screen; Bob takes it."""
    caller, _alice = await talking(branch)
    await _moves(branch, caller, branch.extension(2))
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@panel.ends(Outcome.ANSWERED_THEN_LOST)
async def panel_moves_a_talking_caller_to_nobody(branch: Branch) -> None:
    """The same, and Bob is out."""
    caller, _alice = await talking(branch, seconds=TALK)
    await _moves(branch, caller, branch.extension(2))
    await rings_at(branch, 2)
    await caller.ended()


@panel.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def panel_moves_a_talking_caller_to_voicemail(branch: Branch) -> None:
    """Alice sends the caller to Bob's voicemail; he leaves a message."""
    caller, alice = await talking(branch)
    await _moves(branch, caller, f"*{branch.extension(2)}")
    await alice.ended()
    await mailbox.leave_message(caller)


@panel.ends(Outcome.ANSWERED_THEN_LOST)
async def panel_moves_a_talking_caller_to_the_queue(branch: Branch) -> None:
    """Alice sends the caller back to the queue, where he gives up."""
    caller, _alice = await talking(branch, seconds=TALK)
    await _moves(branch, caller, "700")
    await rings_at(branch, 2)
    await caller.hang_up()


@panel.ends(Outcome.ANSWERED)
async def panel_moves_the_colleague(branch: Branch) -> None:
    """The screen takes Alice out of the talk and sends her to Bob; the caller's call ends with that."""
    caller, alice = await talking(branch, seconds=TALK)
    await _moves(branch, alice, branch.extension(2))
    bob = await takes(branch, 2)
    await caller.ended()
    await branch.talk(alice, bob, seconds=A_FEW_WORDS)
    await alice.hang_up()


@panel.ends(Outcome.ANSWERED)
async def panel_takes_out_of_the_queue(branch: Branch) -> None:
    """A supervisor sends a waiting caller to Carol, who is no agent; she takes it."""
    caller = await _waiting(branch)
    await _moves(branch, caller, branch.extension(3))
    carol = await takes(branch, 3)
    await talk_and_hang_up(branch, caller, carol)


@panel.ends(Outcome.NO_ANSWER)
async def panel_takes_out_of_the_queue_to_nobody(branch: Branch) -> None:
    """The same, and Carol is out."""
    caller = await _waiting(branch)
    await _moves(branch, caller, branch.extension(3))
    await caller.ended()


@panel.ends(Outcome.NO_ANSWER)
async def panel_takes_out_of_the_queue_to_an_announcement(branch: Branch) -> None:
    """Phones rang for the waiting caller; a supervisor sends him to "please call tomorrow", and the PBX hangs up."""
    caller = await _waiting(branch)
    await branch.talk(caller, seconds=1.5)
    await _moves(branch, caller, "900")
    await caller.ended()


@panel.ends(Outcome.VOICEMAIL_MESSAGE)
async def panel_takes_out_of_the_queue_to_voicemail(branch: Branch) -> None:
    """A supervisor sends the waiting caller to voicemail; he leaves a message."""
    caller = await _waiting(branch)
    await _moves(branch, caller, f"*{branch.extension(2)}")
    await (await branch.ami()).event("MusicOnHoldStop", CallerIDNum=caller.caller)
    await mailbox.leave_message(caller)


@panel.ends(Outcome.VOICEMAIL_SILENT)
async def panel_takes_out_of_the_queue_to_voicemail_silent(branch: Branch) -> None:
    """The same, and he hangs up in the greeting."""
    caller = await _waiting(branch)
    await _moves(branch, caller, f"*{branch.extension(2)}")
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@panel.ends(Outcome.ANSWERED)
async def panel_takes_out_of_voicemail(branch: Branch) -> None:
    """Bob sees the caller in Alice's voicemail and fetches him to his own phone."""
    caller = await _fetched_out_of_voicemail(branch)
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@panel.ends(Outcome.NO_ANSWER)
async def panel_takes_out_of_voicemail_to_nobody(branch: Branch) -> None:
    """The caller is in Alice's voicemail; he is sent to Bob's phone instead, and Bob is out."""
    caller = await _fetched_out_of_voicemail(branch)
    await rings_at(branch, 2)
    await caller.ended()


@panel.ends(Outcome.ANSWERED)
async def panel_bridges_a_waiting_caller(branch: Branch) -> None:
    """Carol talks to Erin; the supervisor joins the waiting caller to Carol instead."""
    caller = await _waiting(branch)
    carol = await branch.phones[3].call(branch.extension(5))
    erin = await takes(branch, 5)
    await carol.answered()
    await branch.talk(carol, erin, seconds=A_FEW_WORDS)
    await _bridges(branch, caller, carol)
    await talk_and_hang_up(branch, caller, carol)
    await branch.over()


@panel.ends(Outcome.ABANDONED_QUEUE, Outcome.ABANDONED_QUEUE)
async def panel_bridges_two_callers(branch: Branch) -> None:
    """Two callers wait in the queue and are joined to each other by mistake; nobody of ours is on the line."""
    first = await _waiting(branch)
    second = await branch.call(office.QUEUE)
    await second.answered()
    await branch.talk(first, second, seconds=A_FEW_WORDS)
    await _bridges(branch, first, second)
    await branch.talk(first, second)
    await first.hang_up()
    await second.hang_up()


@panel.ends(Outcome.ANSWERED)
async def panel_hangs_up(branch: Branch) -> None:
    """Alice ends the talk from the screen."""
    caller, alice = await talking(branch, seconds=TALK)
    ami = await branch.ami()
    await ami.perform("Hangup", Channel=await ami.channel(alice.call_id))
    await caller.ended()


@panel.ends(Outcome.ANSWERED)
async def panel_transfers(branch: Branch) -> None:
    """Alice's panel transfers the caller to Bob (AMI BlindTransfer), who takes it."""
    caller, alice = await talking(branch)
    await _transfers(branch, "BlindTransfer", alice, branch.extension(2))
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@panel.ends(Outcome.ANSWERED_THEN_LOST)
async def panel_transfers_to_nobody(branch: Branch) -> None:
    """The same, and Bob is out."""
    caller, alice = await talking(branch, seconds=TALK)
    await _transfers(branch, "BlindTransfer", alice, branch.extension(2))
    await caller.ended()


@panel.ends(Outcome.ANSWERED)
async def panel_hands_over(branch: Branch) -> None:
    """Alice's panel has the PBX ask Bob (AMI Atxfer); he takes it, she hangs up, and the caller has Bob."""
    caller, alice = await talking(branch)
    await _transfers(branch, "Atxfer", alice, branch.extension(2))
    bob = await takes(branch, 2)
    await branch.talk(alice, bob, seconds=A_FEW_WORDS)
    await alice.hang_up()
    await talk_and_hang_up(branch, caller, bob)


@panel.ends(Outcome.ANSWERED)
async def panel_parks(branch: Branch) -> None:
    """Alice's panel parks the caller (AMI Park), and Carol fetches him."""
    caller, _alice = await talking(branch)
    await _parks(branch, caller)
    carol = await branch.phones[3].call("71")
    await carol.answered()
    await talk_and_hang_up(branch, caller, carol)


@panel.ends(Outcome.ANSWERED_THEN_LOST)
async def panel_parks_and_forgets(branch: Branch) -> None:
    """The same, but nobody fetches him, and he gives up."""
    caller, _alice = await talking(branch, seconds=TALK)
    await _parks(branch, caller)
    await branch.talk(caller, seconds=0.5)
    await caller.hang_up()


@panel.ends(Outcome.ABANDONED_QUEUE)
async def supervisor_listens_to_a_waiting_caller(branch: Branch) -> None:
    """Carol listens in on a caller in the queue (ChanSpy); he does not hear her, and gives up."""
    caller = await _waiting(branch)
    carol = await branch.phones[3].call("555")
    await carol.answered()
    await branch.talk(caller, carol, seconds=1)
    await caller.hang_up()
    await carol.hang_up()
