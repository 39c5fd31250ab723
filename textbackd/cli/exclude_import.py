"""``textbackd exclude import``: numbers to exclude, out of a table or vCards."""

from collections.abc import Mapping
from pathlib import Path

import click

from textbackd import clock, config
from textbackd.cli import output
from textbackd.cli.context import NoDatabaseYet, config_option, json_option, tell_entered, with_database
from textbackd.config import Settings
from textbackd.core import contact_import
from textbackd.core.contact_import import Import
from textbackd.core.contacts import Contacts, UnreadableFileError, one_line
from textbackd.core.exclusions import plain_label
from textbackd.errors import UserError
from textbackd.store import exclusions
from textbackd.store.database import Database


def label_given(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A label as it is compared, if one is given."""
    label = None if value is None else plain_label(value)
    if label == "":
        raise click.BadParameter("it must not be empty")
    return label


@click.command(name="import")
@config_option
@json_option
@click.option("--label", callback=label_given, help="For numbers whose row has no label.")
@click.option("--dry-run", is_flag=True, help="Only tell what would become of it.")
@click.argument("file", type=click.Path(path_type=Path))
def import_(config_path: Path, json_wanted: bool, label: str | None, dry_run: bool, file: Path) -> None:
    """Exclude the numbers of FILE: a table (CSV), as Outlook, Google or a spreadsheet exports it, or vCards.

    What cannot be taken is told by its line, and the rest is taken: the exit code is 1 then. Numbers that are excluded
    under another label keep it.
    """
    found = _read(file, label)  # before root becomes the owner of the database, who may not read the file

    done, settings = _rehearse(config_path, found) if dry_run else _import(config_path, found, one_line(file.name))
    for refusal in () if json_wanted else done.refused:
        click.echo(f"{file}:{refusal.line}: {refusal.reason}", err=True)
    refused = [{"line": refusal.line, "reason": refusal.reason} for refusal in done.refused]
    told = {"new": len(done.new), "known": done.known, "refused": refused, "dry_run": dry_run}
    new = "would be new" if dry_run else "new"
    words = f"{len(done.new)} {new}, {done.known} known already, {len(refused)} refused."
    if not dry_run:
        tell_entered(told, words, settings, json_wanted=json_wanted)
    elif json_wanted:
        output.as_json(told)
    else:
        click.echo(words)
    if refused:
        raise SystemExit(1)


def _import(config_path: Path, found: Contacts, source: str) -> tuple[Import, Settings]:
    async def work(database: Database, settings: Settings) -> tuple[Import, Settings]:
        async with database.transaction() as tx:
            done = _judge(found, await exclusions.labels_of_numbers(tx), settings)
            entries = [(entry.number, entry.label, entry.note) for entry in done.new]
            await exclusions.add_numbers(tx, entries, source, clock.utc_now())
        return done, settings

    return with_database(config_path, work, make=True)


def _rehearse(config_path: Path, found: Contacts) -> tuple[Import, Settings]:
    """The same, and nothing is changed or made."""

    async def work(database: Database, settings: Settings) -> tuple[Import, Settings]:
        async with database.reading() as tx:
            return _judge(found, await exclusions.labels_of_numbers(tx), settings), settings

    try:
        return with_database(config_path, work)
    except NoDatabaseYet:
        settings = config.load(config_path, with_secrets=False)
        return _judge(found, {}, settings), settings


def _judge(found: Contacts, known: Mapping[str, tuple[str, str]], settings: Settings) -> Import:
    return contact_import.judge(found, known, settings.policy.exclusions, settings.policy.office)


def _read(file: Path, label: str | None) -> Contacts:
    try:
        return contact_import.read(file.read_bytes(), label)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    except UnreadableFileError as error:
        place = f"{file}:{error.line}" if error.line else str(file)
        raise UserError(f"{place}: {error}") from None
