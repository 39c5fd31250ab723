"""What was written since somebody looked last: for those who watch. Rows are told by a growing number."""

from collections.abc import Sequence

from textbackd.store.database import Row, Transaction


async def calls_after(tx: Transaction, call_row: int) -> Sequence[Row]:
    """The calls that were kept after the one of that row."""
    return await tx.all("SELECT * FROM calls WHERE id > ?1 ORDER BY id", call_row)


async def inbox_after(tx: Transaction, inbox_id: int) -> Sequence[Row]:
    """The texts that came in after that one."""
    return await tx.all("SELECT * FROM inbox WHERE id > ?1 ORDER BY id", inbox_id)


async def changes_after(tx: Transaction, number: int) -> Sequence[Row]:
    """What happened to outgoing texts after that change: change_number, at, event, change, detail, and the text."""
    return await tx.all(
        "SELECT outbox_changes.rowid AS change_number, at, event, outbox_changes.state AS change, detail, outbox.*"
        " FROM outbox_changes JOIN outbox ON outbox.id = message_id"
        " WHERE outbox_changes.rowid > ?1 ORDER BY outbox_changes.rowid",
        number,
    )
