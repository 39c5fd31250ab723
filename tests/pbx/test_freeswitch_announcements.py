"""Calls on a FreeSWITCH for which no phone rang: menus, announcements, refusals."""

import dataclasses

import pytest

from tests.builders import an_office, seconds
from tests.pbx import replay
from tests.pbx.freeswitch_outcomes import outcome, the_call
from tests.pbx.freeswitch_stories import CLOSED_DID, rings_out
from tests.pbx.switch import Switch
from textbackd.core.outcomes import Outcome, judge


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
        (" Closed ", Outcome.CLOSED),
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
