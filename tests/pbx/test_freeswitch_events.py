"""Calls on a FreeSWITCH that no recorded stream shows, each told event by event: what a human would say of them."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.builders import an_office, inbound, seconds
from tests.pbx import replay, switch
from tests.pbx.switch import CALLER, DID, Leg, Switch
from textbackd.core.call_records import EndedCall, OutsideCall
from textbackd.core.outcomes import Call, Outcome, judge
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trace import EventSocketTrace
from textbackd.pbx.trunks import Trunk, Trunks

CLOSED_DID = "5550111"
MOBILE = "15557770001"


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


def rings_out(fs: Switch, caller: Leg, *extensions: str) -> None:
    """Phones ring, and nobody takes the call."""
    fs.runs(caller, "bridge", ",".join(f"user/{it}" for it in extensions))
    phones = [fs.rings(caller, it) for it in extensions]
    fs.wait(15)
    for phone in phones:
        fs.progresses(phone)
        fs.hang_up(phone, "NO_ANSWER", by="send_cancel")
    caller.variables["originate_disposition"] = "NO_ANSWER"


def talk(fs: Switch, caller: Leg, extension: str = "101") -> Leg:
    """A phone rings, and somebody takes the call."""
    phone = fs.rings(caller, extension)
    fs.wait(3)
    fs.connect(caller, phone)
    fs.wait(10)
    return phone


def blind_transfer(fs: Switch, caller: Leg, phone: Leg, to: str) -> None:
    """Whoever talks with the caller sends the call elsewhere."""
    fs.unbridge(caller, phone)
    fs.transfer(caller, to)
    fs.hang_up(phone, by="recv_bye")


def asks_to_confirm(fs: Switch, caller: Leg) -> Leg:
    """A mobile answers, and is asked to press 1."""
    fs.runs(caller, "bridge", f"sofia/gateway/carrier/{MOBILE}")
    mobile = fs.rings_outside(caller, MOBILE, group_confirm_key="1")
    fs.wait(4)
    fs.answers(mobile)
    fs.wait(4)
    return mobile


def joins_queue(fs: Switch, caller: Leg, queue: str = "support@default") -> None:
    if caller.headers["Answer-State"] != "answered":
        fs.answers(caller, "answer")
    fs.runs(caller, "callcenter", queue)
    fs.custom(
        "callcenter::info", caller, CC_Action="member-queue-start", CC_Queue=queue, CC_Member_Session_UUID=caller.uuid
    )


def agent(fs: Switch, caller: Leg, extension: str = "101", queue: str = "support@default") -> Leg:
    """The queue rings an agent, on a leg that names the caller in a variable only."""
    return fs.rings(None, extension, cc_queue=queue, cc_member_session_uuid=caller.uuid)


def leaves_queue(fs: Switch, caller: Leg, why: str, queue: str = "support@default") -> None:
    caller.variables |= {"cc_cause": "cancel", "cc_cancel_reason": why, "cc_queue": queue}
    end = {"CC_Action": "member-queue-end", "CC_Queue": queue, "CC_Cause": "Cancel", "CC_Cancel_Reason": why}
    fs.custom("callcenter::info", caller, CC_Member_Session_UUID=caller.uuid, **end)


def parks(fs: Switch, caller: Leg) -> None:
    fs.runs(caller, "valet_park", "lot1 701")
    fs.custom("valet_parking::info", caller, Action="hold", Valet_Extension="701")
    fs.wait(20)


# --- who was reached --------------------------------------------------------------------------------------------------


def test_another_phone_picks_up_what_rings() -> None:
    """The number that shows becomes that of the phone; the caller is still the caller."""
    fs = Switch()
    caller = fs.call()
    fs.runs(caller, "bridge", "user/101")
    rung = fs.rings(caller, "101")
    fs.wait(4)
    other = fs.phone_calls("103", "*8")
    fs.answers(other, "answer")
    fs.runs(other, "intercept", caller.uuid)
    fs.answers(caller)
    caller.headers["Caller-Caller-ID-Number"] = "103"
    fs.hang_up(rung, "PICKED_OFF", by="send_cancel")
    caller.variables["originate_disposition"] = "PICKED_OFF"
    fs.bridge(caller, other)
    fs.wait(10)
    fs.ends(caller, other)

    assert outcome(fs) is Outcome.ANSWERED
    assert (CALLER, ("103",)) == (the_call(fs).record.caller, the_call(fs).record.spoke_with)


def test_early_media_becomes_a_talk_with_the_answer() -> None:
    """The carrier's music before it counts as ringing."""
    fs = Switch()
    caller = fs.call()
    fs.runs(caller, "bridge", f"sofia/gateway/carrier/{MOBILE}")
    mobile = fs.rings_outside(caller, MOBILE)
    fs.bridge(caller, mobile)
    fs.wait(8)
    fs.answers(mobile)
    fs.answers(caller, "bridge")
    fs.wait(30)
    fs.ends(caller, mobile)

    assert outcome(fs) is Outcome.ANSWERED
    assert pytest.approx(31, abs=1) == the_call(fs).record.talk_seconds


def test_the_one_who_was_asked_first_gets_the_call() -> None:
    """The colleague is called by the one who talks with the caller, on another leg of that phone (``attended``)."""
    fs = Switch()
    caller = fs.call()
    first = talk(fs, caller)
    asks = fs.phone_calls("101", "103")
    second = fs.rings(asks, "103")
    fs.connect(asks, second)
    fs.unbridge(asks, second)
    fs.bridge(caller, second)
    fs.hang_up(asks)
    fs.hang_up(first)
    fs.wait(10)
    fs.ends(caller, second)

    assert outcome(fs) is Outcome.ANSWERED
    assert ("101", "103") == the_call(fs).record.spoke_with


def test_a_feature_code_asks_a_colleague_on_a_leg_of_the_phone_that_talks() -> None:
    """``att_xfer``: the leg that was rung rings another one, and leaves."""
    fs = Switch()
    caller = fs.call()
    first = talk(fs, caller)
    second = fs.rings(first, "103")
    fs.wait(3)
    fs.answers(second)
    fs.bridge(first, second)
    fs.wait(5)
    fs.unbridge(first, second)
    fs.bridge(caller, second)
    fs.hang_up(first, by="recv_bye")
    fs.wait(10)
    fs.ends(caller, second)

    assert outcome(fs) is Outcome.ANSWERED
    assert ("101", "103") == the_call(fs).record.spoke_with


def test_a_colleague_who_was_asked_in_vain() -> None:
    """The first one goes on talking with the caller."""
    fs = Switch()
    caller = fs.call()
    first = talk(fs, caller)
    asks = fs.phone_calls("101", "103")
    second = fs.rings(asks, "103")
    fs.wait(10)
    fs.cancel(asks, second)
    fs.wait(10)
    fs.ends(caller, first)

    assert outcome(fs) is Outcome.ANSWERED


def test_a_blind_transfer_that_is_taken() -> None:
    """The second one counts as well."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "103")
    second = talk(fs, caller, "103")
    fs.ends(caller, second)

    assert outcome(fs) is Outcome.ANSWERED
    assert ("101", "103") == the_call(fs).record.spoke_with


@pytest.mark.parametrize("by_the_switch", [True, False], ids=["uuid_transfer", "REFER"])
def test_a_transfer_that_nobody_takes(by_the_switch: bool) -> None:
    """Talked to, then transferred, and nobody came."""
    fs = Switch()
    caller = fs.call()
    phone = talk(fs, caller)
    if by_the_switch:
        fs.transfer(caller, "103")
        fs.hang_up(phone)
        fs.unbridge(caller, phone)
    else:
        blind_transfer(fs, caller, phone, "103")
    rings_out(fs, caller, "103")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.ANSWERED_THEN_LOST


@pytest.mark.parametrize("disposition", ["USER_NOT_REGISTERED", "USER_BUSY"])
def test_a_transfer_to_a_phone_that_is_not_there(disposition: str) -> None:
    """No leg is made, or one that ends at once."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "103")
    fs.runs(caller, "bridge", "user/103", originate_disposition=disposition)
    fs.hang_up(caller, disposition)

    assert outcome(fs) is Outcome.ANSWERED_THEN_LOST


def test_a_transfer_to_nowhere() -> None:
    """A REFER takes the caller's context, in which the extension may not be."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "9999")
    fs.hang_up(caller, "NO_ROUTE_DESTINATION")

    assert outcome(fs) is Outcome.ANSWERED_THEN_LOST


def test_a_transfer_back_to_the_menu() -> None:
    """Where the caller gives up."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "5000")
    fs.runs(caller, "ivr", "main")
    fs.wait(10)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ANSWERED_THEN_LOST


def test_a_survey_after_the_talk_takes_nothing_away() -> None:
    """The dialplan goes on by itself when the phone has hung up."""
    fs = Switch()
    caller = fs.call()
    phone = talk(fs, caller)
    fs.unbridge(caller, phone)
    fs.hang_up(phone, by="recv_bye")
    fs.runs(caller, "play_and_get_digits", "1 1 1 3000 # how.wav")
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ANSWERED


def test_a_talk_and_then_voicemail() -> None:
    """Sent there by whoever talked with the caller."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "*99103")
    fs.runs(caller, "voicemail", "default office.test 103")
    fs.wait(8)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ANSWERED_THEN_VOICEMAIL


def test_hardly_a_word() -> None:
    """Joined for a second only."""
    fs = Switch()
    caller = fs.call()
    phone = fs.rings(caller, "101")
    fs.connect(caller, phone)
    fs.ends(caller, phone)

    assert outcome(fs) is Outcome.ANSWERED_BRIEFLY


def test_a_second_caller_rings_a_phone_that_talks() -> None:
    """Call waiting: each call is its own."""
    fs = Switch()
    first = fs.call()
    phone = talk(fs, first)
    second = fs.call("+15551230002")
    rings_out(fs, second, "101")
    fs.hang_up(second)
    fs.ends(first, phone)

    assert [Outcome.ANSWERED, Outcome.NO_ANSWER] == [call.outcome for call in calls(fs)]


def test_a_conference_with_somebody_of_ours() -> None:
    """They hear each other without any bridge of two."""
    fs = Switch()
    caller, phone = fs.call(), fs.phone_calls("101", "3000")
    for leg in (caller, phone):
        fs.answers(leg, "answer")
        fs.runs(leg, "conference", "3000@default")
        fs.custom("conference::maintenance", leg, Action="add-member", Conference_Name="3000")
    fs.wait(30)
    fs.custom("conference::maintenance", caller, Action="del-member", Conference_Name="3000")
    fs.hang_up(caller, by="recv_bye")
    fs.hang_up(phone, by="recv_bye")

    assert the_call(fs).outcome is Outcome.ANSWERED
    assert outcome_from_the_least(fs) is Outcome.NOT_OFFERED, "it cannot be known, so nothing is sent"


def test_a_conference_to_which_nobody_came() -> None:
    """The caller waited alone."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "conference", "3000@default")
    fs.custom("conference::maintenance", caller, Action="add-member", Conference_Name="3000")
    fs.wait(30)
    fs.custom("conference::maintenance", caller, Action="del-member", Conference_Name="3000")
    fs.hang_up(caller, by="recv_bye")

    assert the_call(fs).outcome is Outcome.ABANDONED_QUEUE


def test_a_mobile_that_was_asked_and_pressed_the_key() -> None:
    """Whoever pressed it is no machine, however short the talk."""
    fs = Switch()
    caller = fs.call()
    mobile = asks_to_confirm(fs, caller)
    fs.answers(caller, "bridge")
    fs.bridge(caller, mobile)
    fs.wait(5)
    fs.ends(caller, mobile)

    assert outcome(fs) is Outcome.ANSWERED
    assert not the_call(fs).maybe_machine


# --- phones that rang in vain -----------------------------------------------------------------------------------------


def test_a_mobile_that_was_asked_and_did_not_press_the_key() -> None:
    """Its voicemail had answered."""
    fs = Switch()
    caller = fs.call()
    mobile = asks_to_confirm(fs, caller)
    fs.hang_up(mobile, "NORMAL_CLEARING")
    fs.hang_up(caller, originate_disposition="NO_ANSWER")

    assert outcome(fs) is Outcome.NO_ANSWER


def test_a_caller_who_gave_up_while_a_mobile_was_asked() -> None:
    """Nobody was there to press the key."""
    fs = Switch()
    caller = fs.call()
    mobile = asks_to_confirm(fs, caller)
    fs.cancel(caller, mobile)

    assert outcome(fs) is Outcome.ABANDONED_RINGING


def test_a_phone_that_is_not_registered() -> None:
    """Not even a leg is made for it."""
    fs = Switch()
    caller = fs.call()
    fs.runs(caller, "bridge", "user/101", originate_disposition="USER_NOT_REGISTERED")
    fs.hang_up(caller, "USER_NOT_REGISTERED", by="send_refuse")

    assert outcome(fs) is Outcome.UNAVAILABLE


def test_several_phones_at_once_of_which_none_is_registered() -> None:
    """``:_:`` says ``failure``, and why elsewhere."""
    fs = Switch()
    caller = fs.call()
    failed = {"originate_disposition": "failure", "originate_failed_cause": "USER_NOT_REGISTERED"}
    fs.runs(caller, "bridge", "user/101:_:user/102", **failed)
    fs.hang_up(caller, by="send_refuse")

    assert outcome(fs) is Outcome.UNAVAILABLE


def test_several_phones_at_once_that_nobody_takes() -> None:
    """The legs say it."""
    fs = Switch()
    caller = fs.call()
    rings_out(fs, caller, "101", "102")
    failed = {"originate_disposition": "failure", "originate_failed_cause": "NO_ANSWER"}
    fs.hang_up(caller, by="send_refuse", **failed)

    assert outcome(fs) is Outcome.NO_ANSWER


def test_a_caller_who_gave_up_while_a_phone_behind_the_menu_rang() -> None:
    """The menu has answered, so the caller ends an answered call."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "ivr", "main")
    fs.wait(5)
    fs.transfer(caller, "101")
    fs.runs(caller, "bridge", "user/101")
    phone = fs.rings(caller, "101")
    fs.wait(8)
    fs.hang_up(phone, "ORIGINATOR_CANCEL", by="send_cancel")
    fs.hang_up(caller, by="recv_bye", originate_disposition="ORIGINATOR_CANCEL")

    assert outcome(fs) is Outcome.ABANDONED_RINGING


def test_an_announcement_before_the_phones_ring() -> None:
    """They rang, so it is not what the call was about."""
    fs = Switch()
    caller = fs.call(did=CLOSED_DID)
    fs.answers(caller, "answer")
    fs.runs(caller, "playback", "welcome.wav", playback_ms="3000")
    rings_out(fs, caller, "101")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.NO_ANSWER


# --- queues and slots -------------------------------------------------------------------------------------------------


def test_a_queue_without_an_agent() -> None:
    """Nobody was logged in."""
    fs = Switch()
    caller = fs.call()
    joins_queue(fs, caller)
    leaves_queue(fs, caller, "NO_AGENT_TIMEOUT")
    fs.runs(caller, "hangup")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.UNAVAILABLE


def test_a_queue_that_the_caller_gave_up() -> None:
    """While an agent's phone rang."""
    fs = Switch()
    caller = fs.call()
    joins_queue(fs, caller)
    phone = agent(fs, caller)
    fs.wait(12)
    fs.hang_up(phone, "ORIGINATOR_CANCEL", by="send_cancel")
    leaves_queue(fs, caller, "BREAK_OUT")
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ABANDONED_QUEUE


def test_an_agent_behind_a_loopback() -> None:
    """The leg that the queue rang leads to the phone."""
    fs = Switch()
    caller = fs.call()
    joins_queue(fs, caller)
    one, two = fs.loopback(caller, "101", cc_queue="support@default", cc_member_session_uuid=caller.uuid)
    phone = fs.rings(two, "101")
    fs.wait(3)
    for leg in (phone, two, one):
        fs.answers(leg)
    fs.bridge(two, phone)
    fs.bridge(caller, one)
    fs.wait(10)
    fs.ends(caller, one)
    fs.hang_up(two)
    fs.hang_up(phone)

    assert outcome(fs) is Outcome.ANSWERED


def test_a_key_leads_out_of_the_queue_into_voicemail() -> None:
    """Where the caller leaves nothing."""
    fs = Switch()
    caller = fs.call()
    joins_queue(fs, caller)
    leaves_queue(fs, caller, "EXIT_WITH_KEY")
    fs.runs(caller, "voicemail", "default office.test 100")
    fs.wait(8)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.VOICEMAIL_SILENT


def test_a_key_leads_out_of_the_queue_to_a_phone() -> None:
    """Which nobody takes."""
    fs = Switch()
    caller = fs.call()
    joins_queue(fs, caller)
    leaves_queue(fs, caller, "EXIT_WITH_KEY")
    rings_out(fs, caller, "100")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.NO_ANSWER


def test_a_second_queue_after_the_first_one() -> None:
    """The caller gave up in the second."""
    fs = Switch()
    caller = fs.call()
    joins_queue(fs, caller)
    leaves_queue(fs, caller, "TIMEOUT")
    joins_queue(fs, caller, "sales@default")
    fs.wait(9)
    leaves_queue(fs, caller, "BREAK_OUT", "sales@default")
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ABANDONED_QUEUE
    assert "sales" == the_call(fs).record.queue


def test_talked_to_and_sent_to_a_queue() -> None:
    """Nobody took the call there."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "8000")
    joins_queue(fs, caller)
    fs.wait(30)
    leaves_queue(fs, caller, "BREAK_OUT")
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ANSWERED_THEN_LOST


@pytest.mark.parametrize("consumer", ["rung", "came"])
def test_a_fifo_whose_caller_is_taken(consumer: str) -> None:
    """By a phone that it rang, or by one that dialled in."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "fifo", "sales@office.test in", fifo_status="WAITING")
    fs.custom("fifo::info", caller, FIFO_Action="push", FIFO_Name="sales@office.test")
    fs.wait(5)
    if consumer == "rung":
        phone = fs.rings(None, "101", fifo_bridge_uuid=caller.uuid, fifo_name="sales@office.test")
    else:
        phone = fs.phone_calls("101", "fifo_out")
    fs.answers(phone)
    caller.headers["Caller-Caller-ID-Number"] = "101"
    fs.bridge(phone, caller)
    caller.variables["fifo_status"] = "TALKING"
    fs.wait(10)
    fs.unbridge(phone, caller)
    fs.hang_up(caller, by="recv_bye")
    fs.hang_up(phone)

    assert outcome(fs) is Outcome.ANSWERED
    assert CALLER == the_call(fs).record.caller


def test_a_fifo_that_gave_up() -> None:
    """Its time was over: the caller had not given up."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "fifo", "sales@office.test in")
    fs.custom("fifo::info", caller, FIFO_Action="push", FIFO_Name="sales@office.test")
    phone = fs.rings(None, "101", fifo_bridge_uuid=caller.uuid, fifo_name="sales@office.test")
    fs.wait(20)
    fs.hang_up(phone, "NO_ANSWER", by="send_cancel")
    caller.variables["fifo_status"] = "TIMEOUT"
    fs.custom("fifo::info", caller, FIFO_Action="timeout", FIFO_Name="sales@office.test")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.NO_ANSWER


def test_parked_after_a_talk_and_left_there() -> None:
    """The caller gave up in the slot."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "701")
    parks(fs, caller)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ANSWERED_THEN_LOST


def test_parked_by_the_dialplan_and_left_there() -> None:
    """Nobody ever talked with the caller."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    parks(fs, caller)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ABANDONED_QUEUE


def test_parked_too_long() -> None:
    """The slot sends the caller back to a phone, where nobody is."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "701")
    parks(fs, caller)
    fs.custom("valet_parking::info", caller, Action="exit", Valet_Extension="701")
    fs.transfer(caller, "101")
    rings_out(fs, caller, "101")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.ANSWERED_THEN_LOST


def test_parked_and_fetched_by_another_phone() -> None:
    """Whoever dials the slot has the caller on the line."""
    fs = Switch()
    caller = fs.call()
    blind_transfer(fs, caller, talk(fs, caller), "701")
    parks(fs, caller)
    phone = fs.phone_calls("103", "701")
    fs.answers(phone, "answer")
    fs.bridge(caller, phone)
    fs.wait(10)
    fs.ends(caller, phone)

    assert outcome(fs) is Outcome.ANSWERED


# --- voicemail --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [("9", Outcome.VOICEMAIL_MESSAGE), ("", Outcome.VOICEMAIL_SILENT)],
    ids=["left", "nothing"],
)
def test_voicemail_of_fusionpbx(recorded: str, expected: Outcome) -> None:
    """A script of its own, which tells in variables."""
    fs = Switch()
    caller = fs.call()
    rings_out(fs, caller, "101")
    fs.answers(caller, "answer")
    fs.runs(caller, "lua", "app.lua voicemail", missed_call="true", voicemail_answer_epoch=fs.second)
    if recorded:
        caller.variables["voicemail_message_seconds"] = recorded
    fs.wait(12)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is expected


def test_a_mailbox_of_fusionpbx_that_is_listened_to() -> None:
    """From outside, by its owner."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "lua", "app.lua voicemail", voicemail_action="check", voicemail_answer_epoch=fs.second)
    fs.wait(12)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.NOT_OFFERED


@pytest.mark.parametrize("taken", [True, False])
def test_zero_for_the_operator(taken: bool) -> None:
    """Out of the greeting; what the operator does is what counts."""
    fs = Switch()
    caller = fs.call()
    rings_out(fs, caller, "101")
    fs.answers(caller, "voicemail")
    fs.runs(caller, "voicemail", "default office.test 101")
    fs.wait(5)
    fs.transfer(caller, "100")
    if taken:
        fs.ends(caller, talk(fs, caller, "100"))
    else:
        rings_out(fs, caller, "100")
        fs.hang_up(caller)

    assert outcome(fs) is (Outcome.ANSWERED if taken else Outcome.NO_ANSWER)


def test_zero_for_the_operator_out_of_fusionpbx_voicemail() -> None:
    """The variable of the voicemail is still there at the end."""
    fs = Switch()
    caller = fs.call()
    rings_out(fs, caller, "101")
    fs.answers(caller, "answer")
    fs.runs(caller, "lua", "app.lua voicemail", voicemail_answer_epoch=fs.second)
    fs.wait(5)
    fs.transfer(caller, "100")
    rings_out(fs, caller, "100")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.NO_ANSWER


@pytest.mark.parametrize("message", [True, False])
def test_voicemail_behind_a_loopback_after_follow_me(message: bool) -> None:
    """FreeSWITCH's own dialplan: an answered bridge that is none."""
    fs = Switch()
    caller = fs.call()
    fs.runs(caller, "bridge", "loopback/fm101")
    _one, two = halves = fs.loopback(caller, "fm101")
    phone = fs.rings(two, "101")
    fs.wait(15)
    fs.progresses(phone)
    for leg in (phone, *halves):
        fs.hang_up(leg, "NO_ANSWER")
    caller.variables["originate_disposition"] = "NO_ANSWER"
    app = {"loopback_app": "voicemail", "loopback_app_arg": "default office.test 101"}
    fs.runs(caller, "bridge", "loopback/app=voicemail:default office.test 101")
    one, two = fs.loopback(caller, "voicemail", **app)
    two.variables |= app
    for leg in (two, one, caller):
        fs.answers(leg)
    fs.bridge(caller, one)
    fs.wait(10)
    fs.hang_up(caller, by="recv_bye")
    if message:
        fs.custom("vm::maintenance", two, VM_Action="leave-message", VM_User="101", VM_Message_Len="8")
    fs.hang_up(one)
    fs.hang_up(two, last_app="voicemail")

    assert outcome(fs) is (Outcome.VOICEMAIL_MESSAGE if message else Outcome.VOICEMAIL_SILENT)


# --- nobody was rung --------------------------------------------------------------------------------------------------


def test_a_menu_that_the_caller_leaves() -> None:
    """No digit was ever pressed."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "play_and_get_digits", "1 1 2 3000 # menu.wav")
    fs.wait(10)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is Outcome.ABANDONED_IVR


def test_a_menu_that_gave_up() -> None:
    """It sends the caller on to where the call ends."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "play_and_get_digits", "1 1 2 3000 # menu.wav")
    fs.wait(10)
    fs.transfer(caller, "ivr_", "public")
    fs.runs(caller, "playback", "goodbye.wav", playback_ms="800")
    fs.runs(caller, "hangup", "NORMAL_CLEARING")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.ABANDONED_IVR


@pytest.mark.parametrize("through_the_menu", [True, False])
def test_an_announcement_after_hours_behind_a_menu_is_what_the_caller_asked_for(through_the_menu: bool) -> None:
    """Reached straight from the trunk it says that the office is closed."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    if through_the_menu:
        fs.runs(caller, "ivr", "main")
        fs.wait(5)
        fs.transfer(caller, "6000")
    fs.runs(caller, "playback", "opening-hours.wav", playback_ms="3000")
    fs.hang_up(caller, by="recv_bye")
    (business,) = replay.FREESWITCH_OFFICE.businesses
    closed = an_office(country="US", businesses=(dataclasses.replace(business, hours="off"),))

    found = judge(the_call(fs).record, closed, pbx="freeswitch", minimum_talk=seconds(2)).outcome

    assert found is (Outcome.NOT_OFFERED if through_the_menu else Outcome.CLOSED)


@pytest.mark.parametrize("transferred", [False, True], ids=["in public", "by way of the default context"])
@pytest.mark.parametrize("to_the_end", [False, True])
def test_an_announcement_that_is_all_there_is(transferred: bool, to_the_end: bool) -> None:
    """On a number that is marked closed; FreeSWITCH's own dialplan transfers every call from outside first."""
    fs = Switch()
    caller = fs.call(did=CLOSED_DID)
    if transferred:
        fs.transfer(caller, CLOSED_DID)
    fs.answers(caller, "answer")
    fs.runs(caller, "playback", "closed.wav", playback_ms="3000")
    if to_the_end:
        fs.runs(caller, "hangup", "NORMAL_CLEARING")
    fs.hang_up(caller, by="send_bye" if to_the_end else "recv_bye")

    assert outcome(fs) is Outcome.CLOSED


def test_an_announcement_by_early_media() -> None:
    """The call is never answered."""
    fs = Switch()
    caller = fs.call(did=CLOSED_DID)
    fs.runs(caller, "pre_answer")
    fs.runs(caller, "playback", "closed.wav", playback_ms="3000")
    fs.runs(caller, "hangup", "NORMAL_CLEARING")
    fs.hang_up(caller, by="send_refuse")

    assert outcome(fs) is Outcome.CLOSED


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("closed", Outcome.CLOSED),
        ("after_hours", Outcome.CLOSED),
        ("ignore", Outcome.NOT_OFFERED),
        ("information", Outcome.NOT_OFFERED),
        ("no such word", Outcome.NOT_OFFERED),
    ],
)
def test_what_the_dialplan_says_itself(said: str, expected: Outcome) -> None:
    """By a variable, since FreeSWITCH has no words for it."""
    fs = Switch()
    caller = fs.call()
    fs.answers(caller, "answer")
    fs.runs(caller, "playback", "closed.wav", playback_ms="3000", textback=said)
    fs.hang_up(caller, by="recv_bye")

    assert outcome(fs) is expected


def test_phones_that_ring_count_for_more_than_what_the_dialplan_says() -> None:
    """Whose phones ring is open."""
    fs = Switch()
    caller = fs.call(textback="closed")
    rings_out(fs, caller, "101")
    fs.hang_up(caller)

    assert outcome(fs) is Outcome.NO_ANSWER


@pytest.mark.parametrize(
    ("cause", "app"),
    [
        ("CALL_REJECTED", "respond"),
        ("CALL_REJECTED", "hangup"),
        ("NO_ROUTE_DESTINATION", ""),
        ("UNALLOCATED_NUMBER", ""),
    ],
)
def test_a_caller_whom_the_dialplan_refuses(cause: str, app: str) -> None:
    """Blocked, or a number that nobody has."""
    fs = Switch()
    caller = fs.call()
    if app:
        fs.runs(caller, app, "603 Decline")
    fs.hang_up(caller, cause, by="send_refuse")

    assert outcome(fs) is Outcome.NOT_OFFERED


# --- numbers and names ------------------------------------------------------------------------------------------------


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
    caller = fs.call()
    for told in fs.events:
        told["Caller-Caller-ID-Name"] = name
    caller.headers["Caller-Caller-ID-Name"] = name
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


# --- calls that the office makes --------------------------------------------------------------------------------------


def test_a_call_to_a_number_outside() -> None:
    """Who called it, and for how long; one that nobody takes is nothing."""
    fs = Switch()
    for taken in (True, False):
        phone = fs.phone_calls("102", MOBILE)
        mobile = fs.rings_outside(phone, MOBILE)
        fs.wait(5)
        if taken:
            fs.connect(phone, mobile)
            fs.wait(30)
            fs.ends(phone, mobile)
        else:
            fs.cancel(phone, mobile)

    (call,) = ended(fs)
    assert isinstance(call, OutsideCall)
    assert (MOBILE, ["102"]) == (call.number, [party.number for party in call.by])


def test_a_call_by_a_click() -> None:
    """The phone is rung first, and then the number outside for it."""
    fs = Switch()
    phone = fs.rings(None, "102")
    fs.wait(2)
    fs.answers(phone)
    fs.runs(phone, "bridge", f"sofia/gateway/carrier/{MOBILE}")
    mobile = fs.rings_outside(phone, MOBILE)
    fs.wait(5)
    fs.answers(mobile)
    fs.bridge(phone, mobile)
    fs.wait(30)
    fs.ends(phone, mobile)

    (call,) = ended(fs)
    assert isinstance(call, OutsideCall)
    assert (MOBILE, ["102"]) == (call.number, [party.number for party in call.by])


def test_a_call_within_the_house() -> None:
    """Is none of ours, answered or not."""
    fs = Switch()
    first = fs.phone_calls("102", "103")
    fs.ends(first, talk(fs, first, "103"))
    second = fs.phone_calls("102", "103")
    rings_out(fs, second, "103")
    fs.hang_up(second)

    assert [] == ended(fs)


def test_a_phone_on_the_trunks_own_profile_is_a_phone() -> None:
    """A carrier that is let in by its address may share a profile with the phones."""
    fs = Switch()
    caller = fs.call(profile="internal")
    fs.ends(caller, talk(fs, caller))
    phone = fs.phone_calls("102", "103")
    fs.ends(phone, talk(fs, phone, "103"))

    call, *others = inbound(ended(fs))
    assert (not others, [("101", False)]) == (True, [(party.number, party.outside) for party in call.talked_to])
    assert 1 == len(ended(fs))
