"""vCards of three versions, as phones, mail programs and address books write them."""

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core import contacts, vcards


def read(*lines: str, end: str = "\r\n") -> list[tuple[int, str, str, str]]:
    """Line, phone, name and label of each number of one card with these lines."""
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


def test_the_first_category_is_the_label() -> None:
    """Escaped commas belong to it."""
    assert "a, b" == read("CATEGORIES:a\\, b,c", "TEL:1")[0][3]


def test_several_numbers_and_none() -> None:
    """Each number is an entry with its line; a card without any is one at its beginning."""
    text = "BEGIN:VCARD\nFN:Anna\nTEL:1\nTEL:2\nEND:VCARD\n\nBEGIN:VCARD\nFN:Ben\nEND:VCARD\nTEL:3\nBEGIN:VCARD\nTEL:4"

    assert [(3, "1", "Anna"), (4, "2", "Anna"), (7, "", "Ben"), (12, "4", "")] == [
        (each.line, each.phone, each.name) for each in vcards.read(text)
    ]


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

    assert all(each.name.isprintable() and each.label.isprintable() for each in found)
    assert all(1 <= each.line <= text.count("\n") + text.count("\r") + 1 for each in found)
