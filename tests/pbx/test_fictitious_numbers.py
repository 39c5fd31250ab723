"""What stands for a number is written alike and of its kind, and is nobody's where the plan allows it."""

import random
import re
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pbx.anonymity import CLOSED, NUMBERS
from textbackd.core import phone_numbers
from textbackd.pbx.fictitious_numbers import FictitiousNumbers


def numbers(country: str = "GB", seed: int = 1, **values: Any) -> FictitiousNumbers:
    return FictitiousNumbers(country, draw=random.Random(seed), **values)


SPELLINGS = ["+447911123456", "00447911123456", "447911123456", "07911123456", "07911 123-456", "907911123456"]
SPELT = r"\+44X|0044X|44X|0X|0\d{4} \d{3}-\d{3}|90X".replace("X", r"\d{10}").split("|")


def test_a_number_is_one_number_in_all_its_spellings() -> None:
    """With its prefixes, its dots and dashes, and with what the PBX dials for a line outside."""
    stand_ins = numbers()
    new = [stand_ins.instead_of(spelling) for spelling in SPELLINGS]

    assert all(re.fullmatch(spelt, spelled) for spelt, spelled in zip(SPELT, new, strict=True))
    assert 1 == len({re.sub(r"\D", "", spelled)[-10:] for spelled in new})
    assert {"+447911123456"} == stand_ins.met


@pytest.mark.parametrize("spelling", ["4915123456789", "004915123456789", "9004915123456789"])
def test_a_number_of_another_country_needs_no_plus(spelling: str) -> None:
    """Many carriers show none."""
    stand_ins = numbers("US")
    new = stand_ins.instead_of("+4915123456789").removeprefix("+49")

    assert spelling.replace("15123456789", new) == stand_ins.instead_of(spelling)


def test_an_extension_is_no_number_of_a_far_country() -> None:
    """+683 4000 is in Niue; 6834000 would keep three of its digits."""
    stand_ins = numbers()
    stand_ins.instead_of("6834000")

    assert {"6834000"} == stand_ins.met


def test_what_the_pbx_puts_before_a_number_stays() -> None:
    """Also where it is nothing usual."""
    stand_ins = numbers(strip=("77",))
    bare = stand_ins.instead_of("07400123456")

    assert f"77{bare}" == stand_ins.instead_of("7707400123456")


@pytest.mark.parametrize(
    ("number", "reserved"),
    [
        ("07400123456", r"07700900\d{3}"),
        ("07700900123", r"07700900\d{3}"),
        ("01132345678", r"01632960\d{3}"),
        ("08001111111", r"08081570\d{3}"),
        ("+12125550123", r"\+1[2-9]\d{2}55501\d{2}"),
        ("+14163456789", r"\+1[2-9]\d{2}55501\d{2}"),
    ],
)
def test_nobodys_number_stands_where_the_plan_reserves_some(number: str, reserved: str) -> None:
    """A mobile for a mobile, a Canadian for a Canadian."""
    stand_ins = numbers()
    new = stand_ins.instead_of(number)

    assert re.fullmatch(reserved, new)
    assert phone_numbers.e164(new, "GB", fiction=True)
    assert 0 == stand_ins.invented
    if number.startswith("+1"):
        assert kind(number) == kind(new)


@pytest.mark.parametrize("number", ["+4915123456789", "+33612345678", "+393401234567", "+4313456789", "+80012345678"])
def test_elsewhere_a_number_of_the_same_country_and_type_is_invented(number: str) -> None:
    """And counted, since it may be somebody's."""
    stand_ins = numbers()
    new = stand_ins.instead_of(number)

    assert number != new
    assert (kind(number), len(number)) == (kind(new), len(new))
    assert 1 == stand_ins.invented


def kind(number: str) -> tuple[str | None, int]:
    parsed = phonenumbers.parse(number)
    return phonenumbers.region_code_for_number(parsed), phonenumbers.number_type(parsed)


def test_reserved_numbers_run_out() -> None:
    """There are a thousand mobiles; then come the others of the plan. No two numbers become one."""
    stand_ins = numbers()
    new = {stand_ins.instead_of(f"07400{n:06}") for n in range(0, 6000, 3)}

    assert 2000 == len(new)
    assert all(phone_numbers.e164(number, "GB", fiction=True) for number in new)
    assert 900 < sum(number.startswith("07700900") for number in new) <= 1000
    assert 0 == stand_ins.invented


def test_extensions_stay_apart() -> None:
    """All at once: still of as many digits, and no two alike."""
    stand_ins = numbers()
    new = {stand_ins.instead_of(str(n)) for n in range(1000)}
    three_digits = {extension for extension in new if re.fullmatch(r"[1-9]\d{2}", extension)}

    assert (1000, 900) == (len(new), len(three_digits))


def test_what_was_met_in_the_stream_does_not_come_out() -> None:
    """Else a reader could not tell a stand-in from a leak."""
    met = {f"+44770090{n:04}" for n in range(990)} | {str(n) for n in range(100, 990)}
    stand_ins = numbers(avoid=frozenset(met))

    assert not met & {stand_ins.instead_of("+447700900123"), stand_ins.instead_of("101")}


def test_a_number_that_is_kept_for_closed_ones_stands_for_no_other() -> None:
    """Else an open number would be closed where the stream is replayed."""
    stand_ins = numbers(stand_ins=CLOSED)

    assert not {stand_ins.instead_of(f"01632960{n:03}") for n in range(900)} & {f"0{n[3:]}" for n in CLOSED}


COUNTRIES = st.sampled_from(["GB", "US", "DE", "AT", "FR", "IT", "AR", "CH"])


@given(COUNTRIES, st.lists(NUMBERS, max_size=8, unique=True), st.integers())
def test_a_number_stays_a_number_and_nothing_else_becomes_one(country: str, texts: list[str], seed: int) -> None:
    """What a text could be sent to is decided as before, and callers who were different are."""
    stand_ins = numbers(country, seed)

    def called(text: str) -> str | None:
        return phone_numbers.e164(text, country, fiction=True)

    new = [stand_ins.instead_of(text) for text in texts]

    assert [called(text) is not None for text in texts] == [called(text) is not None for text in new]
    for i, text in enumerate(texts):
        for j, other in enumerate(texts[:i]):
            if called(text) is not None:
                assert (called(text) == called(other)) == (called(new[i]) == called(new[j]))
        if len(re.sub(r"\D", "", text).lstrip("0")) > 4:
            assert text != new[i]
