"""``textbackd check``: every problem at once, then a try of each thing outside."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from textbackd import clock, config
from textbackd.cli import entrances, modem_words, output
from textbackd.cli.asking import asked
from textbackd.cli.context import NOBODY_RUNS, config_option, json_option, opened
from textbackd.config import Settings
from textbackd.core.template_findings import Severity
from textbackd.errors import TextbackdError, UserError
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings
from textbackd.notify.errors import NotifyError
from textbackd.notify.settings import AlarmSettings
from textbackd.notify.smtp import Smtp
from textbackd.pbx import asterisk_account, asterisk_probe, freeswitch_probe
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.sources import PbxSettings
from textbackd.store import daemon_lock


@click.command()
@config_option
@json_option
@click.option("--offline", is_flag=True, help="Only the file: touch no network and no device.")
@click.option("--without-secrets", is_flag=True, help="With --offline: not those in files and credentials either.")
@click.option(
    "--listen",
    type=click.FloatRange(0.1),
    metavar="SECONDS",
    help="Listen to each PBX for so long, and tell where calls begin: make one from outside meanwhile.",
)
def check(config_path: Path, json_wanted: bool, offline: bool, without_secrets: bool, listen: float | None) -> None:
    """Check the configuration, then log in to each PBX and to the mail server, and open each modem.

    Tells also in which contexts, and on which trunks and phones, calls began on each PBX since textbackd watches it.
    All problems are reported at once; the exit code is 1 if there is one. Two things are no problem: a warning, of a
    text that is passed over for another, and a note, which is advice.
    """
    if offline and listen is not None:
        raise click.UsageError("--offline and --listen exclude each other")
    if without_secrets and not offline:
        raise click.UsageError("--without-secrets goes with --offline: without them nobody can log in")
    notes: Sequence[tuple[Severity, str]] = ()
    try:
        settings = config.load(config_path, with_secrets=not without_secrets)
    except UserError as error:
        if not json_wanted:
            raise
        findings = [("configuration", False, problem) for problem in error.problems]
    else:
        findings = [("configuration", True, str(config_path))]
        notes = config.notes(config_path, clock.utc_now())
        if not offline:
            findings += asyncio.run(_try_everything(settings, listen))
    if json_wanted:
        findings += [(severity, True, note) for severity, note in notes]
        output.as_json([{"what": what, "ok": ok, "found": found} for what, ok, found in findings])
    else:
        for _severity, note in notes:
            click.echo(note)
        for what, ok, found in findings:
            click.echo(f"{'ok ' if ok else 'BAD'}  {what}: {found}")
    if not all(ok for _what, ok, _found in findings):
        raise SystemExit(1)


NO_CALL_YET = (
    "no call seen yet, and only a call shows whether the AMI user is told of calls: "
    "make one from outside while it listens: textbackd check --listen 60"
)
NO_ENTRANCE_YET = "no call seen yet: make one from outside while it listens: textbackd check --listen 60"
MAY_NOT_ASK = (
    "the AMI user may not list the channels: who is on the line at a start, and who withholds the number, stay unknown"
)

DIVERT = (
    "whoever rings its SIM's own number, having got a text from there, should reach the office: divert the SIM's"
    " voice calls to a DID (docs/modem-setup.md)"
)

Finding = tuple[str, bool, str]


async def _try_everything(settings: Settings, listen: float | None) -> Sequence[Finding]:
    pbxes = await asyncio.gather(*(_try_pbx(pbx, settings, listen) for pbx in settings.pbxs))
    modems = await _modems_of_daemon(settings) or [await _try_modem(modem) for modem in settings.modems]
    return [
        *(finding for findings in pbxes for finding in findings),
        *modems,
        *_daemon(settings),
        *((f"modem {modem.name}", True, DIVERT) for modem in settings.modems if isinstance(modem, GammuSettings)),
        await _try_alarms(settings.alarms),
    ]


def _daemon(settings: Settings) -> Iterator[Finding]:
    if not daemon_lock.is_held(settings.database):
        yield "daemon", True, NOBODY_RUNS.format(settings.database)


async def _try_pbx(pbx: PbxSettings, settings: Settings, listen: float | None) -> Sequence[Finding]:
    if isinstance(pbx, FreeSwitchSettings):
        return await _try_freeswitch(pbx, settings, listen)
    what = f"PBX {pbx.name}"
    try:
        found = await asterisk_probe.probe(pbx)
        withheld = dict(found.withheld)
        if listen is None:
            seen, nothing = await _entrances_on_record(pbx, settings), NO_CALL_YET
        else:
            seen, hearing = await entrances.heard(pbx, listen, lambda: _ask_for_a_call(pbx, listen))
            withheld |= dict(hearing.withheld())
            nothing = f"no call began in {listen:g} s"
            if not found.may_ask:  # or the list of channels would have shown one
                nothing += f"; if you made one, {asterisk_account.remedy_for_reading(pbx.user)}"
    except TextbackdError as error:
        return [(what, False, str(error))]
    told = [entrance.told(settings.policy.office.time_zone) for entrance in seen] or ([] if withheld else [nothing])
    return [
        (what, True, found.seen),
        *((what, False, problem) for problem in _lacks(pbx, found.may_ask, withheld)),
        *((what, True, line) for line in told),
    ]


async def _try_freeswitch(pbx: FreeSwitchSettings, settings: Settings, listen: float | None) -> Sequence[Finding]:
    """It says by itself which events it keeps back."""
    what = f"PBX {pbx.name}"
    try:
        found = await freeswitch_probe.probe(pbx)
        if listen is None:
            seen, nothing = await _entrances_on_record(pbx, settings), NO_ENTRANCE_YET
        else:
            seen = await entrances.heard_of_freeswitch(pbx, listen, lambda: _ask_for_a_call(pbx, listen))
            nothing = f"no call began in {listen:g} s"
    except TextbackdError as error:
        return [(what, False, str(error))]
    told = [entrance.told(settings.policy.office.time_zone) for entrance in seen] or [nothing]
    return [
        (what, True, found.seen),
        *((what, False, problem) for problem in freeswitch_probe.lacks(pbx.user, found)),
        *((what, True, line) for line in told),
    ]


def _ask_for_a_call(pbx: PbxSettings, seconds: float) -> None:
    click.echo(f"listening to {pbx.name} for {seconds:g} s: make a call from outside now", err=True)


def _lacks(pbx: AsteriskSettings, may_ask: bool, withheld: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the AMI user, and what to do about it."""
    if not may_ask:
        yield f"{MAY_NOT_ASK}: {asterisk_account.remedy_for_writing(pbx.user)}"
    for name, why in withheld.items():
        yield f"{why}, and no {name} came: {asterisk_account.WITHOUT[name]}"
    if withheld:
        names = ", ".join(withheld)
        remedy = asterisk_account.remedy_for_reading(pbx.user)
        yield f"the AMI user's read classes or eventfilters withhold {names}: {remedy}"


async def _entrances_on_record(pbx: PbxSettings, settings: Settings) -> Sequence[entrances.Entrance]:
    if not settings.database.exists():
        return []
    try:
        async with opened(settings) as database, database.reading() as tx:
            return await entrances.on_record(tx, pbx.name)
    except UserError:
        return []  # the question to the daemon says it


async def _try_modem(settings: GammuSettings | SimulatedSettings) -> Finding:
    modem = GammuModem(settings) if isinstance(settings, GammuSettings) else SimulatedModem(settings)
    try:
        return f"modem {settings.name}", True, modem_words.of_status(await modem.status())
    except TextbackdError as error:
        return f"modem {settings.name}", False, str(error)
    finally:
        await modem.close()


async def _try_alarms(alarms: AlarmSettings) -> Finding:
    """Logs in to the mail server and sends nothing; a webhook cannot be tried without telling it something."""
    if alarms.mail is None:
        nobody = "nobody is told of trouble: name a mail server or a webhook under alarms"
        return "alarms", True, "they go to the webhook, which is not tried" if alarms.webhook else nobody
    try:
        return "mail", True, await Smtp(alarms.mail).probe()
    except NotifyError as error:
        return "mail", False, str(error)


async def _modems_of_daemon(settings: Settings) -> Sequence[Finding]:
    """A running daemon holds the ports, so it is asked; nothing where none runs."""
    if not settings.database.exists():
        return []
    try:
        async with opened(settings) as database:
            answer = await asked(database, "status", {})
    except UserError as error:
        return [("database", False, str(error))]
    return [
        (f"modem {modem['name']}", False, str(modem["error"]))
        if "error" in modem
        else (f"modem {modem['name']}", True, f"{modem_words.of_told(modem)} (asked of the running daemon)")
        for modem in (answer or {}).get("modems", [])
    ]
