"""What a value of the configuration may look like: lengths of time, nights, numbers, texts, addresses."""

import datetime as dt
import decimal
import enum
import re
import urllib.parse
import zoneinfo
from collections.abc import Sequence
from typing import Annotated, Any

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from textbackd.core import hours_mistakes, template_fields, templates
from textbackd.core.exclusions import plain_prefix
from textbackd.core.hours_mistakes import Mistake
from textbackd.core.outcomes import Outcome
from textbackd.core.quiet_hours import QuietHours
from textbackd.modem import sim_pin

LONGEST_NIGHT = dt.timedelta(hours=16)
"""A caller whose number may be in several time zones must have some hours of day in all of them."""
LONGEST_SIESTA = dt.timedelta(hours=6)
SMALL_HOURS = dt.time(3)
"""Quiet hours that last longer than a siesta and leave this out are those in which texts may go, by mistake."""
NEVER_TEXTED = frozenset({Outcome.ANSWERED, Outcome.NOT_OFFERED, Outcome.UNKNOWN})
"""Served, not our business, or not known: when we do not know, we do not send."""

SPEEDS = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
"""Bits per second of a serial port."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SECOND = 10**6
"""In microseconds."""


def duration(text: object) -> dt.timedelta:
    """``8s``, ``15m``, ``24h``, ``30d`` or ``0``. Raises ValueError, also for a number without its unit."""
    if isinstance(text, dt.timedelta):
        return text
    parts = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?) ?([smhd]?)", str(text))
    if not parts:
        raise ValueError("a length of time is a number and s, m, h or d, such as 8s, 15m, 24h or 30d")
    number, unit = parts.groups()
    if not unit and float(number):
        raise NoUnitError(number)
    return dt.timedelta(microseconds=int(decimal.Decimal(number) * _UNITS[unit or "s"] * _SECOND))


def as_written(length: dt.timedelta) -> str:
    """A length of time as it stands in the file."""
    microseconds = length // dt.timedelta(microseconds=1)
    unit = next((unit for unit in "dhm" if microseconds and microseconds % (_UNITS[unit] * _SECOND) == 0), "s")
    number = decimal.Decimal(microseconds) / (_UNITS[unit] * _SECOND)
    return f"{number.normalize():f}{unit}"


def _country(text: str) -> str:
    if text not in phonenumbers.SUPPORTED_REGIONS:
        meant = {"UK": "GB"}.get(text.upper(), text.upper())
        suggestion = f"; did you mean {meant}?" if meant in phonenumbers.SUPPORTED_REGIONS else ""
        raise ValueError(f"'{text}' is no ISO 3166 code of a country, such as GB or US{suggestion}")
    return text


def _time_zone(text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()  # looks through a thousand files
        raise WordError(text, "time zone", known, "such as Europe/London") from None
    return text


def _hours(text: str) -> str:
    hours = text.rstrip()  # a folded text ends in a new line
    if mistake := hours_mistakes.first_in(hours):
        raise HoursError(mistake)
    return hours


def _template(text: str) -> str:
    if problem := template_fields.problem_with(text):
        raise ValueError(problem)
    return text


def _texted(outcome: Outcome) -> Outcome:
    if outcome in NEVER_TEXTED:
        raise ValueError(f"calls that were '{outcome}' are never texted: remove it")
    return outcome


def _quiet(text: object) -> object:
    """A night is written as in the file; one that is longer than ``LONGEST_NIGHT`` leaves no day, and one by day is the
    time of day in which texts may go.
    """
    if text == "off":
        return None
    if not isinstance(text, str):
        return text
    quiet = QuietHours.parse(text)
    if quiet.length > LONGEST_NIGHT:
        raise ValueError(f"{text} is quiet for longer than {as_written(LONGEST_NIGHT)}: hardly a time to text is left")
    if SMALL_HOURS not in quiet and quiet.length >= LONGEST_SIESTA:
        raise ValueError(f"{text} is quiet by day, and texts would go at night; did you mean {quiet.turned}?")
    return quiet


def _url(text: str) -> str:
    try:
        found = urllib.parse.urlsplit(text)
        right = found.scheme in ("http", "https") and found.hostname and found.port != 0
    except ValueError:
        right = False
    if not right or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("an address on the web is written https://host/path")
    return text


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("it must not be blank")
    if not text.isprintable():
        raise ValueError("it must be one line, without control characters")
    return text


def _prefix(text: str) -> str:
    plain = plain_prefix(text)
    if plain is None:
        raise ValueError(
            f"'{text}' will not do: a prefix begins with + and the country's code and has no (0), such as +4416329"
        )
    return plain


def _speed(speed: int) -> int:
    if speed not in SPEEDS:
        raise ValueError(f"{speed} is no speed of a serial port; there are {', '.join(map(str, SPEEDS))}")
    return speed


def _pin(digits: str) -> str:
    if problem := sim_pin.problem_with(digits):
        raise ValueError(problem)
    return digits


class WordError(ValueError):
    """A word that is none of those there are."""

    def __init__(self, word: str, kind: str, known: set[str], example: str) -> None:
        super().__init__(f"'{word}' is no {kind}")
        self.word, self.known, self.example = word, known, example


class HoursError(ValueError):
    """Opening hours that nobody understands, or that mean something else, from the character ``offset`` on."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.offset = mistake.offset


class NoUnitError(ValueError):
    """A number that may be seconds, or days; ``lengths``: what may be meant."""

    def __init__(self, number: str, lengths: Sequence[str] = ()) -> None:
        meant = f"; did you mean {' or '.join(lengths)}?" if lengths else ""
        super().__init__(f"{number} needs a unit: s, m, h or d{meant}")
        self.number = number


def length(least: str, most: str) -> Any:
    def of(text: object) -> dt.timedelta:
        try:
            return duration(text)
        except NoUnitError as error:
            meant = (f"{error.number}{unit}" for unit in _UNITS)
            possible = [each for each in meant if duration(least) <= duration(each) <= duration(most)]
            raise NoUnitError(error.number, possible) from None

    def in_range(length: dt.timedelta) -> dt.timedelta:
        if not duration(least) <= length <= duration(most):
            raise ValueError(f"{as_written(length)} is out of range: {least} to {most} are possible")
        return length

    return Annotated[
        dt.timedelta,
        BeforeValidator(of),
        AfterValidator(in_range),
        PlainSerializer(as_written, return_type=str),
        WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^(\d+(\.\d+)? ?[smhd]|0)$"}, {"const": 0}]}),
    ]


Quiet = Annotated[
    QuietHours | None,
    BeforeValidator(_quiet),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["string", "boolean"], "pattern": r"^(off|\d?\d:\d\d ?- ?\d?\d:\d\d)$"}),
]
"""A night such as ``21:00-08:00``, or ``off``."""
HoursText = Annotated[str, AfterValidator(_hours)]
"""OpenStreetMap's opening_hours."""
Text = Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
Number = Annotated[str, Field(min_length=1), WithJsonSchema({"type": ["string", "integer"]})]
"""A phone number; quoted or not."""
Prefix = Annotated[
    str, AfterValidator(_prefix), WithJsonSchema({"type": "string", "pattern": r"^(\+|00)[0-9 ().\-/]+$"})
]
"""The beginning of international numbers."""
Slot = enum.StrEnum("Slot", {name.upper(): name for name in templates.ALL_SLOTS})  # type: ignore[misc]
Texts = dict[Slot, Annotated[str, Field(min_length=1), AfterValidator(_template)]]
Country = Annotated[str, AfterValidator(_country)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
TextedOutcome = Annotated[Outcome, AfterValidator(_texted)]
Url = Annotated[str, AfterValidator(_url)]
Speed = Annotated[int, AfterValidator(_speed)]
Pin = Annotated[str, AfterValidator(_pin)]
Port = Annotated[int, Field(ge=1, le=65535)]
Credential = Annotated[str, Field(pattern=r"^[\w.-]+$")]
"""The name of a credential of systemd."""
Address = Annotated[str, Field(pattern=r"^[!-~]+@[0-9A-Za-z.\[\]:-]+$")]
"""Of mail, in ASCII: many servers take no other (RFC 6531)."""
