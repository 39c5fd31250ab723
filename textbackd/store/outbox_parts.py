"""The parts of the texts on their way out: the journal of what a modem was given, and what the network said of it.

Nothing is ever deleted: of a text that a person has sent once more the first copy's parts stay, for their reports.
What is said here of a text's parts is said of its latest copy.
"""

import datetime as dt
from collections.abc import Collection, Sequence

from textbackd.core.message_parts import MAYBE_SENT, PART_TRANSITIONS, PartState
from textbackd.core.phone_numbers import E164
from textbackd.core.reported_part import Candidate
from textbackd.store.database import Row, StaleState, Transaction, moment, stamp

REPORT_WINDOW = dt.timedelta(hours=48)
"""How long after a part its delivery report may come: its validity (24 h) and a service centre's own delay."""

WRITTEN_LAST = "state NOT IN ('waiting', 'refused') ORDER BY submitted_at DESC LIMIT 1"
"""How a query for the parts to a number ends that finds the one which went out last, or may have."""


async def begin(tx: Transaction, message_id: int, number: E164, of: int) -> Sequence[int]:
    """Write down the parts of a text, where this is its first try: those that are still to go, in order."""
    if not await of_latest_copy(tx, message_id):
        await begin_copy(tx, message_id, number, of)
    return [row["part"] for row in await of_latest_copy(tx, message_id) if row["state"] == PartState.WAITING]


async def begin_copy(tx: Transaction, message_id: int, number: E164, of: int) -> None:
    """Write down parts that are all still to go, whatever was tried of the text."""
    copy = await _latest_copy(tx, message_id) + 1
    for part in range(1, of + 1):
        await tx.run(
            "INSERT INTO outbox_parts (message_id, copy, part, state, number) VALUES (?1, ?2, ?3, 'waiting', ?4)",
            message_id,
            copy,
            part,
            number,
        )


async def submit(tx: Transaction, message_id: int, part: int, modem: str, now: dt.datetime) -> None:
    """A part is about to be given to a modem; commit before it is."""
    copy = await _latest_copy(tx, message_id)
    await _change(tx, message_id, copy, part, PartState.SUBMITTING, "")
    await tx.run(
        "UPDATE outbox_parts SET modem = ?1, submitted_at = ?2 WHERE message_id = ?3 AND copy = ?4 AND part = ?5",
        modem,
        stamp(now),
        message_id,
        copy,
        part,
    )


async def settle(
    tx: Transaction, message_id: int, part: int, state: PartState, reason: str, reference: int | None
) -> None:
    """What became of a part that a modem was given; ``reference`` is the network's TP-MR where it took it."""
    await _settle(tx, message_id, await _latest_copy(tx, message_id), part, state, reason, reference)


async def reported(tx: Transaction, part: Candidate, reference: int, *, delivered: bool, why: str) -> None:
    """The service centre says what became of a part, of whichever copy."""
    state = PartState.DELIVERED if delivered else PartState.UNDELIVERABLE
    await _settle(tx, part.message_id, part.copy, part.part, state, why, reference)


async def interrupted(tx: Transaction, message_id: int, reason: str) -> None:
    """A crash left a part with the modem: nobody knows."""
    await tx.run(
        "UPDATE outbox_parts SET state = 'unknown', reason = ?2 WHERE message_id = ?1 AND state = 'submitting'",
        message_id,
        reason,
    )


async def dismiss(tx: Transaction, message_id: int) -> Collection[tuple[E164, str]]:
    """A person is done with a text: to which numbers and by which modems its parts of unknown fate may have gone."""
    rows = await tx.all(
        "UPDATE outbox_parts SET state = 'dismissed' WHERE message_id = ?1 AND state = 'unknown'"
        " RETURNING number, modem",
        message_id,
    )
    return {(E164(row["number"]), row["modem"]) for row in rows}


async def begin_anew(tx: Transaction, message_id: int) -> None:
    """A person wants a text sent: another copy where a part is of unknown fate or none is left, else what is left."""
    states_of_it = set(await states(tx, message_id))
    if PartState.UNKNOWN in states_of_it or PartState.WAITING not in states_of_it:
        await tx.run(
            "INSERT INTO outbox_parts (message_id, copy, part, state, number)"
            " SELECT message_id, copy + 1, part, 'waiting', number FROM outbox_parts"
            " WHERE message_id = ?1 AND copy = ?2",
            message_id,
            await _latest_copy(tx, message_id),
        )


async def states(tx: Transaction, message_id: int) -> Sequence[PartState]:
    """Of all parts of a text, in order."""
    return [PartState(row["state"]) for row in await of_latest_copy(tx, message_id)]


async def why(tx: Transaction, message_id: int) -> str:
    """What hinders a text: the reason of its first part that did not go well; empty where all did."""
    rows = await of_latest_copy(tx, message_id)
    hindered = next((row for row in rows if row["reason"] and row["state"] != PartState.DELIVERED), None)
    if hindered is None:
        return ""
    return hindered["reason"] if len(rows) == 1 else f"part {hindered['part']} of {len(rows)}: {hindered['reason']}"


async def of_message(tx: Transaction, message_id: int) -> Sequence[Row]:
    """The parts of a text that was tried, of every copy."""
    return await tx.all("SELECT * FROM outbox_parts WHERE message_id = ?1 ORDER BY copy, part", message_id)


async def of_latest_copy(tx: Transaction, message_id: int) -> Sequence[Row]:
    """The parts of the latest copy of a text, in order."""
    return await tx.all(
        "SELECT * FROM outbox_parts WHERE message_id = ?1 AND copy = ?2 ORDER BY part",
        message_id,
        await _latest_copy(tx, message_id),
    )


async def begun_by(tx: Transaction, message_id: int) -> str | None:
    """The modem that may have sent a part of this text: the rest must follow from the same number."""
    rows = await of_latest_copy(tx, message_id)
    return next((row["modem"] for row in rows if row["state"] in MAYBE_SENT), None)


async def last_writer(tx: Transaction, number: E164) -> str | None:
    """The modem that wrote to a number last, or may have."""
    value = await tx.value(
        f"SELECT modem FROM outbox_parts WHERE number = ?1 AND {WRITTEN_LAST}",  # noqa: S608 - a constant
        number,
    )
    return str(value) if value is not None else None


async def last_unanswered(tx: Transaction, modem: str) -> dt.datetime | None:
    """When a modem was last given a part of which nobody knows what became; None: never."""
    sql = "SELECT max(submitted_at) FROM outbox_parts WHERE modem = ?1 AND state IN ('unknown', 'dismissed')"
    value = await tx.value(sql, modem)
    return moment(value) if value else None


async def submitted_since(tx: Transaction, modem: str, since: dt.datetime) -> Sequence[dt.datetime]:
    """When a modem was given parts, oldest first."""
    rows = await tx.all(
        "SELECT submitted_at FROM outbox_parts WHERE modem = ?1 AND submitted_at > ?2 ORDER BY submitted_at",
        modem,
        stamp(since),
    )
    return [moment(row["submitted_at"]) for row in rows]


async def reportable(tx: Transaction, number: E164, modem: str, arrived_at: dt.datetime) -> Sequence[Candidate]:
    """The parts that a delivery report may be about which came from a modem then."""
    rows = await tx.all(
        "SELECT * FROM outbox_parts WHERE number = ?1 AND modem = ?2 AND submitted_at > ?3"
        " AND state NOT IN ('waiting', 'refused')",
        number,
        modem,
        stamp(arrived_at - REPORT_WINDOW),
    )
    return [
        Candidate(
            message_id=row["message_id"],
            copy=row["copy"],
            part=row["part"],
            state=PartState(row["state"]),
            message_reference=row["message_reference"],
        )
        for row in rows
    ]


async def _latest_copy(tx: Transaction, message_id: int) -> int:
    """0: it has no parts yet."""
    return int(await tx.value("SELECT coalesce(max(copy), 0) FROM outbox_parts WHERE message_id = ?1", message_id))


async def _settle(
    tx: Transaction, message_id: int, copy: int, part: int, state: PartState, reason: str, reference: int | None
) -> None:
    await _change(tx, message_id, copy, part, state, reason)
    await tx.run(
        "UPDATE outbox_parts SET message_reference = ?1 WHERE message_id = ?2 AND copy = ?3 AND part = ?4",
        reference,
        message_id,
        copy,
        part,
    )


async def _change(tx: Transaction, message_id: int, copy: int, part: int, state: PartState, reason: str) -> None:
    """A compare-and-set. Raises StaleState where the part is not in a state from which a way leads to ``state``."""
    old = await tx.value(
        "SELECT state FROM outbox_parts WHERE message_id = ?1 AND copy = ?2 AND part = ?3", message_id, copy, part
    )
    if old is None or state not in PART_TRANSITIONS[PartState(old)]:
        raise StaleState(f"part {part} of text {message_id} is {old or 'not there'}: it cannot become {state}")
    await tx.run(
        "UPDATE outbox_parts SET state = ?1, reason = ?2 WHERE message_id = ?3 AND copy = ?4 AND part = ?5",
        state,
        reason,
        message_id,
        copy,
        part,
    )
