"""Who is not to be texted, as it stands now in one database, to be put into another: for a rehearsal of other calls."""

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence

from textbackd.store import exclusions, learned_numbers, opt_outs
from textbackd.store.database import Row, Transaction


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StandingLists:
    """The rows of each."""

    exclusions: Sequence[Row] = ()
    opt_outs: Sequence[Row] = ()
    learned_numbers: Sequence[Row] = ()


NO_LISTS = StandingLists()


async def read(tx: Transaction, now: dt.datetime) -> StandingLists:
    """Without what has been learned of a number and is forgotten by ``now``."""
    return StandingLists(
        exclusions=await exclusions.everybody(tx),
        opt_outs=await opt_outs.all_of_them(tx),
        learned_numbers=await learned_numbers.everything(tx, now),
    )


async def put(tx: Transaction, lists: StandingLists) -> None:
    """Into a database in which there are none."""
    await tx.run(
        "INSERT INTO exclusions (label, number, prefix, name, note, source, added_at) SELECT value ->> 'label',"
        " value ->> 'number', value ->> 'prefix', value ->> 'name', value ->> 'note', value ->> 'source',"
        " value ->> 'added_at' FROM json_each(?1)",
        _as_json(lists.exclusions),
    )
    await tx.run(
        "INSERT INTO opt_outs (number, state, since, source) SELECT value ->> 'number', value ->> 'state',"
        " value ->> 'since', value ->> 'source' FROM json_each(?1)",
        _as_json(lists.opt_outs),
    )
    await tx.run(
        "INSERT INTO learned_numbers (number, what, because, learned_at, expires_at) SELECT value ->> 'number',"
        " value ->> 'what', value ->> 'because', value ->> 'learned_at', value ->> 'expires_at' FROM json_each(?1)",
        _as_json(lists.learned_numbers),
    )


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps([dict(row) for row in rows])
