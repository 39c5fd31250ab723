"""``textbackd check``: every problem at once, then a try of each thing outside."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from textbackd import clock, config
from textbackd.cli import output
from textbackd.cli.context import config_option, json_option, opened
from textbackd.config import Settings
from textbackd.errors import TextbackdError, UserError
from textbackd.modem.gammu_modem import GammuModem, GammuSettings
from textbackd.modem.modem import ModemIdentity
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings
from textbackd.pbx import asterisk
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.store import requests
from textbackd.store.database import Database

DAEMON_PATIENCE = dt.timedelta(seconds=3)
"""A running daemon takes a request at once; after this there is none."""
ANSWER_PATIENCE = dt.timedelta(seconds=45)
"""It may have to open its modems for the answer."""


@click.command()
@config_option
@json_option
@click.option("--offline", is_flag=True, help="Only the file: touch no network and no device.")
def check(config_path: Path, json_wanted: bool, offline: bool) -> None:
    """Check the configuration, then log in to each PBX and open each modem.

    All problems are reported at once; the exit code is 1 if there is one.
    """
    try:
        settings = config.load(config_path)
    except UserError as error:
        if not json_wanted:
            raise
        findings = [("configuration", False, problem) for problem in error.problems]
    else:
        findings = [("configuration", True, str(config_path))]
        if not offline:
            findings += asyncio.run(_try_everything(settings))
    if json_wanted:
        output.as_json([{"what": what, "ok": ok, "found": found} for what, ok, found in findings])
    else:
        for what, ok, found in findings:
            click.echo(f"{'ok ' if ok else 'BAD'}  {what}: {found}")
    if not all(ok for _what, ok, _found in findings):
        raise SystemExit(1)


Finding = tuple[str, bool, str]


async def _try_everything(settings: Settings) -> Sequence[Finding]:
    pbxes = await asyncio.gather(*(_try_pbx(pbx) for pbx in settings.asterisk))
    return [*pbxes, *(await _modems_of_daemon(settings) or [await _try_modem(modem) for modem in settings.modems])]


async def _try_pbx(settings: AsteriskSettings) -> Finding:
    try:
        found = await asterisk.probe(settings)
    except TextbackdError as error:
        return f"PBX {settings.name}", False, str(error)
    return f"PBX {settings.name}", True, found


async def _try_modem(settings: GammuSettings | SimulatedSettings) -> Finding:
    modem = GammuModem(settings) if isinstance(settings, GammuSettings) else SimulatedModem(settings)
    try:
        return f"modem {settings.name}", True, _identity(await modem.identify())
    except TextbackdError as error:
        return f"modem {settings.name}", False, str(error)
    finally:
        await modem.close()


def _identity(found: ModemIdentity) -> str:
    network = f"on {found.network}" if found.registered else "not registered with a network"
    signal = f", signal {found.signal_percent} %" if found.signal_percent is not None else ""
    return f"{found.manufacturer} {found.model}, {network}{signal}"


async def _modems_of_daemon(settings: Settings) -> Sequence[Finding]:
    """A running daemon holds the ports, so it is asked; nothing where none runs."""
    if not settings.database.exists():
        return []
    try:
        async with opened(settings) as database:
            answer = await _asked(database)
    except UserError as error:
        return [("database", False, str(error))]
    return [
        (f"modem {modem['name']}", False, str(modem["error"]))
        if "error" in modem
        else (f"modem {modem['name']}", True, _identity_told(modem))
        for modem in (answer or {}).get("modems", [])
    ]


def _identity_told(modem: dict[str, Any]) -> str:
    maker, _, model = str(modem["model"]).partition(" ")
    identity = ModemIdentity(
        manufacturer=maker,
        model=model,
        network=modem["network"],
        registered=modem["registered"],
        signal_percent=modem["signal_percent"],
    )
    return f"{_identity(identity)} (asked of the running daemon)"


async def _asked(database: Database) -> dict[str, Any] | None:
    """The daemon's status, or None where no daemon answers."""
    start = clock.utc_now()
    async with database.transaction() as tx:
        request = await requests.ask(tx, "status", {}, start)
    while True:
        async with database.transaction() as tx:
            state, result = await requests.answer(tx, request)
            waited = clock.utc_now() - start
            if state == "asked" and waited > DAEMON_PATIENCE:
                await requests.withdraw(tx, request)
                return None
        if state == "done":
            return dict(result)
        if state in ("failed", "expired") or waited > ANSWER_PATIENCE:
            return None
        await asyncio.sleep(0.1)
