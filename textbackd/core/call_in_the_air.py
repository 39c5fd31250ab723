"""One inbound call while it lasts: what it went through, who was on the line, what rang and how long."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from textbackd.core import phone_numbers
from textbackd.core.call_records import EndedCall, Step, What
from textbackd.core.channel_events import Privacy, Stage

MOST_STEPS = 400
"""Kept of one call; a caller can wait in a queue for hours."""


@dataclasses.dataclass(slots=True, eq=False, kw_only=True)
class CallInTheAir:
    """Mutable; owned by the tracker. ``ended`` makes the value that everybody else sees."""

    call_id: str
    caller: str
    caller_name: str
    did: str
    context: str
    started_at: dt.datetime
    up: bool
    groups: list[str]
    """Every Linkedid that the inbound leg has had."""
    privacy: set[Privacy] = dataclasses.field(default_factory=set)
    """All that was told of it."""
    seen_whole: bool = True
    gone_at: dt.datetime | None = None
    """When the inbound leg was hung up."""
    stage: Stage | None = None
    steps: list[Step] = dataclasses.field(default_factory=list)
    _people: frozenset[str] = frozenset()
    _talked_to: list[str] = dataclasses.field(default_factory=list)
    _joined_at: dt.datetime | None = None
    _first_joined_at: dt.datetime | None = None
    _talk: dt.timedelta = dt.timedelta()
    _dialling: set[str] = dataclasses.field(default_factory=set)
    _dialling_since: dt.datetime | None = None
    _ring: dt.timedelta = dt.timedelta()

    def step(self, at: dt.datetime, what: What, value: str = "", who: str = "") -> None:
        """Note a step."""
        if len(self.steps) >= MOST_STEPS:
            # Of many rounds in a queue the last ones tell enough.
            attempts = (i for i, step in enumerate(self.steps) if step.what in (What.DIALLED, What.RESULT))
            del self.steps[next(attempts, 1)]
        self.steps.append(Step(at=at, what=what, value=value, who=who))

    def enter(self, at: dt.datetime, stage: Stage, where: str) -> None:
        """Come to a stage; the PBX tells of some twice, the second time perhaps without ``where``."""
        if self.stage is stage and (not where or self.steps[-1].what is What.STAGE):
            return
        self.stage = stage
        self.step(at, What.STAGE, stage, where)

    def not_whole(self, at: dt.datetime) -> None:
        """Events of this call may be missing."""
        if self.seen_whole:
            self.seen_whole = False
            self.step(at, What.NOT_SEEN)

    def dialling_starts(self, channel: str, at: dt.datetime) -> None:
        """A device leg begins to be dialled."""
        if not self._dialling:
            self._dialling_since = at
        self._dialling.add(channel)

    def dialling_ends(self, channel: str, at: dt.datetime) -> None:
        """A device leg has answered or is dialled no more."""
        if channel in self._dialling:
            self._dialling.discard(channel)
            if not self._dialling and self._dialling_since is not None:
                self._ring += at - self._dialling_since

    def joined_with(self, people: Mapping[str, str], at: dt.datetime) -> None:
        """Say who is on the line now: channel -> extension or number."""
        if people.keys() == self._people:
            return
        for channel in people.keys() - self._people:
            number = people[channel]
            self.step(at, What.JOINED, who=number)
            if number not in self._talked_to:
                self._talked_to.append(number)
        if people and self._joined_at is None:
            self._joined_at = at
            self._first_joined_at = self._first_joined_at or at
        elif not people and self._joined_at is not None:
            self._talk += at - self._joined_at
            self._joined_at = None
            self.step(at, What.PARTED)
        self._people = frozenset(people)

    def ended(self, at: dt.datetime) -> EndedCall:
        """The whole call, over at ``at``."""
        for channel in list(self._dialling):
            self.dialling_ends(channel, at)
        self.joined_with({}, at)
        return EndedCall(
            call_id=self.call_id,
            caller=self.caller,
            caller_name=self.caller_name,
            withheld=Privacy.WITHHELD in self.privacy or phone_numbers.is_withheld(self.caller),
            privacy_unknown=Privacy.UNKNOWN in self.privacy and Privacy.SHOWN not in self.privacy,
            did=self.did,
            context=self.context,
            started_at=self.started_at,
            ended_at=at,
            ring_seconds=_seconds(self._ring),
            wait_seconds=_seconds((self._first_joined_at or at) - self.started_at),
            talk_seconds=_seconds(self._talk),
            talked_to=tuple(self._talked_to),
            seen_whole=self.seen_whole,
            steps=tuple(self.steps),
        )


def _seconds(length: dt.timedelta) -> float:
    return round(max(length.total_seconds(), 0.0), 1)
