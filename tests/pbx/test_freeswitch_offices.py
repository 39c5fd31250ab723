"""What the recorded calls lack and offices have: found by people who looked for a wrong text."""

import pytest

from tests.builders import spoke_with
from tests.pbx.freeswitch_outcomes import calls, the_call
from tests.pbx.switch import Switch
from textbackd.core.outcomes import Outcome


@pytest.mark.parametrize(
    "sender",
    [
        {"sip_from_user": "anonymous", "sip_from_host": "anonymous.invalid"},
        {"sip_from_user": "+15551230001", "sip_from_host": "anonymous.invalid"},
        {"sip_from_user": "+15551230001", "sip_from_display": "Anonymous"},
        {"sip_from_user": "unavailable"},
        {"sip_from_user": "unknown"},
        {"sip_from_user": "nobody"},
    ],
)
def test_an_asserted_number_behind_an_anonymous_from_is_withheld(sender: dict[str, str]) -> None:
    """No header asks for privacy; neither number nor name is kept."""
    fs = Switch()
    caller = fs.call(**sender)
    fs.cancel(caller, fs.rings(caller, "101"))

    call = the_call(fs)
    assert call.record.withheld
    assert not any(c.isdigit() for c in call.record.caller)
    assert "" == call.record.caller_name


FAILED = "TN-Validation-Failed"


@pytest.mark.parametrize(
    ("variables", "spoofed"),
    [
        ({"sip_verstat": FAILED, "sip_verstat_detailed": f"{FAILED}-A"}, True),
        ({"sip_name_params": f"verstat={FAILED}"}, True),
        ({"sip_P-Asserted-Identity": f"+15551230001;verstat={FAILED}"}, True),
        ({"sip_full_from": f"<sip:+15551230001@carrier.test;verstat={FAILED}>;tag=1"}, True),
        ({"sip_verstat": "TN-Validation-Passed", "sip_verstat_detailed": "TN-Validation-Passed-A"}, False),
        ({"sip_verstat": "No-TN-Validation", "sip_verstat_detailed": "TN-Validation-Passed-C"}, False),
        ({}, False),
    ],
)
def test_only_a_check_of_the_caller_id_that_failed_counts(variables: dict[str, str], spoofed: bool) -> None:
    """FreeSWITCH's own (``sofia_stir_shaken_vs``), or the carrier's; most carriers make none."""
    fs = Switch()
    caller = fs.call(**variables)
    fs.cancel(caller, fs.rings(caller, "101"))

    assert spoofed is the_call(fs).record.spoofed


def test_the_dialplan_may_check_the_caller_id_late() -> None:
    """Its result is there when the call ends, at the latest."""
    fs = Switch()
    caller = fs.call()
    phone = fs.rings(caller, "101")
    caller.variables["sip_verstat"] = FAILED
    fs.cancel(caller, phone)

    assert the_call(fs).record.spoofed


def test_the_did_of_a_gateway_that_registers_is_the_extension_that_it_calls() -> None:
    """In the request URI of every call stands the gateway's own name; its calls are inbound in any context."""
    fs = Switch()
    caller = fs.call(
        did="5550100", sip_req_user="gw+carrier", sip_gateway="carrier", profile="internal", context="lines"
    )
    fs.cancel(caller, fs.rings(caller, "101"))

    assert ("5550100", Outcome.ABANDONED_RINGING) == (the_call(fs).record.did, the_call(fs).outcome)


@pytest.mark.parametrize("cause", ["INVALID_PROFILE", "CHAN_NOT_IMPLEMENTED", "INTERWORKING"])
def test_a_failure_that_is_not_listed_is_one_all_the_same(cause: str) -> None:
    """Nobody could be rung."""
    fs = Switch()
    caller = fs.call()
    fs.runs(caller, "bridge", "user/101", originate_disposition=cause)
    fs.hang_up(caller, cause)

    assert Outcome.UNAVAILABLE is the_call(fs).outcome


def test_a_caller_in_park_who_gives_up_has_waited() -> None:
    """Not in a slot, but where an operator panel puts callers."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller)
    fs.runs(caller, "park")
    fs.wait(20)
    fs.hang_up(caller, by="recv_bye")

    assert Outcome.ABANDONED_QUEUE is the_call(fs).outcome


def test_two_callers_who_are_bridged_with_each_other_are_unknown() -> None:
    """One of them may be a phone that logs in nowhere, and picked up the other's call."""
    fs = Switch()
    caller, phone = fs.call(), fs.call(number="103", did="*8101")
    ringing = fs.rings(caller, "101")
    fs.answers(phone)
    fs.answers(caller)
    fs.bridge(phone, caller)
    fs.hang_up(ringing, "PICKED_OFF")
    fs.ends(phone, caller)

    outcomes = {call.outcome for call in calls(fs)}
    assert {Outcome.UNKNOWN} == outcomes


def test_a_survey_behind_a_talk_takes_nothing_away() -> None:
    """``transfer_after_bridge``: the dialplan goes on by itself when the phone hangs up."""
    fs = Switch()
    caller = fs.call(transfer_after_bridge="survey:XML:default")
    phone = fs.rings(caller, "101")
    fs.connect(caller, phone)
    fs.wait(30)
    fs.unbridge(caller, phone)
    fs.hang_up(phone, by="recv_bye")
    fs.transfer(caller, "survey")
    fs.runs(caller, "play_and_get_digits")
    fs.hang_up(caller, by="recv_bye")

    assert Outcome.ANSWERED is the_call(fs).outcome


def test_a_transfer_behind_a_talk_is_no_survey_though_there_is_one() -> None:
    """The dialplan has a survey for every call; this caller was sent to a menu, and gave up there."""
    fs = Switch()
    caller = fs.call(transfer_after_bridge="survey:XML:default")
    phone = fs.rings(caller, "101")
    fs.connect(caller, phone)
    fs.wait(30)
    fs.unbridge(caller, phone)
    fs.hang_up(phone, by="recv_bye")
    fs.transfer(caller, "ivr_main")
    fs.runs(caller, "play_and_get_digits")
    fs.hang_up(caller, by="recv_bye")

    assert Outcome.ANSWERED_THEN_LOST is the_call(fs).outcome


def test_a_phone_that_hides_its_number_is_still_its_extension() -> None:
    """Privacy is the caller's matter; whoever picked up is named."""
    fs = Switch()
    caller = fs.call()
    ringing = fs.rings(caller, "101")
    phone = fs.phone_calls("103", "*8101")
    phone.variables["sip_Privacy"] = "id"
    fs.answers(phone)
    fs.answers(caller)
    fs.bridge(phone, caller)
    fs.hang_up(ringing, "PICKED_OFF")
    fs.wait(10)
    fs.ends(phone, caller)

    assert ("103",) == spoke_with(the_call(fs).record)
