"""textbackd as a witness of the lab: its real link, tracker and judge, without a database behind them."""

import asyncio
import datetime as dt
from pathlib import Path

from tests.builders import an_office
from tests.lab import office
from tests.lab.asterisk import LEAST_PRIVILEGE, SECRET, Asterisk
from tests.lab.changes import Changes
from textbackd import clock
from textbackd.core import channel_events as ev
from textbackd.core.call_records import EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.office import Business, Did, Mark
from textbackd.core.outcomes import Call, judge
from textbackd.core.policy import Policy
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.trace import Recorder

OFFICE = an_office(
    businesses=(Business(name="Hill Plumbing"), Business(name="Hill at night", hours="off")),
    dids=tuple(
        Did(number=site.did(did), **values)
        for site in office.SITES
        for dids, values in (
            (office.MARKED_CLOSED, {"marks": frozenset({Mark.CLOSED})}),
            (office.MARKED_INFORMATION, {"marks": frozenset({Mark.INFORMATION})}),
            (office.CLOSED_BY_THE_CLOCK, {"business": "Hill at night"}),
        )
        for did in dids
    ),
    closed_contexts=frozenset({"app-closed"}),
)
"""What a sysadmin would have told textbackd of the lab's office."""


class Witness:
    """Attached to one Asterisk with the least-privilege account; keeps the stream, and the calls that ended."""

    def __init__(self, asterisk: Asterisk, stream: Path) -> None:
        """`stream`: where the bytes are kept, as `textbackd trace record` would."""
        settings = AsteriskSettings(
            name="asterisk", host=asterisk.pbx, port=asterisk.ami_port, user=LEAST_PRIVILEGE, secret=SECRET
        )
        self.calls: list[Call] = []
        """in the order in which they ended"""
        self._recorder = Recorder(stream)
        self._source = AsteriskSource(settings, tap=lambda data: self._recorder.write(data, clock.utc_now()))
        self._tracker = CallTracker()
        self._attached = False
        self._changes = Changes()

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._source.run())
                both.create_task(self._fold())
        finally:
            self._recorder.close()

    async def attached(self, within: float = 10) -> None:
        """Until it knows what is up: calls that begin from now on are seen whole."""
        await self._changes.until(lambda: self._attached, lambda: "textbackd is not attached", within)

    def calls_to(self, site: office.Site, since: dt.datetime) -> list[Call]:
        """The ended calls to one branch that began after `since`, in the order in which they began."""
        calls = [call for call in self.calls if site.has(call.record.did) and call.record.started_at >= since]
        return sorted(calls, key=lambda call: call.record.started_at)

    async def until_ended(self, count: int, site: office.Site, since: dt.datetime, within: float = 10) -> None:
        """Until so many calls to that branch have ended."""
        await self._changes.until(
            lambda: len(self.calls_to(site, since)) >= count,
            lambda: f"{len(self.calls_to(site, since))} of {count} calls ended",
            within,
        )

    async def _fold(self) -> None:
        """As `workers.call_watcher` does."""
        while True:
            now, deadline = clock.utc_now(), self._tracker.next_deadline()
            try:
                async with asyncio.timeout(None if deadline is None else max((deadline - now).total_seconds(), 0)):
                    event = await self._source.events.get()
            except TimeoutError:
                ended = self._tracker.expire(clock.utc_now())
            else:
                ended = self._tracker.receive(event)
                self._attached = self._attached or isinstance(event, ev.SnapshotTaken)
            for record in ended:
                if isinstance(record, EndedCall):
                    self.calls.append(
                        judge(record, OFFICE, pbx="asterisk", minimum_talk=Policy(office=OFFICE).minimum_talk)
                    )
            self._changes.announce()
