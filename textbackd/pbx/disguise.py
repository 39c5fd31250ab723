"""Who stands for whom in an anonymised trace.

Each number stands for a fictitious one (``fictitious_numbers``), every text that is no word of the PBX's own for
``name001``: the same for the same in one run, and drawn anew in the next, so that nothing leads back.
"""

import dataclasses
import random
import re

from textbackd.core import phone_numbers
from textbackd.core.phone_numbers import E164
from textbackd.pbx.fictitious_numbers import FictitiousNumbers
from textbackd.pbx.trunks import Trunks

NOBODY = frozenset(
    {"", "<unknown>", "s", "unknown", "anonymous", "restricted", "private", "withheld", "unavailable", "asterisk"}
)
"""In the place of a number or a name, in small letters."""

_NUMBER = re.compile(r"\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What must be known of the office so that its calls come out the same without it."""

    country: str
    """How national numbers are read."""
    trunks: Trunks = dataclasses.field(default_factory=Trunks)
    """They become those that every replay knows."""
    closed: frozenset[str] = frozenset()
    """DIDs that are marked closed, as ``phone_numbers.dialled`` spells them."""
    closed_there: tuple[E164, ...] = ()
    """Those of the office by whose rules the trace will be replayed: they take the places of ``closed``."""


class Disguise:
    """Who is who in one run; what a PBX's messages look like is for those who derive from it."""

    def __init__(self, house: House, draw: random.Random, avoid: frozenset[str] = frozenset()) -> None:
        """No number in ``avoid`` stands for another."""
        self._trunks = house.trunks
        self.numbers = FictitiousNumbers(
            house.country,
            strip=tuple(prefix for trunk in house.trunks.each for prefix in trunk.strip),
            closed=house.closed,
            stand_ins=house.closed_there,
            avoid=avoid,
            draw=draw,
        )
        self.names: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        """By their names; what stands for those that do not stay."""

    def _person(self, text: str) -> str:
        """Somebody's number or name; who withheld the number has none here either."""
        if text.isascii() and text.casefold() in NOBODY:
            return text
        if phone_numbers.is_withheld(text):
            return "anonymous"
        return self._number(text) or self._name(text)

    def _number(self, text: str) -> str | None:
        """What stands for a number or an extension; None for what is neither."""
        bare = text.strip()
        return self.numbers.instead_of(bare) if _NUMBER.fullmatch(bare) else None

    def _name(self, text: str) -> str:
        """``n7``, or ``name007`` for what is longer than an extension, which counts in a snapshot."""
        if text not in self.names:
            self.names[text] = f"name{len(self.names) + 1:03}" if len(text) > 6 else f"n{len(self.names) + 1}"
        return self.names[text]
