"""Each command on a small database: what it says to people, what it says to programs, what it refuses."""

import asyncio
import gzip
import json
import os
import pwd
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests import fake_ami
from tests.cli.conftest import BOB, EVE, Desk
from tests.daemon import running
from tests.daemon.running import ROOT
from tests.pbx.replay import TRACES
from textbackd.cli.context import ANOTHER

COMMANDS = [
    ("calls",),
    ("leads",),
    ("leads", "1"),
    ("queue", "list"),
    ("queue", "show", "2"),
    ("explain", BOB),
    ("opt-out", "list"),
    ("exclude", "list"),
    ("guards",),
]


# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_table_for_people_and_json_for_programs(filled: Desk, words: tuple[str, ...]) -> None:
    """Neither needs the daemon."""
    people = filled.run(*words)

    assert (0, "") == (people.code, people.err)
    assert people.out.strip()
    assert filled.run(*words, "--json").json


KNOWS_WITHOUT = ("exclude", "list")
"""What stands in the configuration."""


@pytest.mark.parametrize("words", [*(each for each in COMMANDS if each != KNOWS_WITHOUT), ("status",)], ids=" ".join)
def test_without_a_database_it_says_so(desk: Desk, words: tuple[str, ...]) -> None:
    """What only reads makes none."""
    result = desk.run(*words)

    assert (1, "") == (result.code, result.out)
    assert f"{desk.database}: no database yet; textbackd run makes it at its first start ({ANOTHER})\n" == result.err
    assert not desk.database.exists()


@pytest.mark.parametrize("words", [*COMMANDS, ("status",), ("check", "--offline"), ("run",)], ids=" ".join)
def test_without_a_configuration_it_says_so(
    desk: Desk, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its path; without a traceback."""
    monkeypatch.setenv("TEXTBACKD_CONFIG", str(tmp_path / "nowhere.yaml"))
    result = desk.run(*words)

    assert (1, "") == (result.code, result.out)
    assert result.err.startswith(str(tmp_path / "nowhere.yaml"))
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "words",
    [
        ("dance",),
        ("queue", "dance"),
        ("calls", "--limit", "0"),
        ("leads", "one"),
        ("explain",),
        ("trace", "replay"),
        ("calls", "--colour"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_is_exit_code_2(desk: Desk, words: tuple[str, ...]) -> None:
    """With a hint at the right one."""
    result = desk.run(*words)

    assert (2, "") == (result.code, result.out)
    assert "Usage: " in result.err


@pytest.mark.parametrize("words", [("calls",), ("leads",), ("queue", "list"), ("opt-out", "list")], ids=" ".join)
def test_an_empty_database_is_no_error(desk: Desk, words: tuple[str, ...]) -> None:
    """A sentence for people, an empty list for programs."""
    desk.fill()
    with closing(sqlite3.connect(desk.database)) as connection:
        for table in ("outbox_changes", "outbox", "inbox", "calls", "leads", "opt_outs"):
            connection.execute(f"DELETE FROM {table}")
        connection.commit()

    assert desk.run(*words).out.rstrip().endswith(".")
    assert [] == desk.run(*words, "--json").json


# --- each of them ----------------------------------------------------------------------------------------------------


def test_calls(filled: Desk) -> None:
    """Newest first, with decision and reason; a withheld number is not shown."""
    out = filled.run("calls").out.splitlines()

    assert ["CALL", "ENDED", "CALLER"] == out[0].split()[:3]
    assert ["4", "3", "2", "1"] == [line.split()[0] for line in out[1:]]
    assert ["text", "nothing_against"] == out[4].split()[-2:]
    assert ["silent", "opted_out"] == out[3].split()[-2:]
    assert " withheld " in out[2]
    assert ["4"] == [line.split()[0] for line in filled.run("calls", "--limit", "1").out.splitlines()[1:]]
    assert ("no_answer", "text", BOB) == tuple(
        filled.run("calls", "--json").json[3][key] for key in ("outcome", "decision", "number")
    )


def test_leads(filled: Desk) -> None:
    """One per caller; the thread of one in a line of time."""
    out = filled.run("leads").out
    assert BOB in out
    assert "withheld" in out
    lead = next(lead["id"] for lead in filled.run("leads", "--json").json if lead["number"] == BOB)

    thread = filled.run("leads", str(lead), "--json").json["thread"]

    assert ["call", "out", "in"] == [entry["kind"] for entry in thread]
    assert "Water under the sink" in filled.run("leads", str(lead)).out
    missing = filled.run("leads", "99")
    assert (1, "there is no lead 99; textbackd leads lists them\n") == (missing.code, missing.err)


def test_queue(filled: Desk) -> None:
    """Hold, release and cancel; what cannot be done says why and changes nothing."""
    texts = filled.run("queue", "list", "--json").json
    waiting = str(next(text["id"] for text in texts if text["kind"] == "caller" and text["state"] == "queued"))
    sent = str(next(text["id"] for text in texts if text["state"] == "sent"))

    assert f"Text {waiting} is held.\n" == filled.run("queue", "hold", waiting).out
    assert {"id": int(waiting), "state": "queued"} == filled.run("queue", "release", waiting, "--json").json
    assert 0 == filled.run("queue", "cancel", waiting).code
    again = filled.run("queue", "release", waiting)
    assert (1, f"text {waiting} is cancelled: it cannot be released\n") == (again.code, again.err)
    for verb in ("hold", "release", "cancel"):
        assert 1 == filled.run("queue", verb, sent).code
        assert (1, "there is no text 99; textbackd queue list shows them\n") == (
            filled.run("queue", verb, "99").code,
            filled.run("queue", verb, "99").err,
        )
    assert 1 == filled.run("queue", "show", "99").code
    events = [change["event"] for change in filled.run("queue", "show", waiting, "--json").json["changes"]]
    assert ["queue", "hold", "release", "cancel"] == events


def test_flush(filled: Desk) -> None:
    """What waits for another try is tried now; what waits for its own time is left alone."""
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("UPDATE outbox SET state = 'queued', not_before = created_at, due_at = '2100-01-01'")
        connection.execute("UPDATE outbox SET not_before = '2100-01-01' WHERE id = 1")
        connection.commit()
        (late,) = connection.execute("SELECT count(*) FROM outbox WHERE id > 1").fetchone()

    assert {"flushed": late} == filled.run("queue", "flush", "--json").json
    assert "0 texts will be tried again now.\n" == filled.run("queue", "flush").out
    with closing(sqlite3.connect(filled.database)) as connection:
        (waiting,) = connection.execute("SELECT count(*) FROM outbox WHERE due_at = '2100-01-01'").fetchone()
    assert 1 == waiting


def test_a_released_text_counts_its_time_from_now(filled: Desk) -> None:
    """However old it is: a person wants it sent."""
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("UPDATE outbox SET state = 'unknown' WHERE kind = 'caller' AND state = 'sent'")
        connection.commit()
    text = next(t for t in filled.run("queue", "list", "--json").json if t["state"] == "unknown")

    assert 0 == filled.run("queue", "release", str(text["id"])).code
    released = filled.run("queue", "show", str(text["id"]), "--json").json["text"]
    assert released["not_before"] > text["not_before"]


def test_a_cancelled_text_of_unknown_fate_keeps_no_report_from_another(filled: Desk) -> None:
    """What was kept because of it is booked in the same breath; the daemon need not run."""
    with closing(sqlite3.connect(filled.database)) as connection:
        ((text, number, modem, reference),) = connection.execute(
            "SELECT message_id, number, modem, message_reference FROM outbox_parts WHERE state = 'accepted' LIMIT 1"
        )
        (doubtful,) = connection.execute("SELECT max(id) FROM outbox WHERE id <> ?", (text,)).fetchone()
        connection.execute("UPDATE outbox SET state = 'unknown' WHERE id = ?", (doubtful,))
        connection.execute("DELETE FROM outbox_parts WHERE message_id = ?", (doubtful,))
        connection.execute(
            "INSERT INTO outbox_parts (message_id, copy, part, state, number, modem, submitted_at)"
            " SELECT ?, 1, 1, 'unknown', number, modem, submitted_at FROM outbox_parts WHERE message_id = ?",
            (doubtful, text),
        )
        connection.execute(
            "INSERT INTO kept_reports (number, modem, message_reference, status, arrived_at)"
            " SELECT ?, ?, ?, 0, submitted_at FROM outbox_parts WHERE message_id = ?",
            (number, modem, reference, text),
        )
        connection.commit()

    assert f"Text {doubtful} is cancelled.\n" == filled.run("queue", "cancel", str(doubtful)).out
    assert "delivered" == filled.run("queue", "show", str(text), "--json").json["text"]["state"]
    (part,) = filled.run("queue", "show", str(doubtful), "--json").json["parts"]
    assert "dismissed" == part["state"]


@pytest.mark.parametrize("asked", [BOB, "07700900456", "1795220361.1", "1"])
def test_explain(filled: Desk, asked: str) -> None:
    """What was seen, what decided the outcome, why he was texted, and what became of the text."""
    result = filled.run("explain", asked)

    assert 0 == result.code, result.err
    for part in (
        "(1795220361.1 on asterisk)",
        "101 was rung",
        "Outcome:  no_answer",
        "Decision: text (nothing_against)",
        "the network took it",
    ):
        assert part in result.out
    (call,) = filled.run("explain", asked, "--json").json
    assert ["caller", "owner"] == sorted(text["kind"] for text in call["texts"])
    assert {"at", "what", "value", "who", "told", "decided"} == set(call["steps"][0])
    assert any(step["decided"] for step in call["steps"])


def test_explain_why_not(filled: Desk) -> None:
    """The reason in words; and a caller of whom nothing is known."""
    assert "the caller asked for no more texts" in filled.run("explain", EVE).out
    missing = filled.run("explain", "+447700900999")
    assert (1, "no call '+447700900999' is on record; textbackd calls lists them\n") == (missing.code, missing.err)


def test_opt_out(filled: Desk) -> None:
    """At the desk: what waits is cancelled; removed again; numbers as they are dialled here."""
    assert [EVE] == [entry["number"] for entry in filled.run("opt-out", "list", "--json").json]

    added = filled.run("opt-out", "add", "07700 900123", "--json").json
    assert {"number": "+447700900123", "new": True, "cancelled": 1, "running": False} == added
    assert "had opted out already" in filled.run("opt-out", "add", "07700 900123").out
    assert 0 == filled.run("opt-out", "remove", "07700900123").code
    again = filled.run("opt-out", "remove", "07700900123")
    assert (1, "+447700900123 has not opted out\n") == (again.code, again.err)
    wrong = filled.run("opt-out", "add", "my aunt")
    assert (1, True) == (wrong.code, wrong.err.startswith("'my aunt' is no phone number"))


# --- check -----------------------------------------------------------------------------------------------------------


def test_check_offline(desk: Desk) -> None:
    """The shipped example, and this desk's own; it touches nothing."""
    example = str(ROOT / "config" / "textbackd.yaml")
    assert 0 == desk.run("check", "--offline", "--config", example).code
    assert [{"what": "configuration", "ok": True, "found": str(desk.configuration)}] == desk.run(
        "check", "--offline", "--json"
    ).json
    assert not desk.database.exists()


def test_check_tells_every_mistake_at_once(desk: Desk) -> None:
    """Each with its place."""
    text = desk.configuration.read_text().replace("country: GB", "country: XX").replace("delay: 0s", "dealy: 0s")
    desk.configuration.write_text(text)
    result = desk.run("check", "--offline")

    assert (1, "") == (result.code, result.out)
    assert 2 == len(result.err.splitlines())
    assert all(line.startswith(f"{desk.configuration}:") for line in result.err.splitlines())
    assert "did you mean 'delay'?" in result.err


def test_check_tries_each_thing_outside(desk: Desk) -> None:
    """Nobody at the PBX's port is a problem found; the simulated modem is there."""
    result = desk.run("check")

    assert 1 == result.code
    assert "BAD  PBX asterisk: 127.0.0.1:1 refused the connection: " in result.out
    assert "ok   modem gsm: textbackd simulated, on simulated, signal 100 %" in result.out


# --- traces ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["a", "b", "c", "h", "j"])
def test_trace_replay_gives_the_truth(desk: Desk, family: str) -> None:
    """Of every recorded call of the family, from the least-privilege account's stream."""
    files = sorted((TRACES / "filtered").glob(f"{family}[0-9]*.ami"))
    files = [file for file in files if "reconnect" not in file.name]
    result = desk.run("trace", "replay", *map(str, files))

    assert 0 == result.code
    assert all(": no inbound calls; " in line for line in result.err.splitlines())
    found: dict[str, list[tuple[str, str, str]]] = {}
    for line in map(json.loads, result.out.splitlines()):
        name = Path(line["file"]).name.removesuffix(".ami")
        found.setdefault(name, []).append((line["caller"], line["did"], line["outcome"]))
    truths = {file.name.removesuffix(".ami"): TRACES / f"{file.name.removesuffix('.ami')}.truth.json" for file in files}
    expected = {
        name: [(call["caller"], call["did"], call["outcome"]) for call in json.loads(path.read_text())["calls"]]
        for name, path in truths.items()
    }
    assert {name: calls for name, calls in expected.items() if calls} == found


def test_trace_replay_tells_all(desk: Desk) -> None:
    """The keys that others rely on, also with a configuration of one's own; a stream packed with gzip too."""
    keys = {
        *("file", "call_id", "caller", "caller_e164", "withheld", "did", "outcome", "hours", "ring_seconds"),
        *("wait_seconds", "talk_seconds", "talked_to", "decision", "reason", "final", "final_reason", "template"),
        "words_from",
        *(
            "text",
            "not_before",
            "started_at",
            "ended_at",
            "did_label",
            "because",
            "rang",
            "talked_to_each",
            "maybe_machine",
        ),
        *("queue", "queue_seconds", "approximate"),
    }
    file = str(TRACES / "full" / "a03_direct_ringout.ami.gz")
    bare = json.loads(desk.run("trace", "replay", file).out)
    own = json.loads(desk.run("trace", "replay", "--json", "--config", str(desk.configuration), file).out)

    assert keys == set(bare) == set(own)
    assert ("no_answer", "text", "text") == (bare["outcome"], bare["decision"], bare["final"])
    assert own["text"].startswith("Hill Plumbing: ")


def test_trace_replay_goes_on_after_a_bad_file(desk: Desk, tmp_path: Path) -> None:
    """The others are told; the exit code and a line say what was wrong."""
    letter = tmp_path / "letter.ami"
    letter.write_text("Dear aunt")
    good = str(TRACES / "filtered" / "a03_direct_ringout.ami")
    result = desk.run("trace", "replay", str(letter), good, str(tmp_path / "missing.ami"))

    assert 1 == result.code
    assert 1 == len(result.out.splitlines())
    first, second = result.err.splitlines()
    assert first.startswith(f"{letter}: this is no recorded AMI stream")
    assert second == f"{tmp_path / 'missing.ami'}: No such file or directory"


def test_without_times_nothing_is_measured(desk: Desk, tmp_path: Path) -> None:
    """The times are null, the outcome is right all the same."""
    bare = tmp_path / "bare.ami"
    shutil.copy(TRACES / "filtered" / "a03_direct_ringout.ami", bare)
    told = json.loads(desk.run("trace", "replay", str(bare)).out)

    assert "no_answer" == told["outcome"]
    names = ("ring_seconds", "wait_seconds", "talk_seconds", "queue_seconds", "started_at", "ended_at", "not_before")
    assert {None} == {told[name] for name in names}


def test_trace_record_to_a_folder_that_is_not_there(desk: Desk, tmp_path: Path) -> None:
    """It is the folder's fault, and the PBX is not even asked."""
    result = desk.run("trace", "record", "--seconds", "1", str(tmp_path / "nowhere" / "x.ami"))

    assert 1 == result.code
    assert "nowhere is not there" in result.err
    assert "PBX" not in result.err


async def test_trace_record(desk: Desk, tmp_path: Path) -> None:
    """Everything that the PBX sends, with its times; what was recorded can be played."""
    async with fake_ami.listening() as ami:
        configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
        file = tmp_path / "day.ami"
        command = [sys.executable, "-m", "textbackd", "trace", "record", "--config", str(configuration)]
        process = await _process(*command, "--json", "--seconds", "1", str(file))
        await ami.until_asked("Status")
        ami.send(*fake_ami.rings_out("1795220361.1", BOB))
        out, err = await process.communicate()
    twice = await _process(*command, str(file))
    _, complaint = await twice.communicate()

    assert (0, b"") == (process.returncode, err)
    assert file.stat().st_size == json.loads(out)["bytes"]
    replayed = await asyncio.to_thread(desk.run, "trace", "replay", str(file))
    told = json.loads(replayed.out)
    assert ("no_answer", BOB) == (told["outcome"], told["caller"])
    assert (1, True) == (twice.returncode, complaint.decode().startswith(f"{file}: File exists; "))
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)


async def test_trace_record_without_a_pbx(tmp_path: Path) -> None:
    """It says why, and leaves no file that would be in the way of the next try."""
    configuration = running.configuration(tmp_path, host="127.0.0.1", port=9)
    file = tmp_path / "day.ami"
    process = await _process(
        *(sys.executable, "-m", "textbackd", "trace", "record", "--config", str(configuration), str(file))
    )
    _, complaint = await process.communicate()

    assert 1 == process.returncode
    assert "127.0.0.1:9" in complaint.decode()
    assert "Traceback" not in complaint.decode()
    assert not file.exists()


async def _process(*command: str) -> "asyncio.subprocess.Process":
    pipe = subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, cwd=ROOT)


# --- whose database --------------------------------------------------------------------------------------------------


NOBODY = pwd.getpwnam("nobody")
AS_NOBODY = f"""
import os, pathlib
from textbackd import config
from textbackd.cli import main
config.load(pathlib.Path(os.environ["TEXTBACKD_CONFIG"]))  # nobody may not be able to import the rest
os.setgroups([])
os.setgid({NOBODY.pw_gid})
os.setuid({NOBODY.pw_uid})
main.main()
"""


def test_a_database_of_somebody_else(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root becomes its owner, so that no file of root's locks the daemon out; others are told what to type."""
    if os.geteuid() == 0:
        # pytest's own folder is closed to others, and any other run of pytest closes it again.
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copytree(filled.database.parent, folder, dirs_exist_ok=True)
            monkeypatch.setenv("TEXTBACKD_CONFIG", str(folder / filled.configuration.name))
            for path in (folder, *folder.iterdir()):
                os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
            done = _ended(sys.executable, "-m", "textbackd", "calls")
            assert (0, "") == (done.returncode, done.stderr), done.stderr
            assert {NOBODY.pw_uid} == {path.stat().st_uid for path in folder.iterdir()}

            os.chown(folder / filled.database.name, 1, 1)
            done = _ended(sys.executable, "-c", AS_NOBODY, "calls")
    else:
        others = filled.configuration.read_text().replace("database: textbackd.db", "database: /etc/passwd")
        filled.configuration.write_text(others)
        done = _ended(sys.executable, "-m", "textbackd", "calls")
    assert (1, "") == (done.returncode, done.stdout)
    assert re.search(r" belongs to (\w+): sudo -u \1 textbackd …, or run it as root\n$", done.stderr)


def _ended(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


# --- streams and files that are not whole ----------------------------------------------------------------------------


def test_a_stream_with_two_logins_was_not_seen_whole(desk: Desk, tmp_path: Path) -> None:
    """What lay between the two is not known: no text."""
    stream = (TRACES / "filtered" / "c01_vm_noanswer_message.ami").read_bytes()
    half = stream.index(b"Event: Newexten\r\n", len(stream) // 2)
    file = tmp_path / "two.ami"
    file.write_bytes(stream[:half] + b"Event: DialBegin\r\nUniq\r\n\r\n" + stream)

    told = [json.loads(line) for line in desk.run("trace", "replay", str(file)).out.splitlines()]
    assert [("unknown", "silent")] == [(call["outcome"], call["decision"]) for call in told]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("empty.ami", b"", "no recorded AMI stream"),
        ("unix.ami", b"Event: Newchannel\n\n", "line ends were converted"),
        ("cut.ami.gz", gzip.compress(b"Event: Hangup\r\n\r\n" * 99, mtime=0)[:-20], "cut.ami.gz: "),
        ("endless.ami", b"Event: Hangup\r\n" * 400_000, "without the end of a message"),
    ],
    ids=["empty", "converted", "cut", "endless"],
)
def test_a_file_that_cannot_be_played_is_named_and_the_others_are_played(
    desk: Desk, tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    """One line on standard error for each; exit code 1."""
    (tmp_path / name).write_bytes(content)
    good = TRACES / "filtered" / "a01_direct_answered.ami"
    result = desk.run("trace", "replay", str(tmp_path / name), str(good))

    assert (1, 1, 1) == (result.code, len(result.out.splitlines()), len(result.err.splitlines()))
    assert name in result.err
    assert complaint in result.err


def test_a_stream_without_inbound_calls_says_so(desk: Desk) -> None:
    """It may be right, or the contexts may be wrong: they are named."""
    result = desk.run("trace", "replay", str(TRACES / "filtered" / "j01_outbound_answered.ami"))

    assert (0, "") == (result.code, result.out)
    assert "no inbound calls" in result.err
    assert "from-trunk" in result.err


def test_a_call_that_is_still_up_at_the_end_of_a_file(desk: Desk, tmp_path: Path) -> None:
    """Nobody knows how it ended, whoever was on the line before."""
    stream = (TRACES / "filtered" / "a01_direct_answered.ami").read_bytes()
    file = tmp_path / "cut.ami"
    file.write_bytes(stream[: stream.index(b"Event: BridgeLeave")])

    told = desk.run("trace", "replay", str(file)).json
    assert ("unknown", "101") == (told["outcome"], told["talked_to"])


def test_without_times_the_hours_are_those_of_the_day(desk: Desk, tmp_path: Path) -> None:
    """The Uniqueid tells the day and the hour; how long anybody waited is not known."""
    file = tmp_path / "x.ami"
    shutil.copy(TRACES / "filtered" / "a03_direct_ringout.ami", file)
    (tmp_path / "night.yaml").write_text(
        "country: GB\ntime_zone: Europe/London\nfiction_numbers: true\n"
        'businesses: [{name: Night, hours: "Sa 00:00-01:00"}]\n'
        "pbx: [{name: a, kind: asterisk, user: x, secret: x}]\nmodems: [{name: m, kind: simulated, folder: m}]\n"
    )

    told = json.loads(desk.run("trace", "replay", "--config", str(tmp_path / "night.yaml"), str(file)).out)
    assert ("open", None, "no_answer", "text") == tuple(told[k] for k in ("hours", "started_at", "outcome", "decision"))


def test_times_that_are_none_are_named(desk: Desk, tmp_path: Path) -> None:
    """Not a number, or beyond the calendar."""
    file = tmp_path / "x.ami"
    file.write_bytes(b"Event: Hangup\r\n\r\n")
    for times in ("[[0, NaN]]", "[[0, 1e300]]", "[0]", "{}x"):
        (tmp_path / "x.times.json").write_text(times)
        result = desk.run("trace", "replay", str(file))
        assert (1, True) == (result.code, result.err.startswith(f"{tmp_path / 'x.times.json'}: "))


def test_a_broken_configuration_as_json(desk: Desk) -> None:
    """A program that asked for JSON gets it, above all when something is wrong."""
    desk.configuration.write_text("countri: GB\n")
    result = desk.run("check", "--offline", "--json")

    assert 1 == result.code
    found = json.loads(result.out)
    assert not any(problem["ok"] for problem in found)
    assert any("countri" in problem["found"] for problem in found)


def test_numbers_that_no_row_can_have(filled: Desk) -> None:
    """A wrong command, not a crash."""
    for words in (("queue", "show"), ("leads",)):
        assert 2 == filled.run(*words, "99999999999999999999").code


def test_the_thread_of_a_caller_without_a_number(filled: Desk) -> None:
    """What belongs to the lead itself."""
    withheld = next(lead for lead in filled.run("leads", "--json").json if lead["number"] is None)

    assert ["call"] == [entry["kind"] for entry in filled.run("leads", str(withheld["id"]), "--json").json["thread"]]
