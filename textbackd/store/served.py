"""Who spoke with a caller after all, so that no text is needed: somebody rang back, or the caller rang again."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

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


async def first(
    tx: Transaction, number: E164, since: dt.datetime, minimum_talk: dt.timedelta, *, besides: int = 0
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
