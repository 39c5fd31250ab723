"""One SIP dialogue (RFC 3261, section 12): its two ends, and the numbered requests that this end sends."""

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from tests.lab.wire import PORT, Message, Wire

T1, TIMER_B = 0.5, 32
"""Seconds after which an INVITE without any response is sent again, and given up (RFC 3261, 17.1.1.2)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent, and of it what its ACK and its CANCEL repeat."""

    cseq: str
    uri: str
    to: str
    branch: str
    framed: bytes


class Dialogue:
    """`remote` (a To header) gains its tag, and `target` its host, with the first response."""

    def __init__(self, wire: Wire, call_id: str, *, local: str, remote: str, target: str) -> None:
        """`local` is a From header without tag, `target` the URI to which requests go."""
        self.call_id = call_id
        self.tag = secrets.token_hex(6)
        self.remote = remote
        self._target = target
        self._wire = wire
        self._local = f"{local};tag={self.tag}"
        self._sent = 0

    @property
    def replaces(self) -> str:
        """The value of a Replaces header by which the other side knows this dialogue (RFC 3891)."""
        remote_tag = re.search(r";tag=([^;>]+)", self.remote)
        assert remote_tag, "there is no dialogue before the first response"
        return f"{self.call_id};to-tag={remote_tag[1]};from-tag={self.tag}"

    @property
    def quoted_replaces(self) -> str:
        """The same inside the URI of a Refer-To header."""
        return quote(self.replaces, safe="")

    def retarget(self, message: Message) -> None:
        """Learn from a message of the other side where to reach it; a response also brings its tag."""
        if contact := message["contact"]:
            self._target = uri(contact)
        if message.status is not None:
            self.remote = message["to"]

    def send(self, method: str, *headers: str, body: str = "") -> Request:
        """Send the next request."""
        self._sent += 1
        return self._write(f"{self._sent} {method}", self._target, self.remote, _new_branch(), *headers, body=body)

    def invite(self, *headers: str, body: str, until: Callable[[], object]) -> Request:
        """Send an INVITE, and the same again after 0.5 s, 1.5 s, 3.5 s ... until the other side has responded.

        An Asterisk that starts, or has too much to do, drops the INVITEs of new calls and counts on their repetition.
        """
        request = self.send("INVITE", *headers, body=body)
        self._repeat_in(T1, request, until)
        return request

    def cancel(self, invite: Request) -> None:
        """Take an INVITE back that has no final response yet."""
        self._write(f"{invite.cseq.split()[0]} CANCEL", invite.uri, invite.to, invite.branch)

    def acknowledge(self, invite: Request, response: Message) -> None:
        """Send the ACK of a final response: to a refusal it belongs to the INVITE, to a 200 it stands alone."""
        assert response.status is not None
        refused = response.status >= 300
        uri, branch = (invite.uri, invite.branch) if refused else (self._target, _new_branch())
        self._write(f"{invite.cseq.split()[0]} ACK", uri, response["to"], branch)

    def _repeat_in(self, pause: float, request: Request, until: Callable[[], object]) -> None:
        def repeat() -> None:
            if not until() and pause < TIMER_B:
                self._wire.repeat(request.framed)
                self._repeat_in(2 * pause, request, until)

        asyncio.get_running_loop().call_later(pause, repeat)

    def _write(self, cseq: str, uri: str, to: str, branch: str, *headers: str, body: str = "") -> Request:
        lines = [
            f"{cseq.split()[1]} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._wire.address}:{PORT};branch={branch}",
            f"From: {self._local}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq}",
            "Max-Forwards: 70",
            f"Contact: <sip:lab@{self._wire.address}:{PORT}>",
            *headers,
        ]
        return Request(cseq, uri, to, branch, self._wire.send(lines, body))


def uri(address: str) -> str:
    """The URI in a Contact, From or To header."""
    found = re.search(r"<([^>]+)>", address)
    return found[1] if found else address


def _new_branch() -> str:
    return f"z9hG4bK{secrets.token_hex(8)}"
