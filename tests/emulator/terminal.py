"""A person at a terminal program, on pyserial: types a line and reads what comes."""

import asyncio
import re
from pathlib import Path
from types import TracebackType
from typing import Self

import serial

from tests.emulator import pdu
from tests.lab.changes import Changes

FINAL = r"(\r\n(OK|ERROR|\+CM[ES] ERROR: [^\r]+)\r\n|\r\n> )"
SECONDS_OF_SILENCE = 0.15


class Terminal:
    """Has the port open for one ``async with``."""

    def __init__(self, device: Path) -> None:
        self._serial = serial.Serial(str(device), timeout=0, write_timeout=0)
        self._heard = ""
        self._changes = Changes()

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._serial.fileno(), self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._serial.fileno())
        self._serial.close()

    def type(self, text: str) -> None:
        """Without waiting for anything."""
        self._serial.write(text.encode("ascii"))

    async def ask(self, line: str, *, within: float = 5) -> str:
        """The answer to a command, down to its final line or the prompt, and all that was heard before it."""
        self.type(f"{line}\r")
        return await self.hears(FINAL, within=within)

    async def submit(self, message: bytes, *, within: float = 5) -> str:
        """The answer to a whole AT+CMGS; to its first half where there was no prompt."""
        answer = await self.ask(f"AT+CMGS={pdu.tpdu_length(message)}", within=within)
        if not answer.endswith("> "):
            return answer
        self.type(f"{message.hex().upper()}\x1a")
        return await self.hears(FINAL, within=within)

    async def hears(self, pattern: str, *, within: float = 5) -> str:
        """Everything up to the end of what matches, as soon as it was said."""
        await self._changes.until(lambda: bool(re.search(pattern, self._heard)), lambda: repr(self._heard), within)
        found = re.search(pattern, self._heard)
        assert found is not None
        said, self._heard = self._heard[: found.end()], self._heard[found.end() :]
        return said

    async def hears_nothing(self, seconds: float = SECONDS_OF_SILENCE) -> None:
        """Nothing is said for so long. AssertionError with what was."""
        await asyncio.sleep(seconds)
        assert self._heard == ""

    def _read(self) -> None:
        try:
            octets = self._serial.read(4096)
        except serial.SerialException:  # unplugged
            asyncio.get_running_loop().remove_reader(self._serial.fileno())
            return
        self._heard += octets.decode("latin-1")
        self._changes.announce()


def a_submit(number: str, text: str, *, part: tuple[int, int, int] | None = None) -> bytes:
    """An SMS-SUBMIT in UCS-2 that asks for a report; ``part`` is the reference, of how many, and which."""
    header = bytes((5, 0, 3, *part)) if part else b""
    user_data = header + text.encode("utf-16-be", "surrogatepass")
    first = 0x71 if header else 0x31
    address = pdu._address(number)
    return b"\x00" + bytes((first, 0)) + address + bytes((0, 8, 167, len(user_data))) + user_data
