"""A caller ID as the PBX shows it, and the E.164 number that a text can be sent to.

What a carrier shows arrives verbatim: ``+44…``, ``0044…``, ``07…``, ``anonymous``, ``<unknown>``, a short code.
"""

import functools
import re
from typing import NewType

import phonenumbers

E164 = NewType("E164", str)
"""``+`` and up to fifteen digits. Past this module a number is never a bare string."""

_WITHHELD_WORDS = frozenset(
    {"", "<unknown>", "unknown", "anonymous", "restricted", "private", "withheld", "unavailable", "asterisk"}
)

_DIGITS = re.compile(r"\+?[0-9 ().\-/]+")

# Reserved for drama and documentation, so no plan calls them valid: Ofcom 07700 900000-900999 and the 0xxx 4960xxx
# kind, NANPA 555-0100..0199.
_FICTION = re.compile(
    r"\+447700900\d{3}|\+44(?:113|114|115|116|117|118|121|131|141|151|161)4960\d{3}|\+441632960\d{3}|\+442079460\d{3}"
    r"|\+441914980\d{3}|\+442890180\d{3}|\+442896496\d{3}|\+442920180\d{3}|\+44(?:3069990|8081570|9098790)\d{3}"
    r"|\+1[2-9]\d{2}55501\d{2}"
)

# Dialled before a number to withhold or to show one's own: 3GPP TS 22.030, the UK's 141 and 1470, North America's *67
# and *82, Australia's 1831 and 1832.
_CALLER_ID_PREFIX = re.compile(r"^(?:[*#]31[*#]|141|1470|\*67|\*82|183[12])")


def is_withheld(number: str) -> bool:
    """Whether what the PBX shows in place of a number says that there is none."""
    return number.strip().casefold() in _WITHHELD_WORDS or "anonymous" in number.casefold()


def is_refuted(told: str) -> bool:
    """Whether a verdict on who may show a number (STIR/SHAKEN) says that its signature is false: SIP's ``verstat``,
    alone or within the URI of an identity (3GPP TS 24.229). ``No-TN-Validation`` says nothing against a caller.
    """
    return "tn-validation-failed" in told.casefold()


@functools.lru_cache(maxsize=4096)
def e164(number: str, country: str, *, fiction: bool = False) -> E164 | None:
    """The E.164 form of a number as shown in ``country`` (ISO 3166 alpha-2), or None where its plan has no such number.

    ``fiction`` also takes the numbers reserved for fiction in the GB and US plans.
    """
    if not _DIGITS.fullmatch(number.strip()):
        return None  # phonenumbers would find a number in words, and read letters as keys
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    formatted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.is_valid_number(parsed) or (fiction and is_fiction(formatted)):
        return E164(formatted)
    return None


def is_fiction(number: str) -> bool:
    """Whether an E.164 number is reserved for fiction in the GB or US plan; some of these the plans call valid."""
    return _FICTION.fullmatch(number) is not None


def called(number: str, country: str, *, fiction: bool = False) -> E164 | None:
    """The E.164 form of a number that the PBX rang: many carriers want it in international form without a ``+``, and
    staff dials codes before it.
    """
    for spelling in (number, f"+{number}", _CALLER_ID_PREFIX.sub("", number, count=1)):
        if found := e164(spelling, country, fiction=fiction):
            return found
    return None


@functools.lru_cache(maxsize=4096)
def dialled(number: str, country: str) -> str:
    """One spelling for all spellings of a DID (``01632 960101``, ``+441632960101``); no number: as it is."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number.strip()
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """A number as it may stand in a log: only its last three digits."""
    return "…" + number[-3:] if len(number) > 3 else number
