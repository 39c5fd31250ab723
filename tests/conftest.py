"""What all tests share: the lab with its real Asterisk."""

from collections.abc import Iterator

import hypothesis
import pytest

from tests.daemon import said as log_lines
from tests.daemon.said import Said

pytest_plugins = ["tests.lab.fixtures"]

# The same examples each time: a red build can be looked into.
hypothesis.settings.register_profile("textbackd", derandomize=True, deadline=None)
hypothesis.settings.load_profile("textbackd")


@pytest.fixture
def said() -> Iterator[Said]:
    """What the program logs while a test runs."""
    with log_lines.listening() as said:
        yield said
