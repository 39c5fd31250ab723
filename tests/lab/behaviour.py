"""What a party does when it is called."""

import asyncio
from dataclasses import dataclass

from tests.lab.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Rings for ever unless a field says otherwise; times in seconds."""

    dead: bool = False
    """gives no sign of life at all"""
    early_media: bool = False
    """says 183 with a session instead of 180, as a mobile network does that plays its own ringing"""
    refuse_with: int | None = None
    """a SIP status"""
    refuse_after: float = 0
    """rings that long before it refuses"""
    forward_to: str = ""
    """a number to which the phone itself forwards (302)"""
    answer_after: float | None = None
    """None rings for ever"""
    hang_up_after: float | None = None
    """counted from the answer; None leaves that to the other side"""
    answers_a_cancel: bool = False
    """as `Call.answers_a_cancel`"""


RINGS = Behaviour()
ANSWERS = Behaviour(answer_after=0)
BUSY = Behaviour(refuse_with=486)
DECLINES = Behaviour(refuse_with=603)
UNAVAILABLE = Behaviour(refuse_with=480)
DEAD = Behaviour(dead=True)


def answers_after(seconds: float) -> Behaviour:
    """Somebody takes it, or the mailbox of a mobile does: to the PBX they are the same."""
    return Behaviour(answer_after=seconds)


def rings_out_after(seconds: float) -> Behaviour:
    """A mobile network that gives up: it rings, then 480."""
    return Behaviour(early_media=True, refuse_with=480, refuse_after=seconds)


def forwards_to(number: str) -> Behaviour:
    """The phone has a forward of its own."""
    return Behaviour(forward_to=number)


def follow(call: Call, told: Behaviour) -> None:
    """Do with an incoming call as told."""
    later = asyncio.get_running_loop().call_later

    def answer() -> None:
        call.answer()
        if told.hang_up_after is not None:
            call.hang_up_after(told.hang_up_after)

    call.answers_a_cancel = told.answers_a_cancel
    if told.dead:
        return
    if told.forward_to:
        call.forward(told.forward_to)
        return
    if told.refuse_with is not None and not told.refuse_after:
        call.refuse(told.refuse_with)
        return
    call.ring(early_media=told.early_media)
    if told.refuse_with is not None:
        later(told.refuse_after, call.refuse, told.refuse_with)
    elif told.answer_after is not None:
        later(told.answer_after, answer)
