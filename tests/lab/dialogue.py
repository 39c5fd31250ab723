"""One SIP dialogue (RFC 3261, section 12): its two ends, and the numbered requests that this end sends."""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import quote

from tests.lab.wire import PORT, Message, Wire


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent, so far as its ACK and its CANCEL repeat it."""

    cseq: str
    uri: str
    to: str
    branch: str


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
        request = Request(f"{self._sent} {method}", self._target, self.remote, f"z9hG4bK{secrets.token_hex(8)}")
        self._write(request, method, *headers, body=body)
        return request

    def cancel(self, invite: Request) -> None:
        """Take an INVITE back that has no final response yet."""
        number = invite.cseq.split()[0]
        self._write(Request(f"{number} CANCEL", invite.uri, invite.to, invite.branch), "CANCEL")

    def acknowledge(self, invite: Request, response: Message) -> None:
        """Send the ACK of a final response: to a refusal it belongs to the INVITE, to a 200 it stands alone."""
        assert response.status is not None
        refused = response.status >= 300
        cseq, to = f"{invite.cseq.split()[0]} ACK", response["to"]
        branch = invite.branch if refused else f"z9hG4bK{secrets.token_hex(8)}"
        self._write(Request(cseq, invite.uri if refused else self._target, to, branch), "ACK")

    def _write(self, request: Request, method: str, *headers: str, body: str = "") -> None:
        lines = [
            f"{method} {request.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._wire.address}:{PORT};branch={request.branch}",
            f"From: {self._local}",
            f"To: {request.to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {request.cseq}",
            "Max-Forwards: 70",
            f"Contact: <sip:lab@{self._wire.address}:{PORT}>",
            *headers,
        ]
        self._wire.send(lines, body)


def uri(address: str) -> str:
    """The URI in a Contact, From or To header."""
    found = re.search(r"<([^>]+)>", address)
    return found[1] if found else address
