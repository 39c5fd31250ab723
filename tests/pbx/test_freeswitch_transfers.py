"""Calls on a FreeSWITCH that are sent on by whoever talked with the caller."""

import pytest

from tests.builders import spoke_with
from tests.pbx.freeswitch_outcomes import outcome, the_call
from tests.pbx.freeswitch_stories import blind_transfer, rings_out, talk
from tests.pbx.switch import Switch
from textbackd.core.outcomes import Outcome


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
    assert ("101", "103") == spoke_with(the_call(fs).record)


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
    assert ("101", "103") == spoke_with(the_call(fs).record)


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
    assert ("101", "103") == spoke_with(the_call(fs).record)


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
