"""``textbackd leads``: the callers that somebody should see to."""

from pathlib import Path

import click

from textbackd.cli import output
from textbackd.cli.context import LIMIT, ROW, config_option, json_option, local, rows_as_dicts, with_database
from textbackd.config import Settings
from textbackd.errors import UserError
from textbackd.store import leads as store
from textbackd.store.database import Database, Row


@click.command()
@config_option
@json_option
@click.option("--limit", default=30, show_default=True, type=LIMIT, help="How many, the latest first.")
@click.argument("lead", required=False, type=ROW)
def leads(config_path: Path, json_wanted: bool, limit: int, lead: int | None) -> None:
    """List the leads, or show the calls and texts of LEAD in one line of time."""

    async def work(database: Database, settings: Settings) -> None:
        if lead is not None:
            await _show(database, settings, lead, json_wanted=json_wanted)
            return
        async with database.reading() as tx:
            rows = await store.latest(tx, limit)
        if json_wanted:
            output.as_json(rows_as_dicts(rows))
            return
        output.table(
            ("LEAD", "LATEST", "CALLER", "DIALLED", "OUTCOME", "CALLS", "STATUS", "BY"),
            (
                (
                    row["id"],
                    local(row["updated_at"], settings),
                    row["number"] or row["caller"],
                    row["did_label"] or row["did"],
                    row["outcome"] or ("called the SIM" if row["calls"] else "text only"),
                    row["calls"],
                    _status(row),
                    _contact(row),
                )
                for row in rows
            ),
            empty="No leads yet.",
        )

    with_database(config_path, work, needs_rules=False)


def _status(row: Row) -> str:
    flags = [flag for flag in ("urgent", "simulated") if row[flag]]
    return " ".join((row["status"], *flags))


def _contact(row: Row) -> str:
    perhaps = ", voicemail?" if row["maybe_machine"] else ""
    return f"{row['contacted_by']}, {row['contacted_seconds']:.0f} s{perhaps}" if row["contacted_by"] else perhaps[2:]


async def _show(database: Database, settings: Settings, lead: int, *, json_wanted: bool) -> None:
    async with database.reading() as tx:
        row = await store.get(tx, lead)
        if row is None:
            raise UserError(f"there is no lead {lead}; textbackd leads lists them")
        thread = await store.thread(tx, row)
    if json_wanted:
        output.as_json({"lead": dict(row), "thread": rows_as_dicts(thread)})
        return
    click.echo(f"Lead {row['id']}: {row['number'] or row['caller']}, {row['status']}")
    output.table(
        ("WHEN", "WHAT", "STATE", "TEXT"),
        ((local(r["at"], settings), r["kind"], r["summary"], r["text"]) for r in thread),
        empty="Nothing but the lead is left of it.",
    )
