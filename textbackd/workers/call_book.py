"""One ended call into the database: its decision, its lead and its texts in one transaction."""

import dataclasses
import datetime as dt
from collections.abc import Iterable

import structlog

from textbackd.core import leads as core_leads
from textbackd.core import notifications, phone_numbers
from textbackd.core.call_records import OutsideCall, Party
from textbackd.core.caller_history import CallerHistory
from textbackd.core.calls import LiveCall
from textbackd.core.guards import Guard
from textbackd.core.leads import Lead
from textbackd.core.outcomes import MACHINES_PATIENCE, Call, Outcome
from textbackd.core.outgoing import MessageEvent, MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Decision, Policy, SendText, StaySilent, decide
from textbackd.core.reasons import Reason
from textbackd.store import (
    calls,
    exclusions,
    history,
    leads,
    learned_numbers,
    live_calls,
    outbox,
    outside_calls,
    served,
    text_history,
    withdrawals,
)
from textbackd.store.database import Transaction
from textbackd.store.learned_numbers import Learned
from textbackd.store.traffic import Uncountable
from textbackd.workers import guard_alarms, learning
from textbackd.workers.patiently import Write

log = structlog.get_logger()

RINGING = dt.timedelta(seconds=3)
"""The least from dialling to an answer by a person."""
OWNER_AFTER = dt.timedelta(seconds=10)
"""The owner's notice is due so long after the caller's text, whatever became of that."""


async def keep_surely(write: Write, call: Call, policy: Policy, now: dt.datetime) -> Decision | None:
    """``keep`` in a transaction of its own. Where what went out cannot be counted, only the text is not."""
    try:
        return await write(lambda tx: keep(tx, call, policy, now))
    except Uncountable as error:
        log.warning("texts_not_counted", error=str(error), hint="no caller is texted; put back a backup")
        return await write(lambda tx: keep(tx, call, policy, now, counting=False))


async def keep(
    tx: Transaction,
    call: Call,
    policy: Policy,
    now: dt.datetime,
    *,
    simulated: bool = False,
    send: bool = True,
    counting: bool = True,
) -> Decision | None:
    """Decide on a call and keep all that follows from it. None: the call is on record already.

    A ``simulated`` call settles no real lead; without ``send`` no text is queued for it. Without ``counting`` what went
    out is taken for unknown; with it, raises traffic.Uncountable.
    """
    record = call.record
    await live_calls.remove(tx, call.pbx, record.call_id)
    if await calls.on_record(tx, call.pbx, record.call_id):
        return None
    number = None if record.withheld else policy.office.e164(record.caller)
    if number is None:
        past = CallerHistory(excluded=await exclusions.covering(tx, None, record.caller_name))
    else:
        past = await history.of_caller(tx, number, record.caller_name, call.business, policy, now, counting=counting)
    if phone_numbers.is_extension(record.caller) and not past.is_staff:  # which a plan may have as a number too
        learned = await learned_numbers.of_number(tx, phone_numbers.unwrapped(record.caller), now)
        past = dataclasses.replace(past, is_staff=Learned.STAFF in learned)
    decision = decide(call, past, policy, now)
    lead = None
    if core_leads.makes_a_lead(call, past, policy):
        lead = await leads.for_missed_call(tx, call, number, now, simulated=simulated)
        if number and isinstance(decision, StaySilent) and decision.reason is Reason.ALREADY_SERVED:
            await _contacted_already(tx, number, record.started_at, policy, now)
    elif call.outcome is Outcome.ANSWERED and number and not simulated:
        await leads.contacted(
            tx, number, _names(record.talked_to), record.talk_seconds, now, maybe_machine=call.maybe_machine
        )
    if not simulated:
        await learning.from_call(tx, call, number, past, policy, now)
    row = await calls.record(tx, call, number, decision, lead.id if lead else None, now, simulated=simulated)
    if number and decision.reason is Reason.GUARD and not simulated:
        await guard_alarms.refuse(tx, Guard(decision.detail), number, past.traffic, policy.guards, now)
    if not send:
        return decision
    if isinstance(decision, SendText):
        draft = _to_caller(call, decision, row, lead, simulated=simulated)
        modem = policy.office.business(call.business).modem
        await outbox.enqueue(tx, dataclasses.replace(draft, for_modem=modem, returning=past.returning), now)
    if lead is not None:
        await _notify_owners(tx, call, policy, lead, decision, row, now, simulated=simulated)
    return decision


async def keep_outside(tx: Transaction, pbx: str, call: OutsideCall, policy: Policy, now: dt.datetime) -> bool:
    """Keep that the office reached somebody, if the number had called before: whether that is news.

    Whom else the staff calls is nobody's business.
    """
    await live_calls.remove(tx, pbx, call.channel)
    number = policy.office.e164_dialled(call.number)
    long_enough = call.talk_seconds >= policy.minimum_talk.total_seconds()
    if number is None or not long_enough or not await _is_known(tx, number):
        return False
    if not await outside_calls.record(tx, pbx, call, number):
        return False
    maybe_machine = call.talk_seconds < MACHINES_PATIENCE.total_seconds()
    await leads.contacted(tx, number, _names(call.by), call.talk_seconds, now, maybe_machine=maybe_machine)
    return True


async def _contacted_already(
    tx: Transaction, number: E164, since: dt.datetime, policy: Policy, now: dt.datetime
) -> None:
    """Of two calls of one number the later may be over first: who was answered in it is a lead that is settled."""
    if found := await served.first(tx, number, since, policy.minimum_talk):
        machine = found.call is None and found.seconds < MACHINES_PATIENCE.total_seconds()
        await leads.contacted(tx, number, _names(found.by), found.seconds, now, maybe_machine=machine)


def _names(people: Iterable[Party]) -> str:
    return ", ".join(str(party) for party in people)


async def lose_outside(tx: Transaction, pbx: str, call: LiveCall, policy: Policy, now: dt.datetime) -> None:
    """A call of the office went while nobody watched: perhaps they talked, so its number is not texted."""
    await live_calls.remove(tx, pbx, call.call_id)
    if number := policy.office.e164_dialled(call.caller):
        await withdrawals.cancel_callers_text(tx, number, now, Reason.PERHAPS_SERVED)


async def perhaps_served(tx: Transaction, call: Call, policy: Policy, now: dt.datetime) -> None:
    """The PBX's own record, which nobody should rely on, says that somebody took a call: its caller is not texted."""
    number = None if call.record.withheld else policy.office.e164(call.record.caller)
    if number and call.outcome is Outcome.ANSWERED:
        await withdrawals.cancel_callers_text(tx, number, now, Reason.PERHAPS_SERVED)


async def nobody_watched(
    tx: Transaction, pbx: str, watched_until: dt.datetime, policy: Policy, now: dt.datetime
) -> int:
    """Nobody knows who called a PBX, or was called, until now: texts that somebody may have made needless meanwhile
    are cancelled, and how many that are. In a shorter time nobody rings, is answered and has talked.
    """
    return await withdrawals.cancel_hidden(tx, pbx, watched_until, now - policy.minimum_talk - RINGING, now)


async def note_live(tx: Transaction, pbx: str, call: LiveCall, number: E164 | None) -> bool:
    """Keep that a call is in the air: whether it is kept; of the office's own only those to known callers are."""
    if call.outbound and (number is None or not await _is_known(tx, number)):
        return False
    await live_calls.add(tx, pbx, call, number)
    return True


async def _is_known(tx: Transaction, number: E164) -> bool:
    return (
        await calls.is_known(tx, number) or await leads.is_known(tx, number) or await live_calls.is_calling(tx, number)
    )


async def _notify_owners(
    tx: Transaction,
    call: Call,
    policy: Policy,
    lead: Lead,
    decision: Decision,
    row: int | None,
    now: dt.datetime,
    *,
    simulated: bool,
) -> None:
    office = policy.office
    text = notifications.missed_call(
        lead_id=lead.id,
        outcome=call.outcome,
        at=call.record.started_at.astimezone(office.time_zone),
        label=call.did.label,
        calls=lead.calls,
        number=lead.number or ("withheld" if call.record.withheld else call.record.caller),
        urgent=lead.urgent,
    )
    texted_at = decision.not_before if isinstance(decision, SendText) else call.record.ended_at
    for owner in office.business(call.business).owners:
        # Of a caller who rings again and again the owner reads once, and no later for it.
        due = await withdrawals.supersede_notices(tx, lead.id, owner, now)
        draft = outbox.Draft(
            kind=MessageKind.OWNER,
            business=call.business,
            to=owner,
            text=text,
            about=lead.number,
            since=_since(call),
            not_before=due or texted_at + OWNER_AFTER,
            call_row=row,
            lead_id=lead.id,
            simulated=simulated,
        )
        notice = await outbox.enqueue(tx, draft, now)
        most = policy.guards.notices
        if not simulated and await text_history.notices_to(tx, owner, now, most + 1) > most:
            await outbox.change(tx, notice, MessageEvent.CANCEL, now, Reason.GUARD)
            await guard_alarms.keep_notice_back(tx, most, now)


def _to_caller(call: Call, decision: SendText, row: int | None, lead: Lead | None, *, simulated: bool) -> outbox.Draft:
    return outbox.Draft(
        kind=MessageKind.CALLER,
        business=call.business,
        to=decision.to,
        text=decision.text,
        about=decision.to,
        since=_since(call),
        not_before=decision.not_before,
        template=decision.template,
        passed_over=decision.passed_over,
        call_row=row,
        lead_id=lead.id if lead else None,
        simulated=simulated,
    )


def _since(call: Call) -> dt.datetime:
    """From when on a person on the line serves this caller: whoever was there in the call itself did not."""
    return call.record.ended_at if call.record.talked_to else call.record.started_at
