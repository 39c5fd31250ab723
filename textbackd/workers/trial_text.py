"""A text that shows whether texts go out and arrive."""

import datetime as dt

from textbackd.core import service_texts
from textbackd.core.caller_history import Consent
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.errors import UserError
from textbackd.store import opt_outs, outbox
from textbackd.store.database import Database


async def enqueue(database: Database, policy: Policy, number: E164, modem: str, now: dt.datetime) -> int:
    """Queue one to ``number``, by ``modem`` or by any: its id. Raises UserError where nothing may be sent there."""
    business = policy.office.businesses[0].name
    async with database.transaction() as tx:
        if await opt_outs.consent(tx, number) is Consent.OUT:
            raise UserError(f"{number} has said STOP: a START from that phone, or textbackd opt-out remove {number}")
        draft = outbox.Draft(
            kind=MessageKind.TEST,
            business=business,
            to=number,
            text=service_texts.test_text(business, now.astimezone(policy.office.time_zone)),
            about=None,
            since=now,
            not_before=now,
            template="test",
            for_modem=modem,
        )
        return await outbox.enqueue(tx, draft, now)
