"""Emulated modems that differ from the plain one, and a trial of each."""

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.emulator import ModemEmulator
from tests.modem.pairs import Pair, plugged_in

Oddity = Callable[[ModemEmulator], None]
"""Makes one of a plain emulator."""


def says(pattern: bytes, replacement: bytes) -> Oddity:
    """What it says is changed on its way."""

    def make(emulator: ModemEmulator) -> None:
        write = emulator._write

        def write_otherwise(octets: bytes) -> None:
            write(re.sub(pattern, replacement, octets))

        emulator._write = write_otherwise

    return make


async def failures(folder: Path, oddities: Mapping[str, Oddity], use: Callable[[Pair], Awaitable[None]]) -> str:
    """Open each, ``use`` it, and tell what went wrong with which; all at once, since gammu takes 4 s to open one."""
    told: dict[str, str] = {}

    async def try_one(name: str, make: Oddity) -> None:
        own = folder / re.sub(r"\W", "-", name)
        own.mkdir()
        try:
            async with plugged_in(own) as pair:
                make(pair.emulator)
                await pair.modem.open()
                await use(pair)
        except Exception:
            told[name] = traceback.format_exc()

    async with asyncio.TaskGroup() as group:
        for name, make in oddities.items():
            group.create_task(try_one(name, make))
    return "\n".join(f"{name}: {what}" for name, what in told.items())
