"""What the plans say of numbers: what kind, whose, and where the clock hangs."""

import phonenumbers
import pytest

from textbackd.core import number_plan
from textbackd.core.number_plan import MANY_ZONES, NOT_A_PHONE_OF_A_PERSON, NumberType, plan_of
from textbackd.core.phone_numbers import E164


@pytest.mark.parametrize(
    ("number", "type_", "country"),
    [
        ("+447400123456", NumberType.MOBILE, "GB"),
        ("+442071838750", NumberType.FIXED_LINE, "GB"),
        ("+445600123456", NumberType.VOIP, "GB"),
        ("+449012345678", NumberType.PREMIUM_RATE, "GB"),
        ("+358102345678", NumberType.UAN, "FI"),
        ("+491806123456", NumberType.SHARED_COST, "DE"),
        ("+448001234567", NumberType.TOLL_FREE, "GB"),
        ("+447640123456", NumberType.PAGER, "GB"),
        ("+447012345678", NumberType.PERSONAL_NUMBER, "GB"),
        ("+445512345678", NumberType.UAN, "GB"),
        ("+447797712345", NumberType.MOBILE, "JE"),
        ("+12125551234", NumberType.FIXED_LINE_OR_MOBILE, "US"),
        ("+18005551234", NumberType.TOLL_FREE, "US"),
        ("+12045061234", NumberType.FIXED_LINE_OR_MOBILE, "CA"),
        ("+18765551234", NumberType.MOBILE, "JM"),
        ("+18095551234", NumberType.FIXED_LINE_OR_MOBILE, "DO"),
        ("+17875551234", NumberType.FIXED_LINE_OR_MOBILE, "PR"),
        ("+16715551234", NumberType.FIXED_LINE_OR_MOBILE, "GU"),
        ("+77012345678", NumberType.MOBILE, "KZ"),
        ("+79161234567", NumberType.MOBILE, "RU"),
        ("+38344123456", NumberType.MOBILE, "XK"),  # Kosovo: +381 44 until 2016
        ("+4915123456789", NumberType.MOBILE, "DE"),
        ("+80012345678", NumberType.TOLL_FREE, ""),
    ],
)
def test_the_type_and_the_country(number: str, type_: NumberType, country: str) -> None:
    """The islands of +1 and +44, and who left the plan of another, are countries of their own."""
    plan = plan_of(E164(number), "GB")

    assert (plan.type, plan.country) == (type_, country)


@pytest.mark.parametrize(("number", "home"), [("+447700900123", "GB"), ("+442079460123", "US"), ("+12125550123", "US")])
def test_a_number_of_fiction_is_a_mobile_at_home(number: str, home: str) -> None:
    """Whatever it looks like: it stands for the customer next door."""
    plan = plan_of(E164(number), home, fiction=True)

    assert (plan.type, plan.country) == (NumberType.MOBILE, home)


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125551234", {"America/New_York"}),
        ("+12125550123", {"America/New_York"}),
        ("+13105551234", {"America/Los_Angeles"}),
        ("+12045061234", {"America/Winnipeg"}),
        ("+33612345678", {"Europe/Paris"}),
        ("+393401234567", {"Europe/Rome"}),
        ("+447400123456", {"Europe/London"}),
        ("+79161234567", set()),
        ("+18765551234", {"America/Jamaica"}),
        ("+18005551234", set()),
        ("+80012345678", set()),
    ],
)
def test_the_time_zones(number: str, zones: set[str]) -> None:
    """All in which its holder may be; none where that is anywhere, or in too many."""
    found = plan_of(E164(number), "GB").zones

    assert {zone.key for zone in found} == zones
    assert len(found) <= MANY_ZONES


def test_whose_mobiles_a_country_has() -> None:
    """Its own, wherever libphonenumber knows an example; where they look like another's, that one's too."""
    found = {country: number_plan.countries_of_mobiles(country) for country in phonenumbers.SUPPORTED_REGIONS}
    shared = "AX FI, BL GP, CC AU, CX AU, EH MA, IM GB, MF GP, SJ NO, VA IT"

    assert all(country in countries for country, countries in found.items())
    assert shared == ", ".join(
        " ".join((country, *countries - {country}))
        for country, countries in sorted(found.items())
        if len(countries) > 1
    )


def test_where_nobody_reads_a_text() -> None:
    """Or somebody is paid for it. Landlines have a rule of their own, and what nobody knows is tried."""
    others = {
        *(NumberType.MOBILE, NumberType.FIXED_LINE, NumberType.FIXED_LINE_OR_MOBILE),
        *(NumberType.VOIP, NumberType.UNKNOWN),
    }
    assert set(NumberType) - NOT_A_PHONE_OF_A_PERSON == others


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (6, 0)])
def test_many_time_zones_are_none(count: int, expected: int) -> None:
    """Up to five are all asked; of more the office's own counts."""
    names = ("Europe/Paris", "Europe/Rome", "Europe/Berlin", "Europe/Madrid", "Europe/Vienna", "Europe/Oslo")

    assert expected == len(number_plan.zones_by_name(names[:count]))
