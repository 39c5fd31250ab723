"""What of a list of contacts goes onto the exclusion list, and what is refused and why. Pure and total."""

import dataclasses
import re
from collections.abc import Mapping, Sequence

from textbackd.core import contacts, csv_contacts, vcards, written_numbers
from textbackd.core.contacts import Contact, Contacts
from textbackd.core.exclusions import Exclusions, plain_label
from textbackd.core.office import Office
from textbackd.core.phone_numbers import E164

BY_CONFIGURATION = "the configuration"
"""The source of what stands there."""
_ROUNDED = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]+", re.IGNORECASE)
"""``4,47701E+11``"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A number to exclude."""

    number: E164
    label: str
    note: str
    """Who it is, as the file knows it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A number, or somebody without one, that is not taken."""

    line: int
    reason: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What becomes of a file."""

    new: Sequence[Entry]
    known: int
    """Numbers that are excluded under that label already, or stand in the file again."""
    refused: Sequence[Refusal]


def read(content: bytes, label: str | None) -> Contacts:
    """Each number of a vCard or a CSV file, whichever it is, with its label.

    ``label`` is for those that bring none; it goes before the categories of an address book, which were meant for other
    purposes. Raises UnreadableFileError.
    """
    text = contacts.text_of(content)
    found = vcards.read(text) if vcards.is_vcard(text) else csv_contacts.read(text)
    return [
        dataclasses.replace(contact, phone=phone, label=contact.label or label or contact.category)
        for contact in found
        for phone in written_numbers.split(contact.phone)
    ]


def judge(found: Contacts, known: Mapping[str, tuple[str, str]], configured: Exclusions, office: Office) -> Import:
    """Sort the contacts of a file. ``known``: number -> label and source of what is excluded by import or by hand."""
    new: dict[E164, tuple[Entry, int]] = {}
    refused: list[Refusal] = []
    repeated = 0
    in_the_configuration = {entry.number: entry.label for entry in configured.entries if entry.number}
    for contact in found:
        number, label = office.e164(contact.phone), plain_label(contact.label)
        if number is None or not label:
            refused.append(Refusal(line=contact.line, reason=_unusable(contact, number, office)))
            continue
        if number in in_the_configuration:
            there, by = in_the_configuration[number], BY_CONFIGURATION
        elif number in known:
            there, by = known[number]
        elif number in new:
            there, by = new[number][0].label, f"line {new[number][1]}"
        else:
            new[number] = Entry(number=number, label=label, note=contact.name), contact.line
            continue
        if there == label:
            repeated += 1
        else:
            refused.append(Refusal(line=contact.line, reason=f"{number} is '{there}' already, by {by}"))
    return Import(new=[entry for entry, _ in new.values()], known=repeated, refused=refused)


def _unusable(contact: Contact, number: E164 | None, office: Office) -> str:
    who = f"{contact.name}: " if contact.name else ""
    if not contact.phone:
        return f"{who}no number"
    if number is not None:
        return f"{number}: no label: give one by --label, or in a column named label"
    if _ROUNDED.fullmatch(contact.phone):
        return f"{who}a spreadsheet has rounded {contact.phone}: make the column one of text, and export it again"
    return f"{who}'{contacts.one_line(contact.phone)}' is no phone number, as it is dialled in {office.country}"
