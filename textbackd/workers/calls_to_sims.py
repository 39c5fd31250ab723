"""Somebody calls the number of a SIM itself: nobody can answer there, so it is a missed call, and makes a lead.

The caller is not texted: a SIM whose calls are diverted when nobody answers rings too, and then the PBX has the call.
"""

import datetime as dt

from textbackd.core import notifications
from textbackd.core.caller_history import CallerHistory
from textbackd.core.leads import call_to_sim_makes_a_lead
from textbackd.core.policy import Policy
from textbackd.modem.modem import IncomingCall
from textbackd.store import calls_to_sims as store
from textbackd.store import history, leads
from textbackd.store.database import Transaction
from textbackd.workers import owner_notices

TEMPLATE = "call_to_sim"
ONE_WITHIN = dt.timedelta(minutes=10)
"""Who rings again and again is one lead, told once; so are all who withhold their number."""


async def take(tx: Transaction, call: IncomingCall, policy: Policy, modem: str, called_at: dt.datetime) -> int | None:
    """The lead that a call made or moved, or None."""
    number = policy.office.e164(call.number)
    caller = number or call.number
    business = await owner_notices.business_of(tx, policy, number)
    past = CallerHistory()
    if number:
        past = await history.of_caller(tx, number, "", business, policy, called_at, counting=False)
    if not call_to_sim_makes_a_lead(number, past, policy) or await store.has_called(tx, caller, called_at - ONE_WITHIN):
        return None
    lead = await leads.for_call_to_sim(tx, business, number, caller or "withheld", called_at)
    await store.add(tx, modem=modem, caller=caller, lead_id=lead.id, called_at=called_at)
    at = called_at.astimezone(policy.office.time_zone)
    text = notifications.call_to_sim(lead_id=lead.id, at=at, number=caller or "withheld")
    await owner_notices.queue(tx, policy, lead, text, TEMPLATE, called_at)
    return lead.id
