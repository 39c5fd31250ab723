"""The shape of the configuration file: which keys there are, and what values they take.

Defaults are those of the dataclasses that the keys fill. What depends on more than one key is in ``meaning``.
"""

import dataclasses
import datetime as dt
import enum
import re
import urllib.parse
import zoneinfo
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

import phonenumbers
import pydantic
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, PlainSerializer, Tag, WithJsonSchema

from textbackd.core import opening_hours, template_fields, templates
from textbackd.core.accents import Accents
from textbackd.core.guards import Limits
from textbackd.core.library import Language, Trade
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.outcomes import Outcome
from textbackd.core.policy import TEXTED, Policy
from textbackd.core.quiet_hours import QuietHours
from textbackd.logs import Format, Level, LogSettings
from textbackd.modem import sim_pin
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.notify.settings import AlarmSettings, Security, SmtpSettings
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.freeswitch_settings import VANILLA, DidFrom, FreeSwitchSettings
from textbackd.pbx.trunks import TRUNK_CONTEXTS, Trunk

LONGEST_NIGHT = dt.timedelta(hours=16)
"""A caller whose number may be in several time zones must have some hours of day in all of them."""
AT_ALL_HOURS, BY_HOURS = "= at all hours", "= by hours"
"""The two ways to write ``text_on``; pydantic puts them into the places of its errors."""
NEVER_TEXTED = frozenset({Outcome.ANSWERED, Outcome.NOT_OFFERED, Outcome.UNKNOWN})
"""Served, not our business, or not known: when we do not know, we do not send."""

DATABASE = Path("/var/lib/textbackd/textbackd.db")
SEVERAL_MODEMS = 4
"""A host's USB and one SQLite writer carry no more."""

SPEEDS = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
"""Bits per second of a serial port."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _default(of: type, name: str) -> Any:
    """The default of a dataclass's field: the one truth on it."""
    assert dataclasses.is_dataclass(of)
    field = next(field for field in dataclasses.fields(of) if field.name == name)
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    assert field.default is not dataclasses.MISSING, f"{of.__name__}.{name} has no default"
    return field.default


def duration(text: object) -> dt.timedelta:
    """``8s``, ``15m``, ``24h``, ``30d`` or a number of seconds. Raises ValueError."""
    if isinstance(text, dt.timedelta):
        return text
    parts = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?) ?([smhd]?)", str(text))
    if not parts:
        raise ValueError("a length of time is a number and s, m, h or d, such as 8s, 15m, 24h or 30d")
    return dt.timedelta(seconds=float(parts[1]) * _UNITS[parts[2] or "s"])


def as_written(length: dt.timedelta) -> str:
    """A length of time as it stands in the file."""
    seconds = length.total_seconds()
    unit = next((unit for unit in "dhm" if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


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
    if problem := opening_hours.problem_with(text):
        found = re.search(r"--> \d+:(\d+)", problem)
        raise HoursError(int(found[1]) - 1 if found else 0)
    return text


def _template(text: str) -> str:
    if problem := template_fields.problem_with(text):
        raise ValueError(problem)
    return text


def _texted(outcome: Outcome) -> Outcome:
    if outcome in NEVER_TEXTED:
        raise ValueError(f"calls that were '{outcome}' are never texted: remove it")
    return outcome


def _way(given: object) -> str:
    """A block, also once it has been read, goes by the hours; all else is, or should have been, one list."""
    return BY_HOURS if isinstance(given, dict | TextOnEntry) else AT_ALL_HOURS


def _quiet(text: object) -> object:
    """A night is written as in the file; one that is longer than ``LONGEST_NIGHT`` leaves no day."""
    if text is False or text == "off":  # YAML reads a bare off as false
        return None
    if not isinstance(text, str):
        return text
    quiet = QuietHours.parse(text)
    if quiet.length > LONGEST_NIGHT:
        raise ValueError(f"{text} is quiet for longer than {as_written(LONGEST_NIGHT)}: hardly a time to text is left")
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
    if not text.isprintable():
        raise ValueError("it must be one line, without control characters")
    return text


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
    """Opening hours that nobody understands, from the character ``offset`` on."""

    def __init__(self, offset: int) -> None:
        super().__init__("these hours are not understood from here on: write them like 'Mo-Fr 09:00-17:30; PH off'")
        self.offset = offset


def _length(least: str, most: str) -> Any:
    def in_range(length: dt.timedelta) -> dt.timedelta:
        if not duration(least) <= length <= duration(most):
            raise ValueError(f"{as_written(length)} is out of range: {least} to {most} are possible")
        return length

    return Annotated[
        dt.timedelta,
        BeforeValidator(duration),
        AfterValidator(in_range),
        PlainSerializer(as_written, return_type=str),
        WithJsonSchema({"type": ["string", "number"], "pattern": r"^\d+(\.\d+)? ?[smhd]?$"}),
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
Slot = enum.StrEnum("Slot", {name.upper(): name for name in templates.ALL_SLOTS})  # type: ignore[misc]
Texts = dict[Slot, Annotated[str, Field(min_length=1), AfterValidator(_template)]]


class Section(pydantic.BaseModel):
    """Some keys that belong together; a key that is not among them is an error."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, validate_default=False)

    @classmethod
    def names(cls) -> Collection[str]:
        """Its keys as they stand in the file: ``from`` is no name in Python."""
        return [field.alias or name for name, field in cls.model_fields.items()]


TextedOutcome = Annotated[Outcome, AfterValidator(_texted)]


class BusinessEntry(Section):
    """One business; several may share the PBX."""

    name: Text
    phone: Number | None = None
    hours: HoursText = _default(Business, "hours")
    owners: list[Number] = []
    trade: Trade | None = None
    language: Language = _default(Business, "language")
    accents: Accents = _default(Business, "accents")
    callback_window: Text | None = None
    link: Text | None = None
    emergency_number: Annotated[str, Field(pattern=r"^\d{2,6}$")] | None = None
    modem: Text | None = None
    templates: Texts = {}


class TextOnEntry(Section):
    """The outcomes that are texted, by the office's hours."""

    open: list[TextedOutcome] = []
    closed: list[TextedOutcome] = []
    holiday: list[TextedOutcome] = []


TextOn = Annotated[
    Annotated[list[TextedOutcome], Tag(AT_ALL_HOURS)] | Annotated[TextOnEntry, Tag(BY_HOURS)], Discriminator(_way)
]


class DidEntry(Section):
    """A number that callers dial."""

    number: Number
    label: str = _default(Did, "label")
    business: str = _default(Did, "business")
    marks: list[Mark] = []
    hours: HoursText | None = None
    language: Language | None = None
    templates: Texts = {}
    text_on: TextOn | None = None


class TrunkEntry(Section):
    """One way to the outside, or several alike: by their contexts, their endpoints or both."""

    contexts: list[Text] = sorted(_default(Trunk, "contexts"))
    endpoints: list[Text] = sorted(_default(Trunk, "endpoints"))
    strip: list[Annotated[str, Field(pattern=r"^[+*#\d]+$")]] = list(_default(Trunk, "strip"))


Port = Annotated[int, Field(ge=1, le=65535)]
Credential = Annotated[str, Field(pattern=r"^[\w.-]+$")]
"""The name of a credential of systemd."""
Trunks = Annotated[list[TrunkEntry], Field(min_length=1)]


class PbxEntry(Section):
    """A PBX to listen to. Its secret is given in exactly one of the three ways."""

    name: Text
    host: Text = _default(AsteriskSettings, "host")
    secret: Text | None = None
    secret_file: Path | None = None
    secret_credential: Credential | None = None
    cdr_file: Path | None = None
    ping_interval: _length("1s", "5m") = dt.timedelta(seconds=_default(AsteriskSettings, "ping_interval"))  # type: ignore[valid-type]
    ping_timeout: _length("0.1s", "1m") = dt.timedelta(seconds=_default(AsteriskSettings, "ping_timeout"))  # type: ignore[valid-type]


class AsteriskEntry(PbxEntry):
    """An Asterisk, by its manager interface (AMI)."""

    kind: Literal["asterisk"]
    port: Port = _default(AsteriskSettings, "port")
    user: Text
    trunks: Trunks = [TrunkEntry(contexts=sorted(TRUNK_CONTEXTS))]


class FreeSwitchEntry(PbxEntry):
    """A FreeSWITCH, by its Event Socket."""

    kind: Literal["freeswitch"]
    port: Port = _default(FreeSwitchSettings, "port")
    user: Annotated[str, Field(pattern=r"^(|[^@\s:]+@[^@\s:]+)$")] = _default(FreeSwitchSettings, "user")
    trunks: Trunks = [
        TrunkEntry(contexts=sorted(trunk.contexts), endpoints=sorted(trunk.endpoints)) for trunk in VANILLA.each
    ]
    did_from: DidFrom = _default(FreeSwitchSettings, "did_from")


class GammuEntry(Section):
    """A GSM modem on a serial port. The PIN of its SIM is given in at most one of the three ways."""

    name: Text
    kind: Literal["gammu"]
    device: Annotated[str, Field(pattern=r"^/")]
    speed: Annotated[int, AfterValidator(_speed)] = _default(GammuSettings, "speed")
    pin: Annotated[str, AfterValidator(_pin)] | None = None
    pin_file: Path | None = None
    pin_credential: Credential | None = None
    radio_cycle: bool = _default(GammuSettings, "radio_cycle")
    per_minute: Annotated[int, Field(ge=1, le=60)] = _default(GammuSettings, "per_minute")
    number: Number | None = None
    self_test: Annotated[str, Field(pattern=r"^([01]?\d|2[0-3]):[0-5]\d$")] | None = None


class SimulatedEntry(Section):
    """No hardware: texts go to files in a folder."""

    name: Text
    kind: Literal["simulated"]
    folder: Path


class GuardsEntry(Section):
    """How many texts may leave, whoever calls."""

    per_prefix: Annotated[int, Field(ge=1, le=100)] = _default(Limits, "per_prefix")
    per_hour: Annotated[int, Field(ge=1, le=200)] = _default(Limits, "per_hour")
    per_day: Annotated[int, Field(ge=1, le=1000)] = _default(Limits, "per_day")
    callers_per_minute: Annotated[int, Field(ge=1, le=200)] = _default(Limits, "callers_per_minute")
    unanswered: Annotated[int, Field(ge=1, le=100)] = _default(Limits, "unanswered")
    ceiling: Annotated[int, Field(ge=1, le=1000)] = _default(Limits, "ceiling")
    notices: Annotated[int, Field(ge=1, le=200)] = _default(Limits, "notices")


class RulesEntry(Section):
    """Whom to text, and when."""

    text_on: TextOn = sorted(TEXTED)
    countries: list[Annotated[str, AfterValidator(_country)]] = sorted(_default(Policy, "countries"))
    minimum_talk: _length("0s", "1m") = _default(Policy, "minimum_talk")  # type: ignore[valid-type]
    minimum_wait: _length("0s", "5m") = _default(Policy, "minimum_wait")  # type: ignore[valid-type]
    minimum_wait_closed: _length("0s", "5m") = _default(Policy, "minimum_wait_closed")  # type: ignore[valid-type]
    conversation: _length("0s", "24h") = _default(Policy, "conversation")  # type: ignore[valid-type]
    repeat_window: _length("0s", "30d") = _default(Policy, "repeat_window")  # type: ignore[valid-type]
    max_per_30_days: Annotated[int, Field(ge=1, le=30)] = _default(Policy, "max_per_30_days")
    quiet_hours: Quiet = _default(Policy, "quiet_hours")
    instant_at_night: bool = _default(Policy, "instant_at_night")
    guards: GuardsEntry = GuardsEntry()
    delay: _length("0s", "10m") = _default(Policy, "delay")  # type: ignore[valid-type]
    stale_after: _length("1m", "24h") = _default(Policy, "stale_after")  # type: ignore[valid-type]
    closed_contexts: list[Text] = sorted(_default(Office, "closed_contexts"))


class ExclusionEntry(Section):
    """Somebody who is never texted: by exactly one of number, prefix and name."""

    label: Text
    number: Number | None = None
    prefix: Annotated[str, Field(pattern=r"^\+[1-9]\d{0,13}$")] | None = None
    name: Text | None = None


Address = Annotated[str, Field(pattern=r"^[!-~]+@[0-9A-Za-z.\[\]:-]+$")]
"""Of mail, in ASCII: many servers take no other (RFC 6531)."""


class MailEntry(Section):
    """A mail server. Its password, where it wants one, is given in exactly one of the three ways."""

    server: Annotated[str, Field(pattern=r"^[0-9A-Za-z_.:-]+$")]
    port: Port | None = None
    security: Security = _default(SmtpSettings, "security")
    user: Text | None = None
    password: Text | None = None
    password_file: Path | None = None
    password_credential: Credential | None = None
    sender: Annotated[Address, Field(alias="from")]
    to: Annotated[list[Address], Field(min_length=1)]


class WebhookEntry(Section):
    """An address that is told by JSON; signed, where it has a secret."""

    url: Annotated[str, AfterValidator(_url)]
    secret: Text | None = None
    secret_file: Path | None = None
    secret_credential: Credential | None = None


class AlarmsEntry(Section):
    """Who is told when something is broken."""

    mail: MailEntry | None = None
    webhook: WebhookEntry | None = None
    sms: bool = _default(AlarmSettings, "sms")


class LogEntry(Section):
    """What the program says of itself."""

    level: Level = _default(LogSettings, "level")
    private: bool = _default(LogSettings, "private")
    format: Format = _default(LogSettings, "format")


class Mode(enum.StrEnum):
    """Whether texts leave."""

    LIVE = "live"
    OBSERVE = "observe"


class Configuration(Section):
    """The whole file."""

    country: Annotated[str, AfterValidator(_country)]
    region: str = _default(Office, "region")
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    mode: Mode = Mode.LIVE
    database: Path = DATABASE
    fiction_numbers: bool = _default(Office, "fiction_numbers")
    businesses: Annotated[list[BusinessEntry], Field(min_length=1)]
    dids: list[DidEntry] = []
    pbx: Annotated[
        list[Annotated[AsteriskEntry | FreeSwitchEntry, Field(discriminator="kind")]],
        Field(min_length=1),
    ]
    modems: Annotated[
        list[Annotated[GammuEntry | SimulatedEntry, Field(discriminator="kind")]],
        Field(min_length=1, max_length=SEVERAL_MODEMS),
    ]
    rules: RulesEntry = RulesEntry()
    exclusions: list[ExclusionEntry] = []
    own_numbers: list[Number] = []
    alarms: AlarmsEntry = AlarmsEntry()
    log: LogEntry = LogEntry()


SECTIONS: dict[tuple[str, ...], type[Section]] = {
    (): Configuration,
    ("businesses",): BusinessEntry,
    ("dids",): DidEntry,
    ("dids", "text_on"): TextOnEntry,
    ("pbx", "asterisk"): AsteriskEntry,
    ("pbx", "asterisk", "trunks"): TrunkEntry,
    ("pbx", "freeswitch"): FreeSwitchEntry,
    ("pbx", "freeswitch", "trunks"): TrunkEntry,
    ("modems", "gammu"): GammuEntry,
    ("modems", "simulated"): SimulatedEntry,
    ("rules",): RulesEntry,
    ("rules", "text_on"): TextOnEntry,
    ("rules", "guards"): GuardsEntry,
    ("exclusions",): ExclusionEntry,
    ("alarms",): AlarmsEntry,
    ("alarms", "mail"): MailEntry,
    ("alarms", "webhook"): WebhookEntry,
    ("log",): LogEntry,
}
"""Every section by the keys (and the kind) that lead to it."""
