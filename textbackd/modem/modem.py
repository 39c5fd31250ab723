"""What a modem is to the rest of textbackd, and what can go wrong with it.

ModemError
├── ModemUnavailable   nothing was sent; wait and try again
├── SubmitRefused      the modem or the network said no; nothing was sent
└── SubmitUnknown      it may have been sent; never try again by yourself
"""

import asyncio
import dataclasses
import datetime as dt
import enum
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from textbackd.core.outgoing import PERMANENT_REFUSALS
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment
from textbackd.errors import TextbackdError


class ModemError(TextbackdError):
    """A modem did not do what it was asked."""


class ModemUnavailable(ModemError):
    """No modem just now: absent, silent, held by another program, or its child died before the PDU was written."""


class SubmitRefused(ModemError):
    """The modem or the network refused this message; it was surely not sent.

    ``cms`` is the ``+CMS ERROR`` number (3GPP TS 27.005 §3.2.5) where it could be learned.
    ``permanent``: it would be refused again.
    """

    def __init__(self, reason: str, *, cms: int | None = None, permanent: bool | None = None) -> None:
        super().__init__(reason)
        self.cms = cms
        self.permanent = cms in PERMANENT_REFUSALS if permanent is None else permanent


class SubmitUnknown(ModemError):
    """The PDU was given to the modem and no answer came: sent or not, nobody can tell."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message as it lies somewhere."""

    place: str
    pdu: bytes
    """The service centre's address in front (3GPP TS 27.005 §3.1)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IncomingSms:
    """One text on the SIM (its parts joined), or in the simulated inbox."""

    sender: str
    """The originating address as the network gave it: a number with ``+``, or letters (``Vodafone``)."""
    sent_at: dt.datetime | None
    """The service centre's time stamp of its first part that has one, in UTC; None where it gave no time."""
    text: str
    """With a gap (``GAP``) for each run of missing parts."""
    places: tuple[str, ...]
    """Where its parts lie; only the modem that gave them understands them."""
    missing: tuple[int, ...] = ()
    """The numbers of the parts that have not come yet."""
    concatenation: str = ""
    """What its parts have in common beside their sender: ``reference/of``; empty for a text of one part."""


GAP = "[…]"
"""Stands for what is missing in a text."""


class Unread(enum.StrEnum):
    """Why a message on the SIM is no text."""

    MMS = "mms"
    """The notice that a picture message waits; this modem cannot fetch it."""
    BINARY = "binary"
    """Data for the phone or the SIM, not for people."""
    UNDECODABLE = "undecodable"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UnreadMessage:
    """A message on the SIM that is no text, with its bytes."""

    kind: Unread
    place: str
    pdu: bytes
    """As it lay in the store, the service centre's address in front; empty where even that could not be had."""
    sender: str = ""
    """Where it could be learned."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """A status report of the service centre (3GPP TS 23.040 §9.2.2.3)."""

    number: str
    message_reference: int
    """TP-MR, 0..255: of this SIM, and reused after 256 texts."""
    status: int
    """TP-ST, raw: 0-31 done, 32-63 still trying, 64-127 given up (TS 23.040 §9.2.3.15)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """Somebody rang the SIM's own number."""

    number: str
    """As the network gave it (+CLIP); empty where it is withheld."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What one look at the modem found."""

    messages: Sequence[IncomingSms] = ()
    """All texts that lie on the SIM, whole or not; they stay there until ``delete``."""
    unread: Sequence[UnreadMessage] = ()
    """What lies there and is no text; it stays too."""
    reports: Sequence[DeliveryReport] = ()
    """Reports told since the last look; the modem keeps no copy."""
    stored_reports: Sequence[tuple[str, DeliveryReport]] = ()
    """Reports that lie on the SIM, with their places; they stay there until ``delete``."""
    calls: Sequence[IncomingCall] = ()
    """Calls to the SIM since the last look, each once however long it rings."""
    crowded: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    """What lies in stores that are nearly full: place → PDU. Soon no text finds room there."""
    unreadable: str = ""
    """Which stores could not be read, and why; what lies there is not in ``messages``. Empty where all could."""


class Registration(enum.StrEnum):
    """Whether the network has let the SIM in (3GPP TS 27.007 §7.2)."""

    HOME = "home"
    ROAMING = "roaming"
    SEARCHING = "searching"
    DENIED = "denied"
    NONE = "none"

    @property
    def registered(self) -> bool:
        """Whether texts can come and go."""
        return self in (Registration.HOME, Registration.ROAMING)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ModemStatus:
    """What a sysadmin wants to see of a modem."""

    manufacturer: str
    model: str
    network: str
    """The operator's name, or an empty string while not registered."""
    registration: Registration
    signal_percent: int | None
    """None: not known."""
    has_service_centre: bool = True
    """Whether the SIM knows an SMSC; without one no text can leave."""
    store: str = ""
    """Where incoming texts go: ``SM`` is on the SIM, ``ME`` in the modem, ``MT`` both; empty: not known."""
    stored: int = 0
    """Messages that lie there."""
    capacity: int | None = None
    """How many have room there; None: no limit, or not known."""
    unreadable: str = ""
    """As of ``Received``, at the last look."""

    @property
    def full_percent(self) -> int:
        """How full it is: what comes when it is full, waits in the network, and is lost in time."""
        return 100 * self.stored // self.capacity if self.capacity else 0


class Modem(Protocol):
    """A modem. One command runs at a time; a second caller waits for the first."""

    name: str
    incoming: asyncio.Event
    """A bell: set when a text, a report or a call may be waiting. A hint only; ``receive`` is the truth."""
    pushed: deque[bytes]
    """PDUs of texts that the modem handed out unasked and did not store (class 0): there is no other copy. Who has put
    the first one on disk takes it out.
    """

    async def open(self) -> None:
        """Make it ready, which it stays until something fails. Raises ModemUnavailable, at once where it is too early
        to try again.
        """
        ...

    async def submit(self, number: E164, segment: Segment) -> int:
        """Send one part with a delivery report asked for; the message reference (TP-MR) of the accepted part.

        Raises ModemUnavailable, SubmitRefused or SubmitUnknown.
        """
        ...

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        """Look for texts, reports and calls. What is on the ``shelf`` is joined with what lies on the SIM, as if it lay
        there. Raises ModemUnavailable.
        """
        ...

    async def delete(self, places: Sequence[str]) -> None:
        """Empty places of the SIM; one that is empty already is no error. Raises ModemUnavailable."""
        ...

    async def status(self) -> ModemStatus:
        """Open the modem if it is not open, and ask how it is. Raises ModemUnavailable."""
        ...

    async def reset(self, *, radio: bool = False) -> None:
        """Let go of the port and forget what was waited for, so that the next command opens it at once; with
        ``radio`` the modem is told to leave the network and come back then. A submit under way is SubmitUnknown.
        """
        ...

    async def close(self) -> None:
        """Let go of the port at once and for good; never waits for the modem. A submit under way is SubmitUnknown."""
        ...
