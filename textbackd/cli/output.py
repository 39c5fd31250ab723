"""How a command speaks: tables for people, JSON for programs, problems without tracebacks."""

import functools
import json
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import click
import structlog
from structlog.typing import EventDict


def as_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]], empty: str) -> None:
    """Print rows under headings; ``empty`` where there are none."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        click.echo(empty)
        return
    widths = [max(len(line[i]) for line in [list(headings), *cells]) for i in range(len(headings))]
    for line in [list(headings), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def counted(number: int, noun: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def complain_plainly(*, besides: Collection[str] = ()) -> None:
    """What parts of the daemon log comes as one plain line each, and not at all what the command says itself."""
    structlog.configure(processors=[functools.partial(_plainly, besides)])


def _plainly(besides: Collection[str], _logger: Any, level: str, event: EventDict) -> str:
    """``pbx_snapshot_denied`` -> ``warning: pbx snapshot denied (pbx asterisk): give the AMI user …``."""
    if event["event"] in besides:
        raise structlog.DropEvent
    words = str(event.pop("event")).replace("_", " ")
    why = [str(event.pop(key)) for key in ("error", "hint") if key in event]
    if event.pop("exc_info", None) and (error := sys.exception()):
        why.append(f"{type(error).__name__}: {error}")
    where = ", ".join(f"{key} {value}" for key, value in event.items())
    return ": ".join([level, f"{words} ({where})" if where else words, *why])


def _cell(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


NO_ENTRY = "Note:     dids has no entry for {}: it needs none, and its calls count as the first business's."
