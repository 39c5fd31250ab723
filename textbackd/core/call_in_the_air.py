"""One inbound call while it lasts: what it went through, who was on the line, what rang and how long."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from textbackd.core import phone_numbers
from textbackd.core.call_records import EndedCall, Party, Step, What
from textbackd.core.channel_events import Privacy, Stage
from textbackd.core.presence import Presence, between, seconds

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
    spoofed: bool = False
    """The check of who may show the number failed."""
    did_certain: bool = False
    """The dialplan told it."""
    seen_whole: bool = True
    gone_at: dt.datetime | None = None
    """When the inbound leg was hung up."""
    stage: Stage | None = None
    steps: list[Step] = dataclasses.field(default_factory=list)
    screened: bool = False
    """Whoever answered outside was asked whether to take the call."""
    _people: Presence = dataclasses.field(default_factory=Presence)
    _ringing: Presence = dataclasses.field(default_factory=Presence)
    _where: str = ""
    _talked_there: bool = False
    """A person was on the line since: what is told again then is a new visit."""
    _queue: str = ""
    _queue_since: dt.datetime | None = None
    _in_queues: dt.timedelta = dt.timedelta()

    def step(self, at: dt.datetime, what: What, value: str = "", who: str = "") -> None:
        """Note a step."""
        if len(self.steps) >= MOST_STEPS:
            del self.steps[next(_expendable(self.steps), 1)]
        self.steps.append(Step(at=at, what=what, value=value, who=who))

    def enter(self, at: dt.datetime, stage: Stage, where: str) -> None:
        """Come to a stage; the PBX tells of some twice, the second time perhaps without ``where``."""
        if self.stage is stage and (not where or (where == self._where and not self._talked_there)):
            return
        self.stage, self._where, self._talked_there = stage, where, False
        self.step(at, What.STAGE, stage, where)
        self.waiting_ends(at)
        if stage is Stage.QUEUE:
            self._queue, self._queue_since = where or self._queue, at

    def waiting_ends(self, at: dt.datetime) -> None:
        """The caller waits in no queue any more."""
        if self._queue_since is not None:
            self._in_queues += between(self._queue_since, at)
            self._queue_since = None

    def not_whole(self, at: dt.datetime) -> None:
        """Events of this call may be missing."""
        if self.seen_whole:
            self.seen_whole = False
            self.step(at, What.NOT_SEEN)

    def ringing_starts(self, channel: str, party: Party, at: dt.datetime) -> None:
        """A leg begins to be dialled."""
        self._ringing.come(channel, party, at)

    def ringing_ends(self, channel: str, at: dt.datetime) -> None:
        """A leg has answered or is dialled no more."""
        self._ringing.go(channel, at)

    def joined_with(self, people: Mapping[str, Party], at: dt.datetime) -> None:
        """Say who is on the line now: channel -> who."""
        before = self._people.here
        if people.keys() == before:
            return
        for channel in people:
            if channel not in before:
                self.step(at, What.JOINED, who=people[channel].number)
        self._people.only(people, at)
        if people:
            self._talked_there = True
            self.waiting_ends(at)
        else:
            self.step(at, What.PARTED)

    def ended(self, at: dt.datetime) -> EndedCall:
        """The whole call, over at ``at``."""
        self._ringing.only({}, at)
        self.joined_with({}, at)
        self.waiting_ends(at)
        return EndedCall(
            call_id=self.call_id,
            caller=self.caller,
            caller_name=self.caller_name,
            withheld=Privacy.WITHHELD in self.privacy or phone_numbers.is_withheld(self.caller),
            privacy_unknown=Privacy.UNKNOWN in self.privacy and Privacy.SHOWN not in self.privacy,
            spoofed=self.spoofed,
            did=self.did,
            context=self.context,
            started_at=self.started_at,
            ended_at=at,
            ring_seconds=self._ringing.seconds,
            wait_seconds=seconds((self._people.first_at or at) - self.started_at),
            talk_seconds=self._people.seconds,
            rang=tuple(self._ringing.parties()),
            talked_to=tuple(self._people.parties()),
            queue=self._queue,
            queue_seconds=seconds(self._in_queues),
            screened=self.screened,
            seen_whole=self.seen_whole,
            steps=tuple(self.steps),
        )


_ATTEMPTS = frozenset({What.DIALLED, What.RESULT, What.HALF_RESULT})
_TELLING = frozenset({What.JOINED, What.MESSAGE, What.NOT_SEEN, What.GONE})


def _expendable(steps: Sequence[Step]) -> Iterator[int]:
    """Of many rounds in a queue or a menu the last ones tell enough; who was on the line is kept."""
    yield from (i for i, step in enumerate(steps) if step.what in _ATTEMPTS)
    yield from (i for i, step in enumerate(steps) if i and step.what not in _TELLING)
