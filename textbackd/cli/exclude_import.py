"""``textbackd exclude import``: numbers to exclude, out of a table or vCards."""

from pathlib import Path

import click

from textbackd import clock
from textbackd.cli import output
from textbackd.cli.context import config_option, json_option, with_database
from textbackd.config import Settings
from textbackd.core import contact_import
from textbackd.core.contact_import import Import
from textbackd.core.contacts import Contacts, UnreadableFileError, one_line
from textbackd.errors import UserError
from textbackd.store import exclusions
from textbackd.store.database import Database


def plain_label(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A label as it is compared: on one line, in small letters."""
    label = None if value is None else one_line(value).casefold()
    if label == "":
        raise click.BadParameter("it must not be empty")
    return label


@click.command(name="import")
@config_option
@json_option
@click.option("--label", callback=plain_label, help="For numbers whose row has no label; of a vCard for all.")
@click.option("--dry-run", is_flag=True, help="Only tell what would become of it.")
@click.argument("file", type=click.Path(path_type=Path))
def import_(config_path: Path, json_wanted: bool, label: str | None, dry_run: bool, file: Path) -> None:
    """Exclude the numbers of FILE: a CSV table with a column named number, phone or mobile, or vCards.

    What cannot be taken is told by its line, and the rest is taken: the exit code is 1 then. Numbers that are excluded
    under another label keep it.
    """
    found = _read(file, label)  # before root becomes the owner of the database, who may not read the file

    async def work(database: Database, settings: Settings) -> Import:
        async with database.transaction() as tx:
            known = await exclusions.labels_of_numbers(tx)
            done = contact_import.judge(found, known, settings.policy.exclusions, settings.policy.office)
            if not dry_run:
                entries = [(entry.number, entry.label, entry.note) for entry in done.new]
                await exclusions.add_numbers(tx, entries, one_line(file.name), clock.utc_now())
        return done

    done = with_database(config_path, work)
    if json_wanted:
        refused = [{"line": refusal.line, "reason": refusal.reason} for refusal in done.refused]
        output.as_json({"new": len(done.new), "known": done.known, "refused": refused, "dry_run": dry_run})
    else:
        for refusal in done.refused:
            click.echo(f"{file}:{refusal.line}: {refusal.reason}", err=True)
        new = "would be new" if dry_run else "new"
        click.echo(f"{len(done.new)} {new}, {done.known} known already, {len(done.refused)} refused.")
    if done.refused:
        raise SystemExit(1)


def _read(file: Path, label: str | None) -> Contacts:
    try:
        return contact_import.read(file.read_bytes(), label)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    except UnreadableFileError as error:
        place = f"{file}:{error.line}" if error.line else str(file)
        raise UserError(f"{place}: {error}") from None
