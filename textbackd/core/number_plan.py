"""What the plan of its country says of a number: what kind it is, whose it is, and which clocks hang where it is."""

import dataclasses
import enum
import functools
import zoneinfo
from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberType, timezone

from textbackd.core.phone_numbers import E164, is_fiction


class NumberType(enum.StrEnum):
    """What kind of number it is; the words of libphonenumber."""

    MOBILE = "mobile"
    FIXED_LINE = "fixed_line"
    FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
    """The plan does not tell: all of North America."""
    VOIP = "voip"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    TOLL_FREE = "toll_free"
    PERSONAL_NUMBER = "personal_number"
    PAGER = "pager"
    VOICEMAIL = "voicemail"
    UAN = "uan"
    """A company's universal access number."""
    UNKNOWN = "unknown"


NOT_A_PHONE_OF_A_PERSON = frozenset(
    {
        NumberType.PREMIUM_RATE,
        NumberType.SHARED_COST,
        NumberType.TOLL_FREE,
        NumberType.PERSONAL_NUMBER,  # forwarded at a price that its holder shares in: the UK's 070
        NumberType.PAGER,
        NumberType.VOICEMAIL,
        NumberType.UAN,
    }
)
"""Nobody reads a text there, or somebody is paid for it. Short codes are no numbers of a plan at all."""

MANY_ZONES = 5
"""A number that may be in more time zones than this is not looked for in any of them (a Russian mobile has eleven)."""

_LINKS = {
    "Europe/Guernsey": "Europe/London",
    "Europe/Isle_of_Man": "Europe/London",
    "Europe/Jersey": "Europe/London",
    "Europe/Vatican": "Europe/Rome",
}
"""Other names of a zone (tzdata's ``backward``). Libphonenumber gives all four for each British mobile, and the night
would be asked for in each.
"""

_TYPES = {
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP: NumberType.VOIP,
    PhoneNumberType.PREMIUM_RATE: NumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: NumberType.SHARED_COST,
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
    PhoneNumberType.PERSONAL_NUMBER: NumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER: NumberType.PAGER,
    PhoneNumberType.VOICEMAIL: NumberType.VOICEMAIL,
    PhoneNumberType.UAN: NumberType.UAN,
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a number's plan says of it."""

    type: NumberType
    country: str
    """ISO 3166 alpha-2, the islands of +1 apart from US and CA; empty for numbers of no country (+800, +883)."""
    zones: tuple[zoneinfo.ZoneInfo, ...] = ()
    """Where its holder may be; empty: nobody can tell."""


@functools.lru_cache(maxsize=4096)
def plan_of(number: E164, home: str, *, fiction: bool = False) -> Plan:
    """What is known of a number. With ``fiction``, one reserved for that is a mobile of the country ``home``."""
    parsed = phonenumbers.parse(number)
    if fiction and is_fiction(number):
        zones = zones_by_name(timezone.time_zones_for_geographical_number(parsed))
        return Plan(type=NumberType.MOBILE, country=home, zones=zones)
    region = phonenumbers.region_code_for_number(parsed)
    return Plan(
        type=_TYPES.get(phonenumbers.number_type(parsed), NumberType.UNKNOWN),
        country=region if region and region.isalpha() else "",
        zones=zones_by_name(_zone_names(parsed)),
    )


def countries_of_mobiles(country: str) -> frozenset[str]:
    """The country itself, and the one whose mobiles its own look like where they share a plan: Svalbard's (SJ) have
    Norway's numbers. By libphonenumber's example of a mobile; there is none of Tristan da Cunha (TA).
    """
    example = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    shared = phonenumbers.region_code_for_number(example) if example else None
    return frozenset({country, shared or country})


def zones_by_name(names: Collection[str]) -> tuple[zoneinfo.ZoneInfo, ...]:
    """Where somebody may be whose number libphonenumber has in these zones; none where that is nearly anywhere."""
    if len(names) > MANY_ZONES:
        return ()
    try:
        each = dict.fromkeys(_LINKS.get(name, name) for name in names if name != timezone.UNKNOWN_TIMEZONE)
        return tuple(map(zoneinfo.ZoneInfo, each))
    except zoneinfo.ZoneInfoNotFoundError:  # libphonenumber may know a zone that this machine's tzdata does not
        return ()


def _zone_names(number: phonenumbers.PhoneNumber) -> tuple[str, ...]:
    """Of a mobile of the islands of +1 only its area code tells that it is not in all zones of +1."""
    anywhere = number.country_code == 1 and phonenumbers.number_type(number) == PhoneNumberType.MOBILE
    names = timezone.time_zones_for_geographical_number if anywhere else timezone.time_zones_for_number
    found: tuple[str, ...] = names(number)
    return found
