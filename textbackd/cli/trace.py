"""``textbackd trace``: record what the PBX says, and play it through the real rules."""

import asyncio
import signal
from pathlib import Path

import click

from textbackd import clock, config
from textbackd.cli import output
from textbackd.cli.context import DEFAULT_CONFIG, config_option, json_option
from textbackd.errors import TextbackdError, UserError
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.source import PbxError
from textbackd.pbx.trace import Recorder, sidecar_of
from textbackd.workers import replay as player


@click.group()
def trace() -> None:
    """Record what the PBX says, and play it through the real rules."""


@trace.command()
@config_option
@json_option
@click.option("--pbx", "name", help="Which PBX, where the configuration has several.")
@click.option("--seconds", type=click.FloatRange(0.1), help="How long; without it until Ctrl-C.")
@click.argument("file", type=click.Path(path_type=Path))
def record(config_path: Path, json_wanted: bool, name: str | None, seconds: float | None, file: Path) -> None:
    """Write everything that the PBX sends to FILE, and the times beside it.

    A second login of the daemon's own user; the running daemon is not disturbed. Numbers and names are in it in full.
    """
    settings = _chosen(config.load(config_path).asterisk, name)
    recorder = Recorder(file)
    try:
        error = asyncio.run(_record(settings, recorder, seconds))
    finally:
        size = recorder.close()
    if error is not None:
        raise UserError(str(error))
    if json_wanted:
        output.as_json({"file": str(file), "times": str(sidecar_of(file)), "bytes": size})
    else:
        click.echo(f"{size} bytes in {file}, their times in {sidecar_of(file)}. Play it: textbackd trace replay {file}")


async def _record(settings: AsteriskSettings, recorder: Recorder, seconds: float | None) -> PbxError | None:
    """Record until the time is over or a signal comes: None; or until the PBX cannot be reached: why."""
    ended: asyncio.Future[PbxError | None] = asyncio.get_running_loop().create_future()

    def end(error: PbxError | None) -> None:
        if not ended.done():
            ended.set_result(error)

    def report(error: PbxError | None) -> None:
        if error is not None:
            end(error)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end, None)
    source = AsteriskSource(settings, report=report, tap=lambda data: recorder.write(data, clock.utc_now()))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(source.run()), group.create_task(_drain(source))]
        await asyncio.wait({ended}, timeout=seconds)
        for task in tasks:
            task.cancel()
    return ended.result() if ended.done() else None


async def _drain(source: AsteriskSource) -> None:
    while True:
        await source.events.get()


def _chosen(all_of_them: tuple[AsteriskSettings, ...], name: str | None) -> AsteriskSettings:
    names = ", ".join(pbx.name for pbx in all_of_them)
    if name is None and len(all_of_them) > 1:
        raise UserError(f"which PBX? --pbx is one of: {names}")
    chosen = next((pbx for pbx in all_of_them if name in (None, pbx.name)), None)
    if chosen is None:
        raise UserError(f"the configuration has no PBX {name!r}; it has: {names or 'none'}")
    return chosen


@trace.command()
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help=f"The office whose rules apply, such as {DEFAULT_CONFIG}; without it an invented British one.",
)
@click.option("--json", "_json_wanted", is_flag=True, help="As it is anyway: a JSON object a line.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def replay(config_path: Path | None, _json_wanted: bool, files: tuple[Path, ...]) -> None:
    """Play recorded streams through the real translator, tracker and policy: a JSON object a line for each call.

    Each FILE has a history of its own. FILE.ami (or .ami.gz) takes its times from FILE.times.json beside it; without
    them nobody knows how long a caller waited, and who gave up is taken to have given up too soon.
    """
    if config_path is None:
        defaults = config.replay_defaults()
        policy, trunks = defaults.policy, defaults.trunks
    else:
        settings = config.load(config_path, with_secrets=False)
        policy = settings.policy
        trunks = settings.asterisk[0].trunks if settings.asterisk else config.replay_defaults().trunks
    problems: list[str] = []
    for file in files:
        try:
            calls = asyncio.run(player.replay(file, policy, trunks))
            for call in calls:
                click.echo(player.as_line(call))
            if not calls:
                contexts = ", ".join(sorted(trunks.contexts))
                click.echo(f"{file}: no inbound calls; one begins in a context of pbx[].trunks: {contexts}", err=True)
        except TextbackdError as error:
            problems.append(str(error))
        except Exception as error:
            problems.append(
                f"{file}: {type(error).__name__}: {error}; this is a mistake of textbackd, please report it"
            )
    if problems:
        raise UserError(*problems)
