"""``textbackd exclude``: by hand, out of files, and what was learned of numbers."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import CALLER, a_record
from tests.cli.conftest import BOB, EVE, Desk
from tests.cli.stories import kept, lines
from textbackd import clock
from textbackd.core.phone_numbers import E164
from textbackd.store import learned_numbers
from textbackd.store.database import Database
from textbackd.store.learned_numbers import Learned

CONFIGURED = """exclusions:
  - label: family
    number: "07700 900777"
  - label: machine
    name: Alarm
"""
TOWN = """exclusions:
  - {label: family, prefix: "+44770"}
"""


def excluded(desk: Desk) -> list[tuple[str, str, str]]:
    """Label, who and source of all."""
    told = desk.run("exclude", "list", "--json").json["exclusions"]
    return [(e["label"], e["number"] or e["prefix"] or e["name"], e["source"]) for e in told]


def configured(desk: Desk) -> None:
    desk.configuration.write_text(desk.configuration.read_text() + CONFIGURED)


def remove(desk: Desk, *words: str) -> str:
    """What the command says that lets somebody be texted again."""
    removed = desk.run("exclude", "remove", *words)
    assert 0 == removed.code
    return removed.out


def learn(desk: Desk, number: str, what: Learned, because: str) -> None:
    async def work() -> None:
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            await learned_numbers.learn(tx, E164(number), what, because, clock.utc_now())

    asyncio.run(work())


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_a_prefix_of_the_whole_country_is_told_of(filled: Desk) -> None:
    """No caller would ever be texted."""
    added = filled.run("exclude", "add", "--label", "spam", "--prefix", "+44")

    assert "every number of GB begins with +44: no caller from there is texted now" in added.err


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("famly", "'famly' is no label that textbackd knows; did you mean 'family'?\n"),
        ("Family", ""),
        ("golf club", ""),
    ],
)
def test_a_label_that_looks_misspelled_is_taken_and_told_of(filled: Desk, label: str, told: str) -> None:
    """Callers under it would make leads, which those under the right one do not."""
    added = filled.run("exclude", "add", "--label", label, "--number", "07700 900123")

    assert (0, told) == (added.code, "".join(added.err.splitlines(keepends=True)[1:]))  # that no daemon runs
    assert label.casefold() in filled.run("exclude", "list").out


@pytest.mark.parametrize(
    ("words", "who"),
    [
        (("--number", "07700 900123"), CALLER),
        (("--number", "\u202a+44\u00a07700\u2011900123\u202c ext. 5"), CALLER),
        (("--prefix", "0044 1632-96"), "+44163296"),
        (("--prefix", "\u202a+44\u00a01632\u201196\u202c"), "+44163296"),
        (("--name", " SMITH  John"), "smith john"),
    ],
)
def test_added_and_removed(filled: Desk, words: tuple[str, str], who: str) -> None:
    """A number as it is dialled here, a beginning, a name; a new label takes the place of the old one."""
    add = ("exclude", "add", "--label", "Crew", *words)

    assert filled.run(*add).out.endswith(" is never texted: crew.\n")
    assert [("crew", who, "hand")] == excluded(filled)
    assert {"label": "spam", "new": False, "running": False} == {
        key: value
        for key, value in filled.run("exclude", "add", "--label", "spam", *words, "--json").json.items()
        if key not in ("who", "covered_by")
    }
    assert [("spam", who, "hand")] == excluded(filled)
    assert filled.run("exclude", "remove", *words).out.endswith(" is excluded no more.\n")
    again = filled.run("exclude", "remove", *words)
    assert (1, True) == (again.code, again.err.endswith(" is not excluded; textbackd exclude list shows who is\n"))


def test_a_label_and_exactly_one_of_three(filled: Desk) -> None:
    """Anything else is a wrong command, and says so."""
    number = ("--number", CALLER)
    for words in (("--label", "x"), ("--label", "x", *number, "--name", "y"), number, ("--label", " ", *number)):
        wrong = filled.run("exclude", "add", *words)
        assert (2, True) == (wrong.code, "Usage: " in wrong.err)
    assert [] == excluded(filled)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--number", "my aunt"), "'my aunt' is no phone number; write it as it is dialled here, or with + and"),
        (("--number", "\u202a0770\u00a0900\u202c"), "'0770 900' is no phone number; write it as"),
        (("--number", "07700 900123 / 07700 900124"), "'07700 900123 / 07700 900124' is no phone number; write it as"),
        (
            ("--prefix", "01632 96"),
            "'01632 96' is no beginning of numbers: write it with + and country code and without (0), such as",
        ),
    ],
)
def test_what_is_no_number_says_what_to_do(filled: Desk, words: tuple[str, str], told: str) -> None:
    """And nothing is kept."""
    wrong = filled.run("exclude", "add", "--label", "x", *words)

    assert (1, True) == (wrong.code, wrong.err.startswith(told))
    assert [] == excluded(filled)


def test_what_the_configuration_excludes_is_shown_and_stays(filled: Desk) -> None:
    """It can be removed there only."""
    configured(filled)
    assert [("family", "+447700900777", "configuration"), ("machine", "Alarm", "configuration")] == excluded(filled)
    assert "+447700900777" in filled.run("exclude", "list").out

    for words in (("--number", "+447700900777"), ("--name", "ALARM")):
        added = filled.run("exclude", "add", "--label", "spam", *words)
        assert (1, True) == (added.code, "in the configuration already, under exclusions" in added.err)
        removed = filled.run("exclude", "remove", *words)
        assert (1, True) == (removed.code, "stands in the configuration: remove it there" in removed.err)


def test_what_else_covers_whom_is_told(filled: Desk) -> None:
    """The nearest of the rest, when an entry comes under another label, and when it goes."""
    filled.configuration.write_text(filled.configuration.read_text() + TOWN)
    town = "+44770…, which is 'family' by the configuration"
    number = ("--number", CALLER)

    added = filled.run("exclude", "add", "--label", "vip", *number)
    assert f"{CALLER} is never texted: vip. That goes before {town}.\n" == added.out
    assert f"{CALLER} is 'family' now.\n" == filled.run("exclude", "add", "--label", "family", *number).out
    assert f"{CALLER} is excluded no more by itself, and still by {town}.\n" == remove(filled, *number)
    again = filled.run("exclude", "remove", *number)
    assert (1, True) == (again.code, again.err.startswith(f"{CALLER} is not excluded by itself, only by {town}; "))


def test_what_else_covers_whom_by_hand_or_by_import(filled: Desk, tmp_path: Path) -> None:
    """The nearest is told, also of a range of numbers, and for programs."""
    table = tmp_path / "crew.csv"
    table.write_text(f"number,label\n{CALLER},crew\n")
    assert 0 == filled.run("exclude", "import", str(table)).code
    for prefix in ("+4477", "+4477009"):
        filled.run("exclude", "add", "--label", "supplier", "--prefix", prefix)

    entry = {"label": "supplier", "number": None, "name": None, "source": "hand"}
    told = filled.run("exclude", "add", "--label", "vip", "--number", CALLER, "--json").json
    assert entry | {"prefix": "+4477009"} == told["covered_by"]
    told = filled.run("exclude", "remove", "--prefix", "+4477009", "--json").json
    assert entry | {"prefix": "+4477"} == told["covered_by"]
    told = filled.run("exclude", "remove", "--prefix", "+4477", "--json").json
    assert None is told["covered_by"]


def test_what_came_into_the_configuration_since_can_go_by_command(filled: Desk) -> None:
    """The entry there is told of, and stays."""
    assert 0 == filled.run("exclude", "add", "--label", "crew", "--name", "alarm").code
    configured(filled)

    assert '"alarm" is excluded no more by itself, and still by "Alarm", which' in remove(filled, "--name", "alarm")
    assert 1 == filled.run("exclude", "remove", "--name", "alarm").code


def test_an_empty_list_is_no_error(desk: Desk) -> None:
    """A sentence for people, empty lists for programs."""
    desk.fill()
    assert 0 == desk.run("exclude", "forget", "101").code

    assert "Nobody is excluded.\n\nNothing was learned of any number.\n" == desk.run("exclude", "list").out
    assert {"exclusions": [], "learned": []} == desk.run("exclude", "list", "--json").json
    assert {"learned": []} == desk.run("exclude", "list", "--learned", "--json").json


# --- what was learned -------------------------------------------------------------------------------------------------


def test_what_was_learned_is_shown_and_can_be_forgotten(filled: Desk) -> None:
    """Why, since when, until when; a number as it is dialled here."""
    learn(filled, BOB, Learned.UNDELIVERABLE, "the network reported TP-ST 65")
    learn(filled, EVE, Learned.STAFF, "asterisk rang it for a caller of Sales")
    told = filled.run("exclude", "list", "--learned").out

    for part in (BOB, "no text reaches it", "TP-ST 65", EVE, "one of the staff has it", "for a caller of Sales"):
        assert part in told
    assert f"{BOB}: forgotten that no text reaches it.\n" == filled.run("exclude", "forget", "07700 900456").out
    again = filled.run("exclude", "forget", BOB)
    assert (1, True) == (again.code, again.err.startswith(f"nothing was learned of {BOB}; "))
    assert [EVE, "101"] == [row["number"] for row in filled.run("exclude", "list", "--json").json["learned"]]
    assert "101: forgotten that one of the staff has it.\n" == filled.run("exclude", "forget", "101").out


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_imported(filled: Desk, tmp_path: Path) -> None:
    """What is refused is told by its line, and the rest is taken; the second time nothing is new."""
    table = tmp_path / "crew.csv"
    table.write_text(f"name;number\nAnna;07700 900123\nBen;\nEve;{EVE}\n")

    first = filled.run("exclude", "import", "--label", "crew", str(table))
    assert (1, "2 new, 0 known already, 1 refused.\n") == (first.code, first.out)
    refused, note = first.err.splitlines()
    assert f"{table}:3: Ben: no number" == refused
    assert note.startswith("note: no textbackd is running on ")
    assert [("crew", CALLER, "crew.csv"), ("crew", EVE, "crew.csv")] == excluded(filled)
    assert "Anna" in filled.run("exclude", "list").out

    again = filled.run("exclude", "import", "--label", "crew", str(table), "--json")
    expected = {"new": 0, "known": 2, "refused": [{"line": 3, "reason": "Ben: no number"}], "dry_run": False}
    expected |= {"running": False}
    assert (1, expected) == (again.code, json.loads(again.out))


def test_a_dry_run_changes_nothing(filled: Desk, tmp_path: Path) -> None:
    """It tells the same, and nothing of a daemon that would take it up."""
    cards = tmp_path / "family.vcf"
    cards.write_text(f"BEGIN:VCARD\nVERSION:4.0\nFN:Anna\nTEL;VALUE=uri:tel:{CALLER}\nEND:VCARD\n")

    dry = filled.run("exclude", "import", "--label", "family", "--dry-run", str(cards))
    assert (0, "1 would be new, 0 known already, 0 refused.\n", "") == (dry.code, dry.out, dry.err)
    told = filled.run("exclude", "import", "--label", "family", "--dry-run", str(cards), "--json").json
    assert {"new": 1, "known": 0, "refused": [], "dry_run": True} == told
    assert [] == excluded(filled)
    assert "1 new, 0 known already, 0 refused.\n" == filled.run("exclude", "import", "--label", "x", str(cards)).out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file or directory"),
        ("", "there is nothing in it"),
        ("Dear aunt,\nall is well.\n", "no column is named number, phone or mobile, and none holds phone numbers"),
    ],
)
def test_a_file_that_is_no_list_says_so(filled: Desk, tmp_path: Path, content: str | None, told: str) -> None:
    """Without a traceback."""
    file = tmp_path / "list.csv"
    if content is not None:
        file.write_text(content)
    wrong = filled.run("exclude", "import", "--label", "x", str(file))

    assert (1, "") == (wrong.code, wrong.out)
    assert wrong.err.startswith(str(file))
    assert told in wrong.err


def test_nothing_is_half_imported(filled: Desk, tmp_path: Path) -> None:
    """All that is new is one transaction: here the third number finds no room."""
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON exclusions WHEN (SELECT count(*) FROM exclusions) >= 2"
            " BEGIN SELECT raise(ABORT, 'no room'); END"
        )
        connection.commit()
    table = tmp_path / "crew.csv"
    table.write_text(f"number\n{CALLER}\n{BOB}\n{EVE}\n")

    failed = filled.run("exclude", "import", "--label", "crew", str(table))

    assert (1, True) == (failed.code, "no room" in failed.err)
    assert [] == excluded(filled)


def test_ten_thousand_are_imported_in_seconds(filled: Desk, tmp_path: Path) -> None:
    """Of this process, however busy the machine is."""
    table = tmp_path / "suppliers.csv"
    table.write_text(
        "number,name\n" + "".join(f"+1{200 + n // 100}55501{n % 100:02},Supplier {n}\n" for n in range(10_000))
    )
    begin = time.process_time()

    assert (
        "10000 new, 0 known already, 0 refused.\n"
        == filled.run("exclude", "import", "--label", "supplier", str(table)).out
    )
    assert time.process_time() - begin < 10


def test_who_was_imported_is_not_texted(desk: Desk, tmp_path: Path) -> None:
    """From the next call on, with its label and the command that undoes it."""
    kept(desk)
    table = tmp_path / "crew.csv"
    table.write_text(f"number\n{CALLER}\n")
    assert 0 == desk.run("exclude", "import", "--label", "crew", str(table)).code
    kept(desk, a_record())

    assert ["silent (excluded): the number is on the exclusion list (crew)."] == lines(desk, "1", "Decision:")
    assert [f"textbackd exclude remove --number {CALLER}."] == lines(desk, "1", "Change:")
    assert 0 == desk.run("exclude", "remove", "--number", CALLER).code
    assert lines(desk, "1", "Change:")[0].startswith("nothing: the entry that covered the caller is gone")
