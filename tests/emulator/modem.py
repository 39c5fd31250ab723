"""The modem: AT commands on one side (3GPP TS 27.005 and 27.007), the network as a few methods on the other."""

import asyncio
import dataclasses
import datetime as dt
import fcntl
import os
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.emulator import pdu
from tests.emulator.pdu import Submitted
from textbackd import clock


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CmsError:
    """The text is refused with ``+CMS ERROR: number``: after its PDU, or at once in place of the prompt."""

    number: int
    in_place_of_prompt: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class PlainError:
    """The text is refused after its PDU with a bare ``ERROR``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer to commands that begin with ``at``: ``AT`` to none at all, ``PDU`` to the PDU, which is sent anyway."""

    at: str = "AT"


Fault = CmsError | PlainError | Silence

_ANSWERS = {
    "AT": "", "ATE1": "", "AT+CMEE=1": "", "AT+CFUN=1": "", "AT+CMGF=0": "", "AT+CREG=2": "", "AT+CGREG=2": "",
    "AT+CSCS?": '+CSCS: "GSM"', "AT+CSCS=?": '+CSCS: ("GSM","IRA","UCS2")',
    "AT+CGMI": "Emulated", "AT+CGMM": "EMU-1", "AT+CGMR": "1.0", "AT+CGSN": "490154203237518",
    "AT+CIMI": "001010123456789", "AT+CSQ": "+CSQ: 20,99", "AT+CSCA?": f'+CSCA: "{pdu.SMSC}",145',
    "AT+CNMI=?": "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)",
    "AT+CPMS=?": '+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")',
    "AT+CREG?": '+CREG: 2,1,"00C3","0012D687"', "AT+CGREG?": '+CGREG: 2,1,"00C3","0012D687"', "AT+CGATT?": "+CGATT: 1",
    "AT+COPS=3,2": "", "AT+COPS=3,0": "",
}  # fmt: skip
_STORE_SIZES = {"SM": 20, "ME": 100}


class ModemEmulator:
    """A modem for one ``async with``; ``device`` is the path for whoever wants to open it.

    ``fault`` is what goes wrong from now on; ``report_after`` is the wait in seconds before the network reports a
    text delivered, None for no report until ``report`` is called.
    """

    def __init__(self, device: Path) -> None:
        self.device = device
        self.fault: Fault | None = None
        self.report_after: float | None = None
        self.pin_state = "READY"
        self.last_reference = 0
        self.submissions: list[Submitted] = []
        self.commands: list[str] = []
        """Every command line, in order."""
        self.prompted_for: list[float] = []
        """When the first byte of each AT+CMGS came (monotonic seconds)."""
        self.stores: dict[str, dict[int, tuple[int, bytes]]] = {"SM": {}, "ME": {}}
        """Place → ``stat`` of +CMGL (0 unread, 1 read) and the PDU."""
        self._changed = asyncio.Event()
        self._timers: list[asyncio.TimerHandle] = []
        self._master = self._slave = -1
        self._power_on()

    async def __aenter__(self) -> Self:
        self.plug()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.unplug()
        for timer in self._timers:
            timer.cancel()

    # --- the cable ---------------------------------------------------------------------------------

    def plug(self) -> None:
        """Put the modem into its USB socket; the port appears at ``device``."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.device.symlink_to(os.ttyname(self._slave))
        self._power_on()
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def unplug(self) -> None:
        """Pull it out; what lies in its stores stays."""
        if self._master < 0:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        self.device.unlink()

    def jam(self) -> None:
        """From now on nothing can be written to the port: a hung USB endpoint, or flow control without end."""
        termios.tcflow(self._slave, termios.TCOOFF)

    # --- the network -------------------------------------------------------------------------------

    async def submitted(self, count: int = 1, *, timeout: float = 30) -> list[Submitted]:
        """The first ``count`` texts given to the modem, as soon as there are so many."""
        await self._until(lambda: len(self.submissions) >= count, timeout)
        return self.submissions[:count]

    async def commanded(self, beginning: str, *, timeout: float = 30) -> None:
        """Return when a command that begins so has come since the last call of this method."""
        await self._until(lambda: any(line.startswith(beginning) for line in self.commands), timeout)
        self.commands.clear()

    def deliver_sms(self, sender: str, text: str, sent_at: dt.datetime, *, reference: int = 0) -> None:
        """A text arrives: all its parts lie in the store, and the modem says so (+CMTI)."""
        for part in pdu.encode_deliver(sender, text, sent_at, reference=reference):
            self.store(part)

    def store(self, message: bytes, *, store: str = "ME") -> None:
        """One PDU arrives as it is, right or wrong."""
        place = next(place for place in range(1, _STORE_SIZES[store] + 1) if place not in self.stores[store])
        self.stores[store][place] = (0, message)
        self._announce(f'+CMTI: "{store}",{place}')

    def report(self, submitted: Submitted, status: int = 0) -> None:
        """The service centre reports on a text (+CDS): 0 delivered, 32-63 still trying, 64 and up given up."""
        assert submitted.reference is not None, "a refused text has no report"
        message = pdu.encode_status_report(submitted.number, submitted.reference, status, clock.utc_now())
        self._announce(f"+CDS: {pdu.tpdu_length(message)}\r\n{message.hex().upper()}")

    async def _until(self, holds: Callable[[], bool], timeout: float) -> None:
        async with asyncio.timeout(timeout):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    # --- the port ----------------------------------------------------------------------------------

    def _power_on(self) -> None:
        self._line = bytearray()
        self._line_began = 0.0
        self._expects_pdu = False
        self._in_command = False
        self._store = "SM"
        self._unsolicited: list[str] = []

    def _read(self) -> None:
        try:
            octets = os.read(self._master, 4096)
        except BlockingIOError:
            return
        # gammu takes the port for itself (TIOCEXCL). A real one is free again when its last user is gone; this one's
        # other end stays open here, and would keep everybody but root out for ever.
        fcntl.ioctl(self._slave, termios.TIOCNXCL)
        for octet in octets:
            self._take(octet)

    def _take(self, octet: int) -> None:
        if not self._silent_at("AT"):
            self._write(bytes((octet,)))
        match octet, self._expects_pdu:
            case 0x1B, _:
                self._line.clear()
                self._expects_pdu = False
            case 0x1A, True:
                line, self._expects_pdu = bytes(self._line), False
                self._line.clear()
                self._submit(bytes.fromhex(line.decode("ascii")))
            case 0x0D, False:
                line = bytes(self._line)
                self._line.clear()
                self._command(line.decode("ascii", "replace").strip())
            case _:
                if not self._line:
                    self._line_began = clock.monotonic()
                self._line.append(octet)
        self._say_unsolicited()

    def _write(self, octets: bytes) -> None:
        if self._master >= 0:
            os.write(self._master, octets)

    def _answer(self, text: str, final: str = "OK") -> None:
        lines = f"\r\n{text}\r\n" if text else ""
        self._write(f"{lines}\r\n{final}\r\n".encode("ascii"))

    def _announce(self, line: str) -> None:
        self._unsolicited.append(line)
        self._say_unsolicited()

    def _say_unsolicited(self) -> None:
        # A modem keeps quiet while it is being told something.
        while self._unsolicited and not self._line and not self._expects_pdu:
            self._write(f"\r\n{self._unsolicited.pop(0)}\r\n".encode("ascii"))

    def _silent_at(self, line: str) -> bool:
        return isinstance(self.fault, Silence) and line.startswith(self.fault.at)

    # --- commands ----------------------------------------------------------------------------------

    def _command(self, line: str) -> None:
        if not line:
            return
        self.commands.append(line)
        self._changed.set()
        if self._silent_at(line):
            return
        name, _, argument = line.partition("=")
        match name, argument:
            case _, _ if line in _ANSWERS:
                self._answer(_ANSWERS[line])
            case "AT+CPIN?", _:
                self._answer(f"+CPIN: {self.pin_state}")
            case "AT+COPS?", _:
                self._answer('+COPS: 0,0,"Emulated Net"')
            case "AT+CNMI", _:
                self._answer("")
            case "AT+CPMS?", _:
                self._answer("+CPMS: " + ",".join(f'"{self._store}",{self._usage()}' for _ in range(3)))
            case "AT+CPMS", _:
                self._store = argument.split(",")[0].strip('"')
                self._answer("+CPMS: " + ",".join(self._usage() for _ in range(3)))
            case "AT+CMGL", "4":
                self._list()
            case "AT+CMGR", place:
                self._read_message(int(place))
            case "AT+CMGD", place:
                self.stores[self._store].pop(int(place), None)
                self._answer("")
                self._changed.set()
            case "AT+CMGS", _:
                self._prompt()
            case _:
                self._answer("", "ERROR")

    def _usage(self) -> str:
        return f"{len(self.stores[self._store])},{_STORE_SIZES[self._store]}"

    def _list(self) -> None:
        store, lines = self.stores[self._store], []
        for place, (state, message) in sorted(store.items()):
            lines.append(f"+CMGL: {place},{state},,{pdu.tpdu_length(message)}\r\n{message.hex().upper()}")
            store[place] = (1, message)
        self._answer("\r\n".join(lines))

    def _read_message(self, place: int) -> None:
        if place not in self.stores[self._store]:
            self._answer("", "+CMS ERROR: 321")
            return
        state, message = self.stores[self._store][place]
        self.stores[self._store][place] = (1, message)
        self._answer(f"+CMGR: {state},,{pdu.tpdu_length(message)}\r\n{message.hex().upper()}")

    def _prompt(self) -> None:
        if isinstance(self.fault, CmsError) and self.fault.in_place_of_prompt:
            self._answer("", f"+CMS ERROR: {self.fault.number}")
            return
        self.prompted_for.append(self._line_began)
        self._expects_pdu = True
        self._write(b"\r\n> ")

    def _submit(self, message: bytes) -> None:
        refused = isinstance(self.fault, CmsError | PlainError)
        if not refused:
            self.last_reference = (self.last_reference + 1) % 256
        submitted = pdu.decode_submit(message, None if refused else self.last_reference)
        self.submissions.append(submitted)
        match self.fault:
            case CmsError(number=number):
                self._answer("", f"+CMS ERROR: {number}")
            case PlainError():
                self._answer("", "ERROR")
            case _ if not self._silent_at("PDU"):
                self._answer(f"+CMGS: {self.last_reference}")
        if not refused and self.report_after is not None and submitted.report_requested:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(self.report_after, self.report, submitted))
        self._changed.set()
