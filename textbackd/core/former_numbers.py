"""Numbers as a plan had them once: its carriers, phones and address books keep on showing them for years."""

import re

import phonenumbers

_GIVEN_UP = {
    # Mexico, since 3 August 2019 (IFT, Plan Técnico Fundamental de Numeración): the ten digits alone are dialled. Gone
    # are the 1 of mobiles behind the country's code, 01 before long distance, and 044 and 045 before mobiles.
    52: (re.compile(r"(?:\+1|\+?0(?:1|44|45))([0-9]{10})"), r"\1"),
    # Brazil, from 2012 to 6 November 2016 (Anatel, Resolução 553/2010): a 9 stands before what mobiles had, which were
    # eight digits. Trunked radio kept its own, which began with 7. Without the country's code as many digits may be a
    # foreign number whose + is missing.
    55: (re.compile(r"\+([0-9]{2})([689][0-9]{7})"), r"\g<1>9\2"),
}
"""By a country's code: what stands behind it, or at home without it, and what that is now. A ``+`` says that the code
was there.
"""
_AT_HOME = phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY


def in_force(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber | None:
    """What has become of a number that its plan has no more; it was parsed with ``keep_raw_input``. None: unknown."""
    code = number.country_code
    if code not in _GIVEN_UP:
        return None
    pattern, now = _GIVEN_UP[code]
    before = "" if number.country_code_source == _AT_HOME else "+"
    found = pattern.fullmatch(before + phonenumbers.national_significant_number(number))
    return phonenumbers.PhoneNumber(country_code=code, national_number=int(found.expand(now))) if found else None
