"""A web server on loopback that keeps what is posted, and answers, stalls or hangs up as it is told."""

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from tests.lab.changes import Changes

HOST = "127.0.0.1"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request; the names of its headers in small letters."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its document."""
        return json.loads(self.body)


class WebServer:
    """What came in, and how the next requests are answered. Made by ``listening``."""

    def __init__(self) -> None:
        self.requests: list[Posted] = []
        self.port = 0
        self.manner: Literal["answer", "stall", "hang up", "babble"] = "answer"
        """babble: an answer of 200 whose body never ends."""
        self.answer = "200 OK"
        self.headers: dict[str, str] = {}
        self.changes = Changes()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}/hooks/alarms?key=1"

    async def until(self, count: int, within: float = 20.0) -> Posted:
        """The ``count``-th request, past or to come."""
        await self.changes.until(lambda: len(self.requests) >= count, lambda: f"{len(self.requests)} requests", within)
        return self.requests[count - 1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._take(reader, writer)
        finally:
            writer.transport.abort() if self.manner == "hang up" else writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append(Posted(line=head[0], headers=headers, body=body))
        self.changes.announce()
        if self.manner == "stall":
            await reader.read()
        elif self.manner != "hang up":
            length = {} if self.manner == "babble" else {"content-length": "0"}
            lines = [f"HTTP/1.1 {self.answer}", *(f"{k}: {v}" for k, v in (self.headers | length).items())]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            while self.manner == "babble":
                writer.write(b"x" * 1000)
                await writer.drain()


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[WebServer]:
    """A server until the end of the block."""
    web_server = WebServer()
    connections: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        await web_server.serve(reader, writer)

    server = await asyncio.start_server(serve, HOST, 0)
    web_server.port = server.sockets[0].getsockname()[1]
    try:
        yield web_server
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
