"""``textbackd calls``: what came in and what became of it."""

from pathlib import Path

import click

from textbackd.cli import output
from textbackd.cli.context import LIMIT, config_option, json_option, local, with_database
from textbackd.config import Settings
from textbackd.store import calls as store
from textbackd.store import parties
from textbackd.store.database import Database


@click.command()
@config_option
@json_option
@click.option("--limit", default=30, show_default=True, type=LIMIT, help="How many, the newest first.")
def calls(config_path: Path, json_wanted: bool, limit: int) -> None:
    """List the calls: outcome, decision and reason."""

    async def work(database: Database, settings: Settings) -> None:
        async with database.reading() as tx:
            rows = await store.latest(tx, limit)
        if json_wanted:
            output.as_json([store.as_told(row) for row in rows])
            return
        output.table(
            ("CALL", "ENDED", "CALLER", "DIALLED", "OUTCOME", "WAITED", "TALKED TO", "DECISION", "REASON"),
            (
                (
                    f"{row['id']}{' simulated' if row['simulated'] else ''}",
                    local(row["ended_at"], settings),
                    "withheld" if row["withheld"] else row["caller"],
                    row["did_label"] or row["did"],
                    row["outcome"],
                    f"{row['wait_seconds']:.0f} s",
                    parties.in_words(row["talked_to"]),
                    row["decision"],
                    f"{row['reason']}:{row['detail']}" if row["detail"] else row["reason"],
                )
                for row in rows
            ),
            empty="No calls yet.",
        )

    with_database(config_path, work, needs_rules=False)
