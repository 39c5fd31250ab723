"""Where calls begin on a PBX: what ``check`` tells, so that a sysadmin finds the contexts and trunks to name."""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from textbackd import clock
from textbackd.core.channel_events import ChannelAppeared, ChannelEvent, ChannelKind
from textbackd.pbx import ami_stream, asterisk_probe, freeswitch_probe
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.asterisk_hearing import Hearing
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.store import entrances
from textbackd.store.database import Transaction, moment


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Calls that began in one dialplan context on one line."""

    context: str
    line: str
    """Endpoint: of a trunk, or a phone's."""
    inbound: bool
    """Taken for calls from outside."""
    calls: int
    last_at: dt.datetime

    @property
    def looks_like_a_trunk(self) -> bool:
        """A phone's endpoint is its extension most often, and FreePBX lets phones in by from-internal."""
        return not self.inbound and not self.line.isdigit() and not self.context.startswith("from-internal")

    def told(self, zone: dt.tzinfo) -> str:
        """One line for people."""
        what = "from outside" if self.inbound else "the office's own"
        if self.looks_like_a_trunk:
            what += "; if this is a trunk, name its context or its endpoint in pbx[].trunks"
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        last = self.last_at.astimezone(zone)
        return f"context {self.context}, endpoint {self.line}: {calls}, the last {last:%Y-%m-%d %H:%M}: {what}"


async def on_record(tx: Transaction, pbx: str) -> Sequence[Entrance]:
    """What the daemon has seen so far."""
    return [
        Entrance(
            context=row["context"],
            line=row["line"],
            inbound=bool(row["inbound"]),
            calls=row["calls"],
            last_at=moment(row["last_at"]),
        )
        for row in await entrances.of_pbx(tx, pbx)
    ]


async def heard(
    settings: AsteriskSettings, seconds: float, begun: Callable[[], None]
) -> tuple[Sequence[Entrance], Hearing]:
    """What begins on a PBX in the ``seconds`` from ``begun`` on, and what it keeps from us.

    Raises PbxUnavailable or LoginRefused.
    """
    translator, hearing, seen = AsteriskTranslator(settings.trunks), Hearing(), _Seen()

    def take_in(message: ami_stream.Message) -> None:
        hearing.take_in(message)
        seen.count(translator.events(message, clock.utc_now()))

    await asterisk_probe.listen(settings, seconds, take_in, begun=begun)
    return seen.entrances(), hearing


async def heard_of_freeswitch(
    settings: FreeSwitchSettings, seconds: float, begun: Callable[[], None]
) -> Sequence[Entrance]:
    """What begins on a PBX in the ``seconds`` from ``begun`` on. Raises PbxUnavailable or LoginRefused."""
    translator, seen = FreeSwitchTranslator(settings.trunks, did_from=settings.did_from), _Seen()

    def take_in(event: Event) -> None:
        seen.count(translator.events(event, clock.utc_now()))

    await freeswitch_probe.listen(settings, seconds, take_in, begun=begun)
    return seen.entrances()


class _Seen:
    """The calls that began while somebody listened."""

    def __init__(self) -> None:
        self._calls: collections.Counter[tuple[str, str, bool]] = collections.Counter()

    def count(self, events: Iterable[ChannelEvent]) -> None:
        """Look for calls that begin."""
        for event in events:
            if isinstance(event, ChannelAppeared) and event.begins_call and not event.from_middle:
                self._calls[event.context, event.line, event.kind is ChannelKind.INBOUND] += 1

    def entrances(self) -> Sequence[Entrance]:
        """Where they did, calls from outside first."""
        return [
            Entrance(context=context, line=line, inbound=inbound, calls=count, last_at=clock.utc_now())
            for (context, line, inbound), count in sorted(
                self._calls.items(), key=lambda found: (not found[0][2], -found[1])
            )
        ]
