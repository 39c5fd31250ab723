"""What is in the file arrives where it is needed."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

from tests.config.files import RIGHT, changed, written
from textbackd import config
from textbackd.config.schema import DATABASE, SECTIONS, Configuration
from textbackd.config.values import as_written, duration
from textbackd.core import contact_import
from textbackd.core.accents import Accents
from textbackd.core.exclusions import Exclusion, Exclusions
from textbackd.core.guards import Limits
from textbackd.core.library import Language, Trade
from textbackd.core.office import Business, Did, Mark
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Outcome
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import TEXTED, Policy, texted_at_all_hours
from textbackd.core.quiet_hours import QuietHours
from textbackd.errors import UserError
from textbackd.logs import Format, Level, LogSettings
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.sim_pin import SimPin
from textbackd.modem.simulated_modem import SimulatedSettings
from textbackd.notify.settings import AlarmSettings, Security, SmtpSettings, WebhookSettings
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.freeswitch_settings import VANILLA, DidFrom, FreeSwitchSettings
from textbackd.pbx.trunks import TRUNK_CONTEXTS, Trunk, Trunks
from textbackd.workers.loop_test import LoopTestSettings

WHOLE = """\
country: GB
region: SCT
time_zone: Europe/London
mode: observe
database: data/calls.db
fiction_numbers: true
businesses:
  - name: Harbour Plumbing
    phone: 01632 960100
    hours: Mo-Fr 09:00-17:00; PH off
    owners: [+447700900001, 07700 900002]
    trade: pest_control
    language: fr
    accents: exact
    callback_window: within the hour
    link: harbour.example/book
    emergency_number: "112"
    modem: one
    templates:
      missed: "{business}: call {phone}"
      closed_returning: "{business}: {opens}"
  - {name: Bay Locks}
dids:
  - {number: 01632 960101, label: Sales, marks: [closed, fax], hours: 24/7, text_on: [busy]}
  - {number: 02, business: Bay Locks, language: de, templates: {busy: besetzt}}
pbx:
  - name: front
    kind: asterisk
    host: pbx.office
    port: 5039
    user: watcher
    secret: 0123
    trunks: [{contexts: [outside], endpoints: [carrier], strip: [9, +]}]
    cdr_file: Master.csv
    ping_interval: 1m
    ping_timeout: 0.5s
  - name: back
    kind: freeswitch
    host: "::1"
    port: 8022
    user: textbackd@office.example
    secret: 4567
    trunks: [{contexts: [carrier]}]
    did_from: to
modems:
  - name: one
    kind: gammu
    device: /dev/ttyUSB0
    speed: 9600
    pin: 0123
    radio_cycle: yes
    per_minute: 6
    number: "+447700900900"
    self_test: "14:30"
  - {name: two, kind: simulated, folder: box}
alarms:
  mail:
    server: mail.example
    port: 2525
    security: tls
    user: textbackd
    password: 0456
    from: textbackd@office.example
    to: [it@office.example, boss@office.example]
  webhook: {url: "https://hooks.example/1", secret: 0789}
  sms: no
rules:
  text_on: {open: [busy, answered_briefly], closed: [closed], holiday: []}
  countries: [GB, IE]
  conversation: 2h
  quiet_hours: 22:00-07:30
  instant_at_night: true
  guards: {per_prefix: 2, per_hour: 3, per_day: 4, callers_per_minute: 5, unanswered: 6, ceiling: 7, notices: 8}
  minimum_talk: 3s
  minimum_wait: 10s
  minimum_wait_closed: 0s
  repeat_window: 2d
  max_per_30_days: 5
  delay: 1m
  stale_after: 1h
  closed_contexts: [after-hours]
exclusions:
  - {label: Crew, number: 07700 900003}
  - {label: supplier, prefix: +44163296}
  - {label: machine, name: ALARM}
own_numbers: [07700 900004, 101, "sip:50111@192.0.2.1"]
log: {level: debug, private: yes, format: json}
"""


def test_everything_arrives(tmp_path: Path) -> None:
    """A file that sets every key fills every field."""
    settings = config.load(written(tmp_path, WHOLE))

    office = settings.policy.office
    assert office.country == "GB"
    assert office.time_zone.key == "Europe/London"
    assert office.fiction_numbers
    assert office.closed_contexts == {"after-hours"}
    assert office.businesses[0] == Business(
        name="Harbour Plumbing",
        phone="01632 960100",
        hours="Mo-Fr 09:00-17:00; PH off",
        owners=(office.e164("+447700900001"), office.e164("+447700900002")),  # type: ignore[arg-type]
        trade=Trade.PEST_CONTROL,
        language=Language.FR,
        accents=Accents.EXACT,
        callback_window="within the hour",
        link="harbour.example/book",
        emergency_number="112",
        modem="one",
        templates={"missed": "{business}: call {phone}", "closed_returning": "{business}: {opens}"},
    )
    assert office.businesses[1] == Business(name="Bay Locks")
    assert office.dids == (
        Did(
            number="01632 960101",
            label="Sales",
            marks=frozenset({Mark.CLOSED, Mark.FAX}),
            hours="24/7",
            text_on=texted_at_all_hours({Outcome.BUSY}),
        ),
        Did(number="02", business="Bay Locks", language=Language.DE, templates={"busy": "besetzt"}),
    )
    assert settings.policy == Policy(
        office=office,
        text_on={
            Hours.OPEN: {Outcome.BUSY, Outcome.ANSWERED_BRIEFLY},
            Hours.CLOSED: {Outcome.CLOSED},
            Hours.HOLIDAY: set(),
        },
        countries=frozenset({"GB", "IE"}),
        conversation=dt.timedelta(hours=2),
        quiet_hours=QuietHours(dt.time(22), dt.time(7, 30)),
        instant_at_night=True,
        guards=Limits(per_prefix=2, per_hour=3, per_day=4, callers_per_minute=5, unanswered=6, ceiling=7, notices=8),
        minimum_talk=dt.timedelta(seconds=3),
        minimum_wait=dt.timedelta(seconds=10),
        minimum_wait_closed=dt.timedelta(),
        repeat_window=dt.timedelta(days=2),
        max_per_30_days=5,
        delay=dt.timedelta(minutes=1),
        stale_after=dt.timedelta(hours=1),
        exclusions=Exclusions(
            [
                Exclusion(label="crew", number=office.e164("+447700900003")),
                Exclusion(label="supplier", prefix="+44163296"),
                Exclusion(label="machine", name="ALARM"),
            ]
        ),
        own_numbers=frozenset({E164("+447700900004"), E164("+447700900900")}),
        own_extensions=frozenset({"101", "50111"}),
        observing=True,
    )
    assert settings.pbxs == (
        AsteriskSettings(
            name="front",
            host="pbx.office",
            port=5039,
            user="watcher",
            secret="0123",
            trunks=Trunks(
                (Trunk(contexts=frozenset({"outside"}), endpoints=frozenset({"carrier"}), strip=("9", "+")),)
            ),
            cdr_file=tmp_path / "Master.csv",
            ping_interval=60.0,
            ping_timeout=0.5,
        ),
        FreeSwitchSettings(
            name="back",
            host="::1",
            port=8022,
            user="textbackd@office.example",
            secret="4567",
            trunks=Trunks((Trunk(contexts=frozenset({"carrier"})),)),
            did_from=DidFrom.TO,
        ),
    )
    assert settings.modems == (
        GammuSettings(
            name="one",
            device="/dev/ttyUSB0",
            number=E164("+447700900900"),
            speed=9600,
            pin=SimPin(digits="0123", modem="one", folder=tmp_path / "data"),
            radio_cycle=True,
            per_minute=6,
        ),
        SimulatedSettings(name="two", folder=tmp_path / "box"),
    )
    assert settings.loop_tests == (LoopTestSettings(modem="one", number=E164("+447700900900"), at=dt.time(14, 30)),)
    assert settings.database == tmp_path / "data/calls.db"
    assert settings.alarms == AlarmSettings(
        mail=SmtpSettings(
            server="mail.example",
            port=2525,
            security=Security.TLS,
            user="textbackd",
            password="0456",
            sender="textbackd@office.example",
            to=("it@office.example", "boss@office.example"),
        ),
        webhook=WebhookSettings(url="https://hooks.example/1", secret="0789"),
        sms=False,
    )
    assert settings.log == LogSettings(level=Level.DEBUG, private=True, format=Format.JSON)


def test_every_key_is_in_the_whole_file(tmp_path: Path) -> None:
    """So the test above forgets none, but for the two other ways to give each secret."""
    keys = {name for section in SECTIONS.values() for name in section.names()}
    in_file = {name for name in keys if f"{name}:" in WHOLE}

    others = {f"{secret}_{way}" for secret in ("secret", "password", "pin") for way in ("file", "credential")}
    assert keys - in_file == others


def test_what_is_left_out_is_as_in_the_dataclasses(tmp_path: Path) -> None:
    """Their defaults are the truth; the schema only repeats them."""
    bare = """\
country: NO
time_zone: Europe/Oslo
businesses: [{name: on}]
pbx: [{name: no, kind: asterisk, user: null-and-void, secret: "null"}]
modems: [{name: yes, kind: simulated, folder: /var/box}]
dids:
rules:
log:
"""
    settings = config.load(written(tmp_path, bare))

    assert settings.policy == Policy(office=settings.policy.office)
    assert settings.policy.office.businesses == (Business(name="on"),)
    assert settings.policy.text_on == texted_at_all_hours(TEXTED)
    assert settings.pbxs == (AsteriskSettings(name="no", user="null-and-void", secret="null"),)
    assert settings.pbxs[0].trunks.contexts == TRUNK_CONTEXTS
    assert settings.alarms == AlarmSettings()
    assert settings.log == LogSettings()
    assert settings.database == Path("/var/lib/textbackd/textbackd.db")


@pytest.mark.parametrize(
    "quiet", ["00:00-08:00", "00:00-13:00", "02:00-14:00", "13:00-15:00", "09:00-14:59", "20:00-12:00"]
)
def test_quiet_hours_that_may_be_meant(quiet: str, tmp_path: Path) -> None:
    """A night that begins at midnight, a long noon, an evening: only most of a day is a mistake."""
    settings = config.load(written(tmp_path, changed("minimum_wait: 8s", f"quiet_hours: {quiet}")))

    assert QuietHours.parse(quiet) == settings.policy.quiet_hours


def test_a_freeswitch_with_its_own_defaults(tmp_path: Path) -> None:
    """Its password alone will do; its trunks are those of its own configuration, and of FusionPBX's."""
    entry = "  - {name: fs, kind: freeswitch, secret: ClueCon}\n"
    settings = config.load(written(tmp_path, changed("modems:\n", f"{entry}modems:\n")))

    assert settings.pbxs[1] == FreeSwitchSettings(name="fs", secret="ClueCon")
    assert settings.pbxs[1].trunks == VANILLA


def test_yaml_does_not_spoil_numbers_and_words(tmp_path: Path) -> None:
    """``NO`` is a country, ``on`` a name, ``01632`` no octal number, and a plus stays."""
    text = changed("'+44163296'", "+44163296").replace("01632 960101", "0163277").replace("country: GB", "country: NO")
    settings = config.load(written(tmp_path, text))

    assert settings.policy.office.country == "NO"
    assert settings.policy.exclusions.entries[0].prefix == "+44163296"
    assert settings.policy.office.dids[0].number == "0163277"


@pytest.mark.parametrize("prefix", ["+39 333 12", "0039 333-12", "\u202a+39\u00a033312\u202c", "+39 (333) 12"])
def test_a_prefix_is_read_as_the_command_reads_it(tmp_path: Path, prefix: str) -> None:
    """Whatever stands between its digits."""
    settings = config.load(written(tmp_path, changed("+44163296", prefix)))

    assert settings.policy.exclusions.entries[0].prefix == "+3933312"


def test_a_label_is_spelled_as_everywhere_else(tmp_path: Path) -> None:
    """What an import brings under it is known."""
    settings = config.load(
        written(tmp_path, changed("crew, prefix: '+44163296'", "Großhändler, number: '+447400123456'"))
    )
    found = contact_import.read("number,label\n+447400123456,GROSSHÄNDLER\n".encode(), None)
    done = contact_import.judge(found, {}, settings.policy.exclusions, settings.policy.office)

    assert settings.policy.exclusions.entries[0].label == "grosshändler"
    assert (1, []) == (done.known, done.refused)


def test_aliases_stand_for_what_they_name(tmp_path: Path) -> None:
    """Hours that two businesses share are written once."""
    text = changed("hours: 24/7", "hours: &hours Mo-Fr 08:00-12:00").replace(
        "dids:", "  - {name: Other, hours: *hours}\ndids:"
    )
    office = config.load(written(tmp_path, text)).policy.office

    assert [business.hours for business in office.businesses] == ["Mo-Fr 08:00-12:00"] * 2


MAIL = "alarms: {mail: {server: m, from: a@b.example, to: [c@d.example]%s}}\nlog:"


@pytest.mark.parametrize(
    ("more", "security", "port"),
    [
        ("", "starttls", 587),
        (", security: tls", "tls", 465),
        (", security: none", "none", 25),
        (", port: 26", "starttls", 26),
    ],
)
def test_the_port_of_mail_is_that_of_its_security(more: str, security: str, port: int, tmp_path: Path) -> None:
    """Unless another is given."""
    mail = config.load(written(tmp_path, changed("log:", MAIL % more))).alarms.mail

    assert mail == SmtpSettings(
        server="m", port=port, security=Security(security), sender="a@b.example", to=("c@d.example",)
    )


def test_a_password_for_the_mail_server_on_this_machine(tmp_path: Path) -> None:
    """It crosses no network, so it may go in the clear."""
    more = ", security: none, user: u, password: p"
    mail = config.load(
        written(tmp_path, changed("log:", (MAIL % more).replace("server: m", "server: localhost")))
    ).alarms

    assert ("u", "p") == (mail.mail and mail.mail.user, mail.mail and mail.mail.password)


def test_the_password_of_mail_comes_from_its_file(tmp_path: Path) -> None:
    """As a PBX's secret does; who needs none does not look for it."""
    (tmp_path / "mail.password").write_text("s3cret\n")
    (tmp_path / "mail.password").chmod(0o640)
    path = written(tmp_path, changed("log:", MAIL % ", user: u, password_file: mail.password"))

    found = [config.load(path, with_secrets=wanted).alarms.mail for wanted in (True, False)]

    assert ["s3cret", ""] == [mail and mail.password for mail in found]


# --- secrets --------------------------------------------------------------------------------------------------------


def _with_secret(folder: Path, content: str, mode: int = 0o640) -> Path:
    (folder / "asterisk.secret").write_text(content)
    (folder / "asterisk.secret").chmod(mode)
    return written(folder, changed("secret: change-me", "secret_file: asterisk.secret"))


def test_a_secret_comes_from_its_file(tmp_path: Path) -> None:
    """Relative to the configuration; the end of the line is not part of it."""
    assert config.load(_with_secret(tmp_path, "s3cret \n")).pbxs[0].secret == "s3cret "


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        ("s3cret", 0o644, "everybody on this machine can read .*: chmod 640 "),
        ("", 0o600, "must hold the secret and nothing else, in one line"),
        ("a\r\nAction: Originate\n", 0o600, "must hold the secret and nothing else, in one line"),
    ],
)
def test_a_secret_file_that_will_not_do(content: str, mode: int, problem: str, tmp_path: Path) -> None:
    """The place of the key is named, and what to do."""
    with pytest.raises(UserError, match=f":18:18: .*{problem}"):
        config.load(_with_secret(tmp_path, content, mode))


def test_a_missing_secret_file(tmp_path: Path) -> None:
    """Without secrets the file is not looked for: those who only read calls need none."""
    path = _with_secret(tmp_path, "s3cret")
    (tmp_path / "asterisk.secret").unlink()

    with pytest.raises(UserError, match=r":18:18: .*asterisk\.secret does not exist"):
        config.load(path)
    assert config.load(path, with_secrets=False).pbxs[0].secret == ""


def test_a_secret_comes_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential is a file in a folder that systemd names."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "ami").write_text("s3cret\n")
    path = written(tmp_path, changed("secret: change-me", "secret_credential: ami"))

    assert config.load(path).pbxs[0].secret == "s3cret"


def _with_pin(folder: Path, key: str, value: str) -> Path:
    gammu = f"kind: gammu\n    device: /dev/ttyUSB0\n    {key}: {value}"
    return written(folder, changed("kind: simulated\n    folder: box", gammu))


def _pin_of(path: Path, *, with_secrets: bool = True) -> SimPin | None:
    (modem,) = config.load(path, with_secrets=with_secrets).modems
    assert isinstance(modem, GammuSettings)
    return modem.pin


def test_a_pin_comes_from_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file, from a file of its own or from systemd; without secrets those two are not looked for."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "sim-pin").write_text("0123\n")
    (tmp_path / "sim-pin").chmod(0o640)

    for key, value in (("pin", "0123"), ("pin_file", "sim-pin"), ("pin_credential", "sim-pin")):
        pin = _pin_of(_with_pin(tmp_path, key, value))
        assert SimPin(digits="0123", modem="sim", folder=DATABASE.parent) == pin, key
    assert _pin_of(_with_pin(tmp_path, "pin_file", "nowhere"), with_secrets=False) is None


def test_a_pin_file_that_will_not_do(tmp_path: Path) -> None:
    """It is missing, or holds something else; what it holds is not shown."""
    with pytest.raises(UserError, match=r":25:15: .*nowhere does not exist: put the secret into it"):
        config.load(_with_pin(tmp_path, "pin_file", "nowhere"))
    (tmp_path / "sim-pin").write_text("s3cret")
    (tmp_path / "sim-pin").chmod(0o640)
    with pytest.raises(UserError, match=r":25:15: a SIM PIN is 4 to 8 digits$"):
        config.load(_with_pin(tmp_path, "pin_file", "sim-pin"))


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    """Not even where the whole configuration is printed."""
    assert "change-me" not in repr(config.load(written(tmp_path)))
    assert "9876" not in repr(config.load(_with_pin(tmp_path, "pin", "9876")))


# --- the rest -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["5s", "15m", "24h", "30d", "0s", "0.5s", "0", "1.5 h"])
def test_a_length_of_time_can_be_read_back(text: str) -> None:
    """Whatever its unit."""
    assert duration(as_written(duration(text))) == duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234567s", "1234567s"),
        ("10000000d", "10000000d"),
        ("999999999.999999s", "999999999.999999s"),
        ("0.000001s", "0.000001s"),
        ("90s", "90s"),
        ("7200s", "2h"),
        ("1.5d", "36h"),
        ("0m", "0s"),
    ],
)
def test_a_length_of_time_is_written_exactly(text: str, expected: str) -> None:
    """To the microsecond, in the largest unit of which it is a whole number."""
    assert expected == as_written(duration(text))


def test_the_schema_for_editors_knows_every_key() -> None:
    """And is JSON."""
    schema = json.loads(json.dumps(config.json_schema()))

    assert schema["properties"].keys() == Configuration.model_fields.keys()
    for model in SECTIONS.values():
        if model is not Configuration:
            assert schema["$defs"][model.__name__]["properties"].keys() == set(model.names())
    assert schema["$defs"]["RulesEntry"]["properties"]["stale_after"]["default"] == "15m"


def test_the_sections_are_all_there_are() -> None:
    """A key's section is found in a table; a new section must be in it."""
    models = {name for name in config.json_schema()["$defs"] if name.endswith("Entry")}

    assert models == {model.__name__ for model in SECTIONS.values()} - {"Configuration"}


def test_replay_without_a_configuration() -> None:
    """The invented office knows the two numbers that are marked closed, and takes fiction for real."""
    replay = config.replay_defaults()

    assert replay.trunks == Trunks()
    assert replay.policy == Policy(office=replay.policy.office)
    assert replay.policy.office.did("+441632960108").marks == {Mark.CLOSED}
    assert replay.policy.office.e164("07700900123") == "+447700900123"


def test_settings_are_values(tmp_path: Path) -> None:
    """Nobody changes them under another's feet."""
    settings = config.load(written(tmp_path, RIGHT))

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.database = tmp_path  # type: ignore[misc]
