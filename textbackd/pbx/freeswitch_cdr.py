"""FreeSWITCH's call detail records as calls.

The lines of ``TEMPLATE`` are read as the events of which they are the rest, by the translator and the tracker that read
the events: a call comes out as if it had been watched, where the file has both legs of it (``legs=ab``). The context
alone is the last one, not the first: a trunk that is known by its context only misses what the dialplan sends on.

``example`` tells neither who rang whom, nor where a caller was, nor whether the number was withheld. There

* a call is inbound if it *ended* in a trunk's context: one that the dialplan sent on to another is not found;
* it was answered if the caller's leg was and one that it was bridged to; with ``legs=a`` the second is a guess, and
  voicemail behind a loopback counts as a person with either;
* whoever else was answered is taken to have met voicemail, since it may have been a menu, a queue or a notice as well.

Measured on the 37 calls of the recorded streams, as a template with ``legs`` writes them: outcomes that are right, and
whether a person answered: ``TEMPLATE`` with ``ab`` 37 and 37, with ``a`` 33 and 35; ``example`` with ``ab`` 26 and 36,
with ``a``, as it is shipped, 25 and 36. Of ``example``, three calls are among the wrong ones that were sent on.
"""

import dataclasses
import datetime as dt
import itertools
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Sequence

from textbackd.core import phone_numbers
from textbackd.core.call_records import Ended, EndedCall
from textbackd.core.calls import CallTracker
from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx.cdr_call import CdrCall
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_cdr_file import FIRST_HEADERS, SECOND, LegRow, Stamps
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.trunks import Trunks

_TOGETHER = dt.timedelta(minutes=5)
"""Legs that end together are written together; one that goes on without its caller tells nothing of the call."""
_REMEMBERED = dt.timedelta(days=1)
"""How long a leg is known that may be of a call which is not over."""

_ENDS = ("Hangup-Cause", "Caller-Channel-Hangup-Time")
_LINKS = (
    *("variable_originator", "variable_originating_leg_uuid", "variable_signal_bond", "variable_bridge_uuid"),
    *("variable_last_bridge_to", "variable_other_loopback_leg_uuid", "variable_other_loopback_from_uuid"),
    *("variable_cc_member_session_uuid", "variable_fifo_bridge_uuid", "Other-Leg-Unique-ID"),
)
"""Other legs of the same call."""


class Book:
    """The legs of the last day: those of one call are not written together."""

    def __init__(self, trunks: Trunks, zone: zoneinfo.ZoneInfo, did_from: str, left_out: Counter[str]) -> None:
        """``left_out`` counts the calls that are none from outside, by their profile or context."""
        self._trunks = trunks
        self._zone = zone
        self._did_from = did_from
        self._left_out = left_out
        self._legs: dict[str, Event] = {}
        self._linked: dict[str, set[str]] = {}
        """What a leg names, and what names it."""
        self._callers: dict[str, None] = {}
        """Legs that may have begun a call which is not told yet."""
        self._swept = dt.datetime.min.replace(tzinfo=dt.UTC)

    def take(self, row: LegRow) -> Iterator[CdrCall]:
        """Add a leg: the calls that are complete by now."""
        leg = row.leg if row.stamps is None else row.leg | _times(row.stamps, self._zone)
        uuid, ended_at = leg["Unique-ID"], _ended(leg)
        if uuid in self._legs:  # files that overlap were joined
            return
        self._legs[uuid] = leg
        for other in _links(leg):
            self._linked.setdefault(uuid, set()).add(other)
            self._linked.setdefault(other, set()).add(uuid)
        if leg.get("Call-Direction", "inbound") == "inbound" and not headers.is_loopback(leg):
            self._callers[uuid] = None
        if abs(ended_at - self._swept) > _TOGETHER:
            self._swept = ended_at
            yield from self._sweep(ended_at - _TOGETHER)
            self._forget(ended_at - _REMEMBERED)

    def close(self) -> Iterator[CdrCall]:
        """No leg will come: the rest."""
        yield from self._sweep(dt.datetime.max.replace(tzinfo=dt.UTC))

    def _sweep(self, before: dt.datetime) -> Iterator[CdrCall]:
        done = [uuid for uuid in self._callers if _ended(self._legs[uuid]) < before]
        for uuid in sorted(done, key=lambda uuid: _ended(self._legs[uuid])):
            del self._callers[uuid]
            yield from self._call(self._legs[uuid])

    def _forget(self, before: dt.datetime) -> None:
        # Lines come nearly in the order of the ends, so the oldest are the first.
        for uuid in list(itertools.takewhile(lambda uuid: _ended(self._legs[uuid]) < before, self._legs)):
            del self._legs[uuid]
            for other in self._linked.pop(uuid, ()):
                others = self._linked.get(other, set())
                others.discard(uuid)
                if not others:
                    self._linked.pop(other, None)

    # --- one call -------------------------------------------------------------------------------------------------

    def _call(self, first: Event) -> Iterator[CdrCall]:
        others, stamped = self._others(first), _is_stamped(first)
        if stamped:
            if any(_is_of_call(first, of=leg) and _rank(leg) < _rank(first) for leg in others):
                return
            others = [_as_dialled(leg, first) for leg in others if _is_of_call(leg, of=first)]
            first = _as_callers(first, others)
        guessed = _guessed(first, others)
        record = self._watched(first["Unique-ID"], [first, *others, *guessed])
        if record is None:
            self._left_out[headers.profile(first) or first["Caller-Context"]] += 1
            return
        rang = bool(first.get("variable_originate_disposition"))
        yield CdrCall(
            record=dataclasses.replace(record, privacy_unknown=stamped),
            ring_seconds=record.ring_seconds if others or not (rang or stamped) else None,
            wait_seconds=record.wait_seconds if not guessed else None,
        )

    def _others(self, first: Event) -> Sequence[Event]:
        """Every leg that is linked with the caller's, however far."""
        found, ahead = {first["Unique-ID"]}, [first["Unique-ID"]]
        while ahead:
            near = self._linked.get(ahead.pop(), set()) - found
            found |= near
            ahead += near
        legs = [leg for uuid in sorted(found - {first["Unique-ID"]}) if (leg := self._legs.get(uuid))]
        return [leg for leg in legs if _is_stamped(leg) == _is_stamped(first)]  # the template may have been changed

    def _watched(self, call_id: str, legs: Sequence[Event]) -> EndedCall | None:
        """What a watcher would have made of the caller's leg; None where it is not from outside."""
        translator, tracker = FreeSwitchTranslator(self._trunks, did_from=self._did_from), CallTracker()
        happened = sorted((event for leg in legs for event in _events(leg)), key=lambda event: event[:3])
        ended: list[Ended] = []
        for at, _phase, _is_rung, event in happened:
            ended += tracker.expire(at)
            for told in translator.events(event, at):
                ended += tracker.receive(told)
        ended += tracker.cut_off(happened[-1][0])
        return next((call for call in ended if isinstance(call, EndedCall) and call.call_id == call_id), None)


def _is_stamped(leg: Event) -> bool:
    """Whether it is of ``example``."""
    return "Call-Direction" not in leg


def _began(leg: Event) -> dt.datetime:
    return _at(leg, "Caller-Channel-Created-Time")


def _ended(leg: Event) -> dt.datetime:
    return _at(leg, "Caller-Channel-Hangup-Time")


def _at(leg: Event, header: str) -> dt.datetime:
    moment = headers.moment(leg, header)
    assert moment is not None, header
    return moment


def _links(leg: Event) -> Iterator[str]:
    yield from (other for header in _LINKS if (other := leg.get(header)))
    number = leg["Caller-Orig-Caller-ID-Number"]
    if _is_stamped(leg) and not phone_numbers.is_withheld(number):
        yield f"calls of {number}"


def _events(leg: Event) -> Iterator[tuple[dt.datetime, int, bool, Event]]:
    """What the Event Socket told of a leg, with what puts it in order: when, what first, the caller's first."""
    known, is_rung = {h: leg[h] for h in FIRST_HEADERS if h in leg}, leg["Call-Direction"] != "inbound"
    yield _began(leg), 0, is_rung, known | {"Event-Name": "CHANNEL_CREATE"}
    if answered_at := headers.moment(leg, "Caller-Channel-Answered-Time"):
        yield answered_at, 1, is_rung, known | {"Event-Name": "CHANNEL_ANSWER"}
    bridged_at, peer = headers.moment(leg, "Caller-Channel-Bridged-Time"), _peer(leg)
    if bridged_at and peer:
        one, other = sorted((leg["Unique-ID"], peer))
        bridge = {"Event-Name": "CHANNEL_BRIDGE", "Bridge-A-Unique-ID": one, "Bridge-B-Unique-ID": other}
        yield bridged_at, 2, is_rung, known | bridge
    yield _ended(leg), 3, is_rung, leg | {"Event-Name": "CHANNEL_HANGUP_COMPLETE"}


def _peer(leg: Event) -> str:
    return leg.get("variable_last_bridge_to") or leg.get("variable_bridge_uuid", "")


def _is_answered(leg: Event) -> bool:
    return headers.number(leg, "Caller-Channel-Answered-Time") > 0


def _guessed(first: Event, others: Sequence[Event]) -> Sequence[Event]:
    """The leg that the caller's was bridged to, where the file has first legs only: taken for a phone."""
    peer, bridged_at = _peer(first), headers.number(first, "Caller-Channel-Bridged-Time")
    if not peer or not bridged_at or any(leg["Unique-ID"] == peer for leg in others):
        return ()
    leg = {header: first[header] for header in ("Caller-Destination-Number", *_ENDS)} | {
        "Unique-ID": peer,
        "Caller-Channel-Created-Time": str(bridged_at),
        "Caller-Channel-Answered-Time": str(bridged_at if _is_answered(first) else 0),
    }
    return (_as_dialled(leg, first),)


# --- what example does not tell -----------------------------------------------------------------------------------


def _is_of_call(leg: Event, *, of: Event) -> bool:
    """Whether a leg may be one of the call that another began."""
    same = (
        leg["Unique-ID"] == of["Other-Leg-Unique-ID"]
        or leg["Caller-Orig-Caller-ID-Number"] == of["Caller-Orig-Caller-ID-Number"]
    )
    return same and _began(of) <= _began(leg) <= _ended(of)


def _rank(leg: Event) -> tuple[dt.datetime, bool, int, str]:
    """Which of the legs of a call is the caller's own: the first, that asked for others, by a DID."""
    return _began(leg), not leg["Other-Leg-Unique-ID"], -len(leg["Caller-Destination-Number"]), leg["Unique-ID"]


def _as_dialled(leg: Event, first: Event) -> Event:
    dialled = {
        "Call-Direction": "outbound",
        "variable_originator": first["Unique-ID"],
        "variable_sofia_profile_name": "unknown",  # so it is no trunk's
    }
    if _is_answered(leg):
        at = leg["Caller-Channel-Answered-Time"]
        dialled |= {"variable_bridge_uuid": first["Unique-ID"], "Caller-Channel-Bridged-Time": at}
    return leg | dialled


def _as_callers(first: Event, others: Sequence[Event]) -> Event:
    told = first | {"Call-Direction": "inbound"}
    if not _is_answered(first):
        return told | {"variable_originate_disposition": first["Hangup-Cause"]}
    if any(map(_is_answered, others)):
        return told
    rung = first["Other-Leg-Unique-ID"]
    if rung and all(leg["Unique-ID"] != rung for leg in others):
        at = first["Caller-Channel-Answered-Time"]
        return told | {"variable_bridge_uuid": rung, "Caller-Channel-Bridged-Time": at}
    return told | {"variable_last_app": "voicemail"}


def _times(stamps: Stamps, zone: zoneinfo.ZoneInfo) -> Event:
    began = int(stamps.started_at.replace(tzinfo=zone).timestamp())
    ended = began + stamps.seconds
    answered = 0 if stamps.answered_seconds is None else ended - stamps.answered_seconds
    times = {"Created": began, "Answered": answered, "Hangup": ended}
    return {f"Caller-Channel-{name}-Time": str(time * SECOND) for name, time in times.items()}
