"""The RTP of one call: u-law in packets of 20 ms, a tone or silence."""

import asyncio
import contextlib
import random
import re
import socket
import struct

from tests.lab.changes import Changes

PACKET_SECONDS = 0.02
SAMPLES = 160
SILENCE = b"\xff" * SAMPLES
# A loud square wave of 400 Hz: ten samples up, ten down, eight times a packet.
TONE = (b"\x90" * 10 + b"\x10" * 10) * 8


class Audio:
    """A socket of its own on `address`; sends silence unless it speaks; counts what it hears and drops it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.packets_received = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._receive)
        self._pump: asyncio.TimerHandle | None = None
        self._sequence = 0
        self._tone_packets_left = 0
        self._changes = Changes()

    @property
    def offer(self) -> str:
        """The session description that invites to this socket."""
        port = self._socket.getsockname()[1]
        lines = ("v=0", f"o=- 1 1 IN IP4 {self.address}", "s=lab", f"c=IN IP4 {self.address}", "t=0 0")
        media = (f"m=audio {port} RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=ptime:20", "a=sendrecv")
        return "\r\n".join([*lines, *media, ""])

    def send_to(self, description: str) -> None:
        """Send from now on to the party that this session description names."""
        host = re.search(r"^c=IN IP4 (\S+)", description, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", description, re.MULTILINE)
        if host and port:
            self._target = (host[1], int(port[1]))
            if self._pump is None:
                self._ssrc = random.getrandbits(32)
                self._send(self._loop.time())

    async def speak(self, seconds: float) -> None:
        """Send a tone for so long; returns when all of it is sent or the call has ended."""
        self._tone_packets_left = round(seconds / PACKET_SECONDS)
        await self._changes.until(
            lambda: self._tone_packets_left == 0, lambda: "the tone was not sent: no call is up", seconds + 5
        )

    async def hear(self, within: float) -> None:
        """Until another packet arrives."""
        before = self.packets_received
        await self._changes.until(lambda: self.packets_received > before, lambda: "heard nothing", within)

    def close(self) -> None:
        """Stop sending and free the socket; may be called twice."""
        if self._pump is not None:
            self._pump.cancel()
        self._tone_packets_left = 0
        self._changes.announce()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _send(self, due: float) -> None:
        header = struct.pack("!BBHII", 0x80, 0, self._sequence & 0xFFFF, self._sequence * SAMPLES, self._ssrc)
        self._sequence += 1
        with contextlib.suppress(OSError):  # a PBX that was killed refuses packets
            self._socket.sendto(header + (TONE if self._tone_packets_left else SILENCE), self._target)
        if self._tone_packets_left:
            self._tone_packets_left -= 1
            self._changes.announce()
        self._pump = self._loop.call_at(due + PACKET_SECONDS, self._send, due + PACKET_SECONDS)

    def _receive(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.recv(2048)
            self.packets_received += 1
            self._changes.announce()
