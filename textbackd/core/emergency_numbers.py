"""Whom to call in an emergency, by country."""

EVERYWHERE = "112"
"""A GSM phone makes an emergency call of it in any network, whatever the country's own number is (3GPP TS 22.101
§10.1)."""

BY_COUNTRY = {
    **dict.fromkeys(("US", "CA", "PR", "VI", "GU", "AS", "MP", "MX", "PH"), "911"),
    **dict.fromkeys(("AG", "AI", "BM", "BS", "CW", "DM", "DO", "GD", "KN", "KY", "LC", "MS", "TC", "VC", "VG"), "911"),
    **dict.fromkeys(("CR", "EC", "PA", "PY", "SV", "UY", "VE"), "911"),
    **dict.fromkeys(("GB", "GG", "HK", "IM", "JE", "MY"), "999"),
    **dict.fromkeys(("JP", "KR", "TW"), "119"),
    "AU": "000", "CO": "123", "JM": "110", "NZ": "111", "SG": "995", "TT": "990",
}  # fmt: skip
"""Where people know another number better; of several, that of fire brigade and ambulance. Countries where these two
have numbers of their own (Brazil, Chile) are left to the office's ``emergency_number``.
"""


def emergency_number(country: str) -> str:
    """The number that people of the country (ISO 3166 alpha-2) know."""
    return BY_COUNTRY.get(country, EVERYWHERE)
