"""Tables of phone numbers, as spreadsheets and phones write them."""

import contextlib
from collections.abc import Sequence

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core import contacts, csv_contacts
from textbackd.core.contacts import Contact, UnreadableFileError

ANNA, BEN = "+447700900123", "07700 900124"


def read(text: str) -> list[tuple[int, str, str, str]]:
    """Line, phone, name and label of each entry."""
    return [(each.line, each.phone, each.name, each.label) for each in csv_contacts.read(text)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("heading", ["number", "Phone", "MOBILE", "Mobile Phone", "Tel.", "Phone 1 - Value"])
def test_a_heading_names_the_columns(delimiter: str, heading: str) -> None:
    """In any order, in capitals or not, among columns that nobody needs."""
    rows = [["Label", "Age", heading, "Name"], ["crew", "40", ANNA, "Anna"], ["", "50", BEN, "Ben"]]

    assert [(2, ANNA, "Anna", "crew"), (3, BEN, "Ben", "")] == read("\n".join(map(delimiter.join, rows)))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (ANNA, (1, ANNA, "", "")),
        (f"{ANNA},Anna", (1, ANNA, "Anna", "")),
        (f"Anna;{ANNA};crew", (1, ANNA, "Anna", "crew")),
        (f"{ANNA}\tAnna\tcrew\tmore", (1, ANNA, "Anna", "crew")),
        (f'"Hill, Anna","{BEN}"', (1, BEN, "Hill, Anna", "")),
    ],
)
def test_without_a_heading_the_numbers_are_found_by_their_looks(row: str, expected: tuple[int, str, str, str]) -> None:
    """Of the columns left the first is the name, the second the label."""
    assert [expected] == read(row)


def test_several_numbers_of_one_person() -> None:
    """Each column that is headed as one is; a column of their kinds is none."""
    table = f"First Name,Last Name,Home Phone,Mobile Phone,Phone Type\nAnna,Hill,{ANNA},{BEN},work\n"

    assert [(2, ANNA, "Anna Hill", ""), (2, BEN, "Anna Hill", "")] == read(table)


def test_who_has_no_number_is_an_entry_all_the_same() -> None:
    """Somebody has to be told; an empty line is nobody."""
    assert [(2, "", "Anna", ""), (4, ANNA, "", "")] == read(f"name,number\nAnna,\n,\n,{ANNA}\n")


def test_a_row_is_found_by_the_line_where_it_begins() -> None:
    """Quotation marks may hold line ends."""
    table = f'number,name\r\n{ANNA},"Anna\r\nHill"\r\n{BEN},Ben\r\n'

    assert [(2, ANNA, "Anna Hill", ""), (4, BEN, "Ben", "")] == read(table)


@pytest.mark.parametrize("cell", [f"'{ANNA}", f'="{ANNA}"'])
def test_what_keeps_a_spreadsheet_from_counting_is_left_aside(cell: str) -> None:
    """An apostrophe, or a formula."""
    assert ANNA == read(f"number;name\n{cell};Anna\n")[0][1]


def test_excel_is_told_the_delimiter() -> None:
    """That line is no row."""
    assert [(3, ANNA, "Anna", "")] == read(f"sep=;\nnumber;name\n{ANNA};Anna\n")


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "there is nothing in it", None),
        ("\n \n", "there is nothing in it", None),
        ("first,last\nAnna,Hill\n", "no column is named number, phone or mobile", 1),
        (f'number,name\n{ANNA},Anna\n{BEN},"Ben\n', "the quotation marks of this line do not match", 3),
    ],
)
def test_what_is_no_table_of_numbers_says_what_to_do(text: str, message: str, line: int | None) -> None:
    """With its line, where there is one."""
    with pytest.raises(UnreadableFileError, match=message) as caught:
        read(text)
    assert line == caught.value.line


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_name_is_read_in_any_usual_encoding(encoding: str) -> None:
    """With a mark at its beginning or without."""
    text = contacts.text_of(f"number,name\n{ANNA},Zoë Müller\n".encode(encoding))

    assert [(2, ANNA, "Zoë Müller", "")] == read(text)


TABLES = st.text(alphabet="0123456789+,;\t\"'\n\r=ab é", max_size=200)


@hypothesis.given(st.one_of(st.binary(max_size=300), TABLES.map(str.encode), TABLES.map(lambda t: t.encode("utf-16"))))
def test_whatever_the_bytes_there_are_entries_or_a_sentence(content: bytes) -> None:
    """A stray file is no traceback; names are on one line, and lines lie within the file."""
    text = contacts.text_of(content)
    found: Sequence[Contact] = ()
    with contextlib.suppress(UnreadableFileError):
        found = csv_contacts.read(text)

    assert all(each.name.isprintable() for each in found)
    assert all(1 <= each.line <= text.count("\n") + text.count("\r") + 1 for each in found)
