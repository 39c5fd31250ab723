"""The office calls its customers, by hand. Nobody from outside called, so no call is judged, but those they answer."""

from tests.lab import behaviour, office
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from tests.lab.scenarios.moves import A_FEW_WORDS, takes
from textbackd.core.outcomes import Outcome

MOBILE = "07700900456"
"""A customer's, at every branch."""
SWITCHED_OFF = behaviour.UNAVAILABLE
NETWORK_GIVES_UP = behaviour.rings_out_after(1.5)
MAILBOX = behaviour.answers_after(1.5)

dialled = Family("Calls that the office makes")


async def _dials(branch: Branch, mobile: Behaviour, *, number: str = MOBILE) -> Call:
    """Alice dials the customer's mobile."""
    branch.carrier.behaviour = mobile
    return await branch.phones[1].call(number)


@dialled.ends()
async def outbound_answered(branch: Branch) -> None:
    """Alice calls a customer, they talk, and Alice hangs up."""
    call = await _dials(branch, behaviour.answers_after(0.5))
    await call.answered()
    await branch.talk(call, await branch.carrier.next_call())
    await call.hang_up()


@dialled.ends()
async def outbound_customer_hangs_up(branch: Branch) -> None:
    """The same, and the customer hangs up."""
    call = await _dials(branch, behaviour.answers_after(0.5))
    await call.answered()
    customer = await branch.carrier.next_call()
    await branch.talk(call, customer)
    await customer.hang_up()
    await call.ended()


@dialled.ends()
async def outbound_rung_out(branch: Branch) -> None:
    """The mobile rings until its network gives up."""
    call = await _dials(branch, NETWORK_GIVES_UP)
    assert await call.ended() >= 400


@dialled.ends()
async def outbound_abandoned(branch: Branch) -> None:
    """The mobile rings until Alice gives up."""
    call = await _dials(branch, behaviour.RINGS)
    await (await branch.carrier.next_call()).ringing()
    await call.ringing()
    await call.hang_up()


@dialled.ends()
async def outbound_busy(branch: Branch) -> None:
    """The customer is on the phone."""
    call = await _dials(branch, behaviour.BUSY)
    assert await call.ended() >= 400


@dialled.ends()
async def outbound_declined(branch: Branch) -> None:
    """The customer presses the red button."""
    call = await _dials(branch, behaviour.DECLINES)
    assert await call.ended() >= 400


@dialled.ends()
async def outbound_switched_off(branch: Branch) -> None:
    """The mobile is switched off."""
    call = await _dials(branch, SWITCHED_OFF)
    assert await call.ended() >= 400


@dialled.ends()
async def outbound_wrong_number(branch: Branch) -> None:
    """There is no such number."""
    call = await _dials(branch, Behaviour(refuse_with=404), number="02079460999")
    assert await call.ended() >= 400


@dialled.ends()
async def outbound_mobile_voicemail(branch: Branch) -> None:
    """The mailbox of the mobile answers; Alice hears a second of its greeting and hangs up."""
    call = await _dials(branch, MAILBOX)
    await call.answered()
    await (await branch.carrier.next_call()).speak(1)
    await call.hang_up()


passed_on = Family("Calls that the office makes and passes on")


async def _reaches(branch: Branch) -> tuple[Call, Call]:
    """Alice has called the customer and says a few words; her end and his."""
    alice = await _dials(branch, behaviour.ANSWERS)
    await alice.answered()
    customer = await branch.carrier.next_call()
    await branch.talk(alice, customer, seconds=A_FEW_WORDS)
    return alice, customer


@passed_on.ends()
async def outbound_transferred(branch: Branch) -> None:
    """Alice calls a customer and sends him on to Bob, who takes it."""
    alice, customer = await _reaches(branch)
    await alice.transfer_to(branch.extension(2))
    bob = await takes(branch, 2)
    await branch.talk(customer, bob)
    await customer.hang_up()


@passed_on.ends()
async def outbound_transferred_to_nobody(branch: Branch) -> None:
    """Alice calls a customer and sends him on to Bob, who is out."""
    alice, customer = await _reaches(branch)
    await alice.transfer_to(branch.extension(2))
    await customer.ended()


@passed_on.ends()
async def outbound_transferred_by_keys(branch: Branch) -> None:
    """The same by ## and Bob's number, and Bob takes it."""
    alice, customer = await _reaches(branch)
    alice.press("##" + branch.extension(2))
    bob = await takes(branch, 2)
    await branch.talk(customer, bob)
    await bob.hang_up()


@passed_on.ends()
async def outbound_handed_over(branch: Branch) -> None:
    """Alice calls a customer, asks Bob, and hands the customer over."""
    alice, customer = await _reaches(branch)
    await alice.hold()
    consultation = await branch.phones[1].call(branch.extension(2))
    bob = await takes(branch, 2)
    await consultation.answered()
    await branch.talk(consultation, bob, seconds=A_FEW_WORDS)
    await alice.transfer_into(consultation)
    await branch.talk(customer, bob)
    await customer.hang_up()


@passed_on.ends()
async def outbound_parked_and_fetched(branch: Branch) -> None:
    """Alice calls a customer and parks him; Carol fetches him."""
    alice, customer = await _reaches(branch)
    await alice.transfer_to("70")
    await branch.talk(customer, seconds=0.5)
    carol = await branch.phones[3].call("71")
    await carol.answered()
    await branch.talk(customer, carol)
    await customer.hang_up()


@passed_on.ends()
async def outbound_parked_and_forgotten(branch: Branch) -> None:
    """Alice calls a customer and parks him; he gives up."""
    alice, customer = await _reaches(branch)
    await alice.transfer_to("70")
    await branch.talk(customer, seconds=0.5)
    await customer.hang_up()


@passed_on.ends(Outcome.ANSWERED)
async def outbound_joined_to_a_caller(branch: Branch) -> None:
    """A caller needs the supplier; Alice calls the supplier and joins the two."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    caller = await branch.call(office.ONE_PHONE)
    alice = await branch.phones[1].next_call()
    await caller.answered()
    await branch.talk(caller, alice, seconds=A_FEW_WORDS)
    await alice.hold()
    second_line, supplier = await _reaches(branch)
    await alice.transfer_into(second_line)
    await branch.talk(caller, supplier)
    await caller.hang_up()


called_back = Family("Calling back")


@called_back.ends(Outcome.NO_ANSWER)
async def called_back_and_reached(branch: Branch) -> None:
    """Nobody takes the call; a minute later Alice calls the number back and they talk."""
    caller = branch.new_caller()
    await (await branch.call(office.ONE_PHONE, number=caller)).ended()
    call = await _dials(branch, behaviour.answers_after(0.3), number=caller)
    await call.answered()
    customer = next(call for call in branch.carrier.calls if call.incoming)
    await branch.talk(call, customer)
    await call.hang_up()


@called_back.ends(Outcome.NO_ANSWER)
async def called_back_mobile_voicemail(branch: Branch) -> None:
    """Nobody takes the call; Alice calls back and gets the caller's mailbox."""
    caller = branch.new_caller()
    await (await branch.call(office.ONE_PHONE, number=caller)).ended()
    call = await _dials(branch, MAILBOX, number=caller)
    await call.answered()
    await (await branch.carrier.next_call()).speak(1)
    await call.hang_up()


@called_back.ends(Outcome.NO_ANSWER, Outcome.ANSWERED)
async def called_back_while_he_calls_again(branch: Branch) -> None:
    """Alice calls a missed caller back just as he calls again: she finds him busy, and Bob takes his call."""
    caller = branch.new_caller()
    await (await branch.call(office.ONE_PHONE, number=caller)).ended()
    again = await branch.call(office.RING_GROUP, number=caller)
    rings = await branch.phones[2].next_call()
    back = await _dials(branch, behaviour.BUSY, number=caller)
    await back.ended()
    rings.answer()
    await again.answered()
    await branch.talk(again, rings)
    await again.hang_up()
