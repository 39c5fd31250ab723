"""One modem for all tests of a file that leave it whole."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.emulator import ModemEmulator
from tests.modem.pairs import Pair, opened_pairs
from textbackd.modem.gammu_modem import GammuModem


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """Opened once."""
    async with opened_pairs(tmp_path_factory.mktemp("modem"), 1) as pairs:
        yield pairs[0]


@pytest_asyncio.fixture(loop_scope="module")
async def pair(shared_pair: Pair) -> Pair:
    """With nothing in its stores, and nothing wrong with it."""
    emulator = shared_pair.emulator
    emulator.fault, emulator.script, emulator.send_seconds = None, [], 0
    emulator.network.reports = ()
    emulator.network.hang_up()
    emulator.storage.sizes = {"SM": 20, "ME": 100, "SR": 20}
    for store in emulator.stores.values():
        store.clear()
    emulator.submissions.clear()
    emulator.commands.clear()
    shared_pair.modem.pushed.clear()
    await shared_pair.modem.receive()
    shared_pair.modem.incoming.clear()
    return shared_pair


@pytest.fixture
def emulator(pair: Pair) -> ModemEmulator:
    return pair.emulator


@pytest.fixture
def modem(pair: Pair) -> GammuModem:
    return pair.modem
