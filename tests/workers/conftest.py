"""A real database in a file, and a clock that is set by hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.workers.far_ends import ManualClock, ScriptedModem
from textbackd.store.database import Database


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "textbackd.db", durable=False) as database:
        yield database


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def modem() -> ScriptedModem:
    return ScriptedModem()
