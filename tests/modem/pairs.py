"""Modems, each plugged into an emulator of its own, for tests that look at both ends."""

import asyncio
import contextlib
import dataclasses
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.emulator import ModemEmulator
from textbackd import clock
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment, encoding_of
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import ModemUnavailable, SubmitUnknown

ALICE = E164("+447700900123")
BOB = "+447700900456"


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A modem, and what it is plugged into."""

    emulator: ModemEmulator
    modem: GammuModem


@contextlib.asynccontextmanager
async def plugged_in(folder: Path, **settings: Any) -> AsyncIterator[Pair]:
    """One that nobody has opened yet."""
    async with ModemEmulator(folder / "modem") as emulator:
        modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device), **settings))
        try:
            yield Pair(emulator, modem)
        finally:
            await modem.close()


@contextlib.asynccontextmanager
async def opened_pairs(folder: Path, count: int, **settings: Any) -> AsyncIterator[list[Pair]]:
    """So many, open: all at once, since gammu takes 4 s to open one."""
    async with contextlib.AsyncExitStack() as stack:
        pairs = []
        for number in range(count):
            one = folder / str(number)
            one.mkdir()
            pairs.append(await stack.enter_async_context(plugged_in(one, **settings)))
        await asyncio.gather(*(pair.modem.open() for pair in pairs))
        yield pairs


def a_segment(text: str) -> Segment:
    """The only part of a text."""
    return Segment(text=text, encoding=encoding_of(text))


def child_of(modem: GammuModem) -> int:
    """The process id of its child."""
    assert modem._child is not None
    pid = modem._child._transport.get_pid()
    assert pid is not None
    return pid


async def given_up(modem: GammuModem) -> None:
    """Return when it has seen the end of the child that it has now."""
    child = modem._child
    assert child is not None
    async with asyncio.timeout(20):
        await child._gone.wait()


async def ended(pid: int) -> None:
    """Return when that process has ended; the modem may see that later."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, over.set)
    try:
        async with asyncio.timeout(20):
            await over.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def caught(modem: GammuModem, text: str) -> Exception | None:
    """What ``submit`` raised."""
    try:
        await modem.submit(ALICE, a_segment(text))
    except (ModemUnavailable, SubmitUnknown) as error:
        return error
    return None


async def opened(modem: GammuModem) -> float:
    """Seconds until it is open again and ready to send, whatever it waits for."""
    began = clock.monotonic()
    async with asyncio.timeout(120):
        while True:
            try:
                await modem.open()
                return clock.monotonic() - began
            except ModemUnavailable:
                until = max(modem._reopening.not_before, modem._answer_may_come_until)
                await asyncio.sleep(max(0.01, until - clock.monotonic()))
