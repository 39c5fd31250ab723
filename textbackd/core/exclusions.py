"""Who is never texted, whatever the call: family, crew, suppliers, alarm diallers."""

import dataclasses
from collections.abc import Iterable, Mapping

from textbackd.core.phone_numbers import E164

WITHOUT_LEADS = frozenset({"family", "crew", "machine", "spam", "blocked"})
"""The labels of those whom nobody need call back."""
LABELS = WITHOUT_LEADS | {"supplier", "vip"}
"""The usual ones; any other is as good, and its callers make leads."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Somebody who is never texted; one of ``number``, ``prefix`` and ``name`` is set."""

    label: str
    """One of ``LABELS``, or any other, in small letters."""
    number: E164 | None = None
    prefix: str | None = None
    """Of the E.164 number, such as ``+4416329``."""
    name: str | None = None
    """The caller name that the PBX shows, without regard to case."""


class Exclusions:
    """Many of them, found as fast as one: by the number, then by its longest prefix, then by the name."""

    def __init__(self, entries: Iterable[Exclusion] = ()) -> None:
        self.entries = tuple(entries)
        # Of two for the same the first counts.
        self._numbers: Mapping[str, str] = {e.number: e.label for e in reversed(self.entries) if e.number}
        self._prefixes: Mapping[str, str] = {e.prefix: e.label for e in reversed(self.entries) if e.prefix}
        self._lengths = sorted({len(prefix) for prefix in self._prefixes}, reverse=True)
        self._names: Mapping[str, str] = {e.name.casefold(): e.label for e in reversed(self.entries) if e.name}

    def label_of(self, number: E164 | None, name: str) -> str:
        """The label under which a number or a caller's name is excluded, or an empty string. Without a number the name
        decides.
        """
        if number:
            if label := self._numbers.get(number):
                return label
            for length in self._lengths:
                if label := self._prefixes.get(number[:length]):
                    return label
        return self._names.get(name.casefold(), "") if name else ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exclusions) and self.entries == other.entries

    def __hash__(self) -> int:
        return hash(self.entries)

    def __repr__(self) -> str:
        return f"Exclusions({len(self.entries)})"
