"""AMI messages in, channel events out. No I/O.

Facts about which header may be believed are measured ones (Asterisk 16.28 and 22.10); ids such as ``b09`` name the
recorded call that taught them.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, Privacy, Stage
from textbackd.errors import TextbackdError
from textbackd.pbx import asterisk_words as words

Message = Mapping[str, str]

TRUNK_CONTEXTS = frozenset({"from-trunk", "from-pstn", "from-pstn-toheader", "from-digital", "from-analog"})
"""Where FreePBX lets calls from outside in."""

_VARIABLES = frozenset(
    {"VMSTATUS", "DIALSTATUS", "QUEUESTATUS", "FROM_DID", "__FROM_DID", "CALLINGNUMPRES_SV", "__CALLINGNUMPRES_SV"}
)
PRIVACY_HEADER = "header"
PRIVACY_QUESTIONS = {
    "now": "CALLERID(num-pres)",
    "saved": "CALLINGNUMPRES_SV",
    PRIVACY_HEADER: "PJSIP_HEADER(read,Privacy)",
}
"""What to ask of an inbound channel: FreePBX resets the first and saves it in the second (``h13``)."""
PRIVACY_ACTION = "textbackd-privacy/"
"""An ActionID that begins so marks the answer to such a question: ``…/UNIQUEID/QUESTION``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trunks:
    """How calls from outside are told from the office's own."""

    contexts: frozenset[str] = TRUNK_CONTEXTS
    endpoints: frozenset[str] = frozenset()
    """Names of trunk endpoints (``PJSIP/NAME-…``); a call from one is inbound, whatever its context."""
    strip: tuple[str, ...] = ()
    """What the PBX puts before a caller's number, such as ``9``."""


def wanted(block: bytes) -> bool:
    """Whether a message, as bytes, can matter: most of what a busy PBX says does not, and need not be taken apart."""
    if not block.startswith(b"Event: "):
        return True
    name = block[7 : block.find(b"\r\n")]
    if name == b"VarSet":
        return _between(block, b"\r\nVariable: ") in _WANTED_VARIABLES
    if name == b"Newexten":
        return _between(block, b"\r\nApplication: ") in _WANTED_APPLICATIONS
    return name in _WANTED_EVENTS


class NotUnderstood(TextbackdError):
    """A message that Asterisk does not send, or that was cut; the next one still counts."""


class AsteriskTranslator:
    """Turns the messages of one AMI session after the other into channel events.

    It remembers each live channel's Linkedid, since Asterisk changes it silently, and which endpoints were trunks.
    """

    def __init__(self, trunks: Trunks, *, inbound: frozenset[str] = frozenset()) -> None:
        self._trunks = trunks
        self._inbound = set(inbound)
        """Uniqueids of inbound legs, for the next snapshot: begin with what was in the air at the last stop."""
        self._trunk_endpoints = set(trunks.endpoints)
        self._linkedids: dict[str, str] = {}
        self._listed: dict[str, Message] = {}

    def events(self, message: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        """The channel events of one message that came at ``at``, most often none.

        Raises NotUnderstood where a header is missing that the message must have.
        """
        name = message.get("Event")
        if name is None:
            return self._new_connection(at) if "Banner" in message else self._answer_about_privacy(message, at)
        translate = _TRANSLATIONS.get(name)
        if translate is None:
            return ()
        try:
            return [*self._moves(message, at), *translate(self, message, at)]
        except KeyError as error:
            raise NotUnderstood(f"{name} without {error}") from error

    def _new_connection(self, at: dt.datetime) -> Sequence[ChannelEvent]:
        """What happened before this greeting may not have been seen whole."""
        self._listed = {}  # the list may have been cut off
        return [ev.LinkLost(at=at)]

    # --- groups ---------------------------------------------------------------------------------------------------

    def _moves(self, message: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        moves = []
        for prefix in ("", "Dest"):
            channel, linkedid = message.get(prefix + "Uniqueid"), message.get(prefix + "Linkedid")
            if channel and linkedid and self._linkedids.get(channel, linkedid) != linkedid:
                self._linkedids[channel] = linkedid
                moves.append(ev.ChannelMoved(at=at, channel=channel, linkedid=linkedid))
        return moves

    # --- channels -------------------------------------------------------------------------------------------------

    def _newchannel(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        # Outgoing trunk legs carry the same context and start Down; Local halves start in Ring in a group of others.
        ring = m.get("ChannelState") == "4" and m["Uniqueid"] == m.get("Linkedid")
        from_outside = m.get("Context") in self._trunks.contexts or _endpoint(m["Channel"]) in self._trunks.endpoints
        kind = _kind(m["Channel"])
        if kind is ChannelKind.DEVICE and ring and from_outside:
            kind = ChannelKind.INBOUND
            self._trunk_endpoints.add(_endpoint(m["Channel"]))
            self._inbound.add(m["Uniqueid"])
        return [self._appeared(m, at, kind)]

    def _appeared(self, m: Message, at: dt.datetime, kind: ChannelKind) -> ev.ChannelAppeared:
        self._linkedids[m["Uniqueid"]] = m.get("Linkedid", m["Uniqueid"])
        inbound = kind is ChannelKind.INBOUND
        return ev.ChannelAppeared(
            at=at,
            channel=m["Uniqueid"],
            name=m["Channel"],
            kind=kind,
            linkedid=self._linkedids[m["Uniqueid"]],
            number=self._stripped(m.get("CallerIDNum", "")) if inbound else _endpoint(m["Channel"]),
            display_name=_known(m.get("CallerIDName", "")) if inbound else "",
            did=m.get("Exten", "") if inbound else "",
            context=m.get("Context", ""),
            answered=m.get("ChannelState") == "6",
        )

    def _stripped(self, number: str) -> str:
        for prefix in self._trunks.strip:
            if number.startswith(prefix):
                return number.removeprefix(prefix)
        return number

    def _newstate(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        match m.get("ChannelState"):
            case "6":
                return [ev.ChannelAnswered(at=at, channel=m["Uniqueid"])]
            case "5":
                return [ev.ChannelRinging(at=at, channel=m["Uniqueid"])]
        return ()

    def _hangup(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        self._linkedids.pop(m["Uniqueid"], None)
        causes = words.HANGUP_CAUSE_OF_CALLER if m["Uniqueid"] in self._inbound else words.HANGUP_CAUSE
        self._inbound.discard(m["Uniqueid"])
        return [ev.ChannelGone(at=at, channel=m["Uniqueid"], result=causes.get(m.get("Cause", "")))]

    def _hangup_request(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.FarEndHungUp(at=at, channel=m["Uniqueid"])]

    def _soft_hangup_request(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        # 4: Asterisk is stopping (``k02``).
        return [ev.LinkLost(at=at)] if m.get("Cause") == "4" else ()

    def _shutdown(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.LinkLost(at=at)]

    def _local_bridge(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.LocalPaired(at=at, one=m["LocalOneUniqueid"], two=m["LocalTwoUniqueid"])]

    # --- the caller -----------------------------------------------------------------------------------------------

    def _new_callerid(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return self._presentation(m.get("CID-CallingPres", ""), m["Uniqueid"], at)

    def _answer_about_privacy(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        action = m.get("ActionID", "")
        if not action.startswith(PRIVACY_ACTION):
            return ()
        channel, question = action.removeprefix(PRIVACY_ACTION).rsplit("/", 1)
        value = m.get("Value", "").casefold()
        if question == PRIVACY_HEADER:
            # Only PJSIP has it; that it is absent says nothing.
            return self._told(Privacy.WITHHELD, channel, at) if value not in ("", "none") else ()
        if m.get("Response") == "Error":
            return self._told(Privacy.UNKNOWN, channel, at)
        return self._told(Privacy.WITHHELD, channel, at) if "prohib" in value else ()

    def _presentation(self, value: str, channel: str, at: dt.datetime) -> Sequence[ChannelEvent]:
        """``0 (Presentation Allowed, …)``, ``prohib_not_screened`` …; nothing where nothing is said."""
        if not value:
            return ()
        return self._told(Privacy.WITHHELD if "prohib" in value.casefold() else Privacy.SHOWN, channel, at)

    def _told(self, privacy: Privacy, channel: str, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.PrivacyTold(at=at, channel=channel, privacy=privacy)]

    # --- dialling and bridges -------------------------------------------------------------------------------------

    def _dial_begin(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        number, at_trunk, _ = m.get("DialString", "").partition("@")
        return [
            ev.DialStarted(
                at=at, channel=m["DestUniqueid"], by=m.get("Uniqueid", ""), number=number if at_trunk else ""
            )
        ]

    def _dial_end(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        result = words.DIAL_STATUS.get(m.get("DialStatus", ""))
        if result is None or m.get("Forward"):
            return ()
        return [ev.DialEnded(at=at, channel=m["DestUniqueid"], by=m.get("Uniqueid", ""), result=result)]

    def _bridge_enter(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        holding = m.get("BridgeTechnology") == "holding_bridge"
        return [ev.BridgeEntered(at=at, channel=m["Uniqueid"], bridge=m["BridgeUniqueid"], holding=holding)]

    def _bridge_leave(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.BridgeLeft(at=at, channel=m["Uniqueid"], bridge=m["BridgeUniqueid"])]

    # --- where the caller is --------------------------------------------------------------------------------------

    def _newexten(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return self._in_application(
            m["Uniqueid"], m.get("Application", ""), m.get("AppData", ""), m.get("Context", ""), at
        )

    def _in_application(
        self, channel: str, application: str, data: str, context: str, at: dt.datetime
    ) -> Sequence[ChannelEvent]:
        stage = words.STAGES.get(application)
        if application == "Hangup" and data == "17":
            stage = Stage.BUSY_TONE
        if "blacklist" in context and (stage or application == "Hangup"):
            stage = Stage.BLOCKED  # whoever is not on the list leaves that context at once
        if stage is None:
            return ()
        named = stage in (Stage.QUEUE, Stage.VOICEMAIL, Stage.CONFERENCE)
        where = data.partition(",")[0] if named else context
        return [ev.StageEntered(at=at, channel=channel, stage=stage, where=where)]

    def _var_set(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        channel, value = m["Uniqueid"], m.get("Value", "")
        match m.get("Variable", "").removeprefix("__"):
            case "DIALSTATUS":
                result = words.DIAL_STATUS.get(value)
                # ANSWER is also said of a leg that was never accepted (``f07``, ``b09``).
                if result and result is not DialResult.ANSWERED:
                    return [ev.DialFinished(at=at, channel=channel, result=result)]
            case "QUEUESTATUS" if value in words.QUEUE_STATUS:
                return [ev.QueueLeft(at=at, channel=channel, why=words.QUEUE_STATUS[value])]
            case "VMSTATUS" if value:
                # The first application after a redirect is not told of (``g07``); its result is.
                voicemail = ev.StageEntered(at=at, channel=channel, stage=Stage.VOICEMAIL)
                return [voicemail, ev.MessageLeft(at=at, channel=channel)] if value == "SUCCESS" else [voicemail]
            case "FROM_DID" if value:
                return [ev.DidKnown(at=at, channel=channel, did=value)]
            case "CALLINGNUMPRES_SV":
                return self._presentation(value, channel, at)
        return ()

    def _queue_caller_join(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.StageEntered(at=at, channel=m["Uniqueid"], stage=Stage.QUEUE, where=m.get("Queue", ""))]

    def _parked_call(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [
            ev.StageEntered(
                at=at, channel=m.get("ParkeeUniqueid", ""), stage=Stage.PARKED, where=m.get("ParkingSpace", "")
            )
        ]

    def _message_waiting(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        if m.get("Waiting") == "1" and "Uniqueid" in m:
            return [ev.MessageLeft(at=at, channel=m["Uniqueid"])]
        return ()

    # --- what is up already ---------------------------------------------------------------------------------------

    def _listed_channel(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        self._listed[m["Uniqueid"]] = m
        return ()

    def _list_complete(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        listed, self._listed = self._listed, {}
        events: list[ChannelEvent] = []
        for row in listed.values():
            since = at - _duration(row.get("Duration", ""))
            appeared = dataclasses.replace(
                self._appeared(row, at, self._kind_in_list(row)), from_middle=True, since=since
            )
            events.append(appeared)
        by_name = {row["Channel"]: uniqueid for uniqueid, row in listed.items()}
        for name, uniqueid in by_name.items():
            if name.endswith(";1") and (other := by_name.get(name[:-1] + "2")):
                events.append(ev.LocalPaired(at=at, one=uniqueid, two=other))
        for uniqueid, row in listed.items():
            # A holding bridge cannot be told here; a caller alone with others in one would seem joined. But no call
            # seen from its middle is ever texted, and its next BridgeEnter says what the bridge is.
            if bridge := row.get("BridgeId"):
                events.append(ev.BridgeEntered(at=at, channel=uniqueid, bridge=bridge))
            application, data = row.get("Application", ""), row.get("ApplicationData", "")
            events += self._in_application(uniqueid, application, data, row.get("Context", ""), at)
        self._linkedids = {uniqueid: self._linkedids[uniqueid] for uniqueid in listed}
        self._inbound &= listed.keys()
        return [*events, ev.SnapshotTaken(at=at, channels=frozenset(listed))]

    def _kind_in_list(self, row: Message) -> ChannelKind:
        """The context has moved on by now; the channel must be known, or look like a trunk's."""
        kind, endpoint = _kind(row["Channel"]), _endpoint(row["Channel"])
        began_its_group = row["Uniqueid"] == row.get("Linkedid")
        trunk = endpoint in self._trunk_endpoints or row.get("Context") in self._trunks.contexts
        # At the very first start no trunk is known yet. An extension's caller ID is short, a caller's is not.
        looks_like_one = not self._trunk_endpoints and not endpoint.isdigit() and len(row.get("CallerIDNum", "")) > 6
        if row["Uniqueid"] in self._inbound or (
            kind is ChannelKind.DEVICE and began_its_group and (trunk or looks_like_one)
        ):
            self._inbound.add(row["Uniqueid"])
            return ChannelKind.INBOUND
        return kind

    def _status(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        dialled = m.get("DNID", "")
        return [ev.DidKnown(at=at, channel=m["Uniqueid"], did=dialled)] if dialled else ()


_TRANSLATIONS: dict[str, Callable[[AsteriskTranslator, Message, dt.datetime], Sequence[ChannelEvent]]] = {
    "Newchannel": AsteriskTranslator._newchannel,
    "Newstate": AsteriskTranslator._newstate,
    "Hangup": AsteriskTranslator._hangup,
    "HangupRequest": AsteriskTranslator._hangup_request,
    "SoftHangupRequest": AsteriskTranslator._soft_hangup_request,
    "Shutdown": AsteriskTranslator._shutdown,
    "LocalBridge": AsteriskTranslator._local_bridge,
    "NewCallerid": AsteriskTranslator._new_callerid,
    "DialBegin": AsteriskTranslator._dial_begin,
    "DialEnd": AsteriskTranslator._dial_end,
    "BridgeEnter": AsteriskTranslator._bridge_enter,
    "BridgeLeave": AsteriskTranslator._bridge_leave,
    "Newexten": AsteriskTranslator._newexten,
    "VarSet": AsteriskTranslator._var_set,
    "QueueCallerJoin": AsteriskTranslator._queue_caller_join,
    "ParkedCall": AsteriskTranslator._parked_call,
    "MessageWaiting": AsteriskTranslator._message_waiting,
    "CoreShowChannel": AsteriskTranslator._listed_channel,
    "CoreShowChannelsComplete": AsteriskTranslator._list_complete,
    "Status": AsteriskTranslator._status,
}

_WANTED_EVENTS = frozenset(name.encode() for name in _TRANSLATIONS) | {b"FullyBooted", b"StatusComplete"}
_WANTED_VARIABLES = frozenset(name.encode() for name in _VARIABLES)
_WANTED_APPLICATIONS = frozenset(name.encode() for name in (*words.STAGES, "Hangup"))


def _between(block: bytes, start: bytes) -> bytes:
    begin = block.find(start) + len(start)
    end = block.find(b"\r\n", begin)
    return block[begin:] if end < 0 else block[begin:end]


def _kind(name: str) -> ChannelKind:
    technology = name.partition("/")[0]
    if technology == "Local":
        return ChannelKind.LOCAL
    return ChannelKind.SERVICE if technology in words.NOBODY_THERE else ChannelKind.DEVICE


def _endpoint(name: str) -> str:
    """``PJSIP/101-0000001a`` -> ``101``."""
    return name.partition("/")[2].rpartition("-")[0]


def _known(text: str) -> str:
    return "" if text == "<unknown>" else text


def _duration(text: str) -> dt.timedelta:
    """``HH:MM:SS``; nothing where it is not."""
    try:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
    except ValueError:
        return dt.timedelta()
    return dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
