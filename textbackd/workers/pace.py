"""How fast a modem may send: carriers take a SIM that sends like a machine for one."""

import datetime as dt

from textbackd.store import outbox_parts
from textbackd.store.database import Transaction

WINDOW = dt.timedelta(minutes=1)


class Pace:
    """At most ``per_minute`` parts in any minute, over restarts too; None: as fast as it can."""

    def __init__(self, modem: str, per_minute: int | None) -> None:
        self._modem = modem
        self._per_minute = per_minute

    async def wait(self, tx: Transaction, now: dt.datetime) -> float:
        """Seconds until the next text may begin; 0: now. One that has begun finishes all its parts."""
        if self._per_minute is None:
            return 0.0
        # A clock that was set back must not silence the modem.
        times = [at for at in await outbox_parts.submitted_since(tx, self._modem, now - WINDOW) if at <= now]
        if len(times) < self._per_minute:
            return 0.0
        return (times[-self._per_minute] + WINDOW - now).total_seconds()
