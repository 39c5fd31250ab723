"""What a call or a text teaches of a number: that no text reaches it, or that one of the staff has it."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

from textbackd.core import phone_numbers
from textbackd.core.call_records import EndedCall, Step, What
from textbackd.core.caller_history import CallerHistory
from textbackd.core.outcomes import Call
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.store import learned_numbers, text_history
from textbackd.store.database import Transaction
from textbackd.store.learned_numbers import Learned

_TO_CALLERS = frozenset({MessageKind.CALLER, MessageKind.STAFF})
"""Of whose numbers it is learned that no text reaches them: an owner's comes from the configuration."""


async def from_call(
    tx: Transaction, call: Call, caller: E164 | None, past: CallerHistory, policy: Policy, now: dt.datetime
) -> None:
    """The PBX's own phones are the staff's; so is whoever it rings outside for a stranger: by follow-me, a forward or a
    ring group.

    Outside not for one of ours: staff on the road call through the PBX (DISA), and it rings a customer for them.
    """
    if inside := extensions(call.record):
        await learned_numbers.learn_extensions(tx, inside, f"{call.pbx} has a phone of this number", now)
    if (
        caller is None
        or policy.is_own_caller(call.record.caller, caller)
        or past.is_staff
        or policy.exclusions.covering(caller, call.record.caller_name, past.excluded)
    ):
        return
    for shown in staff_rung(call.record):
        number = policy.office.e164_dialled(shown)
        if number and number != caller and not policy.is_own(number):
            because = f"{call.pbx} rang it for a caller of {call.did.label or call.did.number}"
            await learned_numbers.learn(tx, number, Learned.STAFF, because, now)


def extensions(record: EndedCall) -> Collection[str]:
    """The PBX's own phones that were rung or answered."""
    inside = {party.number for party in (*record.rang, *record.talked_to) if not party.outside}
    return {phone_numbers.unwrapped(number) for number in inside if phone_numbers.is_extension(number)}


def staff_rung(record: EndedCall) -> Sequence[str]:
    """The numbers outside that the PBX rang by itself, as it dialled them.

    Once a person has been on the line the next number may be anybody's to whom the caller is transferred. Of a call
    that was not seen whole nobody knows whether one was.
    """
    if not record.seen_whole:
        return ()
    outside = {party.number for party in record.rang if party.outside}
    rung = [step.who for step in _before_anybody_answered(record.steps) if step.what is What.DIALLED]
    return [number for number in dict.fromkeys(rung) if number in outside]


def _before_anybody_answered(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        if step.what in (What.JOINED, What.PICKED_UP):
            return
        yield step


async def never_delivered(tx: Transaction, message_id: int, because: str, now: dt.datetime) -> None:
    """The network says for good that a text cannot be brought to its number."""
    text = await text_history.get(tx, message_id)
    if text is not None and text["kind"] in _TO_CALLERS:
        await learned_numbers.learn(tx, E164(text["number"]), Learned.UNDELIVERABLE, because, now)


async def reachable(tx: Transaction, number: E164) -> None:
    """A text was delivered there, or came from there."""
    await learned_numbers.forget(tx, number, Learned.UNDELIVERABLE)
