"""Who called which number, as FreeSWITCH, carriers and strangers write it."""

from collections.abc import Mapping

import pytest

from tests.pbx import replay, switch
from tests.pbx.freeswitch_outcomes import calls, outcome, stream, the_call
from tests.pbx.freeswitch_stories import rings_out
from tests.pbx.switch import CALLER, DID, Switch
from textbackd.core.channel_events import ChannelAppeared
from textbackd.core.outcomes import Outcome
from textbackd.pbx.trunks import Trunk, Trunks


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"sip_Privacy": "id", "sip_from_user": "anonymous"}, "anonymous"),
        ({"sip_Privacy": "id;critical", "sip_from_user": "anonymous"}, "anonymous"),
        ({"sip_Privacy": "none"}, CALLER),
        ({}, CALLER),
    ],
)
def test_whoever_withholds_the_number(sent: Mapping[str, str], shown: str) -> None:
    """It may show all the same, where the carrier tells it to the PBX."""
    fs = Switch()
    caller = fs.call(**sent)
    rings_out(fs, caller, "101")
    fs.hang_up(caller)

    record = the_call(fs).record
    assert (shown, shown != CALLER) == (record.caller, record.withheld)


def test_a_number_that_was_withheld_is_told_of_no_leg() -> None:
    """A loopback shows it as well, and so do the legs behind it."""
    fs = Switch()
    caller = fs.call(sip_Privacy="id")
    _half, other = fs.loopback(caller, "101")
    phone = fs.rings(other, "101")
    fs.cancel(caller, phone)

    told = replay.freeswitch_events(stream(switch.as_json(fs.events)))
    assert ["anonymous", "101", "101", "101"] == [e.number for e in told if isinstance(e, ChannelAppeared)]


def test_a_caller_without_any_number() -> None:
    """Nothing stands in the From header."""
    fs = Switch()
    caller = fs.call(number="")
    caller.variables["sip_from_user"] = "nobody"
    rings_out(fs, caller, "101")
    fs.hang_up(caller)

    assert the_call(fs).record.withheld


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x\nHangup-Cause: NORMAL_CLEARING\nUnique-ID: 1", "x Hangup-Cause: NORMAL_CLEARING Unique-ID: 1"),
        ("  Zoë\t\r\n ", "Zoë"),
        ("\u202e\x00a", "a"),
        ("", ""),
    ],
)
def test_a_name_is_whatever_a_stranger_sent(name: str, shown: str) -> None:
    """It is one line, and no header."""
    fs = Switch()
    caller = fs.call(name=name)
    rings_out(fs, caller, "101")
    fs.hang_up(caller)

    assert (shown, Outcome.NO_ANSWER) == (the_call(fs).record.caller_name, outcome(fs))


def test_each_trunk_strips_what_the_pbx_puts_before_a_number() -> None:
    """By the profile that brought the call, or by the context in which it began."""
    trunks = Trunks(
        (
            Trunk(endpoints=frozenset({"isdn"}), strip=("0",)),
            Trunk(contexts=frozenset({"public"}), strip=("99", "9")),
        )
    )
    fs = Switch()
    for number, profile, context in (("015551230001", "isdn", "in"), ("9915551230002", "external", "public")):
        fs.hang_up(fs.call(number, profile=profile, context=context), "NO_ROUTE_DESTINATION")

    assert ["15551230001", "15551230002"] == [call.record.caller for call in calls(fs, trunks)]


def test_the_number_dialled_may_stand_in_the_to_header_only() -> None:
    """The carrier writes the account's name into the request."""
    fs = Switch()
    caller = fs.call(did="account-7", sip_to_user=DID)
    rings_out(fs, caller, "101")
    fs.hang_up(caller)

    assert DID == the_call(fs, did_from="to").record.did
    assert "account-7" == the_call(fs).record.did
