"""Menus: the caller presses a key, the wrong one, or none."""

from tests.lab import behaviour, mailbox, office
from tests.lab.branch import Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from textbackd.core.outcomes import Outcome

menus = Family("Menus")


async def in_menu(branch: Branch, did: str) -> Call:
    """A caller who hears the prompt."""
    call = await branch.call(did)
    await call.answered()
    await call.hear()
    return call


@menus.ends(Outcome.ABANDONED_IVR)
async def menu_abandoned(branch: Branch) -> None:
    """The caller hears the menu and hangs up."""
    call = await in_menu(branch, office.LARGE_MENU)
    await call.hang_up()


@menus.ends(Outcome.ABANDONED_IVR)
async def menu_times_out(branch: Branch) -> None:
    """The caller presses nothing, hears the menu twice and a goodbye."""
    call = await in_menu(branch, office.LARGE_MENU)
    assert await call.ended() == 200


@menus.ends(Outcome.ABANDONED_IVR)
async def menu_wrong_key_then_abandoned(branch: Branch) -> None:
    """The caller presses a key that means nothing, hears so, and hangs up."""
    call = await in_menu(branch, office.LARGE_MENU)
    ami = await branch.ami()
    call.press("9")
    await ami.event("Newexten", Application="Playback", CallerIDNum=call.caller)
    await call.hear()
    await call.hang_up()


@menus.ends(Outcome.ANSWERED)
async def menu_wrong_key_then_right(branch: Branch) -> None:
    """The caller presses a key that means nothing, then the right one, and Alice answers."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    call = await in_menu(branch, office.LARGE_MENU)
    ami = await branch.ami()
    call.press("9")
    await ami.event("Newexten", Application="Playback", CallerIDNum=call.caller)
    ami.events.clear()  # the prompt comes a second time
    await ami.event("Newexten", Application="BackGround", CallerIDNum=call.caller)
    call.press("1")
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@menus.ends(Outcome.ANSWERED)
async def menu_to_a_phone_answered(branch: Branch) -> None:
    """The caller presses 1, and Alice answers."""
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("1")
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@menus.ends(Outcome.NO_ANSWER)
async def menu_to_a_phone_rings_out(branch: Branch) -> None:
    """The caller presses 1, and Alice is not there."""
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("1")
    assert await call.ended() == 200


@menus.ends(Outcome.ABANDONED_RINGING)
async def menu_to_the_group_abandoned(branch: Branch) -> None:
    """The caller presses 2, the group rings, and he gives up."""
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("2")
    await branch.phones[2].next_call()
    await call.hang_up()


@menus.ends(Outcome.BUSY)
async def menu_to_the_group_all_busy(branch: Branch) -> None:
    """The caller presses 2, and everybody in the group is on the phone."""
    for phone in branch.phones.values():
        phone.behaviour = behaviour.BUSY
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("2")
    await call.ended()


@menus.ends(Outcome.ABANDONED_QUEUE)
async def menu_to_the_queue_abandoned(branch: Branch) -> None:
    """The caller presses 3 and gives up in the queue."""
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("3")
    await branch.phones[1].next_call()
    await call.hang_up()


@menus.ends(Outcome.NO_ANSWER)
async def menu_to_the_queue_times_out(branch: Branch) -> None:
    """The caller presses 3, and nobody comes until the queue lets go."""
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("3")
    await call.ended()


@menus.ends(Outcome.ANSWERED)
async def menu_queue_zero_operator(branch: Branch) -> None:
    """The caller presses 3, waits in the queue, presses 0, and Carol at the switchboard answers."""
    branch.phones[3].behaviour = behaviour.answers_after(0.1)
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("3")
    await branch.phones[1].next_call()
    call.press("0")
    await (await branch.phones[3].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@menus.ends(Outcome.VOICEMAIL_MESSAGE)
async def menu_to_voicemail_message(branch: Branch) -> None:
    """The caller presses 4 and leaves a message."""
    call = await in_menu(branch, office.LARGE_MENU)
    ami = await branch.ami()
    call.press("4")
    await ami.event("Newexten", Application="VoiceMail", CallerIDNum=call.caller)
    await mailbox.leave_message(call)


@menus.ends(Outcome.NOT_OFFERED)
async def menu_to_information(branch: Branch) -> None:
    """The caller presses 5 and hears the opening hours: he has got what he wanted."""
    call = await in_menu(branch, office.LARGE_MENU)
    call.press("5")
    assert await call.ended() == 200


@menus.ends(Outcome.ABANDONED_IVR)
async def menu_behind_a_menu_abandoned(branch: Branch) -> None:
    """The caller presses 6, comes to another menu, and hangs up."""
    call = await in_menu(branch, office.LARGE_MENU)
    ami = await branch.ami()
    call.press("6")
    await ami.event("Newexten", Application="BackGround", Context="ivr-4", CallerIDNum=call.caller)
    await call.hear()
    await call.hang_up()


@menus.ends(Outcome.ANSWERED)
async def menu_behind_a_menu_answered(branch: Branch) -> None:
    """The caller presses 6, then 1, waits in the queue, and Bob answers."""
    branch.phones[2].behaviour = behaviour.answers_after(0.1)
    call = await in_menu(branch, office.LARGE_MENU)
    ami = await branch.ami()
    call.press("6")
    await ami.event("Newexten", Application="BackGround", Context="ivr-4", CallerIDNum=call.caller)
    await call.hear()
    call.press("1")
    await (await branch.phones[2].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@menus.ends(Outcome.ANSWERED)
async def menu_extension_answered(branch: Branch) -> None:
    """The caller knows Bob's extension and dials it in the menu; Bob answers."""
    branch.phones[2].behaviour = behaviour.answers_after(0.1)
    call = await in_menu(branch, office.LARGE_MENU)
    call.press(branch.extension(2))
    await (await branch.phones[2].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@menus.ends(Outcome.UNAVAILABLE)
async def menu_extension_not_registered(branch: Branch) -> None:
    """The caller dials Dave's extension in the menu, and Dave's phone is unplugged."""
    call = await in_menu(branch, office.LARGE_MENU)
    call.press(branch.extension(4))
    await call.ended()


@menus.ends(Outcome.NO_ANSWER)
async def menu_default_rings_out(branch: Branch) -> None:
    """The caller has a dial phone and presses nothing; the menu leads him to the group, which rings in vain."""
    call = await in_menu(branch, office.DEFAULT_MENU)
    assert await call.ended() == 200


@menus.ends(Outcome.ANSWERED)
async def menu_default_answered(branch: Branch) -> None:
    """The same, and Bob answers."""
    branch.phones[2].behaviour = behaviour.ANSWERS
    call = await in_menu(branch, office.DEFAULT_MENU)
    await (await branch.phones[2].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@menus.ends(Outcome.ABANDONED_IVR)
async def pin_abandoned(branch: Branch) -> None:
    """The caller is asked for his customer number, has none, and hangs up."""
    call = await in_menu(branch, office.PIN)
    await call.hang_up()


@menus.ends(Outcome.ABANDONED_IVR)
async def pin_times_out(branch: Branch) -> None:
    """The same, and he says nothing until the PBX hangs up."""
    call = await in_menu(branch, office.PIN)
    assert await call.ended() == 200


@menus.ends(Outcome.ANSWERED)
async def pin_given_and_answered(branch: Branch) -> None:
    """The caller gives his customer number, and Alice answers."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    call = await in_menu(branch, office.PIN)
    call.press("4711")
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@menus.ends(Outcome.ABANDONED_IVR)
async def after_hours_menu_abandoned(branch: Branch) -> None:
    """After hours a menu offers what it can (press 1 in an emergency); the caller hangs up."""
    call = await in_menu(branch, office.AFTER_HOURS_MENU)
    await call.hang_up()


@menus.ends(Outcome.ANSWERED)
async def after_hours_menu_emergency(branch: Branch) -> None:
    """The same; he presses 1, and whoever is on call answers."""
    branch.phones[1].behaviour = behaviour.answers_after(0.2)
    call = await in_menu(branch, office.AFTER_HOURS_MENU)
    call.press("1")
    await (await branch.phones[1].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()
