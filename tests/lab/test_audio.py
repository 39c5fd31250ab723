"""What a party sends and hears, between two sockets of this process."""

import asyncio
import contextlib
import math
import socket
import struct
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.lab.audio import BEEP_PACKETS, HASTE_SECONDS, SAMPLES, Audio

HOST = "127.0.0.1"


@pytest.fixture
async def audio() -> AsyncIterator[Audio]:
    """A party's audio."""
    with contextlib.closing(Audio(HOST)) as audio:
        yield audio


@pytest.fixture
def far_end() -> Iterator[socket.socket]:
    """Whoever it speaks with."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far_end:
        far_end.bind((HOST, 0))
        yield far_end


def address(audio: Audio) -> tuple[str, int]:
    """Where it listens."""
    return HOST, int(audio.description.split("m=audio ")[1].split()[0])


def packets(hertz: float, count: int) -> list[bytes]:
    """A sine wave as u-law, of which only the sign matters."""
    samples = (math.sin(2 * math.pi * hertz * n / 8000) for n in range(count * SAMPLES))
    sound = bytes(0x90 if sample >= 0 else 0x10 for sample in samples)
    header = struct.pack("!BBHII", 0x80, 0, 0, 0, 1)
    return [header + sound[n : n + SAMPLES] for n in range(0, len(sound), SAMPLES)]


@pytest.mark.parametrize(("hertz", "beeps"), [(690, 1), (400, 0), (1400, 0)])
async def test_a_beep_is_told_from_other_tones(audio: Audio, far_end: socket.socket, hertz: float, beeps: int) -> None:
    """By its pitch, once for each, however long it is."""
    for packet in packets(hertz, 2 * BEEP_PACKETS):
        far_end.sendto(packet, address(audio))
    with contextlib.suppress(TimeoutError):
        await audio.hear_beep(0.3, after=0)

    assert beeps == audio.beeps


async def test_what_came_before_is_not_heard(audio: Audio, far_end: socket.socket) -> None:
    """Though nobody has read it from the socket yet: it may be the music of the queue from which voicemail came."""
    far_end.sendto(packets(400, 1)[0], address(audio))

    with pytest.raises(TimeoutError, match="heard nothing"):
        await audio.hear(0.1)


async def test_who_was_late_does_not_say_it_all_in_haste(audio: Audio, far_end: socket.socket) -> None:
    """The tone lasts longer by the time in which nothing ran."""
    loop = asyncio.get_running_loop()
    audio.send_to(f"c=IN IP4 {HOST}\r\nm=audio {far_end.getsockname()[1]} RTP/AVP 0\r\n")
    begin = loop.time()
    async with asyncio.TaskGroup() as group:
        group.create_task(audio.speak(0.5))
        loop.call_later(0.1, time.sleep, 0.6)

    assert loop.time() - begin >= 0.5 + 0.6 - HASTE_SECONDS - 0.05
