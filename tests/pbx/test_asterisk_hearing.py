"""What is kept from an account, by what it is told otherwise: on recorded streams, whole and with one event missing."""

from collections.abc import Iterable

import pytest

from tests import fake_ami
from tests.fake_ami import Message
from tests.pbx.replay import TRACES
from textbackd.pbx.asterisk_account import WITHOUT
from textbackd.pbx.asterisk_hearing import Hearing
from textbackd.pbx.trace import Trace

STREAMS = sorted(path for path in (TRACES / "filtered").glob("*.ami") if ".reconnect" not in path.name)
CALLER = "+447700900123"


def withheld(messages: Iterable[Message]) -> set[str]:
    """The events of which the stream shows that they are kept from us."""
    hearing = Hearing()
    for message in messages:
        hearing.take_in(message)
    return {name for name, _why in hearing.withheld()}


def test_a_whole_stream_raises_no_alarm() -> None:
    """Whatever the calls go through: transfers, pickups, parking, queues, screened legs."""
    assert STREAMS
    for path in STREAMS:
        assert set() == withheld(message for _at, message in Trace.read(path).messages()), path.name


@pytest.mark.parametrize("missing", ["DialBegin", "DialEnd", "BridgeEnter", "BridgeLeave", "Newchannel"])
def test_one_event_shows_that_another_is_missing(missing: str) -> None:
    """A plain answered call is enough."""
    messages = [message for _at, message in Trace.read(TRACES / "filtered" / "a01_direct_answered.ami").messages()]
    assert {missing} == withheld(message for message in messages if message.get("Event") != missing)


def test_every_alarm_has_its_consequence() -> None:
    """Nothing is missed of which it could not be told what for."""
    whole = [message for _at, message in Trace.read(TRACES / "filtered" / "a01_direct_answered.ami").messages()]
    rows = fake_ami.listed(fake_ami.arrives("9.9", CALLER))
    complete = {"Event": "CoreShowChannelsComplete"}
    names = {"AppQueue": "Local/101@from-queue-1;1", "AppDial": "PJSIP/101-1", "Queue": "PJSIP/trunk-9"}
    up = [
        {**row, "Application": application, "Channel": name, "ChannelState": "6", "BridgeId": "b", "Uniqueid": name}
        for row, (application, name) in zip([rows[0]] * len(names), names.items(), strict=True)
    ]
    ringing = [{**row, "ChannelState": "5"} for row in up]
    silent = [complete, *ringing, complete, *up, complete, complete]

    found = withheld(silent) | withheld(m for m in whole if m.get("Event") not in ("DialEnd", "BridgeLeave"))
    assert WITHOUT.keys() - {"VarSet"} == found


def test_what_was_up_before_says_nothing() -> None:
    """Its events were told before we came; its hang-up is told now."""
    arrived = fake_ami.listed(fake_ami.arrives("1.1", CALLER))
    bridged = [{**row, "BridgeId": "b", "ChannelState": "6"} for row in arrived]
    complete = {"Event": "CoreShowChannelsComplete"}
    later = [
        {
            "Event": "DialEnd",
            "Uniqueid": "1.1",
            "DestUniqueid": "1.19",
            "DestChannel": "PJSIP/101",
            "DialStatus": "ANSWER",
        },
        {"Event": "BridgeLeave", "Uniqueid": "1.1", "Channel": "PJSIP/trunk-1.1"},
        {"Event": "Hangup", "Uniqueid": "1.1", "Channel": "PJSIP/trunk-1.1"},
    ]
    assert set() == withheld([*arrived, complete, *bridged, complete, *later, complete])
    assert {"Hangup"} == withheld([*arrived, complete, *bridged, complete, *later[:-1], complete])
