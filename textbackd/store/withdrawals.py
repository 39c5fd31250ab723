"""Texts that are taken back before they leave: nobody wants them, or needs them, any more."""

import datetime as dt
import json
from collections.abc import Collection

from textbackd.core.outgoing import MessageEvent, MessageState
from textbackd.core.phone_numbers import E164
from textbackd.core.reasons import Reason
from textbackd.store import outbox
from textbackd.store.database import Transaction, moment, stamp


async def cancel_all_to(tx: Transaction, number: E164, now: dt.datetime, detail: str) -> int:
    """Cancel what is queued or held for a number, but acknowledgements: how many."""
    rows = await tx.all(
        "SELECT id FROM outbox WHERE number = ?1 AND state IN ('queued', 'held') AND kind <> 'acknowledgement'", number
    )
    for row in rows:
        await outbox.change(tx, row["id"], MessageEvent.CANCEL, now, detail)
    return len(rows)


async def cancel_callers_text(tx: Transaction, number: E164, now: dt.datetime, reason: Reason) -> None:
    """Cancel what is queued for a caller about a missed call; the owner is still told."""
    rows = await tx.all("SELECT id FROM outbox WHERE number = ?1 AND kind = 'caller' AND state = 'queued'", number)
    for row in rows:
        await outbox.change(tx, row["id"], MessageEvent.CANCEL, now, reason)


async def cancel_hidden(
    tx: Transaction, pbx: str, watched_until: dt.datetime, before: dt.datetime, now: dt.datetime
) -> int:
    """Cancel what is queued for the callers of a PBX that nobody watched since ``before`` or earlier: how many.

    A text was made by somebody who watched.
    """
    rows = await tx.all(
        "SELECT outbox.id FROM outbox JOIN calls ON calls.id = outbox.call_row WHERE calls.pbx = ?1"
        " AND outbox.kind = 'caller' AND outbox.state = 'queued' AND max(outbox.created_at, ?2) < ?3",
        pbx,
        stamp(watched_until),
        stamp(before),
    )
    for row in rows:
        await outbox.change(tx, row["id"], MessageEvent.CANCEL, now, Reason.PERHAPS_SERVED)
    return len(rows)


async def cancel_for_others_than(tx: Transaction, modems: Collection[str], now: dt.datetime) -> None:
    """Cancel what waits for a modem that is no longer in the configuration."""
    rows = await tx.all(
        "SELECT id, for_modem FROM outbox WHERE state = 'queued' AND for_modem <> ''"
        " AND for_modem NOT IN (SELECT value FROM json_each(?1))",
        json.dumps(list(modems)),
    )
    for row in rows:
        await outbox.change(tx, row["id"], MessageEvent.CANCEL, now, f"there is no modem {row['for_modem']} any more")


async def cancel_notices_but_to(tx: Transaction, owners: Collection[str], now: dt.datetime) -> None:
    """Cancel what waits for somebody who is no owner any more: leads are none of his business."""
    rows = await tx.all(
        "SELECT id FROM outbox WHERE state IN ('queued', 'held') AND kind = 'owner'"
        " AND number NOT IN (SELECT value FROM json_each(?1))",
        json.dumps(list(owners)),
    )
    for row in rows:
        await outbox.change(tx, row["id"], MessageEvent.CANCEL, now, "this number is no owner's any more")


async def supersede_notices(tx: Transaction, lead_id: int, to: E164, now: dt.datetime) -> dt.datetime | None:
    """Cancel what an owner was still to be told of a lead's missed calls, for newer news: when it was due."""
    rows = await tx.all(
        "SELECT id, not_before FROM outbox WHERE lead_id = ?1 AND number = ?2 AND kind = 'owner' AND state = 'queued'"
        " AND call_row IS NOT NULL ORDER BY not_before",
        lead_id,
        to,
    )
    for row in rows:
        await outbox.change(tx, row["id"], MessageEvent.CANCEL, now, Reason.SUPERSEDED)
    return moment(rows[0]["not_before"]) if rows else None


async def supersede_piece(tx: Transaction, inbox_id: int, now: dt.datetime) -> bool:
    """Cancel what the owners were still to be told of a text that came in, for there is more of it now.

    True: one of them has been told of it, or is just being told.
    """
    rows = await tx.all("SELECT id, state FROM outbox WHERE inbox_id = ?1 AND state <> 'cancelled'", inbox_id)
    queued = [row["id"] for row in rows if row["state"] == MessageState.QUEUED]
    for message_id in queued:
        await outbox.change(tx, message_id, MessageEvent.CANCEL, now, Reason.SUPERSEDED)
    return len(queued) < len(rows)
