"""What other processes ask of the running daemon: a row each, answered in the row."""

import datetime as dt
import json
from typing import Any

from textbackd.store.database import Transaction, stamp

PATIENCE = dt.timedelta(seconds=60)
"""An older request has lost its asker; it expires and never runs."""


async def ask(tx: Transaction, kind: str, arguments: dict[str, Any], now: dt.datetime) -> int:
    """Ask: the request's id."""
    row = await tx.one(
        "INSERT INTO requests (kind, arguments, state, created_at) VALUES (?1, ?2, 'asked', ?3) RETURNING id",
        kind,
        json.dumps(arguments),
        stamp(now),
    )
    assert row is not None
    return int(row["id"])


async def answer(tx: Transaction, request_id: int) -> tuple[str, Any]:
    """State and result (None while there is none) of a request."""
    row = await tx.one("SELECT state, result FROM requests WHERE id = ?1", request_id)
    assert row is not None
    return row["state"], json.loads(row["result"]) if row["result"] else None


async def take(tx: Transaction, now: dt.datetime) -> tuple[int, str, dict[str, Any]] | None:
    """The next request (id, kind, arguments), marked as running; those that waited too long expire."""
    await tx.run(
        "UPDATE requests SET state = 'expired' WHERE state = 'asked' AND created_at < ?1", stamp(now - PATIENCE)
    )
    row = await tx.one(
        "UPDATE requests SET state = 'running' WHERE id = (SELECT id FROM requests WHERE state = 'asked' ORDER BY id"
        " LIMIT 1) AND state = 'asked' RETURNING id, kind, arguments"
    )
    return None if row is None else (row["id"], row["kind"], json.loads(row["arguments"]))


async def finish(tx: Transaction, request_id: int, result: Any, *, failed: bool = False) -> None:
    """Answer a request."""
    await tx.run(
        "UPDATE requests SET state = ?1, result = ?2 WHERE id = ?3 AND state = 'running'",
        "failed" if failed else "done",
        json.dumps(result),
        request_id,
    )


async def withdraw(tx: Transaction, request_id: int) -> None:
    """Nobody took it: it must not run later."""
    await tx.run("UPDATE requests SET state = 'expired' WHERE id = ?1 AND state = 'asked'", request_id)
