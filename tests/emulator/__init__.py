"""A GSM modem on a pseudo-terminal, with the mobile network behind it; good enough for the real gammu AT driver."""

from tests.emulator.faults import (
    CmeError,
    CmsError,
    Fault,
    Garbage,
    Interjection,
    Interruption,
    LateAnswer,
    Ok,
    PlainError,
    Reboot,
    Silence,
    Unplug,
)
from tests.emulator.modem import ModemEmulator
from tests.emulator.network import Report
from tests.emulator.pdu import Submitted

__all__ = [
    "CmeError",
    "CmsError",
    "Fault",
    "Garbage",
    "Interjection",
    "Interruption",
    "LateAnswer",
    "ModemEmulator",
    "Ok",
    "PlainError",
    "Reboot",
    "Report",
    "Silence",
    "Submitted",
    "Unplug",
]
