"""A text of several parts as far as it has come, and whether one has all that another has.

Its parts come in any order, some late, some never, some again after the SIM has lost the others. What they have in
common, a number of eight bits, comes again too; so the words decide what belongs together.
"""

import dataclasses
import datetime as dt
import re

from textbackd.core.sms_text import GSM7_EXTENSION

PARTS_WITHIN = dt.timedelta(hours=1)
"""Parts that were sent further apart are of two texts with the same reference: after 256 texts it comes again."""

_SPOILT = "\ufffd"
"""Half an emoji, where its other half lies in a part that is missing."""
_BETWEEN = "\0"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class JoinedText:
    """What there is of a text."""

    pieces: tuple[str, ...]
    """Its words, cut where parts are missing; the first or last is empty where the gap is at the beginning or end."""
    missing: frozenset[int] = frozenset()
    """The numbers of the parts that have not come."""


def has_all_of(one: JoinedText, other: JoinedText) -> bool:
    """Whether every part that ``other`` has is in ``one``, with the same words."""
    if not one.missing <= other.missing:
        return False
    words, at = _BETWEEN.join(one.pieces), 0
    for number, piece in enumerate(other.pieces):
        # The first place is the best one: it leaves the most to the pieces behind it.
        found = _pattern(piece, behind_a_gap=number > 0).search(words, at)
        if found is None:
            return False
        at = found.end()
    return True


def _pattern(piece: str, *, behind_a_gap: bool) -> re.Pattern[str]:
    """The words of a piece as they may look when the parts beside it are there."""
    characters = ["." if character == _SPOILT else re.escape(character) for character in piece]
    if behind_a_gap and characters:
        # Its escape character may be the last of the part before.
        characters[0] = f"(?:{characters[0]}|[{re.escape(GSM7_EXTENSION)}])"
    return re.compile("".join(characters), re.DOTALL)
