"""Somebody of ours talks to the caller, asks somebody else on the second line, and hands him over, or does not."""

from tests.lab import behaviour, mailbox, office
from tests.lab.branch import TALK, Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, picks_up, rings_at, takes, talk_and_hang_up, talking
from textbackd.core.outcomes import Outcome

by_phone = Family("Attended transfers")


async def _asks(branch: Branch, alice: Call, number: str) -> Call:
    """Alice puts the caller on hold and dials another number on her second line; her end of that call."""
    await alice.hold()
    return await branch.phones[1].call(number)


async def _asks_bob(branch: Branch, alice: Call) -> tuple[Call, Call]:
    """She asks Bob, who takes her call; both ends of theirs."""
    consultation = await _asks(branch, alice, branch.extension(2))
    bob = await takes(branch, 2)
    await consultation.answered()
    await branch.talk(consultation, bob, seconds=A_FEW_WORDS)
    return consultation, bob


async def _asks_in_vain(branch: Branch, caller: Call, alice: Call, number: str) -> None:
    """She asks somebody who does not take her call, goes back to the caller, and helps him herself."""
    consultation = await _asks(branch, alice, number)
    assert await consultation.ended() >= 400
    await alice.resume()
    await talk_and_hang_up(branch, caller, alice)


async def _hands_over_while_it_rings(branch: Branch, caller: Call, alice: Call, number: str) -> None:
    """She does not wait until her other call is taken."""
    consultation = await _asks(branch, alice, number)
    await consultation.ringing()
    await branch.talk(caller, seconds=A_FEW_WORDS)
    await alice.transfer_into(consultation)


async def _older_call(branch: Branch) -> tuple[Call, Call]:
    """Alice talked to Bob before any caller came, and has him on hold; both ends of that."""
    older = await branch.phones[1].call(branch.extension(2))
    bob = await takes(branch, 2)
    await older.answered()
    await branch.talk(older, bob, seconds=A_FEW_WORDS)
    await older.hold()
    return older, bob


@by_phone.ends(Outcome.ANSWERED)
async def attended_completed(branch: Branch) -> None:
    """Alice asks Bob, who has time, and hands the caller over."""
    caller, alice = await talking(branch)
    consultation, bob = await _asks_bob(branch, alice)
    await alice.transfer_into(consultation)
    await talk_and_hang_up(branch, caller, bob)


@by_phone.ends(Outcome.ANSWERED)
async def attended_no_time(branch: Branch) -> None:
    """Bob has no time; Alice goes back to the caller and helps him herself."""
    caller, alice = await talking(branch)
    consultation, _bob = await _asks_bob(branch, alice)
    await consultation.hang_up()
    await alice.resume()
    await talk_and_hang_up(branch, caller, alice)


@by_phone.ends(Outcome.ANSWERED)
async def attended_not_answered(branch: Branch) -> None:
    """Bob does not answer; Alice goes back to the caller."""
    caller, alice = await talking(branch)
    await _asks_in_vain(branch, caller, alice, branch.extension(2))


@by_phone.ends(Outcome.ANSWERED)
async def attended_busy(branch: Branch) -> None:
    """Bob is on the phone; Alice goes back to the caller."""
    branch.phones[2].behaviour = behaviour.BUSY
    caller, alice = await talking(branch)
    await _asks_in_vain(branch, caller, alice, branch.extension(2))


@by_phone.ends(Outcome.ANSWERED)
async def attended_into_an_older_call(branch: Branch) -> None:
    """Alice was talking to Bob already when the call came; she joins the caller to that older call."""
    older, bob = await _older_call(branch)
    caller, alice = await talking(branch)
    await alice.transfer_into(older)
    await talk_and_hang_up(branch, caller, bob)


@by_phone.ends(Outcome.ANSWERED)
async def attended_older_call_into_this(branch: Branch) -> None:
    """The same the other way round: she joins her older call with Bob to the caller."""
    older, bob = await _older_call(branch)
    caller, alice = await talking(branch)
    await older.transfer_into(alice)
    await talk_and_hang_up(branch, caller, bob)


@by_phone.ends(Outcome.ANSWERED)
async def attended_to_mobile(branch: Branch) -> None:
    """Alice rings Carol on her mobile and hands the caller over."""
    caller, alice = await talking(branch)
    consultation = await _asks(branch, alice, office.MOBILE)
    carol = await branch.carrier.next_call()
    carol.answer()
    await consultation.answered()
    await branch.talk(consultation, carol, seconds=A_FEW_WORDS)
    await alice.transfer_into(consultation)
    await talk_and_hang_up(branch, caller, carol)


@by_phone.ends(Outcome.ANSWERED)
async def attended_to_mobile_declined(branch: Branch) -> None:
    """Carol presses the red button of her mobile; Alice helps the caller herself."""
    branch.carrier.behaviour = behaviour.DECLINES
    caller, alice = await talking(branch)
    await _asks_in_vain(branch, caller, alice, office.MOBILE)


@by_phone.ends(Outcome.ANSWERED)
async def attended_while_it_rings(branch: Branch) -> None:
    """Alice does not wait: she hands the caller over while Bob's phone still rings, and he takes it."""
    caller, alice = await talking(branch, did=office.PATIENT)
    await _hands_over_while_it_rings(branch, caller, alice, f"4{branch.extension(2)}")
    bob = await rings_at(branch, 2)
    bob.answer()
    await talk_and_hang_up(branch, caller, bob)


@by_phone.ends(Outcome.ANSWERED)
async def attended_while_it_rings_and_picked_up(branch: Branch) -> None:
    """The same; Bob is out, and Carol takes it from her desk by *8."""
    caller, alice = await talking(branch)
    await _hands_over_while_it_rings(branch, caller, alice, f"4{branch.extension(2)}")
    ringing = await rings_at(branch, 2)
    carol = await picks_up(branch, 3, ringing, "*8")
    await talk_and_hang_up(branch, caller, carol)


@by_phone.ends(Outcome.ANSWERED_THEN_LOST)
async def attended_while_it_rings_not_answered(branch: Branch) -> None:
    """Alice hands the caller over while Bob's phone rings, and Bob is out."""
    caller, alice = await talking(branch, seconds=TALK)
    await _hands_over_while_it_rings(branch, caller, alice, branch.extension(2))
    await caller.ended()


@by_phone.ends(Outcome.ANSWERED_THEN_LOST)
async def attended_while_it_rings_given_up(branch: Branch) -> None:
    """The same, and the caller does not wait for Bob."""
    caller, alice = await talking(branch, seconds=TALK)
    await _hands_over_while_it_rings(branch, caller, alice, f"4{branch.extension(2)}")
    await branch.talk(caller, seconds=0.5)
    await caller.hang_up()


@by_phone.ends(Outcome.ANSWERED)
async def attended_given_up_on_hold(branch: Branch) -> None:
    """While Alice asks Bob, the caller has had enough of the music."""
    caller, alice = await talking(branch, seconds=TALK)
    consultation, _bob = await _asks_bob(branch, alice)
    await caller.hang_up()
    await consultation.hang_up()


@by_phone.ends(Outcome.ANSWERED)
async def attended_by_an_agent(branch: Branch) -> None:
    """An agent takes the caller out of the queue, asks Carol, who is no agent, and hands him over."""
    caller, alice = await talking(branch, did=office.QUEUE)
    await (await branch.phones[2].next_call()).ended()
    consultation = await _asks(branch, alice, branch.extension(3))
    carol = await takes(branch, 3)
    await consultation.answered()
    await branch.talk(consultation, seconds=A_FEW_WORDS)
    await alice.transfer_into(consultation)
    await talk_and_hang_up(branch, caller, carol)


@by_phone.ends(Outcome.ANSWERED_THEN_LOST)
async def attended_into_a_queue(branch: Branch) -> None:
    """Alice dials the queue, hears its music, and hands the caller over into it; he gives up there."""
    caller, alice = await talking(branch)
    consultation = await _asks(branch, alice, "700")
    await consultation.answered()
    await branch.talk(consultation, seconds=A_FEW_WORDS)
    await alice.transfer_into(consultation)
    await branch.talk(caller, seconds=1)
    await caller.hang_up()


@by_phone.ends(Outcome.ANSWERED)
async def attended_into_a_queue_answered(branch: Branch) -> None:
    """The same, and Bob takes the call out of the queue."""
    caller, alice = await talking(branch)
    consultation = await _asks(branch, alice, "700")
    await consultation.answered()
    await branch.talk(consultation, seconds=A_FEW_WORDS)
    await alice.transfer_into(consultation)
    bob = await takes(branch, 2)
    await talk_and_hang_up(branch, caller, bob)


@by_phone.ends(Outcome.ANSWERED_THEN_VOICEMAIL)
async def attended_into_voicemail(branch: Branch) -> None:
    """Alice dials Bob's voicemail and hands the caller over into it; he leaves a message."""
    caller, alice = await talking(branch)
    consultation = await _asks(branch, alice, f"*{branch.extension(2)}")
    await consultation.answered()
    await branch.talk(consultation, seconds=A_FEW_WORDS)
    await alice.transfer_into(consultation)
    await mailbox.leave_message(caller)


@by_phone.ends(Outcome.ANSWERED, Outcome.ANSWERED)
async def attended_joins_two_callers(branch: Branch) -> None:
    """Two callers want each other, and Alice, who talks to both, joins them and leaves."""
    buyer, alice = await talking(branch, seconds=TALK)
    await alice.hold()
    seller, alice_too = await talking(branch, seconds=TALK)
    await alice_too.transfer_into(alice)
    await branch.talk(buyer, seller, seconds=1)
    await buyer.hang_up()
    await seller.ended()


@by_phone.ends(Outcome.ANSWERED_THEN_LOST)
async def attended_then_lost(branch: Branch) -> None:
    """Alice hands the caller over to Bob, who sends him on to Carol, who is out."""
    caller, alice = await talking(branch)
    consultation, bob = await _asks_bob(branch, alice)
    await alice.transfer_into(consultation)
    await branch.talk(caller, bob)
    await bob.transfer_to(branch.extension(3))
    await caller.ended()
