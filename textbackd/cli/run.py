"""``textbackd run``: the daemon."""

import asyncio
import dataclasses
from pathlib import Path

import click

from textbackd import config, daemon, logs
from textbackd.cli.context import config_option
from textbackd.logs import Format


@click.command()
@config_option
@click.option("--json", "json_wanted", is_flag=True, help="Log JSON lines on a terminal too.")
def run(config_path: Path, json_wanted: bool) -> None:
    """Watch the PBX and text the callers that nobody answered.

    Runs in the foreground until SIGTERM; systemd keeps it in the background.
    """
    settings = config.load(config_path)
    logs.configure(dataclasses.replace(settings.log, format=Format.JSON) if json_wanted else settings.log)
    asyncio.run(daemon.run_until_signalled(settings))
