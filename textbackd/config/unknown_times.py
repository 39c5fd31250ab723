"""Times in hours that are right in OpenStreetMap's language and that this office's calendar and clock do not know.

Looks at the plain values, as ``meaning`` does.
"""

import re
from collections.abc import Iterator

from textbackd.config.document import Document, Problem, entries, word
from textbackd.core import opening_hours

_SCHOOL_HOLIDAYS = re.compile(r"\bSH\b")
_SUN = re.compile(r"\b(?:dawn|sunrise|sunset|dusk)\b")


def notes(document: Document) -> Iterator[Problem]:
    """What will not come to pass as it is written."""
    for section in ("businesses", "dids"):
        for i, entry in entries(document.data, section):
            hours = opening_hours.without_comments(word(entry, "hours"))
            if _SCHOOL_HOLIDAYS.search(hours):
                yield document.problem(
                    (section, i, "hours"),
                    "school holidays are not known, so what is behind SH never counts: write their days",
                )
            if sun := _SUN.search(hours):
                # opening-hours-py, without coordinates.
                fixed = "dawn is 06:00, sunrise 07:00, sunset 19:00 and dusk 20:00 all year: write the time"
                yield document.problem((section, i, "hours"), f"'{sun[0]}' is not that of the sun here; {fixed}")
