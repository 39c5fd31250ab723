"""What is wrong, or unwise, about the texts in a file, at their places.

Looks at the plain values, as ``meaning`` does, and leaves alone what has the wrong shape, and a field that there is
not: the schema tells of those.
"""

import enum
from collections.abc import Iterator, Mapping
from typing import TypeVar

from textbackd.config.document import Document, Problem, Value, entries, word
from textbackd.core import template_fields, template_lint, templates
from textbackd.core.accents import Accents
from textbackd.core.library import Language, Trade
from textbackd.core.office import Business, Did
from textbackd.core.template_findings import Severity

E = TypeVar("E", bound=enum.StrEnum)


def notes(document: Document) -> Iterator[tuple[Severity, Problem]]:
    """What keeps a text from going out as it is written, and what callers, carriers or the law may mind.

    None of it keeps the configuration from being taken: in place of such a text another one goes out.
    """
    data = document.data
    businesses = [(i, _business(entry)) for i, entry in entries(data, "businesses") if word(entry, "name")]
    dids = [(i, _did(entry)) for i, entry in entries(data, "dids")]
    for place, finding in template_lint.lint_office(businesses, dids, word(data, "country")):
        yield finding.severity, document.problem(place, finding.message)


def _business(entry: dict[str, Value]) -> Business:
    return Business(
        name=word(entry, "name"),
        phone=word(entry, "phone"),
        trade=_one_of(Trade, word(entry, "trade")),
        language=_one_of(Language, word(entry, "language")) or Language.EN,
        accents=_one_of(Accents, word(entry, "accents")) or Accents.FOLD,
        templates=_texts(entry),
        callback_window=word(entry, "callback_window"),
        link=word(entry, "link"),
        emergency_number=word(entry, "emergency_number"),
    )


def _did(entry: dict[str, Value]) -> Did:
    return Did(
        number=word(entry, "number"),
        label=word(entry, "label"),
        business=word(entry, "business"),
        language=_one_of(Language, word(entry, "language")),
        templates=_texts(entry),
    )


def _texts(entry: dict[str, Value]) -> Mapping[str, str]:
    own = entry.get("templates")
    found = {slot: word(own, slot) for slot in templates.ALL_SLOTS}
    return {slot: text for slot, text in found.items() if text and not template_fields.problem_with(text)}


def _one_of(kind: type[E], name: str) -> E | None:
    return kind(name) if name in set(kind) else None
