"""Whom to call in an emergency, by country."""

EVERYWHERE = "112"
"""A GSM phone makes an emergency call of it in any network, whatever the country's own number is (3GPP TS 22.101
§10.1)."""

_BY_COUNTRY = {
    "AU": "000", "CA": "911", "GB": "999", "GG": "999", "HK": "999", "IM": "999", "JE": "999",
    "MX": "911", "NZ": "111", "PR": "911", "SG": "995", "US": "911", "VI": "911",
}  # fmt: skip
"""Where people know another number better; of several, that of fire brigade and ambulance."""


def emergency_number(country: str) -> str:
    """The number that people of the country (ISO 3166 alpha-2) know."""
    return _BY_COUNTRY.get(country, EVERYWHERE)
