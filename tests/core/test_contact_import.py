"""What of a file goes onto the exclusion list, and what is refused and why."""

import contextlib
import dataclasses

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER, an_office
from textbackd.core import contact_import
from textbackd.core.contact_import import Entry, Import
from textbackd.core.contacts import Contact, UnreadableFileError
from textbackd.core.exclusions import Exclusion, Exclusions
from textbackd.core.phone_numbers import E164

BOB = E164("+447700900456")
OFFICE = an_office()
NOBODY = Exclusions()


def contact(phone: str = CALLER, label: str = "crew", line: int = 1, name: str = "") -> Contact:
    return Contact(line=line, phone=phone, name=name, label=label)


def judged(*found: Contact, known: dict[str, tuple[str, str]] | None = None, configured: Exclusions = NOBODY) -> Import:
    return contact_import.judge(found, known or {}, configured, OFFICE)


def refusals(done: Import) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.reason) for refusal in done.refused]


@pytest.mark.parametrize("phone", ["+447700900123", "07700 900123", "0044 7700-900123", "447700900123", "7700900123"])
def test_a_number_in_any_spelling(phone: str) -> None:
    """As it is dialled in the office's country, also where a spreadsheet took its zero or its plus."""
    done = judged(contact(phone, label="Crew", name="Anna"))

    assert [Entry(number=CALLER, label="crew", note="Anna")] == list(done.new)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (contact("", name="Anna"), "Anna: no number"),
        (contact("", label=""), "no number"),
        (contact("101", name="Anna"), "Anna: '101' is no phone number, as it is dialled in GB"),
        (contact("01632\x1b[31m"), "'01632 [31m' is no phone number, as it is dialled in GB"),
        (contact("4,47701E+11"), "a spreadsheet has rounded 4,47701E+11: make the column one of text, and export it"),
        (contact(label=""), f"{CALLER}: no label: give one by --label, or in a column named label"),
    ],
)
def test_what_is_refused_says_why(found: Contact, reason: str) -> None:
    """And what to do, on one line."""
    ((line, told),) = refusals(judged(found))

    assert line == 1
    assert told.startswith(reason)
    assert told.isprintable()


@pytest.mark.parametrize(
    ("field", "country", "numbers"),
    [
        ("030 1234;030 5678", "DE", ["+49301234", "+49305678"]),
        ("06221 5432,06221 9876", "DE", ["+4962215432", "+4962219876"]),
        ("01 515,01 516", "AT", []),
        ("06 1234;06 5678", "IT", ["+39061234", "+39065678"]),
        ("07700 900123 900124", "GB", []),
    ],
)
def test_two_short_numbers_of_one_field(field: str, country: str, numbers: list[str]) -> None:
    """Each is taken or told of; what they might be together is a stranger's."""
    found = contact_import.read(f'number\n"{field}"\n'.encode(), "crew")
    done = contact_import.judge(found, {}, NOBODY, dataclasses.replace(OFFICE, country=country))

    assert numbers == [entry.number for entry in done.new]
    assert numbers or refusals(done)


def test_a_number_that_is_excluded_already() -> None:
    """Under the same label it is known; under another one that stays, and who put it there is told."""
    twice = [contact(), contact(line=2), contact(line=3, label="spam")]
    assert (1, [(3, f"{CALLER} is 'crew' already, by line 1")]) == (
        judged(*twice).known,
        refusals(judged(*twice)),
    )
    by_hand = judged(contact(), contact(BOB), known={CALLER: ("crew", "hand"), BOB: ("spam", "hand")})
    assert (1, [(1, f"{BOB} is 'spam' already, by hand")]) == (by_hand.known, refusals(by_hand))
    configured = Exclusions([Exclusion(label="crew", number=CALLER), Exclusion(label="vip", number=BOB)])
    in_the_file = judged(contact(), contact(BOB), configured=configured)
    assert (1, [(1, f"{BOB} is 'vip' already, by the configuration")]) == (in_the_file.known, refusals(in_the_file))


def test_a_label_is_for_those_of_a_table_that_have_none() -> None:
    """It goes before the categories of an address book, which were meant for other purposes."""
    table = contact_import.read(f"number,label\n{CALLER},spam\n{BOB},\n".encode(), "crew")
    card = f"BEGIN:VCARD\nTEL:{CALLER}\nCATEGORIES:Friends\nEND:VCARD\n".encode()

    outlook = f"Mobile Phone,Categories\n{CALLER},Red\n".encode()

    assert ["spam", "crew"] == [each.label for each in table]
    assert ["crew"] == [each.label for each in contact_import.read(outlook, "crew")]
    assert ["Red"] == [each.label for each in contact_import.read(outlook, None)]
    assert ["crew"] == [each.label for each in contact_import.read(card, "crew")]
    assert ["Friends"] == [each.label for each in contact_import.read(card, None)]


def test_each_number_of_a_field_is_one() -> None:
    """Under the name and label of its row."""
    found = contact_import.read(f"name,number\nAnna,{CALLER} ::: {BOB}\nBen,\n".encode(), "crew")

    expected = [(2, CALLER, "Anna", "crew"), (2, BOB, "Anna", "crew"), (3, "", "Ben", "crew")]
    assert expected == [(each.line, each.phone, each.name, each.label) for each in found]


CONTACTS = st.lists(
    st.builds(
        Contact,
        line=st.integers(1, 9),
        phone=st.sampled_from([CALLER, "07700900123", BOB, "", "101", "4E9"]),
        name=st.sampled_from(["", "Anna"]),
        label=st.sampled_from(["", "crew", "Crew", "spam"]),
    ),
    max_size=12,
)


@hypothesis.given(CONTACTS)
def test_each_contact_is_new_known_or_refused(found: list[Contact]) -> None:
    """None is lost, none is there twice, and a second import of the same knows all that the first one took."""
    done = judged(*found)
    assert len(found) == len(done.new) + done.known + len(done.refused)
    numbers = [entry.number for entry in done.new]
    assert sorted(set(numbers)) == sorted(numbers)

    again = judged(*found, known={entry.number: (entry.label, "a.csv") for entry in done.new})
    assert ([], len(done.new) + done.known) == (list(again.new), again.known)


@hypothesis.given(st.binary(max_size=400))
def test_whatever_the_bytes_there_is_a_report_or_a_sentence(content: bytes) -> None:
    """Never a traceback."""
    with contextlib.suppress(UnreadableFileError):
        judged(*contact_import.read(content, "crew"))
