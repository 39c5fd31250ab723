"""Who was rung and who was on the line, as JSON in a column."""

import json
from collections.abc import Sequence
from typing import Any

from textbackd.core.call_records import Party


def as_column(parties: Sequence[Party]) -> str:
    """As it is stored."""
    return json.dumps([[p.number, p.name, p.seconds, p.outside] for p in parties], ensure_ascii=False)


def from_column(column: str) -> Sequence[Party]:
    """As it was."""
    return [
        Party(number=number, name=name, seconds=seconds, outside=outside)
        for number, name, seconds, outside in json.loads(column)
    ]


def as_told(column: str) -> list[dict[str, Any]]:
    """As programs read it."""
    return [
        {"number": p.number, "name": p.name, "seconds": p.seconds, "outside": p.outside} for p in from_column(column)
    ]


def in_words(column: str) -> str:
    """As people read it: ``101 Anna, 102``."""
    return ", ".join(str(party) for party in from_column(column))
