"""The parts of the texts on their way out: the journal of what a modem was given, and what the network said of it."""

import datetime as dt
from collections.abc import Sequence

from textbackd.core.message_parts import MAYBE_SENT, PART_TRANSITIONS, PartState
from textbackd.core.phone_numbers import E164
from textbackd.store.database import Row, StaleState, Transaction, moment, stamp

REPORT_WINDOW = dt.timedelta(hours=48)
"""How long after a part its delivery report may come: its validity (24 h) and a service centre's own delay."""


async def begin(tx: Transaction, message_id: int, number: E164, of: int) -> Sequence[int]:
    """Write down the parts of a text, where this is its first try: those that are still to go, in order."""
    for part in range(1, of + 1):
        await tx.run(
            "INSERT INTO outbox_parts (message_id, part, state, number) VALUES (?1, ?2, 'waiting', ?3)"
            " ON CONFLICT DO NOTHING",
            message_id,
            part,
            number,
        )
    rows = await tx.all(
        "SELECT part FROM outbox_parts WHERE message_id = ?1 AND state = 'waiting' ORDER BY part", message_id
    )
    return [row["part"] for row in rows]


async def submit(tx: Transaction, message_id: int, part: int, modem: str, now: dt.datetime) -> None:
    """A part is about to be given to a modem; commit before it is."""
    await _change(tx, message_id, part, PartState.SUBMITTING, "")
    await tx.run(
        "UPDATE outbox_parts SET modem = ?1, submitted_at = ?2 WHERE message_id = ?3 AND part = ?4",
        modem,
        stamp(now),
        message_id,
        part,
    )


async def settle(
    tx: Transaction, message_id: int, part: int, state: PartState, reason: str, reference: int | None
) -> None:
    """What became of a part that a modem was given; ``reference`` is the network's TP-MR where it took it."""
    await _change(tx, message_id, part, state, reason)
    await tx.run(
        "UPDATE outbox_parts SET message_reference = ?1 WHERE message_id = ?2 AND part = ?3",
        reference,
        message_id,
        part,
    )


async def interrupted(tx: Transaction, message_id: int) -> None:
    """A crash left a part with the modem: nobody knows."""
    await tx.run("UPDATE outbox_parts SET state = 'unknown' WHERE message_id = ?1 AND state = 'submitting'", message_id)


async def begin_anew(tx: Transaction, message_id: int) -> None:
    """A person wants a text sent: all of it where a part is of unknown fate or none is left, else what is left."""
    states_of_it = set(await states(tx, message_id))
    if PartState.UNKNOWN in states_of_it or PartState.WAITING not in states_of_it:
        await tx.run("DELETE FROM outbox_parts WHERE message_id = ?1", message_id)


async def states(tx: Transaction, message_id: int) -> Sequence[PartState]:
    """Of all parts of a text, in order."""
    return [PartState(row["state"]) for row in await of_message(tx, message_id)]


async def why(tx: Transaction, message_id: int) -> str:
    """What hinders a text: the reason of its first part that did not go well; empty where all did."""
    rows = await of_message(tx, message_id)
    hindered = next((row for row in rows if row["reason"] and row["state"] != PartState.DELIVERED), None)
    if hindered is None:
        return ""
    return hindered["reason"] if len(rows) == 1 else f"part {hindered['part']} of {len(rows)}: {hindered['reason']}"


async def of_message(tx: Transaction, message_id: int) -> Sequence[Row]:
    """The parts of a text that was tried."""
    return await tx.all("SELECT * FROM outbox_parts WHERE message_id = ?1 ORDER BY part", message_id)


async def begun_by(tx: Transaction, message_id: int) -> str | None:
    """The modem that may have sent a part of this text: the rest must follow from the same number."""
    rows = await of_message(tx, message_id)
    return next((row["modem"] for row in rows if row["state"] in MAYBE_SENT), None)


async def last_writer(tx: Transaction, number: E164) -> str | None:
    """The modem that wrote to a number last, or may have."""
    value = await tx.value(
        "SELECT modem FROM outbox_parts WHERE number = ?1 AND state NOT IN ('waiting', 'refused')"
        " ORDER BY submitted_at DESC LIMIT 1",
        number,
    )
    return str(value) if value is not None else None


async def last_unanswered(tx: Transaction, modem: str) -> dt.datetime | None:
    """When a modem was last given a part of which nobody knows what became; None: never."""
    sql = "SELECT max(submitted_at) FROM outbox_parts WHERE modem = ?1 AND state = 'unknown'"
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


async def match_report(
    tx: Transaction, number: E164, message_reference: int, modem: str, now: dt.datetime
) -> tuple[int, int] | None:
    """The text and the part that a delivery report is about, or None.

    The reference has 8 bits and is the SIM's, so number, modem and time must fit too; the newest wins. A part of
    unknown fate has no reference: it is meant only if it is the only one that fits, and no other is being submitted,
    whose report may come before its reference.
    """
    earliest = stamp(now - REPORT_WINDOW)
    exact = await tx.one(
        "SELECT message_id, part, state FROM outbox_parts WHERE number = ?1 AND message_reference = ?2 AND modem = ?3"
        " AND submitted_at > ?4 ORDER BY submitted_at DESC LIMIT 1",
        number,
        message_reference,
        modem,
        earliest,
    )
    if exact is not None:  # told twice, where it is no longer accepted
        return (exact["message_id"], exact["part"]) if exact["state"] == PartState.ACCEPTED else None
    if await is_submitting(tx, number, modem):
        return None
    fitting = await tx.all(
        "SELECT message_id, part FROM outbox_parts WHERE number = ?1 AND state = 'unknown' AND modem = ?2"
        " AND submitted_at > ?3",
        number,
        modem,
        earliest,
    )
    return (fitting[0]["message_id"], fitting[0]["part"]) if len(fitting) == 1 else None


async def reported(tx: Transaction, message_id: int, part: int, reference: int, *, delivered: bool, why: str) -> None:
    """The service centre says what became of a part."""
    state = PartState.DELIVERED if delivered else PartState.UNDELIVERABLE
    await settle(tx, message_id, part, state, why, reference)


async def is_submitting(tx: Transaction, number: E164, modem: str) -> bool:
    """Whether that modem has a part for that number in hand."""
    sql = "SELECT EXISTS (SELECT 1 FROM outbox_parts WHERE number = ?1 AND modem = ?2 AND state = 'submitting')"
    return bool(await tx.value(sql, number, modem))


async def _change(tx: Transaction, message_id: int, part: int, state: PartState, reason: str) -> None:
    """A compare-and-set. Raises StaleState where the part is not in a state from which a way leads to ``state``."""
    old = await tx.value("SELECT state FROM outbox_parts WHERE message_id = ?1 AND part = ?2", message_id, part)
    if old is None or state not in PART_TRANSITIONS[PartState(old)]:
        raise StaleState(f"part {part} of text {message_id} is {old or 'not there'}: it cannot become {state}")
    await tx.run(
        "UPDATE outbox_parts SET state = ?1, reason = ?2 WHERE message_id = ?3 AND part = ?4",
        state,
        reason,
        message_id,
        part,
    )
