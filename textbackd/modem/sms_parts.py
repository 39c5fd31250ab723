"""What lies on a SIM, sorted out: texts with their parts joined, delivery reports, and what is no text.

A long text comes as parts with a concatenation header: a reference of the sender's (8 or 16 bits, soon reused), the
number of parts and the place among them (3GPP TS 23.040 §9.2.3.24.1). They arrive in any order, and sometimes twice.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence

from textbackd.core.joined_texts import PARTS_WITHIN
from textbackd.modem import sms_pdu
from textbackd.modem.modem import GAP, DeliveryReport, IncomingSms, Stored, Unread, UnreadMessage
from textbackd.modem.sms_alphabet import ESCAPE
from textbackd.modem.sms_pdu import Alphabet, Deliver, PduError, StatusReport

_CONCATENATION, _CONCATENATION_16_BIT, _PORTS_8_BIT, _PORTS = 0x00, 0x08, 0x04, 0x05
"""Information element identifiers (TS 23.040 §9.2.3.24)."""
_WAP_PUSH = (2948).to_bytes(2)
_MMS_CONTENT = (b"application/vnd.wap.mms-message", b"\xbe")
"""In words, or as its well-known number."""

_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
"""Where a message stands whose time stamp is none."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """All places, each once."""

    texts: Sequence[IncomingSms]
    """Oldest first; those without a time at the end."""
    unread: Sequence[UnreadMessage]
    reports: Sequence[tuple[str, DeliveryReport]]
    """With their places: some modems store them."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    place: str
    order: int
    sender: str
    sent_at: dt.datetime | None
    text: str
    text_behind_escape: str
    reference: str
    number: int
    of: int


def sort_out(stored: Iterable[Stored]) -> Sorted:
    """What each place holds."""
    parts: list[_Part] = []
    unread: list[UnreadMessage] = []
    reports: list[tuple[str, DeliveryReport]] = []
    for order, message in enumerate(stored):
        try:
            match sms_pdu.read(message.pdu):
                case StatusReport() as report:
                    reports.append((message.place, delivery_report(report)))
                case Deliver() as deliver if (kind := _unread(deliver, message.pdu)) is not None:
                    unread.append(
                        UnreadMessage(kind=kind, place=message.place, pdu=message.pdu, sender=deliver.sender)
                    )  # fmt: skip
                case Deliver() as deliver:
                    parts.append(_part(message.place, order, deliver))
        except PduError:
            unread.append(UnreadMessage(kind=Unread.UNDECODABLE, place=message.place, pdu=message.pdu))
    return Sorted(texts=_join(parts), unread=unread, reports=reports)


def delivery_report(report: StatusReport) -> DeliveryReport:
    """As the rest of us knows it."""
    return DeliveryReport(
        number=report.recipient, message_reference=report.message_reference, status=report.status
    )  # fmt: skip


def _unread(deliver: Deliver, pdu: bytes) -> Unread | None:
    """Why it is no text; None: it is one."""
    ports = deliver.elements.get(_PORTS)
    if ports is None and _PORTS_8_BIT not in deliver.elements and deliver.alphabet is not Alphabet.OCTETS:
        return None
    if ports is None or not ports.startswith(_WAP_PUSH):
        return Unread.BINARY
    # Of several parts only the first says what it is, and hardly anybody pushes anything else in several.
    _, _, of = _concatenation(deliver)
    return Unread.MMS if of > 1 or any(name in pdu for name in _MMS_CONTENT) else Unread.BINARY


def _part(place: str, order: int, deliver: Deliver) -> _Part:
    reference, number, of = _concatenation(deliver)
    if not 1 <= number <= of:
        raise PduError("part number out of range")
    return _Part(
        place=place, order=order, sender=deliver.sender, sent_at=deliver.sent_at,
        text=deliver.text, text_behind_escape=deliver.text_behind_escape, reference=reference, number=number, of=of,
    )  # fmt: skip


def _concatenation(deliver: Deliver) -> tuple[str, int, int]:
    """Reference, number and of how many; one part is alone whatever its header says."""
    octets = deliver.elements.get(_CONCATENATION) or deliver.elements.get(_CONCATENATION_16_BIT) or b""
    if len(octets) < 3 or octets[-2] < 2:
        return "", 1, 1
    *reference, of, number = octets
    return f"{int.from_bytes(reference)}/{of}", number, of


_Text = dict[int, list[_Part]]
"""Part number → the part, and its repetitions."""


def _join(parts: Iterable[_Part]) -> Sequence[IncomingSms]:
    texts: dict[tuple[str, str], list[_Text]] = {}
    alone: list[_Text] = []
    for part in sorted(parts, key=lambda part: (part.sent_at or _LAST, part.order)):
        if part.of == 1:
            alone.append({1: [part]})
        else:
            _put(part, texts.setdefault((part.sender, part.reference), []))
    joined = [_joined(text) for text in (*alone, *(text for same in texts.values() for text in same))]
    return sorted(joined, key=lambda text: text.sent_at or _LAST)


def _put(part: _Part, texts: list[_Text]) -> None:
    """Into the first text that lacks this part or has the very same one: the network repeats itself."""
    for text in texts:
        first = min(same[0].sent_at or _LAST for same in text.values())
        if part.sent_at is not None and part.sent_at - first > PARTS_WITHIN:
            continue
        same = text.setdefault(part.number, [part])
        if (same[0].text, same[0].sent_at) == (part.text, part.sent_at):
            if same[0] is not part:
                same.append(part)
            return
    texts.append({part.number: [part]})


def _joined(text: _Text) -> IncomingSms:
    numbers = sorted(text)
    first = text[numbers[0]][0]
    missing = tuple(number for number in range(1, first.of + 1) if number not in text)
    return IncomingSms(
        sender=first.sender,
        sent_at=next((text[number][0].sent_at for number in numbers if text[number][0].sent_at), None),
        text=_whole(text[number][0] if number in text else None for number in range(1, first.of + 1)),
        places=tuple(part.place for number in numbers for part in text[number]),
        missing=missing,
        concatenation=first.reference,
    )


def _whole(parts: Iterable[_Part | None]) -> str:
    """The words of all parts, with a gap for each run of missing ones.

    Escape sequences and emoji are put together: some phones cut them in two at the end of a part.
    """
    text, in_gap = "", False
    for part in parts:
        if part is None:
            text += "" if in_gap else GAP
        elif text.endswith(ESCAPE):
            text = text[:-1] + part.text_behind_escape
        else:
            text += part.text
        in_gap = part is None
    # Of what is half missing nothing is left.
    return text.replace(ESCAPE, "").encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")
