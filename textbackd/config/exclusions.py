"""What may be unwise about the exclusions in a file, at their places."""

from collections.abc import Iterator

from textbackd.config.document import Document, Problem, entries, word
from textbackd.config.wording import did_you_mean
from textbackd.core import phone_numbers
from textbackd.core.exclusions import LABELS, plain_label, plain_prefix


def notes(document: Document) -> Iterator[Problem]:
    """Labels that look misspelled, prefixes of all the country, and who stands there twice. Any label will do, but some
    also keep leads away.
    """
    country = word(document.data, "country")
    seen: dict[str, str] = {}
    for i, exclusion in entries(document.data, "exclusions"):
        label = plain_label(word(exclusion, "label"))
        if label not in LABELS and (suggestion := did_you_mean(label, LABELS)):
            yield document.problem(
                ("exclusions", i, "label"), f"'{label}' is no label that textbackd knows{suggestion}"
            )
        prefix = plain_prefix(word(exclusion, "prefix"))
        if prefix and phone_numbers.begins_all(prefix, country):
            told = f"every number of {country} begins with '{prefix}': no caller from there is texted"
            yield document.problem(("exclusions", i, "prefix"), told)
        for key in ("number", "prefix", "name"):
            if who := word(exclusion, key):
                spelling = _spelling(key, who, country)
                first = seen.setdefault(f"{key} {spelling}", label)
                if first != label:
                    message = f"this {key} is here already, labelled '{first}', and that counts"
                    yield document.problem(("exclusions", i, key), message)


def _spelling(key: str, who: str, country: str) -> str:
    """One for all of the same."""
    match key:
        case "number":
            return phone_numbers.dialled(who, country)
        case "prefix":
            return plain_prefix(who) or who
    return who.casefold()
