"""Calls on a FreeSWITCH that the office makes."""

from tests.builders import inbound
from tests.pbx.freeswitch_outcomes import ended
from tests.pbx.freeswitch_stories import MOBILE, rings_out, talk
from tests.pbx.switch import Switch
from textbackd.core.call_records import OutsideCall


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
