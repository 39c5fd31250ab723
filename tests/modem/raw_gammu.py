"""gammu's AT driver as it is, with nothing of ours around it, in a process of its own: what it does on a modem.

`python -m tests.modem.raw_gammu DEVICE` is that process: a line of JSON, a name and arguments, is a call of the
StateMachine; the line that answers it has the result or the name of gammu's exception, and the seconds that it took.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gammu

from tests.modem.pairs import ALICE

ROOT = Path(__file__).parents[2]
LONGEST_CALL = 150.0


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """Of one call."""

    result: Any
    """None where it failed."""
    error: str
    """``ERR_TIMEOUT``; empty where it did not fail."""
    seconds: float


class RawGammu:
    """gammu on one port."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def call(self, name: str, *arguments: Any) -> Outcome:
        """Call a method of the StateMachine, and wait for its end."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([name, *arguments]).encode("ascii") + b"\n")
        async with asyncio.timeout(LONGEST_CALL):
            return Outcome(**json.loads(await stdout.readline()))

    async def send(self, text: str) -> Outcome:
        """SendSMS: a short text, to the SIM's own service centre."""
        smsc = {"Number": "+447700900000", "Validity": "24H"}
        return await self.call("SendSMS", {"Text": text, "SMSC": smsc, "Number": ALICE})


@contextlib.asynccontextmanager
async def on(device: Path) -> AsyncIterator[RawGammu]:
    """A process for one block; ``Init`` is yet to be called. It is killed: gammu would wait for a silent modem."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(device)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield RawGammu(process)
    finally:
        process.kill()
        await process.wait()


def _main(device: str) -> None:
    machine = gammu.StateMachine()
    with tempfile.NamedTemporaryFile("w", suffix=".gammurc") as config:
        config.write(f"[gammu]\ndevice = {device}\nconnection = at115200\natgen_setcnmi = 2,1,0,1,0\n")
        config.flush()
        machine.ReadConfig(0, 0, config.name)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # gammu prints
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        began = time.monotonic()
        result, error = None, ""
        try:
            result = getattr(machine, name)(*arguments)
        except gammu.GSMError as failure:
            error = type(failure).__name__
        print(json.dumps({"result": result, "error": error, "seconds": time.monotonic() - began}), file=answers)
        answers.flush()
    os._exit(0)


if __name__ == "__main__":
    _main(sys.argv[1])
