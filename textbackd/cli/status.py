"""``textbackd status``: what works now, and what does not."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from textbackd import clock
from textbackd.cli import guards, modem_words, output
from textbackd.cli.asking import asked
from textbackd.cli.context import NOBODY_RUNS, config_option, in_database, json_option, local, reachable
from textbackd.config import Settings
from textbackd.core.alarms import Alarm
from textbackd.core.guards import Reading, in_words
from textbackd.health import Condition
from textbackd.store import alarms, reports, traffic
from textbackd.store.database import Database, Row, stamp


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An alarm, and how far each channel has told it."""

    alarm: Alarm
    tellings: Sequence[Row]


@click.command()
@config_option
@json_option
def status(config_path: Path, json_wanted: bool) -> None:
    """Tell how the PBXs and modems are, which alarms are open, and how many texts wait.

    Asks the running daemon. The exit code is 1 if something is down, an alarm is open, the configuration is wrong or
    could not be reloaded, or no daemon answers.
    """
    settings, problems = reachable(config_path)

    async def work(database: Database, _settings: Settings) -> None:
        answer = await asked(database, "status", {})
        now, policy = clock.utc_now(), settings.policy
        async with database.reading() as tx:
            standing = await alarms.standing(tx, now)
            found = [Open(alarm=alarm, tellings=await alarms.tellings(tx, alarm.id)) for alarm in standing]
            # Without the rules nobody knows how much a guard lets pass.
            readings = () if problems else await traffic.readings(tx, policy.guards, now, observing=policy.observing)
            waiting = await reports.texts_waiting(tx)
        shut = [reading for reading in readings if reading.shut_until]
        if json_wanted:
            output.as_json(_as_dict(answer, found, shut, waiting, settings, problems))
        else:
            _say(answer, found, shut, waiting, settings, problems)
        down = answer is None or any(part["condition"] == Condition.DOWN for part in answer["parts"])
        wrong = answer is not None and answer["configuration"]["failed_at"] is not None
        if down or wrong or problems or standing:
            raise SystemExit(1)

    in_database(settings, work)


def _say(
    answer: dict[str, Any] | None,
    found: Sequence[Open],
    shut: Sequence[Reading],
    waiting: dict[str, int],
    settings: Settings,
    problems: Sequence[str],
) -> None:
    """``problems``: what is wrong with the file now."""
    if answer is None:
        click.echo(f"{NOBODY_RUNS.format(settings.database)}: systemctl status textbackd")
        for line in _of_file(problems, "no textbackd starts with it"):
            click.echo(line)
    else:
        modems = {f"modem {modem['name']}": modem for modem in answer["modems"]}
        output.table(
            ("WHAT", "IS", "SINCE", "DETAIL"),
            (
                (
                    part["name"],
                    part["condition"],
                    local(part["since"], settings),
                    _detail(part, modems.get(part["name"], {})),
                )
                for part in answer["parts"]
            ),
            empty="",
        )
        click.echo()
        for line in _of_configuration(answer["configuration"], settings, problems):
            click.echo(line)
    click.echo()
    for one in found:
        alarm = one.alarm
        click.echo(f"ALARM since {local(alarm.began_at.isoformat(), settings)}: {alarm.problem}")
        click.echo(f"  seen:  {alarm.detail}\n  to do: {alarm.remedy}\n  told:  {_told(one.tellings)}")
    if not found:
        click.echo("No alarms.")
    if not problems:
        channels = ", ".join(_channels(settings)) or "the log alone; see alarms in the configuration"
        click.echo(f"Alarms go by: {channels}.")
    for reading in shut:
        until = local(stamp(reading.shut_until), settings) if reading.shut_until else ""
        words = in_words(reading.guard, reading.prefix)
        click.echo(f"Guard {reading.guard} is shut until {until}: {reading.count} {words}; {reading.bound} may go.")
    click.echo("Texts: " + ", ".join(f"{count} {state}" for state, count in waiting.items()) + ".")


def _of_configuration(told: dict[str, Any], settings: Settings, problems: Sequence[str]) -> Iterator[str]:
    yield f"Configuration in force since {local(told['loaded_at'], settings)}."
    if list(problems) != told["problems"]:
        yield from _of_file(problems, "what was loaded then stays in force")
    if told["failed_at"]:
        yield f"The reload at {local(told['failed_at'], settings)} FAILED; mend the file and reload again:"
        yield from (f"  {problem}" for problem in told["problems"])
    if told["want_restart"]:
        yield f"To take effect, these want a restart: {', '.join(told['want_restart'])}."


def _of_file(problems: Sequence[str], consequence: str) -> Iterator[str]:
    if problems:
        yield f"The file is WRONG, and {consequence}; mend it:"
        yield from (f"  {problem}" for problem in problems)


def _detail(part: dict[str, Any], modem: dict[str, Any]) -> str:
    if part["condition"] != Condition.UP:
        return str(part["last_error"])
    if not modem:
        return ""
    if "error" in modem:
        return str(modem["error"])
    return modem_words.of_told(modem)


def _told(tellings: Sequence[Row]) -> str:
    """``log; mail not yet (5 tries): mail.example.org:587 did not answer in 30 s``."""
    each = [
        row["channel"] if row["told"] else f"{row['channel']} not yet ({row['attempts']} tries): {row['error']}"
        for row in tellings
    ]
    return "; ".join(each) or "nobody yet"


def _channels(settings: Settings) -> Sequence[str]:
    found = settings.alarms
    mail = [f"mail to {', '.join(found.mail.to)}"] if found.mail else []
    webhook = ["webhook"] if found.webhook else []
    owners = any(business.owners for business in settings.policy.office.businesses)
    sms = ["SMS to the owners where nothing else gets through"] if found.sms and owners else []
    return [*mail, *webhook, *sms]


def _as_dict(
    answer: dict[str, Any] | None,
    found: Sequence[Open],
    shut: Sequence[Reading],
    waiting: dict[str, int],
    settings: Settings,
    problems: Sequence[str],
) -> dict[str, Any]:
    return {
        "running": answer is not None,
        "file_problems": problems,
        **(answer or {"parts": [], "modems": [], "configuration": None}),
        "alarms": [
            {
                "kind": one.alarm.kind,
                "subject": one.alarm.subject,
                "problem": one.alarm.problem,
                "detail": one.alarm.detail,
                "remedy": one.alarm.remedy,
                "began_at": one.alarm.began_at.isoformat(),
                "tellings": [dict(row) for row in one.tellings],
            }
            for one in found
        ],
        "shut_guards": [guards.as_dict(reading) for reading in shut],
        "channels": None if problems else _channels(settings),
        "texts": waiting,
    }
