"""A GSM modem through gammu, which lives in a child process that can be killed.

The child is started by the first command, and anew after it died; between two starts the pauses grow. The port is
watched meanwhile: a modem that is pulled out is given up at once, one that is put back is opened at once.
"""

import asyncio
import dataclasses
from collections import deque
from collections.abc import Sequence

import structlog

from textbackd import clock
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment
from textbackd.modem import port_errors, preflight, sms_parts
from textbackd.modem.gammu_child import ChildLostError, GammuChild, Line
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.incoming_calls import IncomingCalls
from textbackd.modem.modem import (
    DeliveryReport,
    ModemStatus,
    ModemUnavailable,
    Received,
    Registration,
    Stored,
    SubmitRefused,
    SubmitUnknown,
)
from textbackd.modem.port_watch import PortWatch
from textbackd.modem.reopening import Reopening

log = structlog.get_logger(__name__)

UNREGISTERED_SECONDS = 900.0
"""A modem that no network has let in for so long has its radio switched off and on, where the settings allow that."""


class GammuModem:
    """``Modem`` on a serial port. After ``close`` it stays closed."""

    def __init__(self, settings: GammuSettings, *, seconds_unanswered: float | None = None) -> None:
        """``seconds_unanswered``: so long ago it was given a text whose answer a process that ended did not see."""
        self.name = settings.name
        self.incoming = asyncio.Event()
        self.pushed: deque[bytes] = deque()
        self._settings = settings
        self._one_at_a_time = asyncio.Lock()
        self._child: GammuChild | None = None
        self._is_open = False
        """Whether the child has opened the port, and its end is news."""
        self._watch = PortWatch(settings.device, self._gone, self._back)
        self._reports: list[DeliveryReport] = []
        self._calls = IncomingCalls()
        self._reopening = Reopening()
        self._error: type[ModemUnavailable] = ModemUnavailable
        """What the loss of the child is to be called."""
        self._bell_at_retry: asyncio.TimerHandle | None = None
        self._answer_may_come_until = 0.0
        self._gone_at = 0.0
        """When the port was last seen to be gone, or to be another."""
        if seconds_unanswered is not None:
            # Whether it was unplugged meanwhile nobody knows. A clock that was set back must not silence it for long.
            rest = settings.late_answer_after_restart - max(0.0, seconds_unanswered)
            self._answer_may_come_until = clock.monotonic() + rest
        self._unregistered_since: float | None = None
        """Since it was opened: what was before may have been another place, another SIM, or no power."""
        self._cycle_radio = False
        """Whether somebody wants that, until the modem has been told."""
        self._closed = False

    async def open(self) -> None:
        async with self._one_at_a_time:
            await self._open()
            self._refuse_while_an_answer_may_come()

    async def submit(self, number: E164, segment: Segment) -> int:
        command = {
            "do": "submit",
            "number": number,
            "segment": dataclasses.asdict(segment),
            "validity": self._settings.validity,
        }
        async with self._one_at_a_time:
            child = await self._open()
            self._refuse_while_an_answer_may_come()
            try:
                answer = await child.ask(command, self._settings.submit_deadline)
            except ChildLostError as lost:
                if child.submitted_at is None:
                    raise self._lost(child, str(lost)) from lost
                raise self._unknown(child, str(lost)) from lost
            except asyncio.CancelledError:
                self._expect_late_answer(child)
                raise
            match answer:
                case {"answer": "accepted", "reference": int(reference)}:
                    self._reopening.worked()
                    return reference
                case {"answer": "refused", "reason": reason, "cms": cms}:
                    self._reopening.worked()
                    raise SubmitRefused(f"{self.name}: {reason}", cms=cms)
                case {"answer": "not_sent", "reason": reason}:
                    raise self._lost(child, reason)
                case {"answer": "unavailable", "reason": reason, "kind": kind} if child.submitted_at is None:
                    raise self._lost(child, reason, kind)
                case {"reason": reason, "in_step": True}:  # it has answered, and the text may yet arrive
                    self._reopening.worked()
                    raise SubmitUnknown(f"{self.name}: {reason}")
                case {"reason": reason}:
                    raise self._unknown(child, reason)
                case _:
                    raise AssertionError(answer)

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        async with self._one_at_a_time:
            answer = await self._ask({"do": "receive"}, "received", self._settings.receive_deadline)
            stored = [Stored(place=place, pdu=bytes.fromhex(pdu)) for place, pdu in answer["stored"]]
            found = sms_parts.sort_out((*shelf, *stored))
            crowded = tuple(f"{store}:" for store in answer["crowded"])
            reports, self._reports = self._reports, []
            return Received(
                messages=found.texts,
                unread=found.unread,
                reports=reports,
                stored_reports=found.reports,
                calls=self._calls.take(clock.monotonic()),
                crowded={message.place: message.pdu for message in stored if message.place.startswith(crowded)},
                unreadable=answer["unreadable"],
            )

    async def delete(self, places: Sequence[str]) -> None:
        async with self._one_at_a_time:
            await self._ask({"do": "delete", "places": list(places)}, "done", self._settings.receive_deadline)

    async def status(self) -> ModemStatus:
        async with self._one_at_a_time:
            answer = await self._ask({"do": "status"}, "status", self._settings.status_deadline)
            told = answer["status"]
            status = ModemStatus(**told | {"registration": Registration(told["registration"])})
            self._mind_registration(status.registration)
            return status

    async def reset(self, *, radio: bool = False) -> None:
        await self._end_child("reset")
        self._reopening.at_once()
        self._cycle_radio = self._cycle_radio or radio
        self.incoming.set()

    async def close(self) -> None:
        self._closed = True
        self._watch.stop()
        if self._bell_at_retry is not None:
            self._bell_at_retry.cancel()
        await self._end_child("closed")

    # --- commands ---------------------------------------------------------------------------------------------------

    async def _ask(self, command: Line, expected: str, deadline: float) -> Line:
        """Anything but a submit. Raises ModemUnavailable."""
        child = await self._open()
        try:
            answer = await child.ask(command, deadline)
        except ChildLostError as lost:
            raise self._lost(child, str(lost)) from lost
        if answer["answer"] != expected:
            raise self._lost(child, answer["reason"], answer["kind"])
        self._reopening.worked()
        return answer

    def _lost(self, child: GammuChild, reason: str, kind: str = "ModemUnavailable") -> ModemUnavailable:
        """End the child, whose gammu may be out of step with the modem by now."""
        self._error = getattr(port_errors, kind, ModemUnavailable)
        child.kill(reason)
        return self._error(f"{self.name}: {reason}")

    def _unknown(self, child: GammuChild, reason: str) -> SubmitUnknown:
        self._expect_late_answer(child)
        return SubmitUnknown(str(self._lost(child, reason)))

    def _expect_late_answer(self, child: GammuChild) -> None:
        if child.submitted_at is not None and child.submitted_at > self._gone_at:
            self._answer_may_come_until = child.submitted_at + self._settings.late_answer
            seconds = round(self._answer_may_come_until - clock.monotonic())
            log.info("modem_waits_for_late_answer", modem=self.name, seconds=seconds)

    def _refuse_while_an_answer_may_come(self) -> None:
        if clock.monotonic() < self._answer_may_come_until:
            raise ModemUnavailable(f"{self.name}: the answer to the last text may still come")

    # --- the child --------------------------------------------------------------------------------------------------

    async def _open(self) -> GammuChild:
        """The child with its port open. Raises ModemUnavailable, at once while it is too early to try again."""
        if self._child is not None and not self._child.reason:
            return self._child
        # gammu keeps the port locked until its process is gone.
        if self._child is not None and not await self._child.wait():
            raise ModemUnavailable(f"{self.name}: its process cannot be ended ({self._child.reason})")
        self._child = None
        if self._closed:
            raise ModemUnavailable(f"{self.name}: closed")
        self._reopening.refuse_if_too_early(clock.monotonic())
        self._reopening.opening(clock.monotonic())
        self._watch.look()
        cycle_radio = self._cycle_radio or (self._settings.radio_cycle and self._reopening.wants_radio_cycle)
        pin = self._settings.pin
        command = {
            "do": "open",
            "device": self._settings.device,
            "speed": self._settings.speed,
            "pin": None if pin is None else dataclasses.asdict(pin) | {"folder": str(pin.folder)},
            "cycle_radio": cycle_radio,
        }
        found_to_answer = preflight.LONGEST_SECONDS_WITH_CYCLE if cycle_radio else preflight.LONGEST_SECONDS
        self._error = ModemUnavailable
        try:
            child = self._child = await GammuChild.start(self.name, self._take_event)
        except OSError as error:
            raise ModemUnavailable(f"{self.name}: {error}") from error
        if self._closed:
            child.kill("closed")
        try:
            answer = await child.ask(command, found_to_answer + self._settings.open_deadline)
        except ChildLostError as lost:
            raise self._lost(child, str(lost)) from lost
        if answer["answer"] != "done":
            raise self._lost(child, answer["reason"], answer["kind"])
        self._unregistered_since, self._is_open = None, True
        # There may be texts that came while nobody listened.
        self.incoming.set()
        return child

    async def _end_child(self, reason: str) -> None:
        if self._child is not None:
            self._child.kill(reason)
            await self._child.wait()

    def _take_event(self, event: Line) -> None:
        match event:
            case {"event": "report", **report}:
                self._reports.append(DeliveryReport(**report))
                self.incoming.set()
            case {"event": "text", "pdu": pdu}:
                self.pushed.append(bytes.fromhex(pdu))
                self.incoming.set()
            case {"event": "ring", "number": number}:
                if self._calls.ring(number, clock.monotonic()):
                    self.incoming.set()
            case {"event": "bell"}:
                self.incoming.set()
            case {"event": "cycling_radio"}:
                self._cycle_radio = False
                self._reopening.cycling_radio()
            case _:
                self._take_end()

    def _take_end(self) -> None:
        """The child has ended; somebody is to open again as soon as it is time."""
        if self._closed or self._child is None:
            return
        if self._is_open:  # that it cannot be opened again is for whoever asks it to say
            self._is_open = False
            log.warning("modem_given_up", modem=self.name, reason=self._child.reason)
        self._reopening.lost(self._error(f"{self.name}: {self._child.reason}"))
        self._ring_when_it_may_be_opened()

    def _ring_when_it_may_be_opened(self) -> None:
        if self._bell_at_retry is not None:
            self._bell_at_retry.cancel()
        pause = max(0.0, self._reopening.not_before - clock.monotonic())
        self._bell_at_retry = asyncio.get_running_loop().call_later(pause, self.incoming.set)

    # --- the port and the network -----------------------------------------------------------------------------------

    def _gone(self) -> None:
        # It has lost its power, and its memory with it; gammu may have noticed before.
        self._gone_at, self._answer_may_come_until = clock.monotonic(), 0.0
        if self._child is not None:
            self._child.kill("unplugged")

    def _back(self) -> None:
        self._reopening.at_once()
        self.incoming.set()

    def _mind_registration(self, registration: Registration) -> None:
        """Have the radio switched off and on where no network has let it in for long."""
        now = clock.monotonic()
        if registration.registered or self._unregistered_since is None:
            self._unregistered_since = None if registration.registered else now
        elif self._settings.radio_cycle and now - self._unregistered_since > UNREGISTERED_SECONDS:
            self._unregistered_since, self._cycle_radio = now, True
            if self._child is not None:
                self._child.kill("no network has let it in for long")
