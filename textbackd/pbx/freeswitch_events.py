"""FreeSWITCH's events in our words. No I/O; events of one Event Socket in, channel events out.

What it takes to read them, each bought with recorded calls (the names are those of the traces):

* A bridge is no talk while the far leg has not answered (early media: ``forward_early_media_480``), nor with half of a
  loopback alone (``vm_vanilla_loopback_message``); an answer is none before the bridge (``confirm_not_pressed``).
* The caller's leg says at its end what no event said before: the application that it was in, and what came of a bridge
  that rang nobody. Its own hang-up cause says little (``group_all_busy`` ends with NO_ANSWER).
* Events come in nearly any order, and the end of a leg repeats all that it went through: what was missed is told then.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from textbackd.core import channel_events as ev
from textbackd.core.channel_events import PERSONS, ChannelEvent, ChannelKind, DialResult, Privacy, QueueExit, Stage
from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx import freeswitch_snapshot
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_legs import Leg, Legs
from textbackd.pbx.source import NotUnderstood
from textbackd.pbx.trunks import Trunks

DID_HEADERS = {"request": "variable_sip_req_user", "to": "variable_sip_to_user"}
"""By what names the number dialled in the INVITE."""


class FreeSwitchTranslator:
    """Remembers what the legs that are up are, and what was told of them."""

    def __init__(
        self,
        trunks: Trunks,
        *,
        did_from: str = "request",
        inbound: frozenset[str] = frozenset(),
        outside: frozenset[str] = frozenset(),
    ) -> None:
        """``inbound``, ``outside``: uuids of legs known from before. ``did_from``: the part of the INVITE that names
        the number dialled, ``request`` or ``to``.
        """
        self._trunks = trunks
        self._did_header = DID_HEADERS[did_from]
        self._legs = Legs(trunks, inbound=inbound, outside=outside)

    def events(self, event: Event, at: dt.datetime) -> Sequence[ChannelEvent]:
        """The channel events of one event that came at ``at``, most often few.

        Raises NotUnderstood where a header is missing that the event must have.
        """
        name = event.get("Event-Name") or event.get("Content-Type", "")
        translate = _TRANSLATIONS.get(event.get("Event-Subclass", "") if name == "CUSTOM" else name)
        if translate is None:
            return ()
        try:
            return list(translate(self, event, at))
        except KeyError as error:
            raise NotUnderstood(f"{name} without {error}") from error

    # --- legs -----------------------------------------------------------------------------------------------------

    def _new_connection(self, _e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        """What happened before this greeting may not have been seen whole."""
        self._legs.seen_from_now_on()
        yield ev.LinkLost(at=at)

    def _create(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at, from_middle=False)
        self._legs[e["Unique-ID"]].created = True

    def _leg(self, e: Event, at: dt.datetime, *, from_middle: bool = True) -> Iterator[ChannelEvent]:
        """Whatever an event tells of its leg first: that it is there, and to whom it belongs."""
        leg, is_new = self._legs.get(e["Unique-ID"]), False
        if leg is None:
            leg, is_new = self._legs.add(e), True
            yield self._appeared(e, at, leg, from_middle=from_middle)
        for other in self._legs.related(e):
            for moved in self._legs.unite(leg, other):
                yield ev.ChannelMoved(at=at, channel=moved.uuid, group=moved.group)
        if leg.kind is ChannelKind.INBOUND and headers.is_withheld(e):
            yield ev.PrivacyTold(at=at, channel=leg.uuid, privacy=Privacy.WITHHELD)
        if is_new and leg.kind is ChannelKind.HALF:
            yield from self._half(e, at, leg)
        if is_new and not leg.called_us:
            yield from self._dialled(e, at, leg)

    def _appeared(self, e: Event, at: dt.datetime, leg: Leg, *, from_middle: bool) -> ev.ChannelAppeared:
        profile, context = headers.profile(e), e.get("Caller-Context", "")
        number, name, did = headers.rung(e), "", ""
        if leg.called_us:
            number, name = headers.caller(e), headers.one_line(e.get("Caller-Caller-ID-Name", ""))
        if leg.kind is ChannelKind.INBOUND:
            trunk = self._trunks.trunk(profile, context)
            number, did = trunk.number(number) if trunk else number, headers.did(e, self._did_header)
        elif leg.kind is ChannelKind.DEVICE:
            name = headers.one_line(e.get("variable_effective_caller_id_name", ""))
        return ev.ChannelAppeared(
            at=at,
            channel=leg.uuid,
            name=e.get("Channel-Name", ""),
            kind=leg.kind,
            group=leg.group,
            number=number,
            display_name="" if name == number else name,
            did=did,
            context=context,
            line=profile,
            begins_call=leg.called_us and leg.kind in (ChannelKind.INBOUND, ChannelKind.DEVICE),
            from_middle=from_middle,
            answered=e.get("Answer-State") == "answered",
            since=headers.moment(e, "Caller-Channel-Created-Time") if from_middle else None,
        )

    def _half(self, e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        other = self._legs.get(e.get("variable_other_loopback_leg_uuid", ""))
        if other is not None and not other.half:
            leg.half, other.half = other.uuid, leg.uuid
            yield ev.HalvesPaired(at=at, one=other.uuid, two=leg.uuid)
        if e.get("variable_loopback_app") == "voicemail":
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.VOICEMAIL)

    def _dialled(self, e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        if leg.kind is ChannelKind.HALF and e.get("variable_loopback_app"):
            return  # an application in a channel's clothes
        leg.by = headers.dialler(e)
        if (dialler := self._legs.get(leg.by)) is not None:
            dialler.dialled += 1
            dialler.rang_somebody = True
            if (queue := headers.queue(e, "variable_cc_queue")) and not dialler.waited:
                yield from self._waits(at, dialler, Stage.QUEUE, queue)
        yield ev.DialStarted(at=at, channel=leg.uuid, by=leg.by, number=e.get("Caller-Destination-Number", ""))

    def _answer(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        leg = self._legs[e["Unique-ID"]]
        yield from self._told_of_bridges(e, at, leg)
        if e.get("variable_current_application") == "voicemail" and leg.kind is ChannelKind.INBOUND:
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.VOICEMAIL)
        yield from self._answered(e, at, leg)

    def _answered(self, e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        if leg.answered:
            return
        leg.answered = True
        yield ev.ChannelAnswered(at=at, channel=leg.uuid)
        if e.get("variable_group_confirm_key"):
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.MENU)
        yield from self._entered(at, leg)

    def _hangup(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        leg = self._legs[e["Unique-ID"]]
        yield from self._what_was_missed(e, at, leg)
        if leg.kind is ChannelKind.INBOUND:
            yield from self._end_of_call(e, at, leg)
            result = DialResult.BUSY if headers.is_told_busy(e) else None
        else:
            yield from self._message(e, at, leg)
            if any(headers.number(e, f"Caller-Channel-Progress-{kind}Time") for kind in ("", "Media-")):
                yield ev.ChannelRinging(at=at, channel=leg.uuid)
            result = words.CAUSE.get(e.get("Hangup-Cause", ""))
        self._legs.remove(leg.uuid)
        yield ev.ChannelGone(at=at, channel=leg.uuid, result=result)

    # --- bridges --------------------------------------------------------------------------------------------------

    def _bridge(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        one, other = self._legs.get(e["Bridge-A-Unique-ID"]), self._legs.get(e["Bridge-B-Unique-ID"])
        if leg := self._legs.get(e["Unique-ID"]):
            yield from self._told_of_bridges(e, at, leg)
        if one and other:
            yield from self._joined(at, one, other)

    def _joined(self, at: dt.datetime, one: Leg, other: Leg) -> Iterator[ChannelEvent]:
        for leg, peer in ((one, other), (other, one)):
            leg.bridge, leg.in_bridge = f"{one.uuid}/{other.uuid}", False
            leg.peers.add(peer.uuid)
            if not leg.hears:
                yield ev.ChannelRinging(at=at, channel=leg.uuid)
            yield from self._entered(at, leg)

    def _entered(self, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        """A leg hears whom it is bridged to, once it has answered."""
        if not leg.bridge or not leg.hears or leg.in_bridge:
            return
        leg.in_bridge = leg.was_bridged = True
        yield from self._taken(at, leg)
        yield ev.BridgeEntered(at=at, channel=leg.uuid, bridge=leg.bridge)

    def _taken(self, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        """Whoever was rung there took the call."""
        if leg.kind in PERSONS and not leg.called_us and not leg.taken:
            leg.taken = True
            yield ev.DialEnded(at=at, channel=leg.uuid, by=leg.by, result=DialResult.ANSWERED)

    def _unbridge(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        bridge = f"{e['Bridge-A-Unique-ID']}/{e['Bridge-B-Unique-ID']}"
        for uuid in bridge.split("/"):
            leg = self._legs.get(uuid)
            if leg and leg.bridge == bridge:
                leg.bridge, leg.in_bridge = "", False
                yield ev.BridgeLeft(at=at, channel=uuid, bridge=bridge)

    def _what_was_missed(self, e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        """That a leg had answered and was bridged, where no event of its own told it in time."""
        if answered := headers.moment(e, "Caller-Channel-Answered-Time"):
            yield from self._answered(e, answered, leg)
        bridged = headers.moment(e, "Caller-Channel-Bridged-Time")
        peer = e.get("variable_last_bridge_to") or e.get("variable_bridge_uuid", "")
        if bridged and peer not in leg.peers and (known := self._legs.get(peer)):
            yield from self._joined(bridged, leg, known)
        if bridged and leg.answered:  # the caller's leg may be gone, the call not yet over
            yield from self._taken(bridged, leg)

    # --- what came of a bridge, and where the caller was ----------------------------------------------------------

    def _told_of_bridges(self, e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        """The caller's leg says what came of the last bridge that it asked for, also of one that rang nobody."""
        disposition = e.get("variable_originate_disposition", "")
        if leg.kind is not ChannelKind.INBOUND or disposition == leg.disposition:
            return
        leg.disposition = disposition
        result = words.CAUSE.get(disposition)
        if result is None or (result is DialResult.CANCELLED and disposition != "ORIGINATOR_CANCEL"):
            return
        if not leg.dialled:
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.DIAL)
        leg.dialled, leg.rang_somebody = 0, True
        yield ev.DialFinished(at=at, channel=leg.uuid, result=result)

    def _end_of_call(self, e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        yield from self._told_of_bridges(e, at, leg)
        if e.get("Hangup-Cause") == "ORIGINATOR_CANCEL" and leg.disposition != "ORIGINATOR_CANCEL":
            yield ev.DialFinished(at=at, channel=leg.uuid, result=DialResult.CANCELLED)
        why = words.QUEUE_EXIT.get(e.get("variable_cc_cancel_reason", ""))
        if why and not leg.waited:
            yield from self._waits(at, leg, Stage.QUEUE, headers.queue(e, "variable_cc_queue"))
        if why:
            yield from self._let_go(at, leg, why)
        if place := _last_place(e, leg):
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=place[0], where=place[1])
        if said := words.TEXTBACK.get(e.get("variable_textback", "").casefold()):
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=said)
        yield from self._message(e, at, leg)
        if e.get("variable_sip_hangup_disposition") in ("recv_bye", "recv_cancel"):
            yield ev.FarEndHungUp(at=at, channel=leg.uuid)

    def _message(self, e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
        """A message, in the words of the leg that left it."""
        if headers.left_a_message(e) and not leg.left_a_message:
            yield ev.MessageLeft(at=at, channel=leg.uuid)

    def _voicemail(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        leg = self._legs.get(e.get("Unique-ID", ""))
        if e.get("VM-Action") == "leave-message" and leg:
            leg.left_a_message = True
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.VOICEMAIL, where=e.get("VM-User", ""))
            yield ev.MessageLeft(at=at, channel=leg.uuid)

    def _callcenter(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        caller = self._legs.get(headers.queue_caller(e))
        if caller is None:
            return
        match e.get("CC-Action"):
            case "member-queue-start":
                yield from self._waits(at, caller, Stage.QUEUE, headers.queue(e, "CC-Queue"))
            case "member-queue-end" if why := words.QUEUE_EXIT.get(e.get("CC-Cancel-Reason", "")):
                yield from self._let_go(at, caller, why)

    def _fifo(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        if e.get("FIFO-Action") == "push" and (caller := self._legs.get(e.get("Unique-ID", ""))):
            yield from self._waits(at, caller, Stage.QUEUE, headers.queue(e, "FIFO-Name"))

    def _parked(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        if e.get("Action") == "hold" and (caller := self._legs.get(e.get("Unique-ID", ""))):
            yield from self._waits(at, caller, Stage.PARKED, e.get("Valet-Extension", ""))

    def _waits(self, at: dt.datetime, caller: Leg, stage: Stage, where: str) -> Iterator[ChannelEvent]:
        caller.waited, caller.let_go = True, False
        yield ev.StageEntered(at=at, channel=caller.uuid, stage=stage, where=where)

    def _let_go(self, at: dt.datetime, caller: Leg, why: QueueExit) -> Iterator[ChannelEvent]:
        if not caller.let_go:
            caller.let_go = True
            yield ev.QueueLeft(at=at, channel=caller.uuid, why=why)

    def _conference(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        leg = self._legs.get(e.get("Unique-ID", ""))
        if leg is None:
            return
        room = e.get("Conference-Name", "")
        match e.get("Action"):
            case "add-member":
                leg.bridge, leg.in_bridge = f"conference {room}", False
                yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.CONFERENCE, where=room)
                yield from self._entered(at, leg)
            case "del-member" if leg.bridge == f"conference {room}":
                leg.bridge, leg.in_bridge = "", False
                yield ev.BridgeLeft(at=at, channel=leg.uuid)

    # --- what is up already ---------------------------------------------------------------------------------------

    def _answer_to_us(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        """A list of the channels that are up; every other answer says nothing."""
        rows = freeswitch_snapshot.rows(e.get("_body", ""))
        if rows is None:
            return
        for row in rows:
            if row["Unique-ID"] not in self._legs.gone:
                yield from self._leg(row, at)
        for row in rows:
            leg, peer = self._legs.get(row["Unique-ID"]), self._legs.get(row.get("variable_bridge_uuid", ""))
            if leg and (place := freeswitch_snapshot.place(row)):
                yield ev.StageEntered(at=at, channel=leg.uuid, stage=place[0], where=place[1])
            if leg and peer:
                yield from self._joined(at, peer, leg)
        up = {row["Unique-ID"] for row in rows} | self._legs.created()
        self._legs.only(up)
        yield ev.SnapshotTaken(at=at, channels=frozenset(up))

    def _shutdown(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield ev.LinkLost(at=at)


_TRANSLATIONS: dict[str, Callable[[FreeSwitchTranslator, Event, dt.datetime], Iterator[ChannelEvent]]] = {
    "CHANNEL_CREATE": FreeSwitchTranslator._create,
    "CHANNEL_ANSWER": FreeSwitchTranslator._answer,
    "CHANNEL_BRIDGE": FreeSwitchTranslator._bridge,
    "CHANNEL_UNBRIDGE": FreeSwitchTranslator._unbridge,
    "CHANNEL_HANGUP_COMPLETE": FreeSwitchTranslator._hangup,
    "SHUTDOWN": FreeSwitchTranslator._shutdown,
    "auth/request": FreeSwitchTranslator._new_connection,
    "api/response": FreeSwitchTranslator._answer_to_us,
    "vm::maintenance": FreeSwitchTranslator._voicemail,
    "callcenter::info": FreeSwitchTranslator._callcenter,
    "fifo::info": FreeSwitchTranslator._fifo,
    "valet_parking::info": FreeSwitchTranslator._parked,
    "conference::maintenance": FreeSwitchTranslator._conference,
}


def _last_place(e: Event, leg: Leg) -> tuple[Stage, str] | None:
    """Where the caller was at the end, as far as only the end of the leg tells it."""
    if place := headers.last_voicemail(e) or headers.last_menu(e):
        return place
    if leg.waited or leg.was_bridged:
        return None
    return headers.last_wait(e) or (None if leg.rang_somebody else headers.last_heard(e))
