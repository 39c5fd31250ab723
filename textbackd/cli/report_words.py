"""How a report reads: tables and a few plain sentences, for 80 columns; and the same figures as JSON has them."""

import dataclasses
import datetime as dt
import textwrap
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from textbackd.cli import output
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.reasons import IN_WORDS
from textbackd.core.report import MISSED, Report, Spread, Tally

_WIDTH = 80
_MOST_LINES = 20
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.ANSWERED: "somebody answered",
    Outcome.ANSWERED_BRIEFLY: "answered, and gone at once",
    Outcome.ANSWERED_THEN_LOST: "answered, then parked or transferred to nobody",
    Outcome.ANSWERED_THEN_VOICEMAIL: "answered, then sent to voicemail",
    Outcome.NO_ANSWER: "phones rang, nobody took it",
    Outcome.BUSY: "every phone or line was busy",
    Outcome.UNAVAILABLE: "no phone could be reached",
    Outcome.ABANDONED_RINGING: "gave up while phones rang",
    Outcome.ABANDONED_QUEUE: "gave up waiting in a queue",
    Outcome.ABANDONED_IVR: "gave up in the menu",
    Outcome.VOICEMAIL_MESSAGE: "left a message",
    Outcome.VOICEMAIL_SILENT: "reached voicemail, left no message",
    Outcome.CLOSED: "heard that the office is closed",
    Outcome.NOT_OFFERED: "dealt with by the PBX itself",
    Outcome.UNKNOWN: "not seen whole",
}
_UNSENT: Mapping[MessageState, str] = {
    MessageState.HELD: "somebody holds it back",
    MessageState.QUEUED: "it still waits",
    MessageState.SENDING: "it is being sent",
    MessageState.UNDELIVERABLE: "it could not be delivered",
    MessageState.UNKNOWN: "nobody knows whether it went out",
    MessageState.FAILED: "it could not be sent",
    MessageState.CANCELLED: "somebody cancelled it",
    MessageState.EXPIRED: "it waited too long",
}
_LOST = (Outcome.ANSWERED_BRIEFLY, Outcome.ANSWERED_THEN_LOST, Outcome.ANSWERED_THEN_VOICEMAIL)
_LENGTHS = (
    ("answered", "waited until somebody answered"),
    ("gave_up_ringing", "phones rang until the caller gave up"),
    ("gave_up_waiting", "waited in a queue until giving up"),
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What lies between two moments."""

    since: dt.datetime
    until: dt.datetime
    zone: zoneinfo.ZoneInfo

    def __str__(self) -> str:
        ends = (at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M") for at in (self.since, self.until))
        return f"{' and '.join(ends)} ({self.zone.key})"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Where figures come from that textbackd has not seen itself."""

    files: tuple[Path, ...]
    endpoints: tuple[str, ...]
    """Trunks whose calls are taken for inbound."""
    left_out: Counter[str]
    """Endpoint -> calls that began there and were taken for the office's own."""
    lists: str
    """Who is not to be texted by the office's database, in a sentence."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A report, ready to be read."""

    report: Report
    period: Period
    records: Records | None = None

    def show(self) -> None:
        """Print it for people."""
        if self.records:
            _say(*_warning(self.records))
        if self.report.first_at is None:
            _say(f"No calls between {self.period}; --since and --until say where to look.")
            return
        _say(f"Calls between {self.period}.", *_summary(self.report))
        for heading, (columns, rows) in (
            ("When: missed calls (. had calls, and none was missed)", _by_hour(self.report)),
            ("Where", _by_line(self.report)),
            ("Why", _by_outcome(self.report)),
            ("How long, in seconds, as far as is known", _lengths(self.report)),
        ):
            if rows:
                click.echo(heading)
                output.table(columns, rows, empty="")
                click.echo()
        _say(*_callers(self.report, rehearsed=self.records is not None))

    def as_dict(self) -> dict[str, Any]:
        """The same for programs: shares between 0 and 1, lengths in seconds."""
        report = self.report
        told: dict[str, Any] = {
            "approximate": self.records is not None,
            "since": self.period.since.astimezone(self.period.zone).isoformat(),
            "until": self.period.until.astimezone(self.period.zone).isoformat(),
            "time_zone": self.period.zone.key,
            **_tally(report.total),
            "not_offered": report.by_outcome.get(Outcome.NOT_OFFERED, 0),
            "unknown": report.by_outcome.get(Outcome.UNKNOWN, 0),
            "by_hour": [
                {"weekday": _WEEKDAYS[weekday], "hour": hour, **_tally(tally)}
                for (weekday, hour), tally in sorted(report.by_hour.items())
            ],
            "by_did": [{"did": line, **_tally(tally)} for line, tally in _most_missed(report.by_line)],
            "by_hours": {hours: _tally(tally) for hours, tally in report.by_hours.items()},
            "by_outcome": dict(report.by_outcome),
            "seconds": {name: _spread(getattr(report, name)) for name, _ in _LENGTHS},
            "callers": {
                "missed": report.callers,
                "withheld": report.withheld,
                "called_again": report.called_again,
                "served_later": report.served_later,
                "called_back": None if self.records else report.called_back,
            },
            "texts": {
                "decided": report.to_text,
                "sent": report.texted,
                "not_sent": dict(report.unsent),
                "not_decided": dict(report.silent),
            },
        }
        if self.records:
            told["records"] = {
                "files": [str(file) for file in self.records.files],
                "trunks": list(self.records.endpoints),
                "left_out": dict(self.records.left_out),
                "lists": self.records.lists,
            }
        return told


def _say(*sentences: str) -> None:
    click.echo(textwrap.fill(" ".join(sentences), _WIDTH, break_on_hyphens=False) + "\n")


# --- sentences --------------------------------------------------------------------------------------------------------


def _warning(records: Records) -> Iterator[str]:
    files = ", ".join(str(file) for file in records.files)
    yield f"Approximate: from the PBX's call records ({files}), which say how lines ended and not what happened."
    yield "A message left in voicemail, a phone that declined and a number that was withheld cannot be told;"
    yield "calls that rang no phone may be missing; where the DID is not on record, its first extension stands for it."
    yield f"Inbound are the calls over {', '.join(records.endpoints) or 'the contexts of pbx[].trunks'}."
    names = [f"{name} ({calls})" for name, calls in records.left_out.most_common() if not name.isdigit()]
    if names:
        yield f"Taken for phones of the office: {', '.join(names[:8])}; if one is a trunk, name it in pbx[].trunks."


def _summary(report: Report) -> Iterator[str]:
    total, when = report.total, report.worst_hour
    lost = sum(report.by_outcome.get(outcome, 0) for outcome in _LOST)
    if total.calls:
        again = ", or lost them again" if lost else ""
        yield f"{total.missed} of {output.counted(total.calls, 'call')} ({total.share:.0%}) found nobody{again}."
    if when is not None:
        closed = total.missed - report.by_hours.get(Hours.OPEN, Tally()).missed
        yield f"{total.missed - closed} of them while the office was open, {closed} while it was closed."
        worst = report.by_hour[when]
        weekday, hour = when
        yield f"Most on {_WEEKDAYS[weekday]}s {hour:02}-{hour + 1:02} ({worst.missed} of {worst.calls})."
    if other := report.by_outcome.get(Outcome.NOT_OFFERED, 0):
        yield f"Beside them the PBX dealt with {output.counted(other, 'call')} itself."
    if unknown := report.by_outcome.get(Outcome.UNKNOWN, 0):
        yield f"Nobody saw {output.counted(unknown, 'call')} whole."


def _callers(report: Report, *, rehearsed: bool) -> Iterator[str]:
    if not report.total.missed:
        return
    withheld = f" and {output.counted(report.withheld, 'call')} without a number" if report.withheld else ""
    yield f"Missed were {output.counted(report.callers, 'caller')}{withheld};"
    yield f"called again: {report.called_again}, answered then: {report.served_later}."
    if rehearsed:
        yield f"Texts that would have been sent, if no number was withheld: {report.to_text}."
    else:
        yield f"Called back and reached: {report.called_back}."
        yield f"Texts decided on: {report.to_text}, sent: {report.texted}."
    if report.unsent:
        yield f"Not sent: {_why(report.unsent)}."
    if report.silent:
        yield f"No text: {_why(report.silent)}."


def _why(counts: Mapping[Any, int]) -> str:
    """``2, since …; 1, since …``, of reasons and of states."""
    words: Mapping[Any, str] = {**IN_WORDS, **_UNSENT}
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return "; ".join(f"{count}, since {words[why]}" for why, count in ordered)


# --- tables -----------------------------------------------------------------------------------------------------------

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def _by_hour(report: Report) -> Table:
    rows = []
    for hour in sorted({hour for _weekday, hour in report.by_hour}):
        tallies = [report.by_hour.get((weekday, hour)) for weekday in range(7)]
        cells = ("" if tally is None else tally.missed or "." for tally in tallies)
        rows.append((f"{hour:02}-{hour + 1:02}", *cells, *_columns(_sum(filter(None, tallies)))))
    return ("HOUR", *(weekday[:3].upper() for weekday in _WEEKDAYS), "MISSED", "OF", "SHARE"), rows


def _by_line(report: Report) -> Table:
    ordered = _most_missed(report.by_line)
    rows = [(line or "not on record", *_columns(tally)) for line, tally in ordered[:_MOST_LINES]]
    if others := ordered[_MOST_LINES:]:
        rows.append((f"{len(others)} others", *_columns(_sum(tally for _line, tally in others))))
    return ("DID", "MISSED", "OF", "SHARE"), rows


def _by_outcome(report: Report) -> Table:
    ordered = sorted(report.by_outcome.items(), key=lambda item: (item[0] not in MISSED, -item[1]))
    return ("OUTCOME", "CALLS", "WHAT HAPPENED"), [(o, calls, _OUTCOMES[o]) for o, calls in ordered]


def _lengths(report: Report) -> Table:
    spreads = [(words, getattr(report, name)) for name, words in _LENGTHS]
    rows = [
        (words, spread.calls, f"{spread.median:.0f}", f"{spread.nine_of_ten:.0f}")
        for words, spread in spreads
        if spread
    ]
    return ("", "CALLS", "HALF WITHIN", "NINE OF TEN"), rows


def _sum(tallies: Iterable[Tally]) -> Tally:
    each = list(tallies)
    return Tally(calls=sum(tally.calls for tally in each), missed=sum(tally.missed for tally in each))


def _columns(tally: Tally) -> tuple[int, int, str]:
    return tally.missed, tally.calls, f"{tally.share:.0%}"


def _most_missed(by_line: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    return sorted(by_line.items(), key=lambda item: (-item[1].missed, item[0]))


def _tally(tally: Tally) -> dict[str, Any]:
    return {"calls": tally.calls, "missed": tally.missed, "share": round(tally.share, 4)}


def _spread(spread: Spread | None) -> dict[str, Any] | None:
    return None if spread is None else dataclasses.asdict(spread)
