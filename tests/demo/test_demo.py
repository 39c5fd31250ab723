"""``textbackd demo`` as it is typed: in a process of its own, with no terminal."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.builders import an_office
from textbackd import config
from textbackd.core.reasons import Reason
from textbackd.demo import office, summary
from textbackd.demo.day import DAY, Calls
from textbackd.demo.play import EVERY, LATER_CALLERS
from textbackd.store.database import Database

COMMAND = (sys.executable, "-m", "textbackd", "demo")
TIME_FOR_ONCE = 30.0
TIME_TO_STOP = 2.0

CALLS = [act for story in DAY for act in story.acts if isinstance(act, Calls)]


class Ended(NamedTuple):
    """A demo that is over."""

    code: int
    out: str
    err: str
    seconds: float
    left_behind: list[str]
    """What lies in the folder for temporary files."""


def started(*arguments: str, tmp: Path) -> "subprocess.Popen[str]":
    environment = os.environ | {"TMPDIR": str(tmp)}
    pipe = subprocess.PIPE
    return subprocess.Popen([*COMMAND, *arguments], stdout=pipe, stderr=pipe, text=True, env=environment)


def ended(process: "subprocess.Popen[str]", since: float, tmp: Path) -> Ended:
    out, err = process.communicate(timeout=60)
    left = sorted(path.name for path in tmp.iterdir())
    return Ended(process.returncode, out, err, time.monotonic() - since, left)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """``--once`` and ``--json``, played side by side: most of their time is waiting."""
    since = time.monotonic()
    tmp = {option: tmp_path_factory.mktemp("tmp") for option in ("--once", "--json")}
    processes = {option: started(option, tmp=folder) for option, folder in tmp.items()}
    return {option: ended(process, since, tmp[option]) for option, process in processes.items()}


def test_once_ends_by_itself(once: dict[str, Ended]) -> None:
    """In time, with nothing to complain of, and without a trace."""
    demo = once["--once"]
    assert (demo.code, demo.err, demo.left_behind) == (0, "", [])
    assert demo.seconds < TIME_FOR_ONCE


def test_once_is_plain_where_there_is_no_terminal(once: dict[str, Ended]) -> None:
    """No colours, no cursor tricks, no carriage returns."""
    assert not re.search(r"[^\n\x20-\U0010ffff]", once["--once"].out)


def test_once_tells_what_happens_and_sums_it_up(once: dict[str, Ended]) -> None:
    """A line as each thing happens, then a row for each call of the day."""
    shown, _, table = once["--once"].out.partition("\nCALLER ")
    for fact in (
        r"call    \+447700900111 rings Sales \(01632960101\)",
        r"text    -> \+447700900111: \"Harbour Lane Plumbing: ",
        r"text    delivered to \+447700900111",
        r"reply   <- \+447700900111: \"Hi, ",
        r"owner   <- \"#1 MISSED \d\d:\d\d Sales \+447700900111\"",
        r"reply   <- \+447700900115: \"Stop\"",
        r"answer  -> \+447700900115: ",
        r"silent  for \+447700900115: opted_out \(the caller asked for no more texts\)",
        r"text    to \+447700900114 is cancelled: already_served",
        r"owner   is not told of \+447700900114: already_served",
        r"owner   <- \"#\d MISSED \d\d:\d\d Repairs x2 \+447700900116\"",
    ):
        assert re.search(rf"^\d\d:\d\d:\d\d  {fact}", shown, re.MULTILINE), fact
    told = [re.split(r"  +", row)[1:] for row in table.splitlines()[1 : 1 + len(CALLS)]]
    expected = [
        [c.what, c.outcome, "text" if c.reason is Reason.NOTHING_AGAINST else "silent", c.reason, c.text or "none"]
        for c in CALLS
    ]
    assert expected == told


def test_json_is_the_summary_and_nothing_else(once: dict[str, Ended]) -> None:
    """The same day, for a program."""
    demo = once["--json"]
    found = json.loads(demo.out)
    assert (demo.code, demo.err, demo.left_behind) == (0, "", [])
    assert (found["as_expected"], found["problems"], len(found["replies"])) == (True, [], 2)
    assert [(call.outcome, call.reason, call.text, call.owner) for call in CALLS] == [
        (row["outcome"], row["reason"], row["text_state"], row["owner_state"]) for row in found["calls"]
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_interactive_demo(number: signal.Signals, tmp_path: Path) -> None:
    """At once, in the middle of a call; what it wrote stays where it was told to put it, and other commands read it."""
    folder = tmp_path / "demo"
    process = started("--folder", str(folder), tmp=tmp_path)
    assert process.stdout is not None
    assert any(" rings " in line for line in process.stdout)
    since = time.monotonic()
    process.send_signal(number)
    demo = ended(process, since, folder)
    assert (demo.code, demo.err) == (0, "")
    assert demo.seconds < TIME_TO_STOP
    assert f"stays in {folder}" in demo.out
    configuration = str(folder / "textbackd.yaml")
    command = [sys.executable, "-m", "textbackd", "check", "--offline", "--config", configuration]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_once_that_is_interrupted_says_so(tmp_path: Path) -> None:
    """It is no success, and leaves nothing behind."""
    process = started("--once", tmp=tmp_path)
    assert process.stdout is not None
    assert any(" rings " in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    demo = ended(process, time.monotonic(), tmp_path)
    assert (demo.code, demo.err, demo.left_behind) == (1, "the demo was ended before the day was over\n", [])


def test_a_folder_with_a_past_is_refused(tmp_path: Path) -> None:
    """A caller who was texted yesterday would not be texted in the demo."""
    (tmp_path / "textbackd.db").touch()
    demo = ended(started("--folder", str(tmp_path), tmp=tmp_path), time.monotonic(), tmp_path)
    assert (demo.code, demo.left_behind) == (1, ["textbackd.db"])
    assert f"{tmp_path} is not empty" in demo.err


async def test_a_day_that_went_wrong_is_told(tmp_path: Path) -> None:
    """Of an office where nothing was written, every call, lead and text of the day is missed."""
    async with Database.open(tmp_path / "textbackd.db", durable=False) as database, database.reading() as tx:
        day = await summary.of_day(tx, DAY, {}, an_office())
    assert len([p for p in day.problems if p.endswith("the call is not on record")]) == len(CALLS)
    assert "07700900115: the lead is none, not 2 calls, new" in day.problems
    assert "07700900115: the text 'Stop' was not received" in day.problems


def test_what_the_interactive_demo_tells_to_try_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word by word, in a terminal that knows of no textbackd."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    process = started("--folder", str(tmp_path / "my demo"), tmp=tmp_path)
    assert process.stdout is not None
    assert any("In another terminal:" in line for line in process.stdout)
    assert "\n" == process.stdout.readline()
    told = itertools.takewhile(lambda line: line != "\n", process.stdout)
    script = "\n".join(line.partition("    ")[0] for line in told)  # what it is good for stands behind it
    tried = subprocess.run(["sh", "-ec", script], capture_output=True, text=True)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert 5 == script.count("  textbackd ")
    assert (0, "") == (tried.returncode, tried.stderr)
    assert "07700900115" in tried.stdout


def test_the_callers_of_the_demo_reach_no_bound(tmp_path: Path) -> None:
    """All its numbers lie together, and in an hour somebody rings more often than anywhere: that is no attack."""
    limits = config.load(office.configure(tmp_path, port=5038, secret="x")).policy.guards
    texts = len(DAY) + LATER_CALLERS

    assert texts < min(limits.per_prefix, limits.per_hour, limits.per_day, limits.unanswered)
    assert 3600 / EVERY < limits.notices
    assert 60 / EVERY < limits.callers_per_minute
