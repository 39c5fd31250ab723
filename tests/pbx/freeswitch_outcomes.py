"""What comes out of all that a FreeSWITCH told: the calls, and what is said of them."""

from pathlib import Path

from tests.pbx import replay, switch
from tests.pbx.switch import Switch
from textbackd.core.call_records import EndedCall, OutsideCall
from textbackd.core.outcomes import Call, Outcome
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trace import EventSocketTrace
from textbackd.pbx.trunks import Trunks


def stream(data: bytes) -> EventSocketTrace:
    return EventSocketTrace(Path("built.esl"), data)


def calls(told: Switch, trunks: Trunks = VANILLA, did_from: str = "request") -> list[Call]:
    """The calls; in JSON and in plain text they are the same."""
    plain = replay.freeswitch_calls(stream(switch.as_plain(told.events)), trunks, did_from)
    assert plain == replay.freeswitch_calls(stream(switch.as_json(told.events)), trunks, did_from)
    return plain


def the_call(told: Switch, trunks: Trunks = VANILLA, did_from: str = "request") -> Call:
    (call,) = calls(told, trunks, did_from)
    return call


def outcome(told: Switch) -> Outcome:
    """That of the only call, which the least subscription tells just as well."""
    found = the_call(told).outcome
    assert found is outcome_from_the_least(told)
    return found


def outcome_from_the_least(told: Switch) -> Outcome:
    """To an account that may have no more than the least subscription."""
    least = Switch()
    allowed = words.LEAST_SUBSCRIPTION.split()
    least.events = [e for e in told.events if (e.get("Event-Subclass") or e["Event-Name"]) in allowed]
    return the_call(least).outcome


def ended(told: Switch) -> list[EndedCall | OutsideCall]:
    return replay.all_ended(replay.freeswitch_events(stream(switch.as_json(told.events))))
