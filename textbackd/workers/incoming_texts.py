"""What becomes of a text that came in: its row, what it asks for, its thread, and when the SIM may lose it.

A text whose parts are not all there waits for them, then it is shown with its gaps. Its parts stay on the SIM, where
the modem joins them with what comes, and the same row gets the whole text.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from textbackd.core import joined_texts, notifications, opt_out, service_texts
from textbackd.core.caller_history import Consent
from textbackd.core.joined_texts import JoinedText
from textbackd.core.notifications import Completeness
from textbackd.core.opt_out import Wish
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.modem.modem import GAP, IncomingSms
from textbackd.store import inbox, leads, opt_outs, outbox, text_history, withdrawals
from textbackd.store.database import Transaction
from textbackd.store.inbox import Kept, Words
from textbackd.workers import learning, owner_notices

JOIN_WITHIN = dt.timedelta(minutes=10)
"""The parts of a text arrive within seconds; gammu-smsd waits as long for a late one (MultipartTimeout)."""
GIVE_UP_AFTER = dt.timedelta(days=7)
"""Hardly any network tries longer to deliver a part. What there is, is on record: a SIM has no more than 20 places."""
MOST_ACKNOWLEDGEMENTS = 3
"""To one number in 24 hours: two automatic answerers must not talk to each other for ever."""
_GAP_FOR_THE_OWNER = "(...)"
"""``GAP`` would take the whole notice into UCS-2."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a text at this look."""

    done: bool
    """Its row has all that the SIM has, and nothing more is waited for: its parts may go."""
    inbox_id: int | None = None
    """None: nothing is kept of it yet."""
    wish: Wish | None = None
    new: bool = False
    """It was not on record before."""
    grown: bool = False
    """It was, with fewer parts."""


async def take(
    tx: Transaction, message: IncomingSms, policy: Policy, modem: str, seen_at: dt.datetime, now: dt.datetime
) -> Taken:
    """Keep what is news of a text. ``seen_at``: when the first of its parts was seen; that is also the time of a text
    that has none.
    """
    # Half an emoji is no text that a file can hold.
    text = message.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    words = Words(
        sender=message.sender,
        sent_at=message.sent_at or seen_at,
        text=text,
        concatenation=message.concatenation,
        missing=message.missing,
    )
    similar = await inbox.akin(tx, words)
    holder = await inbox.same(tx, words) or _holder(similar, words)
    if holder is not None:
        given_up = now - holder.received_at >= GIVE_UP_AFTER
        return Taken(done=not holder.words.missing or given_up, inbox_id=holder.id)
    # First of all, before anything else reads the text: STOP, START, HELP.
    wish = _wish(words)
    old = _shorter(similar, words)
    if old is not None:
        await inbox.complete(tx, old.id, words, wish or old.wish)
        await _heed(tx, old.id, words, wish, old, policy, now)
        return Taken(done=not words.missing, inbox_id=old.id, wish=wish, grown=True)
    if words.missing and now - seen_at < JOIN_WITHIN and not (wish is Wish.STOP and 1 not in words.missing):
        return Taken(done=False)
    number = policy.office.e164(words.sender)
    row = await inbox.add(tx, words, modem=modem, number=number, wish=wish, now=now)
    await _heed(tx, row, words, wish, None, policy, now)
    return Taken(done=not words.missing, inbox_id=row, wish=wish, new=True)


def _holder(similar: Sequence[Kept], words: Words) -> Kept | None:
    """The text that has all there is of an incomplete one: the SIM lost the rest of its parts, or some came again."""
    if not words.missing:
        return None  # it is a text of its own, unless it is the very same
    return next((kept for kept in similar if joined_texts.has_all_of(_joined(kept.words), _joined(words))), None)


def _shorter(similar: Sequence[Kept], words: Words) -> Kept | None:
    """The text that was shown with gaps and now has fewer or none."""
    incomplete = (kept for kept in similar if kept.words.missing)
    return next((kept for kept in incomplete if joined_texts.has_all_of(_joined(words), _joined(kept.words))), None)


def _joined(words: Words) -> JoinedText:
    return JoinedText(pieces=tuple(words.text.split(GAP)), missing=frozenset(words.missing))


def _wish(words: Words) -> Wish | None:
    """STOP counts also where something is missing; the others only where nothing is: ``start […]`` may be anything."""
    wish = opt_out.wish(words.text)
    return None if words.missing and wish is not Wish.STOP else wish


async def _heed(
    tx: Transaction, row: int, words: Words, wish: Wish | None, old: Kept | None, policy: Policy, now: dt.datetime
) -> None:
    """Do what a text asks for, or let the owners read it: when it is new, and once more when it is whole."""
    number = policy.office.e164(words.sender)
    if number is None:
        return
    await learning.reachable(tx, number)
    business = await owner_notices.business_of(tx, policy, number)
    if wish is not None:
        if old is None or wish is not old.wish:
            await _grant(tx, wish, number, business, policy, now)
    elif not policy.is_own(number) and (old is None or not words.missing):
        await _into_thread(tx, row, number, business, words, policy, now)


async def _grant(tx: Transaction, wish: Wish, number: E164, business: str, policy: Policy, now: dt.datetime) -> None:
    match wish:
        case Wish.STOP:
            if not await opt_outs.add(tx, number, Consent.OUT, "sms", now):
                return  # once is enough
            await withdrawals.cancel_all_to(tx, number, now, "opted_out")
            answer = "opted_out"
        case Wish.START:
            await opt_outs.remove(tx, number)
            answer = "opted_in"
        case Wish.HELP:
            answer = "help"
    if await text_history.acknowledgements_since(tx, number, now - dt.timedelta(hours=24)) >= MOST_ACKNOWLEDGEMENTS:
        return
    draft = outbox.Draft(
        kind=MessageKind.ACKNOWLEDGEMENT,
        business=business,
        to=number,
        text=service_texts.answer(answer, policy.office.business(business)),
        about=number,
        since=now,
        not_before=now,
        template=answer,
    )
    await outbox.enqueue(tx, draft, now)


async def _into_thread(
    tx: Transaction,
    row: int,
    number: E164,
    business: str,
    words: Words,
    policy: Policy,
    now: dt.datetime,
) -> None:
    lead = await leads.for_text(tx, business, number, now)
    await inbox.put_into_lead(tx, row, lead.id)
    told_of_a_piece = await withdrawals.supersede_piece(tx, row, now)
    complete = Completeness.NOW_WHOLE if told_of_a_piece else Completeness.WHOLE
    text = notifications.reply(
        lead_id=lead.id,
        at=now.astimezone(policy.office.time_zone),
        label=lead.did_label,
        words=_GAP_FOR_THE_OWNER.join(words.text.split(GAP)) if words.missing else words.text,
        number=number,
        completeness=Completeness.INCOMPLETE if words.missing else complete,
    )
    await owner_notices.queue(tx, policy, lead, text, outbox.OF_A_REPLY, now, inbox_id=row)
