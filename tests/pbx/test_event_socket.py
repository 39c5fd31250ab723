"""The Event Socket as bytes: what FreeSWITCH sends, and what it never should."""

import json
import random
from collections.abc import Iterable

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.pbx import switch
from textbackd.pbx import event_socket
from textbackd.pbx.event_socket import LONGEST_MESSAGE, Event, EventSocketReader, Message
from textbackd.pbx.source import NotUnderstood, PbxUnavailable

EVENT = {"Event-Name": "CHANNEL_CREATE", "Unique-ID": "1", "Caller-Caller-ID-Name": "Zoë\nHangup-Cause: X+%0A|:"}


def messages(*chunks: bytes) -> list[Message]:
    reader = EventSocketReader()
    return [message for chunk in chunks for _offset, message in reader.messages(chunk)]


def framed(body: bytes, kind: str = "text/event-json") -> bytes:
    return b"Content-Length: %d\nContent-Type: %s\n\n" % (len(body), kind.encode()) + body


def the_event(body: bytes, kind: str = "text/event-json") -> Event | None:
    (message,) = messages(framed(body, kind))
    return event_socket.event_in(message)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@pytest.mark.parametrize("written", [switch.as_json, switch.as_plain])
def test_both_formats_give_the_same_event(written: "type") -> None:
    """A line end in a name is quoted in either, and no header of its own."""
    greeting, sent = (event_socket.event_in(message) for message in messages(written([EVENT])))

    assert ({"Content-Type": "auth/request"}, EVENT) == (greeting, sent)


def test_an_empty_value_is_empty_in_both() -> None:
    """Plain text spells it out."""
    assert {"a": "", "b": "1"} == the_event(b"a: _undef_\nb: 1\n\n", "text/event-plain")


def test_an_array_is_the_same_in_both() -> None:
    """JSON has a list only where there is more than one value."""
    assert {"a": "ARRAY::x|:y"} == the_event(b'{"a": ["x", "y"]}')
    assert {"a": "ARRAY::x|:y"} == the_event(b"a: ARRAY%3A%3Ax%7C%3Ay\n\n", "text/event-plain")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"Hangup-Cause": "X", "Hangup-Cause": "Y"}', "text/event-json"),
        (b"Hangup-Cause: X\nHangup-Cause: Y\n\n", "text/event-plain"),
    ],
)
def test_of_a_header_that_comes_twice_the_last_counts(body: bytes, kind: str) -> None:
    """Every CHANNEL_HANGUP_COMPLETE has two causes."""
    assert {"Hangup-Cause": "Y"} == the_event(body, kind)


def test_the_body_of_an_event_is_none_of_its_headers() -> None:
    """It has a length and a second empty line of its own."""
    assert {"a": "1", "Content-Length": "5"} == the_event(b"a: 1\nContent-Length: 5\n\nb: 2\n", "text/event-plain")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("Jürgen".encode(), "Jürgen"),
        ("Jürgen".encode("latin-1"), "Jürgen"),
        (b"\\u004a\\u00fc", "Jü"),
        (b"\\ud83d\\ude00", "\N{GRINNING FACE}"),
        (b"\\ud83d!", "?!"),
        (b"J\\u00fc\xfc", "J\xc3\xbc\xfc"),
    ],
)
def test_a_name_may_be_in_any_encoding(sent: bytes, read: str) -> None:
    """Raw Latin-1 makes a body of JSON no UTF-8; the call is not lost by it."""
    found = the_event(b'{"Unique-ID": "1", "Caller-Caller-ID-Name": "' + sent + b'"}')

    assert {"Unique-ID": "1", "Caller-Caller-ID-Name": read} == found


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"7", b"null", b"\xff", b"[" * 200_000, b'{"a": ' + b"9" * 5000])
def test_an_event_that_is_none_is_not_understood(body: bytes) -> None:
    """The next one may be."""
    with pytest.raises(NotUnderstood):
        the_event(body)


@pytest.mark.parametrize("value", [None, True, 1.5, {}, [], [["x"], {}]])
def test_a_value_that_is_no_text_is_made_one(value: object) -> None:
    """FreeSWITCH sends none."""
    assert {"a"} == (the_event(json.dumps({"a": value}).encode()) or {}).keys()


@pytest.mark.parametrize("kind", ["command/reply", "text/disconnect-notice", "log/data", ""])
def test_what_is_no_event_is_none(kind: str) -> None:
    """Answers to commands are for whoever sent them."""
    assert the_event(b"Disconnected, goodbye.\n", kind) is None


def test_an_answer_to_an_api_counts_as_an_event() -> None:
    """A list of channels is one."""
    assert {"Content-Type": "api/response", "_body": "+OK ü"} == the_event("+OK ü".encode(), "api/response")


def test_offsets_are_those_of_the_last_bytes() -> None:
    """By them it is known when a message came."""
    data = framed(b"{}") + framed(b'{"a": "1"}') + b"Content-Type: command/reply\nReply-Text: +OK\n\n"

    for size in (1, 7, len(data)):
        reader = EventSocketReader()
        ends = [offset for chunk in cut(data, size) for offset, _message in reader.messages(chunk)]
        assert [data.index(b"{}") + 1, data.index(b'"1"}') + 3, len(data) - 1] == ends


@pytest.mark.parametrize(
    "length", ["-1", "x", "", "1.5", "0x10", "\u0663", str(LONGEST_MESSAGE + 1), "9" * 20, "9" * 5000, "1 1"]
)
def test_an_absurd_length_breaks_the_stream(length: str) -> None:
    """Nobody knows where the next message begins."""
    with pytest.raises(PbxUnavailable, match="bytes"):
        messages(f"Content-Length: {length}\n\n".encode())


def test_ten_megabytes_without_an_end_break_the_stream() -> None:
    """As soon as they are too many."""
    with pytest.raises(PbxUnavailable, match="without the end of a message"):
        messages(*[b"x" * 1024 * 1024] * 10)


def test_a_body_of_ten_megabytes_breaks_the_stream() -> None:
    """Before any of it is read."""
    with pytest.raises(PbxUnavailable):
        messages(framed(b"x" * 10 * 1024 * 1024)[:100])


def test_four_megabytes_are_a_message() -> None:
    """A list of 4,000 channels, in pieces of a packet; each byte is looked at once."""
    body = b'{"a": "' + b"x" * (LONGEST_MESSAGE - 9) + b'"}'

    (message,) = messages(*cut(framed(body), 1460))

    assert LONGEST_MESSAGE == len(message.body)


def test_what_was_read_is_let_go() -> None:
    """Of a stream that runs for months."""
    reader = EventSocketReader()
    for _ in range(1000):
        assert 1 == len([*reader.messages(framed(b"x" * 1000))])

    assert not reader._unread


STREAM = switch.as_json([EVENT] * 3) + switch.as_plain([EVENT] * 3) + framed(b"+OK", "api/response")


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Bits flipped, pieces lost, doubled and moved."""
    broken = bytearray(data)
    for _ in range(draw.randrange(1, 8)):
        at, size = draw.randrange(len(broken)), draw.randrange(40)
        match draw.randrange(4):
            case 0:
                broken[at] ^= 1 << draw.randrange(8)
            case 1:
                del broken[at : at + size]
            case 2:
                broken[at:at] = broken[at : at + size]
            case _:
                broken[at:at] = draw.randbytes(size)
        broken = broken or bytearray(data)
    return bytes(broken)


def understood(chunks: Iterable[bytes]) -> int:
    """How many messages are events. Nothing but PbxUnavailable leaves the reader, and NotUnderstood an event."""
    reader, count = EventSocketReader(), 0
    try:
        for chunk in chunks:
            for _offset, message in reader.messages(chunk):
                try:
                    count += event_socket.event_in(message) is not None
                except NotUnderstood:
                    continue
    except PbxUnavailable:
        pass
    return count


@hypothesis.given(st.binary() | st.integers(0, 2**32).map(lambda seed: damaged(STREAM, random.Random(seed))))
@hypothesis.settings(max_examples=500)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """And its cuts make no difference."""
    assert understood([data]) == understood(cut(data, 1)) == understood(cut(data, 13))


def test_an_undamaged_stream_is_understood() -> None:
    """What the one above breaks."""
    assert 9 == understood([STREAM])
