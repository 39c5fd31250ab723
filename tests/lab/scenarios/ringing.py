"""One phone rings: somebody answers, or nobody does."""

from tests.lab import behaviour, office
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import is_helped, is_told_first
from textbackd.core.outcomes import Outcome

one_phone = Family("One phone")


@one_phone.ends(Outcome.ANSWERED, maybe_machine=False)
async def phone_answered(branch: Branch) -> None:
    """Alice answers, they talk, and the caller hangs up."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.ONE_PHONE)
    await is_helped(branch, call)


@one_phone.ends(Outcome.ANSWERED)
async def phone_answered_and_staff_hangs_up(branch: Branch) -> None:
    """Alice answers, they talk, and she hangs up first."""
    branch.phones[1].behaviour = Behaviour(answer_after=0.1, hang_up_after=2.6)
    call = await branch.call(office.ONE_PHONE)
    assert await call.ended() == 200


@one_phone.ends(Outcome.NO_ANSWER)
async def phone_rings_out(branch: Branch) -> None:
    """Alice is not at her desk, and the PBX gives up after its ring time."""
    call = await branch.call(office.ONE_PHONE)
    assert await call.ended() == 503


@one_phone.ends(Outcome.ABANDONED_RINGING)
async def phone_abandoned(branch: Branch) -> None:
    """The caller gives up while Alice's phone rings."""
    call = await branch.call(office.PATIENT)
    await call.ringing()
    call.hang_up_after(1.5)
    assert await call.ended() == 487


@one_phone.ends(Outcome.ABANDONED_RINGING)
async def phone_abandoned_at_once(branch: Branch) -> None:
    """The caller hangs up at the first ring: a wrong number, perhaps."""
    call = await branch.call(office.PATIENT)
    await call.ringing()
    await call.hang_up()


@one_phone.ends(Outcome.ABANDONED_RINGING)
async def phone_answers_a_moment_too_late(branch: Branch) -> None:
    """The caller gives up, and Alice lifts the receiver in the same moment: there is nobody any more."""
    branch.phones[1].behaviour = Behaviour(answers_a_cancel=True)
    call = await branch.call(office.PATIENT)
    await call.ringing()
    await call.hang_up()


@one_phone.ends(Outcome.ANSWERED_BRIEFLY)
async def caller_gone_as_phone_answers(branch: Branch) -> None:
    """Alice answers, and the caller hangs up in that moment."""
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.PATIENT)
    await call.answered()
    await call.hang_up()


@one_phone.ends(Outcome.ABANDONED_RINGING)
async def phone_with_early_media_abandoned(branch: Branch) -> None:
    """Alice's phone plays its own ringing (SIP 183) and never says 180; the caller gives up."""
    branch.phones[1].behaviour = Behaviour(early_media=True)
    call = await branch.call(office.PATIENT)
    await call.ringing()
    call.hang_up_after(1)
    await call.ended()


@one_phone.ends(Outcome.NO_ANSWER)
async def answered_by_the_pbx_then_rings_out(branch: Branch) -> None:
    """The PBX answers at once, as some carriers want it, and lets the caller hear ringing; nobody comes."""
    call = await branch.call(office.ANSWERED_FIRST)
    assert await call.ended() == 200


@one_phone.ends(Outcome.ABANDONED_RINGING)
async def answered_by_the_pbx_then_abandoned(branch: Branch) -> None:
    """The same, and the caller gives up while Alice's phone rings."""
    call = await branch.call(office.ANSWERED_FIRST)
    await branch.phones[1].next_call()
    await call.answered()
    await call.hang_up()


@one_phone.ends(Outcome.ANSWERED)
async def answered_by_the_pbx_then_by_a_person(branch: Branch) -> None:
    """The same, and Alice answers."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    call = await branch.call(office.ANSWERED_FIRST)
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@one_phone.ends(Outcome.BUSY)
async def answered_by_the_pbx_then_busy(branch: Branch) -> None:
    """The same, and Alice is on the phone: the caller hears the busy tone in an answered call."""
    branch.phones[1].behaviour = behaviour.BUSY
    call = await branch.call(office.ANSWERED_FIRST)
    assert await call.ended() == 200


@one_phone.ends(Outcome.NO_ANSWER)
async def notice_then_rings_out(branch: Branch) -> None:
    """The caller hears a notice before the call is answered, then ringing, and nobody comes."""
    call = await branch.call(office.EARLY_NOTICE)
    assert await call.ended() == 503


@one_phone.ends(Outcome.ANSWERED)
async def notice_then_answered(branch: Branch) -> None:
    """The same, and Alice answers."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    call = await branch.call(office.EARLY_NOTICE)
    await is_helped(branch, call)


@one_phone.ends(Outcome.ANSWERED)
async def caller_on_hold_and_back(branch: Branch) -> None:
    """Alice answers, puts the caller on hold, comes back, and they finish."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    call = await branch.call(office.ONE_PHONE)
    await call.answered()
    taken = await branch.phones[1].next_call()
    await branch.talk(call, taken, seconds=1)
    await taken.hold()
    await taken.resume()
    await branch.talk(call, taken, seconds=1.5)
    await call.hang_up()


@one_phone.ends(Outcome.ANSWERED)
async def caller_gives_up_on_hold(branch: Branch) -> None:
    """Alice answers, puts the caller on hold and forgets him; he gives up. She was on the line: that is on her."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    call = await branch.call(office.ONE_PHONE)
    await call.answered()
    taken = await branch.phones[1].next_call()
    await branch.talk(call, taken)
    await taken.hold()
    await call.hear()
    await call.hang_up()


@one_phone.ends(Outcome.ANSWERED, Outcome.ANSWERED)
async def call_waiting_taken(branch: Branch) -> None:
    """Alice talks to one caller when a second one rings; she puts the first on hold and takes the second."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    first = await branch.call(office.ONE_PHONE)
    await first.answered()
    talking = await branch.phones[1].next_call()
    second = await branch.call(office.PATIENT)
    await second.ringing()
    await talking.hold()
    await is_helped(branch, second)
    await talking.resume()
    await first.hang_up()


@one_phone.ends(Outcome.ANSWERED, Outcome.NO_ANSWER)
async def call_waiting_ignored(branch: Branch) -> None:
    """Alice talks to one caller and does not take the second, who hears ringing until it ends."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    first = await branch.call(office.ONE_PHONE)
    await first.answered()
    branch.phones[1].behaviour = behaviour.RINGS
    second = await branch.call(office.ONE_PHONE)
    await branch.talk(first)
    assert await second.ended() == 503
    await first.hang_up()


@one_phone.ends(Outcome.ABANDONED_RINGING, Outcome.ANSWERED)
async def caller_tries_again_and_gets_through(branch: Branch) -> None:
    """The caller gives up, rings again at once, and is answered."""
    number = branch.new_caller()
    first = await branch.call(office.PATIENT, number=number)
    await first.ringing()
    await first.hang_up()
    branch.phones[1].behaviour = behaviour.ANSWERS
    second = await branch.call(office.PATIENT, number=number)
    await is_helped(branch, second)


@one_phone.ends(Outcome.ANSWERED)
async def screened_and_accepted(branch: Branch) -> None:
    """Alice lifts the receiver, hears that she must press 1 to have the caller, and does."""
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.SCREENED)
    alice = await is_told_first(branch.phones[1])
    alice.press("1")
    await is_helped(branch, call)


@one_phone.ends(Outcome.NO_ANSWER)
async def screened_and_not_accepted(branch: Branch) -> None:
    """The same, and she presses nothing: she does not want the call."""
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.SCREENED)
    await call.ended()


@one_phone.ends(Outcome.ABANDONED_RINGING)
async def screened_and_abandoned(branch: Branch) -> None:
    """The same, and the caller, who hears ringing all the time, gives up before she decides."""
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    call = await branch.call(office.SCREENED)
    await is_told_first(branch.phones[1])
    await call.hang_up()
