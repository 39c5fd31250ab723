"""Every recorded call of a FreeSWITCH comes out as what happened, in JSON and in plain text, cut anywhere."""

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.builders import inbound, spoke_with
from tests.pbx import replay, switch
from tests.pbx.replay import FREESWITCH
from textbackd.core.call_records import OutsideCall
from textbackd.core.outcomes import Call
from textbackd.pbx import event_socket
from textbackd.pbx.event_socket import Event, EventSocketReader
from textbackd.pbx.trace import EventSocketTrace, Trace

TRUTHS = sorted(path.name.removesuffix(".truth.json") for path in FREESWITCH.glob("*.truth.json"))
WITHHELD = {"anonymous_abandoned"}


def subscribed(name: str) -> Path:
    return FREESWITCH / "subscribed" / f"{name}.esl.gz"


def everything(name: str) -> Path:
    """After ``event plain ALL``."""
    return FREESWITCH / "all" / f"{name}.esl.gz"


STREAMS = [path for name in TRUTHS for path in (subscribed(name), everything(name)) if path.exists()]


def name_of(path: Path) -> str:
    return path.name.removesuffix(".esl.gz")


def truth(path: Path) -> list[tuple[str, str, str]]:
    calls: list[dict[str, Any]] = json.loads((FREESWITCH / f"{name_of(path)}.truth.json").read_text())["calls"]
    return [(call["caller"], call["did"], call["outcome"]) for call in calls]


def what_happened(calls: Sequence[Call]) -> list[tuple[str, str, str]]:
    return [(call.record.caller, call.record.did, call.outcome.value) for call in calls]


def the_call(name: str) -> Call:
    (call,) = replay.freeswitch_calls(Trace.read(subscribed(name)))
    return call


def events_of(chunks: Sequence[bytes]) -> list[tuple[int, Event | None]]:
    reader = EventSocketReader()
    return [(at, event_socket.event_in(message)) for chunk in chunks for at, message in reader.messages(chunk)]


def test_every_trace_is_there() -> None:
    """38 scenarios, of which eight were recorded with all events too."""
    assert (38, 46) == (len(TRUTHS), len(STREAMS))


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: f"{path.parent.name}-{name_of(path)}")
def test_a_recorded_call_comes_out_as_what_happened(path: Path) -> None:
    """Caller, DID and outcome of each call, in the order in which they began."""
    assert truth(path) == what_happened(replay.freeswitch_calls(Trace.read(path)))


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: f"{path.parent.name}-{name_of(path)}")
def test_in_the_other_format_it_is_the_same_call(path: Path) -> None:
    """To the last step."""
    events = [event for _at, event in Trace.read(path).messages() if "Event-Name" in event]
    streams = (EventSocketTrace(path, written(events)) for written in (switch.as_json, switch.as_plain))
    in_json, in_plain = (replay.freeswitch_calls(stream) for stream in streams)

    assert in_json == in_plain
    assert truth(path) == what_happened(in_json)


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: f"{path.parent.name}-{name_of(path)}")
def test_privacy_is_seen_where_it_was_asked_for_and_nowhere_else(path: Path) -> None:
    """The number that shows through P-Asserted-Identity is nowhere."""
    for call in replay.freeswitch_calls(Trace.read(path)):
        assert (name_of(path) in WITHHELD) == call.record.withheld


@pytest.mark.parametrize("size", [1, 7, 100, 1460])
@pytest.mark.parametrize("path", [subscribed("odd_caller_name"), everything("injected_name")], ids=["json", "plain"])
def test_the_cutting_of_the_stream_does_not_matter(path: Path, size: int) -> None:
    """TCP cuts where it likes, also within a letter or a length."""
    data = gzip.decompress(path.read_bytes())

    assert events_of([data]) == events_of([data[i : i + size] for i in range(0, len(data), size)])


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: f"{path.parent.name}-{name_of(path)}")
def test_nor_do_ragged_cuts(path: Path) -> None:
    """The same with chunks of all sizes in one stream."""
    data = rest = gzip.decompress(path.read_bytes())
    draw, chunks = random.Random(path.name), list[bytes]()
    while rest:
        size = draw.choice((1, 2, 3, 64, 1460, 9000, 65536))
        chunks.append(rest[:size])
        rest = rest[size:]

    assert events_of([data]) == events_of(chunks)


@pytest.mark.parametrize(
    ("name", "ring", "wait", "talk"),
    [
        ("answered_caller_hangup", 2.1, 2.1, 3.0),
        ("abandoned_short", 0.5, 0.5, 0.0),
        ("dead_phone", 7.2, 7.2, 0.0),
        ("group_rangout", 5.5, 5.5, 0.0),
        ("queue_answered", 2.1, 2.1, 3.9),
        ("fifo_abandoned", 3.1, 4.0, 0.0),
        ("park_retrieved", 0.0, 2.0, 3.0),
        ("followme_answered", 2.1, 2.1, 4.0),
        ("forward_early_media_480", 8.0, 8.0, 0.0),
        ("confirm_pressed", 1.0, 2.6, 3.0),
        ("attended_transfer", 1.1, 1.1, 7.1),
        ("blind_transfer_rangout", 5.0, 1.1, 2.0),
        ("vm_hangup_greeting", 3.2, 4.4, 0.0),
        ("after_hours_announce", 0.0, 1.5, 0.0),
    ],
)
def test_how_long_it_rang_and_how_long_the_caller_waited_and_talked(
    name: str, ring: float, wait: float, talk: float
) -> None:
    """Dialled phones as a union, the wait until the first person or the end, all the talk."""
    record = the_call(name).record

    assert pytest.approx((ring, wait, talk), abs=0.11) == (
        record.ring_seconds,
        record.wait_seconds,
        record.talk_seconds,
    )


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("answered_callee_hangup", ("101",)),
        ("attended_transfer", ("101", "103")),
        ("confirm_pressed", ("15557770001",)),
        ("followme_answered", ("102",)),
        ("hunt_answered_second", ("102",)),
        ("park_retrieved", ("103",)),
        ("queue_answered", ("102",)),
    ],
)
def test_who_was_talked_to(name: str, people: tuple[str, ...]) -> None:
    """Extensions, or the number outside that was dialled."""
    assert people == spoke_with(the_call(name).record)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("answered_caller_hangup", "Pat Caller"),
        (
            "injected_name",
            "x Hangup-Cause: NORMAL_CLEARING Caller-Caller-ID-Number: +19005550666 Content-Type: auth/request",
        ),
    ],
)
def test_the_name_that_the_carrier_passed_is_kept(name: str, shown: str) -> None:
    """On one line, whatever is in it."""
    assert shown == the_call(name).record.caller_name


def test_a_call_to_a_number_outside() -> None:
    """Staff reached it, and no inbound call comes of it."""
    (call,) = replay.all_ended(replay.freeswitch_events(Trace.read(subscribed("outbound_answered"))))

    assert isinstance(call, OutsideCall)
    assert ("15556660001", ["102"]) == (call.number, [party.number for party in call.by])


def test_a_call_within_the_house_is_none_of_ours() -> None:
    """Though a phone began it as a caller does."""
    assert [] == inbound(replay.all_ended(replay.freeswitch_events(Trace.read(subscribed("internal_answered")))))
