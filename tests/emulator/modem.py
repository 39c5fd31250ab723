"""The modem in its USB socket: cable and power on one side of its dialogue, the network on the other."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.emulator import pdu
from tests.emulator.dialogue import Dialogue
from tests.emulator.faults import Fault, Reboot
from tests.emulator.network import Report
from tests.emulator.pdu import Submitted
from tests.emulator.port import DeadPort, Port
from tests.emulator.settings import Settings
from tests.emulator.storage import Store
from tests.emulator.timers import Timers

STORM = '^HCSQ: "LTE",41,35,101,20'
"""A Huawei stick says this whenever the air changes, until AT^CURC=0."""


class ModemEmulator(Dialogue):
    """A modem for one ``async with``; ``device`` is the path for whoever wants to open it.

    ``dead_ports`` are the other ports of the same stick, and what each says to whatever it is told. To ``log`` every
    submission is added as a line of JSON.
    """

    def __init__(
        self, device: Path, *, dead_ports: Mapping[Path, bytes] | None = None, log: Path | None = None
    ) -> None:
        self._port = Port(device, self._take)
        super().__init__(self._port.write)
        self.device = device
        self.boot_lines: tuple[str, ...] = ("Call Ready",)
        """What it says after a reboot."""
        self.on_reset = Reboot(1)
        """What AT+CFUN=1,1 does."""
        self.network = self._equipment.network
        self.network.log = log
        self.sim = self._equipment.sim
        self.storage = self._equipment.storage
        self.identity = self._equipment.identity
        self.defaults = self._equipment.defaults
        """What ``settings`` are after the next start."""
        self._dead_ports = [DeadPort(path, says) for path, says in (dead_ports or {}).items()]
        self._storm, self._power = Timers(), Timers()

    async def __aenter__(self) -> Self:
        self.plug()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.unplug()
        self.network.close()

    # --- short names -------------------------------------------------------------------------------

    @property
    def fault(self) -> Fault | None:
        """What goes wrong from now on, wherever ``script`` has nothing to say."""
        return self.faults.standing

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self.faults.standing = fault

    @property
    def script(self) -> list[Fault]:
        """What goes wrong next, in this order."""
        return self.faults.script

    @script.setter
    def script(self, steps: list[Fault]) -> None:
        self.faults.script = steps

    @property
    def report_after(self) -> float | None:
        """Seconds until each text is reported delivered; None where it is not, or otherwise."""
        match self.network.reports:
            case [Report(after=seconds, status=0)]:
                return seconds
        return None

    @report_after.setter
    def report_after(self, seconds: float | None) -> None:
        self.network.reports = () if seconds is None else (Report(after=seconds),)

    @property
    def pin_state(self) -> str:
        """``Sim.state``."""
        return self.sim.state

    @pin_state.setter
    def pin_state(self, state: str) -> None:
        self.sim.state = state
        self._equipment.switch_radio()

    @property
    def settings(self) -> Settings:
        """What it was told since its last start."""
        return self._equipment.settings

    @property
    def submissions(self) -> list[Submitted]:
        """Every text that it was given, in order."""
        return self.network.submissions

    @property
    def stores(self) -> dict[str, Store]:
        """What lies in ``SM``, ``ME`` and ``SR``."""
        return self.storage.stores

    # --- the cable, and the power ------------------------------------------------------------------

    @property
    def plugged(self) -> bool:
        """Whether the port is there."""
        return self._port.plugged

    async def plugged_in(self, *, timeout: float = 30) -> None:
        """Return when the port is there."""
        await self._changes.until(lambda: self.plugged, lambda: "not plugged in", timeout)

    def plug(self, *, other_node: bool = False) -> None:
        """Put the modem into its USB socket; the port appears at ``device``, where asked on another tty than before."""
        for port in (self._port, *self._dead_ports):
            port.plug(other_node=other_node)
        self._power_on()

    def unplug(self, seconds: float | None = None) -> None:
        """Pull it out, and put it back after so many seconds; what lies in its stores stays."""
        self._power_off()
        for port in (self._port, *self._dead_ports):
            port.unplug()
        if seconds is not None:
            self._power.after(seconds, self.plug)

    def jam(self) -> None:
        """From now on nothing can be written to the port: a hung USB endpoint, or flow control without end."""
        self._port.jam()

    def unjam(self) -> None:
        """It takes what is written again."""
        self._port.unjam()

    def reboot(self, seconds: float = 1, *, port_goes: bool = False) -> None:
        """Forget all settings; deaf for so many seconds, or its port absent."""
        if port_goes:
            self.unplug(seconds)
            return
        self._power_off()
        self._power.after(seconds, self._boot)

    def _boot(self) -> None:
        self._power_on()
        for line in self.boot_lines:
            self.say(line)

    def _reset(self) -> None:
        # In the next round of the loop: the OK comes first.
        self._power.after(0, lambda: self.reboot(self.on_reset.seconds, port_goes=self.on_reset.port_goes))

    def _power_on(self) -> None:
        self._power.cancel()
        self._begin(hears=True)
        self._equipment.power_on()
        self._changes.announce()

    def _power_off(self) -> None:
        self._power.cancel()
        self._storm.cancel()
        self._begin(hears=False)
        self._equipment.power_off()

    # --- the network -------------------------------------------------------------------------------

    async def submitted(self, count: int = 1, *, timeout: float = 30) -> list[Submitted]:
        """The first ``count`` texts given to the modem, as soon as there are so many."""
        seen = self.submissions
        await self._changes.until(lambda: len(seen) >= count, lambda: f"{len(seen)} of {count} texts", timeout)
        return seen[:count]

    async def commanded(self, beginning: str, *, timeout: float = 30) -> None:
        """Return when a command that begins so has come since the last call of this method."""
        await self._changes.until(
            lambda: any(line.startswith(beginning) for line in self.commands), lambda: f"no {beginning}", timeout
        )
        self.commands.clear()

    def texts(self) -> list[tuple[str, str]]:
        """Number and words of each whole text that the network got, its parts joined."""
        return pdu.join(self.submissions)

    def deliver_sms(
        self, sender: str, text: str, sent_at: dt.datetime, *, reference: int = 0, flash: bool = False
    ) -> None:
        """A text arrives, in parts where it is long, as soon as there is room for it; a ``flash`` one needs none."""
        self.network.deliver(pdu.encode_deliver(sender, text, sent_at, reference=reference, flash=flash))

    def store(self, message: bytes, *, store: str | None = None) -> None:
        """One PDU arrives as it is, right or wrong; in this store, or where the modem was told to put what comes."""
        self.network.deliver([message], store)

    def report(self, submitted: Submitted, status: int = 0, *, reference: int | None = None) -> None:
        """The service centre reports on a text: 0 delivered, 32-63 still trying, 64 and up given up."""
        self.network.report(submitted, status, reference=reference)

    # --- unasked -----------------------------------------------------------------------------------

    def storm(self, line: str = STORM, *, every: float = 0.2) -> None:
        """Say this again and again, until ``calm`` or the next start."""
        self._storm.every(every, lambda: self.say(line))

    def calm(self) -> None:
        """The storm is over."""
        self._storm.cancel()
