"""``textbackd demo``: the whole product on this machine, with nothing installed."""

import asyncio
import dataclasses
import shlex
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import click

from textbackd import clock
from textbackd.cli import output
from textbackd.demo import office, play
from textbackd.demo.play import Stage
from textbackd.demo.show import Fact, Kind
from textbackd.demo.summary import Summary
from textbackd.errors import UserError

_COLOURS = {
    Kind.CALL: "cyan",
    Kind.TEXT: "green",
    Kind.SILENT: "yellow",
    Kind.REPLY: "magenta",
    Kind.ANSWER: "green",
    Kind.OWNER: "blue",
}


@click.command()
@click.option("--once", is_flag=True, help="End when the day is over; exit code 1 if it did not go as it should.")
@click.option("--json", "json_wanted", is_flag=True, help="Only a summary, as JSON; implies --once.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    help="Where configuration, database and texts go, and stay; must be new or empty. By default a temporary one.",
)
def demo(once: bool, json_wanted: bool, folder: Path | None) -> None:
    """Play a short day at an office: the real daemon between a simulated PBX and a simulated modem.

    Nothing is sent and no network is used but this machine's own. Without --once it goes on after the day, with a call
    every so often, until Ctrl-C; so the other commands can be tried on it.
    """
    if folder is not None:
        office.claim(folder)
    started = clock.monotonic()
    try:
        day = asyncio.run(_demo(folder, once=once or json_wanted, quiet=json_wanted))
    except BaseExceptionGroup as group:
        raise _first(group) from group
    if day is None and (once or json_wanted):
        raise UserError("the demo was ended before the day was over")
    if day is not None and json_wanted:
        seconds = round(clock.monotonic() - started, 1)
        output.as_json({"as_expected": not day.problems, "seconds": seconds} | dataclasses.asdict(day))
    if day is not None and day.problems:
        sys.exit(1)


async def _demo(folder: Path | None, *, once: bool, quiet: bool) -> Summary | None:
    """The summary of the day; None where it was ended before."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    place = folder or Path(tempfile.mkdtemp(prefix="textbackd-demo-"))
    try:
        async with play.stage(place, _nobody if quiet else _say) as stage:
            if not quiet:
                click.echo(_introduction(stage))
            day = await play.unless_stopped(stage.day(), stop)
            if day is not None and not quiet:
                _tell_summary(day)
            if day is not None and not once:
                click.echo(_to_try(place))
                await play.unless_stopped(stage.later(), stop)
    finally:
        if folder is None and once:
            shutil.rmtree(place)
        elif not quiet:
            click.echo(f"What the demo wrote stays in {place}")
    return day


def _nobody(_fact: Fact) -> None:
    """Nobody listens."""


def _say(fact: Fact) -> None:
    click.echo(f"{fact.at:%H:%M:%S}  {click.style(f'{fact.kind:<6}', fg=_COLOURS[fact.kind])}  {fact.words}")


def _introduction(stage: Stage) -> str:
    rules, business = stage.settings.policy, stage.settings.policy.office.businesses[0]
    return (
        f"A short day at {business.name}. PBX (AMI on 127.0.0.1:{stage.pbx.port}) and modem are simulated, the rest is"
        f" the real\ndaemon; every number is fictitious and nothing is sent. Times are shortened: a text leaves"
        f" {rules.delay.total_seconds():g} s after its call, not 5 s.\n"
    )


def _to_try(folder: Path) -> str:
    command = Path(sys.executable).with_name("textbackd")
    found = shutil.which("textbackd") == str(command)
    path = "" if found else f"  export PATH={shlex.quote(str(command.parent))}:$PATH\n"
    configuration = shlex.quote(str(folder / "textbackd.yaml"))
    return (
        "\nThe daemon goes on, with a call every so often; Ctrl-C ends it. In another terminal:\n\n"
        f"{path}  export TEXTBACKD_CONFIG={configuration}\n"
        "  textbackd calls                    what came in and what became of it\n"
        "  textbackd explain 07700900115      why this caller was texted, and then not\n"
        "  textbackd leads                    whom somebody should call back\n"
        "  textbackd queue list               the texts, waiting and gone\n"
        "  textbackd opt-out list             who wants no texts\n"
    )


def _tell_summary(day: Summary) -> None:
    click.echo()
    output.table(
        ("CALLER", "WHAT HAPPENED", "OUTCOME", "DECISION", "REASON", "TEXT"),
        (
            (row["caller"], row["what"], row["outcome"], row["decision"], row["reason"], row["text_state"] or "none")
            for row in day.calls
        ),
        empty="No calls.",
    )
    again = sum(lead["calls"] > 1 for lead in day.leads)
    click.echo(
        f"\n{len(day.calls)} calls, {len(day.leads)} leads ({again} called more than once),"
        f" {len(day.replies)} replies, {day.owner_texts} texts to the owner."
    )
    for problem in day.problems:
        click.echo(f"Not as it should be: {problem}", err=True)


def _first(group: BaseException) -> BaseException:
    """What went wrong, without the groups around it."""
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group
