"""Who is there, and how long: on the line with a caller, or being rung."""

import datetime as dt
from collections.abc import Mapping, Sequence

from textbackd.core.call_records import Party


class Presence:
    """How long each of several parties was there, and how long at least one was."""

    def __init__(self) -> None:
        self.first_at: dt.datetime | None = None
        """When the first party came."""
        self._since: dt.datetime | None = None
        self._any = dt.timedelta()
        self._here: dict[str, tuple[Party, dt.datetime]] = {}
        self._all: dict[str, tuple[Party, dt.timedelta]] = {}

    @property
    def here(self) -> frozenset[str]:
        """The channels of those who are there now."""
        return frozenset(self._here)

    def come(self, channel: str, party: Party, at: dt.datetime) -> None:
        """A party is there from now on; it being there already changes nothing."""
        if channel in self._here:
            return
        if not self._here:
            self._since = at
            self.first_at = self.first_at or at
        self._here[channel] = party, at
        self._all.setdefault(party.number, (party, dt.timedelta()))

    def go(self, channel: str, at: dt.datetime) -> None:
        """A party is there no longer; it having gone already changes nothing."""
        if channel not in self._here:
            return
        party, since = self._here.pop(channel)
        known, length = self._all[party.number]
        self._all[party.number] = known, length + (at - since)
        if not self._here and self._since is not None:
            self._any += at - self._since

    def only(self, parties: Mapping[str, Party], at: dt.datetime) -> None:
        """Exactly these (channel -> party) are there now."""
        for channel in self.here - parties.keys():
            self.go(channel, at)
        for channel, party in parties.items():
            self.come(channel, party, at)

    @property
    def seconds(self) -> float:
        """In which at least one party was there, as far as they have gone."""
        return seconds(self._any)

    def parties(self) -> Sequence[Party]:
        """Everybody who was there, in the order in which they came, each once with the time of all visits."""
        return [
            Party(number=party.number, name=party.name, outside=party.outside, seconds=seconds(length))
            for party, length in self._all.values()
        ]


def seconds(length: dt.timedelta) -> float:
    """To a tenth; a clock that was set back makes no negative time."""
    return round(max(length.total_seconds(), 0.0), 1)
