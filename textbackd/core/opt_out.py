"""STOP, START and HELP: what a reply says about further texts.

Exact words. STOP works in every language; the other words of other languages are common words elsewhere, and wait for
a setting that names the caller's languages. ``START`` alone opts in again, since ``YES`` is a natural answer to our
own question. Words that only contain one of them are for a person to judge.
"""

import enum
import re
import unicodedata


class Wish(enum.StrEnum):
    """What the sender wants of texts in general."""

    STOP = "stop"
    START = "start"
    HELP = "help"


STOP_WORDS = frozenset(
    {
        "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "remove",
        "td",
    }
)  # fmt: skip
"""Small letters, without punctuation."""
_START = frozenset({"start", "unstop"})
_HELP = frozenset({"help", "info"})


def wish(text: str) -> Wish | None:
    """What an incoming text asks, if it is one of the exact words; case, accents and punctuation do not count."""
    words = _folded(text)
    if words in STOP_WORDS:
        return Wish.STOP
    if words in _START:
        return Wish.START
    return Wish.HELP if words in _HELP else None


def _folded(text: str) -> str:
    without_accents = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", without_accents.casefold()).split())
