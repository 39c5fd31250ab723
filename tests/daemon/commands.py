"""The command line beside a running daemon: ``python -m textbackd …`` in a process of its own."""

import asyncio
import dataclasses
import json
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

from tests.daemon.running import ROOT


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    problem: str

    @property
    def json(self) -> Any:
        """Its answer to ``--json``."""
        return json.loads(self.out)


async def run(configuration: Path, *arguments: str) -> Said:
    """Run a command with that configuration to its end."""
    return await ended(await start(configuration, *arguments))


async def start(configuration: Path, *arguments: str) -> Process:
    """Start a command with that configuration."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "textbackd", *arguments, "--config", str(configuration)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


async def until_told(process: Process, words: str) -> None:
    """Wait for a line with these words on its standard error."""
    assert process.stderr is not None
    async with asyncio.timeout(30):
        line = await process.stderr.readline()
    assert words in line.decode(), line


async def ended(process: Process) -> Said:
    """Wait for its end; what was read before is not told again."""
    async with asyncio.timeout(60):
        out, problem = await process.communicate()
    assert process.returncode is not None
    return Said(code=process.returncode, out=out.decode(), problem=problem.decode())
