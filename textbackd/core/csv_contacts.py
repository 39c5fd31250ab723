"""Phone numbers in a table: CSV as spreadsheets and phones export it."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from textbackd.core.contacts import Contact, Contacts, UnreadableFileError, one_line

_DELIMITERS = ",;\t"
_PHONE = {"number", "numbers", "phone", "telephone", "tel", "mobile", "cell", "telefon", "mobil", "handy", "téléphone"}
_NAME = {"name", "contact", "company"}
_LABEL = {"label", "category", "categories", "group"}
_NO_PHONE = {"type", "label", "extension"}
"""Beside one of ``_PHONE``: ``Phone 1 - Type``."""
_LOOKS_LIKE_ONE = re.compile(r"['=\"]*\+?[0-9(][0-9 ().\-/]{4,}")

Row = tuple[int, Sequence[str]]
"""With the line where it begins."""


def read(text: str) -> Contacts:
    """Every number of a table; a row that has none is an entry without one. Raises UnreadableFileError."""
    rows = [row for row in _rows(text) if any(row[1])]
    if rows and rows[0][1][0].casefold() == "sep=":  # so Excel is told the delimiter
        del rows[0]
    if not rows:
        raise UnreadableFileError("there is nothing in it")
    if columns := _headed(rows[0][1]):
        return [contact for row in rows[1:] for contact in _of_row(row, *columns)]
    if (phone := _column_of_phones(rows)) is None:
        raise UnreadableFileError(
            "no column is named number, phone or mobile, and none holds phone numbers: name it in the first line", 1
        )
    others = [column for column in range(3) if column != phone]
    return [contact for row in rows for contact in _of_row(row, [phone], others[:1], others[1:2])]


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


def _headed(cells: Sequence[str]) -> tuple[list[int], list[int], list[int]] | None:
    """The columns of the numbers, of the name and of the label, where the first line names any of numbers."""
    words = [set(re.findall(r"[^\W\d_]+", cell.casefold())) for cell in cells]
    numbers = [i for i, found in enumerate(words) if found & _PHONE and not found & _NO_PHONE]
    if not numbers or any(_LOOKS_LIKE_ONE.fullmatch(cell) for cell in cells):
        return None
    names = [i for i, found in enumerate(words) if found & _NAME and i not in numbers]
    labels = [i for i, cell in enumerate(cells) if cell.casefold() in _LABEL]
    return numbers, names, labels


def _column_of_phones(rows: Sequence[Row]) -> int | None:
    """That in which the most look like phone numbers."""
    counts: dict[int, int] = {}
    for _, cells in rows:
        for column, cell in enumerate(cells):
            counts[column] = counts.get(column, 0) + (_LOOKS_LIKE_ONE.fullmatch(cell) is not None)
    best = max(counts, key=lambda column: (counts[column], -column))
    return best if counts[best] else None


def _of_row(row: Row, numbers: list[int], names: list[int], labels: list[int]) -> Iterator[Contact]:
    line, cells = row
    name = one_line(" ".join(_cells(cells, names)))
    label = one_line(next(iter(_cells(cells, labels)), ""))
    for phone in _cells(cells, numbers) or [""]:
        yield Contact(line=line, phone=phone.strip("'=\""), name=name, label=label)


def _cells(cells: Sequence[str], columns: list[int]) -> list[str]:
    return [cells[column] for column in columns if column < len(cells) and cells[column]]
