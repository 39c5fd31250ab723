"""``textbackd run``: the daemon."""

import asyncio
from pathlib import Path

import click

from textbackd import config, daemon, logs
from textbackd.cli.context import config_option


@click.command()
@config_option
def run(config_path: Path) -> None:
    """Watch the PBX and text the callers that nobody answered.

    Runs in the foreground until SIGTERM; systemd keeps it in the background.
    """
    settings = config.load(config_path)
    logs.configure(settings.log)
    asyncio.run(daemon.run_until_signalled(settings))
