"""The hours of the night in which nobody is texted, by the clock of whoever is texted."""

import dataclasses
import datetime as dt
import re
from collections.abc import Collection

_TIME = r"([01]?\d|2[0-3]):([0-5]\d)"
_FORM = re.compile(f"{_TIME} ?- ?(?:{_TIME}|24:00)")
_DAYS = 8
"""How far to look for a time that is quiet in no zone; it is there within a day, or never."""


@dataclasses.dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``begin`` to ``end`` of each day, over midnight where ``end`` is earlier; times of a wall clock."""

    begin: dt.time
    end: dt.time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """``21:00-08:00``; an end at midnight is ``00:00`` or ``24:00``. Raises ValueError."""
        found = _FORM.fullmatch(text.strip())
        times = [dt.time(int(found[at] or 0), int(found[at + 1] or 0)) for at in (1, 3)] if found else []
        if len(set(times)) < 2:
            how = "quiet hours are written from the evening to the morning, such as 21:00-08:00"
            raise ValueError(f"{how}; off: there are none")
        return cls(*times)

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    @property
    def turned(self) -> "QuietHours":
        """The rest of the day."""
        return QuietHours(self.end, self.begin)

    def __contains__(self, clock: dt.time) -> bool:
        """Whether it is quiet when a clock shows that."""
        begun, ended = clock >= self.begin, clock >= self.end
        return (begun or not ended) if self.begin > self.end else (begun and not ended)

    @property
    def length(self) -> dt.timedelta:
        """Of a day without a change of clocks."""
        begin, end = (dt.timedelta(hours=at.hour, minutes=at.minute) for at in (self.begin, self.end))
        return (end - begin) % dt.timedelta(days=1)

    def over_at(self, at: dt.datetime, zones: Collection[dt.tzinfo]) -> dt.datetime:
        """The first moment from ``at`` on that is quiet in none of the zones: ``at`` itself by day.

        Where the zones lie so far apart that there is none, that of the first.
        """
        moment = at
        for _ in range(_DAYS * len(zones)):
            ends = [end for zone in zones if (end := self._end(moment, zone)) is not None]
            if not ends:
                return moment
            moment = max(ends)
        first = next(iter(zones))
        return self._end(at, first) or at

    def _end(self, at: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
        """When the quiet hours in which ``at`` lies end there; None: it lies in none."""
        local = at.astimezone(zone)
        clock = local.time()
        if clock not in self:
            return None
        ends_tomorrow = clock >= self.begin > self.end
        day = local.date() + dt.timedelta(days=ends_tomorrow)
        # An end in the hour that a clock skips lies behind the skip; one in an hour that it repeats is the second,
        # where the first has gone by.
        first, again = (
            dt.datetime.combine(day, self.end.replace(fold=fold), zone).astimezone(dt.UTC) for fold in (0, 1)
        )
        return first if first > at else again
