"""How it is told who spoke with a caller after all."""

import dataclasses
from typing import Any

from textbackd.cli.context import local
from textbackd.config import Settings
from textbackd.store.served import Served


def in_words(served: Served, settings: Settings) -> str:
    """Who, when and how long."""
    who = ", ".join(str(party) for party in served.by) or "somebody"
    at, length = local(served.at.isoformat(), settings), f"{served.seconds:.0f} s"
    if served.call is None:
        return f"{who} called back and reached the caller at {at}, for {length}"
    return f"{who} answered call {served.call} of this caller at {at}, for {length}"


def as_dict(served: Served) -> dict[str, Any]:
    """The same for programs."""
    return {
        "how": "called back" if served.call is None else "rang again",
        "at": served.at.isoformat(),
        "by": [dataclasses.asdict(party) for party in served.by],
        "seconds": served.seconds,
        "call": served.call,
    }
