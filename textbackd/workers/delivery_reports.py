"""What the network says became of the texts that it took."""

import dataclasses
import datetime as dt

from textbackd.core.message_parts import after_a_report
from textbackd.core.outgoing import MessageEvent, report_event
from textbackd.core.policy import Policy
from textbackd.modem.modem import DeliveryReport
from textbackd.store import outbox, outbox_parts
from textbackd.store.database import Transaction


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What became of a report."""

    done: bool = True
    """False: it came before its part's reference was written down, and is to be shown again."""
    message_id: int | None = None
    """The text that it is about."""


async def book(tx: Transaction, report: DeliveryReport, policy: Policy, modem: str, now: dt.datetime) -> Booked:
    """Find the part that a report is about, and write down what it says."""
    event = report_event(report.status)
    number = policy.office.e164(report.number)
    if event is None or number is None:
        return Booked()
    found = await outbox_parts.match_report(tx, number, report.message_reference, modem, now)
    if found is None:
        return Booked(done=not await outbox_parts.is_submitting(tx, number, modem))
    await _settle(tx, *found, event, report, now)
    return Booked(message_id=found[0])


async def _settle(
    tx: Transaction, message_id: int, part: int, event: MessageEvent, report: DeliveryReport, now: dt.datetime
) -> None:
    """What a report says of a part, and with it perhaps of its text."""
    detail = f"TP-ST {report.status}"
    delivered = event is MessageEvent.REPORTED_DELIVERED
    await outbox_parts.reported(tx, message_id, part, report.message_reference, delivered=delivered, why=detail)
    whole = after_a_report(await outbox_parts.states(tx, message_id))
    if whole is not None and await outbox.may(tx, message_id, whole):
        await outbox.change(tx, message_id, whole, now, detail)
