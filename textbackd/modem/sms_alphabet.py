"""Septets and the characters that they stand for (3GPP TS 23.038 §6.2.1).

Behind an escape stands a character of an extension table. The header of a text may name the tables of a language for
those ("single shift") and for all the others ("locking shift"); of these we know Turkish, Spanish and Portuguese.
"""

from collections.abc import Iterable, Mapping

from textbackd.core.sms_text import GSM7_ALPHABET

ESCAPE = "\x1b"
"""Stands at the end of a text whose last character was cut in two."""
ESCAPE_SEPTET = 0x1B

_DEFAULT = GSM7_ALPHABET[:ESCAPE_SEPTET] + ESCAPE + GSM7_ALPHABET[ESCAPE_SEPTET:]
_TURKISH = (
    "@£$¥€éùıòÇ\nĞğ\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bŞşßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "İABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "çabcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
"""§A.3.1."""
_PORTUGUESE = (
    "@£$¥êéúíóç\nÔô\rÁá"
    "Δ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ"
    " !\"#º%&'()*+,-./"
    "0123456789:;<=>?"
    "ÍABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÃÕÚÜ§"
    "~abcdefghijklmno"
    "pqrstuvwxyzãõ`üà"
)
"""§A.3.3."""
_LOCKING = {0: _DEFAULT, 1: _TURKISH, 3: _PORTUGUESE}
"""National language identifier (§6.2.1.2.4) → table; the Spanish have none of this kind."""


def _extension(septets: str = "", characters: str = "") -> Mapping[int, str]:
    """The default one (§6.2.1.1), and what a language has besides; septets are told as in the default alphabet."""
    pairs = zip("Λ()/<=>¡e\n" + septets, "^{}\\[~]|€\f" + characters, strict=True)
    # The escape of a further table, of which there is none yet, is a space.
    return {ESCAPE_SEPTET: " "} | {_DEFAULT.index(septet): character for septet, character in pairs}


_SINGLE = {
    0: _extension(),
    1: _extension("GIScgis", "ĞİŞçğış"),  # §A.2.1
    2: _extension("ÇAIOUaiou", "çÁÍÓÚáíóú"),  # §A.2.2
    3: _extension("éÇØøÅåΦΓΩΠΨΣΘÉAIOUÄÖaiouäöà", "êçÔôÁáΦΓΩΠΨΣΘÊÀÍÓÚÃÕÂíóúãõâ"),  # §A.2.3
}


def decode(septets: Iterable[int], *, locking: int = 0, single: int = 0) -> str:
    """The characters, with ``ESCAPE`` at the end where the other half of the last one is missing.

    Raises LookupError where the tables of such a language are not known.
    """
    table, extension = _LOCKING[locking], _SINGLE[single]
    text, escaped = "", False
    for septet in septets:
        if escaped:
            text += extension.get(septet, table[septet])
            escaped = False
        elif septet == ESCAPE_SEPTET:
            escaped = True
        else:
            text += table[septet]
    return text + ESCAPE if escaped else text
