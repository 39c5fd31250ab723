"""The SIM: who it is, and whether it lets anybody in (3GPP TS 27.007 §8.3)."""

import dataclasses

from tests.emulator.pdu import SMSC

READY, PIN, PUK, ABSENT, BUSY = "READY", "SIM PIN", "SIM PUK", "NOT INSERTED", "BUSY"
PIN_TRIES = 3

_CME = {PIN: 11, PUK: 12, ABSENT: 10, BUSY: 14}
_CMS = {PIN: 311, PUK: 316, ABSENT: 310, BUSY: 314}
INCORRECT_PASSWORD = 16
OPERATION_NOT_ALLOWED = 3


@dataclasses.dataclass(slots=True, kw_only=True)
class Sim:
    """One SIM in its socket."""

    state: str = READY
    """``READY``, ``SIM PIN``, ``SIM PUK``, ``NOT INSERTED`` or ``BUSY``.

    Set it through ``ModemEmulator.pin_state``, which the radio follows.
    """
    pin: str = "1234"
    puk: str = "12345678"
    tries: int = PIN_TRIES
    """How many wrong PINs are left until the PUK is wanted."""
    imsi: str = "001010123456789"
    number: str = ""
    """Its own, for AT+CNUM; many SIMs do not know theirs."""
    service_centre: str = SMSC
    """Empty: not set."""
    asks_pin: bool = False
    """Whether it wants its PIN each time it gets power."""

    def power_on(self) -> None:
        """It is locked again where it asks for a PIN."""
        if self.asks_pin and self.state == READY:
            self.state = PIN

    def enter(self, code: str, new_pin: str | None = None) -> int:
        """AT+CPIN=: 0, or the number of the +CME ERROR."""
        self.asks_pin = self.asks_pin or self.state == PIN
        if self.state == PIN and code == self.pin:
            self.state, self.tries = READY, PIN_TRIES
            return 0
        if self.state == PUK and code == self.puk and new_pin:
            self.state, self.tries, self.pin = READY, PIN_TRIES, new_pin
            return 0
        if self.state == PIN:
            self.tries -= 1
            self.state = PIN if self.tries else PUK
            return INCORRECT_PASSWORD
        return INCORRECT_PASSWORD if self.state == PUK else self.cme or OPERATION_NOT_ALLOWED

    @property
    def cme(self) -> int:
        """The +CME ERROR with which it refuses; 0 where it does not."""
        return _CME.get(self.state, 0)

    @property
    def cms(self) -> int:
        """The +CMS ERROR with which it refuses what has to do with texts; 0 where it does not."""
        return _CMS.get(self.state, 0)
