"""Several phones, together or one after the other."""

from tests.lab import behaviour, mailbox, office
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import is_helped
from textbackd.core.outcomes import Outcome

groups = Family("Ring groups and hunting")


@groups.ends(Outcome.ANSWERED)
async def group_one_answers(branch: Branch) -> None:
    """Two phones ring; Bob takes it, and Alice's stops."""
    branch.phones[2].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.RING_GROUP)
    await is_helped(branch, call)


@groups.ends(Outcome.NO_ANSWER)
async def group_rings_out(branch: Branch) -> None:
    """Two phones ring, and nobody comes."""
    call = await branch.call(office.RING_GROUP)
    assert await call.ended() == 503


@groups.ends(Outcome.ABANDONED_RINGING)
async def group_abandoned(branch: Branch) -> None:
    """Two phones ring, and the caller gives up."""
    call = await branch.call(office.RING_GROUP)
    await call.ringing()
    await call.hang_up()


@groups.ends(Outcome.BUSY)
async def group_all_busy(branch: Branch) -> None:
    """Everybody in the group is on the phone."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.BUSY
    call = await branch.call(office.RING_GROUP)
    await call.ended()


@groups.ends(Outcome.NO_ANSWER)
async def group_one_busy_one_rings_out(branch: Branch) -> None:
    """Alice is on the phone; Bob's rings, and he is not there."""
    branch.phones[1].behaviour = behaviour.BUSY
    call = await branch.call(office.RING_GROUP)
    await call.ended()


@groups.ends(Outcome.ANSWERED)
async def group_one_declines_one_answers(branch: Branch) -> None:
    """Alice presses the red key, and Bob takes it."""
    branch.phones[1].behaviour = behaviour.DECLINES
    branch.phones[2].behaviour = behaviour.answers_after(0.4)
    call = await branch.call(office.RING_GROUP)
    await is_helped(branch, call)


@groups.ends(Outcome.ANSWERED)
async def group_both_answer_at_once(branch: Branch) -> None:
    """Alice and Bob lift their receivers in the same moment; one of them has the caller."""
    for desk in (1, 2):
        branch.phones[desk].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.RING_GROUP)
    await is_helped(branch, call)


@groups.ends(Outcome.ANSWERED)
async def hunt_second_answers(branch: Branch) -> None:
    """Alice's phone rings in vain, then Bob's, who answers."""
    branch.phones[2].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.HUNT)
    await is_helped(branch, call)


@groups.ends(Outcome.NO_ANSWER)
async def hunt_rings_out(branch: Branch) -> None:
    """Three phones ring one after the other, and nobody is there."""
    call = await branch.call(office.HUNT)
    assert await call.ended() == 503


@groups.ends(Outcome.ABANDONED_RINGING)
async def hunt_abandoned_at_the_second(branch: Branch) -> None:
    """The caller gives up while the second phone rings."""
    call = await branch.call(office.HUNT)
    await branch.phones[2].next_call()
    await call.hang_up()


@groups.ends(Outcome.NO_ANSWER)
async def hunt_second_declines(branch: Branch) -> None:
    """Alice's phone rings in vain, Bob presses the red key, and Carol's rings in vain."""
    branch.phones[2].behaviour = behaviour.DECLINES
    call = await branch.call(office.HUNT)
    await call.ended()


@groups.ends(Outcome.BUSY)
async def hunt_all_decline_or_are_busy(branch: Branch) -> None:
    """Alice is on the phone, Bob presses the red key, and Carol is on the phone too."""
    branch.phones[1].behaviour = behaviour.BUSY
    branch.phones[2].behaviour = Behaviour(refuse_with=603, refuse_after=0.3)
    branch.phones[3].behaviour = behaviour.BUSY
    call = await branch.call(office.HUNT)
    await call.ended()


@groups.ends(Outcome.NO_ANSWER)
async def hunt_first_rings_last_busy(branch: Branch) -> None:
    """Alice's and Bob's phones ring in vain, and Carol, the last, is on the phone."""
    branch.phones[3].behaviour = behaviour.BUSY
    call = await branch.call(office.HUNT)
    await call.ended()


@groups.ends(Outcome.ANSWERED)
async def escalation_to_all(branch: Branch) -> None:
    """Alice's phone rings in vain, then everybody's, and Carol answers."""
    branch.phones[3].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.ESCALATION)
    await is_helped(branch, call)


@groups.ends(Outcome.NO_ANSWER)
async def recorded_group_rings_out(branch: Branch) -> None:
    """The caller hears that calls are recorded, then the group rings in vain."""
    call = await branch.call(office.RECORDED_GROUP)
    assert await call.ended() == 200


@groups.ends(Outcome.ABANDONED_RINGING)
async def recorded_group_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up while it rings."""
    call = await branch.call(office.RECORDED_GROUP)
    await branch.phones[1].next_call()
    await call.hang_up()


@groups.ends(Outcome.ANSWERED)
async def recorded_group_answered(branch: Branch) -> None:
    """The same, and Alice answers."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    call = await branch.call(office.RECORDED_GROUP)
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@groups.ends(Outcome.ANSWERED)
async def survey_after_the_talk(branch: Branch) -> None:
    """Alice answers and hangs up; the caller is then asked how it was, and hangs up."""
    branch.phones[1].behaviour = Behaviour(answer_after=0.1, hang_up_after=2.6)
    call = await branch.call(office.SURVEY)
    await call.answered()
    await (await branch.phones[1].next_call()).ended()
    await call.hear()
    await call.hang_up()


@groups.ends(Outcome.VOICEMAIL_SILENT)
async def group_voicemail_abandoned_in_greeting(branch: Branch) -> None:
    """The group rings in vain, voicemail answers, and the caller hangs up during the greeting."""
    call = await branch.call(office.GROUP_VOICEMAIL)
    await call.answered()
    await call.hear()
    await call.hang_up()


@groups.ends(Outcome.VOICEMAIL_MESSAGE)
async def group_voicemail_message(branch: Branch) -> None:
    """The group rings in vain, and the caller leaves a message."""
    call = await branch.call(office.GROUP_VOICEMAIL)
    await mailbox.leave_message(call)


@groups.ends(Outcome.NO_ANSWER)
async def group_one_unplugged_one_rings_out(branch: Branch) -> None:
    """Dave's phone is unplugged, and Alice's rings in vain."""
    call = await branch.call(office.HALF_A_GROUP)
    assert await call.ended() == 503


@groups.ends(Outcome.BUSY)
async def group_one_unplugged_one_busy(branch: Branch) -> None:
    """Dave's phone is unplugged, and Alice is on the phone."""
    branch.phones[1].behaviour = behaviour.BUSY
    call = await branch.call(office.HALF_A_GROUP)
    await call.ended()


@groups.ends(Outcome.NO_ANSWER)
async def group_then_announcement(branch: Branch) -> None:
    """The group rings in vain, and the caller hears that nobody is free."""
    call = await branch.call(office.GROUP_ANNOUNCEMENT)
    assert await call.ended() == 200


@groups.ends(Outcome.BUSY)
async def group_busy_then_announcement(branch: Branch) -> None:
    """Everybody in the group is on the phone, and the caller hears that nobody is free."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.BUSY
    call = await branch.call(office.GROUP_ANNOUNCEMENT)
    assert await call.ended() == 200
