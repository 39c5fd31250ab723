"""What the program says of itself while it runs in this process."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from tests.lab.changes import Changes


class Said:
    """Every line of the log, oldest first."""

    def __init__(self) -> None:
        self.lines: list[MutableMapping[str, Any]] = []
        self._changes = Changes()

    def take(self, _logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A structlog processor."""
        self.lines.append({**line, "level": method})
        self._changes.announce()
        raise structlog.DropEvent

    def events(self, name: str, **values: Any) -> list[MutableMapping[str, Any]]:
        """The lines with that event and these values."""
        wanted = {"event": name, **values}
        return [line for line in self.lines if wanted.items() <= line.items()]

    async def until(
        self, name: str, *, count: int = 1, within: float = 10.0, **values: Any
    ) -> MutableMapping[str, Any]:
        """The ``count``-th line of that kind, past or to come."""
        await self._changes.until(
            lambda: len(self.events(name, **values)) >= count,
            lambda: f"no {name} with {values}; said: {self.lines[-10:]}",
            within,
        )
        return self.events(name, **values)[count - 1]


@contextmanager
def listening() -> Iterator[Said]:
    """Catches the log until the end of the block."""
    old, said = structlog.get_config(), Said()
    structlog.configure(processors=[said.take], wrapper_class=structlog.BoundLogger, cache_logger_on_first_use=False)
    try:
        yield said
    finally:
        structlog.configure(**old)
