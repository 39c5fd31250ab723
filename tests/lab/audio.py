"""The RTP of one call: u-law in packets of 20 ms, a tone or silence, and keys as RFC 4733 events; hears beeps."""

import asyncio
import collections
import contextlib
import random
import re
import socket
import struct

from tests.lab.changes import Changes

PACKET_SECONDS = 0.02
SAMPLES = 160
HASTE_SECONDS = 0.2
"""What is later than that is not sent."""
SILENCE = b"\xff" * SAMPLES
# A loud square wave of 400 Hz: ten samples up, ten down, eight times a packet.
TONE = (b"\x90" * 10 + b"\x10" * 10) * 8
EVENTS = 101
"""The payload type of telephone events."""
KEYS = "0123456789*#"
KEY_PACKETS = 5
"""A key is down for so many packets; its last one is sent three times (RFC 4733, section 2.5.1.4)."""
PAUSE_PACKETS = 5
_IS_NEGATIVE = bytes(byte < 0x80 for byte in range(256))
"""The sign of a u-law sample."""
BEEP_PERIODS = (13, 14)
"""In a packet of Asterisk's beep, which is of 690 Hz and lasts for 21 packets; measured."""
BEEP_PACKETS = 10
"""So many in a row are no speech."""


class Audio:
    """A socket of its own on `address`; sends silence unless it speaks; counts what it hears and drops it.

    Packets that are late are sent in haste, but not more than a few: else a party that did not come to its turn would
    say in a moment what was to take a second, while the PBX is still beeping.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.packets_received = 0
        self.beeps = 0
        """heard so far"""
        self.direction = "sendrecv"
        """sendonly: the other side is on hold"""
        self.takes_events = False
        """The other side takes keys as RFC 4733 events."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._receive)
        self._pump: asyncio.TimerHandle | None = None
        self._sequence = 0
        self._version = 0
        self._like_a_beep = 0
        """packets in a row"""
        self._tone_packets_left = 0
        self._keys: collections.deque[tuple[int, int] | None] = collections.deque()
        """(event, packets since the key went down), None for the pause behind a key"""
        self._changes = Changes()

    @property
    def description(self) -> str:
        """The session description that invites to this socket; each has another version (RFC 3264, section 8)."""
        self._version += 1
        port = self._socket.getsockname()[1] if self._socket.fileno() >= 0 else 0
        lines = ("v=0", f"o=- 1 {self._version} IN IP4 {self.address}", "s=lab", f"c=IN IP4 {self.address}", "t=0 0")
        codecs = ("a=rtpmap:0 PCMU/8000", f"a=rtpmap:{EVENTS} telephone-event/8000", f"a=fmtp:{EVENTS} 0-15")
        media = (f"m=audio {port} RTP/AVP 0 {EVENTS}", *codecs, "a=ptime:20", f"a={self.direction}")
        return "\r\n".join([*lines, *media, ""])

    def send_to(self, description: str) -> None:
        """Send from now on to the party that this session description names."""
        host = re.search(r"^c=IN IP4 (\S+)", description, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", description, re.MULTILINE)
        self.takes_events = "telephone-event" in description
        if host and port:
            self._target = (host[1], int(port[1]))
            if self._pump is None and self._socket.fileno() >= 0:
                self._ssrc = random.getrandbits(32)
                self._send(self._loop.time())

    async def speak(self, seconds: float) -> None:
        """Send a tone of so long; returns when all of it is sent, which on a busy machine takes longer, or the call has
        ended.
        """
        self._tone_packets_left = round(seconds / PACKET_SECONDS)
        await self._changes.until(
            lambda: self._tone_packets_left == 0, lambda: "the tone was not sent: no call is up", 2 * seconds + 5
        )

    def fall_silent(self) -> None:
        """Leave out what is left of a tone; nothing where no call is up."""
        if self._pump is not None:
            self._tone_packets_left = 0
            self._changes.announce()

    def press(self, keys: str) -> None:
        """Press keys one after the other, each for a tenth of a second; does not wait."""
        for key in keys:
            self._keys += ((KEYS.index(key), packet) for packet in range(KEY_PACKETS + 3))
            self._keys += (None,) * PAUSE_PACKETS

    async def hear(self, within: float) -> None:
        """Until another packet arrives."""
        self._receive()  # what waits in the socket came before
        before = self.packets_received
        await self._changes.until(lambda: self.packets_received > before, lambda: "heard nothing", within)

    async def hear_beep(self, within: float, *, after: int) -> None:
        """Until there were more than so many beeps."""
        await self._changes.until(lambda: self.beeps > after, lambda: "heard no beep", within)

    def close(self) -> None:
        """Stop sending and free the socket; may be called twice."""
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None
        self._tone_packets_left = 0
        self._changes.announce()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _send(self, due: float) -> None:
        with contextlib.suppress(OSError):  # a PBX that was killed refuses packets
            self._socket.sendto(self._packet(), self._target)
        self._sequence += 1
        if self._tone_packets_left:
            self._tone_packets_left -= 1
            self._changes.announce()
        next_due = max(due + PACKET_SECONDS, self._loop.time() - HASTE_SECONDS)
        self._pump = self._loop.call_at(next_due, self._send, next_due)

    def _packet(self) -> bytes:
        sequence, now = self._sequence & 0xFFFF, self._sequence * SAMPLES
        key = self._keys.popleft() if self._keys else None
        if key is None:
            sound = TONE if self._tone_packets_left else SILENCE
            return struct.pack("!BBHII", 0x80, 0, sequence, now, self._ssrc) + sound
        event, packet = key
        marker = 0x80 if packet == 0 else 0
        pressed_at, end = now - packet * SAMPLES, 0x80 if packet >= KEY_PACKETS else 0
        header = struct.pack("!BBHII", 0x80, marker | EVENTS, sequence, pressed_at, self._ssrc)
        return header + struct.pack("!BBH", event, end | 10, min(packet + 1, KEY_PACKETS) * SAMPLES)

    def _receive(self) -> None:
        with contextlib.suppress(OSError):  # there is no more
            while True:
                self._take_in(self._socket.recv(2048))

    def _take_in(self, packet: bytes) -> None:
        self.packets_received += 1
        periods = packet[12:].translate(_IS_NEGATIVE).count(b"\0\1")
        self._like_a_beep = self._like_a_beep + 1 if periods in BEEP_PERIODS else 0
        if self._like_a_beep == BEEP_PACKETS:
            self.beeps += 1
        self._changes.announce()
