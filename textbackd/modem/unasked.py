"""What a modem says without having been asked (3GPP TS 27.005 §3.4, TS 27.007 §7.11): unsolicited result codes."""

import dataclasses
import enum
import re

from textbackd.modem import sms_parts, sms_pdu
from textbackd.modem.modem import DeliveryReport, IncomingCall
from textbackd.modem.sms_pdu import PduError, StatusReport


class Arrived(enum.Enum):
    """What is only a hint to look."""

    MESSAGE = enum.auto()
    """Something lies in the store."""
    RESTART = enum.auto()
    """The modem has started anew."""
    SIM_READY = enum.auto()
    """Its SIM has, or its radio: after a start of the modem, once more each, up to half a minute later."""


@dataclasses.dataclass(frozen=True, slots=True)
class PushedText:
    """A text that is in no store (class 0, to be shown at once): it cannot be read again."""

    pdu: bytes


Unasked = DeliveryReport | PushedText | IncomingCall | Arrived

_RESTART = re.compile(r"RDY|\^SYSSTART|MODEM:STARTUP", re.IGNORECASE)
_SIM_READY = re.compile(
    r"(Call|SMS) Ready|(\+QIND: ?)?(SMS|PB) DONE|\+CPIN: ?READY|\+QUSIM: ?1|\+CFUN: ?1", re.IGNORECASE
)


def read(line: str) -> Unasked | None:
    """What ``line`` means; a PDU stands behind a newline. None: nothing to us."""
    if line.startswith("+CDS:"):
        return _report(*line.partition("\n")[::2])
    if line.startswith("+CMT:"):
        return _text(*line.partition("\n")[::2])
    if line.startswith(("+CMTI:", "+CDSI:")):
        return Arrived.MESSAGE
    if found := re.match(r'\+CLIP: *"([^"]*)"', line):
        return IncomingCall(number=found[1])
    if line == "RING" or line.startswith("+CRING:"):
        return IncomingCall(number="")
    if _RESTART.match(line):
        return Arrived.RESTART
    return Arrived.SIM_READY if _SIM_READY.match(line) else None


def _text(head: str, pdu: str) -> PushedText | None:
    return PushedText(_octets(head, pdu)) if re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", pdu) else None


def _report(head: str, pdu: str) -> DeliveryReport | None:
    try:
        report = sms_pdu.read(_octets(head, pdu))
    except (PduError, ValueError):
        return None
    return sms_parts.delivery_report(report) if isinstance(report, StatusReport) else None


def _octets(head: str, pdu: str) -> bytes:
    """``+CDS: 25`` and ``+CMT: "Bob",23`` end with the PDU's length. Raises ValueError."""
    told = re.search(r"\d+$", head)
    return sms_pdu.with_service_centre(bytes.fromhex(pdu), int(told[0]) if told else 0)
