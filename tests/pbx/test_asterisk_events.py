"""AMI messages become channel events, one case for each thing that Asterisk says."""

from collections.abc import Sequence

import pytest

from tests.builders import NOON, seconds
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, Privacy, QueueExit, Stage
from textbackd.pbx.asterisk_events import PRIVACY_ACTION, AsteriskTranslator, wanted
from textbackd.pbx.source import NotUnderstood
from textbackd.pbx.trunks import TRUNK_CONTEXTS, Trunk, Trunks

CALLER = "1795220364.0"
PHONE = "1795220364.1"


WITHHELD, SHOWN, UNKNOWN = (
    ev.PrivacyTold(at=NOON, channel=CALLER, privacy=privacy)
    for privacy in (Privacy.WITHHELD, Privacy.SHOWN, Privacy.UNKNOWN)
)
REFUTED = ev.CallerIdRefuted(at=NOON, channel=CALLER)
IN_VOICEMAIL = ev.StageEntered(at=NOON, channel=CALLER, stage=Stage.VOICEMAIL)


def said(name: str, to: AsteriskTranslator | None = None, /, **headers: str) -> list[ChannelEvent]:
    """What one message says; headers are those of the inbound leg where none are given."""
    message = {"Event": name, "Channel": "PJSIP/trunk-00000000", "Uniqueid": CALLER, "Linkedid": CALLER} | headers
    return list((to or AsteriskTranslator(Trunks())).events(message, NOON))


def new_channel(to: AsteriskTranslator | None = None, /, **headers: str) -> ev.ChannelAppeared:
    defaults = {
        "ChannelState": "4", "CallerIDNum": "07700900123", "CallerIDName": "<unknown>", "Context": "from-trunk",
        "Exten": "01632960101",
    }  # fmt: skip
    (event,) = said("Newchannel", to, **(defaults | headers))
    assert isinstance(event, ev.ChannelAppeared)
    return event


# --- channels --------------------------------------------------------------------------------------------------------


def test_the_carriers_call_makes_an_inbound_leg() -> None:
    """With the caller's number, the DID and the context."""
    assert new_channel(CallerIDName="SMITH JOHN") == ev.ChannelAppeared(
        at=NOON, channel=CALLER, name="PJSIP/trunk-00000000", kind=ChannelKind.INBOUND, group=CALLER,
        number="07700900123", display_name="SMITH JOHN", did="01632960101", context="from-trunk", line="trunk",
        begins_call=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, ChannelKind.INBOUND),
        ({"ChannelState": "0"}, ChannelKind.OUTSIDE),
        ({"Linkedid": "1795220360.7"}, ChannelKind.OUTSIDE),
        ({"Context": "from-internal"}, ChannelKind.DEVICE),
        ({"Channel": "PJSIP/101-00000001", "Context": "from-internal"}, ChannelKind.DEVICE),
        ({"Channel": "DAHDI/i1/07700900123-5", "Context": "from-pstn"}, ChannelKind.INBOUND),
        ({"Channel": "Local/101@from-queue-00000001;2"}, ChannelKind.HALF),
        ({"Channel": "CBAnn/800-00000002;2"}, ChannelKind.SERVICE),
        ({"Channel": "Announcer/ARI-00000002;2"}, ChannelKind.SERVICE),
    ],
)
def test_what_kind_of_channel_it_is(headers: dict[str, str], kind: ChannelKind) -> None:
    """An outgoing trunk leg has the trunk's name and context, and only its state and group tell (f02, j14)."""
    assert kind is new_channel(**headers).kind


def test_a_trunk_may_be_told_by_the_name_of_its_endpoint() -> None:
    """Where its context is the office's own."""
    trunks = Trunks((Trunk(endpoints=frozenset({"trunk"})),))

    assert new_channel(AsteriskTranslator(trunks), Context="anywhere").kind is ChannelKind.INBOUND
    assert new_channel(AsteriskTranslator(trunks), Channel="PJSIP/101-00000001").kind is ChannelKind.DEVICE


@pytest.mark.parametrize(("shown", "number"), [("907700900123", "07700900123"), ("07700900123", "07700900123")])
def test_what_the_pbx_puts_before_a_number_is_stripped(shown: str, number: str) -> None:
    """Once, where it is there."""
    trunks = Trunks((Trunk(contexts=TRUNK_CONTEXTS, strip=("8", "9")),))

    assert number == new_channel(AsteriskTranslator(trunks), CallerIDNum=shown).number


def test_a_phone_is_known_by_its_extension() -> None:
    """The name of its endpoint, not a number that it shows; of a phone with a name of its own the number."""
    headers = {"Uniqueid": PHONE, "ChannelState": "0", "Context": "from-internal", "CallerIDName": "Anna"}
    plain = new_channel(Channel="PJSIP/101-00000001", **headers)
    named = new_channel(Channel="PJSIP/anna-desk-00000001", **headers | {"CallerIDNum": "101"})

    for phone in (plain, named):
        assert (phone.kind, phone.number, phone.display_name) == (ChannelKind.DEVICE, "101", "Anna")
        assert not phone.begins_call
    assert new_channel(Channel="PJSIP/101-00000001", Context="from-internal").begins_call


@pytest.mark.parametrize(
    ("dial_string", "number"),
    [
        ("07700900777@trunk", "07700900777"),
        ("trunk/sip:07700900777@carrier.example", "07700900777"),
        ("trunk/07700900777", "07700900777"),
        ("g0/07700900777", "07700900777"),
        ("FMGL-07700900777@from-internal/n", "FMGL-07700900777"),
        ("101", ""),
        ("", ""),
    ],
)
def test_the_number_that_is_rung_is_in_the_dial_string(dial_string: str, number: str) -> None:
    """In the ways in which PJSIP, SIP and DAHDI write it; a phone alone has none."""
    (event,) = said("DialBegin", DestUniqueid=PHONE, DialString=dial_string)

    assert event == ev.DialStarted(at=NOON, channel=PHONE, by=CALLER, number=number)


def test_a_trunk_that_was_seen_is_a_trunk_for_what_leaves_by_it() -> None:
    """Whatever context its outgoing legs show."""
    translator = AsteriskTranslator(Trunks())
    leg = {"Uniqueid": PHONE, "ChannelState": "0", "Context": "anywhere"}

    assert new_channel(translator, **leg).kind is ChannelKind.DEVICE
    new_channel(translator)
    assert new_channel(translator, **leg).kind is ChannelKind.OUTSIDE


def test_several_trunks_each_strip_their_own() -> None:
    """The trunk that names the endpoint comes before one that names the context."""
    by_context = Trunk(contexts=TRUNK_CONTEXTS, strip=("9",))
    by_endpoint = Trunk(endpoints=frozenset({"second"}), strip=("0044",))
    translator = AsteriskTranslator(Trunks((by_context, by_endpoint)))

    assert new_channel(translator, CallerIDNum="907700900123").number == "07700900123"
    assert new_channel(translator, Channel="PJSIP/second-1", CallerIDNum="00447700").number == "7700"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("6", [ev.ChannelAnswered(at=NOON, channel=CALLER)]),
        ("5", [ev.ChannelRinging(at=NOON, channel=CALLER)]),
        ("3", []),
    ],
)
def test_states_that_matter(state: str, expected: list[ChannelEvent]) -> None:
    """Up and ringing."""
    assert expected == said("Newstate", ChannelState=state)


@pytest.mark.parametrize(
    ("cause", "of_a_phone", "of_the_caller"),
    [
        ("16", None, None),
        ("0", None, None),
        ("", None, None),
        ("17", DialResult.BUSY, DialResult.BUSY),
        ("21", DialResult.BUSY, None),
        ("1", DialResult.UNAVAILABLE, None),
        ("19", DialResult.UNAVAILABLE, None),
        ("34", DialResult.UNAVAILABLE, None),
    ],
)
def test_why_a_channel_was_hung_up(cause: str, of_a_phone: DialResult | None, of_the_caller: DialResult | None) -> None:
    """A phone's cause tells how it declined; an inbound leg's tells only that the PBX said *busy* (a07, a24, e18)."""
    translator = AsteriskTranslator(Trunks())
    new_channel(translator)

    assert [ev.ChannelGone(at=NOON, channel=PHONE, result=of_a_phone)] == said(
        "Hangup", translator, Uniqueid=PHONE, Cause=cause
    )
    assert [ev.ChannelGone(at=NOON, channel=CALLER, result=of_the_caller)] == said("Hangup", translator, Cause=cause)


def test_a_group_that_changes_is_told_once() -> None:
    """Asterisk says nothing; the next message of the channel, or about it, carries the new one (m09)."""
    translator = AsteriskTranslator(Trunks())
    new_channel(translator)
    moved = ev.ChannelMoved(at=NOON, channel=CALLER, group="1795220360.7")

    assert moved in said("Newstate", translator, ChannelState="6", Linkedid="1795220360.7")
    assert said("Newstate", translator, ChannelState="3", Linkedid="1795220360.7") == []
    back = {"DestUniqueid": CALLER, "DestLinkedid": CALLER, "Uniqueid": PHONE, "Linkedid": CALLER}
    assert ev.ChannelMoved(at=NOON, channel=CALLER, group=CALLER) in said("DialBegin", translator, **back)


def test_a_channel_that_was_never_seen_does_not_move() -> None:
    """There is nothing to compare with."""
    assert said("Newstate", ChannelState="3", Linkedid="1795220360.7") == []


# --- dialling and bridges --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dial_string", "number"), [("101", ""), ("07700900777@trunk", "07700900777"), ("", "")])
def test_a_leg_is_dialled(dial_string: str, number: str) -> None:
    """The number outside, where the dial string names one."""
    assert [ev.DialStarted(at=NOON, channel=PHONE, by=CALLER, number=number)] == said(
        "DialBegin", DestUniqueid=PHONE, DialString=dial_string
    )


def test_a_leg_may_be_dialled_by_nobody() -> None:
    """An Originate has no channel that dials."""
    message = {"Event": "DialBegin", "DestUniqueid": PHONE, "DialString": "101"}

    assert [ev.DialStarted(at=NOON, channel=PHONE, by="")] == list(AsteriskTranslator(Trunks()).events(message, NOON))


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("ANSWER", DialResult.ANSWERED),
        ("NOANSWER", DialResult.NO_ANSWER),
        ("CONTINUE", DialResult.NO_ANSWER),
        ("BUSY", DialResult.BUSY),
        ("CONGESTION", DialResult.UNAVAILABLE),
        ("CHANUNAVAIL", DialResult.UNAVAILABLE),
        ("CANCEL", DialResult.CANCELLED),
    ],
)
def test_the_dialling_of_a_leg_ended(status: str, result: DialResult) -> None:
    """In our words."""
    assert [ev.DialEnded(at=NOON, channel=PHONE, by=CALLER, result=result)] == said(
        "DialEnd", DestUniqueid=PHONE, DialStatus=status
    )


def test_a_phone_that_forwards_is_not_cancelled() -> None:
    """Its CANCEL is no caller's (f14)."""
    headers = {"DialStatus": "CANCEL", "Forward": "Local/07700900777@from-internal"}
    forwarded = ev.DialEnded(at=NOON, channel=PHONE, by=CALLER, result=DialResult.FORWARDED)

    assert said("DialEnd", DestUniqueid=PHONE, **headers) == [forwarded]


@pytest.mark.parametrize("headers", [{"DialStatus": "NEW"}, {}])
def test_a_result_that_is_not_known_says_nothing(headers: dict[str, str]) -> None:
    """The dialling may go on."""
    assert said("DialEnd", DestUniqueid=PHONE, **headers) == []


@pytest.mark.parametrize(
    ("headers", "sent_on"),
    [({"TransfereeUniqueid": CALLER}, True), ({"TransfereeUniqueid": CALLER, "Result": "Fail"}, False), ({}, False)],
)
def test_a_blind_transfer_sends_the_caller_on(headers: dict[str, str], sent_on: bool) -> None:
    """Where it worked, and says whom it moved."""
    expected = [ev.SentOn(at=NOON, channel=CALLER)] if sent_on else []

    assert said("BlindTransfer", TransfererUniqueid=PHONE, **headers) == expected


def test_bridges_and_local_pairs() -> None:
    """A parking place is a bridge of its own kind."""
    bridge, asterisk = {"BridgeUniqueid": "b", "BridgeTechnology": "simple_bridge"}, AsteriskTranslator(Trunks())
    new_channel(asterisk)

    assert said("BridgeEnter", asterisk, **bridge) == [ev.BridgeEntered(at=NOON, channel=CALLER, bridge="b")]
    assert said("BridgeEnter", asterisk, **(bridge | {"BridgeTechnology": "holding_bridge"})) == [
        ev.BridgeEntered(at=NOON, channel=CALLER, bridge="b", holding=True)
    ]
    assert said("BridgeLeave", **bridge) == [ev.BridgeLeft(at=NOON, channel=CALLER, bridge="b")]
    assert said("ConfbridgeLeave", **bridge) == [ev.BridgeLeft(at=NOON, channel=CALLER, bridge="b", conference=True)]
    assert said("LocalBridge", LocalOneUniqueid="1", LocalTwoUniqueid="2") == [
        ev.HalvesPaired(at=NOON, one="1", two="2")
    ]


@pytest.mark.parametrize(
    ("message", "prefix"),
    [
        ("DialBegin", "Dest"),
        ("DialEnd", "Dest"),
        ("BridgeEnter", ""),
        ("ConfbridgeJoin", ""),
        ("LocalBridge", "LocalTwo"),
    ],
)
def test_a_leg_that_was_not_seen_to_be_made_is_met_where_it_is_dialled_or_bridged(message: str, prefix: str) -> None:
    """Once: whether somebody took the call may hang on it."""
    asterisk = AsteriskTranslator(Trunks())
    leg = {"Channel": "PJSIP/101-00000001", "Uniqueid": PHONE, "Linkedid": CALLER, "CallerIDNum": "101"}
    headers = {"LocalOneUniqueid": CALLER, "BridgeUniqueid": "b"} | {prefix + name: leg[name] for name in leg}

    met, *_ = said(message, asterisk, **headers)

    assert isinstance(met, ev.ChannelAppeared)
    assert (PHONE, ChannelKind.DEVICE, CALLER, "101") == (met.channel, met.kind, met.group, met.number)
    assert (True, False) == (met.from_middle, met.begins_call)
    assert ev.ChannelAppeared not in map(type, said(message, asterisk, **headers))


def test_a_caller_who_was_not_seen_to_come_is_nobody() -> None:
    """What the number and the DID were is not in what a bridge tells."""
    asterisk = AsteriskTranslator(Trunks((Trunk(endpoints=frozenset({"trunk"})),)))

    assert [ev.BridgeEntered] == [type(event) for event in said("BridgeEnter", asterisk, BridgeUniqueid="b")]


# --- where the caller is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("application", "data", "context", "expected"),
    [
        ("Queue", "700,t,,,12", "ext-queues", (Stage.QUEUE, "700")),
        ("VoiceMail", "101@default,u", "macro-vm", (Stage.VOICEMAIL, "101@default")),
        ("VoiceMailMain", "101@default", "from-internal", (Stage.MAILBOX, "from-internal")),
        ("BackGround", "vm-extension", "ivr-1", (Stage.MENU, "ivr-1")),
        ("Playback", "ss-noservice", "from-trunk", (Stage.ANNOUNCEMENT, "from-trunk")),
        ("ConfBridge", "800", "ext-meetme", (Stage.CONFERENCE, "800")),
        ("Busy", "20", "macro-exten-vm", (Stage.BUSY_TONE, "macro-exten-vm")),
        ("Hangup", "17", "from-trunk", (Stage.BUSY_TONE, "from-trunk")),
        ("Hangup", "", "from-trunk", None),
        ("Hangup", "21", "from-trunk", None),
        ("Answer", "", "from-trunk", None),
        ("Hangup", "17", "app-blacklist-check", (Stage.BLOCKED, "app-blacklist-check")),
        ("Hangup", "", "app-blacklist-check", (Stage.BLOCKED, "app-blacklist-check")),
        ("Playback", "ss-noservice", "app-blacklist-check", (Stage.BLOCKED, "app-blacklist-check")),
        ("Return", "", "app-blacklist-check", None),
    ],
)
def test_the_application_is_a_stage(
    application: str, data: str, context: str, expected: tuple[Stage, str] | None
) -> None:
    """With the name of the queue, the mailbox, the room, or else the context."""
    found = said("Newexten", Application=application, AppData=data, Context=context)

    stages = [ev.StageEntered(at=NOON, channel=CALLER, stage=expected[0], where=expected[1])] if expected else []
    assert stages == found


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("DIALSTATUS", "CHANUNAVAIL", [ev.DialFinished(at=NOON, channel=CALLER, result=DialResult.UNAVAILABLE)]),
        ("DIALSTATUS", "ANSWER", []),
        ("DIALSTATUS", "", []),
        ("QUEUESTATUS", "TIMEOUT", [ev.QueueLeft(at=NOON, channel=CALLER, why=QueueExit.TIMEOUT)]),
        ("QUEUESTATUS", "JOINEMPTY", [ev.QueueLeft(at=NOON, channel=CALLER, why=QueueExit.EMPTY)]),
        ("QUEUESTATUS", "", []),
        ("VMSTATUS", "SUCCESS", [IN_VOICEMAIL, ev.MessageLeft(at=NOON, channel=CALLER)]),
        ("VMSTATUS", "FAILED", [IN_VOICEMAIL]),
        ("VMSTATUS", "", []),
        ("FROM_DID", "01632960101", [ev.DidKnown(at=NOON, channel=CALLER, did="01632960101")]),
        ("__FROM_DID", "01632960101", [ev.DidKnown(at=NOON, channel=CALLER, did="01632960101")]),
        ("__FROM_DID", "", []),
        ("__CALLINGNUMPRES_SV", "prohib_not_screened", [WITHHELD]),
        ("__CALLINGNUMPRES_SV", "allowed_not_screened", [SHOWN]),
        ("AMPUSER", "101", []),
    ],
)
def test_variables_that_tell(variable: str, value: str, expected: list[ChannelEvent]) -> None:
    """ANSWER is also said of a leg that nobody accepted (b09, f07): it tells nothing."""
    assert expected == said("VarSet", Variable=variable, Value=value)


def test_queues_parking_and_messages() -> None:
    """Each names the channel in its own way."""
    assert said("QueueCallerJoin", Queue="700") == [
        ev.StageEntered(at=NOON, channel=CALLER, stage=Stage.QUEUE, where="700")
    ]
    assert said("UnParkedCall", ParkeeUniqueid=CALLER, RetrieverUniqueid=PHONE) == [
        ev.QueueConnected(at=NOON, channel=CALLER, leg=PHONE)
    ]
    assert said("ParkedCall", ParkeeUniqueid=PHONE, ParkingSpace="71") == [
        ev.StageEntered(at=NOON, channel=PHONE, stage=Stage.PARKED, where="71")
    ]
    assert said("MessageWaiting", Waiting="1") == [ev.MessageLeft(at=NOON, channel=CALLER)]
    assert said("MessageWaiting", Waiting="0") == []
    of_no_channel = {"Event": "MessageWaiting", "Mailbox": "101@default", "Waiting": "1"}
    assert list(AsteriskTranslator(Trunks()).events(of_no_channel, NOON)) == []


def test_the_far_end_and_the_pbx_itself_hang_up() -> None:
    """A PBX that stops says so, channel by channel and once for all (k02); a redirect is no stop."""
    assert said("HangupRequest", Cause="16") == [ev.FarEndHungUp(at=NOON, channel=CALLER)]
    assert said("SoftHangupRequest", Cause="4") == [ev.LinkLost(at=NOON)]
    assert said("SoftHangupRequest", Cause="16") == []
    assert said("Shutdown", Shutdown="Cleanly") == [ev.LinkLost(at=NOON)]


def test_what_is_not_known_says_nothing() -> None:
    """Neither an event nor an answer of another's question."""
    assert said("RTCPSent") == []
    assert list(AsteriskTranslator(Trunks()).events({"Response": "Success", "Value": "prohib"}, NOON)) == []


# --- privacy ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("presentation", "expected"),
    [
        ("32 (Presentation Prohibited, Not Screened)", [WITHHELD]),
        ("35 (Presentation Prohibited, Network Number)", [WITHHELD]),
        ("0 (Presentation Allowed, Not Screened)", []),
        ("", []),
    ],
)
def test_the_presentation_may_be_told_by_a_change_of_the_caller_id(
    presentation: str, expected: list[ChannelEvent]
) -> None:
    """Where the dialplan changes it at all (h05, not h14)."""
    assert expected == said("NewCallerid", **{"CID-CallingPres": presentation})


@pytest.mark.parametrize(("name", "expected"), [("<unknown>", [SHOWN]), ("Jo", [])])
def test_that_the_number_is_shown_is_believed_of_a_name_that_is_set_only(
    name: str, expected: list[ChannelEvent]
) -> None:
    """The dialplan gives a name to who has none; the next change, or that of who has one, may be FreePBX's reset."""
    translator = AsteriskTranslator(Trunks())
    new_channel(translator, CallerIDName=name)
    allowed = {"CID-CallingPres": "0 (Presentation Allowed, Not Screened)"}

    assert expected == said("NewCallerid", translator, **allowed)
    assert [] == said("NewCallerid", translator, **allowed)


@pytest.mark.parametrize(
    ("question", "response", "value", "expected"),
    [
        ("now", "Success", "prohib_passed_screen", [WITHHELD]),
        ("now", "Success", "allowed_not_screened", []),
        ("now", "Error", "", [UNKNOWN]),
        ("saved", "Success", "prohib", [WITHHELD]),
        ("saved", "Success", "", []),
        ("saved", "Error", "", [UNKNOWN]),
        ("header", "Success", "id", [WITHHELD]),
        ("header", "Success", "id;critical", [WITHHELD]),
        ("header", "Success", "none", []),
        ("header", "Success", "", []),
        ("header", "Error", "", []),
        ("from", "Success", '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', [WITHHELD]),
        ("from", "Success", "<sip:07700900123@anonymous.invalid>", [WITHHELD]),
        ("from", "Success", '"Jo" <sip:07700900123@carrier.example>', []),
        ("from", "Error", "", []),
        ("from", "Success", "<sip:+447700900123;verstat=TN-Validation-Failed@carrier.example>", [REFUTED]),
        ("from", "Success", "<sip:anonymous@anonymous.invalid;verstat=TN-Validation-Failed>", [WITHHELD, REFUTED]),
        (
            "asserted",
            "Success",
            "<sip:+447700900123@carrier.example;user=phone;verstat=TN-Validation-Failed>",
            [REFUTED],
        ),
        ("asserted", "Success", "<tel:+447700900123;verstat=tn-validation-failed-c>", [REFUTED]),
        ("asserted", "Success", "<tel:+447700900123;verstat=TN-Validation-Passed>", []),
        ("asserted", "Success", "<tel:+447700900123;verstat=No-TN-Validation>", []),
        ("asserted", "Success", '"Anonymous" <sip:+447700900123@carrier.example>', []),
        ("asserted", "Success", "", []),
        ("asserted", "Error", "", []),
    ],
)
def test_the_answers_to_our_questions_about_privacy(
    question: str, response: str, value: str, expected: list[ChannelEvent]
) -> None:
    """The channel is in the id of the action (h12-h14); a refused question means that the channel had gone."""
    answer = {"Response": response, "ActionID": f"{PRIVACY_ACTION}{CALLER}/{question}", "Value": value}

    assert expected == list(AsteriskTranslator(Trunks()).events(answer, NOON))


# --- snapshots -------------------------------------------------------------------------------------------------------


def listed(**headers: str) -> dict[str, str]:
    return {
        "Event": "CoreShowChannel", "Channel": "PJSIP/trunk-00000000", "ChannelState": "6", "Uniqueid": CALLER,
        "Linkedid": CALLER, "CallerIDNum": "07700900123", "Context": "macro-dial", "Exten": "s", "Application": "Dial",
        "ApplicationData": "PJSIP/101", "Duration": "00:01:05", "BridgeId": "",
    } | headers  # fmt: skip


def snapshot(*rows: dict[str, str], translator: AsteriskTranslator | None = None) -> Sequence[ChannelEvent]:
    translator = translator or AsteriskTranslator(Trunks())
    for row in rows:
        found = translator.events(row, NOON)
        assert all(isinstance(event, ev.ChannelMoved) for event in found), "told before the list is complete"
    return translator.events({"Event": "CoreShowChannelsComplete"}, NOON)


def kinds(events: Sequence[ChannelEvent]) -> dict[str, ChannelKind]:
    return {event.channel: event.kind for event in events if isinstance(event, ev.ChannelAppeared)}


PHONE_ROW = {"Channel": "PJSIP/101-00000001", "Uniqueid": PHONE, "Context": "from-internal", "Application": "AppDial"}


def test_a_snapshot_tells_what_is_up_and_where() -> None:
    """Since when, in which bridge, in which application; what is not in it has gone."""
    found = snapshot(listed(BridgeId="b"), listed(**PHONE_ROW, BridgeId="b"))

    caller = next(event for event in found if isinstance(event, ev.ChannelAppeared))
    assert (caller.kind, caller.since, caller.answered, caller.from_middle) == (
        ChannelKind.INBOUND, NOON - seconds(65), True, True,
    )  # fmt: skip
    assert ev.BridgeEntered(at=NOON, channel=PHONE, bridge="b") in found
    assert ev.StageEntered(at=NOON, channel=CALLER, stage=Stage.DIAL, where="macro-dial") in found
    assert ev.SnapshotTaken(at=NOON, channels=frozenset({CALLER, PHONE})) == found[-1]


def test_an_empty_snapshot_says_that_nothing_is_up() -> None:
    """And the next one begins anew."""
    translator = AsteriskTranslator(Trunks())
    snapshot(listed(), translator=translator)

    assert snapshot(translator=translator) == [ev.SnapshotTaken(at=NOON, channels=frozenset())]


def test_local_halves_are_paired_by_name() -> None:
    """The list does not tell; a half without its other one stays alone."""
    halves = [
        listed(Channel="Local/101@from-internal-00000001;1", Uniqueid="1"),
        listed(Channel="Local/101@from-internal-00000001;2", Uniqueid="2"),
        listed(Channel="Local/102@from-internal-00000002;1", Uniqueid="3"),
    ]
    pairs = [event for event in snapshot(*halves) if isinstance(event, ev.HalvesPaired)]

    assert [ev.HalvesPaired(at=NOON, one="1", two="2")] == pairs


@pytest.mark.parametrize("duration", ["", "soon", "1:2"])
def test_a_duration_that_cannot_be_read_is_none(duration: str) -> None:
    """The call began now, as far as we know."""
    caller = snapshot(listed(Duration=duration))[0]

    assert isinstance(caller, ev.ChannelAppeared)
    assert caller.since == NOON


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({}, ChannelKind.INBOUND),
        ({"Context": "from-trunk"}, ChannelKind.INBOUND),
        ({"Linkedid": "1795220360.7"}, ChannelKind.OUTSIDE),
        (PHONE_ROW | {"Linkedid": PHONE}, ChannelKind.DEVICE),
        ({"Channel": "Local/101@from-internal-00000001;1"}, ChannelKind.HALF),
    ],
)
def test_an_inbound_leg_is_known_again_by_its_looks(row: dict[str, str], kind: ChannelKind) -> None:
    """Its context has moved on; it began its group, and is no extension."""
    found = snapshot(listed(**row))

    assert [kind] == list(kinds(found).values())


def test_what_was_seen_to_come_from_outside_is_known_again() -> None:
    """By its id, even when its group has changed; and trunks that were seen tell other trunks from others' names."""
    translator = AsteriskTranslator(Trunks())
    new_channel(translator)
    rows = [
        listed(Linkedid="1795220360.7"),
        listed(Channel="PJSIP/trunk-00000007", Uniqueid="7", Linkedid="7"),
        listed(Channel="PJSIP/reception-00000008", Uniqueid="8", Linkedid="8", Context="from-internal"),
    ]

    assert kinds(snapshot(*rows, translator=translator)) == {
        CALLER: ChannelKind.INBOUND, "7": ChannelKind.INBOUND, "8": ChannelKind.DEVICE,
    }  # fmt: skip


def test_what_was_in_the_air_at_the_last_stop_is_known_again() -> None:
    """The daemon remembers the ids of its live calls."""
    translator = AsteriskTranslator(Trunks(), inbound=frozenset({"8"}))
    row = listed(Channel="PJSIP/101-00000008", Uniqueid="8", Linkedid="7")

    assert kinds(snapshot(row, translator=translator)) == {"8": ChannelKind.INBOUND}


def test_the_status_tells_the_number_dialled() -> None:
    """Which the list of channels has forgotten."""
    told = ev.DidKnown(at=NOON, channel=CALLER, did="01632960101", certain=False)

    assert said("Status", DNID="01632960101") == [told]
    assert said("Status", DNID="") == []


# --- what need not be taken apart ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("Response: Success\r\nValue: prohib", True),
        ("Asterisk Call Manager/11.0.0\r\nResponse: Success", True),
        ("Event: Hangup\r\nUniqueid: 1", True),
        ("Event: HangupHandlerPush\r\nUniqueid: 1", False),
        ("Event: FullyBooted\r\nUptime: 6", False),
        ("Event: RTCPSent\r\nTo: x", False),
        ("Event: VarSet\r\nVariable: DIALSTATUS\r\nValue: ANSWER", True),
        ("Event: VarSet\r\nVariable: __FROM_DID\r\nValue: 01632960101", True),
        ("Event: VarSet\r\nVariable: AMPUSER\r\nValue: DIALSTATUS", False),
        ("Event: VarSet\r\nValue: x", False),
        ("Event: Newexten\r\nApplication: VoiceMail", True),
        ("Event: Newexten\r\nApplication: Hangup\r\nAppData: 17", True),
        ("Event: Newexten\r\nApplication: Set\r\nAppData: VoiceMail", False),
        ("Event: Newexten\r\nContext: x", False),
    ],
)
def test_what_is_wanted(block: str, expected: bool) -> None:
    """Told from the bytes alone."""
    assert expected == wanted(block.encode())


# --- streams that are not whole --------------------------------------------------------------------------------------


def test_a_message_that_was_cut_is_not_understood() -> None:
    """And says what it lacks."""
    with pytest.raises(NotUnderstood, match="DialBegin without 'DestUniqueid'"):
        AsteriskTranslator(Trunks()).events({"Event": "DialBegin", "Uniqueid": CALLER}, NOON)


def test_a_greeting_means_that_events_may_be_missing() -> None:
    """Also in a recorded stream; and a list of channels that was cut off does not haunt the next one."""
    translator = AsteriskTranslator(Trunks())
    row = {"Event": "CoreShowChannel", "Channel": "PJSIP/trunk-1", "Uniqueid": "1.1", "Linkedid": "1.1"}
    assert [] == list(translator.events(row, NOON))

    assert [ev.LinkLost(at=NOON)] == list(translator.events({"Banner": "Asterisk Call Manager/11.0.0"}, NOON))
    complete = translator.events({"Event": "CoreShowChannelsComplete"}, NOON)
    assert [ev.SnapshotTaken(at=NOON, channels=frozenset())] == list(complete)
