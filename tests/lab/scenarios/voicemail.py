"""Voicemail: what callers leave there, and what they do not."""

from tests.lab import behaviour, mailbox, office
from tests.lab.branch import Branch
from tests.lab.call import Call
from tests.lab.scenario import Family
from textbackd.core.outcomes import Outcome

voicemail = Family("Voicemail")


async def in_greeting(branch: Branch, did: str) -> Call:
    """A caller who hears the greeting."""
    call = await branch.call(did)
    await call.answered()
    await call.hear()
    return call


async def speaks_at_once(branch: Branch, did: str) -> Call:
    """A caller whom no greeting stops."""
    call = await branch.call(did)
    await call.answered()
    await call.hear_beep()
    await call.speak(mailbox.MESSAGE)
    return call


async def speaks(branch: Branch, did: str) -> Call:
    """A caller who skips the greeting and speaks after the beep."""
    call = await branch.call(did)
    await mailbox.skip_greeting(call)
    await call.speak(mailbox.MESSAGE)
    return call


async def ends_it(branch: Branch, call: Call) -> None:
    """The caller ends the message, and listens until voicemail has thanked him and asks what to do with it."""
    call.press("#")
    await call.hear()
    await branch.talk(call, seconds=2)  # the thanks take one, the question eight


async def asks_for_the_operator(branch: Branch, *, then: str) -> None:
    """The caller begins a message and presses 0 in the middle of it, then a key for the message (1 keeps it, 2 drops
    it); Carol's phone rings in vain.
    """
    call = await speaks(branch, office.BOBS_VOICEMAIL)
    call.press("0")
    await call.hear()
    call.press(then)
    await branch.phones[3].next_call()
    await call.ended()


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE)
async def voicemail_message(branch: Branch) -> None:
    """Alice's phone rings in vain, and the caller leaves a message."""
    call = await branch.call(office.VOICEMAIL)
    await mailbox.leave_message(call)


@voicemail.ends(Outcome.VOICEMAIL_SILENT)
async def voicemail_abandoned_in_greeting(branch: Branch) -> None:
    """Alice's phone rings in vain, and the caller hangs up when he hears that it is a machine."""
    call = await in_greeting(branch, office.VOICEMAIL)
    await call.hang_up()


@voicemail.ends(Outcome.ABANDONED_RINGING)
async def voicemail_not_reached(branch: Branch) -> None:
    """Alice's phone rings, and the caller gives up before voicemail answers."""
    call = await branch.call(office.VOICEMAIL)
    await call.ringing()
    await call.hang_up()


@voicemail.ends(Outcome.VOICEMAIL_SILENT)
async def voicemail_hung_up_after_the_beep(branch: Branch) -> None:
    """The caller waits for the beep, thinks, and hangs up."""
    call = await branch.call(office.CLOSED_VOICEMAIL)
    await mailbox.skip_greeting(call)
    await call.hang_up()


@voicemail.ends(Outcome.VOICEMAIL_SILENT)
async def voicemail_silence(branch: Branch) -> None:
    """The caller waits for the beep and says nothing, until voicemail gives up."""
    call = await branch.call(office.CLOSED_VOICEMAIL)
    await mailbox.skip_greeting(call)
    assert await call.ended() == 200


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE)
async def voicemail_ended_by_a_key(branch: Branch) -> None:
    """The caller leaves a message, ends it with #, and hears that it was kept."""
    call = await speaks(branch, office.CLOSED_VOICEMAIL)
    call.press("#")
    assert await call.ended() == 200


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE)
async def voicemail_busy(branch: Branch) -> None:
    """Alice is on the phone, and the caller leaves a message."""
    branch.phones[1].behaviour = behaviour.BUSY
    call = await branch.call(office.VOICEMAIL)
    await mailbox.leave_message(call)


@voicemail.ends(Outcome.VOICEMAIL_SILENT)
async def voicemail_not_registered(branch: Branch) -> None:
    """Dave's phone is unplugged; the caller hears the greeting and hangs up."""
    call = await in_greeting(branch, office.UNREGISTERED_VOICEMAIL)
    await call.hang_up()


@voicemail.ends(Outcome.VOICEMAIL_SILENT)
async def voicemail_do_not_disturb(branch: Branch) -> None:
    """Alice does not want to be disturbed (in the PBX); voicemail answers at once, and the caller hangs up."""
    async with branch.stored("DND", branch.extension(1), "YES"):
        call = await in_greeting(branch, office.VOICEMAIL)
        await call.hang_up()


@voicemail.ends(Outcome.ANSWERED)
async def voicemail_zero_operator_answers(branch: Branch) -> None:
    """The caller presses 0 during the greeting, and Carol at the switchboard answers."""
    branch.phones[3].behaviour = behaviour.answers_after(0.2)
    call = await in_greeting(branch, office.BOBS_VOICEMAIL)
    call.press("0")
    await (await branch.phones[3].next_call()).answered()
    await branch.talk(call)
    await call.hang_up()


@voicemail.ends(Outcome.NO_ANSWER)
async def voicemail_zero_operator_rings_out(branch: Branch) -> None:
    """The caller presses 0 during the greeting, and Carol is not there."""
    call = await in_greeting(branch, office.BOBS_VOICEMAIL)
    call.press("0")
    assert await call.ended() == 200


@voicemail.ends(Outcome.ABANDONED_RINGING)
async def voicemail_zero_operator_abandoned(branch: Branch) -> None:
    """The caller presses 0 during the greeting and gives up while Carol's phone rings."""
    call = await in_greeting(branch, office.BOBS_VOICEMAIL)
    call.press("0")
    await branch.phones[3].next_call()
    await call.hang_up()


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE)
async def voicemail_recorded_anew(branch: Branch) -> None:
    """The caller is not happy with his message, records another, and accepts that."""
    call = await speaks(branch, office.BOBS_VOICEMAIL)
    await ends_it(branch, call)
    call.press("3")
    await call.hear_beep(after=1)
    await call.speak(mailbox.MESSAGE)
    await ends_it(branch, call)
    call.press("1")
    assert await call.ended() == 200


@voicemail.ends(Outcome.NO_ANSWER)
async def voicemail_message_dropped_for_the_operator(branch: Branch) -> None:
    """The caller begins a message, presses 0 in the middle of it, drops it, and Carol does not answer either."""
    await asks_for_the_operator(branch, then="2")


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE)
async def voicemail_of_two(branch: Branch) -> None:
    """One message goes to Alice and to Carol."""
    call = await speaks_at_once(branch, office.SHARED_VOICEMAIL)
    await call.hang_up()


@voicemail.ends(Outcome.NOT_OFFERED)
async def mailbox_checked_from_outside(branch: Branch) -> None:
    """Alice rings from home to hear her messages: no caller was missed."""
    call = await in_greeting(branch, office.MAILBOX)
    call.press("1234#")
    await branch.talk(call, seconds=2)
    await call.hang_up()


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE, Outcome.NOT_OFFERED)
async def mailbox_with_a_message_checked(branch: Branch) -> None:
    """A caller leaves a message; then Alice rings from home and hears it."""
    call = await branch.call(office.CLOSED_VOICEMAIL)
    await mailbox.leave_message(call)
    call = await in_greeting(branch, office.MAILBOX)
    call.press("1234")
    await branch.talk(call, seconds=2)
    call.press("1")
    await branch.talk(call, seconds=1)
    await call.hang_up()


@voicemail.ends(Outcome.NOT_OFFERED)
async def mailbox_with_a_wrong_password(branch: Branch) -> None:
    """Somebody tries Alice's mailbox with a wrong password and gives up."""
    call = await in_greeting(branch, office.MAILBOX)
    call.press("9999")
    await branch.talk(call, seconds=0.5)
    await call.hang_up()


@voicemail.ends(Outcome.NOT_OFFERED)
async def mailbox_entered_from_the_greeting(branch: Branch) -> None:
    """Bob rings his own number from home, presses * in the greeting, and hears his messages."""
    call = await in_greeting(branch, office.BOBS_VOICEMAIL)
    ami = await branch.ami()
    call.press("*")
    await ami.event("Newexten", Application="VoiceMailMain", CallerIDNum=call.caller)
    await call.hear()
    call.press("1234")
    await branch.talk(call, seconds=1)
    await call.hang_up()


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE, Outcome.VOICEMAIL_SILENT)
async def mailbox_full(branch: Branch) -> None:
    """A caller leaves a message, and with that the mailbox is full: the next one can leave none."""
    first = await speaks_at_once(branch, office.FULL_MAILBOX)
    await branch.gone(first)
    second = await branch.call(office.FULL_MAILBOX)
    assert await second.ended() == 200


@voicemail.ends(Outcome.VOICEMAIL_MESSAGE)
async def voicemail_message_kept_then_the_operator(branch: Branch) -> None:
    """The caller begins a message, presses 0 in the middle of it, keeps it, and Carol does not answer."""
    await asks_for_the_operator(branch, then="1")
