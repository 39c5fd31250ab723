"""The shape of the configuration file: which keys there are, and what values they take.

Defaults are those of the dataclasses that the keys fill. What depends on more than one key is in ``meaning``.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Discriminator, Field, Tag

from textbackd.config.values import (
    Address,
    Country,
    Credential,
    HoursText,
    Number,
    Pin,
    Port,
    Prefix,
    Quiet,
    Speed,
    Text,
    TextedOutcome,
    Texts,
    TimeZone,
    Url,
    length,
)
from textbackd.core.accents import Accents
from textbackd.core.guards import Limits
from textbackd.core.library import Language, Trade
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.policy import TEXTED, Policy
from textbackd.logs import Format, Level, LogSettings
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.notify.settings import AlarmSettings, Security, SmtpSettings
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.freeswitch_settings import VANILLA, DidFrom, FreeSwitchSettings
from textbackd.pbx.trunks import TRUNK_CONTEXTS, Trunk

AT_ALL_HOURS, BY_HOURS = "= at all hours", "= by hours"
"""The two ways to write ``text_on``; pydantic puts them into the places of its errors."""
DATABASE = Path("/var/lib/textbackd/textbackd.db")
SEVERAL_MODEMS = 4
"""A host's USB and one SQLite writer carry no more."""


def _default(of: type, name: str) -> Any:
    """The default of a dataclass's field: the one truth on it."""
    assert dataclasses.is_dataclass(of)
    field = next(field for field in dataclasses.fields(of) if field.name == name)
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    assert field.default is not dataclasses.MISSING, f"{of.__name__}.{name} has no default"
    return field.default


def _way(given: object) -> str:
    """A block, also once it has been read, goes by the hours; all else is, or should have been, one list."""
    return BY_HOURS if isinstance(given, dict | TextOnEntry) else AT_ALL_HOURS


class Section(pydantic.BaseModel):
    """Some keys that belong together; a key that is not among them is an error."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, validate_default=False)

    @classmethod
    def names(cls) -> Collection[str]:
        """Its keys as they stand in the file: ``from`` is no name in Python."""
        return [field.alias or name for name, field in cls.model_fields.items()]


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


Trunks = Annotated[list[TrunkEntry], Field(min_length=1)]


class PbxEntry(Section):
    """A PBX to listen to. Its secret is given in exactly one of the three ways."""

    name: Text
    host: Text = _default(AsteriskSettings, "host")
    secret: Text | None = None
    secret_file: Path | None = None
    secret_credential: Credential | None = None
    cdr_file: Path | None = None
    ping_interval: length("1s", "5m") = dt.timedelta(seconds=_default(AsteriskSettings, "ping_interval"))  # type: ignore[valid-type]
    ping_timeout: length("0.1s", "1m") = dt.timedelta(seconds=_default(AsteriskSettings, "ping_timeout"))  # type: ignore[valid-type]


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
    speed: Speed = _default(GammuSettings, "speed")
    pin: Pin | None = None
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
    countries: list[Country] = sorted(_default(Policy, "countries"))
    minimum_talk: length("0s", "1m") = _default(Policy, "minimum_talk")  # type: ignore[valid-type]
    minimum_wait: length("0s", "5m") = _default(Policy, "minimum_wait")  # type: ignore[valid-type]
    minimum_wait_closed: length("0s", "5m") = _default(Policy, "minimum_wait_closed")  # type: ignore[valid-type]
    conversation: length("0s", "24h") = _default(Policy, "conversation")  # type: ignore[valid-type]
    repeat_window: length("0s", "30d") = _default(Policy, "repeat_window")  # type: ignore[valid-type]
    max_per_30_days: Annotated[int, Field(ge=1, le=30)] = _default(Policy, "max_per_30_days")
    quiet_hours: Quiet = _default(Policy, "quiet_hours")
    instant_at_night: bool = _default(Policy, "instant_at_night")
    guards: GuardsEntry = GuardsEntry()
    delay: length("0s", "10m") = _default(Policy, "delay")  # type: ignore[valid-type]
    stale_after: length("1m", "24h") = _default(Policy, "stale_after")  # type: ignore[valid-type]
    closed_contexts: list[Text] = sorted(_default(Office, "closed_contexts"))


class ExclusionEntry(Section):
    """Somebody who is never texted: by exactly one of number, prefix and name."""

    label: Text
    number: Number | None = None
    prefix: Prefix | None = None
    name: Text | None = None


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

    url: Url
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

    country: Country
    region: str = _default(Office, "region")
    time_zone: TimeZone
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
