"""``textbackd trace replay``: a file tells by its content what it is."""

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import fake_ami, fake_event_socket
from tests.cli.conftest import BOB, Desk
from tests.freeswitch_calls import rings_out
from tests.pbx import replay as asterisk
from tests.pbx.cdr_rows import a_file, a_line
from textbackd.cli.output import counted
from textbackd.core.outcomes import Call
from textbackd.core.policy import Decision, decide
from textbackd.workers import call_book

FREESWITCH = asterisk.TRACES.parent / "freeswitch"
STREAMS = sorted(FREESWITCH.glob("*/*.esl.gz"))

LAB = """\
country: US
time_zone: America/New_York
fiction_numbers: true
businesses: [{name: Lab}]
dids:
  - {number: "5550111", marks: [closed]}
  - {number: "5550112", marks: [closed]}
pbx: [{name: switch, kind: freeswitch, secret: x}]
modems: [{name: gsm, kind: simulated, folder: modem}]
"""
"""The office of the lab in which FreeSWITCH's streams were recorded."""

Told = tuple[str, str, str]


def outcomes(desk: Desk, *words: str) -> list[Told]:
    """Caller, DID and outcome of each call."""
    result = desk.run("trace", "replay", *words)
    assert 0 == result.code, result.err
    return [(call["caller"], call["did"], call["outcome"]) for call in map(json.loads, result.out.splitlines())]


def the_truth(path: Path) -> list[Told]:
    truth = json.loads((FREESWITCH / path.name.replace(".esl.gz", ".truth.json")).read_text())
    return [(call["caller"], call["did"], call["outcome"]) for call in truth["calls"]]


@pytest.fixture
def lab(tmp_path: Path) -> tuple[str, str]:
    """Its configuration, as arguments."""
    (tmp_path / "lab.yaml").write_text(LAB)
    return "--config", str(tmp_path / "lab.yaml")


def test_every_stream_of_a_freeswitch_gives_the_truth(desk: Desk, lab: tuple[str, str]) -> None:
    """JSON or plain, with little or all that FreeSWITCH tells."""
    assert [told for path in STREAMS for told in the_truth(path)] == outcomes(desk, *lab, *map(str, STREAMS))


def test_what_a_file_amounts_to(desk: Desk) -> None:
    """By reason, and apart from the calls, which programs read."""
    file = STREAMS[0]
    result = desk.run("trace", "replay", "--summary", str(file))
    calls = [json.loads(line) for line in result.out.splitlines()]
    reasons = Counter(call["final_reason"] for call in calls if call["final"] == "silent")
    told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())

    assert reasons
    texted = len(calls) - reasons.total()
    assert f"{file}: {counted(len(calls), 'call')}: {texted} texted; {reasons.total()} not: {told}\n" in result.err
    assert "note: by the rules of an invented British office; --config FILE takes yours\n" in result.err


def test_without_a_configuration_too(desk: Desk) -> None:
    """But for the DID that only plays an announcement, of which nobody told that it means closed."""
    streams = [path for path in STREAMS if not path.name.startswith("after_hours_announce")]

    assert [told for path in streams for told in the_truth(path)] == outcomes(desk, *map(str, streams))


@pytest.mark.parametrize("name", ["answered_caller_hangup", "queue_answered", "vm_vanilla_loopback_message"])
@pytest.mark.parametrize("stream", ["subscribed", "all"])
def test_without_times_beside_it_events_tell_them(desk: Desk, tmp_path: Path, stream: str, name: str) -> None:
    """Each event tells its own, to the microsecond."""
    timed = FREESWITCH / stream / f"{name}.esl.gz"
    bare = tmp_path / timed.name
    shutil.copy(timed, bare)
    (by_arrival,) = map(json.loads, desk.run("trace", "replay", str(timed)).out.splitlines())
    (by_event,) = map(json.loads, desk.run("trace", "replay", str(bare)).out.splitlines())

    assert by_arrival["outcome"] == by_event["outcome"]
    for key in ("ring_seconds", "wait_seconds", "talk_seconds"):
        assert by_arrival[key] == pytest.approx(by_event[key], abs=0.2)
    assert by_arrival["started_at"][:18] == by_event["started_at"][:18]


def test_without_any_times_nobody_knows_how_long(desk: Desk, tmp_path: Path) -> None:
    """The call is told all the same."""
    file = tmp_path / "day.esl"
    file.write_bytes(b"".join(map(fake_event_socket.as_bytes, rings_out("one", BOB))))

    told = desk.run("trace", "replay", str(file)).json
    assert (BOB, "no_answer", None, None) == tuple(told[k] for k in ("caller", "outcome", "wait_seconds", "started_at"))


AMI = b"".join(map(fake_ami.as_bytes, fake_ami.rings_out("1795220361.1", BOB)))
EVENT_SOCKET = b"".join(map(fake_event_socket.as_bytes, rings_out("one", BOB)))
GREETED = fake_event_socket.GREETING + b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n" + EVENT_SOCKET


@pytest.mark.parametrize("content", [AMI, fake_ami.BANNER + AMI, EVENT_SOCKET, GREETED, b"\n" + EVENT_SOCKET])
@pytest.mark.parametrize("name", ["day", "day.ami", "day.esl", "day.csv", "day.log.gz"])
def test_its_name_does_not_matter(desk: Desk, tmp_path: Path, name: str, content: bytes) -> None:
    """With the greeting or without."""
    file = tmp_path / name
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    assert [(BOB, "no_answer")] == [(caller, outcome) for caller, _did, outcome in outcomes(desk, str(file))]


def test_nor_does_that_of_call_records(desk: Desk, tmp_path: Path) -> None:
    """They say that they are approximate."""
    line = a_line("1795003200.1", channel="PJSIP/trunk-00000001", src=BOB, dcontext="from-trunk", dst="01632960101")
    file = a_file(tmp_path, line).rename(tmp_path / "last-week")

    told = desk.run("trace", "replay", str(file))
    assert (0, True) == (told.code, json.loads(told.out)["approximate"])


def test_a_name_that_looks_like_an_ami_makes_none(desk: Desk, tmp_path: Path) -> None:
    """A caller may write anything into his name."""
    file = tmp_path / "day"
    events = rings_out("one", BOB, name="Event: Hangup\r\nAsterisk Call Manager/9")
    file.write_bytes(b"".join(map(fake_event_socket.as_bytes, events)))

    assert [(BOB, "5550101", "no_answer")] == outcomes(desk, str(file))


def test_line_ends_that_were_converted_are_named(desk: Desk, tmp_path: Path) -> None:
    """The lengths in it are wrong then."""
    file = tmp_path / "day.esl"
    file.write_bytes(GREETED.replace(b"\n", b"\r\n"))
    result = desk.run("trace", "replay", str(file))

    assert (1, "") == (result.code, result.out)
    assert "line ends were converted; an Event Socket has LF" in result.err


def test_a_stream_with_a_wrong_length_is_named(desk: Desk, tmp_path: Path) -> None:
    """What cannot be cut into messages is not guessed at."""
    file = tmp_path / "day.esl"
    file.write_bytes(EVENT_SOCKET + b"Content-Length: -1\n\n")
    result = desk.run("trace", "replay", str(file))

    assert (1, "") == (result.code, result.out)
    assert f"{file}: the PBX sent a message of '-1' bytes\n" == result.err


def test_an_event_that_is_not_understood_is_told_of_and_the_next_counts(desk: Desk, tmp_path: Path) -> None:
    """One that is no JSON, and one without what it must have."""
    file = tmp_path / "day.esl"
    odd = b"Content-Length: 3\nContent-Type: text/event-json\n\n{x}" + fake_event_socket.as_bytes(
        {"Event-Name": "CHANNEL_CREATE"}
    )
    file.write_bytes(odd + EVENT_SOCKET)
    result = desk.run("trace", "replay", str(file))

    assert "no_answer" == json.loads(result.out)["outcome"]
    assert 2 == result.err.count("warning: pbx event not understood: ")


def test_a_call_that_cannot_be_handled_is_a_problem(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are told, and the exit code says that one is missing."""

    def picky(call: Call, *rest: Any) -> Decision:
        if call.record.call_id == "one":
            raise ZeroDivisionError
        return decide(call, *rest)

    file = tmp_path / "day.esl"
    file.write_bytes(EVENT_SOCKET + b"".join(map(fake_event_socket.as_bytes, rings_out("two", BOB))))
    monkeypatch.setattr(call_book, "decide", picky)
    result = desk.run("trace", "replay", str(file))

    assert (1, "two") == (result.code, json.loads(result.out)["call_id"])
    assert f"{file}: 1 call not handled; this is a mistake of textbackd, please report it" in result.err.splitlines()


def test_trunks_are_those_of_the_kind_of_pbx(desk: Desk, tmp_path: Path) -> None:
    """Of a configuration with several; a kind that it has not got has the usual ones."""
    trunked = EVENT_SOCKET.replace(b"external", b"carriers").replace(b'"public"', b'"zimmer"')
    usual, theirs, ami = tmp_path / "usual.esl", tmp_path / "theirs.esl", tmp_path / "day.ami"
    usual.write_bytes(EVENT_SOCKET)
    theirs.write_bytes(trunked)
    ami.write_bytes(AMI)
    bare = desk.run("trace", "replay", "--config", str(desk.configuration), str(usual), str(theirs), str(ami))
    second = "  - {name: switch, kind: freeswitch, secret: x, trunks: [{endpoints: [carriers]}]}\nmodems:"
    desk.configuration.write_text(desk.configuration.read_text().replace("modems:", second))
    both = desk.run("trace", "replay", "--config", str(desk.configuration), str(usual), str(theirs), str(ami))

    assert [str(usual), str(ami)] == [json.loads(line)["file"] for line in bare.out.splitlines()]
    assert bare.err.startswith(f"note: no database {desk.database}: ")
    assert (
        f"{theirs}: no inbound calls; one begins in a context of pbx[].trunks: public, or at an endpoint: external\n"
        == bare.err.partition("\n")[2]
    )
    assert [str(theirs), str(ami)] == [json.loads(line)["file"] for line in both.out.splitlines()]


def test_the_did_is_taken_from_where_the_configuration_says(desk: Desk, lab: tuple[str, str], tmp_path: Path) -> None:
    """Some carriers put an account into the request URI."""
    events = [{**event, "variable_sip_to_user": "5550177"} for event in rings_out("one", BOB)]
    file = tmp_path / "day.esl"
    file.write_bytes(b"".join(map(fake_event_socket.as_bytes, events)))
    (tmp_path / "lab.yaml").write_text(LAB.replace("secret: x", "secret: x, did_from: to"))

    assert [(BOB, "5550177", "no_answer")] == outcomes(desk, *lab, str(file))
    assert [(BOB, "5550101", "no_answer")] == outcomes(desk, str(file))
