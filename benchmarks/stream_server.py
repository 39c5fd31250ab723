"""The far end of both benchmarks: a PBX that lets anybody in and sends a recorded stream."""

import abc
import asyncio
import contextlib
import threading
from typing import ClassVar, Self


class StreamServer(abc.ABC):
    """A server on loopback, in a thread of its own while the block lasts.

    It answers every command, sends the stream behind the last one, and closes when the reader has gone.
    """

    greeting: ClassVar[bytes]
    end_of_command: ClassVar[bytes]

    def __init__(self) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @abc.abstractmethod
    def _answer(self, command: bytes) -> bytes:
        """What is said to a command."""

    @abc.abstractmethod
    def _is_last(self, command: bytes) -> bool:
        """Whether the reader wants the stream now."""

    @abc.abstractmethod
    async def _send(self, writer: asyncio.StreamWriter) -> None:
        """Send the stream; whole messages at a time, since answers go in between."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.greeting)
        async with asyncio.TaskGroup() as group:
            wanted = asyncio.Event()
            answering = group.create_task(self._answer_all(reader, writer, wanted))
            await wanted.wait()
            await self._send(writer)
            answering.cancel()
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            await reader.read()  # until the reader has gone: what it has not read yet would be lost with the connection
        writer.close()

    async def _answer_all(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wanted: asyncio.Event
    ) -> None:
        while True:
            try:
                command = await reader.readuntil(self.end_of_command)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            writer.write(self._answer(command))
            if self._is_last(command):
                wanted.set()
