"""FreeSWITCH's events in our words. No I/O; events of one Event Socket in, channel events out.

Events come in nearly any order, and the end of a leg repeats all that it went through: what was missed is told then.
What it takes to read them was bought with recorded calls, whose names stand where they taught us.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, Privacy, Stage
from textbackd.pbx import freeswitch_bridges as bridges
from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx import freeswitch_places as places
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
        if name == "CUSTOM":
            of_module = _OF_MODULES.get(event.get("Event-Subclass", ""))
            return list(of_module(event, at, self._legs)) if of_module else ()
        translate = _TRANSLATIONS.get(name)
        if translate is None or event.get("Unique-ID", "") in self._legs.gone:
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

    def restarted(self, at: dt.datetime) -> Sequence[ChannelEvent]:
        """Another FreeSWITCH answers: up is only what it made itself."""
        up = self._legs.created()
        self._legs.only(up)
        return [ev.SnapshotTaken(at=at, channels=frozenset(up))]

    def _create(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at, from_middle=False)
        self._legs[e["Unique-ID"]].created = True

    def _leg(self, e: Event, at: dt.datetime, *, from_middle: bool = True) -> Iterator[ChannelEvent]:
        """Whatever an event tells of its leg first: that it is there, and to whom it belongs."""
        known = self._legs.get(e["Unique-ID"])
        leg, is_new = known or self._legs.add(e), known is None
        leg.withheld = leg.withheld or headers.is_withheld(e)
        if is_new:
            yield self._appeared(e, at, leg, from_middle=from_middle)
        for other in self._legs.related(e):
            for moved in self._legs.unite(leg, other):
                yield ev.ChannelMoved(at=at, channel=moved.uuid, group=moved.group)
        if leg.kind is ChannelKind.INBOUND and leg.withheld:
            yield ev.PrivacyTold(at=at, channel=leg.uuid, privacy=Privacy.WITHHELD)
        if leg.kind is ChannelKind.INBOUND and headers.is_refuted(e):
            yield ev.CallerIdRefuted(at=at, channel=leg.uuid)
        if is_new and leg.kind is ChannelKind.HALF:
            yield from self._half(e, at, leg)
        if is_new and not leg.called_us:
            yield from places.rung(e, at, leg, self._legs)

    def _appeared(self, e: Event, at: dt.datetime, leg: Leg, *, from_middle: bool) -> ev.ChannelAppeared:
        profile, context = headers.profile(e), e.get("Caller-Context", "")
        number, name, did = headers.rung(e), "", ""
        if leg.kind is ChannelKind.INBOUND:
            number, name, did = "anonymous", "", headers.did(e, self._did_header)
            if not leg.withheld:
                trunk, shown = self._trunks.trunk(profile, context), headers.as_shown(e)
                number = trunk.number(shown) if trunk else shown
                name = headers.one_line(e.get("Caller-Caller-ID-Name", ""))
        elif leg.kind is ChannelKind.DEVICE:
            number = headers.as_shown(e) if leg.called_us else number
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

    def _answer(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        leg = self._legs[e["Unique-ID"]]
        yield from places.came_of_dialling(e, at, leg)
        if e.get("variable_current_application") == "voicemail" and leg.kind is ChannelKind.INBOUND:
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.VOICEMAIL)
        yield from bridges.answered(e, at, leg)

    def _bridge(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        yield from places.came_of_dialling(e, at, self._legs[e["Unique-ID"]])
        yield from bridges.bridged(e, at, self._legs)

    def _unbridge(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        yield from bridges.parted(e, at, self._legs)

    def _hangup(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        yield from self._leg(e, at)
        leg = self._legs[e["Unique-ID"]]
        yield from bridges.missed(e, at, leg, self._legs)
        if leg.kind is ChannelKind.INBOUND:
            yield from places.end_of_call(e, at, leg)
            result = DialResult.BUSY if headers.is_told_busy(e) else None
        else:
            yield from places.message(e, at, leg)
            if any(headers.number(e, f"Caller-Channel-Progress-{kind}Time") for kind in ("", "Media-")):
                yield ev.ChannelRinging(at=at, channel=leg.uuid)
            result = words.result_of(e.get("Hangup-Cause", ""))
        self._legs.remove(leg.uuid)
        yield ev.ChannelGone(at=at, channel=leg.uuid, result=result)

    # --- what is up already ---------------------------------------------------------------------------------------

    def _answer_to_us(self, e: Event, at: dt.datetime) -> Iterator[ChannelEvent]:
        """A list of the channels that are up; every other answer says nothing."""
        rows = freeswitch_snapshot.rows(e.get("_body", ""))
        if rows is None:
            return
        for row in rows:
            if row["Unique-ID"] in self._legs.gone:
                continue
            if known := self._legs.get(row["Unique-ID"]):  # what was told of it may have been dropped
                yield dataclasses.replace(self._appeared(row, at, known, from_middle=True), begins_call=False)
            yield from self._leg(row, at)
        listed = [(leg, row) for row in rows if (leg := self._legs.get(row["Unique-ID"]))]
        for leg, row in listed:
            if row["Answer-State"] == "answered":
                yield from bridges.answered(row, at, leg)
            if peer := self._legs.get(row.get("variable_bridge_uuid", "")):
                yield from bridges.joined(at, peer, leg)
        for leg, row in listed:
            # The application of a caller who talks is the one that led there.
            if not leg.in_bridge and (place := freeswitch_snapshot.place(row)):
                yield ev.StageEntered(at=at, channel=leg.uuid, stage=place[0], where=place[1])
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
}
_OF_MODULES: dict[str, Callable[[Event, dt.datetime, Legs], Iterator[ChannelEvent]]] = {
    "vm::maintenance": places.voicemail,
    "callcenter::info": places.callcenter,
    "fifo::info": places.fifo,
    "valet_parking::info": places.parked,
    "conference::maintenance": places.conference,
}
"""By ``Event-Subclass``."""
