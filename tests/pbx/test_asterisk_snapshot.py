"""What Asterisk lists after a login, row by row, and what the tracker makes of it: who hears whom, and who is who."""

import datetime as dt

import pytest

from tests.builders import NOON, seconds, spoke_with
from textbackd.core.call_records import Ended, EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelAppeared, ChannelKind
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.trunks import Trunk, Trunks

CALLER, SECOND, PHONE, FORWARDED = "1795220364.0", "1795220365.3", "1795220364.1", "1795220364.2"
Row = dict[str, str]


def bridge(name: str, technology: str = "simple_bridge") -> Row:
    """A row of BridgeList."""
    return {"Event": "BridgeListItem", "BridgeUniqueid": name, "BridgeTechnology": technology}


def channel(name: str, uniqueid: str, linkedid: str = CALLER, **headers: str) -> Row:
    """A row of CoreShowChannels, up for five seconds."""
    return {
        "Event": "CoreShowChannel", "Channel": name, "ChannelState": "6", "Uniqueid": uniqueid, "Linkedid": linkedid,
        "CallerIDNum": "<unknown>", "Context": "macro-dial", "Exten": "s", "Application": "Dial",
        "ApplicationData": "", "Duration": "00:00:05", "BridgeId": "",
    } | headers  # fmt: skip


def caller(uniqueid: str = CALLER, **headers: str) -> Row:
    return channel(f"PJSIP/trunk-{uniqueid}", uniqueid, uniqueid, CallerIDNum="07700900123", **headers)


def phone(**headers: str) -> Row:
    return channel("PJSIP/101-00000001", PHONE, Context="from-internal", **headers)


def forwarded(endpoint: str = "trunk", **headers: str) -> Row:
    """The leg to a mobile to which the caller is forwarded: in his group, with the trunk's name."""
    return channel(f"PJSIP/{endpoint}-00000002", FORWARDED, **headers)


def local(half: str, bridge: str) -> Row:
    return channel(f"Local/101@from-internal-00000007;{half}", f"1795220364.{half}0", BridgeId=bridge)


class Pbx:
    """A translator and the tracker behind it."""

    def __init__(self, trunks: Trunks | None = None) -> None:
        self.now = NOON
        self.kinds: dict[str, ChannelKind] = {}
        """Of every channel that was told of."""
        self.numbers: dict[str, str] = {}
        self._translator = AsteriskTranslator(trunks or Trunks())
        self._tracker = CallTracker()

    def hear(self, *rows: Row) -> list[Ended]:
        """The calls that these messages ended; each comes a second after the last."""
        ended: list[Ended] = []
        for row in rows:
            self.now += seconds(1)
            for event in self._translator.events(row, self.now):
                if isinstance(event, ChannelAppeared):
                    self.kinds[event.channel] = event.kind
                    self.numbers[event.channel] = event.number
                ended += self._tracker.receive(event)
        return ended

    def snapshot(self, *rows: Row) -> list[Ended]:
        """The same of a whole list."""
        return self.hear(*rows, {"Event": "CoreShowChannelsComplete"})

    def talked_to(self, *callers: str) -> list[tuple[str, ...]]:
        """With whom these callers were on the line, when all are cut off."""
        calls = {c.call_id: spoke_with(c) for c in self._tracker.cut_off(self.now) if isinstance(c, EndedCall)}
        return [calls[caller] for caller in callers]


def newchannel(row: Row, **headers: str) -> Row:
    """How the channel of a row had been announced."""
    return row | {"Event": "Newchannel", "ChannelState": "4", "Context": "from-trunk"} | headers


# --- bridges ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("technology", "expected"), [("simple_bridge", ("101",)), ("softmix", ("101",)), ("holding_bridge", ())]
)
def test_who_is_in_a_holding_bridge_hears_nobody(technology: str, expected: tuple[str, ...]) -> None:
    """The list of bridges, which comes first, tells its kind: a parked caller and a parked phone are no talk."""
    pbx = Pbx()
    pbx.snapshot(bridge("other"), bridge("b", technology), caller(BridgeId="b"), phone(BridgeId="b"))

    assert [expected] == pbx.talked_to(CALLER)


def test_a_bridge_that_is_not_listed_is_one_in_which_people_talk() -> None:
    """The account may not list bridges, or it was made a moment ago: rather no text than a wrong one."""
    pbx = Pbx()
    pbx.snapshot(caller(BridgeId="b"), phone(BridgeId="b"))

    assert [("101",)] == pbx.talked_to(CALLER)


def test_two_parked_callers_and_a_phone_elsewhere() -> None:
    """Both in one holding bridge, and the phone in a talk of its own (m05)."""
    pbx = Pbx()
    pbx.snapshot(
        *(bridge("lot", "holding_bridge"), bridge("b")),
        *(caller(BridgeId="lot"), caller(SECOND, BridgeId="lot"), phone(BridgeId="b")),
    )

    assert [(), ()] == pbx.talked_to(CALLER, SECOND)


def test_a_holding_bridge_is_forgotten_with_its_list() -> None:
    """Names are not used again, but a bridge may change its technology: only the list of now counts."""
    pbx = Pbx()
    pbx.snapshot(bridge("b", "holding_bridge"), caller(BridgeId="b"), phone(BridgeId="b"))
    pbx.snapshot(bridge("b"), caller(BridgeId="b"), phone(BridgeId="b"))

    assert [("101",)] == pbx.talked_to(CALLER)


def test_a_list_that_was_cut_off_holds_nobody() -> None:
    """The link broke behind the list of bridges."""
    pbx = Pbx()
    pbx.hear(bridge("b", "holding_bridge"), {"Banner": "Asterisk Call Manager/9.0.0"})
    pbx.snapshot(bridge("b"), caller(BridgeId="b"), phone(BridgeId="b"))

    assert [("101",)] == pbx.talked_to(CALLER)


def test_a_talk_that_ended_while_nobody_watched_is_over() -> None:
    """Each of them hears a voicemail by now: the list shows neither in their old bridge, nor in any other."""
    pbx = Pbx()
    pbx.snapshot(bridge("b"), caller(BridgeId="b"), phone(BridgeId="b"))
    pbx.snapshot(caller(Application="VoiceMail"), phone(Application="VoiceMailMain"))
    pbx.now += dt.timedelta(hours=1)
    (call,) = pbx.hear({"Event": "Hangup", "Uniqueid": PHONE, "Cause": "16"}, {"Event": "Hangup", "Uniqueid": CALLER})

    assert isinstance(call, EndedCall)
    assert 3.0 == call.talk_seconds


def test_a_path_through_a_local_channel_is_found() -> None:
    """Caller - bridge - Local = Local - bridge - phone; the halves are paired by their names."""
    pbx = Pbx()
    pbx.snapshot(bridge("1"), bridge("2"), caller(BridgeId="1"), local("1", "1"), local("2", "2"), phone(BridgeId="2"))

    assert [("101",)] == pbx.talked_to(CALLER)


def test_a_path_through_a_holding_bridge_is_none() -> None:
    """The caller waits; somebody talks behind the other half."""
    pbx = Pbx()
    pbx.snapshot(
        *(bridge("1", "holding_bridge"), bridge("2"), caller(BridgeId="1"), local("1", "1"), local("2", "2")),
        phone(BridgeId="2"),
    )

    assert [()] == pbx.talked_to(CALLER)


# --- legs outside ----------------------------------------------------------------------------------------------------

BY_ENDPOINT = Trunks((Trunk(endpoints=frozenset({"trunk"})),))


@pytest.mark.parametrize(
    ("trunks", "row"),
    [
        pytest.param(BY_ENDPOINT, forwarded(), id="its endpoint is configured"),
        pytest.param(Trunks(), forwarded(Context="from-trunk"), id="its context is configured"),
        pytest.param(Trunks(), forwarded(CallerIDNum="07700900777"), id="at the very first start, by its looks"),
    ],
)
def test_a_leg_that_a_caller_is_forwarded_to_is_outside(trunks: Trunks, row: Row) -> None:
    """It is in the group of another: no second caller."""
    pbx = Pbx(trunks)
    pbx.snapshot(caller(), row)

    assert {CALLER: ChannelKind.INBOUND, FORWARDED: ChannelKind.OUTSIDE} == pbx.kinds


def test_a_leg_by_a_trunk_that_was_seen_is_outside() -> None:
    """The trunk is known since a caller came by it, though nothing in the row says so."""
    pbx = Pbx()
    pbx.hear(newchannel(caller(SECOND)))
    pbx.snapshot(caller(), forwarded())

    assert ChannelKind.OUTSIDE is pbx.kinds[FORWARDED]


SHOWN = [("07700900777", "07700900777"), ("s", ""), ("101", ""), ("<unknown>", ""), ("", "")]


@pytest.mark.parametrize(("shown", "number"), SHOWN)
def test_the_number_outside_is_told_where_it_is_one(shown: str, number: str) -> None:
    """Asterisk gives such a leg the extension of the dialplan that dialled it, or none."""
    pbx = Pbx(BY_ENDPOINT)
    pbx.snapshot(caller(), forwarded(CallerIDNum=shown))

    assert number == pbx.numbers[FORWARDED]


@pytest.mark.parametrize(("shown", "number"), SHOWN)
def test_a_new_leg_outside_has_no_number_before_it_is_dialled(shown: str, number: str) -> None:
    """Unless Asterisk shows one: it begins as <unknown> (j01)."""
    pbx = Pbx(BY_ENDPOINT)
    pbx.hear(newchannel(forwarded(CallerIDNum=shown), ChannelState="0"))

    assert number == pbx.numbers[FORWARDED]


def test_a_caller_who_is_on_the_line_with_a_number_outside_is_talked_to_and_has_called_it_himself() -> None:
    """He was forwarded; the office reached nobody by it."""
    pbx = Pbx(BY_ENDPOINT)
    pbx.snapshot(bridge("b"), caller(BridgeId="b"), forwarded(CallerIDNum="07700900777", BridgeId="b"))
    ended = pbx.hear({"Event": "Hangup", "Uniqueid": FORWARDED}, {"Event": "Hangup", "Uniqueid": CALLER})

    (call,) = ended
    assert isinstance(call, EndedCall)
    assert [("07700900777", True)] == [(party.number, party.outside) for party in call.talked_to]


def test_a_number_that_a_phone_has_called_is_outside() -> None:
    """The phone began the group."""
    pbx = Pbx(BY_ENDPOINT)
    row = channel("PJSIP/101-00000001", PHONE, PHONE, Context="from-internal")
    pbx.snapshot(row, channel("PJSIP/trunk-00000002", FORWARDED, PHONE))

    assert {PHONE: ChannelKind.DEVICE, FORWARDED: ChannelKind.OUTSIDE} == pbx.kinds


def test_a_number_that_was_called_over_a_lost_link_keeps_what_is_known_of_it() -> None:
    """The list no longer tells whom 101 rang; that it was a click which rang outside first makes it no caller."""
    pbx = Pbx(BY_ENDPOINT)
    leg = channel("PJSIP/trunk-00000002", FORWARDED, FORWARDED, ChannelState="0")
    pbx.hear(newchannel(leg, ChannelState="0"))
    pbx.hear({"Event": "DialBegin", "DestUniqueid": FORWARDED, "DialString": "07700900123@trunk"})
    pbx.snapshot(leg)

    assert ChannelKind.OUTSIDE is pbx.kinds[FORWARDED]
