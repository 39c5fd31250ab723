"""The PBX is asked to ring two parties and join them (AMI Originate). Nobody called, so no call is judged."""

from tests.lab import behaviour, office
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from tests.lab.scenarios.outbound import MAILBOX, MOBILE, NETWORK_GIVES_UP
from textbackd.core.outcomes import Outcome

clicked = Family("Click to call")


async def click(branch: Branch, first: str, then: str) -> None:
    """What a CRM asks for: ring the first, and when he takes it, dial the second."""
    ami = await branch.ami()
    await ami.perform(
        "Originate",
        Channel=first,
        Context=f"from-internal-{branch.site.number}",
        Exten=then,
        Priority="1",
        CallerID=f"Click <{MOBILE}>",
        Timeout="3000",
        Variable=f"__BRANCH={branch.site.number}",
        Async="true",
    )


def phone(branch: Branch, desk: int) -> str:
    return f"PJSIP/{branch.extension(desk)}"


def mobile(branch: Branch) -> str:
    return f"PJSIP/{MOBILE}@trunk-{branch.site.number}"


def through_the_dialplan(branch: Branch, number: str, *options: str) -> str:
    """A Local channel, as FreePBX's own click-to-call uses; /n keeps it."""
    return f"Local/{number}@from-internal-{branch.site.number}" + "".join(options)


async def talk_and_hang_up(branch: Branch) -> None:
    """Both sides are on the line; Alice ends it."""
    alice, customer = await branch.phones[1].next_call(), await branch.carrier.next_call()
    await alice.answered()
    await customer.answered()
    await branch.talk(alice, customer)
    await alice.hang_up()


@clicked.ends()
async def click_phone_first(branch: Branch) -> None:
    """Alice's phone rings, she takes it, then the customer's mobile rings and is answered."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await click(branch, phone(branch, 1), MOBILE)
    await talk_and_hang_up(branch)


@clicked.ends()
async def click_customer_first(branch: Branch) -> None:
    """The customer's mobile rings and is answered, then Alice's phone."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await click(branch, mobile(branch), branch.extension(1))
    await talk_and_hang_up(branch)


@clicked.ends()
async def click_local_phone_first(branch: Branch) -> None:
    """Alice first, through the dialplan."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await click(branch, through_the_dialplan(branch, branch.extension(1)), MOBILE)
    await talk_and_hang_up(branch)


@clicked.ends()
async def click_local_phone_first_kept(branch: Branch) -> None:
    """Alice first, through a Local channel that stays (/n)."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await click(branch, through_the_dialplan(branch, branch.extension(1), "/n"), MOBILE)
    await talk_and_hang_up(branch)


@clicked.ends()
async def click_local_customer_first(branch: Branch) -> None:
    """The customer first, through the dialplan."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await click(branch, through_the_dialplan(branch, MOBILE), branch.extension(1))
    await talk_and_hang_up(branch)


@clicked.ends()
async def click_local_customer_first_kept(branch: Branch) -> None:
    """The customer first, through a Local channel that stays (/n)."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await click(branch, through_the_dialplan(branch, MOBILE, "/n"), branch.extension(1))
    await talk_and_hang_up(branch)


@clicked.ends()
async def click_phone_first_not_taken(branch: Branch) -> None:
    """Alice's phone rings, and she is not there; the customer never hears of it."""
    await click(branch, phone(branch, 1), MOBILE)
    await (await branch.phones[1].next_call()).ended()
    assert not branch.carrier.calls


@clicked.ends()
async def click_phone_first_customer_rings_out(branch: Branch) -> None:
    """Alice takes it, and the customer's mobile rings until its network gives up."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = NETWORK_GIVES_UP
    await click(branch, phone(branch, 1), MOBILE)
    await (await branch.phones[1].next_call()).ended()


@clicked.ends()
async def click_phone_first_mobile_voicemail(branch: Branch) -> None:
    """Alice takes it, the customer's mailbox answers, and she hangs up in its greeting."""
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = MAILBOX
    await click(branch, phone(branch, 1), MOBILE)
    mailbox = await branch.carrier.next_call()
    await mailbox.answered()
    await mailbox.speak(1)
    await (await branch.phones[1].next_call()).hang_up()


@clicked.ends()
async def click_customer_first_not_taken(branch: Branch) -> None:
    """The customer's mobile rings, and nobody takes it; Alice never hears of it."""
    await click(branch, mobile(branch), branch.extension(1))
    await (await branch.carrier.next_call()).ended()
    assert not branch.phones[1].calls


@clicked.ends()
async def click_customer_first_phone_rings_out(branch: Branch) -> None:
    """The customer takes it, and then Alice does not."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    await click(branch, mobile(branch), branch.extension(1))
    await (await branch.phones[1].next_call()).ended()
    await (await branch.carrier.next_call()).ended()


@clicked.ends()
async def click_customer_first_hangs_up(branch: Branch) -> None:
    """The customer takes it, wonders at the ringing, and hangs up before Alice is there."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    await click(branch, mobile(branch), branch.extension(1))
    await (await branch.phones[1].next_call()).ringing()
    await (await branch.carrier.next_call()).hang_up()
    await branch.over()


@clicked.ends()
async def click_announcement_to_a_customer(branch: Branch) -> None:
    """A machine calls the customer, plays a sentence to him and hangs up; nobody of ours is on the line."""
    branch.carrier.behaviour = behaviour.answers_after(0.3)
    await click(branch, mobile(branch), "900")
    await (await branch.carrier.next_call()).ended()


@clicked.ends(Outcome.ABANDONED_RINGING)
async def called_back_by_click(branch: Branch) -> None:
    """The caller gives up; a click on his number rings Alice, then him, and they talk."""
    caller = branch.new_caller()
    lost = await branch.call(office.PATIENT, number=caller)
    rang = await branch.phones[1].next_call()
    await rang.ringing()
    await lost.hang_up()
    await rang.ended()
    branch.phones[1].behaviour = behaviour.answers_after(0.3)
    branch.carrier.behaviour = behaviour.answers_after(0.5)
    await click(branch, phone(branch, 1), caller)
    await talk_and_hang_up(branch)
