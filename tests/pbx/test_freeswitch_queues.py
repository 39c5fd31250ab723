"""Callers who wait in a FreeSWITCH's queues (mod_callcenter, mod_fifo) and parking slots."""

import pytest

from tests.pbx.freeswitch_outcomes import outcome, the_call
from tests.pbx.freeswitch_stories import blind_transfer, rings_out, talk
from tests.pbx.switch import CALLER, Leg, Switch
from textbackd.core.outcomes import Outcome


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


# --- parking ----------------------------------------------------------------------------------------------------------


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
