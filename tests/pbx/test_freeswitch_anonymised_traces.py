"""Recorded streams of a FreeSWITCH, anonymised, still tell everything but who it was."""

import json
import random
import re
from pathlib import Path

import pytest

from tests.pbx import switch
from tests.pbx.anonymity import bytes_of
from tests.pbx.freeswitch_anonymity import HOUSE, events_in, messages_in, of_stream, told_of
from tests.pbx.replay import FREESWITCH
from textbackd.pbx.anonymise import anonymised
from textbackd.pbx.event_socket import Event
from textbackd.pbx.trace import Trace, sidecar_of

STREAMS = [
    pytest.param(path, id="/".join(path.parts[-2:])) for path in sorted(FREESWITCH.rglob("*.esl.gz"))
]  # fmt: skip
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("path", STREAMS)
def test_a_recorded_stream(path: Path, tmp_path: Path) -> None:
    """Each call as before, all times as before, in the same format, nobody recognised."""
    made = anonymised(Trace.read(path), HOUSE, random.Random(path.name))
    new = tmp_path / "anonymous.esl"
    new.write_bytes(made.data)
    if sidecar_of(path).exists():
        sidecar_of(new).write_text(json.dumps(made.times))

    assert told_of(Trace.read(path)) == told_of(Trace.read(new))
    assert [at for at, _ in Trace.read(path).messages()] == [at for at, _ in Trace.read(new).messages()]
    assert kinds(bytes_of(path)) == kinds(made.data)
    assert set() == left_over(bytes_of(path), made.data)


def kinds(data: bytes) -> list[str]:
    return [message.content_type for message in messages_in(data)]


def left_over(before: bytes, after: bytes) -> set[str]:
    """Numbers, names, hosts, addresses and paths that plain searches find in a stream, and that are still there.

    It shares nothing with the anonymiser.
    """
    old, new = readable(before), readable(after)
    secrets = set(re.findall(r"(?<!\w)\+?(\d{7,15})(?!\w)", old))
    secrets |= set(re.findall(r"@([\w.-]+)", old)) - {"default"}
    secrets |= set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b|\bfd00::\w*", old))
    secrets |= set(re.findall(r"(?:sofia/gateway|sofia|loopback|user)/([\w+]+)", old)) - {"internal", "gateway", "app"}
    secrets |= set(re.findall(r"(?:-ID-Name|_display|Hostname|Switchname|-Number|FIFO-Name|_queue): (\w[\w +]+)", old))
    secrets |= set(re.findall(r"\b(?:[a-z_]+)_(?:call_id|user|host|gateway_name): (\w\S+)", old))
    secrets |= set(re.findall(r"(/[a-z]+/[a-z]+/\S+)", old))
    secrets -= {"true", "false", "unknown", "anonymous", "Anonymous", "voicemail"}
    return {secret for secret in secrets if re.search(rf"(?<!\w){re.escape(secret)}(?!\w|::)", new)}


def readable(data: bytes) -> str:
    """The headers of all events, a line each; without ids of legs, times and what counts."""
    events = [event for event in events_in(data) if "Event-Name" in event]
    lines = [f"{name}: {value}" for event in events for name, value in event.items()]
    counts = r"^(?:\S+(?:_ms|_seconds|_status|sec|duration|-Len)): \d+$"
    return re.sub(rf"{UUID.pattern}|\b1795\d{{6}}(?:\d{{6}})?\b|{counts}", "", "\n".join(lines), flags=re.MULTILINE)


def test_what_was_left_would_be_found() -> None:
    """The search finds everything in streams that are as they were."""
    found: set[str] = set()
    for name in ("queue_answered", "fifo_abandoned", "vm_vanilla_loopback_message", "confirm_pressed"):
        data = bytes_of(FREESWITCH / "subscribed" / f"{name}.esl.gz")
        found |= left_over(data, data)

    people = {"15551230001", "5550107", "Pat Caller", "15557770001"}
    house = {"101", "support", "sales", "trunk", "carrier", "carrier.test", "office.test", "127.0.0.1", "fd00::2"}
    assert people | house <= found


def test_it_can_be_done_again() -> None:
    """The shape stays: the same headers with values as long, though other ones."""
    once = anonymised(Trace.read(FREESWITCH / "subscribed" / "queue_answered.esl.gz"), HOUSE, random.Random(1))
    twice = of_stream(once.data, seed=2)

    assert once.data != twice.data
    assert [shape(event) for event in events_in(once.data)] == [shape(event) for event in events_in(twice.data)]
    assert (once.numbers, once.names) == (twice.numbers, twice.names)


def shape(event: Event) -> dict[str, str]:
    return {name: re.sub(r"[0-9]", "0", value) for name, value in event.items()}


def test_the_same_from_plain_as_from_json() -> None:
    """Each event of a stream, in either format; what is plain is written as FreeSWITCH writes it."""
    events = [event for _at, event in Trace.read(FREESWITCH / "subscribed" / "queue_answered.esl.gz").messages()]
    events = [event for event in events if "Event-Name" in event]
    in_json, plain = of_stream(switch.as_json(events)), of_stream(switch.as_plain(events))

    assert events_in(in_json.data) == events_in(plain.data)
    assert b"+" not in plain.data.replace(b"%2B", b"")
    assert b"\nChannel-Name: sofia/n1/%2B" in plain.data
