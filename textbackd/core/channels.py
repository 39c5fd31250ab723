"""What the tracker remembers of one channel, and of the channels that the PBX links together."""

import dataclasses
import datetime as dt

from textbackd.core.call_in_the_air import CallInTheAir
from textbackd.core.call_records import OutsideCall, Party
from textbackd.core.channel_events import ChannelKind, DialResult
from textbackd.core.presence import Presence


@dataclasses.dataclass(slots=True, eq=False)
class Channel:
    """One channel that is up."""

    id: str
    kind: ChannelKind
    group: str
    number: str
    name: str
    since: dt.datetime
    dialled: bool = False
    """It was rung; told as a step when it goes, since the cause of the hang-up may say more than the dialling."""
    dialled_by: str = ""
    rang: bool = False
    up: bool = False
    asked: bool = False
    """The PBX put a question to whoever is there: whether to take the call."""
    result: DialResult | None = None
    last_bridge: str = ""
    """The one that it was told to join last."""
    company: Presence = dataclasses.field(default_factory=Presence)
    """OUTSIDE: who of ours is on the line with it, while no caller from outside is."""

    @property
    def party(self) -> Party:
        """Who is there."""
        return Party(number=self.number, name=self.name, outside=self.kind is ChannelKind.OUTSIDE)

    def outside_call(self, at: dt.datetime) -> OutsideCall | None:
        """The call that it was, over at ``at``; None where nobody of ours was on the line with a number outside."""
        if not self.number or self.company.first_at is None:
            return None
        return OutsideCall(
            channel=self.id,
            number=self.number,
            by=tuple(self.company.parties()),
            started_at=self.since,
            answered_at=self.company.first_at,
            ended_at=at,
            talk_seconds=self.company.seconds,
        )

    def ended_with(self, cause: DialResult | None) -> DialResult:
        """How it ended; ``cause``: what the hang-up says.

        Asterisk calls a phone that declines or is switched to do-not-disturb *not answered*; the cause of the hang-up
        knows better. A phone that had rung and then was unavailable was simply not answered: that is how a mobile
        network says that nobody took it.
        """
        if self.result in (DialResult.ANSWERED, DialResult.CANCELLED, DialResult.FORWARDED):
            return self.result
        if cause is DialResult.UNAVAILABLE and self.rang:
            return DialResult.NO_ANSWER
        return cause or self.result or DialResult.CANCELLED


@dataclasses.dataclass(slots=True, eq=False)
class Group:
    """What the PBX links together, and the calls that are or were in it."""

    id: str
    channels: set[str] = dataclasses.field(default_factory=set)
    calls: list[CallInTheAir] = dataclasses.field(default_factory=list)
