"""``textbackd template preview``: the text for a call that nobody made, and why it is that."""

import datetime as dt
from pathlib import Path
from typing import Any

import click

from textbackd import clock, config
from textbackd.cli import output
from textbackd.cli.context import config_option, json_option
from textbackd.config.values import NEVER_TEXTED
from textbackd.core import sms_text, templates
from textbackd.core.accents import as_sent
from textbackd.core.call_records import EndedCall
from textbackd.core.office import Mark, Office
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.policy import Policy, by_day
from textbackd.core.sms_text import Encoding
from textbackd.core.templates import Choice
from textbackd.errors import UserError


@click.command()
@config_option
@json_option
@click.option("--did", required=True, metavar="NUMBER", help="The number dialled.")
@click.option("--outcome", type=click.Choice([str(o) for o in Outcome]), default=str(Outcome.NO_ANSWER),
              show_default=True, help="What became of the call.")  # fmt: skip
@click.option(
    "--at", metavar="TIME",
    help="When the call ended: 2026-11-18T21:30 or 2026-11-18T21:30:05 by the office's clock, or with an offset,"
    " 2026-11-18T21:30+01:00; by default now.",
)  # fmt: skip
@click.option("--number", default="", help="The caller's: whether it is night there.")
@click.option("--returning", is_flag=True, help="A caller who called before.")
def preview(
    config_path: Path,
    json_wanted: bool,
    did: str,
    outcome: str,
    at: str | None,
    number: str,
    returning: bool,
) -> None:
    """Show the text for a call: which template, why that one, and how it goes over the air.

    For an outcome that is not texted it says so, and shows what the words would be. Whether this caller would be
    texted at all is for textbackd simulate to say. Needs neither the daemon nor the database.
    """
    if not did.strip():
        raise click.UsageError("--did must not be empty")
    policy = config.load(config_path, with_secrets=False).policy
    office = policy.office
    ended_at = clock.utc_now() if at is None else _moment(at, office)
    call = _a_call(office, did, Outcome(outcome), number, ended_at)
    sent_at = _sent_at(policy, number, ended_at)
    choice = templates.choose(call, office, sent_at, returning=returning)
    shown = _previewed(call, policy, sent_at, choice, returning=returning)
    if json_wanted:
        output.as_json(shown)
        return
    local = sent_at.astimezone(office.time_zone)
    kind = "a caller who called before" if returning else "a new caller"
    click.echo(f"DID:      {call.did.label or call.did.number}, of {call.business}")
    if not shown["did_configured"]:
        click.echo(output.NO_ENTRY.format(did))
    click.echo(f"Call:     {call.outcome}, ended {ended_at.astimezone(office.time_zone):%Y-%m-%d %H:%M}: {call.hours}")
    if shown["silent"]:
        click.echo(f"Texted:   no: {shown['silent']}")
    click.echo(f"Leaves:   {local:%Y-%m-%d %H:%M:%S}")
    click.echo(f"Slot:     {shown['wanted']}, for {kind}, in {shown['language']}")
    for name, why in shown["refused"].items():
        click.echo(f"Not:      {name}: {why}")
    click.echo(f"Template: {choice.template.name}")
    click.echo(f"  {choice.template.text}")
    click.echo(f"Text:     {choice.text}")
    parts = "1 part" if shown["parts"] == 1 else f"{shown['parts']} parts"
    click.echo(f"Length:   {shown['length']} {_UNITS[shown['encoding']]}, {shown['encoding']}, {parts}")
    if shown["name_written"] != call.business:
        click.echo(f"Note:     the name {call.business} is written {shown['name_written']} (accents: fold)")


_UNITS = {Encoding.GSM7: "septets", Encoding.UCS2: "UTF-16 units"}


_YEARS = range(2000, 2101)
"""Of which there are calendars."""


def _moment(text: str, office: Office) -> dt.datetime:
    """Raises click's error where there is no day, or no time of it."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or ":" not in text or moment.year not in _YEARS:
        message = f"'{text}' is no time such as 2026-11-18T21:30, 2026-11-18T21:30:05 or 2026-11-18T21:30+01:00"
        raise click.BadParameter(message, param_hint="'--at'")
    return (moment if moment.tzinfo else moment.replace(tzinfo=office.time_zone)).astimezone(dt.UTC)


def _sent_at(policy: Policy, number: str, ended_at: dt.datetime) -> dt.datetime:
    soonest = ended_at + policy.delay
    if not number:
        return soonest
    caller = policy.office.e164(number)
    if caller is None:
        raise UserError(f"'{number}' is no phone number in {policy.office.country}")
    return by_day(policy.office.plan(caller), soonest, policy)


def _a_call(office: Office, dialled: str, outcome: Outcome, number: str, ended_at: dt.datetime) -> Call:
    did = office.did(dialled)
    record = EndedCall(
        call_id="",
        caller=number,
        caller_name="",
        withheld=False,
        did=dialled,
        context="",
        started_at=ended_at,
        ended_at=ended_at,
        ring_seconds=0.0,
        wait_seconds=0.0,
        talk_seconds=0.0,
        talked_to=(),
        seen_whole=True,
        steps=(),
    )
    return Call(
        pbx="",
        record=record,
        did=did,
        business=office.business(did.business).name,
        hours=office.moment(did, ended_at).hours,
        outcome=outcome,
        because="",
    )


def _why_silent(call: Call, policy: Policy) -> str:
    """Why no call like this one is texted, whoever makes it; empty where it is."""
    if call.outcome in NEVER_TEXTED:
        return f"calls that were '{call.outcome}' are never texted"
    if call.outcome is Outcome.CLOSED and (silencing := call.did.marks - {Mark.CLOSED}):
        return f"a call to it that rings no phone is not missed (marks: {min(silencing)})"
    if call.outcome in policy.texted_at(call.did, call.hours):
        return ""
    where = "text_on of this DID" if call.did.text_on else "rules.text_on"
    return f"'{call.outcome}' is not in {where} while the hours are '{call.hours}'"


def _previewed(call: Call, policy: Policy, sent_at: dt.datetime, choice: Choice, *, returning: bool) -> dict[str, Any]:
    office = policy.office
    business = office.business(call.business)
    written = as_sent(business.name, business.accents)
    return {
        "business": business.name,
        "name_written": written if written in choice.text else business.name,
        "did": call.did.number,
        "did_configured": call.did in office.dids,
        "outcome": call.outcome,
        "hours": call.hours,
        "silent": _why_silent(call, policy),
        "sent_at": sent_at.astimezone(office.time_zone).isoformat(),
        "returning": returning,
        "wanted": templates.slot_for(call, office.moment(call.did, sent_at)),
        "template": choice.template.name,
        "language": choice.template.language,
        "refused": dict(choice.refused),
        "text": choice.text,
        "encoding": sms_text.encoding_of(choice.text),
        "length": sms_text.length(choice.text),
        "parts": len(sms_text.split(choice.text)),
    }
