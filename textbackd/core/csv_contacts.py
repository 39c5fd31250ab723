"""Phone numbers in a table: CSV as spreadsheets and phones export it."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from textbackd.core import csv_headings, written_numbers
from textbackd.core.contacts import Contact, Contacts, UnreadableFileError, one_line
from textbackd.core.csv_headings import Kind

_DELIMITERS = ",;\t"
_DIGITS = re.compile(r"[0-9]{3}")
"""More in a row than any heading has."""

Row = tuple[int, Sequence[str]]
"""With the line where it begins."""


def read(text: str) -> Contacts:
    """Every field of numbers in a table; a row that has none is an entry without one. Raises UnreadableFileError."""
    rows = [row for row in _rows(text) if any(row[1])]
    if rows and rows[0][1][0].casefold() == "sep=":  # so Excel is told the delimiter
        del rows[0]
    if not rows:
        raise UnreadableFileError("there is nothing in it")
    kinds = [Kind.UNKNOWN] * max(len(cells) for _, cells in rows)
    headed = _is_heading(rows[0][1], len(kinds))
    if headed:
        _, headings = rows.pop(0)
        kinds[: len(headings)] = map(csv_headings.kind, headings)
    _find_phones(kinds, rows)
    if Kind.PHONE not in kinds:
        raise UnreadableFileError(
            "no column is named number, phone or mobile, and none holds phone numbers: name it in the first line", 1
        )
    if not headed:
        _find_words(kinds, rows)
    return [contact for row in rows for contact in _of_row(row, kinds)]


def _rows(text: str) -> Iterator[Row]:
    # Quotation marks may hold line ends and delimiters; so that the first line tells, they are left aside there.
    first = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, [cell.strip() for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(f"the quotation marks of this line do not match ({error})", begins) from None


def _is_heading(cells: Sequence[str], width: int) -> bool:
    """Whether the first line names the columns: without a number, even half of one, and not alone as a title stands."""
    if any(_DIGITS.search(cell) for cell in cells) or len(list(filter(None, cells))) < min(2, width):
        return False
    return any(csv_headings.kind(cell) is not Kind.UNKNOWN for cell in cells)


def _find_phones(kinds: list[Kind], rows: Sequence[Row]) -> None:
    """Of the columns of which nothing is known those where most fields look like phone numbers; where no column is
    one of phones, that in which the most do.
    """
    looks = {
        column: sum(map(written_numbers.looks_like_numbers, _column(rows, column)))
        for column, kind in enumerate(kinds)
        if kind is Kind.UNKNOWN
    }
    for column, count in looks.items():
        if 2 * count > len(_column(rows, column)):
            kinds[column] = Kind.PHONE
    if Kind.PHONE not in kinds and any(looks.values()):
        kinds[max(looks, key=looks.__getitem__)] = Kind.PHONE


def _find_words(kinds: list[Kind], rows: Sequence[Row]) -> None:
    """Without headings, of the first three columns one that is left is the name, and the next one may be a label."""
    left = [
        column
        for column in range(min(3, len(kinds)))
        if kinds[column] is Kind.UNKNOWN and not any(_is_no_label(cell) for cell in _column(rows, column))
    ]
    for column, kind in zip(left, (Kind.NAME, Kind.CATEGORY), strict=False):
        kinds[column] = kind


def _is_no_label(cell: str) -> bool:
    return "@" in cell or written_numbers.looks_like_numbers(cell)


def _column(rows: Sequence[Row], column: int) -> Sequence[str]:
    """What is filled in."""
    return [cells[column] for _, cells in rows if column < len(cells) and cells[column]]


def _of_row(row: Row, kinds: Sequence[Kind]) -> Iterator[Contact]:
    line, cells = row
    filled = [(kind, cell) for kind, cell in zip(kinds, cells, strict=False) if cell]
    phones = [
        cell
        for kind, cell in filled
        if kind is Kind.PHONE or (kind is Kind.UNKNOWN and written_numbers.looks_like_numbers(cell))
    ]
    name = one_line(" ".join(cell for kind, cell in filled if kind is Kind.NAME))
    label = one_line(next((cell for kind, cell in filled if kind is Kind.LABEL), ""))
    categories = next((cell for kind, cell in filled if kind is Kind.CATEGORY), "")
    category = one_line(re.split("[,;]", categories)[0])
    for phone in phones or [""]:
        yield Contact(line=line, phone=phone.strip("'=\""), name=name, label=label, category=category)
