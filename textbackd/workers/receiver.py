"""Modem to database: what came in is on disk before the SIM loses it, and one odd message keeps no other waiting.

What lies on no SIM, or has to leave a full one before it is whole, lies on the shelf: octets in the database, which the
modem joins with what it has.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import TypeVar

import structlog

from textbackd.core.policy import PolicyNow
from textbackd.modem.modem import (
    DeliveryReport,
    IncomingCall,
    IncomingSms,
    Modem,
    ModemUnavailable,
    Received,
    Stored,
    UnreadMessage,
)
from textbackd.store import shelf
from textbackd.store.database import Database, StoreUnavailable, Transaction
from textbackd.store.shelf import Shelved
from textbackd.workers import calls_to_sims, delivery_reports, incoming_texts, unread_messages
from textbackd.workers.bell import Bell
from textbackd.workers.delivery_reports import Booked

log = structlog.get_logger()

T = TypeVar("T")

POLL = 10.0
"""Seconds: the modem's bell is a hint, this is the truth."""


class Receiver:
    """Receives from one modem."""

    def __init__(
        self,
        modem: Modem,
        database: Database,
        policy: PolicyNow,
        wrote: Callable[[], None],
        utc_now: Callable[[], dt.datetime],
    ) -> None:
        self._modem = modem
        self._database = database
        self._policy = policy
        self._wrote = wrote
        self._utc_now = utc_now
        # The modem keeps no copy of these: they stay here until they are on disk.
        self._reports: list[DeliveryReport] = []
        self._calls: list[tuple[IncomingCall, dt.datetime]] = []
        self._first_seen: dict[str, dt.datetime] = {}
        """Of each place whose message waits for its other parts, or to be read at all, or has no time of its own."""
        self._odd: set[object] = set()
        """What lies on the SIM, could not be handled, and was said once."""
        self._said_to_divert = False
        self._tick: Callable[[], None] = lambda: None
        self._unreadable = ""
        """Which stores could not be read at the last look, and why."""

    async def run(self, bell: Bell, report: Callable[[str | None], None], tick: Callable[[], None]) -> None:
        """Receive for ever. ``report`` hears of a modem that answers (None) or does not; ``tick``: not stuck."""
        self._tick = tick
        while True:
            tick()
            try:
                await self.step()
                report(None)
            except ModemUnavailable as error:
                report(str(error))
            except StoreUnavailable:
                pass  # the watch over the database says it
            await bell.wait(POLL)

    async def step(self) -> int:
        """Look at the modem once: how many new texts there were. Raises ModemUnavailable, StoreUnavailable."""
        await self._shelve_pushed()
        async with self._database.reading() as tx:
            shelved = {f"shelf:{one.id}": one for one in await shelf.of_modem(tx, self._modem.name)}
        received = await self._modem.receive([Stored(place=place, pdu=one.pdu) for place, one in shelved.items()])
        self._tick()
        now = self._utc_now()
        self._reports += received.reports
        self._calls += [(call, now) for call in received.calls]
        self._note_unreadable(received.unreadable)
        self._note_first_seen(received, shelved, now)
        self._odd.intersection_update((*received.messages, *received.unread))
        for report in list(self._reports):
            if await self._take_report(report, now):
                self._reports.remove(report)
        for call, called_at in list(self._calls):
            await self._take_call(call, called_at)
        new = 0
        done = [place for place, report in received.stored_reports if await self._take_report(report, now)]
        waiting: list[str] = []
        for message in received.messages:
            taken = await self._take_text(message, now)
            new += taken.new
            if taken.done:
                done += message.places
            elif message.missing:
                waiting += message.places
        for unread in received.unread:
            if await self._take_unread(unread, now):
                done.append(unread.place)
        await self._delete(done, shelved)
        await self._make_room([place for place in waiting if place in received.crowded], received.crowded)
        return new

    async def _shelve_pushed(self) -> None:
        """Put on disk what the modem did not store, and whether or not it still answers."""
        while self._modem.pushed:
            async with self._database.transaction() as tx:
                await shelf.put(tx, self._modem.name, self._modem.pushed[0], self._utc_now())
            self._modem.pushed.popleft()

    async def _delete(self, places: Sequence[str], shelved: Mapping[str, Shelved]) -> None:
        """Empty these places, of the SIM and of the shelf."""
        if on_sim := [place for place in places if place not in shelved]:
            self._tick()
            await self._modem.delete(on_sim)
        if len(on_sim) < len(places):
            async with self._database.transaction() as tx:
                await shelf.take_off(tx, [shelved[place].id for place in places if place in shelved])
        for place in places:
            self._first_seen.pop(place, None)

    async def _make_room(self, places: Sequence[str], pdus: Mapping[str, bytes]) -> None:
        """Shelve parts that wait for others: their store is nearly full, and the others would find no room in it."""
        if places:
            async with self._database.transaction() as tx:
                for place in places:
                    await shelf.put(tx, self._modem.name, pdus[place], self._first_seen[place])
            log.info("parts_shelved", modem=self._modem.name, places=places)
            self._tick()
            await self._modem.delete(places)

    async def _take_report(self, report: DeliveryReport, now: dt.datetime) -> bool:
        """Whether it is on record, or never will be."""
        booked = await self._attempt(
            report, lambda tx: delivery_reports.book(tx, report, self._policy(), self._modem.name, now), Booked()
        )
        if booked.done:
            log.info("report_received", message_id=booked.message_id, status=report.status, why_not=booked.why_not)
            self._wrote()
        return booked.done

    async def _take_call(self, call: IncomingCall, called_at: dt.datetime) -> None:
        name = self._modem.name
        lead_id = await self._attempt(
            call, lambda tx: calls_to_sims.take(tx, call, self._policy(), name, called_at), None
        )
        self._calls.remove((call, called_at))
        log.info("sim_called", modem=name, caller=call.number, lead_id=lead_id)
        if not self._said_to_divert:
            self._said_to_divert = True
            log.warning("sim_takes_calls", modem=name, hint="divert the calls of its SIM to one of your DIDs")
        self._wrote()

    async def _take_text(self, message: IncomingSms, now: dt.datetime) -> incoming_texts.Taken:
        seen_at = min((self._first_seen.get(place, now) for place in message.places), default=now)
        taken = await self._attempt(
            message,
            lambda tx: incoming_texts.take(tx, message, self._policy(), self._modem.name, seen_at, now),
            incoming_texts.Taken(done=False),
        )
        if taken.new or taken.grown:
            log.info(
                "text_received" if taken.new else "text_grew",
                inbox_id=taken.inbox_id,
                sender=message.sender,
                wish=taken.wish or "",
                missing=list(message.missing),
            )
            self._wrote()
        return taken

    async def _take_unread(self, unread: UnreadMessage, now: dt.datetime) -> bool:
        seen_at = self._first_seen.get(unread.place, now)
        taken = await self._attempt(
            unread,
            lambda tx: unread_messages.take(tx, unread, self._policy(), self._modem.name, seen_at, now),
            unread_messages.Taken(done=False),
        )
        if taken.unread_id is not None:
            log.info("unread_message_kept", unread_id=taken.unread_id, kind=unread.kind, octets=len(unread.pdu))
            self._wrote()
        return taken.done

    async def _attempt(self, item: Hashable, take: Callable[[Transaction], Awaitable[T]], failed: T) -> T:
        """Handle one thing that came in, in a transaction of its own; ``failed`` where that cannot be done.

        What lies on the SIM stays there for a textbackd that can, is tried at every look, and said once.
        """
        try:
            async with self._database.transaction() as tx:
                return await take(tx)
        except StoreUnavailable:
            raise
        except Exception:
            if item not in self._odd:
                self._odd.add(item)
                log.exception("message_not_handled", modem=self._modem.name, kind=type(item).__name__)
            return failed

    def _note_unreadable(self, unreadable: str) -> None:
        if unreadable and not self._unreadable:
            log.warning("texts_unreadable", modem=self._modem.name, error=unreadable)
        elif self._unreadable and not unreadable:
            log.info("texts_readable", modem=self._modem.name)
        self._unreadable = unreadable

    def _note_first_seen(self, received: Received, shelved: Mapping[str, Shelved], now: dt.datetime) -> None:
        messages = [message for message in received.messages if message.missing or message.sent_at is None]
        waiting = [place for message in messages for place in message.places]
        unreadable = [unread.place for unread in received.unread if not unread.pdu]
        if news := [place for place in unreadable if place not in self._first_seen]:
            log.warning("messages_unreadable", modem=self._modem.name, places=news)
        known = self._first_seen | {place: one.seen_at for place, one in shelved.items()}
        seen = {place: known.get(place, now) for place in (*waiting, *unreadable)}
        # What lies in a store that cannot be read just now goes on waiting.
        self._first_seen = self._first_seen | seen if received.unreadable else seen
