"""Every mistake is named with its place, in words that say what to do."""

import datetime as dt
import zoneinfo
from pathlib import Path

import pytest

from tests.config.files import RIGHT, changed, written
from textbackd import config
from textbackd.core import opening_hours
from textbackd.core.template_findings import Severity
from textbackd.errors import UserError

NOW = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
MODEM = "  - {name: m%d, kind: gammu, device: /dev/ttyUSB%d}\n"
SIMULATED = "kind: simulated\n    folder: box"
GAMMU = "kind: gammu\n    device: /dev/ttyUSB0"

MISTAKES = [
    # --- keys
    ("timezone", "time_zone:", "timezone:", "2:1: unknown key 'timezone'; did you mean 'time_zone'?"),
    ("did_key", "marks: [closed]", "lable: x", "12:5: unknown key 'lable'; did you mean 'label'?"),
    ("trunks_key", "strip: []", "context: []", "20:10: unknown key 'context'; did you mean 'contexts'?"),
    ("wrong_section", "rules:", "minimum_wait: 2s\nrules:", "25:1: 'minimum_wait' does not go here, but into rules"),
    ("unlike_any", "level: info", "colour: red", "32:3: unknown key 'colour'; here go level, private, format"),
    ("key_of_other_kind", "folder: box", "folder: box\n    device: /dev/x",
     "25:5: 'device' does not go here, but into modems of kind gammu"),
    ("key_of_other_pbx", "port: 5038", "did_from: to",
     "16:5: 'did_from' does not go here, but into pbx of kind freeswitch"),
    ("directory_user", "kind: asterisk\n    port: 5038", "kind: freeswitch",
     "16:11: 'textbackd' will not do: a user of the directory is written user@domain"),
    ("twice", "owners: []", "owners: []\n    owners: []", "7:5: 'owners' is here twice, first in line 6: keep one"),
    ("list_as_key", "country: GB", "country: GB\n? [a]\n: b", "2:3: a key is a single word"),
    # --- what is missing
    ("no_country", "country: GB\n", "", "1:1: 'country' is missing"),
    ("no_name", "- name: Your office", "- phone:", "4:5: 'name' is missing"),
    ("empty_name", "name: Your office", "name:", "4:10: 'name' is missing"),
    ("blank_name", "name: Your office", "name: '  '", "4:11: it must not be blank"),
    ("no_kind", "    kind: simulated\n", "", "22:5: 'kind' is missing: gammu, or simulated"),
    ("no_pbx_kind", "    kind: asterisk\n", "", "14:5: 'kind' is missing: asterisk, or freeswitch"),
    ("no_folder", "    folder: box\n", "", "22:5: 'folder' is missing"),
    ("no_business", "businesses:", "businesses: []\nbusiness:", "3:13: 'businesses' needs at least one entry"),
    ("no_pbx", "pbx:\n", "pbx: []\npbxs:\n", "13:6: 'pbx' needs at least one entry"),
    ("empty_entry", "exclusions:\n", "exclusions:\n  -\n", "30:4: a block of 'key: value' lines is wanted here"),
    # --- types and ranges
    ("port_word", "port: 5038", "port: ami", "16:11: a whole number is wanted here, and this is 'ami'"),
    ("port_range", "port: 5038", "port: 99999", "16:11: 99999 is too much: at most 65535"),
    ("texts_range", "max_per_30_days: 3", "max_per_30_days: 0", "28:20: 0 is too little: at least 1"),
    ("no_unit", "minimum_wait: 8s", "minimum_wait: 8", "27:17: 8 needs a unit: s, m, h or d; did you mean 8s?"),
    ("no_unit_of_many", "minimum_wait: 8s", "repeat_window: 24",
     "27:18: 24 needs a unit: s, m, h or d; did you mean 24s or 24m or 24h or 24d?"),
    ("tag", "minimum_wait: 8s", "delay: !!python/object:os.system 5s",
     "27:10: tag:yaml.org,2002:python/object:os.system means nothing here: write the value itself"),
    ("length", "minimum_wait: 8s", "minimum_wait: 8 sec", "27:17: a length of time is a number and s, m, h or d"),
    ("negative", "minimum_wait: 8s", "minimum_wait: -1s", "27:17: a length of time is a number and s, m, h or d"),
    ("length_range", "minimum_wait: 8s", "minimum_wait: 2d", "27:17: 2d is out of range: 0s to 5m are possible"),
    ("long_range", "minimum_wait: 8s", "delay: 1234567s", "27:10: 1234567s is out of range: 0s to 10m are possible"),
    ("not_a_list", "text_on: [busy]", "text_on: busy", "26:12: a list ('- ' before each entry) is wanted here"),
    ("not_a_block", "    missed: hello", "    - hello", "8:7: a block of 'key: value' lines is wanted here"),
    ("yes_or_no", "private: false", "private: maybe", "33:12: true or false is wanted here, and this is 'maybe'"),
    ("five_modems", "modems:\n", "modems:\n" + "".join(MODEM % (i, i) for i in range(4)),
     "22:3: at most 4 modems are possible, and here are 5"),
    ("two_lines", "name: Your office", 'name: "Your\\noffice"', "4:11: it must be one line"),
    # --- words
    ("modem_of_business", "    hours: 24/7", "    modem: sin", "5:12: there is no modem 'sin'; there are 'sim'"),
    ("outcome_by_hours", "text_on: [busy]", "text_on: {open: [no_anser]}", "26:20: 'no_anser' is not possible here; "),
    ("no_hours", "text_on: [busy]", "text_on: {opened: [busy]}", "26:13: unknown key 'opened'; did you mean 'op"),
    ("country_texted", "minimum_wait: 8s", "countries: [GB, UK]", "27:19: 'UK' is no ISO 3166 code of a country"),
    ("night", "minimum_wait: 8s", "quiet_hours: night", "27:16: quiet hours are written from the "),
    ("long_night", "minimum_wait: 8s", "quiet_hours: 16:00-09:00", "27:16: 16:00-09:00 is quiet for longer than 16h"),
    ("no_quiet", "minimum_wait: 8s", "quiet_hours: no",
     "27:16: quiet hours are written from the evening to the morning, such as 21:00-08:00; off: there are none"),
    ("turned_night", "minimum_wait: 8s", "quiet_hours: '08:00-21:00'",
     "27:16: 08:00-21:00 is quiet by day, and texts would go at night; did you mean 21:00-08:00?"),
    ("quiet_noon", "minimum_wait: 8s", "quiet_hours: 09:00-15:00", "27:16: 09:00-15:00 is quiet by day, and texts w"),
    ("quiet_evening", "minimum_wait: 8s", "quiet_hours: 12:00-22:00", "27:16: 12:00-22:00 is quiet by day, and t"),
    ("turned_at_midnight", "minimum_wait: 8s", "quiet_hours: 8:00-24:00",
     "27:16: 8:00-24:00 is quiet by day, and texts would go at night; did you mean 00:00-08:00?"),
    ("guard", "minimum_wait: 8s", "guards: {per_our: 3}", "27:12: unknown key 'per_our'; did you mean '"),
    ("guard_range", "minimum_wait: 8s", "guards: {ceiling: 0}", "27:21: 0 is too little: "),
    ("region", "country: GB", "country: GB\nregion: SC", "2:9: 'SC' is no region of GB whose public holidays"),
    ("region_unlike", "country: GB", "country: GB\nregion: BAVARIA", "2:9: 'BAVARIA' is no region of GB whose pub"),
    ("whole_region", "country: GB", "country: GB\nregion: GB-SCT",
     "2:9: 'GB-SCT' is no region of GB whose public holidays are known; did you mean 'SCT'?"),
    ("no_regions", "country: GB", "country: MT\nregion: X", "2:9: 'X' is no region of MT whose public holid"),
    ("outcome", "text_on: [busy]", "text_on: [no_anser]", "26:13: 'no_anser' is not possible here; did you mean 'no_"),
    ("never_texted", "text_on: [busy]", "text_on: [unknown]", "26:13: calls that were 'unknown' are never texted"),
    ("no_word", "text_on: [busy]", "text_on: [[busy]]", "26:13: one word is wanted here: answered_briefly, "),
    ("mark", "marks: [closed]", "marks: [clsed]", "12:13: 'clsed' is not possible here; did you mean 'closed'?"),
    ("level", "level: info", "level: chatty", "32:10: 'chatty' is not possible here; there are debug, info, warning"),
    ("pbx_kind", "kind: asterisk", "kind: asterix", "15:11: 'asterix' is not possible here; did you mean 'asterisk'?"),
    ("modem_kind", "kind: simulated", "kind: gamu", "23:11: 'gamu' is not possible here; did you mean 'gammu'?"),
    ("slot", "missed: hello", "mised: hello", "8:7: 'mised' is not possible here; did you mean 'missed'?"),
    # --- the office
    ("country", "country: GB", "country: UK", "1:10: 'UK' is no ISO 3166 code of a country, such as GB or US; did you"),
    ("zone", "Europe/London", "Europe/Lodnon", "2:12: 'Europe/Lodnon' is no time zone; did you mean 'Europe/London'?"),
    ("city", "Europe/London", "Berlin", "2:12: 'Berlin' is no time zone; did you mean 'Europe/Berlin'?"),
    ("odd_zone", "Europe/London", "Mars", "2:12: 'Mars' is no time zone, such as Europe/London"),
    ("hours", "hours: 24/7", "hours: Mo-Fr 9-17", "5:18: '9-17' is not understood here: write hours like 'Mo-Fr 0"),
    ("quoted_hours", "hours: 24/7", "hours: 'Mo-Fr 9-17'", "5:19: '9-17' is not understood here"),
    ("hours_in_quotes", "hours: 24/7", r'hours: "Mo \"x\"; Tu 9-17"', "5:26: '9-17' is not understood here"),
    ("escaped_hours", "hours: 24/7", r'hours: "M\u006f-Fr 9-17"', "5:12: '9-17' is not understood here"),
    ("folded_hours", "hours: 24/7", "hours: >-\n      Mo-Fr 08:00-17:00;\n      Sa 9-17",
     "7:10: '9-17' is not understood here"),
    ("hours_of_two_lines", "hours: 24/7", "hours: Mo-Fr 08:00-17:00;\n      Sa 9-17", "6:10: '9-17' is not understood"),
    ("hours_that_break_off", "hours: 24/7", "hours: 'Mo-Fr 08:00-17:00;'", "5:31: these hours break off here"),
    ("comma_and_space", "hours: 24/7", "hours: Mo-Sa 08:00-17:00; Su, PH off",
     "5:31: 'Su, ' means that it is open all day on Su: a comma and a space begin another rule; did you mea"),
    ("hours_of_did", "marks: [closed]", "hours: Mo, Tu 08:00-12:00", "12:12: 'Mo, ' means that it is open all day"),
    ("no_day", "hours: 24/7", "hours: 24/7; Feb 31 off", "5:18: there is no Feb 31: the last day is Feb 29"),
    ("holidays_and_days", "hours: 24/7", "hours: 24/7; PH Mo off", "5:18: 'PH Mo' can be read in two ways: "),
    # --- names and numbers
    ("owner", "owners: []", "owners: ['+44770']", "6:14: '+44770' is no phone number: write it as +44…, or as it is d"),
    ("fiction", "owners: []", "owners: [07700 900123]", "6:14: 07700 900123 is reserved for fiction: give a real num"),
    ("own_number", "log:", "own_numbers: [1o1]\nlog:", "31:15: '1o1' is no phone number"),
    ("phone", "owners: []", "phone: x", "6:12: 'x' is no phone number"),
    ("excluded", "prefix: '+44163296'", "number: 44", "30:27: '44' is no phone number"),
    ("business", "business: Your office", "business: Your ofice",
     "11:15: there is no business 'Your ofice'; did you mean 'Your office'?"),
    ("same_did", "dids:\n", "dids:\n  - number: '+44 1632 960101'\n",
     "11:13: this DID is here already, as +44 1632 960101"),
    ("same_modem", "modems:\n", "modems:\n  - {name: sim, kind: gammu, device: /dev/ttyUSB0}\n",
     "23:11: 'sim' is the name of another one in modems"),
    ("same_folder", "modems:\n", "modems:\n  - {name: b, kind: simulated, folder: box}\n",
     "25:13: another modem has the folder 'box' already"),
    ("device", "kind: simulated\n    folder: box", "kind: gammu\n    device: ttyUSB0", "24:13: 'ttyUSB0' will not do"),
    ("no_criterion", ", prefix: '+44163296'", "", "30:5: an exclusion has exactly one of number, prefix and name; he"),
    ("two_criteria", "prefix: '+44163296'", "prefix: '+44163296', name: ALARM",
     "30:40: an exclusion has exactly one of number, prefix and name; here are prefix and name"),
    ("trunk_zero", "'+44163296'", "'+44 (0)1632 96'",
     "30:27: '+44 (0)1632 96' will not do: a prefix begins with + and the country's code and has no (0)"),
    ("prefix", "'+44163296'", "01632", "30:27: '01632' will not do: a prefix begins with + and the country's code"),
    ("strip", "strip: []", "strip: [out]", "20:18: 'out' will not do: what a PBX puts before a number"),
    ("no_trunk", "{strip: [], contexts: [from-trunk]}", "strip: ['9']",
     "20:9: nothing says which calls come over this trunk: name its contexts or its endpoints"),
    # --- secrets
    ("no_secret", "    secret: change-me\n", "", "14:5: give exactly one of secret, secret_file, secret_credential; h"),
    ("two_secrets", "secret: change-me", "secret: change-me\n    secret_file: x",
     "19:5: give exactly one of secret, secret_file, secret_credential; here are secret and secret_file"),
    ("credential", "secret: change-me", "secret_credential: asterisk", "18:24: only systemd has the credential"),
    ("credential_path", "secret: change-me", "secret_credential: /etc/x", "18:24: '/etc/x' will not do: give the nam"),
    ("two_pins", SIMULATED, f"{GAMMU}\n    pin: 1234\n    pin_file: x",
     "26:5: give at most one of pin, pin_file, pin_credential; here are pin and pin_file"),
    ("pin", SIMULATED, f"{GAMMU}\n    pin: 12a4", "25:10: a SIM PIN is 4 to 8 digits"),
    ("pin_credential", SIMULATED, f"{GAMMU}\n    pin_credential: a/b", "25:21: 'a/b' will not do: give the name of a"),
    ("speed", SIMULATED, f"{GAMMU}\n    speed: 5600", "25:12: 5600 is no speed of a serial port; there are 9600, "),
    # --- alarms
    ("no_mail_to", "log:", "alarms: {mail: {server: m, from: a@b}}\nlog:", "31:16: 'to' is missing"),
    ("empty_mail_to", "log:", "alarms: {mail: {server: m, from: a@b, to: []}}\nlog:", "31:43: 'to' needs at least one"),
    ("no_mail_from", "log:", "alarms: {mail: {server: m, to: [a@b]}}\nlog:", "31:16: 'from' is missing"),
    ("mail_sender", "log:", "alarms: {mail: {server: m, form: a@b, to: [a@b]}}\nlog:",
     "31:28: unknown key 'form'; did you mean 'from'?"),
    ("mail_from", "log:", "alarms: {mail: {server: m, from: me, to: [a@b]}}\nlog:",
     "31:34: 'me' will not do: a mail address is written somebody@example.org"),
    ("mail_to", "log:", "alarms: {mail: {server: m, from: a@b, to: [a b@c]}}\nlog:",
     "31:44: 'a b@c' will not do: a mail address is written somebody@example.org"),
    ("mail_server", "log:", "alarms: {mail: {server: 'smtp://m', from: a@b, to: [a@b]}}\nlog:",
     "31:25: 'smtp://m' will not do: give the name of the mail server alone"),
    ("mail_security", "log:", "alarms: {mail: {server: m, security: ssl, from: a@b, to: [a@b]}}\nlog:",
     "31:38: 'ssl' is not possible here; there are starttls, tls, none"),
    ("no_password", "log:", "alarms: {mail: {server: m, user: u, from: a@b, to: [a@b]}}\nlog:",
     "31:16: give exactly one of password, password_file, password_credential; here is none"),
    ("no_user", "log:", "alarms: {mail: {server: m, password: p, from: a@b, to: [a@b]}}\nlog:",
     "31:28: a password without a 'user' logs in nowhere"),
    ("password_file", "log:", "alarms: {mail: {server: m, user: u, password_file: x, from: a@b, to: [a@b]}}\nlog:",
     "31:52: "),
    ("password_in_the_clear", "log:",
     "alarms: {mail: {server: m, security: none, user: u, password: p, from: a@b, to: [a@b]}}\nlog:",
     "31:38: the password would cross the network in the clear: take starttls or tls"),
    ("url", "log:", "alarms: {webhook: {url: example.org/x}}\nlog:", "31:25: an address on the web is written https://"),
    ("url_port", "log:", "alarms: {webhook: {url: 'https://x:99999/'}}\nlog:", "31:25: an address on the web is wri"),
    ("two_webhook_secrets", "log:", "alarms: {webhook: {url: 'https://x', secret: a, secret_file: b}}\nlog:",
     "31:49: give at most one of secret, secret_file, secret_credential; here are secret and secret_file"),
    # --- texts
    ("field", "missed: hello", "missed: 'hello {name}'", "8:15: {name} is no field; there are {agent}, {business}, "),
    ("trade", "hours: 24/7", "trade: plummer", "5:12: 'plummer' is not possible here; did you mean 'plumber'?"),
    ("language", "hours: 24/7", "language: english", "5:15: 'english' is not possible here; there are en, de, fr, es,"),
    ("accents", "hours: 24/7", "accents: folded", "5:14: 'folded' is not possible here; did you mean 'fold'?"),
    ("emergency", "hours: 24/7", "emergency_number: call us", "5:23: 'call us' will not do: an emergency number is 2"),
    ("did_slot", "marks: [closed]", "templates: {mised: x}", "12:17: 'mised' is not possible here; did you mean 'miss"),
    # --- YAML
    ("tab", "rules:", "\trules:", "25:1: there is a tab: YAML takes spaces only"),
    ("colon", "country: GB", "country: GB: UK", "1:12: a ':' that YAML does not expect"),
    ("indent", "level: info", "level: info\n  - x", "33:3: this does not go on from the lines before"),
    ("quote", "level: info", "level: 'info", "34:1: found unexpected end of stream (while scanning a quoted scalar fr"),
    ("include", "country: GB", "country: !include x", "1:10: !include means nothing here"),
    ("control", "country: GB", "country: \x07", "1:10: the character U+0007 may not be in YAML"),
    ("holds_itself", "country: GB", "country: GB\nloop: &a [*a]", "2:7: this is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, expected: str, tmp_path: Path) -> None:
    """Each of these spoils the right file, and the right line and column are said, in the right words."""
    path = written(tmp_path, changed(old, new))

    with pytest.raises(UserError) as error:
        config.load(path)

    assert any(problem.startswith(f"{path}:{expected}") for problem in error.value.problems), str(error.value)


@pytest.mark.parametrize("hours", [">\n      Mo-Fr 08:00-12:00;\n      PH off", "'Mo-Fr 08:00-12:00; PH off '"])
def test_white_space_at_the_end_of_hours_does_not_matter(hours: str, tmp_path: Path) -> None:
    """A folded text ends in a new line, which the parser would not take."""
    settings = config.load(written(tmp_path, changed("hours: 24/7", f"hours: {hours}")))

    assert "Mo-Fr 08:00-12:00; PH off" == settings.policy.office.businesses[0].hours


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    """Those of shape and of sense, sorted by their place, each once."""
    text = (
        changed("country: GB", "country: gb")
        .replace("missed: hello", "missed: '{nobody}'")
        .replace("01632 960101", "")
        .replace("business: Your office", "business: Mine")
        .replace("port: 5038", "port: 0")
        .replace("level: info", "levl: info")
    )
    path = written(tmp_path, text)

    with pytest.raises(UserError) as error:
        config.load(path)

    places = [problem.removeprefix(f"{path}:").split(": ")[0] for problem in error.value.problems]
    assert places == ["1:10", "8:15", "10:12", "11:15", "16:11", "32:3"]


def test_an_empty_file_is_pointed_to_the_example(tmp_path: Path) -> None:
    """Also one of comments only."""
    path = written(tmp_path, "# nothing yet\n")

    with pytest.raises(UserError, match=r":1:1: the file is empty: begin with the example"):
        config.load(path)


def test_a_file_that_is_no_mapping(tmp_path: Path) -> None:
    """A list at the top is no configuration."""
    with pytest.raises(UserError, match=r":1:1: the file must hold lines of the form 'key: value'"):
        config.load(written(tmp_path, "- a\n"))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """Which file, and how to name another."""
    with pytest.raises(UserError, match=r"nowhere\.yaml: there is no such file: .* --config or TEXTBACKD_CONFIG"):
        config.load(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What the system says is passed on."""
    with pytest.raises(UserError, match="it cannot be read: Is a directory"):
        config.load(tmp_path)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    """Its first wrong byte is found."""
    path = tmp_path / "textbackd.yaml"
    path.write_bytes(RIGHT.replace("Your office", "Büro", 1).encode("latin-1"))

    with pytest.raises(UserError, match=r":4:12: this is not UTF-8"):
        config.load(path)


def test_one_port_under_two_names(tmp_path: Path) -> None:
    """The link that stays, and the device that it stands for just now; only where the machine is looked at at all."""
    port, name = tmp_path / "ttyUSB0", tmp_path / "usb-HUAWEI-if00-port0"
    port.touch()
    name.symlink_to(port)
    modems = "".join(f"  - {{name: {one.name}, kind: gammu, device: {one}}}\n" for one in (port, name))
    path = written(tmp_path, changed("modems:\n", f"modems:\n{modems}"))

    with pytest.raises(UserError) as mistakes:
        config.load(path)
    (mistake,) = mistakes.value.problems
    told = f"'{name}' and '{port}' are the same port, {port}: one modem is one entry; textbackd modem probe lists them"
    assert f"{path}:23:56: {told}" == mistake
    assert 3 == len(config.load(path, with_secrets=False).modems)

    name.unlink()
    assert 3 == len(config.load(path).modems)


PASSED_OVER = [
    ("no_value", "missed: hello", "missed: 'call {phone}'", "8:15: {phone} would be empty: the business has no "),
    ("no_label", "missed: hello", "missed: '{did_label}'", "8:15: {did_label} would be empty: none of its DIDs has a"),
    ("too_long", "missed: hello", f"missed: '{{business}}{'x' * 150}'",
     "8:15: this text needs 2 parts: 161 characters of 160, with its fields filled"),
    ("costly", "missed: hello", f"missed: '{'x' * 70}Ж'", "8:15: this text needs 2 parts: 71 characters of 70"),
    ("long_name", "name: Your office", f"name: {'x' * 42}",
     "4:11: with this name the shipped text 'en/general/holiday' needs 2 parts: 162 characters of 160, with its"),
    ("did_text", "marks: [closed]", "templates: {busy: '{link}'}", "12:23: {link} would be empty: the business has no"),
    ("overflow", "missed: hello", f"missed: '{{opens}}{'x' * 150}'",
     "8:15: this text needs 2 parts: 165 characters of 160, with its fields filled, when {opens} is 'Wednesday 10:30'"),
    ("refused", "missed: hello", "missed: 'façade'\n    accents: refuse",
     "8:15: this text has 'ç', not in the phones' alphabet (accents: refuse)"),
    ("name_in_other_letters", "name: Your office", "name: Вода",
     "4:11: with this name the shipped text 'en/general/busy' needs 2 parts: 100 characters of 70"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [p[1:] for p in PASSED_OVER], ids=[p[0] for p in PASSED_OVER])
def test_a_text_that_cannot_be_sent_is_told_and_is_no_mistake(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    """The file is taken: another text goes out in its place."""
    path = written(tmp_path, changed(old, new).replace("business: Your office", "hours: 24/7"))
    config.load(path)

    warnings = [
        told.removeprefix(f"{path}:") for severity, told in config.notes(path, NOW) if severity is Severity.WARNING
    ]
    assert [expected] == [told.replace(" warning: ", " ")[: len(expected)] for told in warnings]


def test_a_note_is_told_with_its_place_and_is_no_mistake(tmp_path: Path) -> None:
    """On the right file's own words; the DID's too."""
    text = changed("name: Your office", "name: Joe’s").replace("business: Your office", "templates: {busy: WRITE!!}")
    path = written(tmp_path, text)
    config.load(path)

    notes = [note.removeprefix(f"{path}:") for _severity, note in config.notes(path, NOW)]

    assert [
        "4:11: note: in texts this name is written 'Joe's' (accents: fold)",
        "8:15: note: callers do not know the number that texts them: begin with {business}",
        '8:15: note: nobody is told how to get no more texts: end with "Reply STOP to opt out."',
        "11:23: note: '!!' looks like advertising: one mark is enough",
        "11:23: note: 'WRITE': a word in capitals looks like a swindle",
    ] == [note for note in notes if "busy" not in note][:5]


@pytest.mark.parametrize(
    ("hours", "opens"),
    [
        ("off", False),
        ("24/7 off", False),
        ("PH off", False),
        ("2025 Mo-Fr 08:00-17:00", False),
        ("2028 Mo-Fr 08:00-17:00", False),
        ("Mo-Fr 08:00-17:00 unknown", False),
        ("2027 Mo-Fr 08:00-17:00", True),
        ("24/7; PH off", True),
    ],
)
def test_hours_in_which_nobody_is_ever_there(hours: str, opens: bool, tmp_path: Path) -> None:
    """No mistake, and hardly meant."""
    right = changed("    templates:\n      missed: hello\n", "")
    path = written(tmp_path, right.replace("hours: 24/7", f"hours: {hours}"))
    config.load(path)

    note = f"{path}:5:12: note: by these hours nobody is there within the next 400 days"
    assert ([] if opens else [(Severity.NOTE, note)]) == [
        told for told in config.notes(path, NOW) if "PH" not in told[1]
    ]


@pytest.mark.parametrize(
    ("country", "hours", "day"),
    [
        ("GB", "Mo-Fr 08:00-17:00; PH off", "2026-11-30"),  # Saint Andrew's Day
        ("GB\nregion: ENG", "Mo-Fr 08:00-17:00; PH off", ""),
        ("GB", "Mo-Fr 08:00-17:00", ""),
        ("GB", 'Mo-Fr 08:00-17:00 "PH by appointment"', ""),
        ("IE", "Mo-Fr 08:00-17:00; PH off", ""),
    ],
)
def test_public_holidays_of_a_part_of_the_country(country: str, hours: str, day: str, tmp_path: Path) -> None:
    """An office in England that does not say so is open on Easter Monday."""
    right = changed("hours: 24/7", f"hours: {hours}")
    path = written(tmp_path, right.replace("country: GB", f"country: {country}"))
    told = [note for _, note in config.notes(path, NOW) if "'PH' are" in note]

    others = f"its parts may have others, such as {day}: if yours has, set region (ENG, NIR, SCT, WLS)"
    note = f"{path}:1:10: note: 'PH' are the public holidays of all GB; {others}"
    assert ([note] if day else []) == told


@pytest.mark.parametrize(("country", "parts"), [("PT", 20), ("CV", 0), ("US", 0)])
def test_so_many_parts_are_listed(country: str, parts: int, tmp_path: Path) -> None:
    """Twenty at most: Cape Verde has 22 of them, and the USA 57."""
    text = changed("hours: 24/7", "hours: Mo-Fr 08:00-17:00; PH off").replace("country: GB", f"country: {country}")
    (told,) = [note for _, note in config.notes(written(tmp_path, text), NOW) if "'PH' are" in note]
    _, _, listed = told.partition("if yours has, set region")

    assert parts == len(listed.split(",")) * bool(listed)


@pytest.mark.parametrize(("country", "year"), [("AC", 2026), ("UA", 2026), ("LK", 2027)])
def test_public_holidays_that_nobody_knows(country: str, year: int, tmp_path: Path) -> None:
    """Of no country, of none of its next years; which keeps nothing from working."""
    text = changed("hours: 24/7", "hours: Mo-Fr 08:00-17:00; PH off").replace("country: GB", f"country: {country}")
    path = written(tmp_path, text)
    told = [note for _, note in config.notes(path, NOW) if "are known for" in note]

    assert [f"{path}:1:10: note: no public holidays of {country} are known for {year}: 'PH' means none"] == told


def test_a_prefix_of_the_whole_country(tmp_path: Path) -> None:
    """Whoever excludes it texts nobody."""
    text = changed("exclusions:\n", "exclusions:\n  - {label: spam, prefix: '+44'}\n")
    path = written(tmp_path, text)
    (told,) = [note for _, note in config.notes(path, NOW) if "begins with" in note]

    assert told.endswith("note: every number of GB begins with '+44': no caller from there is texted")


@pytest.mark.parametrize(
    ("hours", "rule"),
    [
        ("PH off; Mo-Fr 08:00-17:00", "PH off"),
        ('PH closed "holiday; ring"; Mo-Fr 08:00-17:00', 'PH closed "holiday; ring"'),
        ("2027 Jan 01-2027 Jan 10 off; Mo-Su 08:00-12:00", "2027 Jan 01-2027 Jan 10 off"),
        ("Mo-Fr 08:00-17:00; PH off", ""),
        ("Mo-Fr 08:00-17:00; PH off; Sa 08:00-12:00", ""),
        ("PH off, Mo-Fr 08:00-17:00", ""),
        ("PH off; Mo-Fr,PH 08:00-17:00; PH off", ""),
        ("Su off; Mo-Fr 08:00-17:00", ""),
    ],
)
def test_days_off_before_the_rule_that_undoes_them(hours: str, rule: str, tmp_path: Path) -> None:
    """The office would be open on Christmas Day."""
    told = f"'{rule}' has no effect: a later rule goes before it; remove it, or put it last"

    assert ([told] if rule else []) == noted(hours, "put it last", tmp_path)


def noted(hours: str, about: str, folder: Path) -> list[str]:
    """What is noted of hours that are right, as far as it is about this."""
    path = written(folder, changed("hours: 24/7", f"hours: '{hours}'"))
    config.load(path)
    return [note.partition("note: ")[2] for _severity, note in config.notes(path, NOW) if about in note]


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (
            "Mo-Fr 08:00-12:00; Mo-Fr 13:00-17:00",
            "on the days of 'Mo-Fr 13:00-17:00' nobody is there by 'Mo-Fr 08:00-12",
        ),
        ("Mo-Fr 08:00-12:00; Mo,Tu,Th 14:00-18:00; PH off", "on the days of 'Mo,Tu,Th 14:00-18:00' nobody is there by"),
        (
            "08:00-12:00; we 12:00 - 18:00 open",
            "on the days of 'we 12:00 - 18:00 open' nobody is there by '08:00-12:00'",
        ),
        (
            "Mo-Su 20:00-02:00; Fr,Sa 20:00-04:00",
            "'Fr,Sa 20:00-04:00' ends the night of 'Mo-Su 20:00-02:00' at midnight",
        ),
        ("Fr 20:00-02:00; Sa 20:00-02:00", "'Sa 20:00-02:00' ends the night of 'Fr 20:00-02:00' at midnight"),
        ("Mo-Fr 08:00-12:00, Mo,Tu,Th 14:00-18:00; PH off", ""),
        ("Mo-Su 20:00-02:00, Fr,Sa 20:00-04:00", ""),
        ("Mo-Fr 08:00-17:00; Fr 08:00-12:00", ""),
        ("Mo-Fr 08:00-12:00,13:00-17:00; Fr 08:00-12:00", ""),
        ("Mo-Fr 08:00-12:00,13:00-17:00; Sa 14:00-16:00", ""),
        ("Mo-Fr 08:00-12:00; Dec 24 14:00-16:00", ""),
        ("Mo-Fr 08:00-12:00; We off", ""),
        ("Mo-Fr 08:00-12:00; We off; We 14:00-18:00", ""),
        ("Mo-Fr 08:00-12:00; Mo 14:00-18:00; Mo 08:00-12:00,14:00-18:00", ""),
        ("Mo-Sa 20:00-02:00; Su off", ""),
    ],
)
def test_hours_that_take_the_place_of_others(hours: str, told: str, tmp_path: Path) -> None:
    """Whoever writes the afternoon, or the longer night, behind a semicolon means the rest too."""
    notes = noted(hours, "both hold", tmp_path)

    assert bool(told) == bool(notes)
    assert all(note.startswith(told) for note in notes)
    earlier, _, later = hours.removesuffix("; PH off").partition("; ")
    ending = f"takes the place of those before it; where both hold, write '{earlier}, {later}'"
    assert all(note.endswith(ending) for note in notes)


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (
            "owners: []",
            "owners: ['020 7234 3456', '07400 123456']",
            "6:14: note: '020 7234 3456' is no mobile (fixed line): what is told to the owner would reach nobody",
        ),
        (
            "owners: []",
            "owners: ['07400 123456', '+447400123456']",
            "6:30: note: '+447400123456' is the number '07400 123456' once more: keep one of them",
        ),
        ("text_on: [busy]", "text_on: []", "26:12: note: no outcome stands here: nobody is texted"),
        ("text_on: [busy]", "text_on: {open: [], closed: []}", "26:12: note: no outcome stands here: nobody is texted"),
    ],
)
def test_what_nobody_would_hear_of_is_noted(old: str, new: str, note: str, tmp_path: Path) -> None:
    """Each is possible, and silence or nothing more is all that would come of it."""
    path = written(tmp_path, changed(old, new))
    config.load(path)

    assert 1 == config.notes(path, NOW).count((Severity.NOTE, f"{path}:{note}"))


def test_a_did_with_outcomes_of_its_own_is_texted(tmp_path: Path) -> None:
    """Where the rules have none."""
    text = changed("text_on: [busy]", "text_on: []").replace("marks: [closed]", "text_on: [busy]")
    path = written(tmp_path, text)
    config.load(path)

    assert not [note for _severity, note in config.notes(path, NOW) if "no outcome" in note]


@pytest.mark.parametrize(("ceiling", "notes"), [(300, 0), (301, 1)])
def test_a_ceiling_beyond_what_carriers_bear_is_unwise(tmp_path: Path, ceiling: int, notes: int) -> None:
    """BT bars a SIM that texts more than 300 numbers in a day."""
    path = written(tmp_path, changed("max_per_30_days: 3", f"guards: {{ceiling: {ceiling}}}"))
    config.load(path)
    note = f"{path}:28:21: note: carriers bar a SIM that texts more than 300 numbers in a day: stay well below"

    assert notes == config.notes(path, NOW).count((Severity.NOTE, note))


def test_the_right_words_need_no_note(tmp_path: Path) -> None:
    """Where the office has none of its own, nothing is said either."""
    path = written(tmp_path, changed("    templates:\n      missed: hello\n", ""))

    assert [] == config.notes(path, NOW)


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ("Mo-Fr 08:00-17:00; SH off", "school holidays are not known, so what is behind SH never counts"),
        ("SH,PH 08:00-10:00", "school holidays are not known"),
        ("(sunrise+01:00)-sunset", "'sunrise' is not that of the sun here; dawn is 06:00"),
        ("08:00-dusk", "'dusk' is not that of the sun here"),
        ('Mo-Fr 08:00-17:00 "SH and sunrise too"', ""),
        ("Mo-Fr 08:00-17:00; PH off", ""),
    ],
)
def test_hours_that_nobody_knows_are_noted(tmp_path: Path, hours: str, message: str) -> None:
    """They are right for a map, and would silently be something else here."""
    path = written(tmp_path, changed("hours: 24/7", f"hours: '{hours}'"))
    config.load(path)
    notes = [note for _severity, note in config.notes(path, NOW) if "SH" in note or "sun" in note]

    assert bool(message) == bool(notes)
    assert all(f": note: {message}" in note for note in notes)


def test_they_are_what_opening_hours_takes_them_for() -> None:
    """The times of the note."""
    for word, hour in (("dawn", 6), ("sunrise", 7), ("sunset", 19), ("dusk", 20)):
        for month in (1, 6):
            noon = dt.datetime(2026, month, 3, 0, 30, tzinfo=dt.UTC)
            opens = opening_hours.moment(f"{word}-23:00", noon, zoneinfo.ZoneInfo("UTC"), "GB").opens
            assert (word, hour) == (word, opens and opens.hour)
