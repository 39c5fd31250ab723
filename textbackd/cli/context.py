"""What every command needs: the configuration, and the database as the user who owns it."""

import asyncio
import concurrent.futures.thread  # noqa: F401 - see _become_owner
import contextlib
import os
import pwd
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from textbackd import config
from textbackd.cli import output
from textbackd.config import Settings
from textbackd.core import written_numbers
from textbackd.core.phone_numbers import E164
from textbackd.errors import UserError
from textbackd.pbx.sources import PbxSettings
from textbackd.store import daemon_lock
from textbackd.store.database import Database, migrations, moment

DEFAULT_CONFIG = Path("/etc/textbackd/textbackd.yaml")

ANOTHER = "one that was started with another database in the file goes on with that one"
NOBODY_RUNS = f"no textbackd is running on {{}} ({ANOTHER})"

T = TypeVar("T")

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    envvar="TEXTBACKD_CONFIG",
    default=DEFAULT_CONFIG,
    show_default=True,
    help="The configuration file; also by the variable TEXTBACKD_CONFIG.",
)
LIMIT = click.IntRange(1, 10**9)
ROW = click.IntRange(1, 2**63 - 1)
"""The number of a row, as SQLite can hold it."""
json_option = click.option("--json", "json_wanted", is_flag=True, help="JSON instead of a table.")


class NoDatabaseYet(UserError):
    """The daemon has not made it so far."""


def with_database(
    config_path: Path,
    work: Callable[[Database, Settings], Awaitable[T]],
    *,
    needs_rules: bool = True,
    make: bool = False,
) -> T:
    """Load the configuration without its secrets, open the database and do the work.

    What needs no rules is also done where the file is wrong, which is said on standard error: the daemon goes on then,
    and so do those who ask it for something. ``make`` is for what has to be told before the daemon's first start: it
    makes a database that is not there yet, as the daemon would. Else that raises NoDatabaseYet.
    """
    if needs_rules:
        return in_database(config.load(config_path, with_secrets=False), work, make=make)
    settings, problems = reachable(config_path)
    if problems:
        click.echo(f"note: {config_path} is wrong; textbackd check tells where", err=True)
    return in_database(settings, work, make=make)


def reachable(config_path: Path) -> tuple[Settings, Sequence[str]]:
    """The settings without secrets; of a file that is wrong those that reach its database, and what is wrong with it.

    Raises UserError where not even these can be told.
    """
    try:
        return config.load(config_path, with_secrets=False), ()
    except UserError as error:
        try:
            return config.load_essentials(config_path), error.problems
        except UserError:
            raise error from None


def in_database(settings: Settings, work: Callable[[Database, Settings], Awaitable[T]], *, make: bool = False) -> T:
    """Open the database, which ``make`` makes, and do the work."""

    async def main() -> T:
        async with opened(settings, make=make) as database:
            return await work(database, settings)

    return asyncio.run(main())


@contextlib.asynccontextmanager
async def opened(settings: Settings, *, make: bool = False) -> AsyncIterator[Database]:
    """The database that the daemon uses, made if ``make``. One that is there keeps its schema."""
    path = settings.database
    is_new = _stat(path) is None
    if is_new and not make:
        raise NoDatabaseYet(f"{path}: no database yet; textbackd run makes it at its first start ({ANOTHER})")
    _become_owner(path.parent if is_new else path)
    async with Database.open(path, migrate=is_new) as database:
        yield database


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None


def _become_owner(path: Path) -> None:
    """Files that root made in the database's folder would lock the daemon out, so root becomes its owner."""
    owner = _stat(path)
    user = os.geteuid()
    if owner is None:  # the folder: it is made with the database
        if user == 0:  # and nothing tells whose it must be
            make = f"install -d -m 750 -o USER -g USER {path}"
            raise UserError(f"{path}: no such folder; make it for the user of the daemon: {make}")
        return
    if user == owner.st_uid:
        return
    name = _name(owner.st_uid)
    if user != 0:
        raise UserError(f"{path} belongs to {name}: sudo -u {name} textbackd …, or run it as root")
    # The owner may not reach what root runs, such as a checkout in /root: have all in memory before.
    migrations()
    os.initgroups(name, owner.st_gid) if name != str(owner.st_uid) else os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def chosen_pbx(settings: Settings, name: str | None) -> PbxSettings:
    """The PBX of that name, or the only one. Raises UserError where it is not clear which."""
    names = ", ".join(pbx.name for pbx in settings.pbxs)
    if name is None and len(settings.pbxs) > 1:
        raise UserError(f"which PBX? --pbx is one of: {names}")
    for pbx in settings.pbxs:
        if name in (None, pbx.name):
            return pbx
    raise UserError(f"the configuration has no PBX {name!r}; it has: {names}")


def typed_number(number: str, settings: Settings) -> E164:
    """A phone number as somebody typed or pasted it."""
    fields = written_numbers.split(number)
    found = settings.policy.office.e164(fields[0]) if len(fields) == 1 else None
    if found is None:
        shown = written_numbers.plain(number)
        raise UserError(f"{shown!r} is no phone number; write it as it is dialled here, or with + and country code")
    return found


def local(stamped: str | None, settings: Settings) -> str:
    """A stored time as people of the office read it."""
    if not stamped:
        return ""
    return moment(stamped).astimezone(settings.policy.office.time_zone).strftime("%Y-%m-%d %H:%M:%S")


def tell_entered(told: Mapping[str, Any], words: str, settings: Settings, *, json_wanted: bool) -> None:
    """What became of something that was entered, for programs or in words, and whether a daemon hears of it."""
    running = daemon_lock.is_held(settings.database)
    if json_wanted:
        output.as_json({**told, "running": running})
        return
    click.echo(words)
    if not running:
        click.echo(f"note: {NOBODY_RUNS.format(settings.database)}; this counts once one runs there", err=True)


def rows_as_dicts(rows: Any) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    return [dict(row) for row in rows]
