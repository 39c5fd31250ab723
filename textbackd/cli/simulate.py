"""``textbackd simulate``: a call that nobody made, through the running daemon."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import click

from textbackd import clock
from textbackd.cli import output
from textbackd.cli.asking import asked
from textbackd.cli.context import config_option, json_option, local, with_database
from textbackd.config import Settings
from textbackd.core.outgoing import MessageState
from textbackd.errors import UserError
from textbackd.store import text_history
from textbackd.store.database import Database, Row

PATIENCE = dt.timedelta(minutes=2)
"""For the text to leave: the delay after the call, and a modem's time for one message."""


@click.group()
def simulate() -> None:
    """Try the running textbackd with a call that nobody made."""


@simulate.command("missed-call")
@config_option
@json_option
@click.option("--from", "caller", required=True, metavar="NUMBER", help="Who calls, as the PBX would show it.")
@click.option("--did", required=True, help="The number dialled.")
@click.option("--send", is_flag=True, help="Send the texts for real: to NUMBER and to the owners.")
def missed_call(config_path: Path, json_wanted: bool, caller: str, did: str, send: bool) -> None:
    """Let NUMBER ring a DID for 20 seconds, unanswered: what would be texted, and why or why not.

    The call and its lead are kept and flagged; reports and later decisions leave them out.
    """

    if not caller.strip() or not did.strip():
        raise click.UsageError(
            "--from and --did must not be empty; --from anonymous is a caller who withholds the number"
        )

    async def work(database: Database, settings: Settings) -> None:
        found = await asked(database, "simulate", {"caller": caller, "did": did, "send": send})
        if found is None:
            raise UserError(f"no textbackd is running on {settings.database}: systemctl start textbackd")
        sent = await _settled(database, found["call"]) if found["queued"] else None
        if json_wanted:
            output.as_json(found | {"texts": [dict(row) for row in sent or ()]})
            return
        _tell(found, did, settings)
        for row in sent or ():
            why = f": {row['reason']}" if row["reason"] else ""
            click.echo(f"Text {row['id']} to the {row['kind']} {row['number']}: {row['state']}{why}")

    with_database(config_path, work)


def _tell(found: dict[str, Any], did: str, settings: Settings) -> None:
    click.echo(f"Simulated call {found['call']}")
    if not found["did_configured"]:
        click.echo(output.NO_ENTRY.format(did))
    click.echo(f"Outcome:  {found['outcome']}: {found['because']}. Hours: {found['hours']}.")
    detail = f" ({found['detail']})" if found["detail"] else ""
    click.echo(f"Decision: {found['decision']} ({found['reason']}): {found['reason_in_words']}{detail}.")
    if found["text"]:
        click.echo(f"Leaves:   {local(found['not_before'], settings)}")
        click.echo(f"Template: {found['template']}")
        click.echo(f"Text to {found['to']}: {found['text']}")
        if found.get("observing"):  # the daemon may be older than this command
            click.echo("Nothing was sent, and nothing is: textbackd only observes (mode).")
        elif not found["queued"]:
            click.echo("Nothing was sent; --send sends it.")


async def _settled(database: Database, call: int) -> list[Row]:
    """The call's texts when the caller's has left or is given up, or when patience is over."""
    end = clock.utc_now() + PATIENCE
    while True:
        async with database.reading() as tx:
            rows = list(await text_history.of_call(tx, call))
        waiting = (MessageState.QUEUED, MessageState.SENDING)
        if not any(row["kind"] == "caller" and row["state"] in waiting for row in rows) or clock.utc_now() > end:
            return rows
        await asyncio.sleep(0.2)
