"""Calls that leave the house again, to a mobile."""

from tests.lab import behaviour, office
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import is_helped, is_told_first
from textbackd.core.outcomes import Outcome

forwards = Family("Forwards to a mobile")

NETWORK_GIVES_UP = Behaviour(refuse_with=480, refuse_after=1)
"""The mobile rings, and its network says that nobody took it."""


@forwards.ends(Outcome.ANSWERED, maybe_machine=True)
async def forward_mobile_answers(branch: Branch) -> None:
    """All calls go to the owner's mobile, and he answers."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.TO_MOBILE)
    await is_helped(branch, call)


@forwards.ends(Outcome.NO_ANSWER)
async def forward_mobile_rings_out(branch: Branch) -> None:
    """The same, and the mobile rings until its network gives up."""
    branch.carrier.behaviour = NETWORK_GIVES_UP
    call = await branch.call(office.TO_MOBILE)
    await call.ended()


@forwards.ends(Outcome.BUSY)
async def forward_mobile_busy(branch: Branch) -> None:
    """The same, and the owner is on the phone."""
    branch.carrier.behaviour = behaviour.BUSY
    call = await branch.call(office.TO_MOBILE)
    assert await call.ended() == 486


@forwards.ends(Outcome.BUSY)
async def forward_mobile_declines(branch: Branch) -> None:
    """The same, and the owner presses the red key."""
    branch.carrier.behaviour = Behaviour(refuse_with=603, refuse_after=0.5)
    call = await branch.call(office.TO_MOBILE)
    await call.ended()


@forwards.ends(Outcome.UNAVAILABLE)
async def forward_mobile_switched_off(branch: Branch) -> None:
    """The same, and the mobile is switched off and has no mailbox."""
    branch.carrier.behaviour = behaviour.UNAVAILABLE
    call = await branch.call(office.TO_MOBILE)
    await call.ended()


@forwards.ends(Outcome.UNAVAILABLE)
async def forward_trunk_full(branch: Branch) -> None:
    """The same, but the carrier has no line free for the way out (SIP 503)."""
    branch.carrier.behaviour = Behaviour(refuse_with=503)
    call = await branch.call(office.TO_MOBILE)
    await call.ended()


@forwards.ends(Outcome.ABANDONED_RINGING)
async def forward_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up while the mobile rings."""
    call = await branch.call(office.TO_MOBILE)
    await branch.carrier.next_call()
    await call.hang_up()


@forwards.ends(Outcome.ANSWERED_BRIEFLY)
async def forward_gone_as_mailbox_answers(branch: Branch) -> None:
    """The same; a mailbox answers, and the caller hangs up at its first word."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.TO_MOBILE)
    await call.answered()
    await branch.talk(call, seconds=0.5)
    await call.hang_up()


@forwards.ends(Outcome.ANSWERED, maybe_machine=False)
async def forward_confirmed(branch: Branch) -> None:
    """All calls go to the owner's mobile, and he must press 1, and does."""
    branch.carrier.behaviour = behaviour.ANSWERS
    call = await branch.call(office.TO_MOBILE_CONFIRMED)
    mobile = await is_told_first(branch.carrier)
    mobile.press("1")
    await is_helped(branch, call)


@forwards.ends(Outcome.NO_ANSWER)
async def forward_not_confirmed(branch: Branch) -> None:
    """The same, but it is his mailbox that answers and presses nothing."""
    branch.carrier.behaviour = behaviour.ANSWERS
    call = await branch.call(office.TO_MOBILE_CONFIRMED)
    await call.ended()


@forwards.ends(Outcome.ANSWERED, maybe_machine=True)
async def forward_in_the_pbx_answered(branch: Branch) -> None:
    """Alice has forwarded her extension to a mobile by the PBX's code, and answers there."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    async with branch.stored("CF", branch.extension(1), office.MOBILE):
        call = await branch.call(office.PATIENT)
        await is_helped(branch, call)


@forwards.ends(Outcome.BUSY)
async def forward_in_the_pbx_busy(branch: Branch) -> None:
    """The same, and she is on the mobile with somebody else."""
    branch.carrier.behaviour = behaviour.BUSY
    async with branch.stored("CF", branch.extension(1), office.MOBILE):
        call = await branch.call(office.PATIENT)
        await call.ended()


@forwards.ends(Outcome.ABANDONED_RINGING)
async def forward_in_the_pbx_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up while the mobile rings."""
    async with branch.stored("CF", branch.extension(1), office.MOBILE):
        call = await branch.call(office.PATIENT)
        await branch.carrier.next_call()
        await call.hang_up()


@forwards.ends(Outcome.ANSWERED)
async def forward_when_nobody_answers(branch: Branch) -> None:
    """Alice's phone rings in vain, then the mobile, and there she answers."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    async with branch.stored("CFU", branch.extension(1), office.MOBILE):
        call = await branch.call(office.ONE_PHONE)
        await is_helped(branch, call)


@forwards.ends(Outcome.NO_ANSWER)
async def forward_when_nobody_answers_in_vain(branch: Branch) -> None:
    """Alice's phone rings in vain, and the mobile is switched off."""
    branch.carrier.behaviour = behaviour.UNAVAILABLE
    async with branch.stored("CFU", branch.extension(1), office.MOBILE):
        call = await branch.call(office.ONE_PHONE)
        await call.ended()


@forwards.ends(Outcome.ANSWERED, maybe_machine=True)
async def forward_by_the_phone_answered(branch: Branch) -> None:
    """Alice's phone itself forwards to a mobile (SIP 302), where she answers."""
    branch.phones[1].behaviour = behaviour.forwards_to(office.MOBILE)
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.PATIENT)
    await is_helped(branch, call)


@forwards.ends(Outcome.ABANDONED_RINGING)
async def forward_by_the_phone_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up while the mobile rings."""
    branch.phones[1].behaviour = behaviour.forwards_to(office.MOBILE)
    call = await branch.call(office.PATIENT)
    await branch.carrier.next_call()
    await call.hang_up()


@forwards.ends(Outcome.BUSY)
async def forward_by_the_phone_busy(branch: Branch) -> None:
    """The same, and the mobile is busy."""
    branch.phones[1].behaviour = behaviour.forwards_to(office.MOBILE)
    branch.carrier.behaviour = behaviour.BUSY
    call = await branch.call(office.PATIENT)
    await call.ended()


@forwards.ends(Outcome.ANSWERED, maybe_machine=False)
async def forward_by_the_phone_to_a_colleague(branch: Branch) -> None:
    """Alice's phone forwards to Bob's (SIP 302), and he answers."""
    branch.phones[1].behaviour = behaviour.forwards_to(branch.extension(2))
    branch.phones[2].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.PATIENT)
    await is_helped(branch, call)
