"""What may be unwise about the exclusions in a file, at their places."""

from collections.abc import Iterator

from textbackd.config.document import Document, Problem, entries, word
from textbackd.config.wording import did_you_mean
from textbackd.core import phone_numbers
from textbackd.core.exclusions import LABELS


def notes(document: Document) -> Iterator[Problem]:
    """Labels that look misspelled, prefixes of all the country, and who stands there twice. Any label will do, but some
    also keep leads away.
    """
    country = word(document.data, "country")
    seen: dict[str, str] = {}
    for i, exclusion in entries(document.data, "exclusions"):
        label = word(exclusion, "label").casefold()
        if label not in LABELS and (suggestion := did_you_mean(label, LABELS)):
            yield document.problem(
                ("exclusions", i, "label"), f"'{label}' is no label that textbackd knows{suggestion}"
            )
        prefix = word(exclusion, "prefix")
        if prefix and phone_numbers.begins_all(prefix, country):
            told = f"every number of {country} begins with '{prefix}': no caller from there is texted"
            yield document.problem(("exclusions", i, "prefix"), told)
        for key in ("number", "prefix", "name"):
            if who := word(exclusion, key):
                spelling = phone_numbers.dialled(who, country) if key == "number" else who.casefold()
                first = seen.setdefault(f"{key} {spelling}", label)
                if first != label:
                    message = f"this {key} is here already, labelled '{first}', and that counts"
                    yield document.problem(("exclusions", i, key), message)
