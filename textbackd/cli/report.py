"""``textbackd report``: when and why calls go unanswered."""

import asyncio
import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from textbackd import clock, config
from textbackd.cli import output, report_words, standing
from textbackd.cli.context import chosen_pbx, config_option, json_option, with_database
from textbackd.config import Settings
from textbackd.core import phone_numbers
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.reasons import Reason
from textbackd.core.report import Count, CountedCall
from textbackd.errors import UserError
from textbackd.pbx.cdr import CdrReader
from textbackd.pbx.cdr_call import CdrCall
from textbackd.store import reports
from textbackd.store.database import Database, Row, moment
from textbackd.workers.replay import rehearse


class _When(click.ParamType[dt.timedelta | dt.date]):
    """A length back from now, or a day."""

    name = "30d|4w|DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.timedelta | dt.date:
        if ago := re.fullmatch(r"(\d{1,4})([dw])", str(value)):
            return dt.timedelta(days=int(ago[1]) * (7 if ago[2] == "w" else 1))
        try:
            day = dt.date.fromisoformat(str(value))
        except ValueError:
            day = dt.date.max
        if day.year not in range(2000, 2100):
            self.fail(f"{value!r} is neither a number of days or weeks (30d, 4w) nor a day (2026-11-01)", param, ctx)
        return day


_MOST_DIDS = 20
"""That an error lists."""


@click.command()
@config_option
@json_option
@click.option("--since", type=_When(), default="30d", show_default=True, help="The first day, or so long ago.")
@click.option("--until", type=_When(), help="The last day, or so long ago; without it, now.")
@click.option("--did", help="Only calls to this DID, by its number or its label.")
@click.option(
    "--cdr",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An approximate report from the PBX's call records (Master.csv); may be given several times.",
)
@click.option("--pbx", "name", help="Whose call records they are, where the configuration has several PBXs.")
def report(
    config_path: Path,
    json_wanted: bool,
    since: dt.timedelta | dt.date,
    until: dt.timedelta | dt.date | None,
    did: str | None,
    files: tuple[Path, ...],
    name: str | None,
) -> None:
    """Show when and why calls go unanswered: by hour and weekday, by DID, by outcome, and how long it rang.

    With --cdr the same from what the PBX kept of calls that textbackd never saw; it needs neither database nor daemon.
    Where there is a database, whom it has excluded or opted out, and what it has learned of numbers, counts.
    """
    if files:
        settings = config.load(config_path, with_secrets=False)
        told = _from_records(files, settings, name, _period(settings, since, until), _Only(did, settings))
    else:
        told = with_database(
            config_path,
            lambda database, settings: _from_database(database, _period(settings, since, until), _Only(did, settings)),
        )
    if told.records and not json_wanted:
        click.echo(f"note: {told.records.lists}", err=True)
    if json_wanted:
        output.as_json(told.as_dict())
    else:
        told.show()


def _period(
    settings: Settings, since: dt.timedelta | dt.date, until: dt.timedelta | dt.date | None
) -> report_words.Period:
    """Days are whole days of the office."""
    zone, now = settings.policy.office.time_zone, clock.utc_now()

    def at(when: dt.timedelta | dt.date, days: int) -> dt.datetime:
        if isinstance(when, dt.timedelta):
            return now - when
        return dt.datetime.combine(when + dt.timedelta(days=days), dt.time(), zone)

    period = report_words.Period(since=at(since, 0), until=now if until is None else at(until, 1), zone=zone)
    if period.since >= period.until:
        raise UserError(f"nothing lies between {period}: --since must be before --until, and in the past")
    return period


class _Only:
    """Whether a call is to the DID that was asked for."""

    def __init__(self, did: str | None, settings: Settings) -> None:
        self._wanted = did
        self._country = settings.policy.office.country
        self._configured = [(did.number, did.label) for did in settings.policy.office.dids]
        self._known: dict[str, bool] = {}

    def __call__(self, number: str, label: str) -> bool:
        if self._wanted is None or self._wanted == label != "":
            return True
        if number not in self._known:
            self._known[number] = self._spelt(self._wanted) == self._spelt(number)
        return self._known[number]

    def refuse_unknown(self, on_record: Iterable[tuple[str, str]]) -> None:
        """Raise UserError where the DID is neither configured nor among these pairs of number and label."""
        there = [*on_record, *self._configured]
        if self._wanted is None or any(self(number, label) for number, label in there):
            return
        names = sorted({self._spelt(number): f"{number} {label}".strip() for number, label in there}.values())
        more = f", and {len(names) - _MOST_DIDS} others" if len(names) > _MOST_DIDS else ""
        listed = f"there are: {', '.join(names[:_MOST_DIDS])}{more}" if names else "there is none"
        raise UserError(f"no DID {self._wanted!r} is in dids or on record; {listed}")

    def _spelt(self, number: str) -> str:
        return phone_numbers.dialled(number, self._country)


# --- what textbackd saw -----------------------------------------------------------------------------------------------


async def _from_database(database: Database, period: report_words.Period, only: _Only) -> report_words.Told:
    count = Count(period.zone)
    async with database.reading() as tx:
        only.refuse_unknown(await reports.dids(tx))
        async for row in reports.calls_between(tx, period.since, period.until):
            if only(row["did"], row["did_label"]):
                count.add(_counted(row))
        for number, at in await reports.last_calls_back(tx, period.since, period.until):
            count.add_call_back(number, at)
    return report_words.Told(report=count.report(), period=period)


def _counted(row: Row) -> CountedCall:
    return CountedCall(
        started_at=moment(row["started_at"]),
        line=row["did_label"] or row["did"],
        caller=None if row["withheld"] else row["number"] or row["caller"],
        outcome=Outcome(row["outcome"]),
        hours=Hours(row["hours"]),
        ring_seconds=row["ring_seconds"],
        wait_seconds=row["wait_seconds"],
        reason=Reason(row["reason"]),
        text=_text(row),
    )


def _text(row: Row) -> MessageState | Reason | None:
    if row["state"] is None:
        return None
    state = MessageState(row["state"])
    if row["sent_at"] or state is MessageState.DELIVERED:
        return MessageState.SENT
    reason = _without_detail(row["final_reason"])
    settled = state in (MessageState.CANCELLED, MessageState.EXPIRED)
    return Reason(reason) if settled and reason in set(Reason) else state


def _without_detail(reason: str) -> str:
    """``guard`` of ``guard:per_hour``."""
    return reason.partition(":")[0]


# --- what the PBX wrote -----------------------------------------------------------------------------------------------


def _from_records(
    files: tuple[Path, ...], settings: Settings, name: str | None, period: report_words.Period, only: _Only
) -> report_words.Told:
    count = Count(period.zone)
    endpoints, left_out = set[str](), Counter[str]()
    known: dict[str, CdrCall] = {}  # rotated files may overlap
    numbers = set[str]()
    pbx = chosen_pbx(settings, name)
    for file in files:
        reader = CdrReader(file, pbx.trunks, period.zone, pbx.did_from)
        for call in reader.calls(period.since):
            numbers.add(call.record.did)
            if period.since <= call.record.started_at < period.until:
                known.setdefault(call.record.call_id, call)
        endpoints |= reader.endpoints
        left_out += reader.left_out
    calls = sorted(known.values(), key=lambda call: call.record.ended_at)
    lists, lists_told = standing.lists_of(settings)
    for row in asyncio.run(rehearse(calls, settings.policy, lists)):
        if only(row["did"], row["did_label"]):
            count.add(_rehearsed(row, known[row["call_id"]]))
    only.refuse_unknown((number, "") for number in numbers)
    records = report_words.Records(files=files, endpoints=tuple(sorted(endpoints)), left_out=left_out, lists=lists_told)
    return report_words.Told(report=count.report(), period=period, records=records)


def _rehearsed(row: Row, call: CdrCall) -> CountedCall:
    """What would have become of a call, had textbackd been there from the first one on; a text that would not have left
    counts as the silence that it is.
    """
    gone = row["decision"] == "text" and row["state"] == MessageState.SENT
    silent = row["decision"] == "text" and not gone
    reason = Reason(_without_detail(row["final_reason"]) if silent else row["reason"])
    return dataclasses.replace(
        _counted(row), ring_seconds=call.ring_seconds, wait_seconds=call.wait_seconds, reason=reason, text=None
    )
