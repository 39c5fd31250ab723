"""``trace replay`` of Asterisk's own record of calls: what would have been texted, and that it is approximate."""

import asyncio
import datetime as dt
import json
from pathlib import Path

from tests.cli.conftest import Desk
from tests.pbx.cdr_rows import a_file, a_line
from textbackd import clock
from textbackd.core.caller_history import Consent
from textbackd.core.exclusions import Exclusion
from textbackd.core.phone_numbers import E164
from textbackd.store import exclusions, learned_numbers, opt_outs
from textbackd.store.database import Database
from textbackd.store.learned_numbers import Learned

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


RINGS_OUT = {"channel": "PJSIP/trunk-00000001", "dcontext": "from-trunk", "dst": "01632960101"}
CAL, DAN, FAY = "07700900103", "07700900104", "07700900105"


def rung_out(folder: Path, *callers: str) -> str:
    """Each rang out at noon, a minute apart."""
    lines = (
        a_line(f"1795003{n}00.1", src=caller, start=f"2026-11-18 12:0{n}:00", end=f"2026-11-18 12:0{n}:20", **RINGS_OUT)
        for n, caller in enumerate(callers)
    )
    return str(a_file(folder, *lines))


async def _know(path: Path) -> None:
    async with Database.open(path, durable=False) as database, database.transaction() as tx:
        long_ago, now = clock.utc_now() - dt.timedelta(days=91), clock.utc_now()
        await exclusions.add(tx, Exclusion(label="crew", number=E164("+447700900101")), "", now)
        await opt_outs.add(tx, E164("+447700900102"), Consent.OUT, "desk", now)
        await learned_numbers.learn(tx, E164("+447700900103"), Learned.UNDELIVERABLE, "failed", now)
        await learned_numbers.learn(tx, E164("+447700900104"), Learned.STAFF, "rang", now)
        await learned_numbers.learn(tx, E164("+447700900105"), Learned.UNDELIVERABLE, "failed", long_ago)


def test_who_is_not_to_be_texted_by_the_database_is_not(desk: Desk, tmp_path: Path) -> None:
    """Nor in the report; but what was learned and is forgotten by now does not count. The database stays as it is."""
    asyncio.run(_know(desk.database))
    before = desk.database.read_bytes()
    file = rung_out(tmp_path, ANN, BOB, CAL, DAN, FAY)

    said = desk.run("trace", "replay", "--config", str(desk.configuration), file)
    reported = desk.run("report", "--cdr", file, "--since", "2026-11-18")
    figures = desk.run("report", "--cdr", file, "--since", "2026-11-18", "--json").json

    reasons = ["excluded:crew", "opted_out", "undeliverable", "own_number:staff", "nothing_against"]
    assert reasons == [json.loads(line)["final_reason"] for line in said.out.splitlines()]
    counted = f"counted as they stand now in {desk.database}: exclusions 1, opt-outs 1, learned numbers 2"
    assert f"note: {counted}" in said.err.splitlines()
    assert f"note: {counted}\n" == reported.err
    assert (1, counted) == (figures["texts"]["decided"], figures["records"]["lists"])
    assert before == desk.database.read_bytes()


def test_without_a_database_it_is_said(desk: Desk, tmp_path: Path) -> None:
    """So with one that is none; none is made, and without a configuration there is nothing to look for."""
    file = rung_out(tmp_path, ANN)
    none = desk.run("trace", "replay", "--config", str(desk.configuration), file)
    there_was_none = not desk.database.exists()
    desk.database.write_text("nuts,3\n" * 200)
    odd = desk.run("trace", "replay", "--config", str(desk.configuration), file)
    invented = desk.run("trace", "replay", file)

    assert there_was_none
    assert f"note: no database {desk.database}: no opt-out, no learned number, and of exclusions only" in none.err
    assert f"note: {desk.database}: file is not a database: no opt-out, no learned number" in odd.err
    assert "note: " not in invented.err
    assert ["text"] * 3 == [json.loads(said.out)["final"] for said in (none, odd, invented)]


def test_the_sum_for_programs(desk: Desk, tmp_path: Path) -> None:
    """One object more for each file, and nothing of it on standard error."""
    file = rung_out(tmp_path, ANN, ANN, BOB)
    said = desk.run("trace", "replay", "--summary", "--json", file, file)
    lines = [json.loads(line) for line in said.out.splitlines()]

    summary = {"calls": 3, "texted": 2, "not_texted": {"repeat": 1}}
    assert 8 == len(lines)
    assert [{"file": file, "approximate": True, "summary": summary}] * 2 == [lines[3], lines[7]]
    assert "texted" not in said.err


def test_when_a_text_would_have_left(desk: Desk, tmp_path: Path) -> None:
    """By night when the quiet hours of the caller end; who gets none has no such time."""
    night = {"start": "2026-11-17 23:00:00", "end": "2026-11-17 23:00:20"}
    noon = {"start": "2026-11-18 12:00:00", "end": "2026-11-18 12:00:20"}
    lines = (
        a_line("1794950000.1", src=ANN, **RINGS_OUT, **night),
        a_line("1795003200.1", src=BOB, **RINGS_OUT, **noon),
        a_line("1795003200.2", src="anonymous", **RINGS_OUT, **noon),
    )
    said = desk.run("trace", "replay", str(a_file(tmp_path, *lines)))
    told = [json.loads(line) for line in said.out.splitlines()]

    by_night, by_day, withheld = (call["not_before"] and call["not_before"][:19] for call in told)
    assert ("2026-11-18T08:00:00", "2026-11-18T12:00:25", None) == (by_night, by_day, withheld)
