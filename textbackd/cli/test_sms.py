"""``textbackd test-sms``: a text to one's own phone, and what becomes of it."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import click

from textbackd import clock
from textbackd.cli import output
from textbackd.cli.asking import asked
from textbackd.cli.context import config_option, json_option, local, rows_as_dicts, with_database
from textbackd.config import Settings
from textbackd.core.outgoing import MessageState
from textbackd.errors import UserError
from textbackd.store import outbox_parts, text_history
from textbackd.store.database import Database, Row

ENDS = {
    MessageState.DELIVERED: (0, "It was delivered."),
    MessageState.UNDELIVERABLE: (1, "The network could not deliver it: is the number right, and the phone on?"),
    MessageState.FAILED: (1, "It was refused: textbackd modem status says how the modem is."),
    MessageState.UNKNOWN: (1, "Nobody knows whether it went out; a delivery report may still tell."),
    MessageState.CANCELLED: (1, "It was cancelled."),
    MessageState.EXPIRED: (1, "No modem could send it in time: textbackd modem status says why."),
}
LATER = {
    MessageState.QUEUED: "It still waits for a modem: textbackd modem status says why.",
    MessageState.HELD: "Somebody held it: textbackd queue release lets it go.",
    MessageState.SENDING: "The modem still has it.",
    MessageState.SENT: "The network has it, but has not said yet that it was delivered: is the phone on?",
}


@click.command("test-sms")
@config_option
@json_option
@click.argument("number")
@click.option("--modem", default="", help="Send it by this modem; by default whichever takes it first.")
@click.option(
    "--wait", default=120, show_default=True, type=click.IntRange(1, 86400), help="Seconds to wait for the delivery."
)
def test_sms(config_path: Path, json_wanted: bool, number: str, modem: str, wait: int) -> None:
    """Send a text to NUMBER through the running textbackd, and show each state until it is delivered.

    It is sent also where ``mode: observe`` keeps everything else back.
    """
    exit_code = 0

    async def work(database: Database, settings: Settings) -> None:
        nonlocal exit_code
        found = await asked(database, "test_sms", {"number": number, "modem": modem})
        if found is None:
            raise UserError(f"no textbackd is running on {settings.database}: systemctl start textbackd")

        def say(change: Row) -> None:
            if not json_wanted:
                why = f": {change['detail']}" if change["detail"] else ""
                click.echo(f"{local(change['at'], settings)}  {change['state']}{why}")

        state = await _followed(database, found["text"], dt.timedelta(seconds=wait), say)
        exit_code, words = ENDS.get(state) or (1, LATER[state])
        if json_wanted:
            output.as_json(await _told(database, found["text"]))
        else:
            click.echo(words)

    with_database(config_path, work)
    raise SystemExit(exit_code)


async def _followed(database: Database, text: int, patience: dt.timedelta, say: Any) -> MessageState:
    """The state in which it ends, or is when patience is over; ``say`` hears of each change."""
    end, said = clock.utc_now() + patience, 0
    while True:
        async with database.reading() as tx:
            changes = await text_history.changes(tx, text)
        for change in changes[said:]:
            say(change)
        said = len(changes)
        state = MessageState(changes[-1]["state"])
        settled = state in ENDS and state is not MessageState.UNKNOWN  # which its delivery report may settle
        if settled or clock.utc_now() > end:
            return state
        await asyncio.sleep(0.1)


async def _told(database: Database, text: int) -> dict[str, Any]:
    async with database.reading() as tx:
        row = await text_history.get(tx, text)
        assert row is not None
        return {
            "text": dict(row),
            "changes": rows_as_dicts(await text_history.changes(tx, text)),
            "parts": rows_as_dicts(await outbox_parts.of_message(tx, text)),
        }
