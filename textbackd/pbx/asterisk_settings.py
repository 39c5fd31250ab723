"""What it takes to listen to one Asterisk."""

import dataclasses
from pathlib import Path
from typing import ClassVar

from textbackd.pbx.trunks import Trunks


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """One Asterisk, by its manager interface (AMI). Intervals are seconds."""

    name: str
    """What we call it; a call is known by this name and Asterisk's Uniqueid."""
    host: str = "127.0.0.1"
    port: int = 5038
    user: str
    secret: str = dataclasses.field(repr=False)
    trunks: Trunks = dataclasses.field(default_factory=Trunks)
    cdr_file: Path | None = None
    """Its ``Master.csv``: tells of the calls that came while there was no link."""
    did_from: ClassVar[str] = "request"
    """The dialplan says it (``FROM_DID``), where the extension that is asked for does not."""
    ping_interval: float = 10.0
    ping_timeout: float = 5.0
    """A link that is silent for longer after a ping is dead."""
