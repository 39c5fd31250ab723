"""A tracker that hears of calls to numbers outside, and whom they reached."""

import dataclasses

from tests.builders import NOON, seconds
from tests.core import events
from tests.core.events import appeared, caller, entered
from textbackd.core import channel_events as ev
from textbackd.core.call_records import EndedCall, OutsideCall
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelEvent, ChannelKind

LEAD, SUPPLIER = "07700900123", "07700900777"


class Line:
    """A tracker and the clock that it is told: each event comes a second after the last."""

    def __init__(self) -> None:
        self.tracker = CallTracker()
        self.now = NOON
        self.reached: list[OutsideCall] = []
        self.inbound: list[EndedCall] = []

    def hear(self, *events: ChannelEvent, apart: float = 1.0) -> list[OutsideCall]:
        """The calls to the outside that these events ended."""
        before = len(self.reached)
        for event in events:
            for call in self.tracker.receive(dataclasses.replace(event, at=self.now)):
                if isinstance(call, OutsideCall):
                    self.reached.append(call)
                else:
                    self.inbound.append(call)
            self.now += seconds(apart)
        return self.reached[before:]

    def who(self) -> list[tuple[str, list[tuple[str, float]]]]:
        """Which numbers were reached, by whom and how long."""
        return [(call.number, [(party.number, party.seconds) for party in call.by]) for call in self.reached]


def phone(channel: str, group: str = "101") -> ev.ChannelAppeared:
    return events.phone(channel, group)


def outside(channel: str = "lead", group: str = "101") -> ev.ChannelAppeared:
    """A leg that leaves by a trunk; its number is known when it is dialled."""
    return appeared(channel, ChannelKind.OUTSIDE, group)


def dialled(channel: str = "lead", number: str = LEAD, by: str = "101") -> ev.DialStarted:
    return events.dialled(channel, by, number)


DIALS = (phone("101"), outside(), dialled())
"""101 dials the lead: three seconds."""
TALK = (*DIALS, entered("lead"), entered("101"))
"""They are on the line from the fourth second on."""

FORWARDED = (caller(), outside(group="caller"), dialled(by="caller"))
"""The PBX sends a caller on to the lead."""
