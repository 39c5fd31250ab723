"""The readers that ``event_socket`` compares, each in a process of its own.

    python -m benchmarks.event_socket_readers READER PORT

What one needs beyond Python is imported in it: genesis's environment has no textbackd.
"""

import asyncio
import importlib
import json
import sys
import time
import urllib.parse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LAST_COMMANDS = (b"filter Event-Name CHANNEL_HANGUP_COMPLETE", b"api show channels")
"""Of genesis and the plainest parser, and of textbackd."""


async def minimal(port: int) -> dict[str, Any]:
    """The plainest parser that gives a dict for each event."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"auth x\n\nevent plain ALL\n\n" + LAST_COMMANDS[0] + b"\n\n")
    start, unread, events = time.process_time(), b"", 0
    while data := await reader.read(256 * 1024):
        unread, begin = unread + data, 0
        while (end := unread.find(b"\n\n", begin)) >= 0:
            headers = dict(line.split(": ", 1) for line in unread[begin:end].decode().split("\n"))
            body = end + 2 + int(headers.get("Content-Length", 0))
            if len(unread) < body:
                break
            text, begin = unread[end + 2 : body].decode("utf-8", "replace"), body
            match headers["Content-Type"]:
                case "text/event-json":
                    events += bool(json.loads(text))
                case "text/event-plain":
                    lines = urllib.parse.unquote(text).split("\n")
                    events += bool(dict(line.split(": ", 1) for line in lines if ": " in line))
        unread = unread[begin:]
    return {"cpu": time.process_time() - start, "events": events}


async def without_database(port: int) -> dict[str, Any]:
    """Link, translator and tracker."""
    from textbackd.core.calls import CallTracker

    source, closed = _source(port, lambda: None)
    tracker, take_in, events = CallTracker(), source._take_in, 0

    def count(event: dict[str, str]) -> None:
        nonlocal events
        events += "Event-Name" in event
        take_in(event)

    source._take_in = count

    async def consume() -> None:
        while True:
            tracker.receive(await source.events.get())

    start = time.process_time()
    async with asyncio.TaskGroup() as group:
        consumer, link = group.create_task(consume()), group.create_task(source.run())
        await closed.wait()
        link.cancel()  # it would come back and hear the stream again
        while not source.events.empty():  # noqa: ASYNC110 - a queue has no such event
            await asyncio.sleep(0.01)
        consumer.cancel()
    assert not source.overflowed, "events were dropped"
    return {"cpu": time.process_time() - start, "events": events}


async def standing_still(port: int) -> dict[str, Any]:
    """A link whose events nobody takes."""
    at_the_start = {"before": 0.0}
    source, closed = _source(port, lambda: at_the_start.update(before=_resident("VmRSS")))
    begin = time.monotonic()
    async with asyncio.TaskGroup() as group:
        link = group.create_task(source.run())
        await closed.wait()
        link.cancel()
    return {
        **at_the_start,
        "after": _resident("VmRSS"),
        "most": _resident("VmHWM"),
        "waiting": source.events.qsize(),
        "seconds": time.monotonic() - begin,
    }


def _source(port: int, connected: Callable[[], None]) -> tuple[Any, asyncio.Event]:
    from textbackd import logs
    from textbackd.logs import Level, LogSettings
    from textbackd.pbx.freeswitch import FreeSwitchSource
    from textbackd.pbx.freeswitch_settings import FreeSwitchSettings

    logs.configure(LogSettings(level=Level.ERROR))
    closed = asyncio.Event()
    settings = FreeSwitchSettings(name="benchmark", port=port, secret="x")
    return FreeSwitchSource(settings, report=lambda error: closed.set() if error else connected()), closed


def _resident(what: str) -> float:
    """Megabytes."""
    return int(Path("/proc/self/status").read_text().partition(f"{what}:")[2].split()[0]) / 1000


async def genesis_alone(port: int) -> dict[str, Any]:
    """genesis as its manual shows it, with one handler that does nothing."""
    genesis, events = importlib.import_module("genesis"), 0

    def count(_protocol: Any, event: Any) -> None:
        nonlocal events
        events += "Event-Name" in event

    start = time.process_time()
    async with genesis.Inbound("127.0.0.1", port, "x") as protocol:
        protocol.on("CHANNEL_HANGUP_COMPLETE", lambda _event: None)
        protocol.event_processors.append(count)
        await protocol.send("events plain ALL")
        await protocol.send(LAST_COMMANDS[0].decode())
        await protocol.consumer
    return {"cpu": time.process_time() - start, "events": events}


READERS: Mapping[str, Callable[[int], Any]] = {
    "minimal": minimal,
    "textbackd without database": without_database,
    "genesis": genesis_alone,
    "standing still": standing_still,
}


def main() -> None:
    """Print what one reader says of itself, in a line of JSON."""
    reader, port = sys.argv[1:]
    print(json.dumps(asyncio.run(READERS[reader](int(port)))))


if __name__ == "__main__":
    main()
