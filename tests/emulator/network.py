"""The mobile network: who is registered, what it holds back, what it reports, and who rings."""

import asyncio
import dataclasses
import functools
import json
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from tests.emulator import pdu
from tests.emulator.pdu import Submitted
from tests.emulator.timers import Timers
from tests.lab.changes import Changes
from textbackd import clock

NONE, HOME, SEARCHING, DENIED, ROAMING = "none", "home", "searching", "denied", "roaming"
STAT = {NONE: 0, HOME: 1, SEARCHING: 2, DENIED: 3, ROAMING: 5}
"""``stat`` of +CREG (3GPP TS 27.007 §7.2)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One delivery report on a text."""

    after: float = 0
    """Seconds after the answer to AT+CMGS."""
    status: int = 0
    """TP-ST: 0 delivered, 32-63 still trying, 64 and up given up."""
    before_answer: bool = False
    """Before the answer, whatever ``after`` says."""
    reference_offset: int = 0
    """Added to the text's reference: a report on another one."""


class Terminal(Protocol):
    """The modem, as the network knows it."""

    def take_message(self, message: bytes, store: str | None) -> bool:
        """Whether there was room for this SMS-DELIVER."""
        ...

    def take_report(self, message: bytes) -> None:
        """Take an SMS-STATUS-REPORT."""
        ...

    def take_registration(self) -> None:
        """Learn that the registration has changed."""
        ...

    def ring(self, number: str) -> None:
        """Ring once."""
        ...

    def stop_ringing(self) -> None:
        """The caller has given up."""
        ...


class Network:
    """Behind one modem."""

    def __init__(self, terminal: Terminal, changes: Changes) -> None:
        self.operator = "Emulated Net"
        self.plmn = "00101"
        self.signal = 20
        """As AT+CSQ says it: 0 to 31, or 99 for not known."""
        self.registers_after = 0.0
        """Seconds from the radio's start until the modem is registered."""
        self.reports: Sequence[Report] = ()
        """On each text that the network gets and that asks for a report."""
        self.report_script: deque[Sequence[Report]] = deque()
        """On the next ones, before ``reports`` holds again."""
        self.submissions: list[Submitted] = []
        """Every text that the modem was given, in order."""
        self.log: Path | None = None
        """One JSON line for each submission is added here."""
        self.timers = Timers()
        self._terminal = terminal
        self._changes = changes
        self._coverage = HOME
        self._radio = self._attached = False
        self._attaching: asyncio.TimerHandle | None = None
        self._held: deque[tuple[bytes, str | None]] = deque()
        self._held_reports: deque[bytes] = deque()
        self._call = Timers()
        self._caller: str | None = None

    # --- registration ------------------------------------------------------------------------------

    @property
    def registration(self) -> str:
        """``home``, ``roaming``, ``searching``, ``denied`` or ``none``: what a radio that is on gets to."""
        if not self._radio:
            return NONE
        return self._coverage if self._attached else SEARCHING

    @registration.setter
    def registration(self, coverage: str) -> None:
        assert coverage in STAT, coverage
        self._coverage = coverage
        self._changed()

    @property
    def registered(self) -> bool:
        """Whether texts go and come."""
        return self.registration in (HOME, ROAMING)

    def radio(self, *, on: bool) -> None:
        """The modem's radio is switched; nothing happens where it was so."""
        if on == self._radio:
            return
        self._radio = on
        if self._attaching is not None:
            self._attaching.cancel()
        if on and self.registers_after:
            self._attaching = self.timers.after(self.registers_after, self.attach)
        self.attach(wanted=on and not self.registers_after)

    def attach(self, *, wanted: bool = True) -> None:
        """Look for the network, or leave it until told otherwise (AT+COPS=0 and 2)."""
        self._attached = wanted
        self._changed()

    def _changed(self) -> None:
        self._terminal.take_registration()
        self.deliver_held()

    # --- texts to the modem ------------------------------------------------------------------------

    @property
    def held(self) -> int:
        """How many texts wait for room on the SIM, or for the modem."""
        return len(self._held)

    def deliver(self, messages: Iterable[bytes], store: str | None = None) -> None:
        """Let these SMS-DELIVERs arrive, in the store where the modem wants them or in this one."""
        self._held += ((message, store) for message in messages)
        self.deliver_held()

    def deliver_held(self) -> None:
        """Try again what had to wait: when the modem is back, and when it has deleted something."""
        while self.registered and self._held_reports:
            self._terminal.take_report(self._held_reports.popleft())
        if self.registered:
            self._held = deque(held for held in self._held if not self._terminal.take_message(*held))

    # --- texts from the modem ----------------------------------------------------------------------

    def record(self, submitted: Submitted) -> None:
        """Write down what the modem was given, and what it told its sender."""
        self.submissions.append(submitted)
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(submitted.as_json(), ensure_ascii=False) + "\n")
        self._changes.announce()

    def plan_reports(self, submitted: Submitted) -> None:
        """Report on it as told; call it before the answer."""
        if not submitted.report_requested or submitted.reference is None:
            return
        for report in self.report_script.popleft() if self.report_script else self.reports:
            if report.before_answer:
                self._report(submitted, report)
            else:
                self.timers.after(
                    submitted.told_after + report.after, functools.partial(self._report, submitted, report)
                )

    def report(self, submitted: Submitted, status: int = 0, *, reference: int | None = None) -> None:
        """The service centre reports on a text, with its own reference or another; held until registered."""
        reference = submitted.reference if reference is None else reference
        assert reference is not None, "a refused text has no report"
        self._held_reports.append(pdu.encode_status_report(submitted.number, reference, status, clock.utc_now()))
        self.deliver_held()

    def _report(self, submitted: Submitted, report: Report) -> None:
        assert submitted.reference is not None
        self.report(submitted, report.status, reference=(submitted.reference + report.reference_offset) % 256)

    # --- voice -------------------------------------------------------------------------------------

    def call(self, number: str, *, every: float = 5) -> None:
        """Somebody rings the SIM, and goes on until ``hang_up``; nothing happens while it is not registered."""
        if self.registered and self._caller is None:
            self._caller = number
            self._terminal.ring(number)
            self._call.every(every, lambda: self._terminal.ring(number))

    def hang_up(self) -> None:
        """The caller gives up."""
        if self.end_call():
            self._terminal.stop_ringing()

    def end_call(self) -> bool:
        """Whether there was a call to end."""
        was, self._caller = self._caller is not None, None
        self._call.cancel()
        return was

    # -----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Nothing happens any more."""
        self.timers.cancel()
        self._call.cancel()
