"""pytest fixtures of the lab: `asterisk`, `carrier` and `phones`, fresh for each test (a start takes 0.3 s)."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.lab.asterisk import EXTENSIONS, Asterisk
from tests.lab.sip import Carrier, Phone


@pytest.fixture
def asterisk_version() -> int:
    """22; a test may ask for 16 by parametrizing this."""
    return 22


@pytest.fixture
def ring_seconds() -> int:
    """How long the office's phones ring; a test may ask for another time by parametrizing this."""
    return 3


@pytest.fixture
async def asterisk(tmp_path: Path, asterisk_version: int, ring_seconds: int) -> AsyncIterator[Asterisk]:
    """A running Asterisk of its own; fetched into .cache by the first test that needs it."""
    asterisk = Asterisk(tmp_path / "asterisk", version=asterisk_version, ring_seconds=ring_seconds)
    try:
        await asterisk.start()
        yield asterisk
    finally:
        await asterisk.close()


@pytest.fixture
async def carrier(asterisk: Asterisk) -> AsyncIterator[Carrier]:
    """The far end of the trunk."""
    with contextlib.closing(Carrier(asterisk.carrier, asterisk.pbx)) as carrier:
        await carrier.listen()
        yield carrier


@pytest.fixture
async def phones(asterisk: Asterisk) -> AsyncIterator[dict[str, Phone]]:
    """The phones of 101, 102 and 103, by extension; they ring for ever until told otherwise."""
    phones = {extension: Phone(extension, asterisk.phone(extension), asterisk.pbx) for extension in EXTENSIONS}
    with contextlib.ExitStack() as stack:
        for phone in phones.values():
            stack.enter_context(contextlib.closing(phone))
            await phone.listen()
        yield phones
