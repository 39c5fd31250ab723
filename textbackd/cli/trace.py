"""``textbackd trace``: record what the PBX says, play it through the real rules, make it fit to be sent to others."""

import asyncio
import dataclasses
import gzip
import json
import os
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from textbackd import clock, config
from textbackd.cli import output, standing
from textbackd.cli.context import DEFAULT_CONFIG, chosen_pbx, config_option, json_option
from textbackd.core import phone_numbers
from textbackd.core.office import Mark, Office
from textbackd.core.phone_numbers import E164
from textbackd.errors import TextbackdError, UserError
from textbackd.pbx import sources
from textbackd.pbx.anonymise import Anonymised, anonymised
from textbackd.pbx.disguise import House
from textbackd.pbx.linked_source import LinkedSource
from textbackd.pbx.source import PbxError
from textbackd.pbx.sources import PbxSettings
from textbackd.pbx.trace import Recorder, Trace, sidecar_of
from textbackd.pbx.trunks import Trunks
from textbackd.workers import replay as player


@click.group()
def trace() -> None:
    """Record what the PBX says, play it through the real rules, and make it fit to be sent to others."""


@trace.command()
@config_option
@json_option
@click.option("--pbx", "name", help="Which PBX, where the configuration has several.")
@click.option("--seconds", type=click.FloatRange(0.1), help="How long; without it until Ctrl-C.")
@click.argument("file", type=click.Path(path_type=Path))
def record(config_path: Path, json_wanted: bool, name: str | None, seconds: float | None, file: Path) -> None:
    """Write everything that the PBX sends to FILE, and the times beside it.

    Name it day.ami for an Asterisk, day.esl for a FreeSWITCH; what it is, it tells by itself.

    A second login of the daemon's own user; the running daemon is not disturbed. Numbers and names are in it in full.
    """
    settings = chosen_pbx(config.load(config_path), name)
    output.complain_plainly(besides=("pbx_lost", "pbx_login_refused"))
    recorder = Recorder(file)
    if not json_wanted:
        until = f"for {seconds:g} s" if seconds else "until Ctrl-C"
        click.echo(f"Recording what {settings.name} says, {until}.", err=True)
    try:
        problem = asyncio.run(_record(settings, recorder, file, seconds))
    finally:
        size = recorder.close()
    told = f"{size} bytes in {file}, their times in {sidecar_of(file)}. Play it: textbackd trace replay {file}"
    if problem:
        raise UserError(problem, *([told] if size else []))
    if not size:
        raise UserError(f"{settings.name} said nothing in that time; nothing is recorded")
    if json_wanted:
        output.as_json({"file": str(file), "times": str(sidecar_of(file)), "bytes": size})
    else:
        click.echo(told)


async def _record(settings: PbxSettings, recorder: Recorder, file: Path, seconds: float | None) -> str:
    """Record until the time is over or a signal comes: an empty string; or until it cannot go on: why.

    Where the PBX lets nobody in, nothing of that is kept.
    """
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def end(problem: str) -> None:
        if not ended.done():
            ended.set_result(problem)

    def report(error: PbxError | None) -> None:
        if error is None:
            return
        if not source.was_up and not ended.done():
            recorder.discard()
        end(str(error))

    def keep(data: bytes) -> None:
        if ended.done():
            return  # what came behind a gap would tell another story
        try:
            recorder.write(data, clock.utc_now())
        except OSError as error:
            end(f"{file}: {error.strerror}; the recording ends here")

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end, "")
    source = sources.source(settings, report=report, tap=keep)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(source.run()), group.create_task(_drain(source))]
        await asyncio.wait({ended}, timeout=seconds)
        for task in tasks:
            task.cancel()
    return ended.result() if ended.done() else ""


async def _drain(source: LinkedSource) -> None:
    while True:
        await source.events.get()


APPROXIMATE = (
    "approximate; most tell neither who left a voicemail message nor who withheld the number, and call some calls"
    " answered that were not"
)

_MISTAKE = "this is a mistake of textbackd, please report it"

rules_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help=f"The office whose rules apply, such as {DEFAULT_CONFIG}; without it an invented British one.",
)


@trace.command()
@rules_option
@click.option("--json", "json_wanted", is_flag=True, help="As it is anyway, the summary too: a JSON object a line.")
@click.option("--summary", is_flag=True, help="How many would have been texted, and why the others not.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def replay(config_path: Path | None, json_wanted: bool, summary: bool, files: tuple[Path, ...]) -> None:
    """Play recorded streams through the real translator, tracker and policy: a JSON object a line for each call.

    With --summary, what they amount to by reason follows on standard error, with --json as one more object: so a rule
    can be tried on last month's calls before it counts. "not_before" is when a text would have left.

    Each FILE has a history of its own; with --config, who is excluded, has opted out or takes no texts by the office's
    database counts as it stands now. A FILE tells by its content what it is: what an Asterisk (AMI) or a FreeSWITCH
    (Event Socket, JSON or plain) said, or a record of calls (Master.csv), which tells only approximately what would
    have been texted.

    FILE.ami, FILE.esl (or .gz) take their times from FILE.times.json beside them; without it, from the events. Where an
    Asterisk tells no times in them, nobody knows how long a caller waited, and who gave up is taken to have given up
    too soon.
    """
    rules = _rules(config_path, with_lists=True)
    if summary and config_path is None:
        click.echo("note: by the rules of an invented British office; --config FILE takes yours", err=True)
    problems: list[str] = []
    for file in files:
        try:
            played = asyncio.run(player.replay(file, rules))
            for call in played.calls:
                click.echo(player.as_line(call))
            if summary and played.calls:
                total = _total(played.calls)
                if json_wanted:
                    click.echo(player.as_line({"file": str(file), "approximate": played.approximate, "summary": total}))
                else:
                    click.echo(f"{file}: {_in_words(total)}", err=True)
            if played.approximate:
                click.echo(f"{file}: call records (CDR): {APPROXIMATE}", err=True)
            if played.not_handled:
                problems.append(f"{file}: {output.counted(played.not_handled, 'call')} not handled; {_MISTAKE}")
            elif not played.calls:
                click.echo(f"{file}: no inbound calls; one begins {_where(played.trunks)}", err=True)
        except TextbackdError as error:
            problems.append(str(error))
        except Exception as error:
            problems.append(f"{file}: {type(error).__name__}: {error}; {_MISTAKE}")
    if problems:
        raise UserError(*problems)


def _total(calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    reasons = Counter(str(call["final_reason"]) for call in calls if call["final"] != "text")
    return {
        "calls": len(calls),
        "texted": len(calls) - reasons.total(),
        "not_texted": dict(reasons.most_common()),
    }


def _in_words(total: Mapping[str, Any]) -> str:
    """``12 calls: 7 texted; 5 not: 3 repeat, 2 withheld``."""
    reasons = total["not_texted"]
    silent = f"; {sum(reasons.values())} not: {', '.join(f'{n} {reason}' for reason, n in reasons.items())}"
    return f"{output.counted(total['calls'], 'call')}: {total['texted']} texted{silent if reasons else ''}"


def _rules(config_path: Path | None, *, with_lists: bool = False) -> player.Rules:
    """``with_lists``: also by who is not to be texted by the office's database, of which standard error tells."""
    if config_path is None:
        defaults = config.replay_defaults()
        return player.Rules(policy=defaults.policy, asterisk=defaults.trunks)
    settings = config.load(config_path, with_secrets=False)
    rules = player.Rules.of(settings.policy, settings.pbxs)
    if not with_lists:
        return rules
    lists, told = standing.lists_of(settings)
    click.echo(f"note: {told}", err=True)
    return dataclasses.replace(rules, lists=lists)


def _where(trunks: Trunks) -> str:
    told = f"in a context of pbx[].trunks: {', '.join(sorted(trunks.contexts))}"
    return f"{told}, or at an endpoint: {', '.join(sorted(trunks.endpoints))}" if trunks.endpoints else told


@trace.command()
@rules_option
@json_option
@click.argument("recorded", metavar="IN", type=click.Path(path_type=Path))
@click.argument("new", metavar="OUT", type=click.Path(path_type=Path))
def anonymise(config_path: Path | None, json_wanted: bool, recorded: Path, new: Path) -> None:
    """Write IN to OUT without the office and its callers, so that it can be sent to others.

    Numbers become fictitious ones, names and whatever else is not a word of the PBX's own become name001, the values of
    variables go. When everything happened stays, so trace replay tells the same of each call.

    With --config the office's trunks and closed DIDs become those of the invented office, which needs nothing to play
    them; another country, and what the PBX puts before a number, must be told to whoever plays OUT.
    """
    rules = _rules(config_path)
    stream = Trace.read(recorded)
    files = [new, sidecar_of(new)] if sidecar_of(recorded).exists() else [new]
    _refuse_what_is_there(files)
    house = House(
        country=rules.policy.office.country,
        trunks=rules.trunks(stream),
        closed=frozenset(_closed(rules.policy.office)),
        closed_there=tuple(map(E164, _closed(config.replay_defaults().policy.office))),
    )
    made = anonymised(stream, house)
    if not made.messages:
        raise UserError(f"{recorded}: no whole message in it")
    data = gzip.compress(made.data, mtime=0) if new.suffix == ".gz" else made.data
    _write_new(files, (data, json.dumps(made.times).encode()))
    _tell(made, files, json_wanted=json_wanted)


def _closed(office: Office) -> tuple[str, ...]:
    """In the one spelling that stands for all of a number, though it may be none of its plan."""
    return tuple(phone_numbers.dialled(did.number, office.country) for did in office.dids if Mark.CLOSED in did.marks)


def _refuse_what_is_there(files: Sequence[Path]) -> None:
    for file in files:
        if file.exists():
            raise UserError(f"{file}: File exists; choose another name, or remove it")


def _write_new(files: Sequence[Path], contents: Sequence[bytes]) -> None:
    """Write files that are not there yet, for the eyes of their owner only; all of them or none."""
    begun = []
    try:
        for path, content in zip(files, contents, strict=False):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                begun.append(path)
                file.write(content)
    except OSError as error:
        for path in begun:
            path.unlink()
        raise UserError(f"{error.filename or begun[-1]}: {error.strerror}") from error


def _tell(made: Anonymised, files: Sequence[Path], *, json_wanted: bool) -> None:
    counts = {name: getattr(made, name) for name in ("messages", "numbers", "invented", "names", "variables")}
    if json_wanted:
        times = str(files[1]) if len(files) > 1 else None
        output.as_json({"file": str(files[0]), "times": times, "bytes": len(made.data), **counts})
        return
    replaced = (("number", made.numbers), ("name", made.names), ("variable", made.variables))
    click.echo(f"{', '.join(output.counted(number, noun) for noun, number in replaced)} replaced.")
    if made.invented:
        click.echo(f"{made.invented} of the new numbers may be somebody's, since their plans reserve none for fiction.")
    click.echo(f"Look through {files[0]}, then send {' and '.join(map(str, files))}.")
