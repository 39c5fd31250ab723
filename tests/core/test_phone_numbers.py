"""Caller IDs as the PBX shows them, and the numbers that a text can be sent to."""

import itertools

import hypothesis
import phonenumbers
import pytest
from hypothesis import strategies as st

from textbackd.core import phone_numbers


@pytest.mark.parametrize("shown", ["+447700900123", "00447700900123", "07700900123", "07700 900 123", "(07700) 900123"])
def test_every_spelling_of_a_number_is_one_number(shown: str) -> None:
    """The forms in which carriers pass it (h01-h03)."""
    assert phone_numbers.e164(shown, "GB", fiction=True) == "+447700900123"


@pytest.mark.parametrize(
    ("country", "shown", "number"),
    [
        ("MF", "0612345678", "+33612345678"),
        ("GP", "06 96 20 12 34", "+596696201234"),
        ("FR", "0690301235", "+590690301235"),
        ("FR", "0612345678", "+33612345678"),
        ("RE", "0692123456", "+262692123456"),
        ("RE", "0590 27 12 34", "+590590271234"),
        ("MF", "0690 22 33 44", "+590690223344"),
        ("GB", "0612345678", None),
    ],
)
def test_france_and_its_departments_overseas_dial_one_plan(country: str, shown: str, number: str | None) -> None:
    """Ten digits, whoever has them."""
    assert number == phone_numbers.e164(shown, country)


@pytest.mark.parametrize(
    "shown",
    [
        "tel:+447700900123",
        "sip:+447700900123@carrier.example",
        "SIPS:07700900123@carrier.example;user=phone",
        "<07700900123>",
        '"Bob" <07700900123>',
        '"Bob" <sip:+447700900123@192.0.2.1:5060;user=phone>;tag=9',
        "(+44)7700900123",
        "++447700900123",
        "+00447700900123",
        "07700900123;ext=1",
        "07700 900123 x 9",
        "07700900123 ext. 9",
        "07700900123,",
        "07700900123,12",
        "07700900123#",
        "07700\u00a0900123",
        "07700\u2013900\u2011123",
        "\t07700900123\n",
        '"07700900123"',
        "'07700900123'",
        "sip:+447700900123:5060@carrier.example",
        "sip:%2B447700900123@carrier.example",
        "%2b447700900123",
        "\u202d07700 900123\u202c",
        "０７７００９００１２３",
        "+07700900123",
        "+ (0)7700900123",
        '"O\'Brien, <Bob>" <sip:07700900123@carrier.example>',
    ],
)
def test_what_stands_around_a_number_is_left_out(shown: str) -> None:
    """URIs, names, quotes, extensions, what nobody sees, and spaces, dashes and digits that are not ASCII's."""
    assert phone_numbers.e164(shown, "GB", fiction=True) == "+447700900123"


@pytest.mark.parametrize(
    "shown", ["+44770+0900123", "07700900123p1", "sip:bob@carrier.example", "<", "07700x900123", "x12"]
)
def test_not_everything_around_digits_is_left_out(shown: str) -> None:
    """What nobody understands is no number."""
    assert phone_numbers.e164(shown, "GB", fiction=True) is None


@pytest.mark.parametrize(
    ("shown", "country", "expected"),
    [
        ("4915112345678", "DE", "+4915112345678"),
        ("4930123456", "DE", "+4930123456"),
        ("04915 123456", "DE", "+494915123456"),
        ("436641234567", "AT", "+436641234567"),
        ("62812345678", "ID", "+62812345678"),
        ("38343201234", "XK", "+38343201234"),
        ("3931234567", "IT", "+393931234567"),
        ("00447400123456", "US", "+447400123456"),
    ],
)
def test_a_plus_that_is_missing(shown: str, country: str, expected: str) -> None:
    """The country's code goes before an area of the same digits that needs a 0, but not before a mobile."""
    assert expected == phone_numbers.e164(shown, country)


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_form_of_the_examples_of_every_plan(country: str) -> None:
    """Of each kind of number: with +, with 00, without either, and as it is dialled at home."""
    wrong = {}
    for kind in phonenumbers.PhoneNumberType.values():
        example = phonenumbers.example_number_for_type(country, kind)
        if example is None or not phonenumbers.is_valid_number(example):
            continue
        expected = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        at_home = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
        for shown in (expected, f"00{expected[1:]}", expected[1:], at_home):
            if (found := phone_numbers.e164(shown, country)) != expected:
                wrong[shown] = found
    # A number of Vietnam's that only companies have (1992000) is as long with the code as another without it.
    assert ({"841992000": "+84841992000"} if country == "VN" else {}) == wrong


@pytest.mark.parametrize(
    ("shown", "country", "expected"),
    [
        ("01632960101", "GB", "+441632960101"),
        ("07700900123", "GB", "+447700900123"),
        ("02079460123", "GB", "+442079460123"),
        ("02896496123", "GB", "+442896496123"),
        ("02890180123", "GB", "+442890180123"),
        ("+14155550123", "GB", "+14155550123"),
        ("2125550123", "US", "+12125550123"),
    ],
)
def test_numbers_reserved_for_fiction(shown: str, country: str, expected: str) -> None:
    """Taken where fiction is asked for, whether or not the plan's own description knows them."""
    assert expected == phone_numbers.e164(shown, country, fiction=True)


@pytest.mark.parametrize("shown", ["07700900123", "01632960101"])
def test_a_number_of_fiction_is_none_in_earnest(shown: str) -> None:
    """Nobody can be reached there."""
    assert phone_numbers.e164(shown, "GB") is None


@pytest.mark.parametrize(
    "shown", ["84433", "anonymous", "<unknown>", "", "s", "101", "12345678901234567890", "+", "+44"]
)
def test_what_is_no_number_of_any_plan(shown: str) -> None:
    """Short codes, words, extensions, too many digits."""
    assert phone_numbers.e164(shown, "GB", fiction=True) is None


def test_a_real_number_needs_no_fiction() -> None:
    """The example numbers of the plans themselves."""
    assert phone_numbers.e164("+44 121 234 5678", "US") == "+441212345678"


@pytest.mark.parametrize(
    "shown",
    [
        "anonymous",
        "Anonymous",
        "<unknown>",
        "",
        " ",
        "Restricted",
        "PRIVATE",
        "anonymous@anonymous.invalid",
        "withheld",
        "Private Number",
        "No Caller ID",
        "Blocked",
        "Out of area",
        "OUT-OF-AREA",
        "Unknown Caller",
        "P",
        "O",
        "Unbekannt",
        "unterdrückt",
        "Numéro privé",
        "Número oculto",
        "Numero sconosciuto",
        "ANÓNIMO",
        "anoniem",
        "Not_Available",
        "Unavailable",
        "Number Withheld",
        "sip:unknown@carrier.example",
        '"Anonymous" <sip:07700900123@carrier.example>',
        "7378742833",
        "+17378742833",
        "266696687",
        "+266696687",
        "8628245225",
        "86282452253",
    ],
)
def test_a_word_in_place_of_a_number_says_withheld(shown: str) -> None:
    """Whatever the carrier puts there (h04, h06, h08), also in the digits of its letters on a keypad."""
    assert phone_numbers.is_withheld(shown)
    assert {None} == {phone_numbers.e164(shown, country) for country in ("GB", "US", "PT", "CN", "LS")}


@pytest.mark.parametrize("shown", ["07700900123", "+447700900123", "84433", "SMITH", "7748283", "Private Bank", "OP"])
def test_a_number_is_not_withheld(shown: str) -> None:
    """Also one that no text can go to."""
    assert not phone_numbers.is_withheld(shown)


@pytest.mark.parametrize("dialled", ["01632960101", "+441632960101", "01632 960101", "00441632960101"])
def test_every_spelling_of_a_did_is_one(dialled: str) -> None:
    """So the configuration may write it as it likes."""
    assert phone_numbers.dialled(dialled, "GB") == "+441632960101"


def test_a_did_may_lack_its_plus() -> None:
    """As a caller's number may."""
    assert {"+4930123456"} == {phone_numbers.dialled(shown, "DE") for shown in ("030 123456", "4930123456")}


@pytest.mark.parametrize("prefix", ["141", "1470", "#31#", "*31#", "*67", "", "+44", "0044", "44"])
def test_what_is_dialled_before_a_number_does_not_hide_it(prefix: str) -> None:
    """To withhold the office's own number, to show it, or since the carrier wants it so."""
    number = "7700900123" if "44" in prefix else "07700900123"
    assert phone_numbers.called(prefix + number, "GB", fiction=True) == "+447700900123"


def test_a_code_that_is_dialled_is_no_number() -> None:
    """An extension, a feature code, a prefix with nothing behind it."""
    assert {None} == {phone_numbers.called(code, "GB") for code in ("101", "*97", "141", "#31#", "")}


def test_a_did_that_is_no_number_is_itself() -> None:
    """An account's name, or the start of a context."""
    assert phone_numbers.dialled(" s ", "GB") == "s"


@pytest.mark.parametrize(
    ("number", "expected"), [("+447700900123", "…123"), ("101", "101"), ("", ""), ("1017", "…017")]
)
def test_a_masked_number_shows_its_last_three_digits(number: str, expected: str) -> None:
    """What is no longer than that shows nobody."""
    assert expected == phone_numbers.masked(number)


AROUND_NUMBERS = st.lists(
    st.sampled_from(
        [*'+0123456789<>()@:;,#x"% -\u00a0\u2013\u202d０', "'", "%2B", "tel:", "sip:", "ext", "44", "00", "7700900123"]
    ),
    max_size=20,
).map("".join)


@hypothesis.given(st.text(max_size=40) | AROUND_NUMBERS)
def test_no_caller_id_raises(shown: str) -> None:
    """Whatever the network sends; and what comes out goes in again."""
    phone_numbers.is_withheld(shown)
    phone_numbers.dialled(shown, "GB")
    if number := phone_numbers.e164(shown, "GB", fiction=True):
        assert number == phone_numbers.e164(number, "US", fiction=True)


@pytest.mark.parametrize(
    "shown", ["07911anna12", "0800REVERSE", "INFO07911123456", "Mobile 07911 123456", "ANNA07911123456", "+", "٠٧٩١١"]
)
def test_letters_around_digits_make_no_number(shown: str) -> None:
    """A library that reads letters as keys, or finds a number in words, would give us a stranger's."""
    assert phone_numbers.e164(shown, "GB") is None


def test_no_number_of_today_has_a_trunk_zero() -> None:
    """By libphonenumber's examples: also where numbers begin with a 0 behind the country's code, as in Italy."""
    examples = (
        phonenumbers.example_number_for_type(region, type_)
        for region in phonenumbers.SUPPORTED_REGIONS
        for type_ in phonenumbers.PhoneNumberType.values()
    )
    numbers = {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) for number in examples if number}

    assert len(numbers) > 800
    assert not [number for number in numbers if any(map(phone_numbers.has_trunk_zero, itertools.accumulate(number)))]
