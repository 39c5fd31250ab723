"""CPU per event of FreeSWITCH's Event Socket, and the memory that a flood takes.

    python -m benchmarks.event_socket [--rounds 3] [--repeat 20] [--flood 200000] [--genesis PYTHON]

Part one replays recorded streams over loopback to readers, each in a process of its own, round after round: the
plainest parser (the floor), and textbackd without its database (link, translator, tracker); of a plain stream also
genesis, where ``PYTHON`` is that of an environment that has it. What counts is the ratio within a round; the machine
may be noisy. Each repetition of a stream has uuids of its own: a call that is told twice costs less.

Part two sends a flood to a textbackd whose consumer stands still.
"""

import argparse
import asyncio
import dataclasses
import gzip
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.event_socket_readers import LAST_COMMANDS
from benchmarks.stream_server import StreamServer

TRACES = Path(__file__).parent.parent / "tests" / "traces" / "freeswitch"
UUID = re.compile(rb"\b[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)")
CORE = re.compile(rb"Core-UUID(?:\": ?\"|: )([0-9a-f]{8})")
EVENT = re.compile(rb"Content-Length: (\d+)\nContent-Type: text/event-(?:json|plain)\n\n")


@dataclasses.dataclass(frozen=True, slots=True)
class Stream:
    """Recorded events, to be sent again and again."""

    title: str
    events: Sequence[bytes]

    def again(self, n: int) -> bytes:
        """All events for the ``n``-th time: with other uuids of the same length, but for those of the core."""
        data = b"".join(self.events)
        cores = set(CORE.findall(data))

        def another(found: re.Match[bytes]) -> bytes:
            return found[0] if found[0] in cores else b"%08x" % ((int(found[0], 16) + n) % 2**32)

        return UUID.sub(another, data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--flood", type=int, default=200_000)
    parser.add_argument("--genesis", metavar="PYTHON", default=sys.executable)
    options = parser.parse_args()
    subscribed = Stream("event json, what textbackd subscribes to", recorded("subscribed"))
    everything = Stream("event plain ALL", recorded("all"))
    compare(subscribed, options.rounds, options.repeat, {})
    compare(everything, options.rounds, options.repeat, {"genesis": options.genesis})
    flood(subscribed, options.flood)


def recorded(folder: str) -> Sequence[bytes]:
    """The events of all streams in it, in order, without greetings and answers."""
    events = []
    for path in sorted((TRACES / folder).glob("*.esl*")):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        position = 0
        while found := EVENT.search(data, position):
            position = found.end() + int(found[1])
            events.append(data[found.start() : position])
    return events


def compare(stream: Stream, rounds: int, repeat: int, foreign: Mapping[str, str]) -> None:
    """Print the medians over the rounds; ``foreign`` readers run in a Python of their own."""
    count = len(stream.events) * repeat
    print(f"{stream.title}: {count} events, {rounds} rounds")
    pythons = dict.fromkeys(["minimal", "textbackd without database"], sys.executable)
    for reader, python in foreign.items():
        if _has(python, reader):
            pythons[reader] = python
        else:
            print(f"  {reader} is not installed in {Path(python).name}'s environment: not compared")
    microseconds: dict[str, list[float]] = {reader: [] for reader in pythons}
    with Server(stream, repeat) as server:
        for _ in range(rounds):
            for reader, times in microseconds.items():
                told = _told(reader, server.port, pythons[reader])
                assert count == told["events"], f"{reader} read {told['events']} of {count} events"
                times.append(told["cpu"] / count * 1e6)
    print(f"  {'':28} us CPU/event   events/s of CPU   x minimal")
    for reader, times in microseconds.items():
        ratio = statistics.median(a / b for a, b in zip(times, microseconds["minimal"], strict=True))
        median = statistics.median(times)
        print(f"  {reader:28} {median:12.1f}   {1e6 / median:15.0f}   {ratio:9.2f}")


def flood(stream: Stream, events: int) -> None:
    """Print what a consumer that stands still costs."""
    times = -(-events // len(stream.events))
    with Server(stream, times) as server:
        told = _told("standing still", server.port, sys.executable)
        count, megabytes = times * len(stream.events), server.sent / 1e6
    print(f"a consumer that stands still: {count} events, {megabytes:.0f} MB, read in {told['seconds']:.0f} s")
    print(
        f"  {told['waiting']} channel events wait; resident {told['before']:.1f} MB before,"
        f" {told['after']:.1f} MB after, {told['most']:.1f} MB at most"
    )


def _has(python: str, module: str) -> bool:
    return subprocess.run((python, "-c", f"import {module}"), capture_output=True, check=False).returncode == 0


def _told(reader: str, port: int, python: str) -> dict[str, Any]:
    command = (python, "-m", "benchmarks.event_socket_readers", reader, str(port))
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


class Server(StreamServer):
    """An Event Socket."""

    greeting = b"Content-Type: auth/request\n\n"
    end_of_command = b"\n\n"

    def __init__(self, stream: Stream, times: int) -> None:
        super().__init__()
        self.sent = 0
        """Bytes of the last session."""
        self._stream = stream
        self._times = times

    def _answer(self, command: bytes) -> bytes:
        if command.startswith(b"api show"):
            return b'Content-Type: api/response\nContent-Length: 15\n\n{"row_count":0}'
        if command.startswith(b"auth"):
            return b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
        return b"Content-Type: command/reply\nReply-Text: +OK\n\n"

    def _is_last(self, command: bytes) -> bool:
        return command.startswith(LAST_COMMANDS)

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        self.sent = 0
        for n in range(self._times):
            data = self._stream.again(n)
            writer.write(data)
            await writer.drain()
            self.sent += len(data)


if __name__ == "__main__":
    main()
