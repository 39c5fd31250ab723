"""What is read of a file that is wrong: the way to its database, or nothing."""

from pathlib import Path

import pytest

from tests.config.files import written
from tests.config.test_settings import WHOLE
from textbackd import config
from textbackd.errors import UserError


@pytest.mark.parametrize("mistake", ["rules: {dellay: 5s}\n", "rules: [\n", "\tx: y\n", "country_: x\n", "a: ä: b\n"])
def test_they_are_those_of_the_file(tmp_path: Path, mistake: str) -> None:
    """Whatever else is wrong, be it no YAML."""
    right = config.load(written(tmp_path, WHOLE))
    wrong = written(tmp_path, WHOLE + mistake)

    with pytest.raises(UserError):
        config.load(wrong)
    found = config.load_essentials(wrong)
    assert right.database == found.database
    assert right.policy.office.time_zone == found.policy.office.time_zone
    assert right.policy.office.e164("07700 900123") == found.policy.office.e164("07700 900123")


def test_the_database_is_the_usual_one_where_none_is_named(tmp_path: Path) -> None:
    """Though the word is in a comment."""
    text = WHOLE.replace("database: data/calls.db\n", "#database: other.db\n")
    assert config.load(written(tmp_path, text)).database == config.load_essentials(written(tmp_path, text)).database


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("database: data/calls.db", " database: data/calls.db"),
        ("database: data/calls.db", "database:\n  data/calls.db"),
        ("database: data/calls.db", "database: [data/calls.db]"),
        ("database: data/calls.db", "database: data/calls.db\ndatabase: other.db"),
        ("database: data/calls.db", '"database": data/calls.db'),
        ("database: data/calls.db", "databse: data/calls.db\nx: database"),
        ("database: data/calls.db", 'database: "data/\n  calls.db"'),
        ("country: GB", "country: UK"),
        ("country: GB", "land: GB"),
        ("time_zone: Europe/London", "time_zone: Europe/Londn"),
    ],
)
def test_nothing_is_guessed(tmp_path: Path, old: str, new: str) -> None:
    """What is entered must never go into another database."""
    assert 1 == WHOLE.count(old)
    with pytest.raises(UserError):
        config.load_essentials(written(tmp_path, WHOLE.replace(old, new)))
