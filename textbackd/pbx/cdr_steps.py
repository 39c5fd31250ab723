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
            later = [row for others in rounds[i + 1 :] for row in others]
            if a_round[0].far_channel:
                self._dialled(a_round, later)
            else:
                self._alone(a_round[0], is_first=i == 0)
        self.steps.sort(key=lambda step: step.at)

    # --- dialling ---------------------------------------------------------------------------------------------------

    def _dialled(self, rows: Sequence[CdrRow], later: Sequence[CdrRow]) -> None:
        first = rows[0]
        stage, name = _stage(first) or (Stage.DIAL, first.context)
        self._step(first.started_at, What.STAGE, stage, name)
        gave_up = _gave_up(rows, later)
        for row in rows:
            self._leg(row, gave_up=gave_up)
        if stage is Stage.QUEUE:
            self.queue = name
            self.queue_seconds += _span(rows)
        if any(row.disposition == "ANSWERED" for row in rows):
            return
        if stage is Stage.QUEUE:
            if not gave_up:
                self._step(_end(rows), What.QUEUE_LEFT, QueueExit.TIMEOUT)
        elif gave_up:
            self._step(_end(rows), What.GAVE_UP)

    def _leg(self, row: CdrRow, *, gave_up: bool) -> None:
        who = self._party(row)
        self._step(row.started_at, What.DIALLED, who=who.number)
        self.rang.setdefault(who.number, who)
        people = self._people(row)
        if people:
            self.joined = self.joined or row
        for person in people:
            self._step(row.answered_at or row.started_at, What.JOINED, who=person.number)
            self._step(row.ended_at, What.PARTED)
            before = self.talked_to.get(person.number)
            seconds = person.seconds + (before.seconds if before else 0)
            self.talked_to[person.number] = dataclasses.replace(person, seconds=seconds)
        if people:
            return
        if row.disposition == "ANSWERED" and self._depth < _DEEPEST and (inner := self._inner(row)):
            # The PBX took it itself, such as a member's own voicemail (``b09``).
            self.steps += Story(inner, self._around, depth=self._depth + 1).steps
            return
        result = _RESULTS[row.disposition]
        if row.disposition in _RANG and gave_up:
            result = DialResult.CANCELLED
        elif row.disposition in _RANG and _at_once((row,)):
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
        behind = [party for leg in inner if leg.far_channel for party in self._people(leg, depth + 1)]
        return [dataclasses.replace(party, seconds=row.answered_seconds) for party in behind[-1:]]

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


def _rounds(rows: Sequence[CdrRow]) -> list[list[CdrRow]]:
    rounds: list[list[CdrRow]] = []
    for row in rows:
        if rounds and row.far_channel and _goes_on(rounds[-1], row):
            rounds[-1].append(row)
        else:
            rounds.append([row])
    return rounds


def _goes_on(rows: Sequence[CdrRow], row: CdrRow) -> bool:
    """Whether ``row`` is of the same execution: beside the others, or a queue's next try."""
    first = rows[0]
    if not first.far_channel or (row.application, row.data) != (first.application, first.data):
        return False
    waits_on = row.application == "Queue" and not any(other.disposition == "ANSWERED" for other in rows)
    return waits_on or row.started_at == first.started_at or row.started_at < _end(rows)


def _gave_up(rows: Sequence[CdrRow], later: Sequence[CdrRow]) -> bool:
    """Whether the call ended with this round, and by the caller."""
    dispositions = {row.disposition for row in rows}
    if "CANCEL" in dispositions:
        return True
    if not dispositions.intersection(_RANG) or any(row.destination != HANGUP_EXTENSION for row in later):
        return False
    if _at_once(rows):
        return False
    if rows[0].answered_at is not None and not later:
        return True  # whatever an answered channel does next has a row
    limit = _limit(rows[0])
    return _span(rows) < limit if limit else True


def _at_once(rows: Sequence[CdrRow]) -> bool:
    """Refused within a second (480, 404): a caller is seldom that quick."""
    return rows[0].application == "Dial" and rows[0].answered_at is None and all(row.seconds == 0 for row in rows)


def _span(rows: Sequence[CdrRow]) -> int:
    """How many seconds a round took."""
    if rows[0].started_at == rows[-1].started_at:
        return max(row.seconds for row in rows)  # the difference of two rounded times may be a second more
    return int((_end(rows) - rows[0].started_at).total_seconds())


def _end(rows: Sequence[CdrRow]) -> dt.datetime:
    return max(row.ended_at for row in rows)


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
