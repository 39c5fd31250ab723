"""Why a modem cannot be used just now, each in a sentence that says what to do about it.

ModemUnavailable         (of ``modem``)
├── PortGone             no such port: unplugged, or it came back under another name
├── PortForbidden        this user may not open it
├── PortBusy             another program has it
├── PortSilent           nothing answers, or nothing can be written
├── SimBusy              the SIM is still starting
└── SimUnusable          waiting does not help, a person must act:
    ├── NoSim
    ├── PinMissing       the SIM asks for a PIN, and the configuration has none
    ├── PinRefused       the PIN was wrong, nobody saw the answer to it, or it may be the last try: it is not tried
    └── PukNeeded        too many wrong PINs: the SIM is locked
"""

from textbackd.modem.modem import ModemUnavailable


class PortGone(ModemUnavailable):
    """There is no such port, or it went away in the middle."""


class PortForbidden(ModemUnavailable):
    """The user of this process may not open the port."""


class PortBusy(ModemUnavailable):
    """Another program has the port open."""


class PortSilent(ModemUnavailable):
    """The port is there, and nothing answers AT commands on it in time, or nothing can be written to it."""


class SimBusy(ModemUnavailable):
    """The SIM is starting up and says nothing yet."""


class SimUnusable(ModemUnavailable):
    """The modem answers, and its SIM cannot be used until a person does something."""


class NoSim(SimUnusable):
    """No SIM, or one that cannot be read."""


class PinMissing(SimUnusable):
    """The SIM asks for a PIN that we were not given."""


class PinRefused(SimUnusable):
    """The PIN is wrong, or may be: it is not tried (again) by itself, since the third wrong one locks the SIM."""


class PukNeeded(SimUnusable):
    """The SIM is locked and asks for its PUK."""
