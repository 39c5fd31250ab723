"""How a text goes over the air: GSM 7-bit or UCS-2, how many septets, which character costs.

The limits are of 3GPP TS 23.040 §9.2.3.24.1: 140 octets are 160 septets or 70 UTF-16 units; a text in several
parts loses 6 octets of each part to the concatenation header, which leaves 153 or 67.
"""

import dataclasses
import enum
import re

GSM7_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (3GPP TS 23.038 §6.2.1) without the escape character."""
GSM7_EXTENSION = "^{}\\[~]|€\f"
"""Two septets each: the escape and one more (3GPP TS 23.038 §6.2.1.1)."""

SEPTETS_IN_ONE_PART, SEPTETS_IN_A_PART_OF_SEVERAL = 160, 153
UNITS_IN_ONE_PART, UNITS_IN_A_PART_OF_SEVERAL = 70, 67

_SEPTETS = dict.fromkeys(GSM7_ALPHABET, 1) | dict.fromkeys(GSM7_EXTENSION, 2)
_IN_GSM7 = re.compile(f"[{re.escape(GSM7_ALPHABET + GSM7_EXTENSION)}]*")
_IN_EXTENSION = re.compile(f"[{re.escape(GSM7_EXTENSION)}]")


class Encoding(enum.StrEnum):
    """The two that every phone reads."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


def encoding_of(text: str) -> Encoding:
    """GSM 7-bit where every character has a place in it, else UCS-2: no character is ever lost."""
    return Encoding.GSM7 if _IN_GSM7.fullmatch(text) else Encoding.UCS2


def characters_that_cost(text: str) -> list[str]:
    """The characters that force UCS-2, each once, in the order of the text."""
    if encoding_of(text) is Encoding.GSM7:
        return []
    return [character for character in dict.fromkeys(text) if character not in _SEPTETS]


def length(text: str) -> int:
    """Septets in GSM 7-bit, UTF-16 code units in UCS-2."""
    if encoding_of(text) is Encoding.GSM7:
        return len(text) + len(_IN_EXTENSION.findall(text))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str) -> list[str]:
    """The parts in which ``text`` goes out; an escape sequence or a surrogate pair is never cut."""
    encoding = encoding_of(text)
    one, several = (
        (SEPTETS_IN_ONE_PART, SEPTETS_IN_A_PART_OF_SEVERAL)
        if encoding is Encoding.GSM7
        else (UNITS_IN_ONE_PART, UNITS_IN_A_PART_OF_SEVERAL)
    )
    if length(text) <= one:
        return [text]
    parts, part, filled = [], "", 0
    for character in text:
        width = _width(character, encoding)
        if filled + width > several:
            parts.append(part)
            part, filled = "", 0
        part, filled = part + character, filled + width
    return [*parts, part]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One part of a text as it is given to a modem: what one SMS-SUBMIT carries."""

    text: str
    encoding: Encoding
    number: int = 1
    """Among ``of``, from 1."""
    of: int = 1
    reference: int = 0
    """What the parts of one text have in common, 0..255 (TS 23.040 §9.2.3.24.1); of no meaning where it is alone."""


def segments(text: str, reference: int) -> list[Segment]:
    """What it takes to send ``text``. ``reference`` is taken modulo 256."""
    encoding, parts = encoding_of(text), split(text)
    return [
        Segment(text=part, encoding=encoding, number=number, of=len(parts), reference=reference % 256)
        for number, part in enumerate(parts, 1)
    ]


def _width(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return _SEPTETS[character]
    return 2 if ord(character) > 0xFFFF else 1
