"""A GSM modem on a pseudo-terminal, with the mobile network behind it; good enough for the real gammu AT driver."""

from tests.emulator.modem import CmsError, Fault, ModemEmulator, PlainError, Silence
from tests.emulator.pdu import Submitted

__all__ = ["CmsError", "Fault", "ModemEmulator", "PlainError", "Silence", "Submitted"]
