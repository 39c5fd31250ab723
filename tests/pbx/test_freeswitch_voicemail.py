"""Voicemail on a FreeSWITCH: its own, FusionPBX's, and the ways out of it."""

import pytest

from tests.pbx.freeswitch_outcomes import outcome
from tests.pbx.freeswitch_stories import rings_out, talk
from tests.pbx.switch import Switch
from textbackd.core.outcomes import Outcome


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
