"""What is kept of a call: the steps it went through and, at its end, the whole of it."""

import dataclasses
import datetime as dt
import enum


class What(enum.StrEnum):
    """What kind of thing happened to the call."""

    ARRIVED = "arrived"
    STAGE = "stage"
    """value: a Stage; who: the queue, mailbox or context."""
    DIALLED = "dialled"
    """who: the extension or number that is rung."""
    RESULT = "result"
    """value: a DialResult of one leg; who: its extension or number."""
    HALF_RESULT = "half result"
    """value: a DialResult of a leg that is only the PBX's own (Local)."""
    DIAL_OVER = "dial over"
    """value: the DialResult of all legs together, as the PBX sums it up."""
    GAVE_UP = "gave up"
    """The caller hung up while phones were being dialled."""
    SENT_ON = "sent on"
    """A person on the line transferred the caller, without going along."""
    PICKED_UP = "picked up"
    """A leg that was rung for the caller took the call, says the dialling or the queue; who: its number."""
    QUEUE_LEFT = "queue left"
    """value: a QueueExit."""
    MESSAGE = "message"
    JOINED = "joined"
    """who: the extension or number of the person who is on the line now."""
    PARTED = "parted"
    """Nobody is on the line with the caller any more."""
    HUNG_UP = "hung up"
    """The caller ended an answered call."""
    GONE = "gone"
    """value: a DialResult where the hang-up cause names one."""
    NOT_SEEN = "not seen"
    """From here on, or before, events are missing."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to the call; ``value`` and ``who`` as ``What`` tells."""

    at: dt.datetime
    what: What
    value: str = ""
    who: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody at the other end of a call, and for how long: rung, or on the line."""

    number: str
    """The extension, or the number outside."""
    name: str = ""
    """Whose phone it is, where the PBX tells."""
    seconds: float = 0.0
    outside: bool = False
    """Rung over a trunk: a mobile's voicemail takes calls too, and no event tells it from a person."""

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """An inbound call that is over, as the PBX showed it; what it amounted to is for ``core.outcomes`` to say."""

    call_id: str
    """The inbound leg's Uniqueid or uuid."""
    caller: str
    """The inbound leg's first number, verbatim."""
    caller_name: str
    withheld: bool
    """Privacy was asked for, or no number shows."""
    privacy_unknown: bool = False
    """The PBX could not say any more whether the number was withheld."""
    spoofed: bool = False
    """The carrier's check of who may show this number (STIR/SHAKEN) failed, says the PBX."""
    did: str
    context: str
    started_at: dt.datetime
    ended_at: dt.datetime
    ring_seconds: float
    """In which at least one leg was being dialled."""
    wait_seconds: float
    """From the start to the first person, or to the end."""
    talk_seconds: float
    """In which at least one person was on the line."""
    rang: tuple[Party, ...] = ()
    """Whom the PBX rang, in order, each once."""
    talked_to: tuple[Party, ...]
    """Who was on the line, in order, each once."""
    queue: str = ""
    """The last queue in which the caller waited."""
    queue_seconds: float = 0.0
    """Waited in queues."""
    screened: bool = False
    """Whoever answered outside was asked whether to take the call: no machine says yes."""
    seen_whole: bool
    steps: tuple[Step, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OutsideCall:
    """A call that the office made to a number outside and that reached somebody; it is over."""

    channel: str
    """The Uniqueid or uuid of the leg that rang the number."""
    number: str
    """As it was dialled."""
    by: tuple[Party, ...]
    """Who of ours was on the line."""
    started_at: dt.datetime
    answered_at: dt.datetime
    """When the first of ours was on the line."""
    ended_at: dt.datetime
    talk_seconds: float


Ended = EndedCall | OutsideCall
