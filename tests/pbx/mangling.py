"""Streams that no PBX should send, made from recorded ones."""

import random
import re
from collections.abc import Callable, Iterable, Mapping

from textbackd.pbx.asterisk_events import PRIVACY_ACTION

END = b"\r\n\r\n"

Mangle = Callable[[bytes, random.Random], bytes]


def of_lines(change: Callable[[bytes, random.Random], bytes | None], share: float) -> Mangle:
    """Change so large a share of the lines; None removes one."""

    def mangle(data: bytes, draw: random.Random) -> bytes:
        lines: list[bytes | None] = [*data.split(b"\r\n")]
        for i, line in enumerate(lines):
            if line and draw.random() < share:
                lines[i] = change(line, draw)
        return b"\r\n".join(line for line in lines if line is not None)

    return mangle


def of_values(values: Iterable[bytes], pattern: bytes = rb"", share: float = 0.1) -> Mangle:
    """Put one of these values into a share of the headers whose names match."""

    def change(line: bytes, draw: random.Random) -> bytes:
        name = line.partition(b": ")[0]
        return name + b": " + draw.choice([*values]) if re.search(pattern, name) else line

    return of_lines(change, share)


def of_messages(change: Callable[[list[bytes], random.Random], None]) -> Mangle:
    def mangle(data: bytes, draw: random.Random) -> bytes:
        messages = data.split(END)
        change(messages, draw)
        return END.join(messages)

    return mangle


def flip(data: bytes, draw: random.Random) -> bytes:
    """One bit in two hundred bytes."""
    flipped = bytearray(data)
    for place in draw.sample(range(len(data)), len(data) // 200):
        flipped[place] ^= 1 << draw.randrange(8)
    return bytes(flipped)


def insert(what: Callable[[random.Random], bytes]) -> Mangle:
    """Put something into one place in two hundred bytes."""

    def mangle(data: bytes, draw: random.Random) -> bytes:
        places = sorted(draw.sample(range(len(data)), len(data) // 200))
        pieces = [data[begin:end] for begin, end in zip([0, *places], [*places, len(data)], strict=True)]
        return b"".join(piece + what(draw) for piece in pieces)

    return mangle


def among(messages: list[bytes], draw: random.Random, *others: bytes) -> None:
    for other in others:
        messages.insert(draw.randrange(1, len(messages)), other)


UNKNOWN = [
    b"Event: %s\r\nUniqueid: 9.%d\r\nLinkedid: 8.%d\r\nDestUniqueid: 7.%d\r\nBridgeUniqueid: b%d\r\nChannelState: 6"
]
KINDS = [b"Newstate", b"Hangup", b"DialBegin", b"BridgeEnter", b"BridgeLeave", b"HangupRequest", b"QueueCallerJoin"]
ANSWERS = [
    b"Response: Success\r\nActionID: nobody",
    b"Response: Error\r\nMessage: no such thing",
    b"Response: Success\r\nActionID: " + PRIVACY_ACTION.encode(),
    b"Response: Success\r\nActionID: " + PRIVACY_ACTION.encode() + b"1.1",
    b"Response: Success\r\nActionID: " + PRIVACY_ACTION.encode() + b"1.1/now/\r\nValue: prohib",
    b"Response: Follows\r\nPrivilege: Command\r\n--END COMMAND--",
    b"Event: CoreShowChannelsComplete\r\nActionID: nobody\r\nEventList: Complete",
]
ODD_IDS = [b"", b"1.1", b" ", b"/", b"\xff"]
ODD_NAMES = [b"", b"PJSIP", b"/-", b"Local/1;1", b"Local/1;2", b"DAHDI/i1/7-1"]
ODD_WORDS = [b"", b"WHATEVER", b"ANSWER", b"holding_bridge"]
NUMBERS = [
    b"-1",
    b"0",
    b"9" * 20,
    b"9" * 5000,
    b"1e308",
    b"NaN",
    b"",
    b" ",
    b"0x10",
    "٣".encode(),
    b"-99999999:00:00",
    b"9" * 20 + b":0:0",
]

MANGLED: Mapping[str, Mangle] = {
    "bits flipped": flip,
    "lines cut short": of_lines(lambda line, draw: line[: draw.randrange(len(line))], 0.1),
    "lines lost": of_lines(lambda line, draw: None, 0.2),
    "required headers lost": of_lines(
        lambda line, draw: None if re.match(rb"\w*Uniqueid|Channel:", line) else line, 0.5
    ),
    "headers doubled": of_lines(lambda line, draw: line + b"\r\n" + line, 0.3),
    "headers told twice": of_lines(lambda line, draw: line.partition(b":")[0] + b": 7\r\n" + line, 0.1),
    "no space behind the colon": of_lines(lambda line, draw: line.replace(b": ", b":"), 0.3),
    "bare line feeds": lambda data, draw: data.replace(b"\r\n", b"\n", len(data) // 300),
    "NULs": insert(lambda draw: b"\0"),
    "UTF-8 that is none": insert(lambda draw: draw.choice((b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80"))),
    "UTF-16": of_lines(lambda line, draw: line.decode("latin-1").encode("utf-16"), 0.05),
    "garbage": insert(lambda draw: draw.randbytes(draw.randrange(30))),
    "empty messages": insert(lambda draw: END),
    "odd numbers": of_values(NUMBERS, rb"State|Num|Cause|Duration|Waiting|Count|Priority|Timestamp|Uptime", 0.5),
    "odd ids": of_values(ODD_IDS, rb"Uniqueid|Linkedid|BridgeId"),
    "odd names": of_values(ODD_NAMES, rb"Channel"),
    "odd words": of_values(ODD_WORDS, rb"Status|Technology|Value|Application"),
    "messages shuffled": of_messages(lambda messages, draw: draw.shuffle(messages)),
    "messages repeated": of_messages(lambda messages, draw: messages.extend(draw.choices(messages, k=len(messages)))),
    "answers to nobody": of_messages(lambda messages, draw: among(messages, draw, *ANSWERS * 5)),
    "unknown channels": of_messages(
        lambda messages, draw: among(
            messages, draw, *(UNKNOWN[0] % (draw.choice(KINDS), i, i, i, i) for i in range(1000))
        )
    ),
}
