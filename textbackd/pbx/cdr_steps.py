"""What the CDR rows of one caller's channel tell of the call: its steps and who was there, as near as they come to it.

A row is one pair of channels, or the time that the channel spent alone. Rows of one execution of Dial or Queue make a
*round*. Ids such as ``b09`` name recorded calls.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

from textbackd.core.call_records import Party, Step, What
from textbackd.core.channel_events import DialResult, QueueExit, Stage
from textbackd.pbx import asterisk_words as words
from textbackd.pbx.asterisk_channels import dialled_number, endpoint_of
from textbackd.pbx.cdr_file import CdrRow

HANGUP_EXTENSION = "h"
"""Where the dialplan goes after the hang-up: its row says nothing of the call (``endbeforehexten = no`` makes one)."""

_RESULTS = {
    "ANSWERED": DialResult.ANSWERED,
    "NO ANSWER": DialResult.NO_ANSWER,
    "BUSY": DialResult.BUSY,
    "FAILED": DialResult.UNAVAILABLE,
    "CONGESTION": DialResult.UNAVAILABLE,
    "CANCEL": DialResult.CANCELLED,
}
_RANG = ("NO ANSWER", "CANCEL")
_LIMIT = {"Dial": 1, "Queue": 4}
"""Which of an application's arguments says how many seconds it tries."""
_DEEPEST = 5
"""Local channels that lead to Local channels."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known beside a channel's own rows."""

    rows: Callable[[str], Sequence[CdrRow]]
    """Of the channel with this name; none where the file has none."""
    is_caller: Callable[[str], bool]
    """Whether a channel is a caller's own."""
    is_trunk: Callable[[str], bool]
    """Whether an endpoint leads outside."""
    utc: Callable[[dt.datetime], dt.datetime]


class Story:
    """A channel's rows, told in order."""

    def __init__(self, rows: Sequence[CdrRow], around: Around, *, depth: int = 0) -> None:
        """``rows``: at least one."""
        self.steps: list[Step] = []
        self.rang: dict[str, Party] = {}
        self.talked_to: dict[str, Party] = {}
        self.joined: CdrRow | None = None
        """The first with a person."""
        self.queue = ""
        self.queue_seconds = 0
        self._around = around
        self._depth = depth
        rounds = _rounds(sorted(rows, key=lambda row: row.started_at))
        for i, a_round in enumerate(rounds):
            if a_round.first.far_channel:
                self._dialled(a_round, [later.first for later in rounds[i + 1 :]])
            else:
                self._alone(a_round.first, is_first=i == 0)
        self.steps.sort(key=lambda step: step.at)

    # --- dialling ---------------------------------------------------------------------------------------------------

    def _dialled(self, a_round: "_Round", later: Sequence[CdrRow]) -> None:
        first = a_round.first
        stage, name = _stage(first) or (Stage.DIAL, first.context)
        self._step(first.started_at, What.STAGE, stage, name)
        gave_up = _gave_up(a_round, later)
        unanswered = set[tuple[str, str]]()
        for row in a_round.rows:
            who = self._party(row)
            _add(self.rang, who)
            if (who.number, row.disposition) in unanswered:
                continue  # a queue may ring the same phones for an hour
            if row.disposition != "ANSWERED":
                unanswered.add((who.number, row.disposition))
            self._leg(row, who, gave_up=gave_up)
        if stage is Stage.QUEUE:
            self.queue = name
            self.queue_seconds += a_round.seconds
        if a_round.answered:
            return
        if stage is Stage.QUEUE:
            if not gave_up:
                self._step(a_round.end, What.QUEUE_LEFT, QueueExit.TIMEOUT)
        elif gave_up:
            self._step(a_round.end, What.GAVE_UP)

    def _leg(self, row: CdrRow, who: Party, *, gave_up: bool) -> None:
        self._step(row.started_at, What.DIALLED, who=who.number)
        people = self._people(row)
        if people:
            self.joined = self.joined or row
        for person in people:
            self._step(row.answered_at or row.started_at, What.JOINED, who=person.number)
            self._step(row.ended_at, What.PARTED)
            _add(self.talked_to, person)
        if people:
            return
        if row.disposition == "ANSWERED" and self._depth < _DEEPEST and (inner := self._inner(row)):
            # The PBX took it itself, such as a member's own voicemail (``b09``).
            self.steps += Story(inner, self._around, depth=self._depth + 1).steps
            return
        result = _RESULTS[row.disposition]
        if row.disposition in _RANG and gave_up:
            result = DialResult.CANCELLED
        elif row.disposition in _RANG and _at_once(row):
            result = DialResult.UNAVAILABLE
        self._step(row.ended_at, What.RESULT, result, who.number)

    def _people(self, row: CdrRow, depth: int = 0) -> Sequence[Party]:
        """Who of ours was on the line in this row."""
        technology = row.far_channel.partition("/")[0]
        if row.disposition != "ANSWERED" or technology in words.NOBODY_THERE or self._around.is_caller(row.far_channel):
            return ()
        if technology != "Local":
            return (self._party(row),)
        inner = self._inner(row)
        if not inner:
            return (self._party(row),)  # it made way for the phone behind it
        if depth == _DEEPEST:
            return ()
        return [party for leg in inner if leg.far_channel for party in self._people(leg, depth + 1)]

    def _inner(self, row: CdrRow) -> Sequence[CdrRow]:
        """What the other half of a Local pair did."""
        pair, semicolon, _half = row.far_channel.rpartition(";")
        return self._around.rows(f"{pair};2") if semicolon else ()

    def _party(self, row: CdrRow) -> Party:
        endpoint = endpoint_of(row.far_channel)
        outside = self._around.is_trunk(endpoint)
        number = dialled_number(row.data.partition(",")[0].partition("/")[2]) if outside else ""
        return Party(
            number=number or endpoint.partition("@")[0],
            seconds=row.answered_seconds if row.disposition == "ANSWERED" else row.seconds,
            outside=outside,
        )

    # --- nobody at the other end ------------------------------------------------------------------------------------

    def _alone(self, row: CdrRow, *, is_first: bool) -> None:
        place = _place(row, is_first=is_first)
        if place is None:
            return
        stage, name = place
        self._step(row.started_at, What.STAGE, stage, name)
        if stage is Stage.DIAL:
            self._step(row.ended_at, What.DIAL_OVER, DialResult.UNAVAILABLE)
        elif stage is Stage.QUEUE:
            self.queue, self.queue_seconds = name, self.queue_seconds + row.seconds
            if row.application != "Queue":
                self._step(row.ended_at, What.QUEUE_LEFT, QueueExit.EMPTY)

    def _step(self, at: dt.datetime, what: What, value: str = "", who: str = "") -> None:
        self.steps.append(Step(at=self._around.utc(at), what=what, value=value, who=who))


def _add(parties: dict[str, Party], party: Party) -> None:
    """Each once, with all the seconds."""
    before = parties.get(party.number)
    seconds = party.seconds + (before.seconds if before else 0)
    parties[party.number] = dataclasses.replace(party, seconds=seconds)


class _Round:
    """The rows of one execution of Dial or Queue; or the one of a channel on its own."""

    def __init__(self, row: CdrRow) -> None:
        self.rows = [row]
        self.first = row
        self.end = row.ended_at
        self.answered = row.disposition == "ANSWERED"

    def takes(self, row: CdrRow) -> bool:
        """Whether a row that comes next is of it: beside the others, or a queue's next try."""
        first = self.first
        if (
            not first.far_channel
            or not row.far_channel
            or (row.application, row.data) != (first.application, first.data)
        ):
            return False
        tries_again = row.application == "Queue" and not self.answered
        return tries_again or row.started_at == first.started_at or row.started_at < self.end

    def add(self, row: CdrRow) -> None:
        """Take it."""
        self.rows.append(row)
        self.end = max(self.end, row.ended_at)
        self.answered = self.answered or row.disposition == "ANSWERED"

    @property
    def seconds(self) -> int:
        """How long it took."""
        if all(row.started_at == self.first.started_at for row in self.rows):
            return max(row.seconds for row in self.rows)  # the difference of two cut times may be a second more
        return int((self.end - self.first.started_at).total_seconds())


def _rounds(rows: Sequence[CdrRow]) -> Sequence[_Round]:
    rounds: list[_Round] = []
    for row in rows:
        if rounds and rounds[-1].takes(row):
            rounds[-1].add(row)
        else:
            rounds.append(_Round(row))
    return rounds


def _gave_up(a_round: _Round, later: Sequence[CdrRow]) -> bool:
    """Whether the call ended with this round, and by the caller."""
    first, dispositions = a_round.first, {row.disposition for row in a_round.rows}
    if "CANCEL" in dispositions:
        return True
    if not dispositions.intersection(_RANG) or any(row.destination != HANGUP_EXTENSION for row in later):
        return False
    if all(map(_at_once, a_round.rows)):
        return False
    if first.answered_at is not None and not later:
        return True  # whatever an answered channel does next has a row
    limit = _limit(first)
    return a_round.seconds < limit if limit else True


def _at_once(row: CdrRow) -> bool:
    """A phone refused within a second (480, 404): a caller is seldom that quick."""
    return row.application == "Dial" and row.answered_at is None and row.seconds == 0


def _limit(row: CdrRow) -> float:
    """How many seconds Dial or Queue was told to try; 0: for ever."""
    position = _LIMIT.get(row.application)
    arguments = row.data.split(",")
    try:
        return float(arguments[position]) if position is not None else 0.0
    except (IndexError, ValueError):
        return 0.0


def _stage(row: CdrRow) -> tuple[Stage, str] | None:
    return words.stage(row.application, row.data, row.context)


def _place(row: CdrRow, *, is_first: bool) -> tuple[Stage, str] | None:
    """Where a channel was that no other was dialled for; FreePBX's contexts tell where the application does not."""
    if row.context == "macro-vm":
        return Stage.VOICEMAIL, ""
    after_hangup = row.destination == HANGUP_EXTENSION
    if after_hangup and not is_first:
        return None
    found = _stage(row)
    if found and found[0] is not Stage.ANNOUNCEMENT:
        return found
    if row.destination in ("i", "t") or row.context.startswith("ivr-"):
        return Stage.MENU, row.context
    if found or not is_first:
        return found
    if row.context.startswith("ext-queues"):
        return Stage.QUEUE, ""
    return (Stage.ANNOUNCEMENT, row.context) if row.disposition == "ANSWERED" else None
