"""CPU per AMI event, and the time from the end of a call to the modem.

    python -m benchmarks.ami_stream [--rounds 3] [--calls 30] [--grace-calls 8]

Part one replays recorded streams over loopback to four readers, each in a process of its own, round after round:
a minimal parser (the floor), bare panoramisk with one synchronous handler, textbackd without its database, and all of
textbackd. What counts is the ratio within a round; the machine may be noisy.

Part two runs the real daemon with ``delay: 0`` between a scripted AMI server and a modem on a pty, driven by the real
gammu, and measures from the hang-up on the wire to the first byte of the text's command on the pty. Calls whose other
leg outlives them wait for the tracker's grace; they are counted apart.
"""

import argparse
import asyncio
import dataclasses
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import hangup_to_modem
from benchmarks.stream_server import StreamServer

TRACES = Path(__file__).parent.parent / "tests" / "traces" / "asterisk"
CHUNK = 16 * 1024
LISTS = ("BridgeList", "CoreShowChannels", "Status")


@dataclasses.dataclass(frozen=True, slots=True)
class Stream:
    """What an account sees, and how many bytes of it are sent in a second: no reader may be flooded."""

    title: str
    data: bytes
    rate: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--grace-calls", type=int, default=8)
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        print(json.dumps(asyncio.run(READERS[options.reader](options.port))))
        return
    for stream in streams():
        compare(stream, options.rounds)
    hangup_to_modem.measure(options.calls, options.grace_calls)


def streams() -> Sequence[Stream]:
    """Filtered (1,200 overlapping calls, ten times as fast as they were), and in full (calls of each kind)."""
    filtered = gzip.decompress((TRACES / "load-1200-calls.filtered.ami.gz").read_bytes())
    full = b"".join(gzip.decompress(path.read_bytes()) for path in sorted((TRACES / "full").glob("*.ami.gz")))
    return (
        Stream("least-privilege account, 1200 calls", filtered, 1.55e6),
        Stream("account that reads everything", full, 4e6),
    )


def compare(stream: Stream, rounds: int) -> None:
    """Print the medians over the rounds."""
    events = stream.data.count(b"\r\n\r\n")
    print(f"{stream.title}: {events} messages, {len(stream.data) / 1e6:.1f} MB, {rounds} rounds")
    microseconds: dict[str, list[float]] = {reader: [] for reader in READERS}
    with Server(stream) as server:
        for _ in range(rounds):
            for reader, times in microseconds.items():
                command = (sys.executable, "-m", __spec__.name, "--reader", reader, "--port", str(server.port))
                told = json.loads(
                    subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
                )
                assert server.snapshots <= 1, "events were dropped, and the state was read anew"
                server.snapshots = 0
                times.append(told["cpu"] / events * 1e6)
    print(f"  {'':28} us CPU/message   x minimal   x panoramisk")
    for reader, times in microseconds.items():
        print(
            f"  {reader:28} {statistics.median(times):14.1f}"
            f"   {_ratio(times, microseconds['minimal']):9.2f}   {_ratio(times, microseconds['panoramisk']):12.2f}"
        )


def _ratio(times: list[float], anchor: list[float]) -> float:
    return statistics.median(ours / theirs for ours, theirs in zip(times, anchor, strict=True))


class Server(StreamServer):
    """An AMI server."""

    greeting = b"Asterisk Call Manager/11.0.0\r\n"
    end_of_command = b"\r\n\r\n"

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self.snapshots = 0
        """How often somebody asked for the channels that are up."""
        self._stream = stream

    def _answer(self, command: bytes) -> bytes:
        headers = dict(line.split(": ", 1) for line in command.decode().split("\r\n") if line)
        name, action_id = headers["Action"], headers["ActionID"]
        self.snapshots += name == "CoreShowChannels"
        answer = f"Response: Success\r\nActionID: {action_id}\r\n"
        if name in LISTS:
            answer += "EventList: start\r\nMessage: will follow\r\n\r\n"
            answer += f"Event: {name}Complete\r\nActionID: {action_id}\r\n"
        return f"{answer}\r\n".encode()

    def _is_last(self, command: bytes) -> bool:
        return b"Action: Login\r\n" in command

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        data, start, begin = self._stream.data, 0, clock()
        while start < len(data):
            end = data.find(b"\r\n\r\n", start + CHUNK)
            end = len(data) if end < 0 else end + 4
            writer.write(data[start:end])
            await writer.drain()
            await asyncio.sleep(begin + end / self._stream.rate - clock())
            start = end


# --- the four readers, each in its own process ---------------------------------------------------------------------


async def minimal(port: int) -> dict[str, Any]:
    """The plainest parser that gives a dict for each message."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"Action: Login\r\nActionID: 1\r\n\r\n")
    start, rest = time.process_time(), b""
    while data := await reader.read(256 * 1024):
        *blocks, rest = (rest + data).split(b"\r\n\r\n")
        for block in blocks:
            dict(line.split(": ", 1) for line in block.decode("latin-1").split("\r\n") if ": " in line)
    return {"cpu": time.process_time() - start}


async def panoramisk_alone(port: int) -> dict[str, Any]:
    """panoramisk as its manual shows it, with one handler that does nothing."""
    import panoramisk

    done = asyncio.Event()
    manager = panoramisk.Manager(
        host="127.0.0.1", port=port, username="x", secret="x", on_disconnect=lambda *_: done.set()
    )
    manager.register_event("*", lambda *_: None)
    start = time.process_time()
    await manager.connect()
    await done.wait()
    return {"cpu": time.process_time() - start}


async def without_database(port: int) -> dict[str, Any]:
    """Link, translator and tracker."""
    from textbackd.core.calls import CallTracker

    tracker = CallTracker()

    async def consume(events: "asyncio.Queue[Any]") -> None:
        while True:
            tracker.receive(await events.get())

    return await _with_source(port, consume)


async def whole(port: int) -> dict[str, Any]:
    """Link, translator, tracker, decision and a durable database."""
    from textbackd import clock, config
    from textbackd.store.database import Database
    from textbackd.workers.call_watcher import CallWatcher

    with tempfile.TemporaryDirectory() as folder:
        async with Database.open(Path(folder) / "benchmark.db") as database:
            policy = config.replay_defaults().policy
            watcher = CallWatcher("benchmark", database, lambda: policy, lambda: None)
            return await _with_source(port, lambda events: watcher.run(events, clock.utc_now, lambda: None))


async def _with_source(port: int, consume: Callable[[Any], Awaitable[None]]) -> dict[str, Any]:
    from textbackd import logs
    from textbackd.logs import Level, LogSettings
    from textbackd.pbx.asterisk import AsteriskSource
    from textbackd.pbx.asterisk_settings import AsteriskSettings

    logs.configure(LogSettings(level=Level.ERROR))
    closed = asyncio.Event()
    source = AsteriskSource(
        AsteriskSettings(name="benchmark", host="127.0.0.1", port=port, user="x", secret="x"),
        report=lambda error: closed.set() if error else None,
    )
    start = time.process_time()
    async with asyncio.TaskGroup() as group:
        consumer, link = group.create_task(_await(consume(source.events))), group.create_task(source.run())
        await closed.wait()
        link.cancel()  # it would come back and hear the stream again
        while not source.events.empty():  # noqa: ASYNC110 - a queue has no such event
            await asyncio.sleep(0.01)
        consumer.cancel()
    return {"cpu": time.process_time() - start}


async def _await(work: Awaitable[None]) -> None:
    await work


READERS: Mapping[str, Callable[[int], Any]] = {
    "minimal": minimal,
    "panoramisk": panoramisk_alone,
    "textbackd without database": without_database,
    "textbackd": whole,
}

if __name__ == "__main__":
    main()
