"""A FreeSWITCH's stream made anonymous, and read again."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests import fake_event_socket
from tests.builders import NOON, seconds
from tests.pbx import replay
from tests.pbx.anonymity import what_happened
from textbackd.core.outcomes import judge
from textbackd.pbx import freeswitch_harmless_words as harmless_words
from textbackd.pbx.anonymise import Anonymised, anonymised
from textbackd.pbx.disguise import House
from textbackd.pbx.event_socket import Event, EventSocketReader, Message, event_in
from textbackd.pbx.freeswitch_disguise import FreeSwitchDisguise
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trace import EventSocketTrace, Trace

HOUSE = House(country="GB", trunks=VANILLA)
STAYING = {*FreeSwitchDisguise(HOUSE, random.Random(1))._values, *harmless_words.ARGUMENTS}
"""The headers that stay."""


def of_stream(data: bytes, house: House = HOUSE, seed: int = 1) -> Anonymised:
    """Anonymise a stream that a test made up."""
    return anonymised(EventSocketTrace(Path("made.esl"), data, [(0, NOON.timestamp())]), house, random.Random(seed))


def of_events(*events: Mapping[str, Any], house: House = HOUSE) -> list[Event]:
    """The same of events, read again."""
    return events_in(of_stream(b"".join(map(fake_event_socket.as_bytes, events)), house).data)


def of_event(event: Mapping[str, Any], house: House = HOUSE) -> Event:
    """The headers of one event, but for those that it did not have before."""
    (new,) = of_events({"Event-Name": "CHANNEL_CREATE", **event}, house=house)
    return {name: value for name, value in new.items() if name in event}


def messages_in(data: bytes) -> list[Message]:
    """The messages of a stream that is whole."""
    reader = EventSocketReader()
    found = list(reader.messages(data))
    assert not data or found[-1][0] == len(data) - 1  # no byte is left over: each Content-Length is right
    return [message for _offset, message in found]


def events_in(data: bytes) -> list[Event]:
    """Those of them that are events."""
    return [event for message in messages_in(data) if (event := event_in(message)) is not None]


def told_of(trace: Trace) -> list[dict[str, Any]]:
    """What happened in a stream, but for who it was."""
    calls = replay.ended(replay.freeswitch_events(trace))
    return what_happened(judge(call, replay.OFFICE, pbx="freeswitch", minimum_talk=seconds(2)) for call in calls)
