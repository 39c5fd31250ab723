"""What a PBX is to the rest of textbackd.

PbxError
├── PbxUnavailable    not there, not answering: come back later
└── LoginRefused      wrong user or secret: come back much later, a fail2ban is watching
"""

import asyncio
from typing import Protocol

from textbackd.core.channel_events import ChannelEvent
from textbackd.errors import TextbackdError


class PbxError(TextbackdError):
    """The link to a PBX failed."""


class PbxUnavailable(PbxError):
    """No connection, or one that went silent."""


class LoginRefused(PbxError):
    """The PBX does not know us, or does not want us."""


class NotUnderstood(TextbackdError):
    """A message that the PBX does not send, or that was cut; the next one still counts."""


class EventSource(Protocol):
    """One PBX. ``run`` keeps a link up for ever; what happens arrives in ``events``, in order."""

    name: str
    events: asyncio.Queue[ChannelEvent]

    async def run(self) -> None:
        """Connect, and again after every loss; returns only by cancellation."""
        ...
