"""``textbackd guards``: the bounds on texts, and how far each is."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from textbackd import clock
from textbackd.cli import output
from textbackd.cli.context import config_option, json_option, local, with_database
from textbackd.config import Settings
from textbackd.core.guards import CLEARABLE, Guard, Reading, in_words
from textbackd.errors import UserError
from textbackd.store import outbox, traffic
from textbackd.store.database import Database, stamp
from textbackd.workers import guard_alarms

_WHY_NOT = {
    Guard.CEILING: "the ceiling is lifted in the configuration only: rules.guards.ceiling",
    Guard.UNDECIDED: "there is nothing to forget where nothing could be counted: look at the log",
}


@click.group(invoke_without_command=True)
@config_option
@json_option
@click.pass_context
def guards(context: click.Context, config_path: Path, json_wanted: bool) -> None:
    """The bounds on texts: what each has counted, until when it is shut, and how many texts it kept back."""
    if context.invoked_subcommand:
        if any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in context.params):
            raise click.UsageError(f"the options of {context.invoked_subcommand} come after it")
    else:
        with_database(config_path, lambda database, settings: _list(database, settings, json_wanted=json_wanted))


async def _list(database: Database, settings: Settings, *, json_wanted: bool) -> None:
    now, policy = clock.utc_now(), settings.policy
    async with database.reading() as tx:
        found = await traffic.readings(tx, policy.guards, now, observing=policy.observing)
        kept_back = await traffic.kept_back(tx, now)
    if json_wanted:
        output.as_json([as_dict(reading) | {"kept_back": kept_back[reading.guard]} for reading in found])
        return
    output.table(
        ("GUARD", "NOW", "MOST", "SHUT UNTIL", "KEPT BACK", "COUNTS"),
        (
            (
                reading.guard,
                reading.count,
                reading.bound,
                local(stamp(reading.shut_until), settings) if reading.shut_until else "",
                kept_back[reading.guard],
                in_words(reading.guard, reading.prefix),
            )
            for reading in found
        ),
        empty="",
    )
    if uncounted := kept_back[Guard.UNDECIDED]:
        click.echo(f"{Guard.UNDECIDED}: {uncounted} kept back, for {in_words(Guard.UNDECIDED, '')}.")


@guards.command()
@config_option
@json_option
@click.argument("guard", type=click.Choice([guard.value for guard in Guard]))
def clear(config_path: Path, json_wanted: bool, guard: str) -> None:
    """Let GUARD forget what it has counted, so that it begins anew."""

    async def work(database: Database, _settings: Settings) -> None:
        which = Guard(guard)
        if which not in CLEARABLE:
            raise UserError(_WHY_NOT[which])
        now = clock.utc_now()
        async with database.transaction() as tx:
            await traffic.clear(tx, which, now)
            await outbox.ask_guards_again(tx, now, which)
            await guard_alarms.end_if_calm(tx, now)
        if json_wanted:
            output.as_json({"guard": which, "cleared_at": stamp(now)})
        else:
            click.echo(f"{which} begins to count anew.")

    with_database(config_path, work)


def as_dict(reading: Reading) -> dict[str, Any]:
    """As JSON has it."""
    return {
        "guard": reading.guard,
        "prefix": reading.prefix or None,
        "count": reading.count,
        "bound": reading.bound,
        "shut_until": stamp(reading.shut_until) if reading.shut_until else None,
    }
