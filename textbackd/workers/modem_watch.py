"""Asks a modem how it is, and raises and clears its alarms."""

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping

from textbackd.core import modem_health
from textbackd.core.alarms import AlarmKind
from textbackd.modem.modem import Modem, ModemStatus, ModemUnavailable
from textbackd.modem.port_errors import PinMissing, PinRefused, PukNeeded
from textbackd.store import alarms, modem_record
from textbackd.store.database import Database, StoreUnavailable
from textbackd.workers.bell import Bell

POLL, POLL_ILL = 60.0, 10.0
"""Seconds: an answer costs the modem a dozen commands, and little of this changes faster. One that says why it cannot
send is asked more often: as soon as it can, its numbers are its own again.
"""


_KINDS: Mapping[type[ModemUnavailable], AlarmKind] = {
    PinMissing: AlarmKind.SIM_PIN,
    PinRefused: AlarmKind.SIM_PIN,
    PukNeeded: AlarmKind.SIM_PUK,
}
"""What a person has to know at once, however short a while ago the modem was lost."""


class ModemWatch:
    """Watches one modem. That it does not answer at all is the receiver's to say, that its texts fail the sender's."""

    def __init__(self, modem: Modem, database: Database, utc_now: Callable[[], dt.datetime]) -> None:
        self.latest: ModemStatus | None = None
        """Its last answer; None while it gives none."""
        self._modem = modem
        self._database = database
        self._utc_now = utc_now

    async def run(self, bell: Bell, tick: Callable[[], None]) -> None:
        """Ask for ever; the bell: something has changed. ``tick`` says that this loop is not stuck."""
        while True:
            tick()
            with contextlib.suppress(
                ModemUnavailable, StoreUnavailable
            ):  # the receiver and the watch over the database say it
                await self.step()
            found = self.latest
            ill = found is not None and not (found.registration.registered and found.has_service_centre)
            await bell.wait(POLL_ILL if ill else POLL)

    async def step(self) -> None:
        """Ask once. Raises ModemUnavailable, StoreUnavailable."""
        try:
            found = self.latest = await self._modem.status()
        except ModemUnavailable as error:
            self.latest = None
            if (kind := _KINDS.get(type(error))) is not None:
                async with self._database.transaction() as tx:
                    await alarms.raise_(tx, kind, self._modem.name, str(error), self._utc_now())
            raise
        now, name = self._utc_now(), self._modem.name
        async with self._database.transaction() as tx:
            holds = modem_health.conditions(
                trouble="" if found.registration.registered else found.registration,
                has_service_centre=found.has_service_centre,
                store=found.store,
                full_percent=found.full_percent,
                unknown=await modem_record.count_unknown(tx, name, now),
                unreadable=found.unreadable,
            )
            for kind in (*modem_health.WATCHED, *_KINDS.values()):
                if kind in holds:
                    await alarms.raise_(tx, kind, name, holds[kind], now)
                else:
                    await alarms.clear(tx, kind, name, now)
