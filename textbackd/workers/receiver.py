"""Modem to inbox: texts and delivery reports are on disk before the SIM loses them."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import structlog

from textbackd.core import notifications, opt_out, templates
from textbackd.core.opt_out import Wish
from textbackd.core.outgoing import MessageKind, report_event
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Consent, Policy
from textbackd.modem.modem import DeliveryReport, IncomingSms, Modem, ModemUnavailable
from textbackd.store import inbox, leads, opt_outs, outbox
from textbackd.store.database import Database, StoreUnavailable, Transaction
from textbackd.workers.bell import Bell

log = structlog.get_logger()

POLL = 10.0
"""Seconds: the modem's bell is a hint, this is the truth."""
MOST_ACKNOWLEDGEMENTS = 3
"""To one number in 24 hours: two automatic answerers must not talk to each other for ever."""


class Receiver:
    """Receives from one modem."""

    def __init__(
        self,
        modem: Modem,
        database: Database,
        policy: Policy,
        wrote: Callable[[], None],
        utc_now: Callable[[], dt.datetime],
    ) -> None:
        self._modem = modem
        self._database = database
        self._policy = policy
        self._wrote = wrote
        self._utc_now = utc_now
        self._reports: list[DeliveryReport] = []

    async def run(self, bell: Bell, report: Callable[[str | None], None], tick: Callable[[], None]) -> None:
        """Receive for ever. ``report`` hears of a modem that answers (None) or does not; ``tick``: not stuck."""
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
        received = await self._modem.receive()
        # The modem keeps no copy of them: they stay here until they are on disk.
        self._reports += received.reports
        self._reports = [report for report in self._reports if not await self._settled(report)]
        new = 0
        for message in received.messages:
            new += await self._take(message)
        if received.messages or received.reports:
            self._wrote()
        return new

    async def _take(self, message: IncomingSms) -> bool:
        """Keep one text, then delete it from the SIM. One that we cannot handle stays there and is logged."""
        try:
            # Half an emoji is no text that a file can hold.
            text = message.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            whole = dataclasses.replace(message, text=text)
            # First of all, before anything else reads the text: STOP, START, HELP.
            wish = opt_out.wish(text)
            async with self._database.transaction() as tx:
                row = await self._keep(tx, whole, wish, self._utc_now())
            if row is not None:
                log.info("text_received", inbox_id=row, sender=message.sender, wish=wish or "")
            await self._modem.delete(message)
        except (ModemUnavailable, StoreUnavailable):
            raise
        except Exception:
            log.exception("text_not_handled", sender=message.sender)
            return False
        return row is not None

    async def _keep(self, tx: Transaction, message: IncomingSms, wish: Wish | None, now: dt.datetime) -> int | None:
        """Its row; None where it was kept before."""
        number = self._policy.office.e164(message.sender)
        row = await inbox.add(
            tx,
            modem=self._modem.name,
            sender=message.sender,
            number=number,
            text=message.text,
            sent_at=message.sent_at,
            wish=wish,
            now=now,
        )
        if row is None or number is None:
            return row
        business = await outbox.last_business(tx, number) or self._policy.office.businesses[0].name
        if wish is not None:
            await self._grant(tx, wish, number, business, now)
        elif not self._policy.is_own(number):
            await self._into_thread(tx, row, number, business, message, now)
        return row

    async def _grant(self, tx: Transaction, wish: Wish, number: E164, business: str, now: dt.datetime) -> None:
        match wish:
            case Wish.STOP:
                if not await opt_outs.add(tx, number, Consent.OUT, "sms", now):
                    return  # once is enough
                await outbox.cancel_all_to(tx, number, now, "opted_out")
                answer = "opted_out"
            case Wish.START:
                await opt_outs.remove(tx, number)
                answer = "opted_in"
            case Wish.HELP:
                answer = "help"
        if await outbox.acknowledgements_since(tx, number, now - dt.timedelta(hours=24)) >= MOST_ACKNOWLEDGEMENTS:
            return
        phone = self._policy.office.business(business).phone
        draft = outbox.Draft(
            kind=MessageKind.ACKNOWLEDGEMENT,
            business=business,
            to=number,
            text=templates.service_text(answer, business, phone),
            about=number,
            since=now,
            not_before=now,
            template=answer,
        )
        await outbox.enqueue(tx, draft, now)

    async def _into_thread(
        self, tx: Transaction, row: int, number: E164, business: str, message: IncomingSms, now: dt.datetime
    ) -> None:
        lead = await leads.for_text(tx, business, number, now)
        await inbox.put_into_lead(tx, row, lead.id)
        office = self._policy.office
        text = notifications.reply(
            lead_id=lead.id,
            at=now.astimezone(office.time_zone),
            label=lead.did_label,
            words=message.text,
            number=number,
        )
        for owner in office.business(lead.business).owners:
            draft = outbox.Draft(
                kind=MessageKind.OWNER,
                business=lead.business,
                to=owner,
                text=text,
                about=number,
                since=now,
                not_before=now,
                template=outbox.OF_A_REPLY,
                lead_id=lead.id,
            )
            await outbox.enqueue(tx, draft, now)

    async def _settled(self, report: DeliveryReport) -> bool:
        """Book a report; False: it came before its text's reference was written down, and is to be shown again."""
        event = report_event(report.status)
        number = self._policy.office.e164(report.number)
        if event is None or number is None:
            return True
        now = self._utc_now()
        async with self._database.transaction() as tx:
            message_id = await outbox.match_report(tx, number, report.message_reference, self._modem.name, now)
            if message_id is not None:
                await outbox.change(tx, message_id, event, now, f"TP-ST {report.status}")
            elif await outbox.is_sending(tx, number, self._modem.name):
                return False
        log.info("report_received", message_id=message_id, status=report.status)
        return True
