"""The command line beside a running daemon: ``python -m textbackd …`` in a process of its own."""

import asyncio
import dataclasses
import json
import os
import sys
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
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "textbackd", *arguments, "--config", str(configuration)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    async with asyncio.timeout(60):
        out, problem = await process.communicate()
    assert process.returncode is not None
    return Said(code=process.returncode, out=out.decode(), problem=problem.decode())
