"""``textbackd run``: the daemon."""

import asyncio
import contextlib
import dataclasses
from pathlib import Path

import click
import structlog

from textbackd import clock, config, daemon, logs
from textbackd.cli.context import config_option
from textbackd.config import Settings
from textbackd.core import public_holidays
from textbackd.errors import UserError
from textbackd.logs import Format

log = structlog.get_logger()


@click.command()
@config_option
@click.option("--json", "json_wanted", is_flag=True, help="Log JSON lines on a terminal too.")
def run(config_path: Path, json_wanted: bool) -> None:
    """Watch the PBX and text the callers that nobody answered.

    Runs in the foreground until SIGTERM; systemd keeps it in the background. SIGHUP has it load the configuration anew.
    """

    def load() -> Settings:
        settings = config.load(config_path)
        # The first look into a calendar takes 0.2 s, for which no call is to wait.
        office = settings.policy.office
        public_holidays.is_one(clock.utc_now().date(), office.country, office.region)
        if not json_wanted:
            return settings
        return dataclasses.replace(settings, log=dataclasses.replace(settings.log, format=Format.JSON))

    def reload() -> Settings:
        settings = load()
        _warn(config_path)
        return settings

    # SIGHUP is blocked since the start of the program: who changes the file while it is being read has it read again.
    settings = load()
    logs.configure(settings.log)
    _warn(config_path)
    asyncio.run(daemon.run_until_signalled(settings, reload))


def _warn(config_path: Path) -> None:
    """Tell what keeps texts from going out as they are written."""
    with contextlib.suppress(UserError):  # changed once more since it was loaded: whoever did so has it loaded again
        for warning in config.warnings(config_path):
            log.warning("configuration_unwise", warning=warning, hint="textbackd check")
