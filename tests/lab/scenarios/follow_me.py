"""A phone and a mobile ring together, or one after the other."""

from tests.lab import behaviour, office
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import is_helped, is_told_first
from textbackd.core.outcomes import Outcome

follow_me = Family("Follow-me")


@follow_me.ends(Outcome.ANSWERED, maybe_machine=False)
async def follow_me_desk_answers(branch: Branch) -> None:
    """Carol's phone and her mobile ring; she answers at her desk, and the mobile stops."""
    branch.phones[3].behaviour = behaviour.answers_after(0.5)
    call = await branch.call(office.FOLLOW_ME)
    await is_helped(branch, call)


@follow_me.ends(Outcome.ANSWERED, maybe_machine=True)
async def follow_me_mobile_answers(branch: Branch) -> None:
    """The same, and she answers on the mobile."""
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    call = await branch.call(office.FOLLOW_ME)
    await is_helped(branch, call)


@follow_me.ends(Outcome.ABANDONED_RINGING)
async def follow_me_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up."""
    call = await branch.call(office.FOLLOW_ME)
    await branch.carrier.next_call()
    await call.hang_up()


@follow_me.ends(Outcome.NO_ANSWER)
async def follow_me_rings_out(branch: Branch) -> None:
    """The same, and neither is taken until the PBX gives up."""
    call = await branch.call(office.FOLLOW_ME)
    assert await call.ended() == 503


@follow_me.ends(Outcome.NO_ANSWER)
async def follow_me_mobile_switched_off(branch: Branch) -> None:
    """The mobile is switched off, and the desk phone rings in vain."""
    branch.carrier.behaviour = behaviour.UNAVAILABLE
    call = await branch.call(office.FOLLOW_ME)
    await call.ended()


@follow_me.ends(Outcome.ANSWERED, maybe_machine=True)
async def follow_me_mailbox_of_the_mobile(branch: Branch) -> None:
    """The mobile network's mailbox answers; no event can tell it from Carol."""
    branch.carrier.behaviour = behaviour.answers_after(1)
    call = await branch.call(office.FOLLOW_ME)
    await is_helped(branch, call)


@follow_me.ends(Outcome.ANSWERED, maybe_machine=False)
async def follow_me_confirmed(branch: Branch) -> None:
    """Who takes it on the mobile must press 1; Carol does."""
    branch.carrier.behaviour = behaviour.ANSWERS
    call = await branch.call(office.FOLLOW_ME_CONFIRMED)
    mobile = await is_told_first(branch.carrier)
    mobile.press("1")
    await call.answered()
    await branch.talk(call, mobile)
    await call.hang_up()


@follow_me.ends(Outcome.NO_ANSWER)
async def follow_me_not_confirmed(branch: Branch) -> None:
    """Who takes it on the mobile must press 1; its mailbox does not, and the desk phone rings in vain."""
    branch.carrier.behaviour = behaviour.ANSWERS
    call = await branch.call(office.FOLLOW_ME_CONFIRMED)
    assert await call.ended() == 503


@follow_me.ends(Outcome.ABANDONED_RINGING)
async def follow_me_abandoned_before_the_confirmation(branch: Branch) -> None:
    """The mailbox of the mobile hears that it must press 1, and meanwhile the caller gives up."""
    branch.carrier.behaviour = behaviour.ANSWERS
    call = await branch.call(office.FOLLOW_ME_CONFIRMED)
    await is_told_first(branch.carrier)
    await call.hang_up()


@follow_me.ends(Outcome.ANSWERED)
async def follow_me_desk_answers_before_the_confirmation(branch: Branch) -> None:
    """The mailbox of the mobile hears that it must press 1, and meanwhile Carol answers at her desk."""
    branch.carrier.behaviour = behaviour.ANSWERS
    call = await branch.call(office.FOLLOW_ME_CONFIRMED)
    await is_told_first(branch.carrier)
    (await branch.phones[3].next_call()).answer()
    await is_helped(branch, call)


@follow_me.ends(Outcome.ANSWERED)
async def follow_me_later_mobile_answers(branch: Branch) -> None:
    """First Carol's phone rings, then her mobile, and there she answers."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.FOLLOW_ME_LATER)
    await is_helped(branch, call)


@follow_me.ends(Outcome.NO_ANSWER)
async def follow_me_later_mobile_switched_off(branch: Branch) -> None:
    """First Carol's phone rings in vain, then her mobile is switched off."""
    branch.carrier.behaviour = behaviour.UNAVAILABLE
    call = await branch.call(office.FOLLOW_ME_LATER)
    await call.ended()


@follow_me.ends(Outcome.ABANDONED_RINGING)
async def follow_me_later_abandoned_at_the_mobile(branch: Branch) -> None:
    """First Carol's phone rings, then her mobile, and there the caller gives up."""
    call = await branch.call(office.FOLLOW_ME_LATER)
    await branch.carrier.next_call()
    await call.hang_up()


@follow_me.ends(Outcome.NO_ANSWER)
async def follow_me_not_confirmed_and_desk_busy(branch: Branch) -> None:
    """Carol is on the phone at her desk; her mobile rings, and its mailbox takes it and does not press 1."""
    branch.phones[3].behaviour = behaviour.BUSY
    branch.carrier.behaviour = behaviour.ANSWERS
    call = await branch.call(office.FOLLOW_ME_CONFIRMED)
    await call.ended()


@follow_me.ends(Outcome.BUSY)
async def follow_me_both_busy(branch: Branch) -> None:
    """Carol is on the phone at her desk, and her mobile is busy too."""
    branch.phones[3].behaviour = behaviour.BUSY
    branch.carrier.behaviour = behaviour.BUSY
    call = await branch.call(office.FOLLOW_ME)
    await call.ended()


@follow_me.ends(Outcome.NO_ANSWER)
async def follow_me_desk_declines(branch: Branch) -> None:
    """Carol presses the red key at her desk, and her mobile, which is at home, rings in vain."""
    branch.phones[3].behaviour = behaviour.DECLINES
    call = await branch.call(office.FOLLOW_ME)
    await call.ended()
