"""What the network says became of the texts that it took."""

import dataclasses
import datetime as dt

from textbackd.core.message_parts import after_a_report
from textbackd.core.outgoing import MessageEvent, report_event, says_never
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.core.reported_part import Candidate, Nobodys, whose
from textbackd.modem.modem import DeliveryReport
from textbackd.store import kept_reports, outbox, outbox_parts
from textbackd.store.database import Transaction
from textbackd.workers import learning


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What became of a report."""

    done: bool = True
    """False: it came before its part's reference was written down, and is to be shown again."""
    message_id: int | None = None
    """The text that it is about."""
    why_not: str = ""
    """Why it is booked on no text, where one was looked for."""


async def book(tx: Transaction, report: DeliveryReport, policy: Policy, modem: str, now: dt.datetime) -> Booked:
    """Find the part that a report is about, and write down what it says."""
    number = policy.office.e164(report.number)
    if report_event(report.status) is None or number is None:
        return Booked()
    found = whose(report.message_reference, await outbox_parts.reportable(tx, number, modem, now))
    match found:
        case Candidate():
            await _settle(tx, found, number, report.message_reference, report.status, now)
            if found.message_reference is None:
                await _book_kept(tx, number, modem, now)
            return Booked(message_id=found.message_id)
        case Nobodys.AMBIGUOUS:
            await kept_reports.keep(tx, number, modem, report.message_reference, report.status, now)
    return Booked(done=found is not Nobodys.TOO_EARLY, why_not=str(found))


async def dismiss(tx: Transaction, message_id: int, now: dt.datetime) -> None:
    """A person has cancelled a text: what is of unknown fate of it, in any copy, keeps no report from other texts."""
    for number, modem in await outbox_parts.dismiss(tx, message_id):
        await _book_kept(tx, number, modem, now)


async def _book_kept(tx: Transaction, number: E164, modem: str, now: dt.datetime) -> None:
    """One part less may have had any reference, so other reports may now fit one part only, and so on."""
    known = True
    while known:
        known = False
        for report in await kept_reports.about(tx, number, modem):
            candidates = await outbox_parts.reportable(tx, number, modem, report.arrived_at)
            found = whose(report.message_reference, candidates)
            if found in (Nobodys.AMBIGUOUS, Nobodys.TOO_EARLY):
                continue
            await kept_reports.drop(tx, report.id)
            if isinstance(found, Candidate):
                await _settle(tx, found, number, report.message_reference, report.status, now)
                known = known or found.message_reference is None


async def _settle(
    tx: Transaction, part: Candidate, number: E164, reference: int, status: int, now: dt.datetime
) -> None:
    """What a report says of a part, and with it perhaps of its text."""
    delivered = report_event(status) is MessageEvent.REPORTED_DELIVERED
    await outbox_parts.reported(tx, part, reference, delivered=delivered, why=f"TP-ST {status}")
    if delivered:
        await learning.reachable(tx, number)
    elif says_never(status):
        await learning.never_delivered(tx, part.message_id, f"the network reported TP-ST {status}", now)
    event = after_a_report(await outbox_parts.states(tx, part.message_id))
    if event is None or not await outbox.may(tx, part.message_id, event):
        return
    if event is MessageEvent.ACCEPTED:
        await outbox.accepted(tx, part.message_id, now)
    else:
        why = await outbox_parts.why(tx, part.message_id) or f"TP-ST {status}"
        await outbox.change(tx, part.message_id, event, now, why)
