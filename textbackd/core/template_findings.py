"""What may be said about a text before a caller gets it."""

import dataclasses
import enum
from collections.abc import Sequence


class Severity(enum.StrEnum):
    """What comes of it."""

    ERROR = "error"
    """The configuration is not taken."""
    WARNING = "warning"
    """The text is never sent, or not always, or not as it was meant; another goes out in its place."""
    NOTE = "note"
    """Advice."""


class Code(enum.StrEnum):
    """What kind of thing was found."""

    UNKNOWN_FIELD = "unknown_field"
    EMPTY_FIELD = "empty_field"
    BRACE = "brace"
    """One that belongs to no field."""
    PARTS = "parts"
    """More than it may have, whatever its fields hold."""
    OVERFLOW = "overflow"
    """More than it may have, when some of its fields hold their longest."""
    ENCODING = "encoding"
    """A character that takes the text to UCS-2."""
    FOLDED = "folded"
    """A letter or a name that goes out as another."""
    NO_BUSINESS = "no_business"
    NO_OPT_OUT = "no_opt_out"
    NO_EMERGENCY_NUMBER = "no_emergency_number"
    LINK = "link"
    CAPITALS = "capitals"
    EXCLAMATION = "exclamation"
    OFFER = "offer"
    NAME_TOO_LONG = "name_too_long"
    """For a shipped text; another goes out in its place."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one text."""

    code: Code
    message: str
    severity: Severity = Severity.NOTE


def listed(words: Sequence[str]) -> str:
    """The first five, each once, in quotes."""
    return ", ".join(map(repr, list(dict.fromkeys(words))[:5]))
