"""``textbackd trace anonymise``: a file that can be sent to others and plays as before."""

import gzip
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Desk
from tests.cli.test_trace_replay import FREESWITCH, LAB
from tests.pbx.replay import TRACES

WHO = {"file", "caller", "caller_e164", "did", "did_label", "talked_to", "talked_to_each", "rang", "queue", "because"}
"""Keys of a replayed call that say who it was."""


def recorded(name: str, stream: str = "filtered") -> Path:
    return TRACES / stream / (f"{name}.ami" + (".gz" if stream == "full" else ""))


def replayed(desk: Desk, *words: str) -> list[dict[str, Any]]:
    """What ``trace replay`` tells of each call, but for who it was."""
    lines = desk.run("trace", "replay", *words).out.splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in WHO} for line in lines]


@pytest.mark.parametrize("stream", ["filtered", "full"])
@pytest.mark.parametrize(
    "name",
    [
        "a03_direct_ringout",
        "a05_direct_abandoned_short",
        "e11_afterhours_early_hangup",
        "f01_fm_ext_answers",
        "h09_cid_short_code",
        "h11_cid_privacy_number_in_from",
        "j11_missed_then_calls_again",
        "j13_six_parallel_mixed",
    ],
)
def test_every_call_is_decided_as_before(desk: Desk, tmp_path: Path, name: str, stream: str) -> None:
    """Outcome, hours, times, decision and its reason."""
    new = tmp_path / "new.ami"
    result = desk.run("trace", "anonymise", str(recorded(name, stream)), str(new))

    assert (0, "") == (result.code, result.err)
    before = replayed(desk, str(recorded(name, stream)))
    assert before
    assert before == replayed(desk, str(new))


def test_it_says_what_it_did(desk: Desk, tmp_path: Path) -> None:
    """How much was replaced, and that a person should look at it."""
    new = tmp_path / "new.ami"
    result = desk.run("trace", "anonymise", str(recorded("a01_direct_answered", "full")), str(new))

    first, last = result.out.splitlines()
    assert re.fullmatch(r"\d numbers, \d names, \d\d variables replaced\.", first)
    assert f"Look through {new}, then send {new} and {tmp_path / 'new.times.json'}." == last


def test_in_json(desk: Desk, tmp_path: Path) -> None:
    """The same for programs."""
    new = tmp_path / "new.ami"
    told = desk.run("trace", "anonymise", "--json", str(recorded("a03_direct_ringout")), str(new)).json

    assert {"file", "times", "bytes", "messages", "numbers", "invented", "names", "variables"} == set(told)
    assert (str(new), str(tmp_path / "new.times.json")) == (told["file"], told["times"])
    assert (new.stat().st_size, 0) == (told["bytes"], told["invented"])


def test_numbers_that_may_be_somebodys_are_told_of(desk: Desk, tmp_path: Path) -> None:
    """Where a plan reserves none for fiction."""
    foreign = tmp_path / "foreign.ami"
    foreign.write_bytes(recorded("a03_direct_ringout").read_bytes().replace(b"07700900123", b"+4915123456"))
    foreign.write_bytes(foreign.read_bytes().replace(b"+4915123456", b"+4915123456789"))
    result = desk.run("trace", "anonymise", str(foreign), str(tmp_path / "new.ami"))

    assert "\n1 of the new numbers may be somebody's" in result.out


def test_only_its_owner_can_read_it(desk: Desk, tmp_path: Path) -> None:
    """The stream and its times."""
    new = tmp_path / "new.ami"
    desk.run("trace", "anonymise", str(recorded("a03_direct_ringout")), str(new))

    assert [0o600, 0o600] == [stat.S_IMODE(path.stat().st_mode) for path in (new, tmp_path / "new.times.json")]


def test_packed(desk: Desk, tmp_path: Path) -> None:
    """By its name; the pack says nothing of when it was made."""
    plain, packed = tmp_path / "plain.ami", tmp_path / "packed.ami.gz"
    desk.run("trace", "anonymise", str(recorded("a03_direct_ringout", "full")), str(plain))
    result = desk.run("trace", "anonymise", str(recorded("a03_direct_ringout", "full")), str(packed))

    assert 0 == result.code
    assert len(plain.read_bytes()) == len(gzip.decompress(packed.read_bytes()))
    assert b"\x00\x00\x00\x00" == packed.read_bytes()[4:8]
    assert replayed(desk, str(plain)) == replayed(desk, str(packed))


def test_without_times_there_are_none(desk: Desk, tmp_path: Path) -> None:
    """None are invented."""
    bare, new = tmp_path / "bare.ami", tmp_path / "new.ami"
    bare.write_bytes(recorded("a03_direct_ringout").read_bytes())
    told = desk.run("trace", "anonymise", "--json", str(bare), str(new)).json

    assert told["times"] is None
    assert {bare, new} == set(tmp_path.glob("*.ami")) | set(tmp_path.glob("*.times.json"))
    assert replayed(desk, str(bare)) == replayed(desk, str(new))


@pytest.mark.parametrize("there", ["new.ami", "new.times.json"])
def test_nothing_is_written_over(desk: Desk, tmp_path: Path, there: str) -> None:
    """Neither the stream nor its times; what is there stays as it is, and nothing comes beside it."""
    (tmp_path / there).write_text("mine")
    result = desk.run("trace", "anonymise", str(recorded("a03_direct_ringout")), str(tmp_path / "new.ami"))

    assert (1, "") == (result.code, result.out)
    assert f"{tmp_path / there}: File exists; choose another name, or remove it\n" == result.err
    assert ["mine"] == [path.read_text() for path in tmp_path.glob("new.*")]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file or directory"),
        (b"Dear aunt", "this is no recorded AMI stream"),
        (b"Event: Newchannel\r\nCallerIDNum: 0770", "no whole message in it"),
        (b"Event: Hangup\r\n" * 400_000, "without the end of a message"),
    ],
    ids=["missing", "letter", "cut", "endless"],
)
def test_what_cannot_be_read_is_named(desk: Desk, tmp_path: Path, content: bytes | None, complaint: str) -> None:
    """One line, exit code 1, no file."""
    if content is not None:
        (tmp_path / "day.ami").write_bytes(content)
    result = desk.run("trace", "anonymise", str(tmp_path / "day.ami"), str(tmp_path / "new.ami"))

    assert (1, 1) == (result.code, len(result.err.splitlines()))
    assert result.err.startswith(f"{tmp_path / 'day.ami'}: ")
    assert complaint in result.err
    assert not (tmp_path / "new.ami").exists()


def test_where_it_cannot_be_written(desk: Desk, tmp_path: Path) -> None:
    """The place is named, and why."""
    new = tmp_path / "nowhere" / "new.ami"
    result = desk.run("trace", "anonymise", str(recorded("a03_direct_ringout")), str(new))

    assert (1, f"{new}: No such file or directory\n") == (result.code, result.err)


def test_all_or_nothing(desk: Desk, tmp_path: Path) -> None:
    """Where the times cannot be written, the stream does not stay either."""
    (tmp_path / "new.times.json").symlink_to(tmp_path / "nowhere" / "times.json")
    result = desk.run("trace", "anonymise", str(recorded("a03_direct_ringout")), str(tmp_path / "new.ami"))

    assert 1 == result.code
    assert not (tmp_path / "new.ami").exists()


def test_with_their_configuration_it_plays_without_it(desk: Desk, tmp_path: Path) -> None:
    """Their trunk and their closed DID become the invented office's."""
    text = desk.configuration.read_text()
    text = text.replace(
        "    secret: not-a-secret\n", "    secret: not-a-secret\n    trunks: [{contexts: [from-zimer]}]\n"
    )
    text = text.replace("dids:\n", 'dids:\n  - {number: "01632960555", marks: [closed]}\n')
    desk.configuration.write_text(text)
    theirs, new = tmp_path / "theirs.ami", tmp_path / "new.ami"
    stream = recorded("e11_afterhours_early_hangup").read_bytes()
    theirs.write_bytes(stream.replace(b"from-trunk", b"from-zimer").replace(b"01632960107", b"01632960555"))
    config = ("--config", str(desk.configuration))

    result = desk.run("trace", "anonymise", *config, str(theirs), str(new))

    assert (0, "") == (result.code, result.err)
    (before,), (after,) = replayed(desk, *config, str(theirs)), replayed(desk, str(new))
    assert "closed" == before["outcome"]
    assert [before[key] for key in ("outcome", "decision", "reason")] == [
        after[key] for key in ("outcome", "decision", "reason")
    ]


# --- a FreeSWITCH's ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["subscribed", "all"])
@pytest.mark.parametrize("name", ["blind_transfer_rangout", "queue_answered", "vm_vanilla_loopback_message"])
def test_every_call_of_a_freeswitch_is_decided_as_before(desk: Desk, tmp_path: Path, name: str, stream: str) -> None:
    """From JSON as from plain; with its times, packed as it is named."""
    file, new = FREESWITCH / stream / f"{name}.esl.gz", tmp_path / "new.esl.gz"
    result = desk.run("trace", "anonymise", str(file), str(new))

    assert (0, "") == (result.code, result.err)
    assert (tmp_path / "new.times.json").exists()
    before = replayed(desk, str(file))
    assert before
    assert before == replayed(desk, str(new))


def test_a_closed_did_of_theirs_stays_closed_without_their_configuration(desk: Desk, tmp_path: Path) -> None:
    """Though its seven digits are no number of the plan."""
    (tmp_path / "lab.yaml").write_text(LAB)
    file, new = FREESWITCH / "subscribed" / "after_hours_announce.esl.gz", tmp_path / "new.esl"
    result = desk.run("trace", "anonymise", "--config", str(tmp_path / "lab.yaml"), str(file), str(new))

    assert (0, "") == (result.code, result.err)
    assert ["closed"] == [call["outcome"] for call in replayed(desk, str(new))]
    assert b"5550111" not in new.read_bytes()
