"""One SIP call as one party sees it: from INVITE to BYE, with holding, transferring and pressing keys in between.

On loopback nothing is lost, so only an INVITE is repeated, which a busy PBX ignores; what the PBX repeats is answered.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable

from tests.lab.audio import Audio
from tests.lab.changes import Changes
from tests.lab.dialogue import Dialogue, Request
from tests.lab.wire import PORT, SDP, Message, Wire

PATIENCE = 0.5
"""Seconds after which a phone goes on by itself when the PBX has said nothing of a transfer."""


class CallEndedError(Exception):
    """What was awaited can no longer happen: the call ended with `status`."""

    def __init__(self, call: "Call", awaited: str) -> None:
        super().__init__(f"{call} ended, never {awaited}")
        self.status = call.status


class TransferRefusedError(Exception):
    """The PBX does not transfer this call, and says so with `status`."""

    def __init__(self, call: "Call", status: int) -> None:
        super().__init__(f"{call}: transfer refused with {status}")
        self.status = status


class Call:
    """One call as one party sees it; made by a party that calls, or by an INVITE that came in."""

    def __init__(
        self, wire: Wire, *, caller: str, called: str, sender: str = "", invite: Message | None = None
    ) -> None:
        """`sender` is the From header of a call that goes out, `invite` begins one that came in."""
        self.caller = caller
        self.called = called
        self.incoming = invite is not None
        self.responses: list[int] = []
        """every status seen (or, incoming, given), in order"""
        self.transfer: list[int] = []
        """how the transfer that this end asked for goes on: every status the PBX notified, in order"""
        self.has_ended = False
        self.answers_a_cancel = False
        """takes an incoming call in the very moment in which it is cancelled: CANCEL and 200 cross on the wire"""
        self.audio = Audio(wire.address)
        self._wire = wire
        self._changes = Changes()
        self._invite = invite
        self._last_response = b""
        self._inviting: Request | None = None
        self._cancelled = False
        self._asked: dict[str, Request] = {}
        self._final: dict[str, int] = {}
        """final status of each request by its CSeq"""
        pbx = f"sip:{called}@{wire.pbx}:{PORT}"
        call_id = invite["call-id"] if invite else f"{secrets.token_hex(8)}@{wire.address}"
        local, remote = (invite["to"], invite["from"]) if invite else (sender, f"<{pbx}>")
        self._dialogue = Dialogue(wire, call_id, local=local, remote=remote, target=pbx)
        if invite:
            self._dialogue.retarget(invite)

    def __repr__(self) -> str:
        return f"<call {self.caller} to {self.called}, seen {self.responses}>"

    @property
    def call_id(self) -> str:
        """The Call-ID header."""
        return self._dialogue.call_id

    @property
    def replaces(self) -> str:
        """The value of a Replaces header that names this call."""
        return self._dialogue.replaces

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

    def invite(self, *headers: str) -> None:
        """Send the INVITE."""
        self._inviting = self._dialogue.invite(SDP, *headers, body=self.audio.description, until=lambda: self.responses)

    def ring(self, *, early_media: bool = False) -> None:
        """Say 180 to an incoming call; with early media 183 and a session."""
        if early_media:
            self._respond(183, body=self.audio.description)
        else:
            self._respond(180)

    def answer(self) -> None:
        """Say 200 to an incoming call; nothing when it has ended or was answered meanwhile."""
        if not self.status and self._invite:
            self._respond(200, body=self.audio.description)
            self.audio.send_to(self._invite.body)

    def refuse(self, status: int, *headers: str) -> None:
        """End an incoming, unanswered call with this status; nothing when it has ended meanwhile."""
        if not self.has_ended:
            self._respond(status, *headers)
            self._end()

    def forward(self, number: str) -> None:
        """Have the PBX ring another number instead (302)."""
        self.refuse(302, f"Contact: <sip:{number}@{self._wire.pbx}:{PORT}>")

    async def hold(self) -> None:
        """Put the other side on hold (re-INVITE); the PBX plays music to it."""
        await self._reinvite("sendonly")

    async def resume(self) -> None:
        """Take the other side off hold."""
        await self._reinvite("sendrecv")

    async def transfer_to(self, number: str) -> None:
        """Blind transfer (REFER): send the other side to `number`, and leave as soon as the PBX has taken it on.

        Raises TransferRefusedError, and then the call goes on.
        """
        await self._refer(f"<sip:{number}@{self._wire.pbx}>")
        await self.hang_up()

    async def transfer_into(self, consultation: "Call") -> None:
        """Attended transfer (REFER with Replaces): join the other sides of both calls, and leave both.

        A consultation that still rings makes it the half-attended transfer of a hasty receptionist.
        """
        target = f"sip:{consultation.called}@{self._wire.pbx}?Replaces={consultation._dialogue.quoted_replaces}"
        await self._refer(f"<{target}>")
        for call in (self, consultation):
            # The PBX ends both; a CANCEL in that moment may hit the caller, who has taken the place of this end.
            with contextlib.suppress(TimeoutError):
                await call.ended(within=PATIENCE)
            await call.hang_up()

    async def speak(self, seconds: float) -> None:
        """Send a tone for so long, silence before and after."""
        await self.audio.speak(seconds)

    async def hear(self, within: float = 10) -> None:
        """Until sound arrives from the other side, counted from now."""
        await self.audio.hear(within)

    async def hear_beep(self, *, after: int = 0, within: float = 20) -> None:
        """Until more than so many beeps were heard in this call."""
        await self.audio.hear_beep(within, after=after)

    def press(self, keys: str) -> None:
        """Press keys one after the other in an answered call: RFC 4733 events if the PBX takes them, else SIP INFO."""
        assert self.status == 200, self
        if self.audio.takes_events:
            self.audio.press(keys)
            return
        for key in keys:
            body = f"Signal={key}\r\nDuration=160\r\n"
            self._dialogue.send("INFO", "Content-Type: application/dtmf-relay", body=body)

    def receive(self, message: Message) -> None:
        """Take in what the PBX sent in this call."""
        if message.status is None:
            self._receive_request(message)
        elif self._inviting and message["cseq"] == self._inviting.cseq:
            self._receive_response(message, message.status, self._inviting)
        elif message.status >= 200:
            self._final[message["cseq"]] = message.status
            if message.method == "INVITE":
                self._dialogue.acknowledge(self._asked[message["cseq"]], message)
            if message.method == "BYE":
                self._end()
        self._changes.announce()

    def _receive_response(self, message: Message, status: int, inviting: Request) -> None:
        """A response to the INVITE with which this call began."""
        repeated = self.status == status
        if not repeated:
            self.responses.append(status)
        if ";tag=" in message["to"]:
            self._dialogue.retarget(message)
        if status < 200:
            return
        self._dialogue.acknowledge(inviting, message)
        if status >= 300:
            self._end()
        elif not repeated:
            self.audio.send_to(message.body)
            if self._cancelled:  # the answer was under way when we cancelled
                self._dialogue.send("BYE")

    def _receive_request(self, request: Message) -> None:
        match request.method:
            case "ACK":
                pass
            case "INVITE" if self._invite and request["cseq"] == self._invite["cseq"]:
                if self._last_response:
                    self._wire.repeat(self._last_response)
            case "INVITE" | "UPDATE":
                self._wire.respond(request, 200, body=self.audio.description if request.body else "")
            case "CANCEL":
                self._wire.respond(request, 200, tag=self._dialogue.tag)
                if self.answers_a_cancel:
                    self.answer()
                elif not self.status:
                    self.refuse(487)
            case "BYE":
                self._wire.respond(request, 200)
                self._end()
            case "NOTIFY":
                self._wire.respond(request, 200)
                if request["event"].startswith("refer"):
                    self.transfer.append(int(request.body.split()[1]))
            case _:
                self._wire.respond(request, 200)

    async def _reinvite(self, direction: str) -> None:
        self.audio.direction = direction
        status = await self._ask("INVITE", SDP, body=self.audio.description)
        assert status == 200, (self, status)

    async def _refer(self, refer_to: str) -> None:
        """Ask for a transfer, and wait a moment whether the PBX refuses it; it may end the call itself."""
        status = await self._ask("REFER", f"Refer-To: {refer_to}")
        if status == 202:
            with contextlib.suppress(TimeoutError):  # of a caller who was parked, nothing is heard for minutes
                await self._changes.until(lambda: self.has_ended or max(self.transfer, default=0) > 100, str, PATIENCE)
            status = max(self.transfer, default=status)
        if status >= 300 and not self.has_ended:
            raise TransferRefusedError(self, status)

    async def _ask(self, method: str, *headers: str, body: str = "") -> int:
        """Send a request; its final status."""
        assert self.status == 200, self
        request = self._dialogue.send(method, *headers, body=body)
        self._asked[request.cseq] = request
        await self._until(lambda: request.cseq in self._final, f"given an answer to {method}", 10)
        return self._final[request.cseq]

    def _respond(self, status: int, *headers: str, body: str = "") -> None:
        assert self._invite is not None
        self.responses.append(status)
        self._last_response = self._wire.respond(self._invite, status, *headers, tag=self._dialogue.tag, body=body)
        self._changes.announce()

    async def _until(self, holds: Callable[[], bool], awaited: str, within: float) -> None:
        await self._changes.until(lambda: holds() or self.has_ended, lambda: f"{self} not {awaited}", within)
        if not holds():
            raise CallEndedError(self, awaited)

    def _let_go(self) -> None:
        if self.has_ended:
            return
        if self.status == 200:
            self._dialogue.send("BYE")
        elif self.incoming:
            self.refuse(603)
        elif self._inviting:
            self._cancelled = True
            self._dialogue.cancel(self._inviting)

    def _end(self) -> None:
        self.has_ended = True
        self.audio.close()
        self._changes.announce()
