"""What people do in many scenarios."""

import asyncio
import weakref

from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.branch import Branch
from tests.lab.call import Call
from tests.lab.sip import Party

ERIN = "01632960305"
"""Erin's phone, for a minute."""
A_FEW_WORDS = 0.4
"""Seconds of a talk that goes on elsewhere."""

# Asterisk 22 may stop for ever when phones pick up in the same moment: one moves the channel and waits for a SIP
# thread, which waits for its own turn to move one (ast_channel_move). An office has its phones one after the other.
_turns = weakref.WeakKeyDictionary[Asterisk, asyncio.Lock]()


async def talking(
    branch: Branch, *, desk: int = 1, did: str = office.ONE_PHONE, seconds: float = A_FEW_WORDS
) -> tuple[Call, Call]:
    """The phone at a desk takes a call from outside, and they talk; the caller's end and the desk's."""
    phone = branch.phones[desk]
    phone.behaviour = behaviour.ANSWERS
    caller = await branch.call(did)
    staff = await phone.next_call()
    phone.behaviour = behaviour.RINGS
    await caller.answered()
    await branch.talk(caller, staff, seconds=seconds)
    return caller, staff


async def talk_and_hang_up(branch: Branch, caller: Call, staff: Call) -> None:
    """They talk long enough for a talk, and the caller ends it."""
    await staff.answered()
    await branch.talk(caller, staff)
    await caller.hang_up()


async def is_helped(branch: Branch, caller: Call) -> None:
    """Whoever of ours takes the call: they talk long enough for a talk, and the caller ends it."""
    await caller.answered()
    await branch.talk(caller)
    await caller.hang_up()


async def rings_at(branch: Branch, desk: int) -> Call:
    """The next call that rings at a desk."""
    call = await branch.phones[desk].next_call()
    await call.ringing()
    return call


async def takes(branch: Branch, desk: int) -> Call:
    """Somebody takes the next call that rings at a desk; what has stopped ringing by then he cannot take."""
    while True:
        call = await branch.phones[desk].next_call()
        call.answer()
        if call.status == 200:
            return call


async def is_told_first(party: Party) -> Call:
    """Who takes the next call at a phone or a mobile hears the PBX before the caller; that call."""
    call = await party.next_call()
    await call.answered()
    await call.hear()
    return call


async def lamps_blink(branch: Branch, caller: Call) -> None:
    """Until the PBX knows that a phone rings for the caller, and has the lamps blink beside its name at the other
    desks; `branch.ami()` must have been there before.
    """
    await (await branch.ami()).event("Newstate", ChannelStateDesc="Ringing", ConnectedLineNum=caller.caller)


async def reaches_voicemail(branch: Branch, caller: Call) -> None:
    """Until the caller is in voicemail; `branch.ami()` must have been there before he was."""
    await (await branch.ami()).event("Newexten", Application="VoiceMail", CallerIDNum=caller.caller)


async def picks_up(branch: Branch, desk: int, ringing: Call, code: str, *, by_lamp: bool = False) -> Call:
    """Somebody dials a code at a desk, and has the call that rang elsewhere; by lamp: with INVITE and Replaces."""
    async with _turns.setdefault(branch.asterisk, asyncio.Lock()):
        call = await branch.phones[desk].call(code, replacing=ringing if by_lamp else None)
        await call.answered()
        await ringing.ended()
    return call
