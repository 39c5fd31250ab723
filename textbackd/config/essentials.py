"""What it takes to reach the database of a file that is wrong elsewhere, while a daemon goes on with its old rules."""

import re
import zoneinfo
from pathlib import Path

import pydantic

from textbackd.config import document
from textbackd.config.schema import DATABASE, Section
from textbackd.config.settings import Settings
from textbackd.config.values import Country, TimeZone
from textbackd.core.office import Office
from textbackd.core.policy import Policy
from textbackd.errors import UserError
from textbackd.logs import LogSettings

_LINE = re.compile(r"(country|time_zone|database|fiction_numbers)[ ]*:")
"""At the beginning of a line: that is found in a file that is no YAML, too."""
_DATABASE_SOMEWHERE = re.compile(r"^[^#\n]*\bdatabase\b", re.MULTILINE)


class _Essentials(Section):
    """Their defaults are those of the whole file."""

    country: Country
    time_zone: TimeZone
    database: Path = DATABASE
    fiction_numbers: bool = False


def load_essentials(path: Path) -> Settings:
    """The country, the time zone and the database in the file at ``path``; all else is at its default or empty.

    Raises UserError where one of these is not to be had for certain: another database must never be taken for this one.
    """
    text = document.text(path)
    found = document.parsed(path, "\n".join(line for line in text.splitlines() if _LINE.match(line)))
    unsure = UserError(f"{path}: country, time_zone and database must each be right, and on a line of their own")
    if found.problems or ("database" not in found.data and _DATABASE_SOMEWHERE.search(text)):
        raise unsure
    try:
        essentials = _Essentials.model_validate(found.data)
    except pydantic.ValidationError:
        raise unsure from None
    office = Office(
        country=essentials.country,
        time_zone=zoneinfo.ZoneInfo(essentials.time_zone),
        businesses=(),
        dids=(),
        fiction_numbers=essentials.fiction_numbers,
    )
    return Settings(
        policy=Policy(office=office),
        database=path.absolute().parent / essentials.database,
        pbxs=(),
        modems=(),
        log=LogSettings(),
    )
