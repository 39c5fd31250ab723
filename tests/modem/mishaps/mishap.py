"""What can go wrong with a modem, and the common ways to play it on a ``Station``."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from tests.emulator import Fault
from tests.modem.station import Station

Play = Callable[[Station], Awaitable[None]]

UNKNOWN_LINE = '+QIND: "csq",20,99'
"""Quectel says it, and gammu does not know it."""
GIVEN_UP = "Gives the modem up after 5 s and opens it anew."
UNKNOWN = "Nobody knows, and it is not sent again"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """One line of the page."""

    id: str
    what: str
    answer: str
    """What textbackd does."""
    play: Play
    opened: bool = True
    """Whether the modem is open when it strikes."""
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Of the modem."""
    lasts: bool = False
    """Whether the wait is counted from its end."""
    long: bool = False
    """Whether it takes minutes."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Mishaps of one kind, under one title."""

    title: str
    mishaps: Sequence[Mishap]


def meets(*faults: Fault) -> Play:
    """These happen in this order, to whatever is asked or sent next."""

    async def play(station: Station) -> None:
        station.emulator.script = list(faults)
        await station.queue()

    return play


def throughout(fault: Fault) -> Play:
    """It happens again and again."""

    async def play(station: Station) -> None:
        station.emulator.fault = fault
        await station.queue()

    return play


def until_lost(fault: Fault, reason: str) -> Play:
    """It happens again and again, until the modem has been given up for that reason."""

    async def play(station: Station) -> None:
        station.emulator.fault = fault
        await station.queue()
        station.start()
        await station.lost(reason)
        station.emulator.fault = None
        station.over()

    return play
