"""``trace replay`` of Asterisk's own record of calls: what would have been texted, and that it is approximate."""

import json
from pathlib import Path

from tests.cli.conftest import Desk
from tests.pbx.cdr_rows import a_file, a_line

ANN, BOB = "07700900101", "07700900102"


def test_call_records_are_played_like_streams(desk: Desk, tmp_path: Path) -> None:
    """Who rang out is texted, who rang out again an hour later is a repeat, and who talked is not texted."""
    rings_out = {"src": ANN, "clid": f'"Ann" <{ANN}>', "dcontext": "from-trunk", "dst": "01632960101"}
    again = rings_out | {"start": "2026-11-18 13:00:00", "end": "2026-11-18 13:00:20"}
    talks = rings_out | {
        "src": BOB, "clid": BOB, "start": "2026-11-18 12:30:00", "answer": "2026-11-18 12:30:05",
        "end": "2026-11-18 12:31:05", "duration": 65, "billsec": 60, "disposition": "ANSWERED",
    }  # fmt: skip
    first = rings_out | {"start": "2026-11-18 12:00:00", "end": "2026-11-18 12:00:20"}
    lines = [
        a_line("1795003200.1", channel="PJSIP/trunk-00000001", **first),
        a_line("1795005000.2", channel="PJSIP/trunk-00000002", **talks),
        a_line("1795006800.3", channel="PJSIP/trunk-00000003", **again),
    ]
    said = desk.run("trace", "replay", str(a_file(tmp_path, *lines)))

    assert said.code == 0
    assert "approximate" in said.err
    calls = [json.loads(line) for line in said.out.splitlines()]
    assert all(call["approximate"] for call in calls)
    assert [
        (ANN, "no_answer", "text", "nothing_against"),
        (BOB, "answered", "silent", "outcome_not_texted"),
        (ANN, "no_answer", "silent", "repeat"),
    ] == [(call["caller"], call["outcome"], call["final"], call["reason"]) for call in calls]


def test_a_file_that_holds_no_call_records(desk: Desk, tmp_path: Path) -> None:
    """It is said, without a traceback."""
    file = tmp_path / "prices.csv"
    file.write_text("nuts,3\nbolts,4\n")
    said = desk.run("trace", "replay", str(file))

    assert said.code == 1
    assert str(file) in said.err
    assert "Traceback" not in said.err
