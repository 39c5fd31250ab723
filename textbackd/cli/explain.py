"""``textbackd explain``: why was this caller (not) texted?"""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from textbackd import clock
from textbackd.cli import explain_words, output
from textbackd.cli import served as told
from textbackd.cli.context import LIMIT, config_option, json_option, local, with_database
from textbackd.config import Settings
from textbackd.core.office import Office
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageKind, MessageState
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy, by_day
from textbackd.core.reasons import CONVERSATION, Reason
from textbackd.core.remedies import Decided, Fate, remedy
from textbackd.errors import UserError
from textbackd.store import calls, exclusions, history, learned_numbers, parties, served, text_history
from textbackd.store.database import Database, Row, Transaction, moment
from textbackd.store.learned_numbers import Learned
from textbackd.store.served import Served

_FEWEST_DIGITS = 7
"""Of the end of a number that tells one caller from another."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text that a call made."""

    row: Row
    changes: Sequence[Row]
    served: Served | None
    """Who made it needless."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Explained:
    """All that is told of a call."""

    row: Row
    served: Served | None
    """Who made a text needless before there was one."""
    texts: Sequence[_Text]
    learned: Row | None
    """What became known of the caller's number by itself and still silences it."""
    remedy: str


@click.command()
@config_option
@json_option
@click.option("--limit", default=5, show_default=True, type=LIMIT, help="How many calls of a number.")
@click.argument("call_or_number", metavar="CALL|NUMBER")
def explain(config_path: Path, json_wanted: bool, limit: int, call_or_number: str) -> None:
    """Tell what was seen of a call, what decided its outcome, and why its caller was texted or not.

    A caller is also found where the PBX shows the number with something before it.
    """
    asked = call_or_number.strip()
    if not asked:
        raise click.UsageError("CALL|NUMBER must not be empty; textbackd calls lists the calls")

    async def work(database: Database, settings: Settings) -> None:
        office = settings.policy.office
        number = office.e164(asked)
        async with database.reading() as tx:
            rows = await calls.find(tx, asked, number, limit, ending=_ending(asked, number, office))
            found = [await _explained(tx, row, settings.policy) for row in rows]
        if not found:
            raise UserError(f"no call {asked!r} is on record; textbackd calls lists them")
        if json_wanted:
            output.as_json([_as_dict(each) for each in found])
            return
        for each in found:
            _tell(each, settings)

    with_database(config_path, work)


def _ending(asked: str, number: E164 | None, office: Office) -> str:
    """With what the caller's number ends, whatever stands before it; empty where that would tell too little."""
    digits = "".join(c for c in number or asked if c not in "+ ()/-")
    if not digits.isdecimal():
        return ""
    # As it is dialled within the country: without the one to three digits of its code.
    at_home = (digits[code:] for code in (1, 2, 3) if number and office.e164(digits[code:]) == number)
    ending = next(at_home, digits.lstrip("0"))
    return ending if len(ending) >= _FEWEST_DIGITS else ""


# --- reading ----------------------------------------------------------------------------------------------------------


async def _explained(tx: Transaction, row: Row, policy: Policy) -> _Explained:
    texts = [await _text(tx, text, row, policy) for text in await text_history.of_call(tx, row["id"])]
    who = None
    if row["reason"] == Reason.ALREADY_SERVED and row["detail"] != CONVERSATION:
        since = moment(row["started_at"])
        who = await served.first(tx, row["number"], since, policy.minimum_talk, besides=row["id"])
    to_caller = next((text.row for text in texts if text.row["kind"] == MessageKind.CALLER), None)
    remedy = await _remedy(tx, row, to_caller, policy)
    return _Explained(row=row, served=who, texts=texts, learned=await _learned(tx, row, to_caller), remedy=remedy)


async def _learned(tx: Transaction, row: Row, to_caller: Row | None) -> Row | None:
    what = {Reason.UNDELIVERABLE.value: Learned.UNDELIVERABLE, Reason.OWN_NUMBER.value: Learned.STAFF}
    reason = to_caller["reason"] if to_caller else row["reason"]
    if reason not in what:
        return None
    number = row["number"] or row["caller"]  # an extension is no number of the plan
    return await learned_numbers.about(tx, number, what[reason], clock.utc_now())


async def _text(tx: Transaction, text: Row, call: Row, policy: Policy) -> _Text:
    who = None
    if text["reason"] == Reason.ALREADY_SERVED:
        since = moment(text["since"])
        who = await served.first(tx, text["about"], since, policy.minimum_talk, besides=call["id"])
    return _Text(row=text, changes=await text_history.changes(tx, text["id"]), served=who)


def _fate(text: Row, policy: Policy) -> Fate:
    state, now = MessageState(text["state"]), clock.utc_now()
    day = by_day(policy.office.plan(E164(text["number"])), now, policy) if state is MessageState.QUEUED else now
    until = day.astimezone(policy.office.time_zone) if day > now else None
    return Fate(text=text["id"], state=state, reason=text["reason"], day=until)


async def _remedy(tx: Transaction, row: Row, text: Row | None, policy: Policy) -> str:
    fate = _fate(text, policy) if text else None
    texts: tuple[dt.datetime, ...] = ()
    excluded_by = None
    if row["number"]:
        number, before = E164(row["number"]), moment((text and text["settled_at"]) or row["decided_at"])
        since = before - history.MEMORY
        earlier = await text_history.texts_to(tx, number, row["business"], since, observing=policy.observing)
        texts = tuple(at.astimezone(policy.office.time_zone) for at in earlier if at < before)
        excluded_by = await exclusions.covering(tx, number, row["caller_name"])
    decided = Decided(
        outcome=Outcome(row["outcome"]),
        texted=row["decision"] == "text",
        reason=Reason(row["reason"]),
        detail=row["detail"],
        caller=row["number"] or row["caller"],
        did=row["did"],
        wait_seconds=row["wait_seconds"],
        texts=texts,
        caller_name=row["caller_name"],
        excluded_by=excluded_by,
        fate=fate,
    )
    return remedy(decided, policy)


# --- telling ----------------------------------------------------------------------------------------------------------


def _tell(explained: _Explained, settings: Settings) -> None:
    row, steps = explained.row, calls.steps(explained.row)
    who = "a withheld number" if row["withheld"] else row["caller"]
    made_up = "Simulated call" if row["simulated"] else "Call"
    where = row["did_label"] or row["did"]
    click.echo(f"{made_up} {row['id']} ({row['call_id']} on {row['pbx']}) from {who} to {where}")
    watched = not calls.is_out_of_call_record(row)
    if not watched:
        click.echo("  Nobody watched the PBX then. This is what its own call record (CDR) says, often wrongly:")
    lines = [
        f"{'*' if decisive and watched else ' '} {local(step.at.isoformat(), settings)}  {explain_words.of_step(step)}"
        for step, decisive in steps
    ]
    for line, _same in itertools.groupby(lines):  # each phone that stops ringing may tell the same
        click.echo(line)
    shown = " (the lines with *)" if watched and any(decisive for _step, decisive in steps) else ""
    click.echo(f"Outcome:  {row['outcome']}: {row['because']}{shown}. Hours: {row['hours']}.")
    for heading, column in (("Rang:", "rang"), ("Talked:", "talked_to")):
        if people := parties.from_column(row[column]):
            click.echo(f"{heading:9} {', '.join(f'{who} ({who.seconds:.1f} s)' for who in people)}")
    if row["queue"]:
        click.echo(f"Queue:    {row['queue']} ({row['queue_seconds']:.1f} s)")
    if row["maybe_machine"]:
        click.echo("Perhaps:  a mobile's voicemail answered; no event tells it from a person.")
    more = told.in_words(explained.served, settings) if explained.served else row["detail"]
    reason = explain_words.of_reason(row["reason"], more)
    click.echo(f"Decision: {row['decision']} ({row['reason']}): {reason}.")
    if known := explained.learned:
        since, until = local(known["learned_at"], settings), local(known["expires_at"], settings)
        click.echo(f"Learned:  {known['because']}, last at {since}; forgotten at {until}.")
    for text in explained.texts:
        _tell_text(text, settings)
    click.echo(f"Change:   {explained.remedy}.\n")


def _tell_text(text: _Text, settings: Settings) -> None:
    row = text.row
    template = f", from the template {row['template']}" if row["template"] else ""
    heading = f"Text {row['id']}:"
    click.echo(f"{heading:9} to the {row['kind']} {row['number']}{template}: {row['state']}")
    click.echo(f'  "{row["text"]}"')
    for name, why in text_history.passed_over(row):
        click.echo(f"  The template {name} was passed over: {why}.")
    for change in text.changes:
        click.echo(f"  {local(change['at'], settings)}  {_told(change, text, settings)}")


def _told(change: Row, text: _Text, settings: Settings) -> str:
    already_served = change["detail"] == Reason.ALREADY_SERVED
    # The recheck asks whether somebody spoke with the caller, or the two write to each other.
    more = CONVERSATION if already_served else ""
    if text.served and already_served:
        more = told.in_words(text.served, settings)
    return explain_words.of_change(change["event"], change["detail"], more)


def _as_dict(explained: _Explained) -> dict[str, Any]:
    row = explained.row
    watched = not calls.is_out_of_call_record(row)
    steps = [
        {
            "at": step.at.isoformat(),
            "what": step.what,
            "value": step.value,
            "who": step.who,
            "told": explain_words.of_step(step),
            "decided": decisive and watched,
        }
        for step, decisive in calls.steps(row)
    ]
    texts = [
        {
            **text_history.as_told(text.row),
            "served": told.as_dict(text.served) if text.served else None,
            "changes": [
                {**dict(change), "told": explain_words.of_change(change["event"], change["detail"])}
                for change in text.changes
            ],
        }
        for text in explained.texts
    ]
    return calls.as_told(row) | {
        "steps": steps,
        "watched": watched,
        "change": explained.remedy,
        "reason_in_words": explain_words.of_reason(row["reason"], row["detail"]),
        "served": told.as_dict(explained.served) if explained.served else None,
        "learned": dict(explained.learned) if explained.learned else None,
        "texts": texts,
    }
