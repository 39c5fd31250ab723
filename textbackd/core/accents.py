"""Letters that the phones' own alphabet lacks: one of them takes a whole text from 160 characters to 70."""

import enum
import functools
import unicodedata

from textbackd.core import sms_text
from textbackd.core.sms_text import Encoding


class Accents(enum.StrEnum):
    """What becomes of them."""

    FOLD = "fold"
    """Written as their nearest kin, where that brings the whole text into the alphabet."""
    EXACT = "exact"
    """Kept, at the price of up to ``most_parts``."""
    REFUSE = "refuse"
    """A text with one of them is not sent; another is."""

    @property
    def most_parts(self) -> int:
        """In which a caller's text may go out."""
        return 3 if self is Accents.EXACT else 1


_KIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "′": "'", "“": '"', "”": '"', "„": '"', "«": '"',
        "»": '"', "″": '"', "‹": "'", "›": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "•": "-", "·": "-", "⁄": "/", "×": "x", "…": "...", "\t": " ", "\u00ad": "", "\u200b": "", "\u200d": "",
        "\ufeff": "", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th",
        "Þ": "Th", "ı": "i", "ħ": "h", "Ħ": "H", "ẞ": "SS", "©": "(c)", "®": "(R)",
    }
)  # fmt: skip
"""Of what Unicode does not take apart by itself (NFKD)."""


def folded(text: str) -> str:
    """The text with its letters written as their kin in GSM 7-bit; the very text where one has none there.

    What costs 70 characters in any case keeps its accents.
    """
    if sms_text.encoding_of(text) is Encoding.GSM7:
        return text
    plain = "".join(map(_kin, unicodedata.normalize("NFC", text)))
    return plain if sms_text.encoding_of(plain) is Encoding.GSM7 else text


def as_sent(text: str, accents: Accents) -> str:
    """The text as it goes out."""
    return folded(text) if accents is Accents.FOLD else text


def without_strangers(text: str) -> str:
    """The text folded, and without the letters that have no kin in GSM 7-bit."""
    plain = "".join(map(_kin, unicodedata.normalize("NFC", text)))
    strangers = set(sms_text.characters_that_cost(plain))
    return "".join(letter for letter in plain if letter not in strangers).strip()


@functools.lru_cache(maxsize=1024)
def _kin(letter: str) -> str:
    """Of a letter that is in the alphabet, or has no kin there, the letter itself."""
    if not sms_text.characters_that_cost(letter):
        return letter
    apart = unicodedata.normalize("NFKD", letter.translate(_KIN)).translate(_KIN)
    plain = "".join(part for part in apart if not unicodedata.combining(part))
    return letter if sms_text.characters_that_cost(plain) else plain
