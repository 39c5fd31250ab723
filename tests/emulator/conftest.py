"""A modem, and a person at a terminal on it, who has switched the echo off."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator import ModemEmulator
from tests.emulator.terminal import Terminal


@pytest.fixture
async def modem(tmp_path: Path) -> AsyncIterator[ModemEmulator]:
    async with ModemEmulator(tmp_path / "modem", log=tmp_path / "submitted.jsonl") as modem:
        yield modem


@pytest.fixture
async def terminal(modem: ModemEmulator) -> AsyncIterator[Terminal]:
    async with Terminal(modem.device) as terminal:
        await terminal.ask("ATE0")
        yield terminal
