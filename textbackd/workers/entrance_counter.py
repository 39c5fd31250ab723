"""Counts where calls begin, and writes it down now and then: a busy office has a call every few seconds."""

import datetime as dt

from textbackd.core.channel_events import ChannelAppeared, ChannelKind
from textbackd.store import entrances
from textbackd.store.database import Transaction

EVERY = dt.timedelta(minutes=1)
MOST = 200
"""Entrances of one PBX; whatever makes up more of them is no dialplan."""

Entrance = tuple[str, str, bool]
"""Context, line, inbound."""


class EntranceCounter:
    """The entrances of one PBX. What was counted since the last writing is lost with the process."""

    def __init__(self, pbx: str) -> None:
        self._pbx = pbx
        self._known: set[Entrance] = set()
        self._new: dict[Entrance, tuple[int, dt.datetime]] = {}
        self._due: dt.datetime | None = None

    def count(self, event: ChannelAppeared) -> None:
        """Count a call that begins."""
        entrance = event.context, event.line, event.kind is ChannelKind.INBOUND
        if not event.begins_call or (entrance not in self._known and len(self._known) >= MOST):
            return
        calls, _ = self._new.get(entrance, (0, event.at))
        self._new[entrance] = calls + 1, event.at
        at_once = entrance not in self._known
        self._known.add(entrance)
        self._due = event.at if at_once else self._due or event.at + EVERY

    def is_due(self, now: dt.datetime) -> bool:
        """Whether there is something to write."""
        return self._due is not None and self._due <= now

    async def write(self, tx: Transaction) -> None:
        """Add what was counted to what is on record."""
        for (context, line, inbound), (calls, last_at) in self._new.items():
            await entrances.count(tx, self._pbx, context, line, calls, last_at, inbound=inbound)

    def written(self) -> None:
        """It is committed."""
        self._new, self._due = {}, None
