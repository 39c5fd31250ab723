"""Calls on a FreeSWITCH in which somebody speaks with the caller, in ways that no recorded stream shows."""

import pytest

from tests.builders import spoke_with
from tests.pbx.freeswitch_outcomes import calls, outcome, outcome_from_the_least, the_call
from tests.pbx.freeswitch_stories import MOBILE, asks_to_confirm, rings_out, talk
from tests.pbx.switch import CALLER, Switch
from textbackd.core.outcomes import Outcome


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
    assert (CALLER, ("103",)) == (the_call(fs).record.caller, spoke_with(the_call(fs).record))


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
