"""Numbers in spellings that their plan has given up, and those that only look so."""

import dataclasses

import phonenumbers
import pytest

from tests.builders import an_office
from textbackd.core import contact_import, phone_numbers
from textbackd.core.exclusions import Exclusions

MOBILE = "+525543218765"


@pytest.mark.parametrize(
    ("shown", "country"),
    [
        ("+52 1 55 4321 8765", "MX"),
        ("+5215543218765", "GB"),
        ("5215543218765", "MX"),
        ("0052 1 55 4321 8765", "MX"),
        ("011 52 1 55 4321 8765", "US"),
        ("044 55 4321 8765", "MX"),
        ("045 55 4321 8765", "MX"),
        ("01 55 4321 8765", "MX"),
        ("01 (55) 4321-8765", "MX"),
        ("+52 044 55 4321 8765", "MX"),
        ("+52 01 55 4321 8765", "US"),
        ("55 4321 8765", "MX"),
    ],
)
def test_what_mexico_dialled_until_2019(shown: str, country: str) -> None:
    """Carriers still show it, and address books keep it: it is the ten digits alone now."""
    assert MOBILE == phone_numbers.e164(shown, country)
    assert MOBILE == phone_numbers.called(shown, country)


@pytest.mark.parametrize("shown", ["+55 31 8765-4321", "553187654321", "00553187654321", "+553187654321"])
def test_a_mobile_of_brazil_without_its_ninth_digit(shown: str) -> None:
    """As messengers have kept it."""
    assert "+5531987654321" == phone_numbers.e164(shown, "BR")


@pytest.mark.parametrize(
    ("shown", "country"),
    [
        ("12135550123", "MX"),
        ("16144661234", "MX"),
        ("1 55 4321 8765", "MX"),
        ("447911123456", "MX"),
        ("044 55 4321 876", "MX"),
        ("044 55 4321 8765", "US"),
        ("+52 1 11 1111 1111", "MX"),
        ("4961234567", "BR"),
        ("31 8765-4321", "BR"),
    ],
)
def test_what_was_never_dialled_so_is_no_number(shown: str, country: str) -> None:
    """Foreign numbers whose plus is missing, too few digits, another country, and what no plan has."""
    assert None is phone_numbers.e164(shown, country)


@pytest.mark.parametrize("country", ["MX", "BR", "GB"])
def test_no_number_of_any_plan_of_today_is_another_one(country: str) -> None:
    """What they have given up is looked for behind all that they have."""
    examples = [
        phonenumbers.example_number_for_type(region, kind)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in phonenumbers.PhoneNumberType.values()
    ]
    numbers = [
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for example in examples
        if example is not None and phonenumbers.is_valid_number(example)
    ]

    assert numbers
    assert numbers == [phone_numbers.e164(number, country) for number in numbers]


def test_an_address_book_of_before_protects_the_family() -> None:
    """However a number was kept there."""
    table = "name,number\nAna,+52 1 55 4321 8765\nEva,044 55 4321 8766\nLuz,01 55 4321 8767 ::: 045 55 4321 8768\n"
    found = contact_import.read(table.encode(), "family")
    done = contact_import.judge(found, {}, Exclusions(), dataclasses.replace(an_office(), country="MX"))

    assert [f"+52554321876{digit}" for digit in "5678"] == [entry.number for entry in done.new]
    assert [] == done.refused
