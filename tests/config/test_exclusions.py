"""What ``check`` says of exclusions that are right and may yet be unwise."""

from pathlib import Path

import pytest

from tests.builders import NOON
from tests.config.files import RIGHT, written
from textbackd import config

ENTRY = "  - {label: crew, prefix: '+44163296'}\n"
LINE = RIGHT[: RIGHT.index(ENTRY)].count("\n") + 1


@pytest.mark.parametrize(
    ("entries", "notes"),
    [
        (
            ("famly", "number: 07400 123456"),
            [(0, "13: note: 'famly' is no label that textbackd knows; did you mean 'family'?")],
        ),
        (
            ("Suppliers", "name: Hill"),
            [(0, "13: note: 'suppliers' is no label that textbackd knows; did you mean 'supplier'?")],
        ),
        (("family", "number: 07400 123456"), []),
        (("FAMILY", "number: 07400 123456"), []),
        (("press", "number: 07400 123456"), []),
        (
            ("vip", "number: 07400 123456", "crew", "number: '+447400123456'"),
            [(1, "27: note: this number is here already, labelled 'vip', and that counts")],
        ),
        (
            ("vip", "name: Hill", "crew", "name: HILL"),
            [(1, "25: note: this name is here already, labelled 'vip', and that counts")],
        ),
        (("crew", "prefix: '+4474'", "crew", "prefix: '+4474'"), []),
        (
            ("crew", "prefix: '+4474'", "vip", "prefix: '0044 7-4'"),
            [(1, "26: note: this prefix is here already, labelled 'crew', and that counts")],
        ),
        (
            ("vip", "prefix: '+4 4'"),
            [(0, "26: note: every number of GB begins with '+44': no caller from there is texted")],
        ),
        (("crew", "prefix: '+4474'", "vip", "name: '+4474'"), []),
    ],
)
def test_what_is_unwise_about_exclusions(
    tmp_path: Path, entries: tuple[str, ...], notes: list[tuple[int, str]]
) -> None:
    """A label that is misspelled makes leads of the family; of two labels for one number nobody knows which counts."""
    pairs = zip(entries[::2], entries[1::2], strict=True)
    text = "".join(f"  - {{label: {label}, {who}}}\n" for label, who in pairs)
    path = written(tmp_path, RIGHT.replace(ENTRY, text))
    config.load(path)
    expected = [f"{path}:{LINE + line}:{note}" for line, note in notes]

    assert expected == [
        note for _severity, note in config.notes(path, NOON) if ":8:" not in note
    ]  # that is of the template
