"""A tracker that hears events, and the calls that it makes of them."""

import dataclasses
import datetime as dt
from typing import Any

from tests.builders import NOON, inbound, seconds
from tests.core.events import gone
from textbackd.core import calls
from textbackd.core.call_records import EndedCall, What
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelEvent


class Line:
    """A tracker and the clock that it is told: each event comes a second after the last."""

    def __init__(self) -> None:
        self.tracker = CallTracker()
        self.now = NOON
        self.ended: list[EndedCall] = []

    def hear(self, *events: ChannelEvent, apart: float = 1.0) -> list[EndedCall]:
        """The calls that these events ended."""
        ended: list[EndedCall] = []
        for event in events:
            ended += inbound(self.tracker.receive(dataclasses.replace(event, at=self.now)))
            self.now += seconds(apart)
        self.ended += ended
        return ended

    def expire(self, after: dt.timedelta) -> list[EndedCall]:
        """The calls that end when so much time has passed."""
        self.now += after
        ended = inbound(self.tracker.expire(self.now))
        self.ended += ended
        return ended

    def is_empty(self) -> bool:
        """Whether nothing is kept but the names of what has gone."""
        return nothing_kept(self.tracker)


def nothing_kept(tracker: CallTracker) -> bool:
    """Whether no channel, group, call or wire is left."""
    wiring = tracker._board._wiring
    kept: list[Any] = [tracker._channels, tracker._groups, tracker._calls]
    return not any([*kept, wiring._bridge_of, wiring._members, wiring._other_half])


def one_call(*events: ChannelEvent, apart: float = 1.0) -> EndedCall:
    """The one call that these events, and then the end of all channels, make."""
    line = Line()
    line.hear(*events, apart=apart)
    line.hear(*(gone(channel) for channel in list(line.tracker._channels)), apart=apart)
    line.expire(calls.GRACE)
    assert line.is_empty()
    (call,) = line.ended
    return call


def notes(call: EndedCall, *whats: What) -> list[tuple[str, str]]:
    return [(step.value, step.who) for step in call.steps if step.what in whats]
