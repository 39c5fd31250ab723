"""The parts of texts as they lie on a SIM, joined to whole texts.

A long text comes as parts with a concatenation header: a reference of the sender's (8 or 16 bits, soon reused), the
number of parts and the place among them (3GPP TS 23.040 §9.2.3.24.1). They arrive in any order, and sometimes twice.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textbackd.modem.modem import IncomingSms


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message in one place of the SIM."""

    place: str
    sender: str
    sent_at: dt.datetime
    text: str
    reference: tuple[int, int] = (-1, -1)
    """The 8-bit and the 16-bit one; -1 for the one that is not there."""
    number: int = 1
    """Among ``of``, from 1."""
    of: int = 1


def part(message: Mapping[str, Any]) -> Part:
    """A message as gammu gives it. Raises ValueError where it is no text, or makes no sense."""
    header = message["UDH"]
    number, of = (header["PartNumber"], header["AllParts"]) if header["AllParts"] > 1 else (1, 1)
    if not 1 <= number <= of:
        raise ValueError("part number out of range")
    if message["Coding"] not in ("Default_No_Compression", "Unicode_No_Compression"):
        raise ValueError("no text")
    text = message["Text"]
    if message["Coding"] == "Default_No_Compression":
        # With extension characters gammu takes the text for too long: a NUL, then the remains of another text.
        text = text.partition("\0")[0]
    return Part(
        place=str(message["Location"]),
        sender=message["Number"],
        sent_at=message["DateTime"].astimezone(dt.UTC),
        text=text,
        reference=(header["ID8bit"], header["ID16bit"]),
        number=number,
        of=of,
    )


def with_true_tildes(message: Mapping[str, Any], pdu: bytes) -> str:
    """The text of a UCS-2 message as it was sent; ``pdu`` is what gammu read it from.

    gammu writes each ``~`` twice, and then cuts as many units from the end (and reads U+0001 as ``~``).
    The text is the end of the PDU. Without a PDU that fits, the doubling is undone and the end stays lost.
    """
    original = _ucs2(pdu[-2 * message["Length"] :])
    doubled = _octets(original.replace("~", "~~").replace("\x01", "~"))
    read = _octets(message["Text"])[:-2]  # the last may be half an emoji, which gammu spoils
    return original if pdu and doubled.startswith(read) else message["Text"].replace("~~", "~")


def _octets(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _ucs2(octets: bytes) -> str:
    return octets[: len(octets) // 2 * 2].decode("utf-16-be", "surrogatepass")


def join(parts: Iterable[Part]) -> Sequence[IncomingSms]:
    """The texts of which every part is there, oldest first; the others wait for their missing parts."""
    texts: dict[tuple[str, tuple[int, int], int, str | None], list[_Text]] = {}
    for part in sorted(parts, key=lambda part: (part.sent_at, int(part.place))):
        # A single part is a text of its own, whatever else it has in common with another.
        alone = part.place if part.of == 1 else None
        _put(part, texts.setdefault((part.sender, part.reference, part.of, alone), []))
    whole = [_joined(text) for (_, _, of, _), same in texts.items() for text in same if len(text) == of]
    return sorted(whole, key=lambda text: text.sent_at)


_Text = dict[int, list[Part]]
"""Part number → the part, and its repetitions."""


def _put(part: Part, texts: list[_Text]) -> None:
    """Into the first text that lacks this part or has the very same one: the network repeats itself."""
    for text in texts:
        same = text.setdefault(part.number, [part])
        if (same[0].text, same[0].sent_at) == (part.text, part.sent_at):
            if same[0] is not part:
                same.append(part)
            return
    texts.append({part.number: [part]})


def _joined(text: _Text) -> IncomingSms:
    in_order = [text[number] for number in sorted(text)]
    joined = "".join(same[0].text for same in in_order)
    return IncomingSms(
        sender=in_order[0][0].sender,
        sent_at=in_order[0][0].sent_at,
        # Some phones cut an emoji in two at the end of a part: its halves meet only here.
        text=_octets(joined).decode("utf-16-be", "replace"),
        places=tuple(part.place for same in in_order for part in same),
    )
