"""What it takes to listen to one FreeSWITCH."""

import dataclasses
import enum
from pathlib import Path

from textbackd.pbx.trunks import Trunk, Trunks

VANILLA = Trunks((Trunk(contexts=frozenset({"public"}), endpoints=frozenset({"external"})),))
"""Where FreeSWITCH's own configuration and FusionPBX let calls from outside in: a context, and a sofia profile."""


class DidFrom(enum.StrEnum):
    """What names the number that the caller dialled."""

    REQUEST = "request"
    """The request URI of the INVITE."""
    TO = "to"
    """Its To header: for a carrier that puts the account's name into the request URI."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FreeSwitchSettings:
    """One FreeSWITCH, by its Event Socket. Intervals are seconds."""

    name: str
    """What we call it; a call is known by this name and the caller's leg's uuid."""
    host: str = "127.0.0.1"
    port: int = 8021
    user: str = ""
    """``user@domain`` of the directory; empty: the Event Socket's own password."""
    secret: str = dataclasses.field(repr=False)
    trunks: Trunks = VANILLA
    did_from: DidFrom = DidFrom.REQUEST
    cdr_file: Path | None = None
    """The ``Master.csv`` of mod_cdr_csv: tells of the calls that came while there was no link."""
    ping_interval: float = 10.0
    ping_timeout: float = 5.0
    """A link that is silent for longer after a ping is dead."""
