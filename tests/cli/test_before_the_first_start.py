"""Who must not be texted can be told before the daemon has ever run."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.builders import CALLER
from tests.cli.conftest import Desk
from tests.daemon.running import ROOT


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """One number."""
    file = tmp_path / "family.csv"
    file.write_text(f"number\n{CALLER}\n")
    return file


def test_it_makes_the_database(desk: Desk, table: Path) -> None:
    """As the daemon would, in a folder of its own too: nobody else reads it."""
    desk.configuration.write_text(desk.configuration.read_text().replace("database: ", "database: state/"))
    database = desk.database.parent / "state" / desk.database.name
    if os.geteuid() == 0:  # which could not tell whose folder to make
        database.parent.mkdir()

    assert 0 == desk.run("exclude", "import", "--label", "family", str(table)).code
    assert 0o600 == stat.S_IMODE(database.stat().st_mode)
    assert CALLER in desk.run("exclude", "list").out


@pytest.mark.parametrize(
    "words",
    [("exclude", "add", "--label", "family", "--number", CALLER), ("opt-out", "add", CALLER)],
    ids=lambda words: words[0],
)
def test_by_hand(desk: Desk, words: tuple[str, ...]) -> None:
    """It counts, and the daemon's database is whole."""
    assert 0 == desk.run(*words).code
    assert CALLER in desk.run(words[0], "list").out
    assert 0 == desk.run("calls").code


def test_a_dry_run_needs_and_makes_none(desk: Desk, table: Path) -> None:
    """It tells the same."""
    dry = desk.run("exclude", "import", "--label", "family", "--dry-run", str(table))

    assert (0, "1 would be new, 0 known already, 0 refused.\n") == (dry.code, dry.out)
    assert not desk.database.exists()


@pytest.mark.parametrize(
    "words", [("exclude", "remove", "--number", CALLER), ("exclude", "forget", CALLER), ("opt-out", "remove", CALLER)]
)
def test_where_nothing_is_kept_nothing_is_removed(desk: Desk, words: tuple[str, ...]) -> None:
    """And no database is made for it."""
    assert "no database yet" in desk.run(*words).err
    assert not desk.database.exists()


def test_who_is_excluded_by_the_configuration_is_listed(desk: Desk) -> None:
    """And no database is made for it."""
    with desk.configuration.open("a") as file:
        file.write('exclusions: [{label: family, number: "07700 900123"}]\n')

    assert "family  +447700900123" in desk.run("exclude", "list").out
    listed = desk.run("exclude", "list", "--json").json
    removed = desk.run("exclude", "remove", "--number", "07700 900123")
    assert "+447700900123 stands in the configuration: remove it there, under exclusions" in removed.err
    assert (["+447700900123"], []) == ([one["number"] for one in listed["exclusions"]], listed["learned"])
    assert not desk.database.exists()


def test_whose_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the folder's owner: root becomes that user, and makes no folder; others must be that user."""
    add = ("-m", "textbackd", "exclude", "add", "--label", "family", "--number", CALLER)
    if os.geteuid() != 0:
        configuration = desk.configuration.read_text().replace("database: textbackd.db", "database: /etc/textbackd.db")
        desk.configuration.write_text(configuration)
        assert "/etc belongs to root: sudo -u root textbackd" in _complaint(*add)
        return
    nobody = pwd.getpwnam("nobody")
    # pytest's own folder is closed to others.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(desk.configuration, folder)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        monkeypatch.setenv("TEXTBACKD_CONFIG", str(folder / desk.configuration.name))
        assert _complaint(*add).startswith("note: no textbackd is running on")
        assert nobody.pw_uid == (folder / desk.database.name).stat().st_uid

        configuration = desk.configuration.read_text().replace("database: ", "database: state/")
        (folder / desk.configuration.name).write_text(configuration)
        assert f"{folder}/state: no such folder; make it for the user of the daemon: install -d" in _complaint(*add)
        assert not (folder / "state").exists()


def _complaint(*words: str) -> str:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=ROOT).stderr
