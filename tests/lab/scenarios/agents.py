"""What becomes of a caller in a queue when its agents are busy, unwilling, slow, or not there."""

from tests.lab import behaviour, mailbox, office
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import is_told_first
from tests.lab.scenarios.queues import waiting
from textbackd.core.outcomes import Outcome

agents = Family("Queues and their agents")


@agents.ends(Outcome.ANSWERED)
async def queue_answered_in_the_second_round(branch: Branch) -> None:
    """The phones ring in vain; when they ring again, Alice is back at her desk and answers."""
    call = await branch.call(office.QUEUE)
    await (await branch.phones[1].next_call()).ended()
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@agents.ends(Outcome.ANSWERED)
async def queue_one_declines_one_answers(branch: Branch) -> None:
    """Alice presses the red key, and Bob takes it."""
    branch.phones[1].behaviour = behaviour.DECLINES
    branch.phones[2].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.QUEUE)
    await (await branch.phones[2].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@agents.ends(Outcome.ANSWERED_BRIEFLY)
async def agent_drops_the_receiver(branch: Branch) -> None:
    """Bob lifts the receiver and puts it down again at once; the caller is thrown out of the queue."""
    branch.phones[2].behaviour = Behaviour(answer_after=0.2, hang_up_after=0.3)
    call = await branch.call(office.QUEUE)
    assert await call.ended() == 200


@agents.ends(Outcome.UNAVAILABLE)
async def queue_without_agents(branch: Branch) -> None:
    """Nobody of the queue is there, so it takes nobody in."""
    call = await branch.call(office.STRICT_QUEUE)
    assert await call.ended() == 200


@agents.ends(Outcome.VOICEMAIL_MESSAGE)
async def queue_without_agents_then_message(branch: Branch) -> None:
    """The same, with voicemail behind it, where the caller leaves a message."""
    call = await branch.call(office.STRICT_QUEUE_VOICEMAIL)
    await mailbox.leave_message(call)


@agents.ends(Outcome.UNAVAILABLE)
async def queue_is_left_by_its_last_agent(branch: Branch) -> None:
    """The only agent, who is on the phone, logs out while the caller waits, and the queue lets go of the caller."""
    branch.phones[2].behaviour = behaviour.BUSY
    queue, agent = f"8{branch.site.number}", f"PJSIP/{branch.extension(2)}"
    ami = await branch.ami()
    await ami.perform("QueueAdd", Queue=queue, Interface=agent)
    call = await branch.call(office.STRICT_QUEUE)
    await branch.phones[2].next_call()
    await ami.perform("QueueRemove", Queue=queue, Interface=agent)
    assert await call.ended() == 200


@agents.ends(Outcome.ANSWERED)
async def local_queue_answered(branch: Branch) -> None:
    """A queue whose members are extensions with their own rules (Local channels); Bob answers."""
    branch.phones[2].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.LOCAL_QUEUE)
    await (await branch.phones[2].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@agents.ends(Outcome.NO_ANSWER)
async def local_queue_times_out(branch: Branch) -> None:
    """The same, and nobody comes."""
    call = await branch.call(office.LOCAL_QUEUE)
    await call.ended()


@agents.ends(Outcome.ABANDONED_QUEUE)
async def local_queue_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up."""
    call = await branch.call(office.LOCAL_QUEUE)
    await branch.phones[2].next_call()
    await call.hang_up()


@agents.ends(Outcome.ANSWERED)
async def agent_told_then_joined(branch: Branch) -> None:
    """Alice answers, hears from which queue the caller comes, and then has him on the line."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    ami = await branch.ami()
    call = await branch.call(office.AGENT_TOLD_QUEUE)
    await (await branch.phones[1].next_call()).answered()
    await ami.event("AgentConnect", CallerIDNum=call.caller)
    await branch.talk(call)
    await call.hang_up()


@agents.ends(Outcome.ABANDONED_QUEUE)
async def caller_gone_while_agent_is_told(branch: Branch) -> None:
    """The same, but the caller gives up before Alice has heard it to its end: she finds nobody there."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    call = await branch.call(office.AGENT_TOLD_QUEUE)
    await is_told_first(branch.phones[1])
    await call.hang_up()


@agents.ends(Outcome.BUSY)
async def queue_all_busy(branch: Branch) -> None:
    """Both agents are on the phone all the time until the queue lets go of the caller."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.BUSY
    call = await branch.call(office.SHORT_QUEUE)
    await call.ended()


@agents.ends(Outcome.BUSY)
async def queue_all_decline(branch: Branch) -> None:
    """Both agents press the red key, again and again, until the queue lets go of the caller."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.DECLINES
    call = await branch.call(office.SHORT_QUEUE)
    await call.ended()


@agents.ends(Outcome.UNAVAILABLE)
async def queue_all_on_do_not_disturb(branch: Branch) -> None:
    """Both agents have switched their phones to do-not-disturb (SIP 480)."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.UNAVAILABLE
    call = await branch.call(office.SHORT_QUEUE)
    await call.ended()


@agents.ends(Outcome.BUSY)  # nothing tells an agent who cannot be rung from one who is on the phone
async def queue_agent_not_registered(branch: Branch) -> None:
    """The only agent's phone is unplugged, and the queue lets callers in all the same; then it lets go."""
    call = await branch.call(office.UNREGISTERED_QUEUE)
    await call.ended()


@agents.ends(Outcome.ABANDONED_QUEUE)
async def queue_all_busy_abandoned(branch: Branch) -> None:
    """Both agents are on the phone, and the caller gives up waiting."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.BUSY
    call = await waiting(branch, office.QUEUE)
    await branch.phones[1].next_call()
    await call.hang_up()


@agents.ends(Outcome.ANSWERED)
async def shortcut_queue_answered(branch: Branch) -> None:
    """The agent is an extension (a Local channel that gets out of the way); Bob answers."""
    branch.phones[2].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.SHORTCUT_QUEUE)
    await (await branch.phones[2].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@agents.ends(Outcome.ANSWERED)
async def agent_confirms(branch: Branch) -> None:
    """Bob lifts the receiver, hears that he must press 1 to have the caller, and does."""
    branch.phones[2].behaviour = behaviour.ANSWERS
    call = await branch.call(office.CONFIRMED_QUEUE)
    bob = await is_told_first(branch.phones[2])
    ami = await branch.ami()
    bob.press("1")
    await ami.event("AgentConnect", CallerIDNum=call.caller)
    await branch.talk(call)
    await call.hang_up()


@agents.ends(Outcome.NO_ANSWER)
async def agent_does_not_confirm(branch: Branch) -> None:
    """The same, but nobody presses anything (it is an answering machine), and the queue lets go of the caller."""
    branch.phones[2].behaviour = behaviour.ANSWERS
    call = await branch.call(office.CONFIRMED_QUEUE)
    await call.ended()


@agents.ends(Outcome.ABANDONED_QUEUE)
async def caller_gone_before_agent_confirms(branch: Branch) -> None:
    """The same, and the caller gives up while Bob still hears what to press."""
    branch.phones[2].behaviour = behaviour.ANSWERS
    call = await branch.call(office.CONFIRMED_QUEUE)
    await is_told_first(branch.phones[2])
    await call.hang_up()


@agents.ends(Outcome.ABANDONED_QUEUE)
async def agent_hangs_up_while_being_told(branch: Branch) -> None:
    """Bob answers, hears from which queue the caller comes, and hangs up; the caller waits on and gives up."""
    branch.phones[2].behaviour = Behaviour(answer_after=0, hang_up_after=0.3)
    branch.phones[1].behaviour = behaviour.BUSY
    call = await waiting(branch, office.AGENT_TOLD_QUEUE)
    await (await branch.phones[2].next_call()).ended()
    branch.phones[2].behaviour = behaviour.BUSY
    await call.hear()
    await call.hang_up()


@agents.ends(Outcome.ANSWERED, Outcome.BUSY)
async def agent_on_the_phone_is_not_rung(branch: Branch) -> None:
    """Alice, the only agent, talks to one caller; the second waits without anything ringing until the queue lets go."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    first = await branch.call(office.POLITE_QUEUE)
    await (await branch.phones[1].next_call()).answered()
    second = await branch.call(office.POLITE_QUEUE)
    await branch.talk(first)
    await second.ended()
    await first.hang_up()


@agents.ends(Outcome.BUSY)
async def local_queue_all_decline(branch: Branch) -> None:
    """The agents are extensions (Local channels), and both press the red key until the queue lets go."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.DECLINES
    call = await branch.call(office.LOCAL_QUEUE)
    await call.ended()
