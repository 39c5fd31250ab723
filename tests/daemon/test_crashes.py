"""The daemon, killed with SIGKILL before and after each commit and each call of the modem, and started again."""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import OWNER
from tests.daemon.crashing import ANN, BOB, CALLS, EVE, WORDS
from tests.daemon.running import ROOT

CHUNKS = 4
"""The points are spread over so many tests, so that several processors share them."""

Row = dict[str, Any]


def lives(folder: Path, points: list[int]) -> list[tuple[int, bool, int]]:
    """For each point: the point, whether the daemon was killed there, and how many points its last life passed."""
    command = [sys.executable, "-m", "tests.daemon.crashing", str(folder), *map(str, points)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (0, "") == (done.returncode, done.stderr), done.stderr[-3000:]
    lines = (line.split() for line in done.stdout.splitlines())
    return [(int(point), killed == "1", int(passed)) for point, killed, passed in lines]


class Left:
    """What the daemon left on disk, at rest."""

    def __init__(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / "textbackd.db")) as connection:
            connection.row_factory = sqlite3.Row
            tables = ("calls", "live_calls", "outbox", "inbox", "leads", "opt_outs")
            self._tables = {t: [dict(row) for row in connection.execute(f"SELECT * FROM {t}")] for t in tables}
        lines = (folder / "modem" / "outbox.jsonl").read_text().splitlines()
        self.submitted = Counter((line["number"], line["text"]) for line in map(json.loads, lines))
        self.on_the_sim = sorted(path.name for path in (folder / "modem" / "inbox").glob("*.json"))

    def __getitem__(self, table: str) -> list[Row]:
        return self._tables[table]

    def texts(self, kind: str, number: str | None = None) -> list[Row]:
        return [row for row in self["outbox"] if row["kind"] == kind and number in (None, row["number"])]


def assert_nothing_is_amiss(left: Left) -> None:
    """No text lost, none sent twice, none in between; no reply lost; STOP honoured; each call decided once."""
    assert [] == [text for text, times in left.submitted.items() if times > 1]
    submitted = set(left.submitted)
    for row in left["outbox"]:
        match row["state"]:
            case "sent" | "delivered":
                assert (row["number"], row["text"]) in submitted
            case state:
                assert state == "unknown"  # and so visible to the owner
    assert submitted <= {(row["number"], row["text"]) for row in left["outbox"]}
    assert sum(row["state"] == "unknown" for row in left["outbox"]) <= 1

    calls = {row["call_id"]: row for row in left["calls"] if row["number"] != OWNER}
    assert CALLS.keys() == calls.keys()
    assert [] == left["live_calls"]
    for row in calls.values():
        texts = [text for text in left.texts("caller") if text["call_row"] == row["id"]]
        assert (row["decision"] == "text") == (len(texts) == 1)
        expected = {ANN: ("nothing_against", "repeat"), BOB: ("nothing_against",), EVE: ("opted_out",)}[row["number"]]
        # Of a call that was in the air when the daemon was killed, nobody knows how it ended.
        assert (row["outcome"], row["reason"]) == ("unknown", "outcome_not_texted") or (
            row["outcome"] == "no_answer" and row["reason"] in expected
        )
    assert sum(row["outcome"] == "unknown" for row in calls.values()) <= 1
    assert 1 == len(left.texts("caller", ANN))

    assert {ANN: 2, BOB: 1, EVE: 1} == {row["number"]: row["calls"] for row in left["leads"]}
    assert 5 == len(left.texts("owner"))  # of four calls and one reply

    assert [("STOP", "stop"), (WORDS, "")] == sorted((row["text"], row["wish"]) for row in left["inbox"])
    assert [] == left.on_the_sim
    assert [(EVE, "out")] == [(row["number"], row["state"]) for row in left["opt_outs"]]
    assert [] == left.texts("caller", EVE)
    assert 1 == len(left.texts("acknowledgement"))


def test_an_undisturbed_life_has_points(tmp_path: Path) -> None:
    """Without a kill everything is sent; the points are those that the other tests kill at."""
    ((_, killed, passed),) = lives(tmp_path, [0])

    left = Left(tmp_path / "0")
    assert_nothing_is_amiss(left)
    assert (killed, passed > 80) == (False, True)
    assert {"sent", "delivered"} >= {row["state"] for row in left["outbox"]}
    assert 8 == left.submitted.total()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_killed_at_every_point(tmp_path: Path, chunk: int) -> None:
    """Every commit and every call of the modem, before and after; the count of points differs a little each time."""
    ((_, _, passed),) = lives(tmp_path, [0])

    points = range(1 + chunk, passed + 1, CHUNKS)
    results = lives(tmp_path, list(points))

    assert list(points) == [point for point, _, _ in results]
    assert sum(killed for _, killed, _ in results) >= len(points) - 3
    for point in points:
        try:
            assert_nothing_is_amiss(Left(tmp_path / str(point)))
        except AssertionError as error:
            raise AssertionError(f"killed at point {point} of {passed}: {error}") from error
