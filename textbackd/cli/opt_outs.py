"""``textbackd opt-out``: who wants no texts."""

from pathlib import Path

import click

from textbackd import clock
from textbackd.cli import output
from textbackd.cli.context import (
    config_option,
    json_option,
    local,
    rows_as_dicts,
    tell_entered,
    typed_number,
    with_database,
)
from textbackd.config import Settings
from textbackd.core.caller_history import Consent
from textbackd.errors import UserError
from textbackd.store import opt_outs, withdrawals
from textbackd.store.database import Database


@click.group(name="opt-out")
def opt_out() -> None:
    """Who wants no texts: list, add, remove."""


@opt_out.command(name="list")
@config_option
@json_option
def list_(config_path: Path, json_wanted: bool) -> None:
    """List the numbers that are not texted."""

    async def work(database: Database, settings: Settings) -> None:
        async with database.reading() as tx:
            rows = await opt_outs.all_of_them(tx)
        if json_wanted:
            output.as_json(rows_as_dicts(rows))
            return
        output.table(
            ("NUMBER", "STATE", "SINCE", "BY"),
            ((row["number"], row["state"], local(row["since"], settings), row["source"]) for row in rows),
            empty="Nobody has opted out.",
        )

    with_database(config_path, work, needs_rules=False)


@opt_out.command()
@config_option
@json_option
@click.argument("number")
def add(config_path: Path, json_wanted: bool, number: str) -> None:
    """Never text NUMBER again, and cancel what waits for it; for a caller who asked at the desk."""

    async def work(database: Database, settings: Settings) -> None:
        caller = typed_number(number, settings)
        now = clock.utc_now()
        async with database.transaction() as tx:
            new = await opt_outs.add(tx, caller, Consent.OUT, "desk", now)
            cancelled = await withdrawals.cancel_all_to(tx, caller, now, "opted_out")
        words = f"{caller} gets no more texts." if new else f"{caller} had opted out already."
        if cancelled:
            words += f"\nCancelled: {cancelled} waiting."
        told = {"number": caller, "new": new, "cancelled": cancelled}
        tell_entered(told, words, settings, json_wanted=json_wanted)

    with_database(config_path, work, needs_rules=False, make=True)


@opt_out.command()
@config_option
@json_option
@click.argument("number")
def remove(config_path: Path, json_wanted: bool, number: str) -> None:
    """Let NUMBER be texted again; only when the caller has asked for it."""

    async def work(database: Database, settings: Settings) -> None:
        caller = typed_number(number, settings)
        async with database.transaction() as tx:
            removed = await opt_outs.remove(tx, caller)
        if not removed:
            raise UserError(f"{caller} has not opted out")
        told = {"number": caller, "removed": True}
        tell_entered(told, f"{caller} may be texted again.", settings, json_wanted=json_wanted)

    with_database(config_path, work, needs_rules=False)
