"""Transfers of those whose phone has no key for it: ## or *2 in the talk, and a number."""

from tests.lab import behaviour, mailbox, office
from tests.lab.branch import TALK, Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, ERIN, rings_at, takes, talk_and_hang_up, talking
from textbackd.core.outcomes import Outcome

sent_on = Family("Blind transfers by keys")


@sent_on.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_by_keys_to_unregistered(branch: Branch) -> None:
    """To Dave, whose phone is unplugged, by ## and his number."""
    caller, alice = await talking(branch)
    alice.press("##" + branch.extension(4))
    await caller.ended()


@sent_on.ends(Outcome.ANSWERED)
async def blind_by_keys(branch: Branch) -> None:
    """Alice presses ##, then Bob's number, and Bob takes it."""
    caller, alice = await talking(branch)
    alice.press("##" + branch.extension(2))
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@sent_on.ends(Outcome.ANSWERED_THEN_LOST)
async def blind_by_keys_not_answered(branch: Branch) -> None:
    """Alice presses ##, then Bob's number; Bob is out."""
    caller, alice = await talking(branch)
    alice.press("##" + branch.extension(2))
    await caller.ended()


@sent_on.ends(Outcome.ANSWERED)
async def blind_by_keys_of_an_old_phone(branch: Branch) -> None:
    """Erin's phone sends its keys as SIP INFO."""
    caller, erin = await talking(branch, desk=5, did=ERIN)
    erin.press("##" + branch.extension(2))
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@sent_on.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def blind_by_keys_to_voicemail(branch: Branch) -> None:
    """Alice presses ##, then the code of Bob's voicemail; the caller leaves a message."""
    caller, alice = await talking(branch)
    alice.press(f"##*{branch.extension(2)}")
    await alice.ended()
    await mailbox.leave_message(caller)


handed_over = Family("Attended transfers by keys")


def _asks_by_keys(branch: Branch, alice: Call, number: str = "") -> None:
    """Alice presses *2 and a number, Bob's unless told otherwise; the PBX plays music to the caller meanwhile."""
    alice.press("*2" + (number or branch.extension(2)))


async def _asks_bob(branch: Branch, alice: Call) -> Call:
    """The same, and Bob takes it; his end."""
    _asks_by_keys(branch, alice)
    bob = await takes(branch, 2)
    await branch.talk(alice, bob, seconds=A_FEW_WORDS)
    return bob


async def _leaves_while_bob_rings(branch: Branch, alice: Call, caller: Call) -> Call:
    """Alice hangs up, and then nothing happens for half a second: Asterisk 22 may crash on an answer in that moment.
    The call that rings at Bob's.
    """
    _asks_by_keys(branch, alice)
    bob = await rings_at(branch, 2)
    await alice.hang_up()
    await branch.talk(caller, seconds=0.5)
    return bob


@handed_over.ends(Outcome.ANSWERED)
async def keys_completed(branch: Branch) -> None:
    """Bob takes it, Alice hangs up, and the caller has Bob."""
    caller, alice = await talking(branch)
    bob = await _asks_bob(branch, alice)
    await alice.hang_up()
    await talk_and_hang_up(branch, caller, bob)


@handed_over.ends(Outcome.ANSWERED)
async def keys_not_answered(branch: Branch) -> None:
    """Bob is out; the PBX gives Alice the caller back."""
    caller, alice = await talking(branch)
    _asks_by_keys(branch, alice)
    await (await rings_at(branch, 2)).ended()
    await branch.talk(caller, alice)
    await talk_and_hang_up(branch, caller, alice)


@handed_over.ends(Outcome.ANSWERED)
async def keys_busy(branch: Branch) -> None:
    """Bob is on the phone; the PBX gives Alice the caller back."""
    branch.phones[2].behaviour = behaviour.BUSY
    caller, alice = await talking(branch)
    _asks_by_keys(branch, alice)
    await (await branch.phones[2].next_call()).ended()
    await branch.talk(caller, alice)
    await talk_and_hang_up(branch, caller, alice)


@handed_over.ends(Outcome.ANSWERED)
async def keys_taken_back(branch: Branch) -> None:
    """Bob has no time; Alice presses *1 and has the caller back."""
    caller, alice = await talking(branch)
    bob = await _asks_bob(branch, alice)
    alice.press("*1")
    await bob.ended()
    await talk_and_hang_up(branch, caller, alice)


@handed_over.ends(Outcome.ANSWERED)
async def keys_three_way(branch: Branch) -> None:
    """Alice presses *3: the caller, Bob and she are in one talk; she leaves, the two go on."""
    caller, alice = await talking(branch)
    bob = await _asks_bob(branch, alice)
    alice.press("*3")
    await branch.talk(caller, alice, bob, seconds=1)
    await alice.hang_up()
    await talk_and_hang_up(branch, caller, bob)


@handed_over.ends(Outcome.ANSWERED)
async def keys_swap(branch: Branch) -> None:
    """Alice presses *4 to go between the caller and Bob, and at last helps the caller herself."""
    caller, alice = await talking(branch)
    bob = await _asks_bob(branch, alice)
    alice.press("*4")
    await branch.talk(caller, alice, seconds=1)
    alice.press("*1")
    await bob.ended()
    await talk_and_hang_up(branch, caller, alice)


@handed_over.ends(Outcome.ANSWERED)
async def keys_hung_up_before_the_answer(branch: Branch) -> None:
    """Alice hangs up while Bob's phone rings; he takes it and has the caller."""
    caller, alice = await talking(branch)
    bob = await _leaves_while_bob_rings(branch, alice, caller)
    bob.answer()
    await talk_and_hang_up(branch, caller, bob)


@handed_over.ends(Outcome.ANSWERED)
async def keys_hung_up_and_called_back(branch: Branch) -> None:
    """Alice hangs up while Bob's phone rings for nobody; the PBX calls her back, and she takes it."""
    caller, alice = await talking(branch)
    await _leaves_while_bob_rings(branch, alice, caller)
    again = await rings_at(branch, 1)
    await branch.talk(caller, seconds=0.5)
    again.answer()
    await talk_and_hang_up(branch, caller, again)


@handed_over.ends(Outcome.ANSWERED_THEN_LOST)
async def keys_hung_up_and_nobody_there(branch: Branch) -> None:
    """The same, but Alice has left too."""
    caller, alice = await talking(branch, seconds=TALK)
    await _leaves_while_bob_rings(branch, alice, caller)
    await caller.ended()


@handed_over.ends(Outcome.ANSWERED_THEN_LOST)
async def keys_hung_up_and_declined(branch: Branch) -> None:
    """Alice hangs up while Bob's phone rings, and he presses the red button."""
    caller, alice = await talking(branch, seconds=TALK)
    bob = await _leaves_while_bob_rings(branch, alice, caller)
    await bob.hang_up()
    await caller.ended()


@handed_over.ends(Outcome.ANSWERED)
async def keys_to_mobile(branch: Branch) -> None:
    """Alice asks Carol on her mobile and hands the caller over."""
    caller, alice = await talking(branch)
    _asks_by_keys(branch, alice, office.MOBILE)
    carol = await branch.carrier.next_call()
    carol.answer()
    await branch.talk(alice, carol, seconds=A_FEW_WORDS)
    await alice.hang_up()
    await talk_and_hang_up(branch, caller, carol)


@handed_over.ends(Outcome.ANSWERED)
async def keys_of_an_old_phone(branch: Branch) -> None:
    """Erin's phone sends its keys as SIP INFO."""
    caller, erin = await talking(branch, desk=5, did=ERIN)
    bob = await _asks_bob(branch, erin)
    await erin.hang_up()
    await talk_and_hang_up(branch, caller, bob)
