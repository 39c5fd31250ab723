"""One SIP call as one party sees it: an INVITE dialogue with CANCEL, BYE, and digits by INFO.

On loopback nothing is lost, so it repeats nothing by itself; what the PBX repeats it answers again.
"""

import asyncio
import re
import secrets
from collections.abc import Callable

from tests.lab.audio import Audio
from tests.lab.behaviour import Behaviour
from tests.lab.changes import Changes
from tests.lab.wire import PORT, Message, Wire


class CallEndedError(Exception):
    """What was awaited can no longer happen: the call ended with `status`."""

    def __init__(self, call: "Call", awaited: str) -> None:
        super().__init__(f"{call} ended, never {awaited}")
        self.status = call.status


class Call:
    """One call as one party sees it; made by Party.place(), or by an INVITE that came in."""

    def __init__(self, wire: Wire, *, caller: str, called: str, invite: Message | None = None) -> None:
        self.caller = caller
        self.called = called
        self.incoming = invite is not None
        self.responses: list[int] = []
        """every status seen (or, incoming, given), in order"""
        self.has_ended = False
        self.audio = Audio(wire.address)
        self.call_id = invite["call-id"] if invite else f"{secrets.token_hex(8)}@{wire.address}"
        self._wire = wire
        self._changes = Changes()
        self._cseq = 1
        self._cancelled = False
        self._tag = secrets.token_hex(6)
        self._branch = f"z9hG4bK{secrets.token_hex(8)}"
        self._invite = invite
        self._last_response = b""
        if invite:
            self._local, self._remote = f"{invite['to']};tag={self._tag}", invite["from"]
            self._target = _uri(invite["contact"])

    def __repr__(self) -> str:
        return f"<call {self.caller} to {self.called}, seen {self.responses}>"

    @property
    def status(self) -> int:
        """The final status of the INVITE (200: it was answered); 0 while there is none."""
        return next((status for status in self.responses if status >= 200), 0)

    async def accepted(self, within: float = 10) -> None:
        """Until the PBX responded at all: from then on the call can be cancelled."""
        await self._until(lambda: bool(self.responses), "accepted", within)

    async def ringing(self, within: float = 10) -> None:
        """Until the far end said 180 or 183."""
        await self._until(lambda: 180 in self.responses or 183 in self.responses, "ringing", within)

    async def answered(self, within: float = 10) -> None:
        """Until 200; raises CallEndedError when another final status came."""
        await self._until(lambda: self.status == 200, "answered", within)

    async def ended(self, within: float = 20) -> int:
        """Until it is over, whoever ended it; its final status."""
        await self._until(lambda: self.has_ended, "ended", within)
        return self.status

    async def hang_up(self) -> None:
        """End it as fits its state: BYE, CANCEL, or (incoming, not answered) decline; until the PBX agreed."""
        self._let_go()
        await self.ended()

    def hang_up_after(self, seconds: float) -> None:
        """End it in so many seconds, whatever its state is then; does not wait."""
        asyncio.get_running_loop().call_later(seconds, self._let_go)

    def ring(self) -> None:
        """Say 180 to an incoming call."""
        self._respond(180)

    def answer(self) -> None:
        """Say 200 to an incoming call; nothing when it has ended or was answered meanwhile."""
        if not self.status and self._invite:
            self._respond(200, self.audio.offer)
            self.audio.send_to(self._invite.body)

    def refuse(self, status: int) -> None:
        """End an incoming, unanswered call with this status."""
        self._respond(status)
        self._end()

    async def speak(self, seconds: float) -> None:
        """Send a tone for so long, silence before and after."""
        await self.audio.speak(seconds)

    async def hear(self, within: float = 10) -> None:
        """Until sound arrives from the other side, counted from now."""
        await self.audio.hear(within)

    async def leave_message(self, seconds: float = 3) -> None:
        """Once voicemail answered: skip its greeting with #, speak so long after the beep, and hang up."""
        await self.answered()
        await self.hear()
        self.press("#")
        await self.speak(seconds)
        await self.hang_up()

    def press(self, digit: str) -> None:
        """Send a DTMF digit (SIP INFO) in an answered call."""
        assert self.status == 200, self
        body = f"Signal={digit}\r\nDuration=160\r\n"
        self._send_request("INFO", "Content-Type: application/dtmf-relay", body=body)

    async def _until(self, holds: Callable[[], bool], awaited: str, within: float) -> None:
        await self._changes.until(lambda: holds() or self.has_ended, lambda: f"{self} not {awaited}", within)
        if not holds():
            raise CallEndedError(self, awaited)

    def _let_go(self) -> None:
        if self.has_ended:
            return
        if self.status == 200:
            self._send_request("BYE")
        elif self.incoming:
            self.refuse(603)
        else:
            self._cancelled = True
            self._send("CANCEL", self._target, f"{self._cseq} CANCEL", branch=self._branch)

    def _end(self) -> None:
        self.has_ended = True
        self.audio.close()
        self._changes.announce()

    def invite(self, sender: str, *headers: str) -> None:
        """Send the INVITE; `sender` is the From header without its tag."""
        self._target = f"sip:{self.called}@{self._wire.pbx}:{PORT}"
        self._local, self._remote = f"{sender};tag={self._tag}", f"<{self._target}>"
        offer = ("Content-Type: application/sdp", *headers)
        self._send("INVITE", self._target, "1 INVITE", *offer, branch=self._branch, body=self.audio.offer)

    def _send_request(self, method: str, *headers: str, body: str = "") -> None:
        self._cseq += 1
        self._send(method, self._target, f"{self._cseq} {method}", *headers, body=body)

    def _send(self, method: str, uri: str, cseq: str, *headers: str, branch: str = "", body: str = "") -> None:
        branch = branch or f"z9hG4bK{secrets.token_hex(8)}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._wire.address}:{PORT};branch={branch}",
            f"From: {self._local}",
            f"To: {self._remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq}",
            f"Max-Forwards: 70\r\nContact: <sip:lab@{self._wire.address}:{PORT}>",
            *headers,
        ]
        self._wire.send(lines, body)

    def _respond(self, status: int, body: str = "") -> None:
        assert self._invite is not None
        self.responses.append(status)
        self._last_response = self._wire.respond(self._invite, status, tag=self._tag, body=body)
        self._changes.announce()

    def receive(self, message: Message) -> None:
        """Take in what the PBX sent in this call."""
        if message.status is None:
            self._receive_request(message)
        elif message.method == "INVITE":
            self._receive_invite_response(message, message.status)
        elif message.method == "BYE":
            self._end()
        self._changes.announce()

    def _receive_invite_response(self, message: Message, status: int) -> None:
        repeated = self.status == status
        if not repeated:
            self.responses.append(status)
        if status < 200:
            return
        self._remote = message["to"]
        if status >= 300:
            self._send("ACK", self._target, "1 ACK", branch=self._branch)
            self._end()
            return
        self._target = _uri(message["contact"])
        self._send("ACK", self._target, "1 ACK")
        if repeated:
            return
        self.audio.send_to(message.body)
        if self._cancelled:  # the answer was under way when we cancelled
            self._send_request("BYE")

    def _receive_request(self, request: Message) -> None:
        match request.method:
            case "ACK":
                pass
            case "INVITE" if self._invite and request["cseq"] == self._invite["cseq"]:
                if self._last_response:
                    self._wire.repeat(self._last_response)
            case "INVITE" | "UPDATE":
                self._wire.respond(request, 200, body=self.audio.offer if request.body else "")
            case "CANCEL":
                self._wire.respond(request, 200, tag=self._tag)
                if not self.status:
                    self.refuse(487)
            case "BYE":
                self._wire.respond(request, 200)
                self._end()
            case _:
                self._wire.respond(request, 200)

    def follow(self, behaviour: Behaviour) -> None:
        """Do with this incoming call as told."""

        def answer() -> None:
            self.answer()
            if behaviour.hang_up_after is not None:
                self.hang_up_after(behaviour.hang_up_after)

        if behaviour.dead:
            return
        if behaviour.refuse_with is not None:
            self.refuse(behaviour.refuse_with)
            return
        self.ring()
        if behaviour.answer_after is not None:
            asyncio.get_running_loop().call_later(behaviour.answer_after, answer)


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]+)>", contact)
    return found[1] if found else contact
