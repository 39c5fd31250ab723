"""Of a FreeSWITCH's stream, anonymised, everything can be told but who it was, and nothing passes unthought of."""

import ast
import json
import random
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import textbackd.pbx
from tests import fake_event_socket
from tests.builders import NOON, seconds
from tests.freeswitch_calls import rings_out
from tests.pbx import replay
from tests.pbx.anonymity import CLOSED, NUMBERS, bytes_of, what_happened
from tests.pbx.test_anonymise import SECRETS, WRAPPINGS
from textbackd.core.outcomes import judge
from textbackd.pbx import freeswitch_harmless_words as harmless_words
from textbackd.pbx import freeswitch_snapshot, freeswitch_words
from textbackd.pbx.anonymise import Anonymised, anonymised
from textbackd.pbx.disguise import House
from textbackd.pbx.event_socket import Event, EventSocketReader, Message, event_in
from textbackd.pbx.freeswitch_disguise import FreeSwitchDisguise
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trace import EventSocketTrace, Trace, sidecar_of
from textbackd.pbx.trunks import Trunk, Trunks

TRACES = replay.TRACES.parent / "freeswitch"
STREAMS = [
    pytest.param(path, id="/".join(path.parts[-2:])) for path in sorted(TRACES.rglob("*.esl.gz"))
]  # fmt: skip
HOUSE = House(country="GB", trunks=VANILLA)
STAYING = {*FreeSwitchDisguise(HOUSE, random.Random(1))._values, *harmless_words.ARGUMENTS}
"""The headers that stay."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def of_stream(data: bytes, house: House = HOUSE, seed: int = 1) -> Anonymised:
    """Anonymise a stream that a test made up."""
    return anonymised(EventSocketTrace(Path("made.esl"), data, [(0, NOON.timestamp())]), house, random.Random(seed))


def of_events(*events: Mapping[str, Any], house: House = HOUSE) -> list[Event]:
    """The same of events, read again."""
    return events_in(of_stream(b"".join(map(fake_event_socket.as_bytes, events)), house).data)


def of_event(event: Mapping[str, Any], house: House = HOUSE) -> Event:
    (new,) = of_events({"Event-Name": "CHANNEL_CREATE", **event}, house=house)
    return {name: value for name, value in new.items() if name in event}


def messages_in(data: bytes) -> list[Message]:
    reader = EventSocketReader()
    found = list(reader.messages(data))
    assert not data or found[-1][0] == len(data) - 1  # no byte is left over: each Content-Length is right
    return [message for _offset, message in found]


def events_in(data: bytes) -> list[Event]:
    return [event for message in messages_in(data) if (event := event_in(message)) is not None]


def as_plain(event: Mapping[str, str]) -> bytes:
    lines = (f"{name}: {urllib.parse.quote(value) or '_undef_'}\n" for name, value in event.items())
    body = "".join([*lines, "\n"]).encode()
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(body) + body


def told_of(trace: Trace) -> list[dict[str, Any]]:
    """What happened in a stream, but for who it was."""
    translator = FreeSwitchTranslator(VANILLA)
    events = [event for at, message in trace.messages() for event in translator.events(message, at)]
    calls = [judge(call, replay.OFFICE, pbx="freeswitch", minimum_talk=seconds(2)) for call in replay.ended(events)]
    return what_happened(calls)


# --- recorded streams ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STREAMS)
def test_a_recorded_stream(path: Path, tmp_path: Path) -> None:
    """Each call as before, all times as before, in the same format, nobody recognised."""
    made = anonymised(Trace.read(path), HOUSE, random.Random(path.name))
    new = tmp_path / "anonymous.esl"
    new.write_bytes(made.data)
    if sidecar_of(path).exists():
        sidecar_of(new).write_text(json.dumps(made.times))

    assert told_of(Trace.read(path)) == told_of(Trace.read(new))
    assert [at for at, _ in Trace.read(path).messages()] == [at for at, _ in Trace.read(new).messages()]
    assert kinds(bytes_of(path)) == kinds(made.data)
    assert set() == left_over(bytes_of(path), made.data)


def kinds(data: bytes) -> list[str]:
    return [message.content_type for message in messages_in(data)]


def left_over(before: bytes, after: bytes) -> set[str]:
    """Numbers, names, hosts, addresses and paths that plain searches find in a stream, and that are still there.

    It shares nothing with the anonymiser.
    """
    old, new = readable(before), readable(after)
    secrets = set(re.findall(r"(?<!\w)\+?(\d{7,15})(?!\w)", old))
    secrets |= set(re.findall(r"@([\w.-]+)", old)) - {"default"}
    secrets |= set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b|\bfd00::\w*", old))
    secrets |= set(re.findall(r"(?:sofia/gateway|sofia|loopback|user)/([\w+]+)", old)) - {"internal", "gateway", "app"}
    secrets |= set(re.findall(r"(?:-ID-Name|_display|Hostname|Switchname|-Number|FIFO-Name|_queue): (\w[\w +]+)", old))
    secrets |= set(re.findall(r"\b(?:[a-z_]+)_(?:call_id|user|host|gateway_name): (\w\S+)", old))
    secrets |= set(re.findall(r"(/[a-z]+/[a-z]+/\S+)", old))
    secrets -= {"true", "false", "unknown", "anonymous", "Anonymous", "voicemail"}
    return {secret for secret in secrets if re.search(rf"(?<!\w){re.escape(secret)}(?!\w|::)", new)}


def readable(data: bytes) -> str:
    """The headers of all events, a line each; without ids of legs, times and what counts."""
    events = [event for event in events_in(data) if "Event-Name" in event]
    lines = [f"{name}: {value}" for event in events for name, value in event.items()]
    counts = r"^(?:\S+(?:_ms|_seconds|_status|sec|duration|-Len)): \d+$"
    return re.sub(rf"{UUID.pattern}|\b1795\d{{6}}(?:\d{{6}})?\b|{counts}", "", "\n".join(lines), flags=re.MULTILINE)


def test_what_was_left_would_be_found() -> None:
    """The search finds everything in streams that are as they were."""
    found: set[str] = set()
    for name in ("queue_answered", "fifo_abandoned", "vm_vanilla_loopback_message", "confirm_pressed"):
        data = bytes_of(TRACES / "subscribed" / f"{name}.esl.gz")
        found |= left_over(data, data)

    people = {"15551230001", "5550107", "Pat Caller", "15557770001"}
    house = {"101", "support", "sales", "trunk", "carrier", "carrier.test", "office.test", "127.0.0.1", "fd00::2"}
    assert people | house <= found


def test_it_can_be_done_again() -> None:
    """The shape stays: the same headers with values as long, though other ones."""
    once = anonymised(Trace.read(TRACES / "subscribed" / "queue_answered.esl.gz"), HOUSE, random.Random(1))
    twice = of_stream(once.data, seed=2)

    assert once.data != twice.data
    assert [shape(event) for event in events_in(once.data)] == [shape(event) for event in events_in(twice.data)]
    assert (once.numbers, once.names) == (twice.numbers, twice.names)


def shape(event: Event) -> dict[str, str]:
    return {name: re.sub(r"[0-9]", "0", value) for name, value in event.items()}


def test_the_same_from_plain_as_from_json() -> None:
    """Each event of a stream, in either format; what is plain is written as FreeSWITCH writes it."""
    events = [event for _at, event in Trace.read(TRACES / "subscribed" / "queue_answered.esl.gz").messages()]
    events = [event for event in events if "Event-Name" in event]
    as_json = of_stream(b"".join(map(fake_event_socket.as_bytes, events)))
    plain = of_stream(b"".join(map(as_plain, events)))

    assert events_in(as_json.data) == events_in(plain.data)
    assert b"+" not in plain.data.replace(b"%2B", b"")
    assert b"\nChannel-Name: sofia/n1/%2B" in plain.data


def test_the_channels_that_were_up() -> None:
    """The list that FreeSWITCH gives tells the translator the same; of other answers nothing stays."""
    answer = (TRACES / "show-channels.json").read_bytes()

    (new,) = events_in(of_stream(answered(answer)).data)

    before, after = (FreeSwitchTranslator(VANILLA).events(e, NOON) for e in (*events_in(answered(answer)), new))
    assert before
    assert [type(event) for event in before] == [type(event) for event in after]
    (last_before, last_after) = (before[-1], after[-1])
    assert last_before == last_after  # the legs that are up
    assert not re.search(r"5551230001|55501\d\d|carrier|office\.test|127\.0\.0\.1|Pat", new["_body"])


def answered(body: bytes) -> bytes:
    return b"Content-Type: api/response\nContent-Length: %d\n\n" % len(body) + body


@pytest.mark.parametrize(
    "answer", [b"4711", b"", b"[1]", b'{"rows": [{"uuid": "Zimmer"}]}', b"FreeSWITCH Version 1.11.3"]
)
def test_any_other_answer_is_emptied(answer: bytes) -> None:
    """That something was answered stays."""
    assert answered(b"") == of_stream(answered(answer)).data


@pytest.mark.parametrize(
    ("answer", "rows"),
    [({"row_count": 0}, []), ({"row_count": 2, "rows": ["Zimmer", {"uuid": "Zimmer", "Zimmer": "Zimmer"}]}, [["n1"]])],
)
def test_a_list_of_no_channels_or_odd_ones(answer: object, rows: list[list[str]]) -> None:
    """It stays a list."""
    (event,) = events_in(of_stream(answered(json.dumps(answer).encode())).data)

    found = freeswitch_snapshot.rows(event["_body"])
    assert found is not None
    assert rows == [[value for value in row.values() if value.startswith("n")] for row in found]


def test_what_is_said_to_us() -> None:
    """Logins and refusals stay in their words; a goodbye, and what is of no known kind, has none."""
    said = (
        b"Content-Type: auth/request\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK accepted\nAllowed-Events: Zimmer\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK Zimmer\n\n"
        b"Content-Type: command/reply\nReply-Text: Zimmer\n\n"
        b"Content-Type: text/disconnect-notice\nContent-Length: 6\n\nZimmer"
        b"Content-Type: log/data\nContent-Length: 6\n\nZimmer"
        b"Content-Type: zimmer\n\n"
    )
    stays = (
        b"Content-Type: auth/request\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK\n\n"
        b"Content-Type: command/reply\nReply-Text: -ERR\n\n"
        b"Content-Type: text/disconnect-notice\nContent-Length: 0\n\n"
    )
    assert stays == of_stream(said).data


# --- whatever a value may hold ---------------------------------------------------------------------------------------

HEADERS = [
    *sorted(STAYING),
    *(
        "variable_PIN",
        "variable_sip_h_X-Zimmer",
        "variable_switch_r_sdp",
        "variable_sip_call_id",
        "Caller-Network-Addr",
    ),
    *("FreeSWITCH-Hostname", "Application-Data", "Other-Leg-Caller-ID-Number", "_body", "Newfangled", "DTMF-Digit"),
]
HERE_TOO = [
    *("sofia/external/{}@{}:5060", "sofia/gateway/{}/{}", "sofia/{}/101@192.0.2.1", "loopback/{}-a", "verto.rtc/{}"),
    *("default {} 101", "{}@default", "user/{}@zimmer.example", "c=IN IP4 {}", "1795220620:{}:bl_xfer:101/default/XML"),
    *("2a3cbfb2-3b7f-440d-9060-{}", "ARRAY::{}|:{}", "x\nHangup-Cause: {}\n\n", "vm::{}", "CHANNEL_{}", "check {}"),
]


@pytest.mark.parametrize("secret", SECRETS)
def test_no_value_passes_because_nobody_thought_of_it(secret: str) -> None:
    """Wherever it stands, in whatever, in either format: it is not there any more."""
    voicemail = {"variable_last_app": "voicemail", "variable_current_application": "callcenter", "application": "fifo"}
    events = [
        {"Event-Name": "CHANNEL_CREATE", **voicemail, header: wrapping.format(secret, secret)}
        for header in HEADERS
        for wrapping in [*WRAPPINGS, *HERE_TOO]
    ]
    for data in (b"".join(map(fake_event_socket.as_bytes, events)), b"".join(as_wire(event) for event in events)):
        new = urllib.parse.unquote(of_stream(data).data.decode("ascii")).lower()
        assert secret.lower() not in new


def as_wire(event: Mapping[str, str]) -> bytes:
    return as_plain({name: value.encode("utf-8", "replace").decode() for name, value in event.items()})


@pytest.mark.parametrize("header", ["variable_PIN", "variable_zimmer", "Zimmer", "X-07400123456"])
def test_a_header_that_is_not_known_goes(header: str) -> None:
    """With its name."""
    assert {} == of_event({header: "true"})


@given(
    st.dictionaries(
        st.sampled_from(HEADERS),
        st.text("bZéß٣0123456789 -_/@&;:,*#<>()[]\"'.+=%\\\t\n", min_size=7),
        max_size=6,
    )
)
def test_nor_does_any_other(headers: dict[str, str]) -> None:
    """No word of FreeSWITCH's, no count and no time can be made of these letters and is so long; zeros tell nothing."""
    values = {value.strip(" ") for value in headers.values() if re.search(r"[^\W\d]|[1-9]\d\d", value)}
    values -= {value for value in values if re.fullmatch(r"1\d{9}|1\d{15}|\d\d:\d\d:\d\d", value)}

    assert not values & set(of_event(headers).values())


@given(NUMBERS | st.sampled_from(SECRETS) | st.sampled_from(["anonymous", "unknown", "", "John Anonymous"]), NUMBERS)
def test_a_call_of_whomever_to_whatever_comes_out_the_same(caller: str, did: str) -> None:
    """The rules see the same kind of caller."""
    data = b"".join(map(fake_event_socket.as_bytes, rings_out("one", caller, did=did, name=caller)))
    trace = EventSocketTrace(Path("x"), data, [(0, NOON.timestamp())])
    new = EventSocketTrace(Path("x"), of_stream(data).data, [(0, NOON.timestamp())])

    assert_same(told_of(trace), told_of(new))


def assert_same(before: Iterable[dict[str, Any]], after: Iterable[dict[str, Any]]) -> None:
    """But for the ids of legs, which are no uuids in these calls and are replaced."""
    assert [{**call, "id": ""} for call in before] == [{**call, "id": ""} for call in after]


# --- what goes and what stays ----------------------------------------------------------------------------------------


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


def test_a_name_cannot_make_a_header(tmp_path: Path) -> None:
    """Neither before nor after: a line end in a name is of the name."""
    name = "x\nHangup-Cause: USER_BUSY\n\nContent-Type: auth/request"
    data = as_plain({"Event-Name": "CHANNEL_HANGUP_COMPLETE", "Caller-Caller-ID-Name": name, "Unique-ID": "1"})

    (event,) = events_in(of_stream(data).data)
    assert "Hangup-Cause" not in event


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


# --- another office --------------------------------------------------------------------------------------------------


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
