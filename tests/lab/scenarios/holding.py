"""One phone and several callers: hold, call waiting, going to and fro."""

from tests.lab import behaviour, office
from tests.lab.branch import TALK, Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, rings_at, takes, talk_and_hang_up, talking
from textbackd.core.outcomes import Outcome

holding = Family("Hold and call waiting")


@holding.ends(Outcome.ANSWERED)
async def hold_and_resume(branch: Branch) -> None:
    """Alice puts the caller on hold, looks something up, and comes back."""
    caller, alice = await talking(branch)
    await alice.hold()
    await branch.talk(caller, seconds=1)
    await alice.resume()
    await talk_and_hang_up(branch, caller, alice)


@holding.ends(Outcome.ANSWERED)
async def hold_given_up(branch: Branch) -> None:
    """Alice talks to the caller, puts him on hold, and he gives up: she knows that she had him."""
    caller, alice = await talking(branch, seconds=TALK)
    await alice.hold()
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@holding.ends(Outcome.ANSWERED)
async def hold_by_the_caller(branch: Branch) -> None:
    """The caller puts Alice on hold (his own PBX plays to her) and comes back."""
    caller, alice = await talking(branch)
    await caller.hold()
    await branch.talk(alice, seconds=0.5)
    await caller.resume()
    await talk_and_hang_up(branch, caller, alice)


@holding.ends(Outcome.ANSWERED, Outcome.ANSWERED)
async def two_callers_to_and_fro(branch: Branch) -> None:
    """Alice goes to and fro between two callers; the first hangs up while he is on hold, the second in the talk."""
    first, alice = await talking(branch, seconds=TALK)
    await alice.hold()
    second, alice_too = await talking(branch, seconds=TALK)
    await alice_too.hold()
    await alice.resume()
    await branch.talk(first, alice, seconds=A_FEW_WORDS)
    await alice.hold()
    await alice_too.resume()
    await first.hang_up()
    await branch.talk(second, alice_too, seconds=A_FEW_WORDS)
    await second.hang_up()


@holding.ends(Outcome.ANSWERED, Outcome.NO_ANSWER)
async def second_caller_not_taken(branch: Branch) -> None:
    """A second caller knocks at Alice's phone while she talks; she lets it."""
    first, alice = await talking(branch)
    second = await branch.call(office.ONE_PHONE)
    await branch.talk(first, alice)
    await second.ended()
    await first.hang_up()


@holding.ends(Outcome.ANSWERED, Outcome.BUSY)
async def second_caller_finds_busy(branch: Branch) -> None:
    """Alice has switched call waiting off; her phone says busy to the second caller."""
    first, alice = await talking(branch)
    branch.phones[1].behaviour = behaviour.BUSY
    second = await branch.call(office.ONE_PHONE)
    await branch.talk(first, alice)
    await second.ended()
    await first.hang_up()


@holding.ends(Outcome.ANSWERED, Outcome.ABANDONED_RINGING)
async def second_caller_gives_up(branch: Branch) -> None:
    """A second caller hears ringing while Alice talks, and gives up."""
    first, alice = await talking(branch)
    second = await branch.call(office.PATIENT)
    await rings_at(branch, 1)
    await branch.talk(first, alice)
    await second.hang_up()
    await first.hang_up()


@holding.ends(Outcome.ANSWERED, Outcome.ANSWERED)
async def second_caller_after_the_first(branch: Branch) -> None:
    """Alice ends the first talk and then takes the second caller, who has waited."""
    first, alice = await talking(branch)
    second = await branch.call(office.PATIENT)
    knocking = await rings_at(branch, 1)
    await branch.talk(first, alice)
    await alice.hang_up()
    knocking.answer()
    await talk_and_hang_up(branch, second, knocking)


@holding.ends(Outcome.ANSWERED)
async def phone_forwards_to_a_colleague(branch: Branch) -> None:
    """Alice's phone has a forward of its own (302) to Bob, who takes it."""
    branch.phones[1].behaviour = behaviour.forwards_to(branch.extension(2))
    caller = await branch.call(office.ONE_PHONE)
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@holding.ends(Outcome.ANSWERED_BRIEFLY)
async def answer_and_cancel_cross(branch: Branch) -> None:
    """Alice takes the call 50 ms before the caller hangs up."""
    branch.phones[1].behaviour = behaviour.answers_after(0.5)
    caller = await branch.call(office.ONE_PHONE)
    caller.hang_up_after(0.55)
    await caller.ended()


@holding.ends(Outcome.ABANDONED_RINGING)
async def cancel_and_answer_cross(branch: Branch) -> None:
    """The caller hangs up, and Alice's phone takes the call in the moment in which the PBX tells it so."""
    branch.phones[1].behaviour = behaviour.Behaviour(answers_a_cancel=True)
    caller = await branch.call(office.PATIENT)
    await rings_at(branch, 1)
    await caller.hang_up()
