"""AMI as text: bytes of any chunking in, messages out. For recorded streams; the live link is panoramisk's.

A message is a dict of its headers by their names; of a header that comes twice the first counts, but for ``Output``.
Values are decoded one by one: UTF-8 where they are, Latin-1 where they are not.
"""

from collections.abc import Iterator

Message = dict[str, str]


class AmiReader:
    """Cuts a stream into messages and tells where each began."""

    def __init__(self) -> None:
        self._buffer = b""
        self._offset = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, Message]]:
        """The messages that ``data`` completes, each with the offset of its first byte in the stream."""
        self._buffer += data
        *blocks, self._buffer = self._buffer.split(b"\r\n\r\n")
        for block in blocks:
            message = _parsed(block)
            if message:
                yield self._offset, message
            self._offset += len(block) + 4


def decoded(value: str) -> str:
    """A value that was read as Latin-1, as its sender meant it."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _parsed(block: bytes) -> Message:
    message: Message = {}
    for line in block.decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            message.setdefault(name, decoded(value.strip(" ")))
        elif name.startswith("Asterisk Call Manager/"):
            message["Banner"] = name
    return message
