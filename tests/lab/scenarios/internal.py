"""People in the office call each other. Nobody from outside called, so no call is judged."""

from tests.lab import behaviour, mailbox
from tests.lab.branch import Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, picks_up, rings_at, takes

internal = Family("Calls inside the office")


async def _carol_talks_to_alice(branch: Branch) -> tuple[Call, Call]:
    carol = await branch.phones[3].call(branch.extension(1))
    alice = await takes(branch, 1)
    await branch.talk(carol, alice, seconds=A_FEW_WORDS)
    return carol, alice


@internal.ends()
async def internal_answered(branch: Branch) -> None:
    """Alice calls Bob, and they talk."""
    alice = await branch.phones[1].call(branch.extension(2))
    bob = await takes(branch, 2)
    await alice.answered()
    await branch.talk(alice, bob)
    await alice.hang_up()


@internal.ends()
async def internal_not_answered(branch: Branch) -> None:
    """Alice calls Bob, who is out."""
    alice = await branch.phones[1].call(branch.extension(2))
    assert await alice.ended() >= 400


@internal.ends()
async def internal_busy(branch: Branch) -> None:
    """Alice calls Bob, who is on the phone."""
    branch.phones[2].behaviour = behaviour.BUSY
    alice = await branch.phones[1].call(branch.extension(2))
    assert await alice.ended() >= 400


@internal.ends()
async def internal_voicemail_message(branch: Branch) -> None:
    """Bob is out; Alice leaves a message in his voicemail."""
    alice = await branch.phones[1].call(f"5{branch.extension(2)}")
    await (await rings_at(branch, 2)).ended()
    await mailbox.leave_message(alice)


@internal.ends()
async def internal_voicemail_silent(branch: Branch) -> None:
    """Alice dials straight into Bob's voicemail and hangs up in the greeting."""
    alice = await branch.phones[1].call(f"*{branch.extension(2)}")
    await alice.answered()
    await branch.talk(alice, seconds=0.5)
    await alice.hang_up()


@internal.ends()
async def internal_mailbox(branch: Branch) -> None:
    """Alice listens to her messages."""
    alice = await branch.phones[1].call("*97")
    await alice.answered()
    await branch.talk(alice, seconds=0.5)
    await alice.hang_up()


@internal.ends()
async def internal_queue_answered(branch: Branch) -> None:
    """Carol calls the queue like a customer, and Bob takes it."""
    carol = await branch.phones[3].call("700")
    bob = await takes(branch, 2)
    await branch.talk(carol, bob)
    await carol.hang_up()


@internal.ends()
async def internal_queue_given_up(branch: Branch) -> None:
    """Carol calls the queue and gives up: that is no customer who gave up."""
    carol = await branch.phones[3].call("700")
    await rings_at(branch, 2)
    await carol.hang_up()


@internal.ends()
async def internal_group(branch: Branch) -> None:
    """Carol calls the front office; Alice takes it."""
    carol = await branch.phones[3].call("600")
    alice = await takes(branch, 1)
    await branch.talk(carol, alice)
    await alice.hang_up()


@internal.ends()
async def internal_picked_up(branch: Branch) -> None:
    """Carol calls Alice, and Bob takes it by *8."""
    carol = await branch.phones[3].call(f"4{branch.extension(1)}")
    ringing = await rings_at(branch, 1)
    bob = await picks_up(branch, 2, ringing, "*8")
    await branch.talk(carol, bob, seconds=A_FEW_WORDS)
    await carol.hang_up()


@internal.ends()
async def internal_parked(branch: Branch) -> None:
    """Alice parks Carol, and Erin fetches her."""
    carol, alice = await _carol_talks_to_alice(branch)
    await alice.transfer_to("70")
    await branch.talk(carol, seconds=0.3)
    erin = await branch.phones[5].call("71")
    await erin.answered()
    await branch.talk(carol, erin, seconds=A_FEW_WORDS)
    await erin.hang_up()


@internal.ends()
async def internal_conference(branch: Branch) -> None:
    """Alice, Bob and Carol meet in the conference room."""
    calls = [await branch.phones[desk].call("800") for desk in (1, 2, 3)]
    for call in calls:
        await call.answered()
    await branch.talk(*calls, seconds=1)
    for call in calls:
        await call.hang_up()


@internal.ends()
async def internal_transferred_to_mobile(branch: Branch) -> None:
    """Carol asks Alice for a line, and Alice transfers her to a customer's mobile."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    carol, alice = await _carol_talks_to_alice(branch)
    await alice.transfer_to("07700900456")
    customer = await branch.carrier.next_call()
    await customer.answered()
    await branch.talk(carol, customer)
    await carol.hang_up()
