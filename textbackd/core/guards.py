"""What keeps a forged caller ID from turning the office's SIM on strangers.

Whoever can ring can show any number. So there is a bound on how many texts leave in an hour and a day, how many go to
numbers that lie together (a prefix: a number less its last four digits), and on how many different callers are texted
in a minute. What trips a guard is a lead all the same; only the text is not sent.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterator, Mapping, Sequence

from textbackd.core.phone_numbers import E164

HOUR, DAY, MINUTE = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(minutes=1)


class Guard(enum.StrEnum):
    """Which bound was reached."""

    PER_PREFIX = "per_prefix"
    PER_HOUR = "per_hour"
    PER_DAY = "per_day"
    SURGE = "surge"
    UNANSWERED = "unanswered"
    CEILING = "ceiling"
    UNDECIDED = "undecided"
    """What went out could not be counted."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds; each is reached by so many, and the next one is refused."""

    per_prefix: int = 6
    """Texts to one prefix in an hour."""
    per_hour: int = 20
    per_day: int = 60
    callers_per_minute: int = 10
    """Different callers to be texted."""
    unanswered: int = 10
    """Texts to one prefix in a day of which none was replied to."""
    ceiling: int = 200
    """Different numbers in a day, over all businesses; a carrier bars a SIM at 300, so no command lifts this one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """A text for a missed call that has gone out, or is about to."""

    number: E164
    at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What guards count, seen from one caller; texts that came to nothing do not count."""

    to_prefix: int = 0
    """In the last hour, to the numbers of this caller's prefix."""
    last_hour: int = 0
    last_day: int = 0
    callers: int = 0
    """Different callers but this one that were to be texted in the last minute."""
    unanswered: int = 0
    """To the prefix in the last day, none of them replied to; 0 where one was."""
    numbers: int = 0
    """Different numbers but this one in the last day."""


def prefix_of(number: E164) -> str:
    """The numbers that lie together with it."""
    return number[:-4]


WINDOWS = {
    Guard.PER_PREFIX: HOUR,
    Guard.PER_HOUR: HOUR,
    Guard.PER_DAY: DAY,
    Guard.SURGE: MINUTE,
    Guard.UNANSWERED: DAY,
    Guard.CEILING: DAY,
    Guard.UNDECIDED: HOUR,
}
"""How far each looks back: so long after the last text it has forgotten all."""

OF_A_PREFIX = frozenset({Guard.PER_PREFIX, Guard.UNANSWERED})


def traffic(
    number: E164,
    sent: Sequence[Sent],
    *,
    callers: int,
    replied: bool,
    cleared: Mapping[Guard, dt.datetime],
    now: dt.datetime,
) -> Traffic:
    """What the guards see.

    ``sent`` are the texts of the last day. A time in the future counts: a clock that was set back lifts no bound.
    ``callers`` and ``replied`` as ``Traffic`` has them: different callers of the last minute, and whether a number of
    the prefix wrote in the last day. ``cleared``: when a person last let a guard forget.
    """

    def counted(guard: Guard) -> Iterator[Sent]:
        since = now - WINDOWS[guard]
        since = max(since, cleared.get(guard, since))
        return (text for text in sent if text.at > since)

    prefix = prefix_of(number)
    return Traffic(
        to_prefix=sum(prefix_of(text.number) == prefix for text in counted(Guard.PER_PREFIX)),
        last_hour=sum(1 for _ in counted(Guard.PER_HOUR)),
        last_day=sum(1 for _ in counted(Guard.PER_DAY)),
        callers=callers,
        unanswered=0 if replied else sum(prefix_of(text.number) == prefix for text in counted(Guard.UNANSWERED)),
        numbers=len({text.number for text in counted(Guard.CEILING)} - {number}),
    )


def tripped(traffic: Traffic | None, limits: Limits) -> Guard | None:
    """The guard that refuses one more text; None: it may go. What cannot be counted is refused."""
    if traffic is None:
        return Guard.UNDECIDED
    bounds = {
        Guard.CEILING: (traffic.numbers, limits.ceiling),
        Guard.SURGE: (traffic.callers, limits.callers_per_minute),
        Guard.PER_PREFIX: (traffic.to_prefix, limits.per_prefix),
        Guard.UNANSWERED: (traffic.unanswered, limits.unanswered),
        Guard.PER_HOUR: (traffic.last_hour, limits.per_hour),
        Guard.PER_DAY: (traffic.last_day, limits.per_day),
    }
    return next((guard for guard, (count, bound) in bounds.items() if count >= bound), None)
