"""vCards of three versions, as phones, mail programs and address books write them."""

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core import contacts, vcards


def read(*lines: str, end: str = "\r\n") -> list[tuple[int, str, str, str]]:
    """Line, phone, name and category of each number of one card with these lines."""
    text = end.join(["BEGIN:VCARD", *lines, "END:VCARD", ""])
    assert vcards.is_vcard(text)
    return [(each.line, each.phone, each.name, each.category) for each in vcards.read(text)]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(
    "line",
    [
        "TEL:+44 7700 900123",
        "TEL;CELL:+44 7700 900123",
        "TEL;TYPE=CELL,VOICE;TYPE=pref:+44 7700 900123",
        'tel;type="cell,home";pref=1:+44 7700 900123',
        "item1.TEL;type=CELL:+44 7700 900123",
        "TEL;VALUE=uri;TYPE=cell:tel:+44 7700 900123;ext=5",
        "TEL;VALUE=uri:TEL:+44%207700%20900123",
        "TEL;VALUE=uri:tel:7700 900123;phone-context=+44 ",
        "TEL;TYPE=cell:+44 7700\r\n  900123",
    ],
)
def test_a_number(line: str, end: str) -> None:
    """Of any type, in a group or not, as text or as a URI, folded or not."""
    ((at, phone, name, label),) = read("VERSION:3.0", *line.split("\r\n"), "FN:Anna Hill", end=end)

    assert (3, "+447700900123", "Anna Hill", "") == (at, phone.replace(" ", ""), name, label)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["FN:Anna Hill", "N:Other;Name"], "Anna Hill"),
        (["N:Hill;Anna;Maria;Dr;"], "Anna Hill"),
        (["N:Hill\\;Son;Anna"], "Anna Hill;Son"),
        (["ORG:Hill\\, Sons;Sales"], "Hill, Sons"),
        (["FN:Hill\\nPlumbing \\\\ Ltd"], "Hill Plumbing \\ Ltd"),
        (["FN:Anna", "  Hill"], "Anna Hill"),
        (["FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=C3=AB M=", "=C3=BCller"], "Zoë Müller"),
        (["FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Zo=EB"], "Zoë"),
        (["FN;CHARSET=klingon;QUOTED-PRINTABLE:Zo=C3=AB"], "Zoë"),
        ([], ""),
    ],
)
def test_a_name(lines: list[str], name: str) -> None:
    """As it is formatted, or else of its parts, or of the company."""
    assert name == read(*lines, "TEL:1")[0][2]


def test_the_first_category() -> None:
    """Escaped commas belong to it."""
    assert "a, b" == read("CATEGORIES:a\\, b,c", "TEL:1")[0][3]


def test_several_numbers_and_none() -> None:
    """Each number is an entry with its line, also outside of any card; a card without any is one at its beginning."""
    text = "BEGIN:VCARD\nFN:Anna\nTEL:1\nTEL:2\nEND:VCARD\n\nBEGIN:VCARD\nFN:Ben\nEND:VCARD\nTEL:3\nBEGIN:VCARD\nTEL:4"

    assert [(3, "1", "Anna"), (4, "2", "Anna"), (7, "", "Ben"), (10, "3", ""), (12, "4", "")] == [
        (each.line, each.phone, each.name) for each in vcards.read(text)
    ]


@pytest.mark.parametrize("line", ["TEL TYPE=CELL:07700 900123", "TEL;CELL 07700 900123", "item1.tel,07700 900123"])
def test_a_broken_number_is_not_passed_over(line: str) -> None:
    """The line is told as it stands."""
    assert [(3, line, "Anna", "")] == read("FN:Anna", line)


def test_a_card_within_a_card() -> None:
    """Version 2.1 has an agent's between the lines of another card, 3.0 in a property; each keeps its numbers."""
    nested = ["FN:Anna", "TEL:1", "AGENT:", "BEGIN:VCARD", "FN:Ben", "TEL:2", "END:VCARD", "TEL:3"]
    within = ["FN:Anna", "TEL:1", "AGENT:BEGIN:VCARD\\nFN:Ben\\nTEL:2\\nEND:VCARD\\n", "TEL:3"]

    assert [(7, "2", "Ben", ""), (3, "1", "Anna", ""), (9, "3", "Anna", "")] == read(*nested)
    assert [(4, "2", "Ben", ""), (3, "1", "Anna", ""), (5, "3", "Anna", "")] == read(*within)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_that_were_put_together(encoding: str) -> None:
    """Each has brought its byte order mark; also where a name in one is in an older encoding."""
    card = "BEGIN:VCARD\nFN:Zoë\nTEL:{}\nEND:VCARD\n"
    text = contacts.text_of(b"".join(card.format(n).encode(encoding) for n in (1, 2)))
    assert [("1", "Zoë"), ("2", "Zoë")] == [(each.phone, each.name) for each in vcards.read(text)]

    mixed = contacts.text_of(card.format(1).encode("latin-1") + card.format(2).encode("utf-8-sig"))
    assert ["1", "2"] == [each.phone for each in vcards.read(mixed)]


def test_a_picture_is_no_number() -> None:
    """Its lines are folded, or stand as they are and have no colon."""
    picture = ["PHOTO;ENCODING=BASE64;TYPE=JPEG:/9j/TELtel", " TEL+447700900123", "VEVMOisx", ""]

    assert [("1", "Anna")] == [(phone, name) for _, phone, name, _ in read(*picture, "TEL:1", "FN:Anna")]


PIECES = st.sampled_from(
    [
        *(
            "BEGIN:VCARD",
            "END:VCARD",
            "TEL",
            "AGENT:",
            "FN",
            "N",
            "CATEGORIES:",
            "tel:",
            "item1.",
            "+44",
            "PHOTO;ENCODING=BASE64:",
        ),
        *("QUOTED-PRINTABLE", "CHARSET=", "utf-16", "unicode_escape", "rot13", "\\ud800", "=D8=00"),
        *(";", ":", "=", "\r\n", "\n", " ", '"', "\\", "%", "\0", "é"),
    ]
)


@hypothesis.given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(lambda p: "".join(p).encode())))
def test_whatever_the_bytes_there_are_entries(content: bytes) -> None:
    """A stray file is no traceback; names and labels are on one line."""
    text = contacts.text_of(b"BEGIN:VCARD\n" + content)
    found = vcards.read(text)

    assert all(each.name.isprintable() and each.category.isprintable() for each in found)
    assert all(1 <= each.line <= text.count("\n") + text.count("\r") + 1 for each in found)
