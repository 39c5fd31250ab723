"""``guards`` shows how far each bound is, and lets a guard forget; ``status`` shows those that are shut."""

import asyncio
import dataclasses
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest

from tests.builders import a_call, a_policy, a_record, seconds
from tests.cli.conftest import Desk
from textbackd import clock
from textbackd.cli import asking
from textbackd.core.guards import HOUR, Limits
from textbackd.store.database import Database, moment
from textbackd.workers import call_book

GUARDS = "  guards: {per_prefix: 2}\n"


async def _called(desk: Desk, callers: Sequence[str]) -> None:
    policy = a_policy(guards=Limits(per_prefix=2))
    now = clock.utc_now()
    async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
        for caller in callers:
            record = dataclasses.replace(a_record(), call_id=caller, caller=caller, ended_at=now)
            call = a_call(dataclasses.replace(record, started_at=now - seconds(20)))
            await call_book.keep(tx, call, policy, now)


@pytest.fixture
def shut(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two texts to a prefix where two may go, and two more callers from there."""
    monkeypatch.setattr(asking, "DAEMON_PATIENCE", seconds(0))
    text = desk.configuration.read_text()
    desk.configuration.write_text(re.sub(r"^  guards: {.*?}\n", GUARDS, text, flags=re.MULTILINE | re.DOTALL))
    asyncio.run(_called(desk, [f"0770090010{last}" for last in range(4)]))
    return desk


def test_each_guard_is_shown(shut: Desk) -> None:
    """With its count, its bound, until when it is shut and what it kept back."""
    found = {guard["guard"]: guard for guard in shut.run("guards", "--json").json}
    until = moment(found["per_prefix"].pop("shut_until"))

    assert HOUR - seconds(60) < until - clock.utc_now() < HOUR
    assert {"guard": "per_prefix", "prefix": "+44770090", "count": 2, "bound": 2, "kept_back": 2} == found["per_prefix"]
    assert {
        "guard": "ceiling", "prefix": None, "count": 2, "bound": 200, "shut_until": None, "kept_back": 0,
    } == found["ceiling"]  # fmt: skip
    assert ["per_prefix", "per_hour", "per_day", "surge", "unanswered", "ceiling"] == list(found)
    people = shut.run("guards")
    assert (0, "") == (people.code, people.err)
    first = people.out.splitlines()[1].split()
    assert ["per_prefix", "2", "2"] == first[:3]
    assert ["2", "texts", "in", "an", "hour", "to", "+44770090…"] == first[5:]


def test_status_shows_what_is_shut(shut: Desk) -> None:
    """Beside the alarm."""
    result = shut.run("status")

    assert 1 == result.code
    assert "ALARM since" in result.out
    assert "  seen:  per_prefix: 2 texts in an hour to +44770090…; 2 may go" in result.out
    (line,) = (line for line in result.out.splitlines() if line.startswith("Guard "))
    assert line.startswith("Guard per_prefix is shut until 20")
    assert line.endswith(": 2 texts in an hour to +44770090…; 2 may go.")
    assert '"shut_guards": [\n    {\n      "guard": "per_prefix"' in shut.run("status", "--json").out


def test_a_guard_forgets(shut: Desk) -> None:
    """It counts anew, and its alarm is over."""
    assert "per_prefix begins to count anew.\n" == shut.run("guards", "clear", "per_prefix").out
    found = {guard["guard"]: guard for guard in shut.run("guards", "--json").json}

    assert (0, None) == (found["per_prefix"]["count"], found["per_prefix"]["shut_until"])
    assert 2 == found["per_day"]["count"]
    assert "No alarms." in shut.run("status").out
    cleared = shut.run("guards", "clear", "surge", "--json").json
    assert "surge" == cleared["guard"]
    assert abs(moment(cleared["cleared_at"]) - clock.utc_now()) < seconds(60)


@pytest.mark.parametrize(
    ("guard", "code", "complaint"),
    [
        ("ceiling", 1, "the ceiling is lifted in the configuration only: rules.guards.ceiling\n"),
        ("undecided", 1, "there is nothing to forget where nothing could be counted: look at the log"),
        ("dance", 2, "'dance' is not one of 'per_prefix', 'per_hour'"),
    ],
)
def test_what_no_command_lifts(shut: Desk, guard: str, code: int, complaint: str) -> None:
    """And nothing is written."""
    result = shut.run("guards", "clear", guard)

    assert (code, "") == (result.code, result.out)
    assert complaint in result.err
    with closing(sqlite3.connect(shut.database)) as connection:
        assert (0,) == connection.execute("SELECT count(*) FROM guard_clearances").fetchone()


def test_options_come_last(shut: Desk) -> None:
    """Taken before the word, a configuration would be another than the one that is meant."""
    result = shut.run("guards", "--config", "x.yaml", "clear", "surge")

    assert (2, "") == (result.code, result.out)
    assert "the options of clear come after it" in result.err


def test_what_could_not_be_counted_is_shown(shut: Desk) -> None:
    """It has no count."""
    with closing(sqlite3.connect(shut.database)) as connection, connection:
        connection.execute("UPDATE calls SET detail = 'undecided' WHERE reason = 'guard'")

    assert "undecided: 2 kept back, for what went out could not be counted." in shut.run("guards").out
