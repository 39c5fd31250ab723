"""AT commands of our own on the port that gammu has open, between two of its calls (3GPP TS 27.007).

gammu gives no way to ask for more than it knows, waits up to 200 s for a plain answer, and a line that it does not know
costs it the next command. Here a deadline is ours, an unknown line is passed over, and nothing said unasked is lost.
The descriptor is gammu's: it does not block, and what is read here gammu does not see.
"""

import os
import re
import select
from collections import deque
from collections.abc import Callable, Iterable

from textbackd import clock
from textbackd.modem.at_port import Answer

SECONDS = 5.0
"""A healthy modem echoes and answers a plain command within milliseconds."""
GONE = "the port is gone"
_REST_SECONDS = 0.5
"""A line comes in one go, but for the pauses of a USB bus."""

_FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR: ?.*|COMMAND NOT SUPPORT")
_UNASKED = re.compile(
    r"\+(CMTI|CDSI|CDS|CMT|CBM|CRING|CLIP|CCWA|CTZV|CTZE|CIEV|QIND|QUSIM|CPIN|CFUN)\b"
    r"|RING\b|RDY\b|\*PSUT|DST:|\^|NO CARRIER|(Call|SMS|SMS DONE|PB DONE|MODEM:|(OVER|UNDER)-VOLTAGE)\b"
)
"""Lines that are no part of any answer to what we ask; any other in the middle of an answer does no harm to it."""
_WITH_PDU = re.compile(r"\+(CDS|CMT|CBM):(?:.*?(?P<octets>\d+)$)?")
"""A PDU belongs to it, in the next line; it tells how many octets that has behind the service centre's address."""
_PDU = re.compile(r"[0-9A-Fa-f]+")
_LONGEST_SERVICE_CENTRE = 12
"""Octets of its address (3GPP TS 24.011 §8.2.5.1), its length among them."""
_PDU_SECONDS = 5.0
"""So much later a slow modem may still say the PDU, and something else before it."""


class LineLost(Exception):
    """No answer, no echo, or no port: what this modem says next may belong to anything."""


class ModemLine:
    """One open port. ``unasked`` gets each line that no command asked for, with its PDU behind a newline."""

    def __init__(self, port: int, unasked: Callable[[str], None]) -> None:
        self._port = port
        self._unasked = unasked
        self._unread = b""
        self._lines: deque[str] = deque()
        self._awaits_pdu = ""
        """The line to which a PDU is still to come."""
        self._awaits_pdu_until = 0.0
        self._before = ""
        """The line before the present one."""

    def ask(self, command: str, seconds: float = SECONDS) -> Answer:
        """The answer to one command. Raises LineLost where its echo does not come within ``SECONDS``, or then nothing
        more for ``seconds``.
        """
        self._write(command.encode("ascii") + b"\r")
        answer: list[str] = []
        deadline = clock.monotonic() + SECONDS
        # In front of the echo stands what was said before it was asked, or the late answer to something else.
        while (line := self._next(deadline, command)) != command:
            self._take(line)
        deadline = clock.monotonic() + seconds
        while True:
            line = self._next(deadline, command)
            if self._is_awaited(line) or _UNASKED.match(line):
                self._take(line)
                continue
            self._before = line
            if _FINAL.fullmatch(line):
                return Answer(tuple(answer), line)
            answer.append(line)
            deadline = clock.monotonic() + seconds

    def listen(self) -> None:
        """Take what has come unasked; waits only for the rest of what has begun. Raises LineLost.

        gammu, given the second half of a line or the PDU without its +CDS, loses its way for up to half a minute.
        """
        deadline = clock.monotonic() + _REST_SECONDS
        while True:
            while self._lines:
                self._take(self._lines.popleft())
            has_begun = self._unread or (self._awaits_pdu and clock.monotonic() < self._awaits_pdu_until)
            if not self._readable(deadline - clock.monotonic() if has_begun else 0):
                return
            self._read()

    def overhear(self, lines: Iterable[str]) -> None:
        """Take what gammu has read."""
        for line in lines:
            self._take(line)

    def _take(self, line: str) -> None:
        is_awaited, self._before = self._is_awaited(line), line
        if _WITH_PDU.match(line):
            self._awaits_pdu, self._awaits_pdu_until = line, clock.monotonic() + _PDU_SECONDS
            return
        if is_awaited:
            line, self._awaits_pdu = f"{self._awaits_pdu}\n{line}", ""
        self._unasked(line)

    def _is_awaited(self, line: str) -> bool:
        """Whether it is the PDU that is still to come: right behind the line that told of it, or as long as told."""
        if not self._awaits_pdu or not _PDU.fullmatch(line):
            return False
        if self._before == self._awaits_pdu:
            return True
        told = _WITH_PDU.match(self._awaits_pdu)
        in_front = len(line) // 2 - int(told["octets"]) if told and told["octets"] else -1
        return 0 <= in_front <= _LONGEST_SERVICE_CENTRE and clock.monotonic() < self._awaits_pdu_until

    def _next(self, deadline: float, command: str) -> str:
        while not self._lines:
            if not self._readable(deadline - clock.monotonic()):
                raise LineLost(f"no answer to {command}")
            self._read()
        return self._lines.popleft()

    def _readable(self, seconds: float) -> bool:
        return bool(select.select([self._port], [], [], max(0, seconds))[0])

    def _read(self) -> None:
        try:
            octets = os.read(self._port, 1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            raise LineLost(GONE) from error
        if not octets:
            raise LineLost(GONE)
        *pieces, self._unread = re.split(rb"[\r\n]", self._unread + octets)
        # A line that begins with anything else is noise.
        self._lines.extend(piece.decode("latin-1").strip() for piece in pieces if re.match(rb"[ -~]", piece))

    def _write(self, octets: bytes) -> None:
        deadline = clock.monotonic() + SECONDS
        while octets:
            _, writable, _ = select.select([], [self._port], [], max(0, deadline - clock.monotonic()))
            if not writable:
                raise LineLost("the port takes nothing (jammed)")
            try:
                octets = octets[os.write(self._port, octets) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise LineLost(GONE) from error
