"""Calls on a FreeSWITCH for which phones rang in vain, or could not."""

from tests.pbx.freeswitch_outcomes import outcome
from tests.pbx.freeswitch_stories import CLOSED_DID, asks_to_confirm, rings_out
from tests.pbx.switch import Switch
from textbackd.core.outcomes import Outcome


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
