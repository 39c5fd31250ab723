"""``textbackd exclude``: who is never texted, and what became known of numbers by itself."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click

from textbackd import clock, config
from textbackd.cli import exclude_import, output
from textbackd.cli.context import (
    NoDatabaseYet,
    config_option,
    json_option,
    local,
    rows_as_dicts,
    tell_entered,
    typed_number,
    with_database,
)
from textbackd.config import Settings
from textbackd.config.wording import did_you_mean
from textbackd.core import phone_numbers
from textbackd.core.contacts import one_line
from textbackd.core.exclusions import CONFIGURATION, HAND, LABELS, Exclusion, nearest, plain_prefix
from textbackd.errors import UserError
from textbackd.store import exclusions, learned_numbers
from textbackd.store.database import Database, Row, Transaction
from textbackd.store.learned_numbers import Learned

THERE = "{} stands in the configuration: remove it there, under exclusions"
_LEARNED = {
    Learned.UNDELIVERABLE: "no text reaches it",
    Learned.STAFF: "one of the staff has it",
}


@click.group()
def exclude() -> None:
    """Who is never texted: list, add, remove, import; forget what was learned of a number."""


# --- list -------------------------------------------------------------------------------------------------------------


@exclude.command(name="list")
@config_option
@json_option
@click.option("--learned", "only_learned", is_flag=True, help="Only the numbers that were learned.")
def list_(config_path: Path, json_wanted: bool, only_learned: bool) -> None:
    """List who is excluded, by whom, and the numbers of which something was learned."""

    async def work(database: Database, settings: Settings) -> None:
        async with database.reading() as tx:
            listed = [] if only_learned else await exclusions.everybody(tx)
            show(settings, listed, await learned_numbers.everything(tx, clock.utc_now()))

    def show(settings: Settings, listed: Sequence[Row], learned: Sequence[Row]) -> None:
        configured = () if only_learned else settings.policy.exclusions.entries
        if json_wanted:
            output.as_json(_as_json(configured, listed, learned, only_learned=only_learned))
            return
        if not only_learned:
            _tell_exclusions(configured, listed, settings)
            click.echo()
        _tell_learned(learned, settings)

    try:
        with_database(config_path, work)
    except NoDatabaseYet:
        show(config.load(config_path, with_secrets=False), [], [])


def _as_json(
    configured: Sequence[Exclusion], listed: Sequence[Row], learned: Sequence[Row], *, only_learned: bool
) -> dict[str, list[dict[str, object]]]:
    excluded = [*map(dataclasses.asdict, configured), *rows_as_dicts(listed)]
    return ({} if only_learned else {"exclusions": excluded}) | {"learned": rows_as_dicts(learned)}


def _tell_exclusions(configured: Sequence[Exclusion], listed: Sequence[Row], settings: Settings) -> None:
    of_file = ((e.label, _who(e), "", e.source, "") for e in configured)
    by_command = (
        (row["label"], _who(exclusions.of_row(row)), row["note"], row["source"], local(row["added_at"], settings))
        for row in listed
    )
    output.table(
        ("LABEL", "WHO", "NOTE", "BY", "SINCE"),
        [*of_file, *by_command],
        empty="Nobody is excluded.",
    )


def _tell_learned(learned: Sequence[Row], settings: Settings) -> None:
    output.table(
        ("LEARNED", "WHAT", "WHY", "SINCE", "UNTIL"),
        (
            (
                row["number"],
                _LEARNED[Learned(row["what"])],
                row["because"],
                local(row["learned_at"], settings),
                local(row["expires_at"], settings),
            )
            for row in learned
        ),
        empty="Nothing was learned of any number.",
    )


def _who(exclusion: Exclusion) -> str:
    if exclusion.number:
        return exclusion.number
    return f"{exclusion.prefix}…" if exclusion.prefix else f'"{exclusion.name}"'


# --- add, remove ------------------------------------------------------------------------------------------------------

_by_number = click.option("--number", help="A phone number, as it is dialled here or with + and country code.")
_by_prefix = click.option("--prefix", help="The beginning of international numbers: +4416329.")
_by_name = click.option("--name", help="The caller name that the PBX shows, in capitals or not.")


@exclude.command()
@config_option
@json_option
@click.option(
    "--label",
    required=True,
    callback=exclude_import.label_given,
    help="family, crew, supplier, vip, spam, machine, blocked, or any other.",
)
@_by_number
@_by_prefix
@_by_name
@click.option("--note", default="", help="Who it is.")
def add(
    config_path: Path,
    json_wanted: bool,
    label: str,
    number: str | None,
    prefix: str | None,
    name: str | None,
    note: str,
) -> None:
    """Never text a number, a range of them or a caller name; a new label takes the place of the old one."""

    async def work(database: Database, settings: Settings) -> None:
        wanted = _wanted(label, number, prefix, name, settings)
        if there := _in_the_configuration(wanted, settings):
            raise UserError(f"{_who(wanted)} is '{there}' in the configuration already, under exclusions")
        async with database.transaction() as tx:
            new = await exclusions.add(tx, wanted, one_line(note), clock.utc_now())
            other = await _other_covering(tx, wanted, settings)
        words = f"{_who(wanted)} is never texted: {label}." if new else f"{_who(wanted)} is '{label}' now."
        if other and other.label != label:
            words += f" That goes before {_told(other)}."
        entered = {"label": label, "who": _who(wanted), "new": new, "covered_by": other and dataclasses.asdict(other)}
        tell_entered(entered, words, settings, json_wanted=json_wanted)
        if label not in LABELS and (suggestion := did_you_mean(label, LABELS)):
            click.echo(f"'{label}' is no label that textbackd knows{suggestion}", err=True)
        country = settings.policy.office.country
        if wanted.prefix and phone_numbers.begins_all(wanted.prefix, country):
            told = f"every number of {country} begins with {wanted.prefix}: no caller from there is texted now"
            click.echo(f"{told}; textbackd exclude remove --prefix {wanted.prefix} takes it back", err=True)

    with_database(config_path, work, needs_rules=False, make=True)


@exclude.command()
@config_option
@json_option
@_by_number
@_by_prefix
@_by_name
def remove(config_path: Path, json_wanted: bool, number: str | None, prefix: str | None, name: str | None) -> None:
    """Let somebody be texted again who was excluded by hand or by import."""

    async def work(database: Database, settings: Settings) -> None:
        wanted = _wanted("", number, prefix, name, settings)
        async with database.transaction() as tx:
            removed = await exclusions.remove(tx, wanted)
            other = await _other_covering(tx, wanted, settings)
        if not removed and _in_the_configuration(wanted, settings):
            raise UserError(THERE.format(_who(wanted)))
        if not removed:
            found = f"is not excluded by itself, only by {_told(other)}" if other else "is not excluded"
            raise UserError(f"{_who(wanted)} {found}; textbackd exclude list shows who is")
        words = "is excluded no more" + (f" by itself, and still by {_told(other)}" if other else "")
        told = {"who": _who(wanted), "removed": True, "covered_by": other and dataclasses.asdict(other)}
        tell_entered(told, f"{_who(wanted)} {words}.", settings, json_wanted=json_wanted)

    try:
        with_database(config_path, work)
    except NoDatabaseYet:
        settings = config.load(config_path, with_secrets=False)
        if _in_the_configuration(wanted := _wanted("", number, prefix, name, settings), settings):
            raise UserError(THERE.format(_who(wanted))) from None
        raise


@exclude.command()
@config_option
@json_option
@click.argument("number")
def forget(config_path: Path, json_wanted: bool, number: str) -> None:
    """Forget what was learned of NUMBER, which may be an extension: that no text reaches it, or that one of the staff
    has it.
    """

    async def work(database: Database, settings: Settings) -> None:
        is_extension = phone_numbers.is_extension(number)
        known = phone_numbers.unwrapped(number) if is_extension else typed_number(number, settings)
        async with database.transaction() as tx:
            forgotten = [what for what in Learned if await learned_numbers.forget(tx, known, what)]
        if not forgotten:
            raise UserError(f"nothing was learned of {known}; textbackd exclude list --learned shows of whom")
        words = f"{known}: forgotten that {' and that '.join(_LEARNED[what] for what in forgotten)}."
        tell_entered({"number": known, "forgotten": forgotten}, words, settings, json_wanted=json_wanted)

    with_database(config_path, work, needs_rules=False)


def _wanted(label: str, number: str | None, prefix: str | None, name: str | None, settings: Settings) -> Exclusion:
    """The one of the three that is given."""
    given = [value for value in (number, prefix, name) if value is not None]
    if len(given) != 1:
        raise click.UsageError("give exactly one of --number, --prefix and --name")
    if number is not None:
        return Exclusion(label=label, number=typed_number(number, settings), source=HAND)
    if prefix is not None:
        return Exclusion(label=label, prefix=_international(prefix), source=HAND)
    assert name is not None
    plain = one_line(name)
    if not plain:
        raise click.UsageError("--name must not be empty")
    return Exclusion(label=label, name=plain.casefold(), source=HAND)


async def _other_covering(tx: Transaction, wanted: Exclusion, settings: Settings) -> Exclusion | None:
    """What decides, besides an entry of its own by command, about the same number, prefix or name."""
    number, name = wanted.number or wanted.prefix, wanted.name or ""
    others = (e for e in await exclusions.all_covering(tx, number, name) if _who(e) != _who(wanted))
    return settings.policy.exclusions.covering(number, name, nearest(others))


def _told(entry: Exclusion) -> str:
    by = "the configuration" if entry.source == CONFIGURATION else entry.source
    return f"{_who(entry)}, which is '{entry.label}' by {by}"


def _in_the_configuration(wanted: Exclusion, settings: Settings) -> str:
    """Under which label it is there, or an empty string."""
    for entry in settings.policy.exclusions.entries:
        same_name = entry.name and wanted.name and entry.name.casefold() == wanted.name
        if same_name or (entry.number, entry.prefix) == (wanted.number, wanted.prefix) != (None, None):
            return entry.label
    return ""


def _international(prefix: str) -> str:
    plain = plain_prefix(prefix)
    if plain is None:
        raise UserError(
            f"{prefix!r} is no beginning of numbers: write it with + and country code and without (0), such as +4416329"
        )
    return plain


exclude.add_command(exclude_import.import_)
