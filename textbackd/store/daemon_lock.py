"""One daemon on one database: two would take each other's texts for interrupted ones."""

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from textbackd import clock
from textbackd.errors import UserError

PATIENCE = 1.0
"""Seconds: a child that a killed textbackd was just starting holds its lock until it executes its own program."""


@contextlib.asynccontextmanager
async def alone(database: Path) -> AsyncIterator[None]:
    """Hold the lock. Raises UserError where another daemon has it, or where it cannot be made."""
    path = _path(database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a")
    except OSError as error:
        remedy = "run textbackd as a user who may write there, or name another database in the configuration"
        raise UserError(f"{path}: {error.strerror}; {remedy}") from error
    with lock:
        deadline = clock.monotonic() + PATIENCE
        while not _taken(lock):
            if clock.monotonic() > deadline:
                raise UserError(f"{database}: another textbackd is running on it")
            await asyncio.sleep(0.05)
        yield


def is_held(database: Path) -> bool:
    """Whether a daemon runs on it. One that is starting at this very moment has patience with who asks."""
    try:
        with _path(database).open() as lock:
            return not _taken(lock)
    except FileNotFoundError:
        return False


def _path(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
