"""SIP messages on a UDP socket: parsed on the way in, framed on the way out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

PORT = 5060
SDP = "Content-Type: application/sdp"
REASONS = {
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    302: "Moved Temporarily",
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
    603: "Decline",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP request or response."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> "Message":
        head, _, body = data.decode().partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(start, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs), body)

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def status(self) -> int | None:
        """None for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """INVITE, ...; of a response: what it answers."""
        return self["cseq"].split()[-1]


class Wire(asyncio.DatagramProtocol):
    """The SIP socket of one party at `address`; everything goes to the PBX, each message received to `receive`."""

    def __init__(self, address: str, pbx: str, receive: Callable[[Message], None]) -> None:
        self.address = address
        self.pbx = pbx
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        """Raises OSError when the address is taken."""
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(self.address, PORT))

    def close(self) -> None:
        """Free the address; may be called twice."""
        if self._transport is not None:
            self._transport.close()

    def send(self, lines: list[str], body: str = "") -> bytes:
        """Send a message of these lines with its Content-Length; returns what was sent, to be repeated by repeat()."""
        framed = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()
        self.repeat(framed)
        return framed

    def respond(self, request: Message, status: int, *headers: str, tag: str = "", body: str = "") -> bytes:
        """Answer a request; `tag` is added to its To, for the first answers in a dialogue.

        `headers` come instead of our own Contact.
        """
        copied = [f"{name}: {value}" for name, value in request.headers if name in ("via", "from", "call-id", "cseq")]
        lines = [
            f"SIP/2.0 {status} {REASONS.get(status, 'Unknown')}",
            *copied,
            f"To: {request['to']}{f';tag={tag}' if tag else ''}",
            *(headers or (f"Contact: <sip:lab@{self.address}:{PORT}>",)),
        ]
        return self.send([*lines, SDP] if body else lines, body)

    def repeat(self, framed: bytes) -> None:
        """Send the same bytes again; nothing once closed."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(framed, (self.pbx, PORT))

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        if data.strip():  # pjsip keeps connections alive with blank lines
            self._receive(Message.parse(data))
