"""From the file to what each part of the program needs, or to a list of everything that is wrong."""

import dataclasses
import datetime as dt
import itertools
import zoneinfo
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic
import pydantic.json_schema

from textbackd.config import document, exclusions, hours, meaning, secrets, texts, unknown_times, wording
from textbackd.config.schema import (
    AlarmsEntry,
    AsteriskEntry,
    BusinessEntry,
    Configuration,
    ExclusionEntry,
    FreeSwitchEntry,
    GammuEntry,
    MailEntry,
    Mode,
    SimulatedEntry,
    TextOnEntry,
    TrunkEntry,
    WebhookEntry,
)
from textbackd.config.values import Slot, as_written
from textbackd.core import phone_numbers
from textbackd.core.exclusions import Exclusion, Exclusions, plain_label
from textbackd.core.guards import Limits
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Outcome
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy, texted_at_all_hours
from textbackd.core.quiet_hours import QuietHours
from textbackd.core.template_findings import Severity
from textbackd.errors import UserError
from textbackd.logs import LogSettings
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.sim_pin import SimPin
from textbackd.modem.simulated_modem import SimulatedSettings
from textbackd.notify.settings import PORTS, AlarmSettings, SmtpSettings, WebhookSettings
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.sources import PbxSettings
from textbackd.pbx.trunks import Trunk, Trunks
from textbackd.workers.loop_test import LoopTestSettings


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration; each part of the program gets its own piece of it."""

    policy: Policy
    database: Path
    pbxs: tuple[PbxSettings, ...]
    modems: tuple[GammuSettings | SimulatedSettings, ...]
    loop_tests: tuple[LoopTestSettings, ...] = ()
    log: LogSettings
    alarms: AlarmSettings = dataclasses.field(default_factory=AlarmSettings)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What it takes to play a recorded stream."""

    policy: Policy
    trunks: Trunks


def load(path: Path, *, with_secrets: bool = True) -> Settings:
    """The settings in the file at ``path``; relative paths in it begin at its folder.

    Without secrets, those from files and credentials are left empty, and nothing outside of the file is looked at.
    Raises UserError with all problems of the file at once, each as ``file:line:column: message``.
    """
    found = document.read(path)
    folder = path.absolute().parent
    problems = [*found.problems, *meaning.problems(found, folder, with_secrets=with_secrets)]
    try:
        configuration = Configuration.model_validate(found.data)
    except pydantic.ValidationError as errors:
        configuration = None
        problems += [wording.problem(error, found) for error in errors.errors(include_url=False)]
    if problems or configuration is None:
        raise UserError(*(f"{path}:{p.line}:{p.column}: {p.message}" for p in sorted(set(problems))))
    return _settings(configuration, folder, with_secrets=with_secrets)


def warnings(path: Path) -> Sequence[str]:
    """What keeps texts from going out as the file at ``path`` has them, each as ``file:line:column: message``."""
    told = sorted(problem for severity, problem in texts.notes(document.read(path)) if severity is Severity.WARNING)
    return [f"{path}:{problem.line}:{problem.column}: {problem.message}" for problem in told]


def notes(path: Path, now: dt.datetime) -> Sequence[tuple[Severity, str]]:
    """What the file at ``path`` says in vain or unwisely, each as ``file:line:column: severity: message``."""
    found = document.read(path)
    advice = (
        *meaning.notes(found),
        *exclusions.notes(found),
        *hours.notes(found, now),
        *unknown_times.notes(found),
    )
    unwise = {*texts.notes(found), *((Severity.NOTE, note) for note in advice)}
    told = sorted(unwise, key=lambda found: found[1])
    return [(severity, f"{path}:{note.line}:{note.column}: {severity}: {note.message}") for severity, note in told]


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    schema = Configuration.model_json_schema(schema_generator=_JsonSchema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": "textbackd.yaml"}


class _JsonSchema(pydantic.json_schema.GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, QuietHours):
            return str(dft)
        return as_written(dft) if isinstance(dft, dt.timedelta) else super().encode_default(dft)


def replay_defaults() -> Replay:
    """What ``trace replay`` takes without a configuration: an invented British office."""
    closed = frozenset({Mark.CLOSED})
    office = Office(
        country="GB",
        time_zone=zoneinfo.ZoneInfo("Europe/London"),
        businesses=(Business(name="Your office"),),
        dids=(Did(number="01632960107", marks=closed), Did(number="01632960108", marks=closed)),
        fiction_numbers=True,
    )
    return Replay(policy=Policy(office=office), trunks=Trunks())


def _settings(configuration: Configuration, folder: Path, *, with_secrets: bool) -> Settings:
    office = _office(configuration)
    rules = {name: getattr(configuration.rules, name) for name in type(configuration.rules).model_fields}
    rules |= {
        "text_on": _text_on(configuration.rules.text_on),
        "countries": frozenset(configuration.rules.countries),
        "guards": Limits(**dict(configuration.rules.guards)),
    }
    del rules["closed_contexts"]
    own_numbers = itertools.filterfalse(phone_numbers.is_extension, configuration.own_numbers)
    policy = Policy(
        office=office,
        exclusions=Exclusions(_exclusion(entry, office) for entry in configuration.exclusions),
        own_numbers=frozenset(_e164(number, office) for number in (*own_numbers, *_sims(configuration))),
        own_extensions=frozenset(
            map(phone_numbers.unwrapped, filter(phone_numbers.is_extension, configuration.own_numbers))
        ),
        observing=configuration.mode is Mode.OBSERVE,
        **rules,
    )
    database = folder / configuration.database
    return Settings(
        policy=policy,
        database=database,
        pbxs=tuple(_pbx(entry, folder, with_secrets=with_secrets) for entry in configuration.pbx),
        modems=tuple(
            _modem(entry, folder, database.parent, office, with_secrets=with_secrets) for entry in configuration.modems
        ),
        loop_tests=tuple(_loop_tests(configuration, office)),
        alarms=_alarms(configuration.alarms, folder, with_secrets=with_secrets),
        log=LogSettings(**dict(configuration.log)),
    )


def _office(configuration: Configuration) -> Office:
    bare = Office(
        country=configuration.country,
        region=configuration.region,
        time_zone=zoneinfo.ZoneInfo(configuration.time_zone),
        businesses=(),
        dids=tuple(
            Did(
                number=did.number,
                label=did.label,
                business=did.business,
                marks=frozenset(did.marks),
                hours=did.hours or "",
                text_on=None if did.text_on is None else _text_on(did.text_on),
                language=did.language,
                templates=_texts(did.templates),
            )
            for did in configuration.dids
        ),
        closed_contexts=frozenset(configuration.rules.closed_contexts),
        fiction_numbers=configuration.fiction_numbers,
    )
    return dataclasses.replace(bare, businesses=tuple(_business(entry, bare) for entry in configuration.businesses))


def _business(entry: BusinessEntry, office: Office) -> Business:
    return Business(
        name=entry.name,
        phone=entry.phone or "",
        hours=entry.hours,
        owners=tuple(_e164(owner, office) for owner in entry.owners),
        trade=entry.trade,
        language=entry.language,
        accents=entry.accents,
        callback_window=entry.callback_window or "",
        link=entry.link or "",
        emergency_number=entry.emergency_number or "",
        modem=entry.modem or "",
        templates=_texts(entry.templates),
    )


def _texts(entry: Mapping[Slot, str]) -> Mapping[str, str]:
    return {str(slot): text for slot, text in entry.items()}


def _text_on(entry: Sequence[Outcome] | TextOnEntry) -> Mapping[Hours, Collection[str]]:
    if isinstance(entry, TextOnEntry):
        return {kind: frozenset(getattr(entry, kind)) for kind in Hours}
    return texted_at_all_hours(frozenset(entry))


def _exclusion(entry: ExclusionEntry, office: Office) -> Exclusion:
    number = _e164(entry.number, office) if entry.number else None
    return Exclusion(label=plain_label(entry.label), number=number, prefix=entry.prefix, name=entry.name)


def _pbx(entry: AsteriskEntry | FreeSwitchEntry, folder: Path, *, with_secrets: bool) -> PbxSettings:
    common: dict[str, Any] = {
        "name": entry.name,
        "host": entry.host,
        "port": entry.port,
        "user": entry.user,
        "secret": _secret(entry, "secret", folder, with_secrets=with_secrets),
        "trunks": Trunks(tuple(_trunk(trunk) for trunk in entry.trunks)),
        "cdr_file": folder / entry.cdr_file if entry.cdr_file else None,
        "ping_interval": entry.ping_interval.total_seconds(),
        "ping_timeout": entry.ping_timeout.total_seconds(),
    }
    if isinstance(entry, FreeSwitchEntry):
        return FreeSwitchSettings(did_from=entry.did_from, **common)
    return AsteriskSettings(**common)


def _secret(
    entry: AsteriskEntry | FreeSwitchEntry | GammuEntry | MailEntry | WebhookEntry,
    key: str,
    folder: Path,
    *,
    with_secrets: bool,
) -> str:
    """By whichever way it is given; empty where it is not, or lies elsewhere and is not wanted."""
    for way in secrets.ways(key):
        if (value := getattr(entry, way)) is not None:
            return secrets.read(way, str(value), folder) if with_secrets or way == key else ""
    return ""


def _alarms(entry: AlarmsEntry, folder: Path, *, with_secrets: bool) -> AlarmSettings:
    mail, webhook = entry.mail, entry.webhook
    return AlarmSettings(
        mail=None
        if mail is None
        else SmtpSettings(
            server=mail.server,
            port=mail.port or PORTS[mail.security],
            security=mail.security,
            user=mail.user or "",
            password=_secret(mail, "password", folder, with_secrets=with_secrets),
            sender=mail.sender,
            to=tuple(mail.to),
        ),
        webhook=None
        if webhook is None
        else WebhookSettings(url=webhook.url, secret=_secret(webhook, "secret", folder, with_secrets=with_secrets)),
        sms=entry.sms,
    )


def _trunk(entry: TrunkEntry) -> Trunk:
    return Trunk(contexts=frozenset(entry.contexts), endpoints=frozenset(entry.endpoints), strip=tuple(entry.strip))


def _modem(
    entry: GammuEntry | SimulatedEntry, folder: Path, state: Path, office: Office, *, with_secrets: bool
) -> GammuSettings | SimulatedSettings:
    """``state`` is the folder of what must survive a restart."""
    if isinstance(entry, SimulatedEntry):
        return SimulatedSettings(name=entry.name, folder=folder / entry.folder)
    digits = _secret(entry, "pin", folder, with_secrets=with_secrets)
    return GammuSettings(
        name=entry.name,
        device=entry.device,
        number=_e164(entry.number, office) if entry.number else None,
        speed=entry.speed,
        pin=SimPin(digits=digits, modem=entry.name, folder=state) if digits else None,
        radio_cycle=entry.radio_cycle,
        per_minute=entry.per_minute,
    )


def _sims(configuration: Configuration) -> Iterator[str]:
    """The numbers of the modems' SIMs: what comes from there is no caller."""
    for entry in configuration.modems:
        if isinstance(entry, GammuEntry) and entry.number is not None:
            yield entry.number


def _loop_tests(configuration: Configuration, office: Office) -> Iterator[LoopTestSettings]:
    for entry in configuration.modems:
        if isinstance(entry, GammuEntry) and entry.self_test is not None:
            assert entry.number is not None, "the check of meanings has let it pass"
            at = dt.datetime.strptime(entry.self_test, "%H:%M").time()  # noqa: DTZ007 - in the office's time zone
            yield LoopTestSettings(modem=entry.name, number=_e164(entry.number, office), at=at)


def _e164(number: str, office: Office) -> E164:
    found = office.e164(number)
    assert found is not None, "the check of meanings has let it pass"
    return found
