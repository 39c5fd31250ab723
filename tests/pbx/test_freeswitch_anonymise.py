"""What of a FreeSWITCH's stream goes when it is anonymised, and what stays."""

import ast
import re
from pathlib import Path

import pytest

import textbackd.pbx
from tests import fake_event_socket
from tests.pbx import switch
from tests.pbx.anonymity import CLOSED
from tests.pbx.freeswitch_anonymity import STAYING, events_in, of_event, of_events, of_stream
from textbackd.pbx import freeswitch_harmless_words as harmless_words
from textbackd.pbx import freeswitch_words
from textbackd.pbx.disguise import House
from textbackd.pbx.freeswitch_headers import VERIFICATION
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trunks import Trunk, Trunks


def test_all_that_the_translator_reads_stays() -> None:
    """Each header that is named in its modules."""
    named = set()
    for path in Path(textbackd.pbx.__path__[0]).glob("freeswitch_*.py"):
        if path.stem not in ("freeswitch_disguise", "freeswitch_harmless_words", "freeswitch_link"):
            constants = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
            named |= {text for text in constants if isinstance(text, str)}
    headers = {text for text in named if re.fullmatch(r"variable_\w+|Action|[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)+", text)}

    assert {"Unique-ID", "variable_last_arg", "CC-Action", "Caller-Channel-Answered-Time"} <= headers
    assert set() == headers - STAYING - {"Content-Type"}


def test_the_words_that_decide_stay() -> None:
    """All that the translator compares with is in the lists."""
    decide = {
        *freeswitch_words.CAUSE,
        *freeswitch_words.MENUS,
        *freeswitch_words.ANNOUNCEMENTS,
        *freeswitch_words.QUEUE_EXIT,
        *freeswitch_words.TEXTBACK,
        *(word for word in freeswitch_words.SUBSCRIPTION.split() if "::" in word),
        *("answered", "inbound", "true", "id", "none", "record", "recv_bye", "recv_cancel", "leave-message", "hangup"),
        *(
            "TIMEOUT",
            "check",
            "failure",
            "member-queue-start",
            "member-queue-end",
            "push",
            "hold",
            "add-member",
            "del-member",
        ),
    }
    assert decide <= harmless_words.VALUES


@pytest.mark.parametrize("header", VERIFICATION)
def test_of_an_identity_that_was_refuted_only_that_stays(header: str) -> None:
    """It silences the text in a replay too; of any other nothing stays."""
    refuted = of_event({header: "<sip:+447400123456@zimmer.example;verstat=TN-Validation-Failed-A>"})
    passed = of_event({header: "<sip:+447400123456@zimmer.example;verstat=TN-Validation-Passed>"})

    assert ("TN-Validation-Failed", "") == (refuted[header], passed[header])


def test_the_same_is_the_same_everywhere() -> None:
    """A number in a channel and in its headers, an extension, a profile, a queue."""
    new = of_event(
        {
            "Channel-Name": "sofia/zimmer/+447400123456@zimmer.example",
            "variable_sofia_profile_name": "zimmer",
            "Caller-Caller-ID-Number": "+447400123456",
            "Caller-Caller-ID-Name": "07400 123456",
            "variable_dialed_user": "101",
            "variable_last_app": "voicemail",
            "variable_last_arg": "default zimmer.example 101",
            "CC-Queue": "zimmers@default",
            "variable_cc_queue": "zimmers@default",
            "variable_last_bridge_to": "zimmer-1",
            "Unique-ID": "zimmer-1",
        }
    )

    number, profile = new["Caller-Caller-ID-Number"], new["variable_sofia_profile_name"]
    assert re.fullmatch(r"\+447700900\d{3}", number)
    assert f"sofia/{profile}/{number}" == new["Channel-Name"]
    assert number.removeprefix("+44") == new["Caller-Caller-ID-Name"].removeprefix("0").replace(" ", "")
    assert re.fullmatch(rf"default name\d\d\d {new['variable_dialed_user']}", new["variable_last_arg"])
    assert new["CC-Queue"] == new["variable_cc_queue"]
    assert re.fullmatch(r"name\d\d\d@default", new["CC-Queue"])
    assert new["Unique-ID"] == new["variable_last_bridge_to"] != "zimmer-1"


def test_ids_and_times_stay() -> None:
    """Where they are what FreeSWITCH makes them."""
    stays = {
        "Unique-ID": "2a3cbfb2-3b7f-440d-9060-65aafa538a80",
        "Caller-Channel-Created-Time": "1795220620549111",
        "variable_answer_epoch": "1795220620",
        "Caller-Channel-Answered-Time": "0",
        "variable_playback_ms": "5120",
        "variable_voicemail_message_len": "00:00:05",
    }
    assert stays == of_event(stays)
    assert {"Unique-ID": "name001"} == of_event({"Unique-ID": "00000000-0000-0000-0000-447400123456"})
    assert {"variable_playback_ms": "99999", "Caller-Channel-Created-Time": "0"} == of_event(
        {"variable_playback_ms": "7400123456", "Caller-Channel-Created-Time": "07400123456"}
    )


@pytest.mark.parametrize("application", ["bridge", "playback", "set", ""])
def test_arguments_of_applications_go(application: str) -> None:
    """But for those that name a mailbox, a queue or a slot."""
    new = of_event({"variable_last_app": application, "variable_last_arg": "{a=b}user/101@office.test"})

    assert {"variable_last_app": application, "variable_last_arg": ""} == new


def test_a_name_cannot_make_a_header() -> None:
    """Neither before nor after: a line end in a name is of the name."""
    name = "x\nHangup-Cause: USER_BUSY\n\nContent-Type: auth/request"
    event = {"Event-Name": "CHANNEL_HANGUP_COMPLETE", "Caller-Caller-ID-Name": name, "Unique-ID": "1"}

    _greeting, new = events_in(of_stream(switch.as_plain([event])).data)
    assert "Hangup-Cause" not in new


def test_a_name_in_latin_1() -> None:
    """FreeSWITCH passes it on as it comes, and its JSON is no UTF-8 then."""
    assert {"Caller-Caller-ID-Name": "n1"} == of_event({"Caller-Caller-ID-Name": "J\udcfcrgen"})


def test_an_event_that_cannot_be_read_cannot_be_read_after_either() -> None:
    """It is told of as before."""
    broken = b"Content-Length: 6\nContent-Type: text/event-json\n\nZimmer"

    assert b"Content-Length: 0\nContent-Type: text/event-json\n\n" == of_stream(broken).data


@pytest.mark.parametrize(
    ("name", "stays"),
    [("CHANNEL_CREATE", True), ("CHANNEL_07400123456", False), ("Zimmer", False)],
)
def test_names_of_events_come_from_freeswitch(name: str, stays: bool) -> None:
    """One that cannot does not stay."""
    (event,) = of_events({"Event-Name": name})

    assert stays == (event["Event-Name"] == name)


def test_who_withheld_his_number_has_none_here_either() -> None:
    """FreeSWITCH tells the number all the same."""
    new = of_event(
        {
            "Caller-Caller-ID-Number": "+447400123456",
            "variable_sip_from_user": "anonymous",
            "variable_sip_Privacy": "id",
            "Caller-Privacy-Hide-Number": "true",
        }
    )

    assert new["Caller-Caller-ID-Number"] != "+447400123456"
    assert ("anonymous", "id", "true") == tuple(new.values())[1:]


# --- another office ---------------------------------------------------------------------------------------------------


def test_trunks_of_their_own_become_ones_that_everybody_knows() -> None:
    """Profile and context; the usual ones that are none of theirs do not stay."""
    trunk = Trunk(contexts=frozenset({"from-zimmer*"}), endpoints=frozenset({"zimmer"}))
    house = House(country="GB", trunks=Trunks((trunk,)))

    def seen(profile: str, context: str) -> tuple[str, str, str]:
        headers = {
            "variable_sofia_profile_name": profile,
            "Channel-Name": f"sofia/{profile}/x",
            "Caller-Context": context,
        }
        new = of_event(headers, house)
        return new["variable_sofia_profile_name"], new["Channel-Name"].split("/")[1], new["Caller-Context"]

    assert ("external", "external", "public") == seen("zimmer", "from-zimmer-2")
    assert ("internal", "internal", "default") == seen("internal", "default")
    assert not {"external", "public"} & set(seen("external", "public"))


def test_a_closed_did_that_is_no_number_of_its_plan() -> None:
    """Many a PBX is given seven digits: it becomes one that is closed where it is replayed."""
    house = House(country="US", trunks=VANILLA, closed=frozenset({"+15550111"}), closed_there=CLOSED)

    new = of_event({"variable_sip_req_user": "5550111", "Caller-Destination-Number": "5550112"}, house)

    assert new["variable_sip_req_user"] in CLOSED
    assert new["Caller-Destination-Number"] not in CLOSED


def test_what_it_says_of_itself() -> None:
    """How many different numbers, names and variables were replaced."""
    made = of_stream(
        fake_event_socket.GREETING
        + fake_event_socket.as_bytes({"Caller-ANI": "07400123456", "Caller-Context": "zimmer", "variable_PIN": "1"})
        + fake_event_socket.as_bytes({"Caller-ANI": "+447400123456", "VM-User": "101", "variable_PIN": "2"})
        + b"Content-Length: 99\n\ncut"
    )

    assert (3, 2, 0, 1, 1) == (made.messages, made.numbers, made.invented, made.names, made.variables)
