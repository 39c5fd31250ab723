"""The shipped file and the page about it say what is true."""

import re
from pathlib import Path
from typing import Any

import yaml

from tests.config.files import written
from textbackd import config
from textbackd.config.schema import DATABASE, SECTIONS, GammuEntry, SimulatedEntry, TextOnEntry
from textbackd.core.policy import Policy

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config/textbackd.yaml"
PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")

ONLY_AN_EXAMPLE = {"phone", "owners", "templates", "dids", "exclusions", "own_numbers", "secret_file",
                   "secret_credential", "cdr_file", "mail", "webhook", "region", "trade", "callback_window", "link",
                   "emergency_number", "modem"}  # fmt: skip


def _uncommented() -> str:
    """The example with every key switched on: ``#key`` is one, ``# words`` are words."""
    return re.sub(r"^( *)#(?=[^ #\n])", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _keys_in(data: Any) -> set[str]:
    if isinstance(data, list):
        return set().union(*map(_keys_in, data))
    if isinstance(data, dict):
        return set(data).union(*map(_keys_in, data.values()))
    return set()


def _without(data: Any, keys: set[str]) -> Any:
    if isinstance(data, list):
        return [_without(entry, keys) for entry in data]
    if isinstance(data, dict):
        return {key: _without(value, keys) for key, value in data.items() if key not in keys}
    return data


def test_the_example_loads_as_it_is() -> None:
    """With nothing but defaults, and a modem that sends nothing."""
    settings = config.load(EXAMPLE)

    assert settings.policy == Policy(office=settings.policy.office)
    assert settings.database == DATABASE
    assert [modem.name for modem in settings.modems] == ["simulated"]


def test_the_example_loads_with_every_key_switched_on(tmp_path: Path) -> None:
    """But for the two other ways to give a secret; its numbers are reserved for fiction."""
    text = _uncommented().replace("fiction_numbers: false", "fiction_numbers: true")
    text = re.sub(r"^ *(secret|password)_(file|credential):.*\n", "", text, flags=re.MULTILINE)

    assert config.load(written(tmp_path, text)).policy.own_numbers


def test_every_key_is_in_the_example() -> None:
    """In a comment at least; what only a gammu modem or a FreeSWITCH has stands in the words about it, and so do the
    hours of text_on.
    """
    keys = {name for section in SECTIONS.values() for name in section.names()}
    of_gammu = set(GammuEntry.names()) - set(SimulatedEntry.names())

    assert keys - {"did_from"} - of_gammu - set(TextOnEntry.names()) - _keys_in(yaml.safe_load(_uncommented())) == set()
    words = re.search(r"^#    kind: gammu\n(#    .*\n)+", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert words is not None
    assert {key for key in of_gammu if not re.search(rf"\b{key}: ", words[0])} == set()
    assert re.search(r"#    kind: freeswitch\n(#    .*\n)+#    did_from: request", EXAMPLE.read_text(encoding="utf-8"))


def test_the_defaults_in_the_example_are_true(tmp_path: Path) -> None:
    """A key that is commented out stands at the value that it has without it."""
    with_defaults = _without(yaml.safe_load(_uncommented()), ONLY_AN_EXAMPLE)

    assert {"hours", "ping_timeout", "text_on", "contexts", "closed_contexts", "format", "sms"} <= _keys_in(
        with_defaults
    )
    assert config.load(written(tmp_path, yaml.safe_dump(with_defaults))) == config.load(EXAMPLE)


def test_every_key_is_on_the_page() -> None:
    """Each section's keys, in its table."""
    for section in SECTIONS.values():
        for name in section.names():
            assert re.search(rf"^\| (\*\*)?`{name}`", PAGE, flags=re.MULTILINE), name


def test_the_defaults_on_the_page_are_true() -> None:
    """Those of the rules, the PBX and the modem, as they would be written in the file."""
    schema = config.json_schema()["$defs"]
    of_asterisk, of_gammu = ["host", "port", "ping_interval", "ping_timeout"], ["speed", "radio_cycle"]
    for model, names in (("RulesEntry", None), ("AsteriskEntry", of_asterisk), ("GammuEntry", of_gammu)):
        for name in names or schema[model]["properties"]:
            default = schema[model]["properties"][name]["default"]
            text = str(default).replace("'", "").replace("1d", "24h") if default else "none"
            text = "false" if default is False else "see below" if isinstance(default, dict) else text
            assert text in re.findall(rf"^\| `{name}` \| `?(.*?)`? \|", PAGE, flags=re.MULTILINE), name


def test_the_account_on_the_page_is_the_one_that_is_tested() -> None:
    """The real Asterisk of the tests is given the very lines that the page recommends."""
    tested = (ROOT / "tests/lab/etc/manager.conf").read_text(encoding="utf-8")
    account = tested.partition("[textbackd]\n")[2].partition("\n\n")[0].splitlines()

    page = (ROOT / "docs" / "asterisk.md").read_text(encoding="utf-8").splitlines()

    assert len(account) >= 8
    for line in account[1:]:
        assert line in page
