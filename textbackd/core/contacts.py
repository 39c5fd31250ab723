"""Lists of phone numbers as other programs write them, read into one entry a number: CSV, or vCard.

Total: whatever the bytes, there are entries or there is a sentence on what to do.
"""

import codecs
import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One phone number of a file; with an empty ``phone`` somebody who has none."""

    line: int
    """In the file, from 1."""
    phone: str
    """As it stands there."""
    name: str = ""
    label: str = ""
    """For this list: of a column named so."""
    category: str = ""
    """What the address book has it under, for purposes of its own."""


Contacts = Sequence[Contact]

_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""The byte order mark, as text."""


class UnreadableFileError(ValueError):
    """It is no such list; what to do, and the line where it was seen, if it has one."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def text_of(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16, each with or without its mark, or what Windows wrote in Western Europe.

    Where files were put together, each has brought its mark.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").replace(_MARK, "")
    if b"\0" in content[:200]:  # ASCII in 16 bits has one in every character, the high one
        return content.decode("utf-16-be" if content.startswith(b"\0") else "utf-16-le", "replace").replace(_MARK, "")
    content = content.replace(codecs.BOM_UTF8, b"")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def one_line(text: str) -> str:
    """A name on one line, without what a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
