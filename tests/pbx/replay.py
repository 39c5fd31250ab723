"""Recorded streams, played through the reader, the translator, the tracker and the judge: no database, no loop."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from tests.builders import an_office, inbound
from textbackd.core.call_records import Ended, EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelEvent
from textbackd.core.office import Did, Mark
from textbackd.core.outcomes import Call, judge
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trace import Trace
from textbackd.pbx.trunks import Trunks

TRACES = Path(__file__).parents[1] / "traces" / "asterisk"
FREESWITCH = TRACES.with_name("freeswitch")

OFFICE = an_office(
    dids=(
        Did(number="01632960107", marks=frozenset({Mark.CLOSED})),
        Did(number="01632960108", marks=frozenset({Mark.CLOSED})),
    )
)
"""That of the lab in which the streams were recorded."""
FREESWITCH_OFFICE = an_office(
    country="US",
    dids=tuple(Did(number=number, marks=frozenset({Mark.CLOSED})) for number in ("5550111", "5550112", "5550113")),
)
"""The same of FreeSWITCH's lab."""


def events(path: Path) -> list[ChannelEvent]:
    """A recorded stream in our words."""
    translator = AsteriskTranslator(Trunks())
    return [event for at, message in Trace.read(path).messages() for event in translator.events(message, at)]


def all_ended(events: Iterable[ChannelEvent], tracker: CallTracker | None = None) -> list[Ended]:
    """The calls in the order in which they began; those that are up at the end of the stream are cut off there."""
    tracker, calls, now = tracker or CallTracker(), list[Ended](), dt.datetime.min.replace(tzinfo=dt.UTC)
    for event in events:
        now = event.at
        calls += tracker.expire(now)
        calls += tracker.receive(event)
    calls += tracker.cut_off(now)
    return sorted(calls, key=lambda call: call.started_at)


def ended(events: Iterable[ChannelEvent], tracker: CallTracker | None = None) -> list[EndedCall]:
    """The inbound ones of them."""
    return inbound(all_ended(events, tracker))


def calls(path: Path) -> list[Call]:
    """The same of a recorded stream, judged; where nothing is known of the times, any talk is long enough."""
    minimum_talk = dt.timedelta(seconds=2 if Trace.read(path).timed else 0)
    return [judge(call, OFFICE, pbx="asterisk", minimum_talk=minimum_talk) for call in ended(events(path))]


def freeswitch_events(stream: Trace, trunks: Trunks = VANILLA, did_from: str = "request") -> list[ChannelEvent]:
    """The stream of an Event Socket in our words."""
    translator = FreeSwitchTranslator(trunks, did_from=did_from)
    return [event for at, message in stream.messages() for event in translator.events(message, at)]


def freeswitch_calls(stream: Trace, trunks: Trunks = VANILLA, did_from: str = "request") -> list[Call]:
    """The inbound calls of such a stream, judged."""
    events = freeswitch_events(stream, trunks, did_from)
    return [
        judge(call, FREESWITCH_OFFICE, pbx="freeswitch", minimum_talk=dt.timedelta(seconds=2)) for call in ended(events)
    ]
