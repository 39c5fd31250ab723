"""AMI messages in, channel events out. No I/O.

Facts about which header may be believed are measured ones (Asterisk 16.28 and 22.10); ids such as ``b09`` name the
recorded call that taught them.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from textbackd.core import channel_events as ev
from textbackd.core import phone_numbers
from textbackd.core.channel_events import ChannelEvent, DialResult, Privacy, Stage
from textbackd.pbx import asterisk_words as words
from textbackd.pbx.asterisk_channels import KnownChannels, dialled_number
from textbackd.pbx.asterisk_snapshot import Snapshot
from textbackd.pbx.source import NotUnderstood
from textbackd.pbx.trunks import Trunks

Message = Mapping[str, str]

_VARIABLES = frozenset(
    {"VMSTATUS", "DIALSTATUS", "QUEUESTATUS", "FROM_DID", "__FROM_DID", "CALLINGNUMPRES_SV", "__CALLINGNUMPRES_SV"}
)
_HEADERS = {"header": "Privacy", "from": "From", "asserted": "P-Asserted-Identity"}
PRIVACY_HEADERS = {question: f"PJSIP_HEADER(read,{header})" for question, header in _HEADERS.items()}
"""What to ask of a caller's INVITE: From may be anonymous without a Privacy header; it or the asserted identity may say
what came of the carrier's check of who may show the number.
"""
PRIVACY_QUESTIONS = {"now": "CALLERID(num-pres)", "saved": "CALLINGNUMPRES_SV", **PRIVACY_HEADERS}
"""What to ask of an inbound channel: FreePBX resets the first and saves it in the second (``h13``)."""
PRIVACY_ACTION = "textbackd-privacy/"
"""An ActionID that begins so marks the answer to such a question: ``…/UNIQUEID/QUESTION``."""


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


class AsteriskTranslator:
    """Turns the messages of one AMI session after the other into channel events."""

    def __init__(
        self, trunks: Trunks, *, inbound: frozenset[str] = frozenset(), outside: frozenset[str] = frozenset()
    ) -> None:
        """``inbound``, ``outside``: Uniqueids of what was in the air at the last stop."""
        self._channels = KnownChannels(trunks, inbound=inbound, outside=outside)
        self._snapshot = Snapshot()

    def events(self, message: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        """The channel events of one message that came at ``at``, most often none.

        Raises NotUnderstood where a header is missing that the message must have.
        """
        name = message.get("Event")
        if message.get("EventList", "").casefold() == "start":
            self._snapshot.begins()
        if name is None:
            return self._new_connection(at) if "Banner" in message else self._answer_about_privacy(message, at)
        translate = _TRANSLATIONS.get(name)
        if translate is None:
            return ()
        try:
            return [*self._moves(message, at), *self._met(message, at), *translate(self, message, at)]
        except KeyError as error:
            raise NotUnderstood(f"{name} without {error}") from error

    def _new_connection(self, at: dt.datetime) -> Sequence[ChannelEvent]:
        """What happened before this greeting may not have been seen whole."""
        self._snapshot.forget()
        return [ev.LinkLost(at=at)]

    # --- channels -------------------------------------------------------------------------------------------------

    def _moves(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        ids = ((m.get(prefix + "Uniqueid"), m.get(prefix + "Linkedid")) for prefix in ("", "Dest"))
        moves = (self._channels.moved(channel, linkedid, at) for channel, linkedid in ids if channel and linkedid)
        return [move for move in moves if move]

    def _met(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        legs = [_named(m, prefix) for prefix in _LEGS.get(m["Event"], ())]
        return [event for leg in legs if "Channel" in leg and (event := self._channels.met(leg, at))]

    def _newchannel(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        self._snapshot.made(m["Uniqueid"])
        return [self._channels.appeared(m, at)]

    def _newstate(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        match m.get("ChannelState"):
            case "6":
                return [ev.ChannelAnswered(at=at, channel=m["Uniqueid"])]
            case "5":
                return [ev.ChannelRinging(at=at, channel=m["Uniqueid"])]
        return ()

    def _hangup(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        inbound = self._channels.is_inbound(m["Uniqueid"])
        causes = words.HANGUP_CAUSE_OF_CALLER if inbound else words.HANGUP_CAUSE
        self._channels.gone(m["Uniqueid"])
        self._snapshot.gone(m["Uniqueid"])
        return [ev.ChannelGone(at=at, channel=m["Uniqueid"], result=causes.get(m.get("Cause", "")))]

    def _hangup_request(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.FarEndHungUp(at=at, channel=m["Uniqueid"])]

    def _soft_hangup_request(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        # 4: Asterisk is stopping (``k02``).
        return [ev.LinkLost(at=at)] if m.get("Cause") == "4" else ()

    def _shutdown(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.LinkLost(at=at)]

    def _local_bridge(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.HalvesPaired(at=at, one=m["LocalOneUniqueid"], two=m["LocalTwoUniqueid"])]

    # --- the caller -----------------------------------------------------------------------------------------------

    def _new_callerid(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        told = self._presentation(m.get("CID-CallingPres", ""), m["Uniqueid"], at)
        # Setting the name of who came without one says how the number is shown; later FreePBX resets that (``h13``).
        believable = self._channels.is_first_callerid(m["Uniqueid"])
        return [event for event in told if believable or event.privacy is Privacy.WITHHELD]

    def _answer_about_privacy(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        action = m.get("ActionID", "")
        if not action.startswith(PRIVACY_ACTION):
            return ()
        channel, _, question = action.removeprefix(PRIVACY_ACTION).rpartition("/")
        value = m.get("Value", "").casefold()
        if question in PRIVACY_HEADERS:
            return self._told_by_header(question, value, channel, at)
        if m.get("Response") == "Error":
            return self._told(Privacy.UNKNOWN, channel, at)
        return self._told(Privacy.WITHHELD, channel, at) if "prohib" in value else ()

    def _told_by_header(self, question: str, value: str, channel: str, at: dt.datetime) -> Sequence[ChannelEvent]:
        """Only PJSIP has them; that one is absent says nothing."""
        anonymous = question == "from" and "anonymous" in value
        withheld = anonymous or (question == "header" and value not in ("", "none"))
        refuted = [ev.CallerIdRefuted(at=at, channel=channel)] if phone_numbers.is_refuted(value) else []
        return [*(self._told(Privacy.WITHHELD, channel, at) if withheld else ()), *refuted]

    def _presentation(self, value: str, channel: str, at: dt.datetime) -> Sequence[ev.PrivacyTold]:
        """``0 (Presentation Allowed, …)``, ``prohib_not_screened`` …; nothing where nothing is said."""
        if not value:
            return ()
        return self._told(Privacy.WITHHELD if "prohib" in value.casefold() else Privacy.SHOWN, channel, at)

    def _told(self, privacy: Privacy, channel: str, at: dt.datetime) -> Sequence[ev.PrivacyTold]:
        return [ev.PrivacyTold(at=at, channel=channel, privacy=privacy)]

    # --- dialling and bridges -------------------------------------------------------------------------------------

    def _dial_begin(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        number = dialled_number(m.get("DialString", ""))
        return [ev.DialStarted(at=at, channel=m["DestUniqueid"], by=m.get("Uniqueid", ""), number=number)]

    def _dial_end(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        result = words.DIAL_STATUS.get(m.get("DialStatus", ""))
        if m.get("Forward"):
            result = DialResult.FORWARDED
        if result is None:
            return ()
        return [ev.DialEnded(at=at, channel=m["DestUniqueid"], by=m.get("Uniqueid", ""), result=result)]

    def _bridge_enter(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        holding = m.get("BridgeTechnology") == words.HOLDING_BRIDGE
        return [ev.BridgeEntered(at=at, channel=m["Uniqueid"], bridge=m["BridgeUniqueid"], holding=holding)]

    def _bridge_leave(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.BridgeLeft(at=at, channel=m["Uniqueid"], bridge=m["BridgeUniqueid"])]

    def _conference_leave(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        # The only word about a caller who was handed over into it: Asterisk 16 does not always tell that he came.
        return [ev.BridgeLeft(at=at, channel=m["Uniqueid"], bridge=m["BridgeUniqueid"], conference=True)]

    def _blind_transfer(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        sent_on = m.get("TransfereeUniqueid")  # of several in a bridge none is named
        return [ev.SentOn(at=at, channel=sent_on)] if sent_on and m.get("Result", "Success") == "Success" else ()

    # --- where the caller is --------------------------------------------------------------------------------------

    def _newexten(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        stage = words.stage(m.get("Application", ""), m.get("AppData", ""), m.get("Context", ""))
        return [ev.StageEntered(at=at, channel=m["Uniqueid"], stage=stage[0], where=stage[1])] if stage else ()

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

    def _agent_connect(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [ev.QueueConnected(at=at, channel=m["Uniqueid"], leg=m.get("DestUniqueid", ""))]

    def _parked_call(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return [
            ev.StageEntered(
                at=at, channel=m.get("ParkeeUniqueid", ""), stage=Stage.PARKED, where=m.get("ParkingSpace", "")
            )
        ]

    def _unparked_call(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        # Nothing is dialled then: without BridgeEnter this alone tells that somebody came (``m11``).
        leg = m.get("RetrieverUniqueid", "")
        return [ev.QueueConnected(at=at, channel=m.get("ParkeeUniqueid", ""), leg=leg)]

    def _message_waiting(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        if m.get("Waiting") == "1" and "Uniqueid" in m:
            return [ev.MessageLeft(at=at, channel=m["Uniqueid"])]
        return ()

    # --- what is up already ---------------------------------------------------------------------------------------

    def _listed_bridge(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        self._snapshot.bridge(m)
        return ()

    def _listed_channel(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        self._snapshot.channel(m)
        return ()

    def _list_complete(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        return list(self._snapshot.complete(self._channels, at))

    def _status(self, m: Message, at: dt.datetime) -> Sequence[ChannelEvent]:
        dialled = m.get("DNID", "")
        return [ev.DidKnown(at=at, channel=m["Uniqueid"], did=dialled, certain=False)] if dialled else ()


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
    "ConfbridgeJoin": AsteriskTranslator._bridge_enter,  # alone where a leg takes another's place in the conference
    "ConfbridgeLeave": AsteriskTranslator._conference_leave,
    "BlindTransfer": AsteriskTranslator._blind_transfer,
    "Newexten": AsteriskTranslator._newexten,
    "VarSet": AsteriskTranslator._var_set,
    "QueueCallerJoin": AsteriskTranslator._queue_caller_join,
    "AgentConnect": AsteriskTranslator._agent_connect,
    "ParkedCall": AsteriskTranslator._parked_call,
    "UnParkedCall": AsteriskTranslator._unparked_call,
    "MessageWaiting": AsteriskTranslator._message_waiting,
    "BridgeListItem": AsteriskTranslator._listed_bridge,
    "CoreShowChannel": AsteriskTranslator._listed_channel,
    "CoreShowChannelsComplete": AsteriskTranslator._list_complete,
    "Status": AsteriskTranslator._status,
}

_LEGS = {
    "DialBegin": ("Dest",),
    "DialEnd": ("Dest",),
    "BridgeEnter": ("",),
    "ConfbridgeJoin": ("",),
    "LocalBridge": ("LocalOne", "LocalTwo"),
}
"""What begins the headers of the legs that a message is about, where that can decide a call."""


def _named(m: Message, prefix: str) -> Message:
    """What a message says of one of the legs that it names."""
    return {name.removeprefix(prefix): value for name, value in m.items() if name.startswith(prefix)}


_WANTED_EVENTS = frozenset(name.encode() for name in _TRANSLATIONS)
_WANTED_VARIABLES = frozenset(name.encode() for name in _VARIABLES)
_WANTED_APPLICATIONS = frozenset(name.encode() for name in (*words.STAGES, "Hangup"))


def _between(block: bytes, start: bytes) -> bytes:
    begin = block.find(start) + len(start)
    end = block.find(b"\r\n", begin)
    return block[begin:] if end < 0 else block[begin:end]
