"""Groups whose members are extensions with rules of their own: the PBX reaches them by Local channels."""

from tests.lab import behaviour, mailbox, office
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import is_helped
from textbackd.core.outcomes import Outcome

extensions = Family("Ring groups of extensions (Local channels)")


@extensions.ends(Outcome.ANSWERED)
async def local_group_answered(branch: Branch) -> None:
    """The group's members are extensions with their own rules (Local channels); Bob answers."""
    branch.phones[2].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.LOCAL_GROUP)
    await is_helped(branch, call)


@extensions.ends(Outcome.NO_ANSWER)
async def local_group_rings_out(branch: Branch) -> None:
    """The same, and nobody comes."""
    call = await branch.call(office.LOCAL_GROUP)
    await call.ended()


@extensions.ends(Outcome.ABANDONED_RINGING)
async def local_group_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up."""
    call = await branch.call(office.LOCAL_GROUP)
    await branch.phones[1].next_call()
    await call.hang_up()


@extensions.ends(Outcome.BUSY)
async def local_group_all_busy(branch: Branch) -> None:
    """The same, and everybody is on the phone."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.BUSY
    call = await branch.call(office.LOCAL_GROUP)
    await call.ended()


@extensions.ends(Outcome.VOICEMAIL_MESSAGE)
async def mailbox_steals_a_group_call(branch: Branch) -> None:
    """Alice's own voicemail answers while the group still rings; the caller leaves a message there."""
    call = await branch.call(office.GROUP_WITH_A_MAILBOX)
    await mailbox.leave_message(call)


@extensions.ends(Outcome.VOICEMAIL_SILENT)
async def mailbox_steals_a_group_call_and_gets_nothing(branch: Branch) -> None:
    """The same, and the caller hangs up during the greeting."""
    call = await branch.call(office.GROUP_WITH_A_MAILBOX)
    await call.answered()
    await call.hear()
    await call.hang_up()


@extensions.ends(Outcome.ANSWERED)
async def group_answers_before_the_mailbox(branch: Branch) -> None:
    """The same, but Bob answers before Alice's voicemail does."""
    branch.phones[2].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.GROUP_WITH_A_MAILBOX)
    await is_helped(branch, call)


@extensions.ends(Outcome.ANSWERED)
async def shortcut_group_answered(branch: Branch) -> None:
    """A member is an extension (a Local channel that gets out of the way); Bob answers there."""
    branch.phones[2].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.SHORTCUT_GROUP)
    await is_helped(branch, call)


@extensions.ends(Outcome.NO_ANSWER)
async def shortcut_group_one_busy_one_rings_out(branch: Branch) -> None:
    """Alice is on the phone; Bob's rings, reached as an extension, and he is not there."""
    branch.phones[1].behaviour = behaviour.BUSY
    call = await branch.call(office.SHORTCUT_GROUP)
    await call.ended()


@extensions.ends(Outcome.NO_ANSWER)
async def local_group_one_busy_one_rings_out(branch: Branch) -> None:
    """The members are extensions: Alice is on the phone, and Bob's rings in vain."""
    branch.phones[1].behaviour = behaviour.BUSY
    call = await branch.call(office.LOCAL_GROUP)
    await call.ended()


@extensions.ends(Outcome.NO_ANSWER)
async def extension_says_sorry_in_a_group(branch: Branch) -> None:
    """Alice's extension rings in vain and then answers with an announcement, for which Bob's phone stops ringing."""
    call = await branch.call(office.SORRY_GROUP)
    assert await call.ended() == 200
