"""Who is never texted, whatever the call: family, crew, suppliers, alarm diallers."""

import dataclasses
import re
from collections.abc import Iterable, Mapping

from textbackd.core import phone_numbers, written_numbers
from textbackd.core.contacts import one_line
from textbackd.core.phone_numbers import E164

WITHOUT_LEADS = frozenset({"family", "crew", "machine", "spam", "blocked"})
"""The labels of those whom nobody need call back."""
LABELS = WITHOUT_LEADS | {"supplier", "vip"}
"""The usual ones; any other is as good, and its callers make leads."""


CONFIGURATION, HAND = "configuration", "hand"
"""The source of what stands in the file, and of what somebody typed."""
_BETWEEN_DIGITS = re.compile(r"[ ().\-/]")
_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Somebody who is never texted; one of ``number``, ``prefix`` and ``name`` is set."""

    label: str
    """One of ``LABELS``, or any other, as ``plain_label`` spells it."""
    number: E164 | None = None
    prefix: str | None = None
    """Of the E.164 number, such as ``+4416329``."""
    name: str | None = None
    """The caller name that the PBX shows, without regard to case."""
    source: str = CONFIGURATION
    """Who excluded it: ``CONFIGURATION``, ``HAND``, or the name of the file that it was imported from."""


def plain_label(written: str) -> str:
    """A label as it is compared: on one line, in small letters."""
    return one_line(written).casefold()


def plain_prefix(written: str) -> str | None:
    """``+44 1632-96`` or ``0044 1632 96`` as it begins E.164 numbers; None: no number begins so, since there
    is no country's code, or behind it the 0 that is dialled without that code only.
    """
    plain = _BETWEEN_DIGITS.sub("", written_numbers.plain(written))
    plain = f"+{plain[2:]}" if plain.startswith("00") else plain
    return plain if _PREFIX.fullmatch(plain) and not phone_numbers.has_trunk_zero(plain) else None


def nearest(entries: Iterable[Exclusion]) -> Exclusion | None:
    """Of those that cover somebody the one that decides: the number itself, else the longest prefix, else the name; of
    equals the first.
    """
    return max(entries, key=lambda entry: (entry.number is not None, len(entry.prefix or "")), default=None)


class Exclusions:
    """Many of them, found as fast as one."""

    def __init__(self, entries: Iterable[Exclusion] = ()) -> None:
        self.entries = tuple(entries)
        # Of two for the same the first counts.
        self._numbers: Mapping[str, Exclusion] = {e.number: e for e in reversed(self.entries) if e.number}
        self._prefixes: Mapping[str, Exclusion] = {e.prefix: e for e in reversed(self.entries) if e.prefix}
        self._lengths = sorted({len(prefix) for prefix in self._prefixes}, reverse=True)
        self._names: Mapping[str, Exclusion] = {e.name.casefold(): e for e in reversed(self.entries) if e.name}

    def covering(self, number: str | None, name: str, other: Exclusion | None = None) -> Exclusion | None:
        """What decides about a number, or a caller's name: the nearest of these and of what an ``other`` list has; of
        two as near, that of these. Without a number the name decides. ``number`` may be the beginning of some.
        """
        found = self._covering(number, name)
        return nearest((found, other)) if found and other else found or other

    def _covering(self, number: str | None, name: str) -> Exclusion | None:
        if number:
            if entry := self._numbers.get(number):
                return entry
            for length in self._lengths:
                if entry := self._prefixes.get(number[:length]):
                    return entry
        return self._names.get(name.casefold()) if name else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exclusions) and self.entries == other.entries

    def __hash__(self) -> int:
        return hash(self.entries)

    def __repr__(self) -> str:
        return f"Exclusions({len(self.entries)})"
