"""What people and phones write into a field of phone numbers."""

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core import written_numbers

ANNA, BEN = "07700 900123", "+44 7700 900124"


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        (f"{ANNA} ::: {BEN}", [ANNA, BEN]),
        (f"{ANNA} / {BEN}", [ANNA, BEN]),
        (f"{ANNA}/{ANNA}", [ANNA, ANNA]),
        (f"{ANNA};{BEN}", [ANNA, BEN]),
        (f"{ANNA}, {BEN}", [ANNA, BEN]),
        ("07700900123,07700900124", ["07700900123", "07700900124"]),
        (f"{ANNA} - {BEN}", [ANNA, BEN]),
        (f"{ANNA}\n{BEN}", [ANNA, BEN]),
        (f"{ANNA} or {BEN}", [ANNA, BEN]),
        ("202 555 0123/202 555 0124", ["202 555 0123", "202 555 0124"]),
    ],
)
def test_several_numbers(field: str, numbers: list[str]) -> None:
    """However they are set apart."""
    assert numbers == written_numbers.split(field)


@pytest.mark.parametrize("between", [";", ",", ", ", "; ", ",,", " / ", "/", " - "])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("030 1234", "030 5678"),
        ("030/1234", "030/5678"),
        ("06221-5432", "06221.9876"),
        ("01 515", "01 516"),
        ("06 1234", "06 5678"),
        ("01515", "01516"),
    ],
)
def test_of_two_short_numbers_the_second_is_no_extension(first: str, second: str, between: str) -> None:
    """What is left of it would make the first a stranger's, and whoever has the second would be passed over."""
    assert [first, second] == written_numbers.split(first + between + second)


def test_what_is_left_on_either_side_of_an_extension_is_not_one_number() -> None:
    """It is told of by itself."""
    assert ["030 1234", "5678"] == written_numbers.split("030 1234;030  5678")


@pytest.mark.parametrize(
    "number",
    [
        *("0171/1234567", "+49 (0)33234/12345", "(020) 7946-0018", "(+44) 20.7946.0018", "101", ""),
        *("+43 664/0123456", "+39 347/0123456", "+32 475/01 23 45", "+46 (0)70/012 34 56", "+353 86/012 3456"),
        *("0475/12/03/45", "02/345/06/78", "01/23/45/06/78", "06 - 12 - 34 - 05 - 67", "07911/0123481"),
    ],
)
def test_one_number(number: str) -> None:
    """A stroke may stand behind the area code."""
    assert [number] == written_numbers.split(number)


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        ("01 5151515 DW 5 0664 1234567", ["01 5151515", "0664 1234567"]),
        ("06 12345678 int. 3 333 1234567", ["06 12345678", "333 1234567"]),
        ("07911 123481 ext 5 07911 123482", ["07911 123481", "07911 123482"]),
        ("07700 900123 x12 07700 900124", ["07700 900123", "07700 900124"]),
        ("01632 960101 ext 12-14", ["01632 960101", "14"]),
    ],
)
def test_an_extension_is_no_part_of_the_number_behind_it(field: str, numbers: list[str]) -> None:
    """Its digit before that would make it a stranger's."""
    assert numbers == written_numbers.split(field)


@pytest.mark.parametrize(
    "behind",
    [
        *(
            " ext. 5",
            "ext5",
            " extension 12",
            " x12",
            " x 12",
            ";ext=55",
            " #12",
            " Durchwahl 5",
            " poste 5",
            " int. 5",
        ),
        *(",,123#", ",5", ";123", "p123", " (home)", " mobile", " (mum's)"),
    ],
)
def test_what_stands_behind_a_number(behind: str) -> None:
    """Extensions, what a phone dials later, and remarks are no part of it."""
    assert [BEN] == written_numbers.split(BEN + behind)
    assert [ANNA] == written_numbers.split(f"Mobile: {ANNA}{behind}")


@pytest.mark.parametrize(
    "field",
    [
        "\u202a+44\u00a07700\u202f900124\u202c",
        "\ufeff+44\u20097700 900124",
        "\uff0b\uff14\uff14 7700 900124",
        "+44 7700 90012\u0664",
    ],
)
def test_in_other_characters(field: str) -> None:
    """What nobody sees goes; blanks and digits of any kind become plain ones."""
    assert [BEN] == written_numbers.split(field)


def test_hyphens_of_any_kind() -> None:
    """Apple's do not break."""
    assert ["+44-7700-900-124"] == written_numbers.split("+44\u20117700\u2013900\u2010124")


@pytest.mark.parametrize(
    "field",
    [
        *("4.47911E+11", "4,47701E+11", "0800-FLOWERS", "AB123456C", "my aunt", "*67 07700 900123"),
        *("12 High Street", "12 High Street 5", "07700 900123 900124"),
    ],
)
def test_what_is_no_number_stays_whole(field: str) -> None:
    """So that it is told as it stands."""
    assert [field] == written_numbers.split(field)


def test_half_a_number_hides_behind_no_other() -> None:
    """It is told of too."""
    assert [f"{ANNA} or O7700900124"] == written_numbers.split(f"{ANNA} or O7700900124")
    assert [ANNA, "124"] == written_numbers.split(f"{ANNA} or 124")


@hypothesis.given(st.text(alphabet="0123456789+()-./ ,;:x#eE\u00a0\u202a", max_size=40))
def test_whatever_the_text_there_is_a_number_at_least(text: str) -> None:
    """Without characters that nobody sees; what was split once is not split again."""
    numbers = written_numbers.split(text)

    assert numbers
    assert "\u202a" not in "".join(numbers)
    assert all([number] == written_numbers.split(number) for number in numbers)
