"""AMI as bytes: a stream of any chunking in, messages out.

A message is a dict of its headers by their names; of a header that comes twice the first counts. Values are decoded
one by one: UTF-8 where they are, Latin-1 where they are not.
"""

from collections.abc import Iterator

from textbackd.pbx.source import PbxUnavailable

Message = dict[str, str]

END = b"\r\n\r\n"
LONGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes without an end: no AMI message, and nothing to keep in memory."""


class AmiReader:
    """Cuts a stream into messages and tells where each began."""

    def __init__(self) -> None:
        self._unfinished = bytearray()
        self._offset = 0

    def blocks(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages that ``data`` completes, as bytes, each with the offset of its first byte in the stream.

        Raises PbxUnavailable where no end comes in sight.
        """
        searched = max(len(self._unfinished) - len(END) + 1, 0)
        self._unfinished += data
        if self._unfinished.find(END, searched) >= 0:
            *whole, rest = bytes(self._unfinished).split(END)
            self._unfinished = bytearray(rest)
            for block in whole:
                yield self._offset, block
                self._offset += len(block) + len(END)
        if len(self._unfinished) > LONGEST_MESSAGE:
            raise PbxUnavailable(f"the PBX sent {len(self._unfinished)} bytes without the end of a message")


def parsed(block: bytes) -> Message:
    """The headers of one message; the greeting of a new connection stands under ``Banner``."""
    message: Message = {}
    for line in block.decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            message.setdefault(name, _decoded(value.strip(" ")))
        elif name.startswith("Asterisk Call Manager/"):
            message["Banner"] = name
    return message


def _decoded(value: str) -> str:
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
