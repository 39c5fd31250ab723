"""What the owners of a business are told at once of somebody who wrote, or called where nobody answers."""

import datetime as dt

from textbackd.core.leads import Lead
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.store import outbox, text_history
from textbackd.store.database import Transaction


async def queue(
    tx: Transaction,
    policy: Policy,
    lead: Lead,
    text: str,
    template: str,
    now: dt.datetime,
    *,
    inbox_id: int | None = None,
) -> None:
    """Tell each owner of the lead's business; ``inbox_id`` is the text's that came in, where it is about one."""
    for owner in policy.office.business(lead.business).owners:
        draft = outbox.Draft(
            kind=MessageKind.OWNER,
            business=lead.business,
            to=owner,
            text=text,
            about=lead.number,
            since=now,
            not_before=now,
            template=template,
            lead_id=lead.id,
            inbox_id=inbox_id,
        )
        await outbox.enqueue(tx, draft, now)


async def business_of(tx: Transaction, policy: Policy, number: E164 | None) -> str:
    """The business that texted a number last, or the first."""
    first = policy.office.businesses[0].name
    return (await text_history.last_business(tx, number) or first) if number else first
