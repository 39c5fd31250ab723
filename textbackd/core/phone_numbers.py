"""A caller ID as the PBX shows it, and the E.164 number that a text can be sent to.

What a carrier shows arrives verbatim: ``+44…``, ``0044…``, ``44…``, ``07…``, ``sip:+44…@host``, ``anonymous``,
``<unknown>``, a short code.
"""

import functools
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator
from typing import NewType

import phonenumbers

from textbackd.core import former_numbers, written_numbers

E164 = NewType("E164", str)
"""``+`` and up to fifteen digits. Past this module a number is never a bare string."""

_WITHHELD_WORDS = frozenset(
    {
        *("", "unknown", "unknowncaller", "anonymous", "restricted", "private", "privatenumber", "privatecaller"),
        *(
            "withheld",
            "numberwithheld",
            "blocked",
            "nocallerid",
            "unavailable",
            "notavailable",
            "outofarea",
            "asterisk",
        ),
        *("p", "o"),  # private and out of area, as North America's exchanges send them (GR-31)
        *("anonym", "unbekannt", "unbekannteranrufer", "unterdruckt", "rufnummerunterdruckt", "keinerufnummer"),
        *("anonyme", "inconnu", "prive", "masque", "appelmasque", "numeroprive", "numeromasque", "numeroinconnu"),
        *("anonimo", "desconocido", "oculto", "privado", "numeroprivado", "numerooculto", "numerodesconocido"),
        *("sconosciuto", "privato", "riservato", "numeroprivato", "numeroriservato", "numerosconosciuto"),
        *("numeroanonimo", "anoniem", "onbekend", "afgeschermd", "privenummer", "nummeronbekend", "onbekendnummer"),
        *("desconhecido", "confidencial", "numerodesconhecido", "numeroconfidencial", "naoidentificado"),
    }
)
"""In small letters without accents, and without what stands between words; in the languages of the shipped texts."""
_BETWEEN_WORDS = re.compile(r"[ _-]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
"""As Unicode writes them behind their letters (NFKD)."""

_WITHHELD_ON_A_KEYPAD = re.compile(r"\+?1?(?:7378742833|266696687|8628245225|86282452253)")
"""RESTRICTED, ANONYMOUS and UNAVAILABLE as switches that carry no letters pass them, by the letters on the keys (ITU-T
E.161). Shorter words, such as PRIVATE (7748283), are real numbers in small countries and none in others.
"""

_WRAPPING = re.compile(
    r"""
    (?: (?: tel | sips? ) : )?
    (?P<number> [^@;:]*? )
    (?: (?: : [0-9]* )? @ [^;]* )?              # the host of a SIP URI; some put its port before it
    (?: (?<=[0-9]) (?:
        [ ]? (?: x | ext[.]? ) [ ]? [0-9]+      # an extension
        | , [0-9]*                              # what is dialled after a pause
        | [#]                                   # the end
    ) )?
    (?: ; .* )?                                 # parameters of a URI: ;ext=1, ;user=phone
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_NO_REGION = "ZZ"
"""libphonenumber's, for a country's code that is none."""
_PLUS = re.compile(r"^[+( ]*\+(?:00)?")
_PLUS_OF_NONE = re.compile(r"^\+(?=[( ]*0)")
"""No country's code begins with 0: behind it stands a number as it is dialled at home."""
_DIGITS = re.compile(r"\+?[0-9 ().\-/]+")
_EXTENSION = re.compile(r"[0-9]{2,6}")

_FRANCE = ("FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF")
"""Countries for libphonenumber, and one plan of ten digits for who dials there (ARCEP, 2001)."""

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


@functools.lru_cache(maxsize=4096)
def unwrapped(shown: str) -> str:
    """The number alone, without what a carrier or a URI puts around it, in the characters that a keyboard has."""
    plain = " ".join(written_numbers.plain(urllib.parse.unquote(shown)).split())
    behind_the_name = plain.rpartition("<")[2].partition(">")[0].strip(" '\"")  # "Bob" <…>
    found = _WRAPPING.fullmatch(behind_the_name)
    return _PLUS_OF_NONE.sub("", _PLUS.sub("+", found["number"].strip())) if found else behind_the_name


def is_withheld(number: str) -> bool:
    """Whether what the PBX shows in place of a number says that there is none."""
    word = _BETWEEN_WORDS.sub("", _ACCENTS.sub("", unicodedata.normalize("NFKD", unwrapped(number)))).casefold()
    return (
        word in _WITHHELD_WORDS or "anonymous" in number.casefold() or _WITHHELD_ON_A_KEYPAD.fullmatch(word) is not None
    )


def is_extension(number: str) -> bool:
    """Whether a number is as short as those of an office's own phones; those of a plan are longer but in few places."""
    return _EXTENSION.fullmatch(unwrapped(number)) is not None


def is_refuted(told: str) -> bool:
    """Whether a verdict on who may show a number (STIR/SHAKEN) says that its signature is false: SIP's ``verstat``,
    alone or within the URI of an identity (3GPP TS 24.229). ``No-TN-Validation`` says nothing against a caller.
    """
    return "tn-validation-failed" in told.casefold()


@functools.lru_cache(maxsize=4096)
def e164(number: str, country: str, *, fiction: bool = False) -> E164 | None:
    """The E.164 form of a number as shown in ``country`` (ISO 3166 alpha-2), or None where its plan has no such number.

    What its plan has no more is what became of it. ``fiction`` also takes the numbers reserved for fiction in the GB
    and US plans.
    """
    digits = unwrapped(number)
    if is_withheld(number) or not _DIGITS.fullmatch(digits):
        return None  # phonenumbers would find a number in words, and read letters as keys
    for parsed in _readings(digits, country):
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
    if found := e164(number, country, fiction=True):
        return found
    parsed = _parsed(number, country)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if parsed else number.strip()


def masked(number: str) -> str:
    """A number as it may stand in a log: only its last three digits."""
    return "…" + number[-3:] if len(number) > 3 else number


def begins_all(prefix: str, country: str) -> bool:
    """Whether every number of a country begins with it, in E.164."""
    return f"+{phonenumbers.country_code_for_region(country)}".startswith(prefix)


def has_trunk_zero(prefix: str) -> bool:
    """Whether a beginning of international numbers has the 0 that is dialled at home only, as ``+44 (0)1632`` has."""
    for length in (1, 2, 3):
        code, behind = prefix[1 : 1 + length], prefix[1 + length :]
        region = phonenumbers.region_code_for_country_code(int(code or 0))
        if region != _NO_REGION:
            return behind.startswith("0") and phonenumbers.ndd_prefix_for_region(region, True) == "0"
    return False


def _readings(digits: str, country: str) -> Iterator[phonenumbers.PhoneNumber]:
    """What the digits may stand for in ``country``, the likeliest first; the last is what they stood for once."""
    looked_at = []
    for reading in _readings_now(digits, country):
        looked_at.append(reading)
        yield reading
    yield from filter(None, map(former_numbers.in_force, looked_at))


def _readings_now(digits: str, country: str) -> Iterator[phonenumbers.PhoneNumber]:
    national = _parsed(digits, country)
    if digits.startswith(str(phonenumbers.country_code_for_region(country))):
        # Many carriers leave out the plus. Where numbers have no fixed length, a plan may take its own country code
        # for an area (04915…, a landline in Germany) although nobody dials an area without the 0.
        international = _parsed(f"+{digits}", country)
        if international and not (_is_mobile(national) and not _is_mobile(international)):
            yield international
    if national:
        yield national
    if country in _FRANCE and digits.startswith("0"):
        yield from filter(None, (_parsed(digits, other) for other in _FRANCE if other != country))
    if digits.startswith("00") and (international := _parsed(f"+{digits[2:]}", country)):
        yield international  # also where another prefix is dialled for that


def _parsed(number: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, country, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None


def _is_mobile(number: phonenumbers.PhoneNumber | None) -> bool:
    return number is not None and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
