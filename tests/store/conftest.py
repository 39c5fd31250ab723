"""A real SQLite file, with the same settings as in the field."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from textbackd.store.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "textbackd.db"


@pytest_asyncio.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with Database.open(path) as database:
        yield database
