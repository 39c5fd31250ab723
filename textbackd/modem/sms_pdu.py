"""SMS-DELIVER and SMS-STATUS-REPORT as a modem stores and pushes them, read (3GPP TS 23.040 §9.2.2).

In front of each stands the service centre's address (TS 27.005 §3.1). Not gammu's reading: of a text with extension
characters it cuts or lengthens the end, and in UCS-2 it doubles each ``~``.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable, Mapping

from textbackd.modem import sms_alphabet
from textbackd.modem.sms_alphabet import ESCAPE, ESCAPE_SEPTET

_DIGITS = "0123456789*#abc"
_DELIVER, _STATUS_REPORT = 0, 2
_INTERNATIONAL, _ALPHANUMERIC = 1, 5
_SINGLE_SHIFT, _LOCKING_SHIFT = 0x24, 0x25
"""Information element identifiers (§9.2.3.24): the language whose table it is."""


class PduError(ValueError):
    """Neither of the two, or cut off, or senseless, or in letters that we do not know."""


class Alphabet(enum.StrEnum):
    """What user data is made of (TS 23.038 §4)."""

    GSM7 = "gsm7"
    OCTETS = "octets"
    """No text, or a compressed one, which nobody sends."""
    UCS2 = "ucs2"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A message to us, or a part of one."""

    sender: str
    """With ``+`` where it is international; letters where it is a name."""
    sent_at: dt.datetime | None
    """The service centre's time stamp, in UTC; None where it is none: the words count all the same."""
    elements: Mapping[int, bytes]
    """The user data header: information element identifier → data (TS 23.040 §9.2.3.24)."""
    alphabet: Alphabet
    text: str
    """Of septets perhaps with an ``ESCAPE`` at the end, of UCS-2 perhaps with half an emoji at either end: what belongs
    together may be in two parts. Empty where it is no text.
    """
    text_behind_escape: str
    """The same where the part before this one ended with an ``ESCAPE``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What became of a text of ours."""

    recipient: str
    message_reference: int
    status: int
    """TP-ST."""


def with_service_centre(pdu: bytes, length: int) -> bytes:
    """``pdu`` with an address in front, which some modems leave out or tell a wrong length of: ``length`` is that of
    the rest, as the line before it told (TS 27.005 §3.1). As it is where it can be read so, or not at all.
    """
    if not 0 < length <= len(pdu) or len(pdu) == 1 + pdu[0] + length or _is_whole(pdu):
        return pdu
    without = b"\0" + pdu[-length:]
    return without if _is_whole(without) else pdu


def read(pdu: bytes) -> Deliver | StatusReport:
    """Raises PduError."""
    return _read(_Octets(pdu))


def _is_whole(pdu: bytes) -> bool:
    """Whether it can be read, to its end; a report may have more behind it (TS 23.040 §9.2.2.3)."""
    octets = _Octets(pdu)
    try:
        message = _read(octets)
    except PduError:
        return False
    return octets.all_taken or isinstance(message, StatusReport)


def _read(octets: "_Octets") -> Deliver | StatusReport:
    octets.take(octets.take(1)[0])
    first = octets.take(1)[0]
    match first & 0x03:
        case int(kind) if kind == _DELIVER:
            return _deliver(octets, has_header=bool(first & 0x40))
        case int(kind) if kind == _STATUS_REPORT:
            reference = octets.take(1)[0]
            recipient = _address(octets)
            octets.take(14)  # when it was sent, and when that was decided
            return StatusReport(recipient=recipient, message_reference=reference, status=octets.take(1)[0])
    raise PduError("neither a message to us nor a report")


def _deliver(octets: "_Octets", *, has_header: bool) -> Deliver:
    sender = _address(octets)
    octets.take(1)  # TP-PID
    alphabet = _alphabet(octets.take(1)[0])
    sent_at = _time(octets.take(7))
    length = octets.take(1)[0]
    data = octets.take(-(-length * 7 // 8) if alphabet is Alphabet.GSM7 else length)
    header = 1 + data[0] if has_header and data else 0
    if header > len(data):
        raise PduError("the header is longer than the user data")
    elements = _elements(data[1:header])
    match alphabet:
        case Alphabet.GSM7:
            # The text begins at the next septet boundary after the header.
            septets = _septets(data, length)[-(-header * 8 // 7) :]
            text, behind_escape = _words(septets, elements), _words([ESCAPE_SEPTET, *septets], elements)
        case Alphabet.UCS2:
            text = behind_escape = _units(data[header:])
        case Alphabet.OCTETS:
            text = behind_escape = ""
    return Deliver(
        sender=sender, sent_at=sent_at, elements=elements, alphabet=alphabet,
        text=text, text_behind_escape=behind_escape,
    )  # fmt: skip


class _Octets:
    """Taken from the front."""

    def __init__(self, octets: bytes) -> None:
        self._left = octets

    def take(self, count: int) -> bytes:
        if count > len(self._left):
            raise PduError("cut off")
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    @property
    def all_taken(self) -> bool:
        """Whether none is left."""
        return not self._left


def _address(octets: _Octets) -> str:
    """§9.1.2.5; its length counts digits."""
    digits, kind = octets.take(2)
    value = octets.take(-(-digits // 2))
    match kind >> 4 & 7:
        case int(type_of_number) if type_of_number == _ALPHANUMERIC:
            return sms_alphabet.decode(_septets(value, digits * 4 // 7)).removesuffix(ESCAPE)
        case int(type_of_number):
            number = "".join(_DIGITS[nibble] for nibble in _nibbles(value) if nibble < len(_DIGITS))
            return "+" + number if type_of_number == _INTERNATIONAL else number
    raise AssertionError


def _time(octets: bytes) -> dt.datetime | None:
    """§9.2.3.11: semi-octets, the last one a time zone in quarters of an hour, its sign in bit 3."""
    digits = list(_nibbles((*octets[:6], octets[6] & 0xF7)))
    if max(digits) > 9:
        return None
    tens, ones = digits[::2], digits[1::2]
    year, month, day, hour, minute, second, quarters = (10 * ten + one for ten, one in zip(tens, ones, strict=True))
    offset = dt.timedelta(minutes=-15 * quarters if octets[6] & 8 else 15 * quarters)
    try:
        return dt.datetime(2000 + year, month, day, hour, minute, second, tzinfo=dt.UTC) - offset
    except ValueError:
        return None


def _alphabet(coding: int) -> Alphabet:
    """Of a data coding scheme (TS 23.038 §4); what is reserved is taken for GSM 7-bit, as told there."""
    match coding >> 4:
        case group if group < 0x8:  # general, and the same marked for deletion
            compressed = bool(group & 0x2)
            octets, ucs2 = coding & 0x0C == 0x04 or compressed, coding & 0x0C == 0x08
        case 0xE:  # a message waits, told in UCS-2
            octets, ucs2 = False, True
        case 0xF:
            octets, ucs2 = bool(coding & 0x04), False
        case _:
            octets, ucs2 = False, False
    return Alphabet.OCTETS if octets else Alphabet.UCS2 if ucs2 else Alphabet.GSM7


def _elements(header: bytes) -> Mapping[int, bytes]:
    """Of a header without its length; the last of a kind holds (§9.2.3.24)."""
    octets, elements, left = _Octets(header), {}, len(header)
    while left:
        kind, length = octets.take(2)
        elements[kind] = octets.take(length)
        left -= 2 + length
    return elements


def _words(septets: Iterable[int], elements: Mapping[int, bytes]) -> str:
    locking, single = (int.from_bytes(elements.get(kind, b"")) for kind in (_LOCKING_SHIFT, _SINGLE_SHIFT))
    try:
        return sms_alphabet.decode(septets, locking=locking, single=single)
    except LookupError as error:
        raise PduError(f"in the letters of languages {locking} and {single} (TS 23.038 §6.2.1.2.4)") from error


def _units(octets: bytes) -> str:
    try:
        return octets.decode("utf-16-be", "surrogatepass")
    except UnicodeDecodeError as error:
        raise PduError("half a character at the end") from error


def _septets(octets: bytes, count: int) -> list[int]:
    """The first of them in the lowest bits (TS 23.038 §6.1.2.1)."""
    number = int.from_bytes(octets, "little")
    return [number >> 7 * place & 0x7F for place in range(count)]


def _nibbles(octets: Iterable[int]) -> Iterable[int]:
    return (nibble for octet in octets for nibble in (octet & 15, octet >> 4))
