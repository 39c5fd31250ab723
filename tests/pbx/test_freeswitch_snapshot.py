"""Who is up when textbackd connects: a list of channels, merged with events that come before, with and after it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.builders import spoke_with
from tests.pbx import replay, switch
from tests.pbx.replay import FREESWITCH
from tests.pbx.switch import CALLER, DID, GREETING, Headers, Leg, Switch, answer
from textbackd.core.channel_events import SnapshotTaken
from textbackd.core.outcomes import Call, Outcome
from textbackd.pbx import freeswitch_snapshot
from textbackd.pbx.trace import EventSocketTrace, Trace

LISTED = (FREESWITCH / "show-channels.json").read_bytes()
LATE = FREESWITCH / "late-subscriber.esl.gz"


def row(leg: Leg, **values: str) -> dict[str, str]:
    """A leg as the list has it."""
    answered = leg.headers["Answer-State"] == "answered"
    listed = {
        "uuid": leg.uuid,
        "direction": leg.headers["Call-Direction"],
        "created_epoch": leg.times["Created"][:-6],
        "name": leg.headers["Channel-Name"],
        "state": "CS_EXECUTE",
        "callstate": "ACTIVE" if answered else "RINGING",
        "initial_cid_num": leg.headers["Caller-Orig-Caller-ID-Number"],
        "initial_dest": leg.headers["Caller-Destination-Number"],
        "initial_context": leg.headers["Caller-Context"],
        "call_uuid": leg.uuid,
    }
    return listed | values


def of(*rows: Mapping[str, Any]) -> bytes:
    """A list of channels; FreeSWITCH leaves ``rows`` out where there are none."""
    return answer(json.dumps({"row_count": len(rows)} | ({"rows": rows} if rows else {})).encode())


def events(told: Iterable[Headers]) -> bytes:
    return switch.as_json(told).removeprefix(GREETING)


def calls(*parts: bytes) -> list[Call]:
    return replay.freeswitch_calls(EventSocketTrace(Path("built.esl"), b"".join(parts)))


def the_call(*parts: bytes) -> Call:
    (call,) = calls(*parts)
    return call


def up(data: bytes) -> frozenset[str]:
    """The legs that are up, says the snapshot."""
    *_, snapshot = replay.freeswitch_events(EventSocketTrace(Path("built.esl"), GREETING + data))
    assert isinstance(snapshot, SnapshotTaken)
    return snapshot.channels


def test_five_calls_of_which_only_the_ends_were_seen() -> None:
    """No verdict is a guess: all of them are unknown."""
    found = replay.freeswitch_calls(Trace.read(LATE))

    assert [Outcome.UNKNOWN] * 5 == [call.outcome for call in found]
    assert {f"+1555111000{i}" for i in range(1, 6)} == {call.record.caller for call in found}


def test_five_calls_that_a_list_tells_of_and_whose_ends_were_seen() -> None:
    """Of the one that talks the list knows with whom."""
    after_login = b"".join(as_sent(LATE))
    found = calls(GREETING, answer(LISTED), after_login)

    assert {
        ("+15551110001", "5550104", "answered"),
        ("+15551110002", "5550100", "unknown"),
        ("+15551110003", "5550106", "unknown"),
        ("+15551110004", "5550112", "unknown"),
        ("+15551110005", "5550107", "unknown"),
    } == {(call.record.caller, call.record.did, call.outcome.value) for call in found}


def as_sent(path: Path) -> list[bytes]:
    """The messages of a stream behind its greeting."""
    trace = Trace.read(path)
    assert isinstance(trace, EventSocketTrace)
    return [
        b"Content-Length: %d\nContent-Type: %s\n\n" % (len(m.body), m.content_type.encode()) + m.body
        for _at, m in trace.framed()
        if m.content_type == "text/event-json"
    ]


def test_a_list_of_nothing_ends_what_was_known() -> None:
    """The PBX was started anew: the call ended unseen."""
    fs = Switch()
    fs.call()

    assert the_call(switch.as_json(fs.events), GREETING, of()).outcome is Outcome.UNKNOWN


def test_what_was_made_while_the_list_was_asked_for_is_up() -> None:
    """Subscribed first, then asked: the list may lag behind the events."""
    fs = Switch()
    caller = fs.call()
    told = len(fs.events)
    phone = fs.rings(caller, "101")
    fs.progresses(phone)
    fs.hang_up(phone, "NO_ANSWER")
    fs.hang_up(caller, originate_disposition="NO_ANSWER")

    call = the_call(GREETING, events(fs.events[:told]), of(), events(fs.events[told:]))

    assert (Outcome.NO_ANSWER, True) == (call.outcome, call.record.seen_whole)


def test_what_has_gone_while_the_list_was_asked_for_is_gone() -> None:
    """A list that lags behind opens no call anew."""
    fs = Switch()
    caller = fs.call()
    fs.hang_up(caller, "NO_ROUTE_DESTINATION")

    assert the_call(GREETING, events(fs.events), of(row(caller))).outcome is Outcome.NOT_OFFERED


def test_a_link_that_was_lost_in_a_talk() -> None:
    """The same talk goes on: answered, though not all of it was seen."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "callcenter", "support@default")
    phone = fs.rings(None, "101", cc_queue="support@default", cc_member_session_uuid=caller.uuid)
    fs.answers(phone)
    fs.bridge(caller, phone)
    told = len(fs.events)
    listed = of(
        row(caller, application="callcenter", application_data="support@default"),
        row(phone, state="CS_EXCHANGE_MEDIA", call_uuid=caller.uuid),
    )
    fs.ends(caller, phone)

    call = the_call(GREETING, events(fs.events[:told]), GREETING, listed, events(fs.events[told:]))

    assert (Outcome.ANSWERED, ("101",)) == (call.outcome, spoke_with(call.record))


def test_a_mobile_that_is_asked_talks_with_nobody() -> None:
    """It has answered, and exchanges no media with the caller yet."""
    fs = Switch()
    caller = fs.call()
    mobile = fs.rings_outside(caller, "15557770001")
    fs.answers(mobile)
    told = len(fs.events)
    listed = of(row(caller, application="bridge"), row(mobile, state="CS_SOFT_EXECUTE", call_uuid=caller.uuid))
    fs.hang_up(mobile)
    fs.hang_up(caller, originate_disposition="NO_ANSWER")

    assert the_call(GREETING, listed, events(fs.events[told:])).outcome is Outcome.UNKNOWN


def test_who_was_transferred_is_told_by_the_first_context() -> None:
    """A caller is a caller, and a phone a phone, wherever they are now."""
    fs = Switch()
    caller, phone = fs.call(), fs.phone_calls("101", "600")
    listed = of(row(caller, context="default", dest="101"), row(phone, context="public", dest="600"))

    assert [(CALLER, DID)] == [(call.record.caller, call.record.did) for call in calls(GREETING, listed)]


@pytest.mark.parametrize("known_by", ["profile", "fusionpbx", "number"])
def test_a_caller_first_seen_after_a_transfer(known_by: str) -> None:
    """The context is no trunk's any more; the call makes a lead all the same."""
    fs = Switch()
    if known_by == "profile":
        fs.hang_up(fs.call("102", profile="carrier"), "NO_ROUTE_DESTINATION")
    told = len(fs.events)
    variables = {"call_direction": "inbound"} if known_by == "fusionpbx" else {}
    caller = fs.call(CALLER if known_by == "number" else "102", profile="carrier", **variables)
    del fs.events[told]
    fs.transfer(caller, "101")
    fs.hang_up(caller, originate_disposition="NO_ANSWER")

    *_, call = calls(switch.as_json(fs.events))

    assert (caller.uuid, Outcome.UNKNOWN) == (call.record.call_id, call.outcome)


def test_a_phone_first_seen_in_a_call_is_no_caller() -> None:
    """A user of the directory, however long the number it shows."""
    fs = Switch()
    phone = fs.phone_calls("101", "600")
    phone.headers["Caller-Caller-ID-Number"] = phone.headers["Caller-Orig-Caller-ID-Number"] = CALLER
    del fs.events[:]
    fs.hang_up(phone)

    assert [] == calls(switch.as_json(fs.events))


ODD = ["", "-ERR permission denied", "[]", "null", '"x"', "{}", '{"row_count": 1, "rows": 5}', "[" * 100_000]


@pytest.mark.parametrize("body", ODD, ids=lambda body: body[:30])
def test_an_answer_that_is_no_list_says_nothing(body: str) -> None:
    """Of any other command, or of one that was refused."""
    assert freeswitch_snapshot.rows(body) is None


@pytest.mark.parametrize("value", [None, 7, -1.5, [], {}, ["a"], "\ud800", "9" * 30, True])
@pytest.mark.parametrize(
    "column", ["direction", "name", "created_epoch", "callstate", "state", "call_uuid", "application"]
)
def test_an_odd_row_does_not_cost_the_list(column: str, value: Any) -> None:
    """All that is known of what is up hangs on it."""
    fs = Switch()
    odd, good = fs.call(), fs.call()
    listed = of(row(odd) | {column: value}, row(good), {"uuid": None}, {})

    assert {odd.uuid, good.uuid} == up(listed)
