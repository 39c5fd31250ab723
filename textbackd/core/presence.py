"""Who is there, and how long: on the line with a caller, or being rung."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from textbackd.core.call_records import Party


@dataclasses.dataclass(slots=True)
class _Visits:
    """One party's, by whatever channels."""

    party: Party
    length: dt.timedelta = dt.timedelta()
    channels: int = 0
    since: dt.datetime | None = None


class Presence:
    """How long each of several parties was there, and how long at least one was.

    A number that is there by two channels (a desk phone and a softphone) is there once.
    """

    def __init__(self) -> None:
        self.first_at: dt.datetime | None = None
        """When the first party came."""
        self._since: dt.datetime | None = None
        self._any = dt.timedelta()
        self._here: dict[str, _Visits] = {}
        self._all: dict[str, _Visits] = {}

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
        visits = self._here[channel] = self._all.setdefault(party.number, _Visits(party))
        if not visits.channels:
            visits.since = at
        visits.channels += 1

    def go(self, channel: str, at: dt.datetime) -> None:
        """A party is there no longer; it having gone already changes nothing."""
        visits = self._here.pop(channel, None)
        if visits is None:
            return
        visits.channels -= 1
        if not visits.channels:
            visits.length += between(visits.since, at)
        if not self._here:
            self._any += between(self._since, at)

    def only(self, parties: Mapping[str, Party], at: dt.datetime) -> None:
        """Exactly these (channel -> party) are there now."""
        for channel, party in parties.items():
            self.come(channel, party, at)
        for channel in self.here - parties.keys():
            self.go(channel, at)

    @property
    def seconds(self) -> float:
        """In which at least one party was there, as far as they have gone."""
        return seconds(self._any)

    def parties(self) -> Sequence[Party]:
        """Everybody who was there, in the order in which they came, each once with the time of all visits."""
        return [dataclasses.replace(visits.party, seconds=seconds(visits.length)) for visits in self._all.values()]


def between(start: dt.datetime | None, end: dt.datetime) -> dt.timedelta:
    """How long that is; nothing where the clock was set back meanwhile."""
    return max(end - (start or end), dt.timedelta())


def seconds(length: dt.timedelta) -> float:
    """To a tenth; a clock that was set back makes no negative time."""
    return round(max(length.total_seconds(), 0.0), 1)
