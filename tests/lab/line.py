"""What lies between the source and an Asterisk: a line that can be cut, go dead, or trickle."""

import asyncio

from tests.lab.asterisk import Asterisk


class Line:
    """`serve` is for a server at `host`, whose `port` is set then: whoever connects there speaks with the Asterisk."""

    def __init__(self, asterisk: Asterisk) -> None:
        self.host, self.port = asterisk.pbx, 0
        self.cut_behind = b""
        """Cut the line once, right behind the next time that the PBX says this."""
        self.is_closed = False
        """Whoever connects is cut off."""
        self.trickles = False
        """Every byte travels alone."""
        self._ami_port = asterisk.ami_port
        self._open: list[asyncio.StreamWriter] = []
        self._dead: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Now."""
        for end in self._open:
            end.transport.abort()

    def go_dead(self) -> None:
        """Half-open: whoever is connected is not disconnected, and hears and is heard no more. New lines are good."""
        self._dead.update(self._open)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        if self.is_closed:
            writer.transport.abort()
            return
        from_pbx, to_pbx = await asyncio.open_connection(self.host, self._ami_port)
        self._open += writer, to_pbx
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, to_pbx))
                group.create_task(self._carry(from_pbx, writer))
        except* ConnectionError:
            for end in (writer, to_pbx):
                end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Raises ConnectionError at the end."""
        said = b""
        while data := await reader.read(65536):
            if writer in self._dead:
                continue
            said += data
            if self.cut_behind and (found := said.find(self.cut_behind)) >= 0:
                after = len(said) - found - len(self.cut_behind)
                writer.write(data[: len(data) - after])
                self.cut_behind = b""
                break
            for i in range(0, len(data), size := 1 if self.trickles else len(data)):
                writer.write(data[i : i + size])
                await asyncio.sleep(0)
        raise ConnectionResetError
