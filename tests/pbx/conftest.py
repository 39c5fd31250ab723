"""A PBX at the far end of the wire, and a source that comes back to it at once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests import fake_ami, fake_event_socket
from tests.fake_ami import FakeAmi
from tests.fake_event_socket import FakeEventSocket
from textbackd.pbx import linked_source
from textbackd.pbx.source import PbxError


@pytest_asyncio.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    """That of an Asterisk."""
    async with fake_ami.listening() as ami:
        yield ami


@pytest_asyncio.fixture
async def switch() -> AsyncIterator[FakeEventSocket]:
    """That of a FreeSWITCH."""
    async with fake_event_socket.listening() as switch:
        yield switch


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Comes back at once after a loss; how many in a row there had been, each time."""
    failures: list[int] = []

    def retry_delay(error: PbxError, failed: int, *, spread: float) -> float:
        failures.append(failed)
        return 0.01

    monkeypatch.setattr(linked_source, "retry_delay", retry_delay)
    return failures
