"""The modem apart from its port: its SIM, its stores, its radio, and what it says without being asked."""

import asyncio
import dataclasses
from collections import deque
from collections.abc import Callable

from tests.emulator import pdu
from tests.emulator.network import STAT, Network
from tests.emulator.settings import Settings
from tests.emulator.sim import READY, Sim
from tests.emulator.storage import Storage
from tests.emulator.timers import Timers
from tests.lab.changes import Changes

FULL_FUNCTIONALITY = 1
_CELL = '"00C3","0012D687"'
_NO_NETWORK_SERVICE = 331
_CME_TEXTS = {
    3: "operation not allowed", 10: "SIM not inserted", 11: "SIM PIN required", 12: "SIM PUK required",
    14: "SIM busy", 16: "incorrect password",
}  # fmt: skip


@dataclasses.dataclass(slots=True, kw_only=True)
class Identity:
    """What is printed on the stick."""

    maker: str = "Emulated"
    """``huawei`` knows AT^CURC."""
    model: str = "EMU-1"
    revision: str = "1.0"
    imei: str = "490154203237518"


class Equipment:
    """``say`` is how it speaks up, one line at a time; ``restart`` is AT+CFUN=1,1."""

    def __init__(self, say: Callable[[str], None], restart: Callable[[], None], changes: Changes) -> None:
        self.identity = Identity()
        self.defaults = Settings()
        """What its settings are after the next start."""
        self.settings = Settings()
        self.sim = Sim()
        self.storage = Storage()
        self.network = Network(self, changes)
        self.functionality = FULL_FUNCTIONALITY
        """AT+CFUN: 1 on, 0 and 4 without radio."""
        self.restart = restart
        self.acknowledged_within = 1.0
        """How soon AT+CNMA must come, in seconds, where AT+CSMS is 1."""
        self.announceable = r".*"
        """What AT+CNMI= may be told, a regular expression."""
        self._say = say
        self._powered = False
        self._timers = Timers()
        self._unacknowledged: deque[asyncio.TimerHandle] = deque()

    def power_on(self) -> None:
        """Start with the default settings."""
        self.settings = dataclasses.replace(self.defaults)
        self.functionality = FULL_FUNCTIONALITY
        self.sim.power_on()
        self._powered = True
        self.switch_radio()

    def power_off(self) -> None:
        """The network loses it."""
        self._powered = False
        self._timers.cancel()
        self._unacknowledged.clear()
        self.network.end_call()
        self.switch_radio()

    def switch_radio(self) -> None:
        """On where it has power, full functionality and an open SIM; otherwise off."""
        on = self._powered and self.functionality == FULL_FUNCTIONALITY and self.sim.state == READY
        self.network.radio(on=on)

    def submit_refusal(self) -> int:
        """The +CMS ERROR for any text just now; 0 where texts go out."""
        return self.sim.cms or (0 if self.network.registered else _NO_NETWORK_SERVICE)

    def cme_error(self, number: int) -> str:
        """How a +CME ERROR is said, as AT+CMEE wants it."""
        said = {0: "", 1: str(number)}.get(self.settings.cmee, _CME_TEXTS.get(number, str(number)))
        return f"+CME ERROR: {said}" if said else "ERROR"

    def registration(self, mode: int) -> str:
        """``stat`` of +CREG; with the cell in mode 2 where there is one."""
        stat = str(STAT[self.network.registration])
        return f"{stat},{_CELL}" if mode == 2 and self.network.registered else stat

    # --- what the network tells it -----------------------------------------------------------------

    def take_message(self, message: bytes, store: str | None) -> bool:
        routing = self.settings.cnmi[1]
        pushed = store is None and (routing == 2 or (routing == 1 and pdu.is_flash(message)))
        if pushed:
            self._hand_out(f"+CMT: ,{pdu.tpdu_length(message)}", message)
            return True
        name = store or self.settings.cpms[2]
        place = self.storage.put(name, message)
        if place is not None and self.settings.cnmi[1] == 1:
            self._say(f'+CMTI: "{name}",{place}')
        return place is not None

    def take_report(self, message: bytes) -> None:
        match self.settings.cnmi[3]:
            case 1:
                self._hand_out(f"+CDS: {pdu.tpdu_length(message)}", message)
            case 2:
                place = self.storage.put("SR", message)
                if place is not None:
                    self._say(f'+CDSI: "SR",{place}')

    def acknowledge(self) -> str:
        """AT+CNMA, and what is said to it: nothing. IndexError where nothing waits for it."""
        self._unacknowledged.popleft().cancel()
        return ""

    def _hand_out(self, head: str, message: bytes) -> None:
        self._say(f"{head}\r\n{message.hex().upper()}")
        if self.settings.csms == 1:
            self._unacknowledged.append(self._timers.after(self.acknowledged_within, self._stop_handing_out))

    def _stop_handing_out(self) -> None:
        """3GPP TS 27.005 §3.4.1: neither texts nor reports are told of any more."""
        mode, _, broadcast, _, buffer = self.settings.cnmi
        self.settings.cnmi = mode, 0, broadcast, 0, buffer

    def take_registration(self) -> None:
        if self.settings.creg:
            self._say(f"+CREG: {self.registration(self.settings.creg)}")
        if self.settings.cgreg:
            self._say(f"+CGREG: {self.registration(self.settings.cgreg)}")
        if self.settings.ctzr and self.network.registered:
            self._say("+CTZV: +00")

    def ring(self, number: str) -> None:
        self._say("RING")
        if self.settings.clip:
            self._say(f'+CLIP: "{number}",{145 if number.startswith("+") else 129},,,,0')

    def stop_ringing(self) -> None:
        self._say("NO CARRIER")
