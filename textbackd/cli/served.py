"""Who spoke with a caller after all, so that no text is needed: somebody rang back, or the caller rang again."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from textbackd.cli.context import local
from textbackd.config import Settings
from textbackd.core.call_records import Party
from textbackd.core.phone_numbers import E164
from textbackd.store import calls, outside_calls, parties
from textbackd.store.database import Row, Transaction, moment


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A person was on the line with a caller."""

    at: dt.datetime
    by: Sequence[Party]
    seconds: float
    call: int | None
    """The row of the call that the caller made; None: the office rang the caller."""

    def in_words(self, settings: Settings) -> str:
        """Who, when and how long."""
        who = ", ".join(str(party) for party in self.by) or "somebody"
        at, length = local(self.at.isoformat(), settings), f"{self.seconds:.0f} s"
        if self.call is None:
            return f"{who} called back and reached the caller at {at}, for {length}"
        return f"{who} answered call {self.call} of this caller at {at}, for {length}"

    def as_dict(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "how": "called back" if self.call is None else "rang again",
            "at": self.at.isoformat(),
            "by": [dataclasses.asdict(party) for party in self.by],
            "seconds": self.seconds,
            "call": self.call,
        }


async def served(
    tx: Transaction, number: E164, since: dt.datetime, minimum_talk: dt.timedelta, *, besides: int
) -> Served | None:
    """Who was first on the line with a number after ``since``; not in the call in the row ``besides``."""
    again = await calls.first_answered(tx, number, since, minimum_talk, besides=besides)
    back = await outside_calls.first_answered(tx, number, since)
    found = [
        *([_served(again, again["talked_to"], again["id"])] if again else []),
        *([_served(back, back["made_by"], None)] if back else []),
    ]
    return min(found, key=lambda each: each.at, default=None)


def _served(row: Row, by: str, call: int | None) -> Served:
    return Served(at=moment(row["answered_at"]), by=parties.from_column(by), seconds=row["talk_seconds"], call=call)
