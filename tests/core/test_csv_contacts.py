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
    """Line, phone, name and label, or else category, of each entry."""
    return [(each.line, each.phone, each.name, each.label or each.category) for each in csv_contacts.read(text)]


def phones(text: str) -> list[str]:
    """Those of all entries."""
    return [each.phone for each in csv_contacts.read(text)]


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


@pytest.mark.parametrize(
    "headings",
    [
        "Vorname;Telefon geschäftlich;Telefon privat;Mobiltelefon",
        "Name;Phonenumber;Cellphone;Home phone",
        "Name;Handynummer;Telefonnummer;Festnetz",
        "Name;Rufnummer;Mobil;Handy",
        "Nom;Portable;Numéro;Téléphone",
        "Prénom;Tél. mobile;Téléphone (bureau);Fixe",
        "Nombre;Teléfono;Teléfono móvil;Móvil",
        "Nome;Telefono;Cellulare;Telefono abitazione",
        "Naam;Telefoon thuis;Mobiel;Telefoonnummer",
        "Nome;Telefone;Telemóvel;Celular",
        "Company;Business Phone;Assistant's Phone;Callback",
        "Name;Mobile No.;Tel. No.;Work",
    ],
)
def test_headings_of_seven_languages(headings: str) -> None:
    """All numbers of a person are taken, and whose they are is known; none becomes a label."""
    table = f"{headings}\nAnna;{ANNA};{BEN};07700 900125\nBen;;{BEN};\n"

    expected = [(2, ANNA, "Anna", ""), (2, BEN, "Anna", ""), (2, "07700 900125", "Anna", ""), (3, BEN, "Ben", "")]
    assert expected == read(table)


@pytest.mark.parametrize("heading", ["Work", "Number at work", "Ring here", "Contact no", ""])
def test_a_number_under_any_other_heading_is_taken(heading: str) -> None:
    """By its looks, also where the other fields of its column have none; a row may be longer than its headings."""
    assert [BEN] == phones(f"Name,{heading},Label\nAnna,{BEN},crew\n")
    notes = "".join(f"Anna,{ANNA},likes tea\n" for _ in range(3))
    assert [ANNA, ANNA, ANNA, ANNA, BEN] == phones(f"Name,Phone,{heading}\n{notes}Anna,{ANNA},{BEN}\n")
    assert [ANNA, BEN] == phones(f"Name,Phone\nAnna,{ANNA},{BEN}\n")


def test_of_two_columns_that_look_alike_the_first_is_that_of_phones() -> None:
    """Neither looks like one in most rows; in the first every field is told of, in the other what is a number."""
    rows = "".join(f"{name},0770,0771\n" for name in ("A", "B", "C"))

    found = phones(f"Name,Ring,Notes\nAnna,{ANNA},{BEN}\n{rows}")
    assert [ANNA, BEN, "0770", "0770", "0770"] == found


def test_what_is_wrong_in_a_column_of_numbers_is_told_of() -> None:
    """Also where only the rest of it shows what it is."""
    rows = f"A,{ANNA},{BEN}\nB,{ANNA},{BEN}\nC,{ANNA},0770\n"

    assert [ANNA, BEN, ANNA, BEN, ANNA, "0770"] == phones(f"Name,Phone,Work\n{rows}")
    assert [ANNA, BEN, ANNA, BEN, ANNA, "0770"] == phones(rows)


@pytest.mark.parametrize(
    "heading",
    [
        *("Customer number", "Government ID Number", "Kundennummer", "Numéro client", "Zip", "Birthday"),
        *("Phone 1 - Type", "CEP do endereço comercial", "CPF", "Numéro d'identification", "Organisationsnr."),
        *("Organisations-Nr.", "Regierungs-Nr.", "Número de identificación", "P.IVA", "Partita IVA", "BSN", "NIF"),
        *("N° de sécurité sociale", "Codice fiscale", "Contribuinte", "AHV-Nr.", "Steuernummer"),
    ],
)
def test_other_numbers_are_no_phones(heading: str) -> None:
    """By their heading, whatever they look like."""
    assert [ANNA] == phones(f"Name,{heading},Mobile\nAnna,2079460099,{ANNA}\n")


@pytest.mark.parametrize(
    "cell", ["1980-01-01", "21.11.2026", "12345", "12 Hill Road, 10115", "a1b2c3d4e5f6g7", "x@1234567.org"]
)
def test_what_has_not_the_shape_of_a_number_is_none(cell: str) -> None:
    """In a column of which nobody says what it holds."""
    assert [ANNA] == phones(f"Name;What;Mobile\nAnna;{cell};{ANNA}\n")


@pytest.mark.parametrize("heading", ["Categories", "Kategorien", "Catégories", "Group"])
def test_categories_were_meant_for_other_purposes(heading: str) -> None:
    """So they are no labels, but may stand in for one; the first of them."""
    (found,) = csv_contacts.read(f"Name,Mobile,{heading}\nAnna,{ANNA},Red Category;Personal\n")

    assert ("", "Red Category") == (found.label, found.category)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (f"Anna,{ANNA},{BEN}\nBen,{BEN},\n", [(ANNA, "Anna", ""), (BEN, "Anna", ""), (BEN, "Ben", "")]),
        (f"Anna,{ANNA},anna@example.org\nBen,{BEN},\n", [(ANNA, "Anna", ""), (BEN, "Ben", "")]),
        (f"Anna,{ANNA},crew\nBen,{BEN},{ANNA}\n", [(ANNA, "Anna", ""), (BEN, "Ben", ""), (ANNA, "Ben", "")]),
    ],
)
def test_without_a_heading_no_number_and_no_address_is_a_label(
    table: str, expected: list[tuple[str, str, str]]
) -> None:
    """Every number is taken, in whatever column."""
    assert expected == [(phone, name, label) for _, phone, name, label in read(table)]


@pytest.mark.parametrize("number", ["101", "0791O 123456"])
def test_a_first_row_with_a_wrong_number_is_no_heading(number: str) -> None:
    """Whatever its words: it is told of."""
    assert (1, number, "Hill Company", "") in read(f"Hill Company,{number}\nAnna,{ANNA}\n")


def test_a_title_is_no_heading() -> None:
    """It stands alone in its line; columns are then found by their looks."""
    table = f"Phone list,,\nName,Group,Phone\nAnna,crew,{ANNA}\n"

    assert [(1, "", "Phone list", ""), (2, "Phone", "Name", "Group"), (3, ANNA, "Anna", "crew")] == read(table)


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


CELL = st.sampled_from([ANNA, BEN, "020 7946 0018", "Anna", "1980-01-01", "x@example.org", "7", ""])
HEADING = st.sampled_from(["Mobile", "Work", "Ring", "Nummer", "Telefon 2", "Notes", ""])


@hypothesis.given(st.data(), st.integers(1, 5), st.booleans())
def test_no_number_is_lost(data: st.DataObject, width: int, headed: bool) -> None:
    """Whatever the columns are called, and whatever else stands in them, each is told, and nothing of it is a label."""
    cells = st.lists(CELL, min_size=width, max_size=width)
    rows = data.draw(st.lists(cells, min_size=1, max_size=5))
    headings = [data.draw(st.lists(HEADING, min_size=width, max_size=width))] if headed else []
    numbers = [cell for row in rows for cell in row if cell in (ANNA, BEN, "020 7946 0018")]
    hypothesis.assume(numbers)

    found = csv_contacts.read("\n".join(";".join(row) for row in [*headings, *rows]))

    assert numbers == [each.phone for each in found if each.phone in numbers]
    assert {each.label + each.category for each in found}.isdisjoint({*numbers, "x@example.org"})


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
