"""A raw AMI session for the tests: every event in its order, untouched by any library."""

import asyncio
from collections.abc import Callable

from tests.lab.changes import Changes

Message = dict[str, str]
"""One AMI message; of a header that occurs twice the last value."""


class AmiSession(asyncio.Protocol):
    """A connection to the manager: `events` holds all that came, oldest first.

    A reply is what is no event: the event OriginateResponse has a `Response` header too, and the ActionID of the reply
    that came before.
    """

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.closed = asyncio.Event()
        self._banner = asyncio.Event()
        self._changes = Changes()
        self._replies: dict[str, Message] = {}
        self._actions = 0
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, address: str, port: int, user: str, secret: str, *, within: float = 10.0) -> "AmiSession":
        """Log in; raises OSError when nobody listens, PermissionError when refused, TimeoutError after `within` s."""
        loop = asyncio.get_running_loop()
        _, session = await loop.create_connection(cls, address, port)
        try:
            async with asyncio.timeout(within):
                await session._banner.wait()
                reply = await session.action("Login", Username=user, Secret=secret)
        except BaseException:
            session.close()
            raise
        if reply.get("Response") != "Success":
            session.close()
            raise PermissionError(f"AMI refused {user}: {reply.get('Message')}")
        return session

    async def action(self, name: str, *, within: float = 10.0, **headers: str) -> Message:
        """Send one action and return its reply (of a list: the message that opens it)."""
        action_id = self._send(name, headers)
        await self._until(lambda: action_id in self._replies, f"no reply to {name}", within)
        return self._replies.pop(action_id)

    async def perform(self, name: str, *, within: float = 10.0, **headers: str) -> None:
        """Send one action; raises AssertionError when Asterisk refuses it."""
        reply = await self.action(name, within=within, **headers)
        assert reply["Response"] == "Success", f"{name} {headers}: {reply.get('Message')}"

    async def rows(self, name: str, *, within: float = 10.0) -> list[Message]:
        """Ask for a list."""
        action_id = self._send(name, {})

        def answer() -> list[Message]:
            return [event for event in self.events if event.get("ActionID") == action_id]

        def complete() -> bool:
            return any(event.get("EventList") == "Complete" for event in answer())

        await self._until(complete, f"no whole list for {name}", within)
        return answer()[:-1]

    async def channel(self, call_id: str) -> str:
        """The name of the channel that Asterisk has for a SIP call; raises LookupError when it has none."""
        for row in await self.rows("CoreShowChannels"):
            name = row["Channel"]
            if name.startswith("PJSIP/") and await self.variable(name, "CHANNEL(pjsip,call-id)") == call_id:
                return name
        raise LookupError(f"no channel for {call_id}")

    async def event(self, name: str, *, within: float = 10.0, count: int = 1, **headers: str) -> Message:
        """The ``count``-th event of that name, past or to come, that carries all these headers."""
        wanted = {"Event": name, **headers}
        found: list[Message] = []
        looked_at = 0

        def enough() -> bool:
            nonlocal looked_at
            found.extend(event for event in self.events[looked_at:] if wanted.items() <= event.items())
            looked_at = len(self.events)
            return len(found) >= count

        await self._until(enough, f"not {count} of {name} with {headers}", within)
        return found[count - 1]

    async def variable(self, channel: str, expression: str) -> str:
        """What Getvar says of a dialplan variable or function on a channel; empty when unset."""
        reply = await self.action("Getvar", Channel=channel, Variable=expression)
        return reply.get("Value", "")

    def close(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _send(self, name: str, headers: dict[str, str]) -> str:
        """Send one action; its ActionID."""
        self._actions += 1
        action_id = f"lab-{self._actions}"
        lines = [f"Action: {name}", f"ActionID: {action_id}", *(f"{key}: {value}" for key, value in headers.items())]
        assert self._transport is not None
        self._transport.write("\r\n".join([*lines, "", ""]).encode())
        return action_id

    async def _until(self, holds: Callable[[], bool], complaint: str, within: float) -> None:
        def complain() -> str:
            return f"{complaint}; last events: {[event['Event'] for event in self.events][-12:]}"

        await self._changes.until(lambda: holds() or self.closed.is_set(), complain, within)
        if not holds():
            raise ConnectionResetError(f"AMI closed; {complain()}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        self._banner.set()
        self._changes.announce()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._banner.is_set():
            banner, separator, rest = self._buffer.partition(b"\r\n")
            if not separator:
                return
            assert banner.startswith(b"Asterisk Call Manager"), banner
            self._buffer = rest
            self._banner.set()
        *messages, self._buffer = self._buffer.split(b"\r\n\r\n")
        for raw in messages:
            lines = raw.decode("utf-8", "replace").splitlines()
            message = dict(line.split(": ", 1) for line in lines if ": " in line)
            if "Event" in message:
                self.events.append(message)
            else:
                self._replies[message.get("ActionID", "")] = message
        self._changes.announce()
