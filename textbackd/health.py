"""What works, since when, and what went wrong last; and who has stopped giving signs of life.

No I/O: ``status`` goes to systemd, ``problems`` to whoever asks, ``late`` decides whether the watchdog is patted.
"""

import collections
import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Sequence

from textbackd import clock


class Condition(enum.StrEnum):
    """How a component is."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"


class Component:
    """One thing that can be lost (a PBX, a modem) or get stuck (a worker). Made by ``Health.component``."""

    def __init__(
        self, name: str, within: float | None, now: Callable[[], dt.datetime], monotonic: Callable[[], float]
    ) -> None:
        self.name = name
        self.within = within
        """Seconds in which it must tick; None: it need not."""
        self.condition = Condition.STARTING
        self.detail = ""
        self.last_error = ""
        """Stays after it came back."""
        self.counts: collections.Counter[str] = collections.Counter()
        """What happened with it since the start, and how often; each only grows."""
        self._now, self._monotonic = now, monotonic
        self.since = now()
        self._ticked = monotonic()

    def up(self, detail: str = "") -> bool:
        """It works. Whether that is news: said once when it is back."""
        self.detail = detail
        return self._becomes(Condition.UP)

    def down(self, error: str) -> bool:
        """It does not. Whether that is news: said once when it is lost."""
        self.last_error = error
        return self._becomes(Condition.DOWN)

    def tick(self) -> None:
        """It is not stuck; that it works is another thing."""
        self._ticked = self._monotonic()

    def count(self, what: str) -> None:
        """It happened once more."""
        self.counts[what] += 1

    def is_late(self, now: float) -> bool:
        """Whether it has not ticked in its time. ``now`` is of the clock that never jumps."""
        return self.within is not None and now - self._ticked > self.within

    def _becomes(self, condition: Condition) -> bool:
        news = self.condition is not condition
        if news:
            self.count(condition)
            self.condition, self.since = condition, self._now()
        return news


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A component that is down."""

    component: str
    since: dt.datetime
    error: str


class Health:
    """All components of a running daemon."""

    def __init__(
        self, now: Callable[[], dt.datetime] = clock.utc_now, monotonic: Callable[[], float] = clock.monotonic
    ) -> None:
        self._now, self._monotonic = now, monotonic
        self._components: dict[str, Component] = {}

    def component(self, name: str, *, within: float | None = None) -> Component:
        """The component of that name, made at the first call; one that must tick ``within`` so many seconds."""
        if name not in self._components:
            self._components[name] = Component(name, within, self._now, self._monotonic)
        return self._components[name]

    def components(self) -> Sequence[Component]:
        """All, in the order in which they were made."""
        return list(self._components.values())

    def problems(self) -> Sequence[Trouble]:
        """What is down."""
        return [
            Trouble(component=c.name, since=c.since, error=c.last_error)
            for c in self.components()
            if c.condition is Condition.DOWN
        ]

    def late(self, now: float) -> Sequence[str]:
        """Who has not ticked in time; ``now`` is of ``clock.monotonic``. None of them: pat the watchdog."""
        return [component.name for component in self.components() if component.is_late(now)]

    def status(self) -> str:
        """One line: trouble first, then who starts, then what works."""
        down = [f"{t.component} down since {t.since:%Y-%m-%d %H:%M} UTC: {t.error}" for t in self.problems()]
        # A worker only ticks; it is neither up nor down.
        waiting = [c for c in self.components() if c.condition is Condition.STARTING and c.within is None]
        starting = [f"{c.name} starting" for c in waiting]
        up = [_up(c) for c in self.components() if c.condition is Condition.UP]
        return " ".join("; ".join([*down, *starting, *up]).split()) or "nothing to watch"


def _up(component: Component) -> str:
    return f"{component.name} up ({component.detail})" if component.detail else f"{component.name} up"
