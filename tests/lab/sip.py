"""A scripted SIP user agent: the carrier at the far end of the trunk, and the phones on the desks."""

from tests.lab import behaviour
from tests.lab.behaviour import RINGS, Behaviour
from tests.lab.call import Call
from tests.lab.changes import Changes
from tests.lab.wire import Message, Wire


class Party:
    """Somebody with a SIP address: places calls through the PBX and takes those that come."""

    def __init__(self, address: str, pbx: str) -> None:
        self.address = address
        self.behaviour = RINGS
        """what the next call that comes in meets"""
        self.behaviours: dict[str, Behaviour] = {}
        """what a call to one of several numbers meets instead"""
        self.calls: list[Call] = []
        """every call so far, in the order in which they began"""
        self._wire = Wire(address, pbx, self._receive)
        self._changes = Changes()
        self._taken: set[str] = set()

    async def listen(self) -> None:
        """Be there; raises OSError when somebody else is at this address."""
        await self._wire.open()

    def close(self) -> None:
        """Vanish without a word, in mid-call if need be."""
        for call in self.calls:
            call.audio.close()
        self._wire.close()

    async def next_call(self, within: float = 10) -> Call:
        """The oldest call that came in and was not yet returned by this; waits for it."""

        def waiting() -> list[Call]:
            return [call for call in self.calls if call.incoming and call.call_id not in self._taken]

        await self._changes.until(lambda: bool(waiting()), lambda: f"nobody called {self.address}", within)
        call = waiting()[0]
        self._taken.add(call.call_id)
        return call

    async def _place(self, caller: str, called: str, sender: str, *headers: str) -> Call:
        call = Call(self._wire, caller=caller, called=called, sender=sender)
        self.calls.append(call)
        call.invite(*headers)
        await call.accepted()
        return call

    def _receive(self, message: Message) -> None:
        call = next((call for call in self.calls if call.call_id == message["call-id"]), None)
        if call is not None:
            call.receive(message)
        elif message.method == "INVITE" and message.status is None:
            call = Call(self._wire, caller=_user(message["from"]), called=_user(message.start), invite=message)
            self.calls.append(call)
            behaviour.follow(call, self.behaviours.get(call.called, self.behaviour))
            self._changes.announce()
        elif message.status is None and message.method != "ACK":
            self._wire.respond(message, 200, tag="lab")


class Carrier(Party):
    """The far end of the trunk, where the callers are."""

    async def call(self, number: str, *, did: str, name: str = "", withheld: bool = False) -> Call:
        """Deliver a call from `number` to a DID; returns at the PBX's first response.

        Withheld: From says anonymous, and the number is in P-Asserted-Identity with `Privacy: id`.
        """
        quoted = f'"{name}" ' if name else ""
        identity = f"{quoted}<sip:{number}@{self.address}>"
        if withheld:
            anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>'
            return await self._place(number, did, anonymous, f"P-Asserted-Identity: {identity}", "Privacy: id")
        return await self._place(number, did, identity)


class Phone(Party):
    """An extension; it also calls out, inside the house or through the trunk."""

    def __init__(self, extension: str, address: str, pbx: str) -> None:
        super().__init__(address, pbx)
        self.extension = extension

    async def call(self, number: str, *, replacing: Call | None = None) -> Call:
        """Dial an extension, an outside number or a feature code; returns at the PBX's first response.

        Replacing: take over a call that rings at, or is held by, another phone (the key beside a lamp, RFC 3891).
        """
        headers = (f"Replaces: {replacing.replaces}",) if replacing else ()
        return await self._place(self.extension, number, f"<sip:{self.extension}@{self.address}>", *headers)


def _user(address: str) -> str:
    """The user part of the SIP URI in a header or a request line; empty when there is none."""
    _, _, uri = address.partition("sip:")
    user, at, _ = uri.partition("@")
    return user if at else ""
