"""When and why calls go unanswered: calls in, in the order in which they ended, and figures out.

*Missed* is every call whose caller was not served: nobody answered, or somebody did and the caller was lost again.
Calls that the PBX dealt with itself (``not_offered``) and those that nobody saw whole (``unknown``) are counted beside
them and belong to no share.
"""

import dataclasses
import datetime as dt
import itertools
import math
import zoneinfo
from collections import Counter
from collections.abc import Mapping

from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.reasons import Reason

MISSED = frozenset(Outcome) - {Outcome.ANSWERED, Outcome.NOT_OFFERED, Outcome.UNKNOWN}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CountedCall:
    """What the figures need of a call."""

    started_at: dt.datetime
    line: str
    """The label of the DID, or its number."""
    caller: str | None
    """One spelling for each caller; None: withheld."""
    outcome: Outcome
    hours: Hours
    ring_seconds: float | None
    """None: not known."""
    wait_seconds: float | None
    reason: Reason
    """Of the decision: ``NOTHING_AGAINST`` is a text."""
    text: MessageState | Reason | None
    """``SENT``: it has left, whatever came of it; else where it is, or the reason for that; None: there was none."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Calls that somebody was wanted for, and those of them that were missed."""

    calls: int = 0
    missed: int = 0

    @property
    def share(self) -> float:
        """Of the missed ones, between 0 and 1."""
        return self.missed / self.calls if self.calls else 0.0

    def plus(self, *, missed: bool) -> "Tally":
        """One call more."""
        return Tally(calls=self.calls + 1, missed=self.missed + missed)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a length is spread over calls, in seconds."""

    calls: int
    median: float
    nine_of_ten: float
    """Nine of ten calls have at most this."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a period."""

    first_at: dt.datetime | None
    """When the first call began; None: there was none."""
    last_at: dt.datetime | None
    total: Tally
    by_hour: Mapping[tuple[int, int], Tally]
    """(weekday, hour) of the calls' start in the office's zone; Monday is 0."""
    by_line: Mapping[str, Tally]
    by_hours: Mapping[Hours, Tally]
    by_outcome: Mapping[Outcome, int]
    gave_up_ringing: Spread | None
    """How long phones rang until the caller gave up."""
    gave_up_waiting: Spread | None
    """How long callers waited in a queue until they gave up."""
    answered: Spread | None
    """How long callers waited until somebody answered."""
    callers: int
    """Different numbers that were missed at least once."""
    withheld: int
    """Missed calls without a number."""
    called_again: int
    """Of ``callers``: called again after a missed call."""
    served_later: int
    """Of ``callers``: answered when they called again."""
    called_back: int
    """Of ``callers``: reached when the office called back."""
    to_text: int
    """Missed calls that were decided to be texted."""
    texted: int
    """Texts that have left."""
    unsent: Mapping[MessageState | Reason, int]
    """Texts that were decided on and have not left, by their state or its reason."""
    silent: Mapping[Reason, int]
    """Missed calls that were decided not to be texted, by reason."""

    @property
    def worst_hour(self) -> tuple[int, int] | None:
        """The weekday and hour with the most missed calls, the earliest of several; None where none was missed."""
        if not self.total.missed:
            return None
        return max(self.by_hour, key=lambda when: (self.by_hour[when].missed, -when[0], -when[1]))


class Count:
    """Adds up calls; its size depends on the callers and the lines, not on the calls."""

    def __init__(self, zone: zoneinfo.ZoneInfo) -> None:
        self._zone = zone
        self._first_at: dt.datetime | None = None
        self._last_at: dt.datetime | None = None
        self._total = Tally()
        self._by_hour: dict[tuple[int, int], Tally] = {}
        self._by_line: dict[str, Tally] = {}
        self._by_hours: dict[Hours, Tally] = {}
        self._by_outcome = Counter[Outcome]()
        self._lengths: dict[Outcome, Counter[float]] = {outcome: Counter() for outcome in _LENGTHS}
        self._missed: dict[str, dt.datetime] = {}
        """Caller -> when the first missed call began."""
        self._called_back = set[str]()
        self._again = set[str]()
        self._served = set[str]()
        self._withheld = self._to_text = self._texted = 0
        self._silent = Counter[Reason]()
        self._unsent = Counter[MessageState | Reason]()

    def add(self, call: CountedCall) -> None:
        """Count one call."""
        self._first_at = min(self._first_at or call.started_at, call.started_at)
        self._last_at = max(self._last_at or call.started_at, call.started_at)
        self._by_outcome[call.outcome] += 1
        if call.text is MessageState.SENT:
            self._texted += 1
        elif call.text is not None:
            self._unsent[call.text] += 1
        self._length(call)
        missed = call.outcome in MISSED
        if missed or call.outcome is Outcome.ANSWERED:
            self._add_to_tallies(call, missed=missed)
            self._add_caller(call, missed=missed)
        if missed:
            if call.reason is Reason.NOTHING_AGAINST:
                self._to_text += 1
            else:
                self._silent[call.reason] += 1

    def add_call_back(self, caller: str, at: dt.datetime) -> None:
        """Count that the office reached a number; after all the calls."""
        if caller in self._missed and at > self._missed[caller]:
            self._called_back.add(caller)

    def report(self) -> Report:
        """The figures so far."""
        return Report(
            first_at=self._first_at,
            last_at=self._last_at,
            total=self._total,
            by_hour=dict(self._by_hour),
            by_line=dict(self._by_line),
            by_hours=dict(self._by_hours),
            by_outcome=dict(self._by_outcome),
            gave_up_ringing=_spread(self._lengths[Outcome.ABANDONED_RINGING]),
            gave_up_waiting=_spread(self._lengths[Outcome.ABANDONED_QUEUE]),
            answered=_spread(self._lengths[Outcome.ANSWERED]),
            callers=len(self._missed),
            withheld=self._withheld,
            called_again=len(self._again),
            served_later=len(self._served),
            called_back=len(self._called_back),
            to_text=self._to_text,
            texted=self._texted,
            unsent=dict(self._unsent),
            silent=dict(self._silent),
        )

    def _length(self, call: CountedCall) -> None:
        if call.outcome not in _LENGTHS:
            return
        length = call.ring_seconds if call.outcome is Outcome.ABANDONED_RINGING else call.wait_seconds
        if length is not None:
            self._lengths[call.outcome][round(length, 1)] += 1

    def _add_to_tallies(self, call: CountedCall, *, missed: bool) -> None:
        local = call.started_at.astimezone(self._zone)
        when = (local.weekday(), local.hour)
        self._total = self._total.plus(missed=missed)
        self._by_hour[when] = self._by_hour.get(when, Tally()).plus(missed=missed)
        self._by_line[call.line] = self._by_line.get(call.line, Tally()).plus(missed=missed)
        self._by_hours[call.hours] = self._by_hours.get(call.hours, Tally()).plus(missed=missed)

    def _add_caller(self, call: CountedCall, *, missed: bool) -> None:
        if call.caller is None:
            self._withheld += missed
            return
        if call.caller in self._missed:
            self._again.add(call.caller)
            if not missed:
                self._served.add(call.caller)
        elif missed:
            self._missed[call.caller] = call.started_at


_LENGTHS = (Outcome.ABANDONED_RINGING, Outcome.ABANDONED_QUEUE, Outcome.ANSWERED)


def _spread(lengths: Counter[float]) -> Spread | None:
    if not lengths:
        return None
    return Spread(calls=lengths.total(), median=_at_most(lengths, 0.5), nine_of_ten=_at_most(lengths, 0.9))


def _at_most(lengths: Counter[float], share: float) -> float:
    """The smallest length that at least this share of the calls does not exceed."""
    wanted = math.ceil(lengths.total() * share)
    ascending = sorted(lengths)
    reached = itertools.accumulate(lengths[length] for length in ascending)
    return next(length for length, calls in zip(ascending, reached, strict=True) if calls >= wanted)
