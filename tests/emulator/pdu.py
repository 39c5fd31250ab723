"""SMS PDUs as they stand on the wire (3GPP TS 23.040 §9.2), read and written without gammu and without textbackd.

Its tables are its own on purpose: a mistake in ours must not hide in its judge.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

# Row by row as in 3GPP TS 23.038 §6.2.1; 0x1B is the escape.
_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
_SEPTETS = {character: [code] for code, character in enumerate(_ALPHABET)} | {
    character: [0x1B, code] for code, character in _EXTENSION.items()
}

SMSC = "+447700900000"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of a long text (3GPP TS 23.040 §9.2.3.24.1)."""

    reference: int
    """The same for all parts of one text; 8 or 16 bits."""
    of: int
    number: int
    """From 1."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """One SMS-SUBMIT that the modem was given."""

    number: str
    text: str
    """Half an emoji where the sender cut one in two."""
    encoding: str
    """``gsm7`` or ``ucs2``."""
    udh: bytes
    """The user data header without its length octet; empty where there is none."""
    report_requested: bool
    validity: int | None
    """TP-VP as in the PDU: 167 is 24 hours (§9.2.3.12.1)."""
    smsc: str
    pdu: bytes
    reference: int | None = None
    """TP-MR given by the modem; None where the network did not get it."""
    at: dt.datetime | None = None
    """When the PDU was complete, in UTC."""
    outcome: str = ""
    """What the sender is told: ``+CMGS: 17``, ``+CMS ERROR: 38``, ``ERROR``; empty: nothing."""
    told_after: float = 0
    """In how many seconds, if the port is still there."""

    @property
    def part(self) -> Part | None:
        """None where the text is whole."""
        elements = self.udh
        while len(elements) >= 2:
            kind, length = elements[:2]
            match kind, tuple(elements[2 : 2 + length]):
                case 0x00, (reference, of, number):
                    return Part(reference=reference, of=of, number=number)
                case 0x08, (high, low, of, number):
                    return Part(reference=high << 8 | low, of=of, number=number)
            elements = elements[2 + length :]
        return None

    def as_json(self) -> dict[str, Any]:
        """What ``json`` can write: octets in hex, the time in ISO 8601."""
        return dataclasses.asdict(self) | {
            "text": self.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"),
            "udh": self.udh.hex().upper(),
            "pdu": self.pdu.hex().upper(),
            "part": self.part and dataclasses.asdict(self.part),
            "at": self.at and self.at.isoformat(),
        }


def join(submissions: Iterable[Submitted]) -> list[tuple[str, str]]:
    """Number and whole text of what the network got, in the order in which the texts became whole.

    A part that comes a second time begins the text anew.
    """
    texts, begun = [], dict[tuple[str, int, int], dict[int, Submitted]]()
    for submitted in submissions:
        part = submitted.part
        if submitted.reference is None:
            continue
        if part is None:
            texts.append((submitted.number, submitted.text))
            continue
        key = submitted.number, part.reference, part.of
        parts = begun.setdefault(key, {})
        if part.number in parts:
            parts.clear()
        parts[part.number] = submitted
        if len(parts) == part.of:
            del begun[key]
            halves = "".join(parts[number].text for number in sorted(parts))
            texts.append((submitted.number, halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")))
    return texts


def decode_submit(pdu: bytes) -> Submitted:
    """Read an SMS-SUBMIT with the service centre's address in front; ValueError or IndexError on anything else."""
    smsc = _semi_octets(pdu[2 : 1 + pdu[0]], plus=pdu[1] & 0x70 == 0x10) if pdu[0] else ""
    tpdu = pdu[1 + pdu[0] :]
    first, digits = tpdu[0], tpdu[2]
    if first & 0x03 != 0x01:
        raise ValueError(f"not an SMS-SUBMIT: first octet {first:#04x}")
    end = 4 + (digits + 1) // 2
    number = _semi_octets(tpdu[4:end], plus=tpdu[3] & 0x70 == 0x10)
    data_coding, rest = tpdu[end + 1], tpdu[end + 2 :]
    validity_octets = {0x00: 0, 0x10: 1, 0x08: 7, 0x18: 7}[first & 0x18]
    validity = rest[0] if validity_octets == 1 else None
    length, user_data = rest[validity_octets], rest[validity_octets + 1 :]
    header = 1 + user_data[0] if first & 0x40 else 0
    match data_coding & 0xCC:
        case 0x00:
            encoding, text = "gsm7", _from_septets(_unpack(user_data, length)[-(-header * 8 // 7) :])
        case 0x08:
            encoding, text = "ucs2", user_data[header:length].decode("utf-16-be", "surrogatepass")
        case _:
            raise ValueError(f"data coding scheme {data_coding:#04x}")
    return Submitted(
        number=number, text=text, encoding=encoding, udh=user_data[1:header], report_requested=bool(first & 0x20),
        validity=validity, smsc=smsc, pdu=pdu,
    )  # fmt: skip


def encode_deliver(
    sender: str, text: str, sent_at: dt.datetime, *, reference: int = 0, flash: bool = False
) -> list[bytes]:
    """The SMS-DELIVERs of a text, service centre's address in front; several with an 8-bit header where it is long.

    ``flash``: of class 0, to be shown at once and not stored.
    """
    gsm7 = all(character in _SEPTETS for character in text)
    widths = [len(_SEPTETS[c]) if gsm7 else len(c.encode("utf-16-be")) // 2 for c in text]
    one, several = (160, 153) if gsm7 else (70, 67)
    parts = [text] if sum(widths) <= one else _cut(text, widths, several)
    pdus = []
    for number, part in enumerate(parts, 1):
        header = bytes((5, 0, 3, reference, len(parts), number)) if len(parts) > 1 else b""
        if gsm7:
            septets = [septet for character in part for septet in _SEPTETS[character]]
            length, user_data = _pack(septets, header)
        else:
            user_data = header + part.encode("utf-16-be")
            length = len(user_data)
        first = 0x44 if header else 0x04
        pdus.append(
            _address(SMSC, octets=True)
            + bytes((first,)) + _address(sender) + bytes((0x00, (0x00 if gsm7 else 0x08) | (0x10 if flash else 0)))
            + _time_stamp(sent_at) + bytes((length,)) + user_data
        )  # fmt: skip
    return pdus


def encode_status_report(number: str, reference: int, status: int, at: dt.datetime) -> bytes:
    """An SMS-STATUS-REPORT, the service centre's address in front."""
    return (
        _address(SMSC, octets=True) + bytes((0x06, reference)) + _address(number)
        + _time_stamp(at) + _time_stamp(at) + bytes((status,))
    )  # fmt: skip


def is_flash(deliver: bytes) -> bool:
    """Whether it is of class 0 (TS 23.038 §4); of junk: no."""
    tpdu = deliver[1 + deliver[0] :] if deliver else b""
    if len(tpdu) < 2 or tpdu[0] & 0x03:
        return False
    data_coding = tpdu[4 + -(-tpdu[1] // 2) :][:1]
    return bool(data_coding) and (data_coding[0] & 0xD3 == 0x10 or data_coding[0] & 0xF3 == 0xF0)


def tpdu_length(pdu: bytes) -> int:
    """What ``AT+CMGS=``, ``+CMGL:`` and ``+CDS:`` count: the octets after the service centre's address."""
    return max(0, len(pdu) - 1 - pdu[0]) if pdu else 0


def _cut(text: str, widths: Sequence[int], limit: int) -> list[str]:
    parts, filled = [""], 0
    for character, width in zip(text, widths, strict=True):
        if filled + width > limit:
            parts.append("")
            filled = 0
        parts[-1] += character
        filled += width
    return parts


def _semi_octets(octets: bytes, *, plus: bool) -> str:
    digits = "".join(
        "0123456789*#abc"[nibble] for octet in octets for nibble in (octet & 15, octet >> 4) if nibble < 15
    )
    return "+" + digits if plus else digits


def _address(number: str, *, octets: bool = False) -> bytes:
    """An address field; its length counts digits, or octets in the service centre's (§9.1.2.5)."""
    if any(character.isalpha() for character in number):
        septets = [septet for character in number for septet in _SEPTETS[character]]
        packed = _pack(septets, b"")[1]
        return bytes((-(-len(septets) * 7 // 4), 0xD0)) + packed
    digits = number.removeprefix("+")
    padded = digits + "F" * (len(digits) % 2)
    swapped = bytes(int(padded[i + 1] + padded[i], 16) for i in range(0, len(padded), 2))
    kind = 0x91 if number.startswith("+") else 0x81
    return bytes((1 + len(swapped) if octets else len(digits), kind)) + swapped


def _time_stamp(at: dt.datetime) -> bytes:
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a time stamp needs a time zone")
    quarters = round(offset.total_seconds() / 900)
    text = f"{at:%y%m%d%H%M%S}{abs(quarters):02}"
    octets = bytearray(int(text[i + 1] + text[i], 16) for i in range(0, len(text), 2))
    octets[-1] |= 0x08 if quarters < 0 else 0
    return bytes(octets)


def _pack(septets: Sequence[int], header: bytes) -> tuple[int, bytes]:
    """UDL in septets, and the octets; the text begins on the next septet boundary after the header."""
    skipped = -(-len(header) * 8 // 7)
    number = int.from_bytes(header, "little")
    for place, septet in enumerate(septets, skipped):
        number |= septet << 7 * place
    total = skipped + len(septets)
    return total, number.to_bytes(-(-total * 7 // 8), "little")


def _unpack(octets: bytes, count: int) -> list[int]:
    number = int.from_bytes(octets, "little")
    return [number >> 7 * place & 0x7F for place in range(count)]


def _from_septets(septets: Iterable[int]) -> str:
    text, escaped = "", False
    for septet in septets:
        if escaped:
            text, escaped = text + _EXTENSION[septet], False
        elif septet == 0x1B:
            escaped = True
        else:
            text += _ALPHABET[septet]
    return text
