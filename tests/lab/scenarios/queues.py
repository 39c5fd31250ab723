"""Callers who wait in a queue, and what the queue does with them."""

from tests.lab import behaviour, mailbox, office
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import is_helped
from textbackd.core.outcomes import Outcome

queues = Family("Queues")


async def waiting(branch: Branch, did: str) -> Call:
    """A caller who is in the queue and has heard something of it."""
    ami = await branch.ami()
    call = await branch.call(did)
    await ami.event("QueueCallerJoin", CallerIDNum=call.caller, within=15)
    await call.hear()
    return call


async def at_voicemail(branch: Branch, did: str) -> Call:
    """A caller who waited until voicemail came, and hears it."""
    ami = await branch.ami()
    call = await branch.call(did)
    await ami.event("Newexten", Application="VoiceMail", CallerIDNum=call.caller, within=15)
    await call.hear()
    return call


@queues.ends(Outcome.ANSWERED)
async def queue_answered(branch: Branch) -> None:
    """The caller waits with music until Alice takes the call."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.QUEUE)
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@queues.ends(Outcome.ABANDONED_QUEUE)
async def queue_abandoned(branch: Branch) -> None:
    """The caller waits with music and gives up."""
    call = await branch.call(office.QUEUE)
    await branch.phones[1].next_call()
    await call.hang_up()


@queues.ends(Outcome.NO_ANSWER)
async def queue_times_out(branch: Branch) -> None:
    """The phones ring in turns, nobody comes, and the queue lets go of the caller."""
    call = await branch.call(office.SHORT_QUEUE)
    assert await call.ended() == 200


@queues.ends(Outcome.VOICEMAIL_SILENT)
async def queue_times_out_into_voicemail(branch: Branch) -> None:
    """The same, but voicemail follows; the caller hangs up during the greeting."""
    call = await at_voicemail(branch, office.QUEUE_VOICEMAIL)
    await call.hang_up()


@queues.ends(Outcome.VOICEMAIL_MESSAGE)
async def queue_times_out_and_message(branch: Branch) -> None:
    """The same, and the caller leaves a message."""
    call = await at_voicemail(branch, office.QUEUE_VOICEMAIL)
    await mailbox.leave_message(call)


@queues.ends(Outcome.ABANDONED_QUEUE)
async def queue_abandoned_before_its_voicemail(branch: Branch) -> None:
    """The caller gives up while waiting, before voicemail would have come."""
    call = await branch.call(office.QUEUE_VOICEMAIL)
    await branch.phones[1].next_call()
    await call.hang_up()


@queues.ends(Outcome.ABANDONED_QUEUE)
async def ringing_queue_abandoned(branch: Branch) -> None:
    """A queue that the PBX does not answer: the caller hears ringing, as with a phone, and gives up."""
    call = await branch.call(office.RINGING_QUEUE)
    await branch.phones[1].next_call()
    await call.hang_up()
    assert call.status == 487


@queues.ends(Outcome.NO_ANSWER)
async def ringing_queue_times_out(branch: Branch) -> None:
    """The same, until the queue lets go."""
    call = await branch.call(office.RINGING_QUEUE)
    await call.ended()


@queues.ends(Outcome.ANSWERED)
async def ringing_queue_answered(branch: Branch) -> None:
    """The same, and Bob answers."""
    branch.phones[2].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.RINGING_QUEUE)
    await is_helped(branch, call)


@queues.ends(Outcome.ABANDONED_QUEUE, Outcome.BUSY)
async def queue_full(branch: Branch) -> None:
    """One caller waits, and so the queue is full: the second is asked to ring later. Then the first gives up."""
    first = await waiting(branch, office.FULL_QUEUE)
    second = await branch.call(office.FULL_QUEUE)
    assert await second.ended() == 200
    await first.hang_up()


@queues.ends(Outcome.ANSWERED, Outcome.ANSWERED)
async def queue_two_callers_one_after_the_other(branch: Branch) -> None:
    """Two callers wait; Alice takes the first, and when he has gone the second."""
    branch.phones[2].behaviour = behaviour.BUSY
    first = await branch.call(office.QUEUE)
    ringing = await branch.phones[1].next_call()
    second = await waiting(branch, office.QUEUE)
    branch.phones[1].behaviour = behaviour.answers_after(0.1)
    ringing.answer()
    await branch.talk(first)
    await first.hang_up()
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(second)
    await second.hang_up()


@queues.ends(Outcome.ANSWERED, Outcome.ABANDONED_QUEUE)
async def queue_second_caller_gives_up(branch: Branch) -> None:
    """Two callers wait; Alice takes the first, and the second gives up meanwhile."""
    branch.phones[2].behaviour = behaviour.BUSY
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    first = await branch.call(office.QUEUE)
    await (await branch.phones[1].next_call()).answered()
    branch.phones[1].behaviour = behaviour.BUSY
    second = await waiting(branch, office.QUEUE)
    await branch.talk(first, second)
    await second.hang_up()
    await first.hang_up()


@queues.ends(Outcome.ANSWERED)
async def announcing_queue_answered(branch: Branch) -> None:
    """The caller hears again and again where he stands, and then Alice."""
    call = await branch.call(office.ANNOUNCING_QUEUE)
    await (await branch.phones[1].next_call(within=15)).ended()
    branch.phones[1].behaviour = behaviour.ANSWERS
    await (await branch.phones[1].next_call(within=15)).answered()
    await branch.talk(call)
    await call.hang_up()


@queues.ends(Outcome.ABANDONED_QUEUE)
async def announcing_queue_abandoned(branch: Branch) -> None:
    """The caller hangs up while he hears where he stands."""
    call = await waiting(branch, office.ANNOUNCING_QUEUE)
    await call.hang_up()


@queues.ends(Outcome.ANSWERED)
async def queue_zero_operator_answers(branch: Branch) -> None:
    """Tired of waiting, the caller presses 0, and Carol at the switchboard answers."""
    branch.phones[3].behaviour = behaviour.answers_after(0.2)
    call = await waiting(branch, office.QUEUE)
    call.press("0")
    await (await branch.phones[3].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@queues.ends(Outcome.NO_ANSWER)
async def queue_zero_operator_rings_out(branch: Branch) -> None:
    """The same, and Carol is not there."""
    call = await waiting(branch, office.QUEUE)
    call.press("0")
    assert await call.ended() == 200


@queues.ends(Outcome.ANSWERED, maybe_machine=True)
async def queue_then_mobile_answers(branch: Branch) -> None:
    """Nobody in the queue takes it, so it goes to the owner's mobile, and he does."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.QUEUE_MOBILE)
    await (await branch.carrier.next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@queues.ends(Outcome.NO_ANSWER)
async def queue_then_mobile_rings_out(branch: Branch) -> None:
    """The same, and the mobile rings in vain until its network gives up."""
    branch.carrier.behaviour = Behaviour(refuse_with=480, refuse_after=1)
    call = await branch.call(office.QUEUE_MOBILE)
    await call.ended()


@queues.ends(Outcome.ABANDONED_QUEUE)
async def queue_in_office_hours_abandoned(branch: Branch) -> None:
    """By its time condition the office is open; the caller waits in the queue and gives up."""
    call = await branch.call(office.OFFICE_HOURS)
    await branch.phones[1].next_call()
    await call.hang_up()


@queues.ends(Outcome.NO_ANSWER)
async def queue_in_office_hours_times_out(branch: Branch) -> None:
    """The same, and nobody comes until the queue lets go."""
    call = await branch.call(office.OFFICE_HOURS)
    await call.ended()


@queues.ends(Outcome.ABANDONED_RINGING)
async def group_queue_voicemail_abandoned_in_the_group(branch: Branch) -> None:
    """First a group rings, then comes a queue, then voicemail; the caller gives up while the group rings."""
    call = await branch.call(office.GROUP_QUEUE_VOICEMAIL)
    await call.ringing()
    await call.hang_up()


@queues.ends(Outcome.ABANDONED_QUEUE)
async def group_queue_voicemail_abandoned_in_the_queue(branch: Branch) -> None:
    """The same; he gives up in the queue."""
    call = await waiting(branch, office.GROUP_QUEUE_VOICEMAIL)
    await call.hang_up()


@queues.ends(Outcome.VOICEMAIL_SILENT)
async def group_queue_voicemail_to_its_end(branch: Branch) -> None:
    """The same; he bears with the group and the queue, and hangs up at the greeting of the voicemail."""
    call = await at_voicemail(branch, office.GROUP_QUEUE_VOICEMAIL)
    await call.hang_up()


@queues.ends(Outcome.ANSWERED)
async def queue_survey_after_the_talk(branch: Branch) -> None:
    """Bob answers and hangs up; the caller is then asked how it was, and hangs up."""
    branch.phones[2].behaviour = Behaviour(answer_after=0.2, hang_up_after=2.6)
    call = await branch.call(office.QUEUE_SURVEY)
    bob = await branch.phones[2].next_call()
    await bob.ended()
    await call.hear()
    await call.hang_up()
