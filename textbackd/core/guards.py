"""What keeps a forged caller ID from turning the office's SIM on strangers.

Whoever can ring can show any number. So there is a bound on how many texts leave in an hour and a day, how many go to
numbers that lie together (a prefix: a number less its last four digits), and on how many different callers are texted
in a minute. What trips a guard is a lead all the same; only the text is not sent.
"""

import collections
import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

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
    """Different numbers in a day, over all businesses; a carrier bars a SIM beyond ``BARRED``, so no command lifts this
    one."""
    notices: int = 30
    """Texts to one owner in an hour about missed calls: what keeps the callers' phones quiet must keep the owner's."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """A text for a missed call that has gone out, or is about to; of a caller who was to be texted, the last."""

    number: E164
    at: dt.datetime
    """When it left; while it waits, when it was made."""


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


BARRED = 300
"""Different numbers in a day beyond which carriers bar a SIM: BT does, others do not say."""


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

PATIENCE = HOUR
"""A text of the night waits for a guard that opens within this time; what would wait for longer is of no use."""

CLEARABLE = frozenset(Guard) - {Guard.CEILING, Guard.UNDECIDED}
"""Those that a command lets forget what they have counted."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far a guard is from its bound."""

    guard: Guard
    prefix: str = ""
    """Of a guard that counts by prefix: which one it speaks of."""
    count: int
    bound: int
    shut_until: dt.datetime | None
    """When it lets the next text through, should nothing be added; None: now."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """A guard through which no text leaves at this moment."""

    guard: Guard
    until: dt.datetime


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
        return _counted(guard, sent, cleared, now)

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
    for guard, count, bound in _BOUNDS:
        if count(traffic) >= bound(limits):
            return guard
    return None


_BOUNDS: tuple[tuple[Guard, Callable[[Traffic], int], Callable[[Limits], int]], ...] = (
    (Guard.CEILING, attrgetter("numbers"), attrgetter("ceiling")),
    (Guard.SURGE, attrgetter("callers"), attrgetter("callers_per_minute")),
    (Guard.PER_PREFIX, attrgetter("to_prefix"), attrgetter("per_prefix")),
    (Guard.UNANSWERED, attrgetter("unanswered"), attrgetter("unanswered")),
    (Guard.PER_HOUR, attrgetter("last_hour"), attrgetter("per_hour")),
    (Guard.PER_DAY, attrgetter("last_day"), attrgetter("per_day")),
)
"""What each counts, and how much it lets through; the first that is reached is the one that is told of."""


_COUNTED: Mapping[Guard, str] = {
    Guard.PER_PREFIX: "texts in an hour to {prefix}…",
    Guard.PER_HOUR: "texts in an hour",
    Guard.PER_DAY: "texts in 24 hours",
    Guard.SURGE: "callers in a minute",
    Guard.UNANSWERED: "texts in 24 hours to {prefix}…, and no reply",
    Guard.CEILING: "numbers in 24 hours",
}


def in_words(guard: Guard, prefix: str) -> str:
    """What a guard counts: ``texts in an hour to +44770090…``."""
    return _COUNTED.get(guard, "what went out could not be counted").format(prefix=prefix)


def refusal(guard: Guard, number: E164, traffic: Traffic | None, limits: Limits) -> str:
    """Why a guard refused a text to ``number``, in one line: ``per_hour: 20 texts in an hour; 20 may go``."""
    words = in_words(guard, prefix_of(number))
    if traffic is None:
        return f"{guard}: {words}"
    count, bound = next((count, bound) for each, count, bound in _BOUNDS if each is guard)
    return f"{guard}: {count(traffic)} {words}; {bound(limits)} may go"


def readings(
    sent: Sequence[Sent],
    callers: Sequence[Sent],
    *,
    replied: Collection[str],
    cleared: Mapping[Guard, dt.datetime],
    limits: Limits,
    now: dt.datetime,
    besides: E164 | None = None,
) -> Sequence[Reading]:
    """Each guard that counts; one that counts by prefix for every prefix that is shut, or else for the fullest.

    ``sent`` as for ``traffic``; ``callers``: each that was to be texted in the last minute; ``replied``: the prefixes
    from which somebody wrote in the last day; ``besides``: the one left out where different numbers are counted.
    """

    def times(guard: Guard) -> list[dt.datetime]:
        return [text.at for text in _counted(guard, sent, cleared, now)]

    def reading(guard: Guard, times: Iterable[dt.datetime], bound: int, prefix: str = "") -> Reading:
        ordered = sorted(times)
        shut = ordered[-bound] + WINDOWS[guard] if len(ordered) >= bound else None
        return Reading(guard=guard, prefix=prefix, count=len(ordered), bound=bound, shut_until=shut)

    def by_prefix(guard: Guard, bound: int) -> Sequence[Reading]:
        found = collections.defaultdict(list)
        for text in _counted(guard, sent, cleared, now):
            found[prefix_of(text.number)].append(text.at)
        each = [
            reading(guard, times, bound, prefix)
            for prefix, times in found.items()
            if guard is not Guard.UNANSWERED or prefix not in replied
        ]
        shut = sorted((one for one in each if one.shut_until), key=lambda one: one.prefix)
        return shut or [max(each, key=lambda one: one.count, default=reading(guard, (), bound))]

    def different(guard: Guard, texts: Iterable[Sent]) -> Iterable[dt.datetime]:
        found = sorted(_counted(guard, texts, cleared, now), key=_time)
        return {text.number: text.at for text in found if text.number != besides}.values()

    return [
        *by_prefix(Guard.PER_PREFIX, limits.per_prefix),
        reading(Guard.PER_HOUR, times(Guard.PER_HOUR), limits.per_hour),
        reading(Guard.PER_DAY, times(Guard.PER_DAY), limits.per_day),
        reading(Guard.SURGE, different(Guard.SURGE, callers), limits.callers_per_minute),
        *by_prefix(Guard.UNANSWERED, limits.unanswered),
        reading(Guard.CEILING, different(Guard.CEILING, sent), limits.ceiling),
    ]


def shut_for(
    number: E164,
    left: Sequence[Sent],
    *,
    replied: bool,
    cleared: Mapping[Guard, dt.datetime],
    limits: Limits,
    now: dt.datetime,
) -> Shut | None:
    """The guard that keeps a text to ``number`` from leaving for the longest; None: it may leave.

    ``left`` are the texts that left in the last day: those of a night were decided on over hours, and are due in one
    minute. The rest as for ``traffic``.
    """
    prefix = prefix_of(number)
    found = readings(
        left,
        left,
        replied={prefix} if replied else (),
        cleared=cleared,
        limits=limits,
        now=now,
        besides=number,
    )
    shut = [
        # A time in the future is of a clock that was set back: nobody knows when it was.
        Shut(guard=one.guard, until=min(one.shut_until, now + WINDOWS[one.guard]))
        for one in found
        if one.shut_until and one.prefix in ("", prefix)
    ]
    return max(shut, key=lambda one: one.until, default=None)


def calm_at(refused: Mapping[Guard, dt.datetime]) -> dt.datetime | None:
    """When an attack is over, from when each guard refused last: its window has passed, and an hour at least, so that
    waves are one attack. None: none has refused.
    """
    return max((at + max(WINDOWS[guard], HOUR) for guard, at in refused.items()), default=None)


def _counted(
    guard: Guard, sent: Iterable[Sent], cleared: Mapping[Guard, dt.datetime], now: dt.datetime
) -> Iterator[Sent]:
    since = now - WINDOWS[guard]
    since = max(since, cleared.get(guard, since))
    return (text for text in sent if text.at > since)


def _time(sent: Sent) -> dt.datetime:
    return sent.at
