"""``textbackd explain``: why was this caller (not) texted?"""

import datetime as dt
from pathlib import Path
from typing import Any

import click

from textbackd.cli import output
from textbackd.cli.context import config_option, json_option, local, rows_as_dicts, with_database
from textbackd.config import Settings
from textbackd.core.call_records import Step, What
from textbackd.core.channel_events import DialResult, Stage
from textbackd.core.outcomes import Outcome
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import IN_WORDS, Policy, Reason
from textbackd.core.remedies import Decided, remedy
from textbackd.errors import UserError
from textbackd.store import calls, history, outbox, parties
from textbackd.store.database import Database, Row, Transaction, moment

_SENTENCES = {
    What.ARRIVED: "the call came in for {who}",
    What.DIALLED: "{who} was rung",
    What.DIAL_OVER: "the PBX summed up its dialling: {value}",
    What.GAVE_UP: "the ringing was cancelled",
    What.SENT_ON: "the caller was transferred",
    What.PICKED_UP: "{who} took the call",
    What.QUEUE_LEFT: "the queue let go of the caller ({value})",
    What.MESSAGE: "a voicemail message was left",
    What.JOINED: "{who} was on the line with the caller",
    What.PARTED: "nobody was on the line with the caller any more",
    What.HUNG_UP: "the caller hung up",
    What.GONE: "the caller's line was closed",
    What.NOT_SEEN: "events are missing from here on, or before",
}
_STAGES = {
    Stage.DIAL: "the PBX began to dial",
    Stage.MENU: "the caller was in the menu {who}",
    Stage.QUEUE: "the caller came to the queue {who}",
    Stage.VOICEMAIL: "the caller came to the voicemail of {who}",
    Stage.MAILBOX: "the caller listened to a mailbox",
    Stage.ANNOUNCEMENT: "an announcement was played ({who})",
    Stage.PARKED: "the call was parked at {who}",
    Stage.CONFERENCE: "the caller came to the conference {who}",
    Stage.BLOCKED: "the PBX turned the caller away ({who})",
    Stage.BUSY_TONE: "the caller heard the busy signal",
    Stage.CONGESTION_TONE: "the caller heard that the call could not be put through",
}
_RESULTS = {
    DialResult.ANSWERED: "{who} picked up",
    DialResult.NO_ANSWER: "{who} did not pick up",
    DialResult.BUSY: "{who} was busy, or declined",
    DialResult.UNAVAILABLE: "{who} could not be reached",
    DialResult.CANCELLED: "{who} was no longer rung",
    DialResult.FORWARDED: "{who} forwards its calls",
}


@click.command()
@config_option
@json_option
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1), help="How many calls of a number.")
@click.argument("call_or_number", metavar="CALL|NUMBER")
def explain(config_path: Path, json_wanted: bool, limit: int, call_or_number: str) -> None:
    """Tell what was seen of a call, what decided its outcome, and why its caller was texted or not."""

    async def work(database: Database, settings: Settings) -> None:
        number = settings.policy.office.e164(call_or_number)
        async with database.reading() as tx:
            rows = await calls.find(tx, call_or_number, number, limit)
            remedies = {row["id"]: await _remedy(tx, row, settings.policy) for row in rows}
            texts = {row["id"]: await outbox.of_call(tx, row["id"]) for row in rows}
            changes = {text["id"]: await outbox.changes(tx, text["id"]) for of in texts.values() for text in of}
        if not rows:
            raise UserError(f"no call {call_or_number!r} is on record; textbackd calls lists them")
        if json_wanted:
            output.as_json([_as_dict(row, remedies[row["id"]], texts[row["id"]], changes) for row in rows])
            return
        for row in rows:
            _tell(row, remedies[row["id"]], texts[row["id"]], changes, settings)

    with_database(config_path, work)


async def _remedy(tx: Transaction, row: Row, policy: Policy) -> str:
    texts: tuple[dt.datetime, ...] = ()
    if row["number"]:
        number, before = E164(row["number"]), moment(row["decided_at"])
        earlier = await outbox.texts_to(
            tx, number, row["business"], before - history.MEMORY, observing=policy.observing
        )
        texts = tuple(at.astimezone(policy.office.time_zone) for at in earlier if at < before)
    decided = Decided(
        outcome=Outcome(row["outcome"]),
        texted=row["decision"] == "text",
        reason=Reason(row["reason"]),
        detail=row["detail"],
        caller=row["number"] or row["caller"],
        did=row["did"],
        wait_seconds=row["wait_seconds"],
        texts=texts,
    )
    return remedy(decided, policy)


def _tell(row: Row, remedied: str, texts: Any, changes: dict[int, Any], settings: Settings) -> None:
    who = "a withheld number" if row["withheld"] else row["caller"]
    made_up = "Simulated call" if row["simulated"] else "Call"
    where = row["did_label"] or row["did"]
    click.echo(f"{made_up} {row['id']} ({row['call_id']} on {row['pbx']}) from {who} to {where}")
    steps = calls.steps(row)
    for step, decisive in steps:
        mark = "*" if decisive else " "
        click.echo(f"{mark} {local(step.at.isoformat(), settings)}  {_sentence(step)}")
    shown = " (the lines with *)" if any(decisive for _step, decisive in steps) else ""
    click.echo(f"Outcome:  {row['outcome']}: {row['because']}{shown}. Hours: {row['hours']}.")
    for heading, column in (("Rang:", "rang"), ("Talked:", "talked_to")):
        if people := parties.from_column(row[column]):
            click.echo(f"{heading:9} {', '.join(f'{who}, {who.seconds:.1f} s' for who in people)}")
    if row["queue"]:
        click.echo(f"Queue:    {row['queue']}, {row['queue_seconds']:.1f} s")
    if row["maybe_machine"]:
        click.echo("Perhaps:  a mobile's voicemail answered; no event tells it from a person.")
    reason = IN_WORDS[Reason(row["reason"])] + (f" ({row['detail']})" if row["detail"] else "")
    click.echo(f"Decision: {row['decision']} ({row['reason']}): {reason}.")
    click.echo(f"Change:   {remedied}.")
    for text in texts:
        click.echo(f"Text {text['id']} to the {text['kind']} {text['number']}: {text['text']}")
        for change in changes[text["id"]]:
            why = f": {change['detail']}" if change["detail"] else ""
            click.echo(f"  {local(change['at'], settings)}  {change['event']}, {change['state']}{why}")
    click.echo()


def _sentence(step: Step) -> str:
    match step.what:
        case What.STAGE:
            sentence = _STAGES[Stage(step.value)]
        case What.GONE if step.value:
            sentence = "the caller's line was closed ({value})"
        case What.RESULT | What.LOCAL_RESULT:
            sentence = _RESULTS[DialResult(step.value)]
        case _:
            sentence = _SENTENCES[step.what]
    return sentence.format(who=step.who or "somebody", value=step.value)


def _as_dict(row: Row, remedied: str, texts: Any, changes: dict[int, Any]) -> dict[str, Any]:
    found = calls.as_told(row)
    found["steps"] = [
        {
            "at": step.at.isoformat(),
            "what": step.what,
            "value": step.value,
            "who": step.who,
            "told": _sentence(step),
            "decided": decisive,
        }
        for step, decisive in calls.steps(row)
    ]
    found["change"] = remedied
    found["reason_in_words"] = IN_WORDS[Reason(row["reason"])]
    found["texts"] = [{**dict(text), "changes": rows_as_dicts(changes[text["id"]])} for text in texts]
    return found
