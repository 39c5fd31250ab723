"""Nothing passes the anonymiser because nobody thought of it, and what decides a call does."""

import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import fake_ami
from tests.builders import NOON
from tests.pbx import replay
from tests.pbx.anonymity import CLOSED, LAB, NUMBERS, SECRETS, WRAPPINGS, what_happened
from textbackd.core.channel_events import CallerIdRefuted
from textbackd.core.outcomes import judge
from textbackd.core.phone_numbers import E164
from textbackd.pbx import asterisk_events, asterisk_words, harmless_words
from textbackd.pbx.ami_stream import AmiReader, Message, parsed
from textbackd.pbx.anonymise import Anonymised, anonymised
from textbackd.pbx.disguise import House
from textbackd.pbx.trace import AmiTrace
from textbackd.pbx.trunks import Trunk, Trunks


def messages_of(data: bytes) -> list[Message]:
    return [parsed(block) for _offset, block in AmiReader().blocks(data)]


def of_messages(*messages: Mapping[str, str] | bytes, house: House = LAB, seed: int = 1) -> Anonymised:
    """Anonymise a stream that a test made up."""
    data = b"".join(m if isinstance(m, bytes) else fake_ami.as_bytes(m) for m in messages)
    return anonymised(AmiTrace(Path("made.ami"), data, [(0, NOON.timestamp())]), house, random.Random(seed))


def only(made: Anonymised) -> Message:
    """Its one message."""
    (message,) = messages_of(made.data)
    return message


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_no_number_of_the_stream_stands_for_another() -> None:
    """Whichever comes first in it."""
    before = {f"07700900{n:03}" for n in range(500)}
    made = of_messages(*({"Event": "Hold", "CallerIDNum": number} for number in sorted(before)))
    after = {message["CallerIDNum"] for message in messages_of(made.data)}

    assert (500, set()) == (len(after), before & after)


def test_nothing_leads_back() -> None:
    """Another run draws other numbers."""
    one, other = of_messages({"Event": "Hold", "CallerIDNum": "07400123456"}), None
    for seed in (2, 3):
        other = of_messages({"Event": "Hold", "CallerIDNum": "07400123456"}, seed=seed)
        assert one.data != other.data


# --- whatever a value may hold ---------------------------------------------------------------------------------------

HEADERS = [
    *("Channel", "DestChannel", "CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName", "Context"),
    *("Exten", "Extension", "AppData", "Application", "ApplicationData", "Data", "Variable", "Value", "DialString"),
    *("Queue", "Interface", "MemberName", "Mailbox", "AccountCode", "Uniqueid", "Linkedid", "BridgeUniqueid"),
    *("Language", "Privilege", "Response", "Message", "ActionID", "Banner", "Status", "Extra", "Digit", "Hint"),
    *("Newfangled", "New-Header", "UserEvent", "ChanVariable", "ChanVariable(SIP/101-00000001)", "Cause-txt", "File"),
]
HEADS: list[dict[str, str]] = [
    {"Event": "Newchannel", "Privilege": "call,all"},
    {"Event": "VarSet", "Privilege": "dialplan,all", "Variable": "FROM_DID"},
    {"Event": "Newexten", "Privilege": "dialplan,all", "Application": "Dial"},
    {"Event": "Newexten", "Privilege": "dialplan,all", "Application": "Hangup"},
    {"Event": "CoreShowChannel"},
    {"Event": "Newfangled", "Privilege": "agent,all"},
    {"Event": "UserEvent", "Privilege": "user,all"},
    {"Event": "Cdr", "Privilege": "cdr,all"},
    {"Response": "Success", "ActionID": "textbackd-privacy/1795220361.1/now"},
]


@pytest.mark.parametrize("secret", SECRETS)
def test_no_value_passes_because_nobody_thought_of_it(secret: str) -> None:
    """Wherever it stands, in whatever, in whichever event: it is not there any more."""
    data = b"".join(
        as_it_came({**head, header: wrapping.format(secret, secret)})
        for head in HEADS
        for header in HEADERS
        for wrapping in WRAPPINGS
    )

    assert secret.lower() not in of_messages(data).data.decode("ascii").lower()


@given(
    st.lists(
        st.tuples(st.sampled_from(HEADERS), st.text("bZéß٣0123456789 -_/@&;:,*#<>()[]\"'.+=%\\\t", min_size=7)),
        max_size=6,
    ),
    st.sampled_from(HEADS),
)
def test_nor_does_any_other(fields: list[tuple[str, str]], head: dict[str, str]) -> None:
    """No word of Asterisk's and no count can be made of these letters and is so long; zeros alone tell nothing."""
    values = {value.strip(" ") for value in dict(fields).values() if re.search(r"[^\W\d]|[1-9]\d\d", value)}

    told = only(of_messages(as_it_came({**head, **dict(fields)})))

    assert not values & set(told.values())


def as_it_came(message: Mapping[str, str]) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in message.items()]
    return "".join([*lines, "\r\n"]).encode("utf-8", "surrogateescape")


@given(st.lists(st.binary(max_size=60).filter(lambda line: b"\r\n" not in line and b"Banner" not in line), max_size=5))
def test_what_is_no_header_is_left_out(lines: list[bytes]) -> None:
    """Bytes of any kind are no error, and nothing of them is seen."""
    made = of_messages(
        b"\r\n".join([b"Event: Hold", b"Privilege: call,all", *(b"~" + line for line in lines)]) + b"\r\n\r\n"
    )

    assert b"Event: Hold\r\nPrivilege: call,all\r\n\r\n" == made.data


@given(
    NUMBERS | st.sampled_from(SECRETS) | st.sampled_from(["anonymous", "<unknown>", "", "Unknown", "John Anonymous"]),
    NUMBERS,
)
def test_a_call_of_whomever_to_whatever_comes_out_the_same(caller: str, did: str) -> None:
    """The rules see the same kind of caller."""
    story = [dict(message) for message in fake_ami.rings_out("1795220361.1", caller)]
    for message in story:
        message.update({"Exten": did} if message.get("Exten") else {})
    before = b"".join(map(fake_ami.as_bytes, story))

    assert judged(before) == judged(of_messages(before).data)


def judged(data: bytes) -> list[dict[str, Any]]:
    translator = asterisk_events.AsteriskTranslator(Trunks())
    events = [event for message in messages_of(data) for event in translator.events(message, NOON)]
    calls = [judge(call, replay.OFFICE, pbx="asterisk", minimum_talk=NOON - NOON) for call in replay.ended(events)]
    return what_happened(calls)


# --- what goes and what stays ----------------------------------------------------------------------------------------


def test_variables() -> None:
    """Values stay where the translator reads them or where they are Asterisk's words; names that are not known go."""

    def told(variable: str, value: str) -> tuple[str, str]:
        made = only(of_messages({"Event": "VarSet", "Privilege": "dialplan,all", "Variable": variable, "Value": value}))
        return made["Variable"], made["Value"]

    assert ("VARIABLE1", "") == told("PIN", "4711")
    assert ("VARIABLE1", "") == told("SIPHEADER(X-Caller-07400123456)", "Zimmer")
    assert ("VARIABLE1", "TRUE") == told("ZIMMER_IS_IN", "TRUE")
    assert ("OUTNUM", "") == told("OUTNUM", "07400123456")
    assert ("DIALSTATUS", "CHANUNAVAIL") == told("DIALSTATUS", "CHANUNAVAIL")
    assert ("__CALLINGNUMPRES_SV", "prohib_passed_screen") == told("__CALLINGNUMPRES_SV", "prohib_passed_screen")
    variable, value = told("__FROM_DID", "01632960101")
    assert variable == "__FROM_DID"
    assert re.fullmatch(r"01632960\d{3}", value)


def test_the_order_of_headers_does_not_matter() -> None:
    """The name of a variable goes also where its value comes first."""
    made = only(of_messages({"Event": "VarSet", "Value": "4711", "Variable": "ZIMMER_PIN"}))

    assert {"Event": "VarSet", "Value": "", "Variable": "VARIABLE1"} == made


def test_the_same_is_the_same_everywhere() -> None:
    """An extension in all its places, a trunk in a channel and in a dial string."""
    made = only(
        of_messages(
            {
                "Event": "DialBegin",
                "Channel": "PJSIP/voipfone-00000012",
                "DestChannel": "Local/FMPR-101@from-internal-00000004;1",
                "DestCallerIDNum": "101",
                "DialString": "PJSIP/07400123456@voipfone&PJSIP/101",
                "DestExten": "*98101",
                "Uniqueid": "zimmer-1795220361.1",
                "Linkedid": "zimmer-1795220361.1",
            }
        )
    )

    trunk, extension = made["Channel"][6:-9], made["DestCallerIDNum"]
    assert f"Local/FMPR-{extension}@from-internal-00000004;1" == made["DestChannel"]
    assert re.fullmatch(rf"PJSIP/07700900\d{{3}}@{trunk}&PJSIP/{extension}", made["DialString"])
    assert re.fullmatch(r"\*\d{5}", made["DestExten"])
    assert made["Uniqueid"] == made["Linkedid"]
    assert re.fullmatch(r"\w+-1795220361\.1", made["Uniqueid"])


def test_an_event_that_nobody_knows_keeps_its_shape() -> None:
    """So that a translation that is missing can be found."""
    made = of_messages(
        {"Event": "ParkedCallMoved", "Privilege": "call,all", "ParkeeUniqueid": "1795220361.1", "Whom": "Zimmer"}
    )

    told = {"Event": "ParkedCallMoved", "Privilege": "call,all", "ParkeeUniqueid": "1795220361.1", "Whom": "n1"}
    assert told == only(made)


def test_an_event_with_a_number_in_its_name_has_none() -> None:
    """Names of events come from Asterisk; one that cannot does not."""
    assert {"Event": "Unknown"} == only(of_messages({"Event": "Caller07400123456"}))


@pytest.mark.parametrize("header", ["Digit", "AccountCode", "DestAccountCode", "Language", "Extra", "Readformat"])
def test_some_headers_nobody_needs(header: str) -> None:
    """Keys pressed may be a PIN."""
    assert {"Event": "Hold"} == only(of_messages({"Event": "Hold", header: "4"}))


@pytest.mark.parametrize(("data", "told"), [("17", "17"), ("4711", ""), ("17,Zimmer", "17"), ("", "")])
def test_a_hang_up_keeps_its_cause(data: str, told: str) -> None:
    """It tells busy from rejected."""
    assert told == only(of_messages({"Event": "Newexten", "Application": "Hangup", "AppData": data}))["AppData"]


@pytest.mark.parametrize("event", ["UserEvent", "DTMFEnd", "SuccessfulAuth", "RTCPSent", "Cdr", "CEL"])
def test_of_an_event_that_tells_of_no_call_only_the_name_stays(event: str) -> None:
    """Keys pressed may be a PIN; a dialplan puts into a UserEvent what it likes."""
    classes = {"UserEvent": "user", "DTMFEnd": "dtmf", "RTCPSent": "reporting", "Cdr": "cdr", "CEL": "call"}
    privilege = f"{classes.get(event, 'security')},all"
    stays = {"Event": event, "Privilege": privilege, "Uniqueid": "1795220361.1"}

    assert stays == only(of_messages({**stays, "Digit": "4", "Zimmer": "yes", "Channel": "SIP/1-1"}))


@pytest.mark.parametrize("word", ["anonymous", "Anonymous", "<unknown>", "Restricted", "s", ""])
def test_who_withheld_his_number_has_none_here_either(word: str) -> None:
    """The words for nobody stay as they are."""
    assert word == only(of_messages({"Event": "Hold", "CallerIDNum": word}))["CallerIDNum"]


def test_two_words_are_looked_for_anywhere() -> None:
    """A context that turns callers away, and a presentation that nobody has seen yet."""
    made = only(
        of_messages(
            {"Event": "NewCallerid", "Context": "zimmers-blacklist", "CID-CallingPres": "99 (Prohibited: Zimmer)"}
        )
    )

    assert "blacklist" in made["Context"]
    assert "prohib" in made["CID-CallingPres"]
    assert "immer" not in str(made)


def test_an_answer_about_privacy_is_understood() -> None:
    """The answers to the recorder's own questions."""
    action = "textbackd-privacy/zimmer-1795220361.1/header"
    asked = {"Response": "Success", "ActionID": action, "Variable": "PJSIP_HEADER(read,Privacy)"}

    told = only(of_messages({**asked, "Value": "id"}))
    odd = only(of_messages({**asked, "Value": "Zimmer"}))

    assert re.fullmatch(r"textbackd-privacy/\w+-1795220361\.1/header", told["ActionID"])
    assert "id" == told["Value"]
    assert odd["Value"] not in ("", "Zimmer")


def test_of_an_identity_that_was_refuted_only_that_stays() -> None:
    """It silences the text in a replay too."""
    action = "textbackd-privacy/1795220361.1/asserted"
    asked = {"Response": "Success", "ActionID": action, "Variable": "PJSIP_HEADER(read,P-Asserted-Identity)"}

    made = only(of_messages({**asked, "Value": "<tel:+447400123456;verstat=TN-Validation-Failed>"}))

    assert "tn-validation-failed" in made["Value"]
    assert "400123456" not in str(made)
    told = asterisk_events.AsteriskTranslator(Trunks()).events(made, NOON)
    assert [CallerIdRefuted(at=NOON, channel="1795220361.1")] == list(told)


def test_the_words_that_decide_stay() -> None:
    """All that the translator compares with is in the lists."""
    assert {*asterisk_words.STAGES, "Hangup"} <= harmless_words.APPLICATIONS
    assert {*asterisk_words.DIAL_STATUS, *asterisk_words.QUEUE_STATUS, asterisk_words.HOLDING_BRIDGE, "SUCCESS"} <= (
        harmless_words.VALUES
    )
    assert asterisk_words.NOBODY_THERE <= harmless_words.TECHNOLOGIES
    assert {name.removeprefix("__") for name in asterisk_events._VARIABLES} == harmless_words.VARIABLES_READ


# --- another office --------------------------------------------------------------------------------------------------


def test_trunks_of_their_own_become_ones_that_everybody_knows() -> None:
    """By context or by endpoint; a standard context that is none of theirs does not."""
    trunk = Trunk(contexts=frozenset({"from-zimmer"}), endpoints=frozenset({"zimmer"}))
    house = House(country="GB", trunks=Trunks((trunk,)))

    def context(channel: str, context: str) -> str:
        made = of_messages({"Event": "Newchannel", "Channel": channel, "Context": context}, house=house)
        return only(made)["Context"]

    assert "from-trunk" == context("PJSIP/other-00000001", "from-zimmer")
    assert "from-trunk" == context("PJSIP/zimmer-00000001", "phones")
    assert "from-internal" == context("PJSIP/101-00000001", "from-internal")
    assert "from-trunk" != context("PJSIP/other-00000001", "from-trunk")


def test_a_closed_did_becomes_one_that_is_closed_where_it_is_replayed() -> None:
    """However it is spelled."""
    theirs = E164("+4930123456")
    house = House(country="DE", closed=frozenset({theirs}), closed_there=CLOSED)

    for spelling in ("030123456", "+4930123456"):
        made = only(of_messages({"Event": "Newchannel", "Exten": spelling}, house=house))
        assert made["Exten"] in CLOSED


def test_what_it_says_of_itself() -> None:
    """How many different numbers, names and variables were replaced."""
    made = of_messages(
        {"Event": "Hold", "CallerIDNum": "07400123456", "CallerIDName": "Zimmer", "Exten": "101"},
        {"Event": "Hold", "CallerIDNum": "+447400123456", "CallerIDName": "Zoe", "Exten": "101"},
        {"Event": "VarSet", "Variable": "PIN", "Value": "4711"},
        {"Event": "VarSet", "Variable": "PIN", "Value": "4712"},
        b"Event: Hangup\r\nCallerIDNum: 07",
    )

    assert (4, 2, 0, 2, 1) == (made.messages, made.numbers, made.invented, made.names, made.variables)
