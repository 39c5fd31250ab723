"""What a FreeSWITCH tells of its legs, as bytes: each method is one thing that happens to them.

A leg keeps its variables as FreeSWITCH does: a bridge names the other leg on both sides, a transfer forgets when the
leg was bridged, and the hang-up repeats it all.
"""

import dataclasses
import datetime as dt
import itertools
import urllib.parse
from collections.abc import Iterable, Mapping

from tests import fake_event_socket
from tests.builders import NOON, seconds

Headers = dict[str, str]
CALLER, DID = "+15551230001", "5550100"
GREETING = fake_event_socket.GREETING
MICROSECOND = dt.timedelta(microseconds=1)


@dataclasses.dataclass(slots=True, eq=False)
class Leg:
    """One leg, and all that FreeSWITCH knows of it."""

    uuid: str
    headers: Headers
    variables: Headers
    times: Headers


class Switch:
    """A FreeSWITCH that only talks. Everything happens half a second after what happened before."""

    def __init__(self, uuids: Iterable[str] = ()) -> None:
        """``uuids``: of the first legs; the others have some of their own."""
        self.events: list[Headers] = []
        """All that was told, in order."""
        self._now = NOON
        own = (f"00000000-0000-4000-8000-{n:012}" for n in itertools.count(1))
        self._uuids = itertools.chain(uuids, own)

    @property
    def second(self) -> str:
        """Now, as FreeSWITCH writes an epoch."""
        return self._clock()[:-6]

    def wait(self, length: float) -> None:
        """Let so many seconds pass."""
        self._now += seconds(length)

    # --- legs -----------------------------------------------------------------------------------------------------

    def call(
        self,
        number: str = CALLER,
        did: str = DID,
        *,
        name: str = "Pat Caller",
        profile: str = "external",
        context: str = "public",
        **variables: str,
    ) -> Leg:
        """A caller from outside; ``variables`` as FreeSWITCH names them, without ``variable_``."""
        seen = {"sip_req_user": did, "sip_from_user": number, "sofia_profile_name": profile} | variables
        leg = self._leg("inbound", f"sofia/{profile}/{number}@carrier.test", number, did, context, seen)
        leg.headers["Caller-Caller-ID-Name"] = name
        return self._create(leg)

    def phone_calls(self, extension: str, to: str) -> Leg:
        """Somebody of the office picks up a phone and dials."""
        seen = {"sip_req_user": to, "user_name": extension, "sofia_profile_name": "internal"}
        name = f"sofia/internal/{extension}@office.test"
        return self._create(self._leg("inbound", name, extension, to, "default", seen))

    def rings(self, by: Leg | None, extension: str, **variables: str) -> Leg:
        """A phone is rung."""
        seen = {"dialed_user": extension, "sofia_profile_name": "internal"} | variables
        return self._create(self._dialled(by, f"sofia/internal/{extension}@192.0.2.7:5060", extension, seen))

    def rings_outside(self, by: Leg | None, number: str, **variables: str) -> Leg:
        """A number outside is rung."""
        seen = {"sip_gateway_name": "carrier", "sofia_profile_name": "external"} | variables
        return self._create(self._dialled(by, f"sofia/external/{number}", number, seen))

    def loopback(self, by: Leg, to: str, **variables: str) -> tuple[Leg, Leg]:
        """The two halves of a leg inside FreeSWITCH."""
        a = self._dialled(by, f"loopback/{to}-a", to, {"loopback_leg": "A", **variables})
        b_sees = {"is_loopback": "1", "other_loopback_leg_uuid": a.uuid, "other_loopback_from_uuid": by.uuid}
        b = self._leg("inbound", f"loopback/{to}-b", by.headers["Caller-Caller-ID-Number"], to, "default", b_sees)
        a.variables["other_loopback_leg_uuid"] = b.uuid
        return self._create(a), self._create(b)

    def _dialled(self, by: Leg | None, name: str, to: str, variables: Headers) -> Leg:
        number, context = (by.headers[it] for it in ("Caller-Caller-ID-Number", "Caller-Context")) if by else ("", "")
        if by:
            variables = {"originator": by.uuid, "originating_leg_uuid": by.uuid, "signal_bond": by.uuid} | variables
        leg = self._leg("outbound", name, number, to, context or "default", variables)
        if by:
            leg.headers |= {"Other-Leg-Unique-ID": by.uuid, "Channel-Call-UUID": by.headers["Channel-Call-UUID"]}
        return leg

    def _create(self, leg: Leg) -> Leg:
        self._tell("CHANNEL_CREATE", leg)
        return leg

    def _leg(self, direction: str, name: str, number: str, to: str, context: str, variables: Headers) -> Leg:
        uuid = next(self._uuids)
        headers = {
            "Channel-Call-UUID": uuid,
            "Call-Direction": direction,
            "Answer-State": "ringing",
            "Channel-Name": name,
            "Caller-Caller-ID-Number": number,
            "Caller-Orig-Caller-ID-Number": number,
            "Caller-Destination-Number": to,
            "Caller-Context": context,
        }
        times = dict.fromkeys(("Created", "Progress", "Progress-Media", "Answered", "Bridged", "Hangup"), "0")
        times["Created"] = self._clock()
        return Leg(uuid, headers, dict(variables), times)

    # --- what happens to them -------------------------------------------------------------------------------------

    def progresses(self, leg: Leg) -> None:
        """The phone says that it rings; no event tells."""
        leg.times["Progress"] = self._clock()

    def answers(self, leg: Leg, app: str = "") -> None:
        """A leg is up; ``app``: the dialplan's application that took the call."""
        leg.headers["Answer-State"] = "answered"
        leg.times["Answered"] = self._clock()
        leg.variables |= {"answer_epoch": self.second} | ({"current_application": app} if app else {})
        self._tell("CHANNEL_ANSWER", leg)

    def bridge(self, one: Leg, other: Leg) -> None:
        """Two legs are joined, media only or more."""
        for leg, peer in ((one, other), (other, one)):
            leg.times["Bridged"] = self._clock()
            leg.headers["Other-Leg-Unique-ID"] = peer.uuid
            leg.variables |= {"bridge_uuid": peer.uuid, "signal_bond": peer.uuid, "bridge_epoch": self.second}
        if "last_app" in one.variables and one.variables["last_app"] == "bridge":
            one.variables["originate_disposition"] = "SUCCESS"
        self._tell("CHANNEL_BRIDGE", one, _both(one, other))

    def unbridge(self, one: Leg, other: Leg) -> None:
        """They are parted."""
        one.variables["last_bridge_to"], other.variables["last_bridge_to"] = other.uuid, one.uuid
        self._tell("CHANNEL_UNBRIDGE", one, _both(one, other))

    def connect(self, caller: Leg, phone: Leg) -> None:
        """The phone answers, the caller's leg too, and they are joined."""
        self.runs(caller, "bridge", "user/" + phone.headers["Caller-Destination-Number"])
        self.answers(phone)
        if caller.headers["Answer-State"] != "answered":
            self.answers(caller, "bridge")
        self.bridge(caller, phone)

    def transfer(self, leg: Leg, to: str, context: str = "default") -> None:
        """A leg goes elsewhere in the dialplan: it forgets when it was bridged."""
        leg.headers |= {"Caller-Destination-Number": to, "Caller-Context": context}
        leg.variables["transfer_source"] = f"{self.second}:{leg.uuid}:bl_xfer:{to}/{context}/XML"
        leg.variables["bridge_epoch"] = leg.times["Bridged"] = "0"

    def runs(self, leg: Leg, app: str, arg: str = "", **variables: str) -> None:
        """The dialplan comes to another application; no event tells."""
        leg.variables |= {"last_app": app, "last_arg": arg, "current_application": app} | variables
        self.wait(0.5)

    def hang_up(self, leg: Leg, cause: str = "NORMAL_CLEARING", *, by: str = "send_bye", **variables: str) -> None:
        """A leg ends; ``by``: its ``sip_hangup_disposition``, ``recv_…`` where the far end hung up."""
        leg.headers |= {"Answer-State": "hangup", "Hangup-Cause": cause}
        leg.times["Hangup"] = self._clock()
        leg.variables |= {"sip_hangup_disposition": by} | variables
        if leg.variables.get("bridge_uuid"):
            leg.variables.setdefault("last_bridge_to", leg.variables["bridge_uuid"])
        self._tell("CHANNEL_HANGUP_COMPLETE", leg)

    def cancel(self, caller: Leg, *phones: Leg) -> None:
        """The caller gives up while phones ring."""
        for phone in phones:
            self.hang_up(phone, "ORIGINATOR_CANCEL", by="send_cancel")
        disposition = {"originate_disposition": "ORIGINATOR_CANCEL"} if phones else {}
        self.hang_up(caller, "ORIGINATOR_CANCEL", by="recv_cancel", **disposition)

    def ends(self, caller: Leg, phone: Leg) -> None:
        """The caller ends a talk."""
        self.unbridge(caller, phone)
        self.hang_up(caller, by="recv_bye")
        self.hang_up(phone)

    def custom(self, subclass: str, leg: Leg | None = None, **headers: str) -> None:
        """A module tells something; ``_`` in the names of headers stands for ``-``."""
        told = {"Event-Subclass": subclass} | {name.replace("_", "-"): value for name, value in headers.items()}
        self._tell("CUSTOM", leg, told)

    def _tell(self, name: str, leg: Leg | None, more: Mapping[str, str] = {}) -> None:
        told = {"Event-Name": name, "Event-Date-Timestamp": self._clock()}
        if leg:
            told |= {"Unique-ID": leg.uuid} | leg.headers
            told |= {f"Caller-Channel-{name}-Time": time for name, time in leg.times.items()}
            told |= {f"variable_{name}": value for name, value in leg.variables.items()}
        self.events.append(told | dict(more))
        self.wait(0.5)

    def _clock(self) -> str:
        return str((self._now - dt.datetime.fromtimestamp(0, dt.UTC)) // MICROSECOND)


def _both(one: Leg, other: Leg) -> Headers:
    return {"Bridge-A-Unique-ID": one.uuid, "Bridge-B-Unique-ID": other.uuid}


def as_json(events: Iterable[Headers]) -> bytes:
    """The stream after ``event json``."""
    return GREETING + b"".join(map(fake_event_socket.as_bytes, events))


def as_plain(events: Iterable[Headers]) -> bytes:
    """The stream after ``event plain``."""
    return GREETING + b"".join(map(_plain, events))


def _plain(event: Headers) -> bytes:
    lines = (f"{name}: {urllib.parse.quote(value, safe='') or '_undef_'}\n" for name, value in event.items())
    body = "".join([*lines, "\n"]).encode()
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(body) + body


def answer(body: bytes) -> bytes:
    """As FreeSWITCH answers an ``api``."""
    return b"Content-Type: api/response\nContent-Length: %d\n\n" % len(body) + body
