"""Where in a FreeSWITCH a caller is, and what came of the dialling.

The caller's leg says at its end what no event said before: the application that it was in, and what came of a bridge
that rang nobody. Its own hang-up cause says little (``group_all_busy`` ends with NO_ANSWER).
"""

import datetime as dt
from collections.abc import Iterator

from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, QueueExit, Stage
from textbackd.pbx import freeswitch_bridges as bridges
from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_legs import Leg, Legs

# --- dialling ---------------------------------------------------------------------------------------------------------


def rung(e: Event, at: dt.datetime, leg: Leg, legs: Legs) -> Iterator[ChannelEvent]:
    """A leg was made by which somebody is rung."""
    if leg.kind is ChannelKind.HALF and e.get("variable_loopback_app"):
        return  # an application in a channel's clothes
    leg.by, queue = headers.dialler(e), headers.queue_that_rings(e)
    leg.by_queue = bool(queue)
    if (dialler := legs.get(leg.by)) is not None:
        dialler.dialled += 1
        dialler.rang_somebody = True
        if queue and not dialler.waited:
            yield from _waits(at, dialler, Stage.QUEUE, queue)
    yield ev.DialStarted(at=at, channel=leg.uuid, by=leg.by, number=e.get("Caller-Destination-Number", ""))


def came_of_dialling(e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
    """The caller's leg says what came of the last bridge that it asked for, also of one that rang nobody."""
    disposition = headers.disposition(e)
    if leg.kind is not ChannelKind.INBOUND or disposition == leg.disposition:
        return
    leg.disposition = disposition
    result = words.result_of(disposition)
    if result is None or (result is DialResult.CANCELLED and disposition != "ORIGINATOR_CANCEL"):
        return
    if not leg.dialled:
        yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.DIAL)
    leg.dialled, leg.rang_somebody = 0, True
    yield ev.DialFinished(at=at, channel=leg.uuid, result=result)


# --- the end of a leg -------------------------------------------------------------------------------------------------


def end_of_call(e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
    """All that the end of the caller's leg tells for the first time."""
    yield from came_of_dialling(e, at, leg)
    if e.get("Hangup-Cause") == "ORIGINATOR_CANCEL" and leg.disposition != "ORIGINATOR_CANCEL":
        yield ev.DialFinished(at=at, channel=leg.uuid, result=DialResult.CANCELLED)
    if leg.was_bridged and headers.sent_on(e):
        yield ev.SentOn(at=at, channel=leg.uuid)
        if e.get("Hangup-Cause") == "NO_ROUTE_DESTINATION":
            yield ev.DialFinished(at=at, channel=leg.uuid, result=DialResult.UNAVAILABLE)
    if why := headers.queue_exit(e):
        # A phone that was rung in vain at the end came after the queue.
        if not leg.waited and e.get("variable_last_app") != "bridge":
            yield from _waits(at, leg, Stage.QUEUE, headers.queue(e, "variable_cc_queue"))
        yield from _let_go(at, leg, why)
    for stage, where in _last_places(e, leg):
        yield ev.StageEntered(at=at, channel=leg.uuid, stage=stage, where=where)
    if said := words.TEXTBACK.get(headers.what_the_dialplan_says(e)):
        yield ev.StageEntered(at=at, channel=leg.uuid, stage=said)
    yield from message(e, at, leg)
    if e.get("variable_sip_hangup_disposition") in ("recv_bye", "recv_cancel"):
        yield ev.FarEndHungUp(at=at, channel=leg.uuid)


def message(e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
    """A voicemail message, in the words of the leg that left it."""
    if headers.left_a_message(e) and not leg.left_a_message:
        yield ev.MessageLeft(at=at, channel=leg.uuid)


def _last_places(e: Event, leg: Leg) -> Iterator[headers.Place]:
    """Where the caller was at the end, as far as only the end of the leg tells it."""
    if place := headers.last_voicemail(e) or headers.last_menu(e):
        yield place
    elif leg.waited or headers.was_bridged_there(e):
        return
    elif place := headers.last_wait(e):
        yield place
    elif not leg.rang_somebody:
        yield from headers.last_heard(e)


# --- what FreeSWITCH's modules tell -----------------------------------------------------------------------------------


def voicemail(e: Event, at: dt.datetime, legs: Legs) -> Iterator[ChannelEvent]:
    """mod_voicemail stored a message, told by the leg that left it."""
    leg = legs.get(e.get("Unique-ID", ""))
    if e.get("VM-Action") == "leave-message" and leg:
        leg.left_a_message = True
        yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.VOICEMAIL, where=e.get("VM-User", ""))
        yield ev.MessageLeft(at=at, channel=leg.uuid)


def callcenter(e: Event, at: dt.datetime, legs: Legs) -> Iterator[ChannelEvent]:
    """mod_callcenter took a caller into a queue, or let go of one."""
    caller = legs.get(headers.queue_caller(e))
    if caller is None:
        return
    match e.get("CC-Action"):
        case "member-queue-start":
            yield from _waits(at, caller, Stage.QUEUE, headers.queue(e, "CC-Queue"))
        case "member-queue-end" if why := words.QUEUE_EXIT.get(e.get("CC-Cancel-Reason", "")):
            yield from _let_go(at, caller, why)


def fifo(e: Event, at: dt.datetime, legs: Legs) -> Iterator[ChannelEvent]:
    """The same by mod_fifo, whose ``abort`` is a caller who gave up."""
    caller = legs.get(e.get("Unique-ID", ""))
    if caller is None:
        return
    match e.get("FIFO-Action"):
        case "push":
            yield from _waits(at, caller, Stage.QUEUE, headers.queue(e, "FIFO-Name"))
        case "timeout":
            yield from _let_go(at, caller, QueueExit.TIMEOUT)


def parked(e: Event, at: dt.datetime, legs: Legs) -> Iterator[ChannelEvent]:
    """mod_valet_parking put a caller into a slot."""
    if e.get("Action") == "hold" and (caller := legs.get(e.get("Unique-ID", ""))):
        yield from _waits(at, caller, Stage.PARKED, e.get("Valet-Extension", ""))


def conference(e: Event, at: dt.datetime, legs: Legs) -> Iterator[ChannelEvent]:
    """A leg came into a room of mod_conference, or left it."""
    leg = legs.get(e.get("Unique-ID", ""))
    if leg is None:
        return
    room = e.get("Conference-Name", "")
    match e.get("Action"):
        case "add-member":
            leg.bridge, leg.in_bridge = f"conference {room}", False
            yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.CONFERENCE, where=room)
            yield from bridges.entered(at, leg)
        case "del-member" if leg.bridge == f"conference {room}":
            leg.bridge, leg.in_bridge = "", False
            yield ev.BridgeLeft(at=at, channel=leg.uuid)


def _waits(at: dt.datetime, caller: Leg, stage: Stage, where: str) -> Iterator[ChannelEvent]:
    caller.waited, caller.let_go = True, False
    yield ev.StageEntered(at=at, channel=caller.uuid, stage=stage, where=where)


def _let_go(at: dt.datetime, caller: Leg, why: QueueExit) -> Iterator[ChannelEvent]:
    if not caller.let_go:
        caller.let_go = True
        yield ev.QueueLeft(at=at, channel=caller.uuid, why=why)
