"""The house as the configuration has it: its DIDs, in any spelling."""

import pytest

from tests.builders import an_office
from textbackd.core import phone_numbers
from textbackd.core.office import Did

SALES = Did(number="01632 960101", label="Sales")


@pytest.mark.parametrize("dialled", ["01632960101", "+441632960101", "00441632960101", "441632960101"])
def test_a_did_is_found_in_any_spelling(dialled: str) -> None:
    """As the carrier passes it."""
    assert SALES == an_office(dids=(SALES,)).did(dialled)


def test_a_number_that_nobody_wrote_down_is_a_plain_did() -> None:
    """As it was dialled."""
    assert Did(number="01632960199") == an_office(dids=(SALES,)).did("01632960199")


def test_of_two_entries_for_one_did_the_first_counts() -> None:
    """The configuration refuses the second."""
    assert SALES == an_office(dids=(SALES, Did(number="+441632960101", label="Other"))).did("01632960101")


def test_a_did_is_found_among_thousands_without_reading_them_all() -> None:
    """Libphonenumber needs some 30 µs for each, and every call asks."""
    office = an_office(dids=tuple(Did(number=f"0163296{at:04}") for at in range(5000)))
    before = phone_numbers.dialled.cache_info()
    office.did("01632969999")
    after = phone_numbers.dialled.cache_info()

    assert 1 == after.hits + after.misses - before.hits - before.misses
