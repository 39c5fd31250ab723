"""The dialogue on the port: echo, command lines, the prompt, what is said unasked, and what goes wrong with them."""

import abc
import dataclasses
from collections import deque
from collections.abc import Callable

from tests.emulator import commands, pdu
from tests.emulator.equipment import Equipment
from tests.emulator.faults import (
    PDU,
    CmeError,
    CmsError,
    Fault,
    Faults,
    Garbage,
    Interjection,
    Interruption,
    LateAnswer,
    PlainError,
    Reboot,
    Refusal,
    Silence,
    Unplug,
)
from tests.emulator.timers import Timers
from tests.lab.changes import Changes
from textbackd import clock

_PROMPT = "\r\n> "
_INVALID_PDU = "\r\n+CMS ERROR: 304\r\n"


class Dialogue(abc.ABC):
    """One that can be broken off and begun anew; ``write`` says octets to whoever has the port open."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.echoes = True
        """False: never, whatever ATE1 says."""
        self.send_seconds = 0.0
        """How long the radio takes for a text; the modem takes nothing in meanwhile."""
        self.answers: dict[str, str] = {}
        """Command line → the lines before ``OK``; for what this modem does not know."""
        self.last_reference = 0
        """TP-MR of the last text that the network got."""
        self.commands: list[str] = []
        """Every command line, in order."""
        self.prompted_for: list[float] = []
        """When the first byte of each AT+CMGS came (monotonic seconds)."""
        self.faults = Faults()
        self._write = write
        self._changes = Changes()
        self._equipment = Equipment(self.say, self._reset, self._changes)
        self._late = Timers()
        self._begin(hears=False)

    @abc.abstractmethod
    def unplug(self, seconds: float | None = None) -> None:
        """The cable is pulled."""

    @abc.abstractmethod
    def reboot(self, seconds: float = 1, *, port_goes: bool = False) -> None:
        """The modem starts anew."""

    @abc.abstractmethod
    def _reset(self) -> None:
        """AT+CFUN=1,1 is being answered."""

    def say(self, line: str) -> None:
        """An unsolicited line, known or not."""
        if self._hears and (self._equipment.settings.curc or not line.startswith("^")):
            self._unsolicited.append(line)
            self._say_unsolicited()

    def _begin(self, *, hears: bool) -> None:
        self._late.cancel()
        self._hears = hears
        self._line, self._echo = bytearray(), bytearray()
        self._line_began = 0.0
        self._expects_pdu = False
        self._announced_length = 0
        self._executing = self._busy = False
        self._kept = bytearray()
        self._unsolicited: deque[str] = deque()

    def _take(self, octets: bytes) -> None:
        for octet in octets:
            if self._busy:
                self._kept.append(octet)
            elif self._hears:
                self._take_octet(octet)

    def _take_octet(self, octet: int) -> None:
        if self._equipment.settings.echo and self.echoes and not self.faults.dead:
            self._echo.append(octet)
        if not isinstance(self.faults.next, Interruption):
            self._say_echo()
        match octet, self._expects_pdu:
            case 0x1B, _:
                self._line.clear()
                self._expects_pdu = False
            case 0x1A, True:
                line, self._expects_pdu = bytes(self._line), False
                self._line.clear()
                self._take_pdu(line)
            case 0x0D, False:
                line = bytes(self._line)
                self._line.clear()
                self._take_command(line.decode("ascii", "replace").strip())
            case _:
                if not self._line:
                    self._line_began = clock.monotonic()
                self._line.append(octet)
        self._say_unsolicited()

    def _say_echo(self) -> None:
        echo, self._echo = bytes(self._echo), bytearray()
        self._write(echo)

    # --- commands ----------------------------------------------------------------------------------

    def _take_command(self, line: str) -> None:
        if not line:
            return
        self.commands.append(line)
        fault = self.faults.take(line.upper())
        if isinstance(fault, Interruption):
            self._write(f"\r\n{fault.line}\r\n".encode("ascii"))
        self._say_echo()
        refusal = self._refusal(fault)
        if refusal:
            self._tell(f"\r\n{refusal}\r\n", fault)
        elif not self._falls_silent(fault):
            self._tell(self._execute(line), fault)
        self._changes.announce()

    def _execute(self, line: str) -> str:
        self._executing = True
        try:
            if line.upper().startswith("AT+CMGS="):
                return self._prompt(line)
            text = self.answers[line] if line in self.answers else commands.execute(self._equipment, line)
        except commands.Refused as refused:
            return f"\r\n{refused}\r\n"
        finally:
            self._executing = False
        return _with_ok(text)

    def _prompt(self, line: str) -> str:
        commands.refuse_texts(self._equipment)
        _, _, length = line.partition("=")
        if not length.isdecimal():
            raise commands.Refused("ERROR")
        self._announced_length = int(length)
        self.prompted_for.append(self._line_began)
        return _PROMPT

    # --- texts -------------------------------------------------------------------------------------

    def _take_pdu(self, octets: bytes) -> None:
        try:
            submitted = pdu.decode_submit(bytes.fromhex(octets.decode("ascii")))
        except (ValueError, IndexError):
            self._answer(_INVALID_PDU)
            return
        if pdu.tpdu_length(submitted.pdu) != self._announced_length:
            self._answer(_INVALID_PDU)
            return
        fault = self._fault_after_pdu()
        refusal = self._refusal(fault)
        sent = fault.sent if isinstance(fault, Refusal | Silence | Unplug | Reboot) else not refusal
        if sent:
            self.last_reference = (self.last_reference + 1) % 256
        silent = isinstance(fault, Silence | Unplug | Reboot)
        submitted = dataclasses.replace(
            submitted,
            reference=self.last_reference if sent else None,
            at=clock.utc_now(),
            outcome="" if silent else refusal or f"+CMGS: {self.last_reference}",
            told_after=fault.seconds if isinstance(fault, LateAnswer) else 0,
        )
        self._equipment.network.record(submitted)
        self._equipment.network.plan_reports(submitted)
        if not self._falls_silent(fault):
            self._tell(f"\r\n{refusal}\r\n" if refusal else _with_ok(submitted.outcome), fault)

    def _fault_after_pdu(self) -> Fault | None:
        if self.faults.dead:
            return Silence(sent=False)
        number = self._equipment.submit_refusal()
        if number:
            return CmsError(number)
        fault = self.faults.take(PDU)
        return LateAnswer(self.send_seconds) if fault is None and self.send_seconds else fault

    # --- answers -----------------------------------------------------------------------------------

    def _refusal(self, fault: Fault | None) -> str:
        match fault:
            case CmsError(number=number) | LateAnswer(cms=int(number)):
                return f"+CMS ERROR: {number}"
            case CmeError(number=number):
                return self._equipment.cme_error(number)
            case PlainError():
                return "ERROR"
        return ""

    def _falls_silent(self, fault: Fault | None) -> bool:
        """Whether there will be no answer; the cable is pulled by the way."""
        match fault:
            case Silence():
                return True
            case Unplug(seconds=seconds):
                self.unplug(seconds)
                return True
            case Reboot(seconds=seconds, port_goes=port_goes):
                self.reboot(seconds, port_goes=port_goes)
                return True
        return False

    def _tell(self, answer: str, fault: Fault | None) -> None:
        match fault:
            case LateAnswer(seconds=seconds, busy=busy):
                self._busy = busy
                self._late.after(seconds, lambda: self._answer_late(answer))
                return
            case Garbage(octets=octets):
                self._write(octets)
            case Interjection(line=line):
                self._write(f"\r\n{line}\r\n".encode("ascii"))
        self._answer(answer)

    def _answer_late(self, answer: str) -> None:
        self._answer(answer)
        kept, self._kept, self._busy = bytes(self._kept), bytearray(), False
        self._take(kept)

    def _answer(self, answer: str) -> None:
        if answer == _PROMPT:
            self._expects_pdu = True
        self._write(answer.encode("ascii"))

    def _say_unsolicited(self) -> None:
        # A modem keeps quiet while it is being told something, and about to answer.
        while self._unsolicited and not (self._line or self._expects_pdu or self._executing or self.faults.dead):
            self._write(f"\r\n{self._unsolicited.popleft()}\r\n".encode("ascii"))


def _with_ok(text: str) -> str:
    lines = f"\r\n{text}\r\n" if text else ""
    return f"{lines}\r\nOK\r\n"
