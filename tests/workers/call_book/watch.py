"""A watcher that is given events by hand, and a call book with a sender beside it."""

from tests.fake_ami import Message
from tests.workers.call_book.book import Book
from tests.workers.far_ends import ManualClock, rows
from textbackd.core.channel_events import ChannelEvent
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.trunks import Trunks
from textbackd.store.database import Database
from textbackd.workers.call_watcher import CallWatcher


class Watch:
    """A watcher that is given events by hand, and a sender beside it."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.book = Book(database, clock)
        self.watcher = CallWatcher("asterisk", database, lambda: self.book.policy, lambda: None)
        self._translator = AsteriskTranslator(Trunks())
        self._clock = clock

    async def see(self, *messages: Message) -> None:
        """Messages of an Asterisk, a second apart."""
        for message in messages:
            self._clock.move_on(1)
            await self.take(*self._translator.events(message, self._clock()))

    async def take(self, *events: ChannelEvent) -> None:
        """Channel events, all now."""
        for event in events:
            await self.watcher.take(event, self._clock())

    async def in_the_air(self) -> list[str]:
        """The calls that are noted as such."""
        return [live["call_id"] for live in await rows(self.book.database, "SELECT call_id FROM live_calls")]


def hang_up(uniqueid: str) -> Message:
    return {"Event": "Hangup", "Channel": "X", "Uniqueid": uniqueid, "Cause": "16"}
