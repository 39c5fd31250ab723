"""AT commands over a serial port, without gammu: one command, its answer, a deadline for both (3GPP TS 27.007).

Blocking, for a thread or process of its own. The port is taken as gammu takes it (flock), so each keeps the other
out: close it before gammu opens.
"""

import contextlib
import dataclasses
import errno
import os
import pwd
import re
import termios
from types import TracebackType
from typing import Any, Self

import serial

from textbackd import clock
from textbackd.modem import port_holders
from textbackd.modem.modem import ModemUnavailable
from textbackd.modem.port_errors import PortBusy, PortForbidden, PortGone, PortSilent

ANSWER_SECONDS = 0.5
"""A healthy modem answers a plain command within milliseconds."""
SLOW_ANSWER_SECONDS = 2.0
"""For one that was found to be slow; gammu, with its thirty questions, could not open one that is slower in time."""

_SECOND_TRY_SECONDS = 0.6
_WRITE_SECONDS = 0.5
_QUIET_SECONDS, _LONGEST_DRAIN = 0.05, 0.2
_LONGEST_LATE_DRAIN = 5.0
_FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR: ?.*|NO CARRIER|COMMAND NOT SUPPORT")
"""The lines that end an answer; the last is Huawei's word for ERROR."""
_ENDS_BY_LF = re.compile(rb"[^\r\n]\n(?!\r)")
_UNSOLICITED = re.compile(r"[+^*#%$]|RING\b")
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
_BUSY = frozenset({errno.EAGAIN, errno.EBUSY})


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a modem said to one command."""

    lines: tuple[str, ...]
    """Without the command's echo and the last line; what the modem said unasked in between is among them."""
    final: str
    """``OK``, ``ERROR``, ``+CME ERROR: 11``, ``+CMS ERROR: 500``, …"""

    @property
    def ok(self) -> bool:
        """Whether it did it."""
        return self.final == "OK"

    @property
    def cme(self) -> int | None:
        """The number of a ``+CME ERROR`` (TS 27.007 §9.2); None for all else, also where words stand for it."""
        found = re.fullmatch(r"\+CME ERROR: ?(\d+)", self.final)
        return int(found[1]) if found else None

    def value(self, name: str) -> str | None:
        """What stands behind ``name:`` in the first line that has it: ``20,99`` of ``+CSQ: 20,99``."""
        for line in self.lines:
            if line.startswith(f"{name}:"):
                return line[len(name) + 1 :].strip()
        return None

    def text(self, name: str) -> str | None:
        """The answer to a question like AT+CGMM, which most modems give bare and some behind ``+CGMM:``."""
        named = self.value(name)
        bare = next((line for line in self.lines if not _UNSOLICITED.match(line)), None)
        return named.strip('"') if named is not None else bare


class AtPort:
    """An open serial port with a modem behind it, for one ``with``."""

    def __init__(self, device: str, speed: int = 115200) -> None:
        """Raises PortGone, PortForbidden or PortBusy."""
        self.device = device
        self.lacks_cr = True
        """Whether it has ended each answer so far by LF alone, not by CR LF (ITU-T V.250 §5.7.1)."""
        self._answer_seconds = ANSWER_SECONDS
        self._says_something = False
        self._echoes = False
        try:
            self._serial = serial.Serial(device, speed, timeout=0, write_timeout=_WRITE_SECONDS, exclusive=True)
        except (OSError, termios.error) as error:
            raise _not_opened(device, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port; a second time is harmless. What could not be written is thrown away."""
        if self._serial.is_open:
            # Or the kernel would wait half a minute for a modem that takes nothing. One that is unplugged is an error.
            with contextlib.suppress(OSError, termios.error):
                self._serial.reset_output_buffer()
            self._serial.close()

    def wake(self) -> None:
        """Get an answer to AT, whatever the modem was at: an ESC ends a text that a killed process left half written.

        Raises PortSilent, after 1.3 s where nothing at all was heard, and PortGone. One that says anything, be it late
        or only the echo, is given more time, now and from then on.
        """
        for number, seconds in enumerate((ANSWER_SECONDS, _SECOND_TRY_SECONDS, SLOW_ANSWER_SECONDS)):
            self._write(b"\x1b\r")
            self._drain(_QUIET_SECONDS, _LONGEST_DRAIN)
            try:
                self.ask("AT", max(seconds, self._answer_seconds))
                break
            except PortSilent:
                if number == 2 or (number == 1 and not self._says_something):
                    raise
        if number:
            # The answer may be that to an earlier try, and the next one's would be taken for that of the next question.
            self._drain(SLOW_ANSWER_SECONDS, _LONGEST_LATE_DRAIN)
            self._answer_seconds = SLOW_ANSWER_SECONDS

    def ask(self, command: str, timeout: float | None = None) -> Answer:
        """The answer to one command line. Raises PortSilent after ``timeout`` seconds, and PortGone; without one, after
        as many as this modem needs.

        After PortSilent the answer may still come: ``wake`` before the next question.
        """
        timeout = timeout or self._answer_seconds
        deadline = clock.monotonic() + timeout
        self._write(command.encode("ascii") + b"\r")
        heard = b""
        while (left := deadline - clock.monotonic()) > 0:
            heard += self._read(left)
            # The last piece is a line that has not ended.
            *lines, _ = [line.decode("ascii", "replace").strip() for line in re.split(rb"[\r\n]", heard)]
            if command in lines:  # the echo; before it stands what was said before it was asked
                del lines[: lines.index(command) + 1]
                self._echoes = True
            elif self._echoes:
                continue
            for i, line in enumerate(lines):
                if _FINAL.fullmatch(line):
                    self.lacks_cr = self.lacks_cr and bool(_ENDS_BY_LF.search(heard))
                    return Answer(tuple(filter(None, lines[:i])), line)
        # Not the arguments: one may be a PIN.
        name = command.partition("=")[0]
        raise PortSilent(
            f"{self.device}: no answer to {name} within {timeout:g} s: it is no modem, or not the port of it that takes"
            " commands; else pull it out and in"
        )

    def _drain(self, quiet: float, longest: float) -> None:
        """Forget what it says until it has been quiet for so many seconds."""
        end = clock.monotonic() + longest
        while self._read(quiet) and clock.monotonic() < end:
            pass

    def _write(self, octets: bytes) -> None:
        try:
            self._serial.write(octets)
        except serial.SerialTimeoutException as error:
            raise PortSilent(f"{self.device}: it takes no commands (jammed): pull the modem out and in") from error
        except (OSError, termios.error) as error:
            raise self._lost(error) from error

    def _read(self, seconds: float) -> bytes:
        """What came, as soon as something has; nothing after ``seconds``."""
        try:
            self._serial.timeout = seconds
            first: bytes = self._serial.read(1)
            self._serial.timeout = 0
            rest: bytes = self._serial.read(4096) if first else b""
        except (OSError, termios.error) as error:
            raise self._lost(error) from error
        self._says_something = self._says_something or bool(first)
        return first + rest

    def _lost(self, error: BaseException) -> PortGone:
        return PortGone(f"{self.device}: it went away ({error}): is the modem still plugged in?")


def _not_opened(device: str, error: Any) -> ModemUnavailable:
    number = error.errno if isinstance(error, OSError) else None
    if number in _FORBIDDEN:
        user = _user()
        remedy = f"usermod -aG dialout {user}, then log in again or restart the service"
        return PortForbidden(f"{device}: {user} may not open it: {remedy}")
    if number in _BUSY:
        found = port_holders.holders([device])[device]
        who = " and ".join(map(str, found)) or "another program"
        return PortBusy(f"{device}: {who} has it open: {port_holders.remedy(found)}")
    if number == errno.ENOTTY or not isinstance(error, OSError) or number is None:
        return PortGone(f"{device}: it is no serial port: textbackd modem probe lists them")
    return PortGone(
        f"{device}: {os.strerror(number)}: is the modem plugged in? ttyUSB numbers change, names under"
        " /dev/serial/by-id stay (textbackd modem probe)"
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"
