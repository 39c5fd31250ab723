"""What became of many texts, judged by what the network got: the daemon's database against the network's logs."""

import contextlib
import dataclasses
import datetime as dt
import itertools
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.stalls import Stalls
from textbackd.core import sms_text

Part = tuple[int, int]
"""The text's id, and which part of it."""
Row = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A part that the network got."""

    modem: str
    number: str
    text: str
    of: tuple[int, int]
    """Which part of how many."""
    reference: int
    at: dt.datetime
    statuses: tuple[int, ...] | None
    """What was reported of it, where the network's log tells."""


def of_scripted(modem: str, log: Path) -> list[Submission]:
    """From the log of a ``scripted_worker``."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    statuses = defaultdict[int, list[int]](list)
    for line in lines:
        if "reported" in line:
            statuses[line["reported"]].append(line["status"])
    return [
        Submission(
            modem=modem, number=line["number"], text=line["text"], of=(line["part"], line["of"]),
            reference=line["reference"], at=dt.datetime.fromisoformat(line["at"]),
            statuses=tuple(statuses[line["submitted"]]),
        )
        for line in lines
        if "submitted" in line
    ]  # fmt: skip


def of_emulator(modem: str, log: Path) -> list[Submission]:
    """From the log of an emulator, without those that it refused."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [
        Submission(
            modem=modem, number=line["number"], text=line["text"],
            of=(line["part"]["number"], line["part"]["of"]) if line["part"] else (1, 1),
            reference=line["reference"], at=dt.datetime.fromisoformat(line["at"]), statuses=None,
        )
        for line in lines
        if line["reference"] is not None
    ]  # fmt: skip


class Judge:
    """Holds both sides."""

    def __init__(self, database: Path, submissions: Iterable[Submission]) -> None:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            self.texts: dict[int, Row] = {row["id"]: dict(row) for row in connection.execute("SELECT * FROM outbox")}
            self.parts: dict[Part, Row] = {
                (row["message_id"], row["part"]): dict(row) for row in connection.execute("SELECT * FROM outbox_parts")
            }
            claims = connection.execute(
                "SELECT message_id, min(at) FROM outbox_changes WHERE event = 'claimed' GROUP BY message_id"
                " ORDER BY min(rowid)"
            ).fetchall()
            self.first_claims = [self.texts[text] for text, _ in claims]
            """The texts in the order in which they were taken for sending for the first time."""
            self._all_taken_at = dt.datetime.fromisoformat(max(at for _, at in claims))
        whose = self._whose()
        self.got: dict[Part, list[Submission]] = defaultdict(list)
        self.strange: list[Submission] = []
        """What nobody queued."""
        for submission in submissions:
            part = whose.get((submission.number, submission.text, submission.of))
            (self.strange if part is None else self.got[part]).append(submission)

    def _whose(self) -> Mapping[tuple[str, str, tuple[int, int]], Part]:
        whose: dict[tuple[str, str, tuple[int, int]], Part] = {}
        for text in self.texts.values():
            for segment in sms_text.segments(text["text"], text["id"]):
                key = text["number"], segment.text, (segment.number, segment.of)
                assert key not in whose, "the texts of a test can be told apart"
                whose[key] = text["id"], segment.number
        return whose

    def all_parts(self, text: int) -> Sequence[Part]:
        """Of a text, tried or not."""
        return [(text, number) for number in range(1, len(sms_text.split(self.texts[text]["text"])) + 1)]

    def submitted_at(self, modem: str) -> Sequence[dt.datetime]:
        """When the network got something of a modem, in order."""
        return sorted(one.at for submissions in self.got.values() for one in submissions if one.modem == modem)

    def longest_rest(self, modem: str, stalls: Stalls) -> dt.timedelta:
        """Between two submissions of a modem, without stalls of the machine, for as long as there was a text that no
        modem had taken yet.
        """
        busy = [*(at for at in self.submitted_at(modem) if at < self._all_taken_at), self._all_taken_at]
        return max(later - sooner - stalls.between(sooner, later) for sooner, later in itertools.pairwise(busy))

    @property
    def states(self) -> set[str]:
        """How texts ended."""
        return {text["state"] for text in self.texts.values()}

    @property
    def wrongs(self) -> Sequence[str]:
        """What is wrong: empty where no text is lost and no part doubled, and of each it is known what became of it, or
        that nobody knows, and why.
        """
        return [
            *(f"nobody queued {submission}" for submission in self.strange),
            *(f"{part} went out as {submissions}" for part, submissions in self.got.items() if len(submissions) > 1),
            *(wrong for text in self.texts.values() if (wrong := self._wrong(text))),
            *(wrong for row in self.parts.values() if (wrong := self._wrong_part(row))),
        ]

    def _wrong(self, text: Row) -> str:
        """What is wrong with a text; empty where nothing is."""
        parts = self.all_parts(text["id"])
        got = [part in self.got for part in parts]
        modems = {submission.modem for part in parts for submission in self.got.get(part, ())}
        told = {self.parts[part]["state"] if part in self.parts else "waiting" for part in parts}
        match text["state"]:
            case "sent":
                right = all(got) and told <= {"accepted", "delivered", "undeliverable"}
            case "delivered":
                right = all(got) and told == {"delivered"}
            case "undeliverable":
                right = "undeliverable" in told  # which is enough: nobody can read the text
            case "unknown":
                right = bool(text["reason"])
            case "failed" | "cancelled" | "expired":
                right = bool(text["reason"]) and not all(got)
            case _:
                right = False
        if right and len(modems) <= 1:
            return ""
        return f"text {text['id']} is {text['state']} ({text['reason']}), {told}; {got} by {modems}"

    def _wrong_part(self, row: Row) -> str:
        """What is wrong with a part; empty where nothing is."""
        submission = next(iter(self.got.get((row["message_id"], row["part"]), ())), None)
        statuses = submission.statuses if submission else ()
        match row["state"]:
            case "waiting" | "refused":
                right = submission is None
            case "accepted":
                right = submission is not None and submission.reference == row["message_reference"]
            case "delivered" | "undeliverable" as state:
                right = submission is not None and submission.reference == row["message_reference"]
                if statuses is not None:
                    right &= any(
                        (status < 32) == (state == "delivered") for status in statuses if not 32 <= status < 64
                    )
            case "unknown":
                right = True
            case _:
                right = False
        if right and (submission is None or submission.modem == row["modem"]):
            return ""
        return f"part {dict(row)} was {submission}"
