"""Health to alarms: a PBX or a modem that is down, or up again."""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

from textbackd.core.alarms import AlarmKind
from textbackd.health import Component, Condition
from textbackd.store import alarms
from textbackd.store.database import Database, StoreUnavailable
from textbackd.workers.bell import Bell

POLL = 1.0
"""Seconds: how soon a change is written down. Nothing is written while nothing changes."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A component, and the alarm that it is when it is down."""

    component: Component
    kind: AlarmKind
    subject: str


class HealthAlarms:
    """Raises and clears the alarms of what is watched."""

    def __init__(self, watched: Sequence[Watched], database: Database, utc_now: Callable[[], dt.datetime]) -> None:
        self._watched = watched
        self._database = database
        self._utc_now = utc_now
        self._written: dict[Watched, Condition] = {}

    async def run(self, tick: Callable[[], None]) -> None:
        """Watch for ever. ``tick`` says that this loop is not stuck."""
        bell = Bell()
        while True:
            tick()
            with contextlib.suppress(StoreUnavailable):  # the watch over the database says it
                await self.step()
            await bell.wait(POLL)

    async def step(self) -> bool:
        """Write down what has changed since the last look: whether anything has. Raises StoreUnavailable.

        What starts is neither up nor down: an alarm of an earlier life stands until it is known.
        """
        now = self._utc_now()
        conditions = {watched: watched.component.condition for watched in self._watched}
        changed = {
            watched: condition
            for watched, condition in conditions.items()
            if condition is not Condition.STARTING and self._written.get(watched) is not condition
        }
        if not changed:
            return False
        async with self._database.transaction() as tx:
            for watched, condition in changed.items():
                component = watched.component
                if condition is Condition.UP:
                    await alarms.clear(tx, watched.kind, watched.subject, now)
                else:
                    await alarms.raise_(
                        tx, watched.kind, watched.subject, component.last_error, now, began_at=component.since
                    )
        self._written |= changed
        return True
