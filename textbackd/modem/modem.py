"""What a modem is to the rest of textbackd, and what can go wrong with it.

ModemError
├── ModemUnavailable   nothing was sent; wait and try again
├── SubmitRefused      the modem or the network said no; nothing was sent
└── SubmitUnknown      it may have been sent; never try again by yourself
"""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from textbackd.core.outgoing import PERMANENT_REFUSALS
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Encoding
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
class IncomingSms:
    """One whole text on the SIM (its parts joined), or in the simulated inbox."""

    sender: str
    """The originating address as the network gave it: a number with ``+``, or letters (``Vodafone``)."""
    sent_at: dt.datetime
    """The service centre's time stamp, in UTC."""
    text: str
    places: tuple[str, ...]
    """Where its parts lie; only the modem that gave them understands them."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """A status report of the service centre (3GPP TS 23.040 §9.2.2.3)."""

    number: str
    message_reference: int
    """TP-MR, 0..255: of this SIM, and reused after 256 texts."""
    status: int
    """TP-ST, raw: 0-31 done, 32-63 still trying, 64-127 given up (TS 23.040 §9.2.3.15)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What one look at the modem found."""

    messages: Sequence[IncomingSms]
    """All whole texts that lie on the SIM; they stay there until ``delete``."""
    reports: Sequence[DeliveryReport]
    """Reports since the last look; the modem keeps no copy."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ModemIdentity:
    """What a sysadmin wants to see of a modem."""

    manufacturer: str
    model: str
    network: str
    """The operator's name, or an empty string while not registered."""
    registered: bool
    signal_percent: int | None


class Modem(Protocol):
    """A modem. One command runs at a time; a second caller waits for the first."""

    name: str
    incoming: asyncio.Event
    """A bell: set when a text or a report may be waiting. A hint only; ``receive`` is the truth."""

    async def submit(self, number: E164, text: str, encoding: Encoding) -> int:
        """Send one part with a delivery report asked for; the message reference (TP-MR) of the accepted text.

        Raises ModemUnavailable, SubmitRefused or SubmitUnknown.
        """
        ...

    async def receive(self) -> Received:
        """Look for texts and reports. Raises ModemUnavailable."""
        ...

    async def delete(self, message: IncomingSms) -> None:
        """Remove a text from the SIM; one that is gone already is no error. Raises ModemUnavailable."""
        ...

    async def identify(self) -> ModemIdentity:
        """Open the modem if it is not open, and ask who it is. Raises ModemUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of the port at once and for good; never waits for the modem. A submit under way is SubmitUnknown."""
        ...
