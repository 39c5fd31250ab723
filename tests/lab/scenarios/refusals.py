"""One phone that does not ring, or not for long: busy, switched off, unplugged."""

from tests.lab import behaviour, office
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from textbackd.core.outcomes import Outcome

refusals = Family("One phone, busy or out of reach")


@refusals.ends(Outcome.BUSY)
async def phone_busy(branch: Branch) -> None:
    """Alice is on the phone and has no call waiting: the caller hears the busy tone."""
    branch.phones[1].behaviour = behaviour.BUSY
    call = await branch.call(office.ONE_PHONE)
    assert await call.ended() == 486


@refusals.ends(Outcome.BUSY)
async def phone_declines(branch: Branch) -> None:
    """Alice sees who calls and presses the red key."""
    branch.phones[1].behaviour = behaviour.DECLINES
    call = await branch.call(office.ONE_PHONE)
    await call.ended()


@refusals.ends(Outcome.BUSY)
async def phone_declines_after_ringing(branch: Branch) -> None:
    """Alice's phone rings a while before she presses the red key."""
    branch.phones[1].behaviour = Behaviour(refuse_with=603, refuse_after=0.5)
    call = await branch.call(office.PATIENT)
    await call.ended()


@refusals.ends(Outcome.UNAVAILABLE)
async def phone_on_do_not_disturb(branch: Branch) -> None:
    """Alice has switched her phone itself to do-not-disturb (SIP 480)."""
    branch.phones[1].behaviour = behaviour.UNAVAILABLE
    call = await branch.call(office.ONE_PHONE)
    await call.ended()


@refusals.ends(Outcome.BUSY)
async def do_not_disturb_in_the_pbx(branch: Branch) -> None:
    """Alice has dialled the PBX's code for do-not-disturb: callers hear the busy tone, and her phone never rings."""
    async with branch.stored("DND", branch.extension(1), "YES"):
        call = await branch.call(office.ONE_PHONE)
        assert await call.ended() == 486


@refusals.ends(Outcome.BUSY)
async def turned_away_as_busy(branch: Branch) -> None:
    """The dialplan hangs up with the cause for busy before anybody is rung."""
    call = await branch.call(office.TURNED_AWAY_AS_BUSY)
    assert await call.ended() == 486


@refusals.ends(Outcome.UNAVAILABLE)
async def phone_not_registered(branch: Branch) -> None:
    """Dave's phone is unplugged and has not registered for days."""
    call = await branch.call(office.UNREGISTERED)
    assert await call.ended() == 503


@refusals.ends(Outcome.NO_ANSWER)
async def phone_dead(branch: Branch) -> None:
    """The cable of Alice's phone is out, which the PBX does not know yet: it tries until its ring time is up."""
    branch.phones[1].behaviour = behaviour.DEAD
    call = await branch.call(office.ONE_PHONE)
    assert await call.ended() == 503


@refusals.ends(Outcome.ABANDONED_RINGING)
async def phone_dead_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up."""
    branch.phones[1].behaviour = behaviour.DEAD
    call = await branch.call(office.PATIENT)
    call.hang_up_after(1)
    assert await call.ended() == 487


@refusals.ends(Outcome.UNAVAILABLE)
async def phone_out_of_service(branch: Branch) -> None:
    """The box behind which Alice's analogue phone hangs says that it is overloaded (SIP 503)."""
    branch.phones[1].behaviour = Behaviour(refuse_with=503)
    call = await branch.call(office.ONE_PHONE)
    assert await call.ended() == 503


@refusals.ends(Outcome.UNAVAILABLE)
async def phone_does_not_know_itself(branch: Branch) -> None:
    """Alice's phone was given to somebody else and says that it has no such user (SIP 404)."""
    branch.phones[1].behaviour = Behaviour(refuse_with=404)
    call = await branch.call(office.ONE_PHONE)
    await call.ended()
