"""A daemon at work."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests import fake_ami
from tests.daemon import running
from tests.daemon.running import Daemon, Office


@pytest.fixture
def mode() -> str:
    """``mode`` of the configuration."""
    return "live"


@pytest.fixture
async def office(tmp_path: Path, mode: str) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        ami = await stack.enter_async_context(fake_ami.listening())
        configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
        configuration.write_text(f"mode: {mode}\n{configuration.read_text()}")
        daemon = Daemon(configuration)
        stack.push_async_callback(daemon.close)
        await daemon.start()
        await daemon.until("pbx_connected")
        yield Office(daemon, ami, configuration)
