"""Event Socket as bytes: a stream of any chunking in, messages out, and the events in them.

A message is a block of headers, an empty line, and as many bytes as its ``Content-Length`` says. An event is a dict of
its headers by their names; of a header that comes twice the last counts (every CHANNEL_HANGUP_COMPLETE has two
``Hangup-Cause``). Both formats of an event give the same dict: an array is ``ARRAY::a|:b`` in either.
"""

import dataclasses
import json
import urllib.parse
from collections.abc import Iterator
from typing import Any

from textbackd.pbx.source import NotUnderstood, PbxUnavailable

Event = dict[str, str]

END = b"\n\n"
LONGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes: the largest event seen has 12 kB, a list of 4,000 channels 4 MB."""


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """One message of the server."""

    content_type: str
    headers: Event
    body: bytes


class EventSocketReader:
    """Cuts a stream into messages and tells where each ended."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._offset = 0
        """Of the first byte in ``_unread``."""
        self._searched = 0
        self._headers: Event | None = None
        """Of a message whose body is not whole yet."""

    def messages(self, data: bytes) -> Iterator[tuple[int, Message]]:
        """The messages that ``data`` completes, each with the offset of its last byte in the stream.

        Raises PbxUnavailable where no end comes in sight.
        """
        self._unread += data
        while (message := self._next()) is not None:
            yield self._offset - 1, message

    def _next(self) -> Message | None:
        if self._headers is None and not self._read_headers():
            return None
        assert self._headers is not None
        length = _length(self._headers)
        if len(self._unread) < length:
            return None
        headers, self._headers = self._headers, None
        return Message(headers.get("Content-Type", ""), headers, self._take(length))

    def _read_headers(self) -> bool:
        end = self._unread.find(END, max(self._searched - len(END) + 1, 0))
        if end < 0:
            self._searched = len(self._unread)
            if len(self._unread) > LONGEST_MESSAGE:
                raise PbxUnavailable(f"the PBX sent {len(self._unread)} bytes without the end of a message")
            return False
        self._headers = _headers(self._take(end + len(END)))
        return True

    def _take(self, length: int) -> bytes:
        taken = bytes(self._unread[:length])
        del self._unread[:length]
        self._offset += length
        self._searched = 0
        return taken


def event_in(message: Message) -> Event | None:
    """The event that a message carries; the greeting and the answer to an ``api`` count as one, by their
    ``Content-Type``, the answer itself under ``_body``. None for all else. Raises NotUnderstood.
    """
    match message.content_type:
        case "text/event-json":
            return _from_json(message.body)
        case "text/event-plain":
            return _headers(message.body.partition(END)[0])
        case "auth/request":
            return {"Content-Type": message.content_type}
        case "api/response":
            return {"Content-Type": message.content_type, "_body": _decoded(message.body)}
    return None


def _length(headers: Event) -> int:
    text = headers.get("Content-Length", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) > LONGEST_MESSAGE:
        raise PbxUnavailable(f"the PBX sent a message of {text[:20]!r} bytes")
    return int(text)


def _headers(block: bytes) -> Event:
    """Split first and unquote then: a caller's name may hold a line end and what looks like a header."""
    found: Event = {}
    for line in block.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            text = _decoded(urllib.parse.unquote_to_bytes(value.strip(b" \r")))
            found[name.decode("latin-1")] = "" if text == "_undef_" else text
    return found


def _from_json(body: bytes) -> Event:
    """A caller's name may be Latin-1, and make the body no UTF-8."""
    try:
        found = json.loads(body.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"an event is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise NotUnderstood("an event is no JSON object")
    return {as_text(name): as_text(value) for name, value in found.items()}


def as_text(value: Any) -> str:
    """A value of JSON as a header has it."""
    if isinstance(value, list):
        return "ARRAY::" + "|:".join(map(as_text, value))
    text = str(value)
    if text.isascii():
        return text
    try:
        return _decoded(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half a pair, as JSON may escape it
        return text.encode("utf-8", "replace").decode()


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
