"""``textbackd queue``: the texts on their way out. The operator's words are Postfix's."""

from pathlib import Path

import click

from textbackd import clock
from textbackd.cli import output
from textbackd.cli.context import LIMIT, ROW, config_option, json_option, local, rows_as_dicts, with_database
from textbackd.config import Settings
from textbackd.core.outgoing import IllegalTransitionError, MessageEvent
from textbackd.errors import UserError
from textbackd.store import outbox, outbox_parts, text_history
from textbackd.store.database import Database, StaleState
from textbackd.workers import delivery_reports


@click.group()
def queue() -> None:
    """The texts on their way out: list, show, hold, release, cancel, flush."""


@queue.command(name="list")
@config_option
@json_option
@click.option("--limit", default=30, show_default=True, type=LIMIT, help="How many, the newest first.")
def list_(config_path: Path, json_wanted: bool, limit: int) -> None:
    """List the texts, waiting and gone."""

    async def work(database: Database, settings: Settings) -> None:
        async with database.reading() as tx:
            rows = await text_history.latest(tx, limit)
        if json_wanted:
            output.as_json([text_history.as_told(row) for row in rows])
            return
        output.table(
            ("TEXT", "FOR", "TO", "STATE", "DUE", "TRIES", "WHY", "BODY"),
            (
                (
                    row["id"],
                    row["kind"],
                    row["number"],
                    row["state"],
                    local(row["due_at"], settings),
                    row["attempts"],
                    row["reason"],
                    row["text"],
                )
                for row in rows
            ),
            empty="No texts yet.",
        )

    with_database(config_path, work, needs_rules=False)


@queue.command()
@config_option
@json_option
@click.argument("text", type=ROW)
def show(config_path: Path, json_wanted: bool, text: int) -> None:
    """Show one TEXT and everything that happened to it."""

    async def work(database: Database, settings: Settings) -> None:
        async with database.reading() as tx:
            row = await text_history.get(tx, text)
            changes = await text_history.changes(tx, text)
            parts = await outbox_parts.of_message(tx, text)
        if row is None:
            raise UserError(f"there is no text {text}; textbackd queue list shows them")
        if json_wanted:
            output.as_json(
                {"text": text_history.as_told(row), "changes": rows_as_dicts(changes), "parts": rows_as_dicts(parts)}
            )
            return
        click.echo(f"Text {row['id']} to {row['number']} ({row['kind']}), {row['state']}:\n  {row['text']}")
        output.table(
            ("WHEN", "WHAT", "STATE", "WHY"),
            ((local(c["at"], settings), c["event"], c["state"], c["detail"]) for c in changes),
            empty="",
        )
        if parts:
            output.table(
                ("COPY", "PART", "STATE", "MODEM", "REFERENCE", "SUBMITTED", "WHY"),
                (
                    (
                        p["copy"],
                        p["part"],
                        p["state"],
                        p["modem"],
                        "" if p["message_reference"] is None else p["message_reference"],
                        local(p["submitted_at"], settings) if p["submitted_at"] else "",
                        p["reason"],
                    )
                    for p in parts
                ),
                empty="",
            )

    with_database(config_path, work, needs_rules=False)


def _changing(name: str, event: MessageEvent, participle: str, help_text: str) -> None:
    @queue.command(name=name, help=help_text)
    @config_option
    @json_option
    @click.argument("text", type=ROW)
    def command(config_path: Path, json_wanted: bool, text: int) -> None:
        async def work(database: Database, _settings: Settings) -> None:
            now = clock.utc_now()
            try:
                async with database.transaction() as tx:
                    state = await outbox.change(tx, text, event, now, "by hand")
                    if event is MessageEvent.RELEASE:
                        await outbox.restart(tx, text, now)
                    elif event is MessageEvent.CANCEL:
                        await delivery_reports.dismiss(tx, text, now)
            except IllegalTransitionError as error:
                raise UserError(f"text {text} is {error.state}: it cannot be {participle}") from error
            except StaleState as error:
                raise UserError(f"{error}; textbackd queue list shows them") from error
            if json_wanted:
                output.as_json({"id": text, "state": state})
            else:
                click.echo(f"Text {text} is {participle}.")

        with_database(config_path, work, needs_rules=False)


_changing("hold", MessageEvent.HOLD, "held", "Keep TEXT back until it is released.")
_changing("release", MessageEvent.RELEASE, "released", "Queue TEXT again: one that is held, or of unknown fate.")
_changing("cancel", MessageEvent.CANCEL, "cancelled", "Never send TEXT, or be done with one of unknown fate.")


@queue.command()
@config_option
@json_option
def flush(config_path: Path, json_wanted: bool) -> None:
    """Try everything at once that waits for another try, or for a bound on texts."""

    async def work(database: Database, _settings: Settings) -> None:
        async with database.transaction() as tx:
            count = await outbox.flush(tx, clock.utc_now())
        if json_wanted:
            output.as_json({"flushed": count})
        else:
            click.echo(f"{count} text{'' if count == 1 else 's'} will be tried again now.")

    with_database(config_path, work, needs_rules=False)
