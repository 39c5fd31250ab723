"""What happens to a channel, in words that every PBX can be translated into.

``channel`` is the PBX's own unchanging id of a channel (Uniqueid, uuid), ``group`` that of the group of channels
that the PBX thinks belong together. ``at`` is aware UTC. Translators (``pbx/…_events.py``) make these values,
``core.calls.CallTracker`` folds them into calls.
"""

import dataclasses
import datetime as dt
import enum


class ChannelKind(enum.StrEnum):
    """What stands at the far end of a channel."""

    INBOUND = "inbound"
    """A caller from outside: the leg that the carrier's call created."""
    DEVICE = "device"
    """A phone of the office: a person may be there."""
    OUTSIDE = "outside"
    """A number outside that the PBX rang over a trunk: a person may be there, or a machine."""
    HALF = "half"
    """One half of a pair inside the PBX; nobody is there."""
    SERVICE = "service"
    """The PBX itself: announcer, recorder, conference voice."""


PERSONS = frozenset({ChannelKind.DEVICE, ChannelKind.OUTSIDE})
"""Where somebody of ours, or whom we rang, may be."""


class DialResult(enum.StrEnum):
    """How the dialling of one leg, or of all legs together, ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    CANCELLED = "cancelled"
    FORWARDED = "forwarded"
    """The phone named another number, which is rung in its place."""


class Stage(enum.StrEnum):
    """Where in the PBX a caller is."""

    DIAL = "dial"
    MENU = "menu"
    QUEUE = "queue"
    VOICEMAIL = "voicemail"
    MAILBOX = "mailbox"
    BLOCKED = "blocked"
    ANNOUNCEMENT = "announcement"
    CLOSED = "closed"
    """The dialplan itself says that nobody works."""
    PARKED = "parked"
    CONFERENCE = "conference"
    BUSY_TONE = "busy tone"
    CONGESTION_TONE = "congestion tone"


class Privacy(enum.StrEnum):
    """Whether the caller wants the number shown, whatever number shows."""

    WITHHELD = "withheld"
    """Said once, it holds for the call."""
    SHOWN = "shown"
    UNKNOWN = "unknown"
    """It was asked, and the channel was gone before the answer."""


class QueueExit(enum.StrEnum):
    """Why a queue let go of a caller who had not given up."""

    TIMEOUT = "timeout"
    EMPTY = "empty"
    FULL = "full"
    OTHER = "other"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _ChannelEvent(_Event):
    channel: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAppeared(_ChannelEvent):
    """A channel was made, or was found in a snapshot."""

    name: str
    kind: ChannelKind
    group: str
    number: str = ""
    """INBOUND: the caller's number as shown. DEVICE: the extension. OUTSIDE: the number rung, where it is known yet."""
    display_name: str = ""
    """INBOUND: the caller's name. DEVICE: whose phone it is."""
    line: str = ""
    """What the PBX calls the trunk or the phone (endpoint, gateway)."""
    begins_call: bool = False
    """Somebody at its far end began a call with it, from outside or from a phone of the office."""
    did: str = ""
    context: str = ""
    from_middle: bool = False
    """Found in a snapshot: what happened before is not known."""
    answered: bool = False
    since: dt.datetime | None = None
    """When it was made, where a snapshot tells."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMoved(_ChannelEvent):
    """The PBX counts the channel to another group now."""

    group: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAnswered(_ChannelEvent):
    """The channel is up. On an inbound leg this says only that the *PBX* answered."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRinging(_ChannelEvent):
    """The phone at the end of the channel says that it rings."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ChannelGone(_ChannelEvent):
    """The channel was hung up."""

    result: DialResult | None = None
    """Why, where the reason of the hang-up tells more than the dialling did."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DidKnown(_ChannelEvent):
    """The number dialled, where the extension that the carrier asked for is not it."""

    did: str
    certain: bool = True
    """False: what the carrier asked for; the dialplan knows better."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyTold(_ChannelEvent):
    """Something was learned of whether the caller wants the number shown; it may be told several times."""

    privacy: Privacy


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdRefuted(_ChannelEvent):
    """The carrier, or the PBX itself, checked who may show this number (STIR/SHAKEN), and the check failed.

    Of one that was passed, or never made, nothing is told: most carriers of the world make none.
    """


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HalvesPaired(_Event):
    """Two halves of a Local channel: what enters one leaves the other."""

    one: str
    two: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DialStarted(_ChannelEvent):
    """A leg is being dialled."""

    by: str
    """The channel that dials, or an empty string."""
    number: str = ""
    """The extension or the number outside, where the dial string names one."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DialEnded(_ChannelEvent):
    """A leg is no longer being dialled."""

    by: str
    result: DialResult


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DialFinished(_ChannelEvent):
    """All dialling that ``channel`` asked for is over."""

    result: DialResult


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEntered(_ChannelEvent):
    """The channel joined a bridge. Not to be told of early media: whoever is in it is taken to be there."""

    bridge: str
    holding: bool = False
    """Its members do not hear each other (parking, waiting)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeft(_ChannelEvent):
    """The channel left a bridge."""

    bridge: str = ""
    """Empty: whichever it was in."""
    conference: bool = False
    """Its members hear each other, and one may have come into it untold, in another leg's place."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StageEntered(_ChannelEvent):
    """The channel came to another part of the PBX."""

    stage: Stage
    where: str = ""
    """The name of the queue, mailbox, context …"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SentOn(_ChannelEvent):
    """Whoever was on the line with the channel sent it elsewhere, without going along (blind transfer)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QueueConnected(_ChannelEvent):
    """The queue joins the caller with a leg that it rang, whoever answered there was told first what it is about; or a
    leg fetches the caller from a parking place.
    """

    leg: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QueueLeft(_ChannelEvent):
    """The queue let go of the caller; a caller who gave up raises no such event."""

    why: QueueExit


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MessageLeft(_ChannelEvent):
    """A voicemail message was stored."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FarEndHungUp(_ChannelEvent):
    """The far end ended a channel; of one that is not up Asterisk says it for its own busy tone too."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LinkLost(_Event):
    """From here on events may be missing: the connection broke, or the PBX is going down."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken(_Event):
    """Exactly these channels are up; any other that was known has gone unseen."""

    channels: frozenset[str]


ChannelEvent = (
    ChannelAppeared
    | ChannelMoved
    | ChannelAnswered
    | ChannelRinging
    | ChannelGone
    | DidKnown
    | PrivacyTold
    | CallerIdRefuted
    | HalvesPaired
    | DialStarted
    | DialEnded
    | DialFinished
    | BridgeEntered
    | BridgeLeft
    | StageEntered
    | SentOn
    | QueueConnected
    | QueueLeft
    | MessageLeft
    | FarEndHungUp
    | LinkLost
    | SnapshotTaken
)
