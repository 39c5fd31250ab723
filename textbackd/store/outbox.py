"""Texts on their way out. Every change of state is a compare-and-set, and is kept."""

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Sequence

from textbackd.core import sms_text
from textbackd.core.outgoing import TRANSITIONS, MessageEvent, MessageKind, MessageState, OutgoingMessage, after
from textbackd.core.phone_numbers import E164
from textbackd.core.reasons import Reason
from textbackd.store import outbox_parts
from textbackd.store.database import Row, StaleState, Transaction, moment, stamp

KEPT_BACK = "kept back"
"""The event of a text that a guard lets wait."""
REWORDED = "reworded"
"""The event of a text whose words were no longer true when it was to leave; its detail are those words."""
OF_A_REPLY = "reply"
"""The template of a notice to an owner about somebody's words."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text that is to be queued."""

    kind: MessageKind
    business: str
    to: E164
    text: str
    about: E164 | None
    since: dt.datetime
    not_before: dt.datetime
    template: str = ""
    passed_over: Sequence[tuple[str, str]] = ()
    """The templates that would have come before it, each with what spoke against it."""
    returning: bool = False
    """It is for a caller who had to do with the business before the call."""
    call_row: int | None = None
    lead_id: int | None = None
    inbox_id: int | None = None
    """Of the text that came in, where it tells an owner of one."""
    simulated: bool = False
    for_modem: str = ""
    """The only modem that may send it; empty: any."""
    shuns: str = ""
    """A modem that is not to send it while another can; empty: none."""


async def enqueue(tx: Transaction, draft: Draft, now: dt.datetime) -> int:
    """Queue a text: its id."""
    row = await tx.one(
        "INSERT INTO outbox (kind, priority, state, business, number, text, encoding, template, about, call_row,"
        " lead_id, simulated, since, created_at, counted_at, not_before, due_at, for_modem, shuns, inbox_id,"
        " passed_over, called_before)"
        " VALUES (?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?14, ?15, ?16,"
        " ?17, ?18, ?19) RETURNING id",
        draft.kind,
        draft.kind.priority,
        draft.business,
        draft.to,
        draft.text,
        sms_text.encoding_of(draft.text),
        draft.template,
        draft.about,
        draft.call_row,
        draft.lead_id,
        int(draft.simulated),
        stamp(draft.since),
        stamp(now),
        stamp(draft.not_before),
        draft.for_modem,
        draft.shuns,
        draft.inbox_id,
        _passed_over(draft.passed_over),
        int(draft.returning),
    )
    assert row is not None
    await _keep(tx, row["id"], now, "queue", MessageState.QUEUED, "")
    return int(row["id"])


async def next_due(
    tx: Transaction,
    now: dt.datetime,
    modem: str = "",
    *,
    answering: Collection[str] = (),
    able: Collection[str] = (),
    only_begun: bool = False,
) -> OutgoingMessage | None:
    """The most urgent text whose time has come and that ``modem`` may send.

    Left out is what other modems that are ``answering`` have begun, and what is for those that are ``able`` to send:
    texts to numbers that such a one wrote to last, and those that shun this modem. With ``only_begun`` also all that
    any modem may send and this one has not begun.
    """
    row = await tx.one(
        "SELECT outbox.*,"  # noqa: S608 - a constant
        " coalesce((SELECT caller_name FROM calls WHERE id = outbox.call_row), '') AS caller_name"
        " FROM outbox LEFT JOIN outbox_parts AS begun ON begun.message_id = outbox.id"
        "  AND begun.copy = (SELECT max(copy) FROM outbox_parts WHERE message_id = outbox.id)"
        "  AND begun.part = (SELECT min(part) FROM outbox_parts WHERE message_id = outbox.id AND copy = begun.copy"
        "  AND state NOT IN ('waiting', 'refused'))"
        " WHERE outbox.state = 'queued' AND due_at <= ?1 AND for_modem IN ('', ?2)"
        " AND CASE WHEN for_modem <> '' THEN 1"
        "  WHEN begun.modem IS NOT NULL THEN begun.modem NOT IN (SELECT value FROM json_each(?3))"
        "  WHEN ?5 OR (shuns = ?2 AND json_array_length(?4)) THEN 0"
        "  ELSE coalesce((SELECT modem FROM outbox_parts"
        f"  WHERE number = outbox.number AND {outbox_parts.WRITTEN_LAST}), '')"
        "  NOT IN (SELECT value FROM json_each(?4) WHERE value <> shuns) END"
        " ORDER BY priority, due_at, outbox.id LIMIT 1",
        stamp(now),
        modem,
        json.dumps(list(answering)),
        json.dumps(list(able)),
        int(only_begun),
    )
    return None if row is None else _message(row)


async def next_time(tx: Transaction, after: dt.datetime | None = None) -> dt.datetime | None:
    """When the next text is due, of all or of those that are due ``after``."""
    stamped = await tx.value(
        "SELECT min(due_at) FROM outbox WHERE state = 'queued' AND due_at > ?1", stamp(after) if after else ""
    )
    return moment(stamped) if stamped else None


async def change(
    tx: Transaction, message_id: int, event: MessageEvent, now: dt.datetime, detail: str = ""
) -> MessageState:
    """Let something happen to a text: its new state.

    Raises IllegalTransitionError where that cannot happen to it, StaleState where there is no such text.
    """
    row = await tx.one("SELECT state FROM outbox WHERE id = ?1", message_id)
    if row is None:
        raise StaleState(f"there is no text {message_id}")
    old = MessageState(row["state"])
    new = after(old, event)
    changed = await tx.run(
        "UPDATE outbox SET state = ?1, reason = ?2, settled_at = ?3 WHERE id = ?4 AND state = ?5",
        new,
        detail,
        stamp(now),
        message_id,
        old,
    )
    if changed != 1:
        raise StaleState(f"text {message_id} is no longer {old}")
    await _keep(tx, message_id, now, event, new, detail)
    return new


async def may(tx: Transaction, message_id: int, event: MessageEvent) -> bool:
    """Whether that can happen to a text now."""
    state = await tx.value("SELECT state FROM outbox WHERE id = ?1", message_id)
    return state is not None and event in TRANSITIONS[MessageState(state)]


async def claim(tx: Transaction, message: OutgoingMessage, modem: str, now: dt.datetime) -> None:
    """Take a text for sending; commit before the modem is touched."""
    await change(tx, message.id, MessageEvent.CLAIMED, now, modem)
    await tx.run("UPDATE outbox SET modem = ?1, attempts = attempts + 1 WHERE id = ?2", modem, message.id)
    await count_from(tx, message.id, now)


async def count_from(tx: Transaction, message_id: int, now: dt.datetime) -> None:
    """The text leaves now, and counts from here on against the bounds on texts and as one that its caller got."""
    await tx.run("UPDATE outbox SET counted_at = ?1 WHERE id = ?2", stamp(now), message_id)


async def accepted(tx: Transaction, message_id: int, now: dt.datetime) -> None:
    """The network took all of it."""
    await change(tx, message_id, MessageEvent.ACCEPTED, now)
    await tx.run("UPDATE outbox SET sent_at = ?1 WHERE id = ?2", stamp(now), message_id)


async def reword(
    tx: Transaction,
    message: OutgoingMessage,
    text: str,
    template: str,
    passed_over: Sequence[tuple[str, str]],
    now: dt.datetime,
) -> None:
    """Other words, which are true now."""
    await tx.run(
        "UPDATE outbox SET text = ?1, encoding = ?2, template = ?3, passed_over = ?4 WHERE id = ?5",
        text,
        sms_text.encoding_of(text),
        template,
        _passed_over(passed_over),
        message.id,
    )
    await _keep(tx, message.id, now, REWORDED, message.state, message.text)


async def shun(tx: Transaction, message_id: int, modem: str) -> bool:
    """That modem is not to send it while another can: whether it is the first of which that is so."""
    first = await tx.value("SELECT shuns = '' FROM outbox WHERE id = ?1", message_id)
    await tx.run("UPDATE outbox SET shuns = ?1 WHERE id = ?2", modem, message_id)
    return bool(first)


async def postpone(tx: Transaction, message_id: int, until: dt.datetime, *, anew: bool = False) -> None:
    """Look at it again then; ``anew``: that is its time now, from which on it grows stale."""
    await tx.run(
        "UPDATE outbox SET due_at = ?1, not_before = iif(?2, ?1, not_before) WHERE id = ?3 AND state = 'queued'",
        stamp(until),
        int(anew),
        message_id,
    )


async def keep_back(
    tx: Transaction, message_id: int, until: dt.datetime, why: str, now: dt.datetime, *, anew: bool
) -> None:
    """Look at it again then, and say why; ``anew`` as for ``postpone``."""
    said = await tx.value("SELECT reason FROM outbox WHERE id = ?1", message_id)
    await tx.run(
        "UPDATE outbox SET due_at = ?1, reason = ?2, not_before = iif(?3, ?1, not_before)"
        " WHERE id = ?4 AND state = 'queued'",
        stamp(until),
        why,
        int(anew),
        message_id,
    )
    if said != why:
        await _keep(tx, message_id, now, KEPT_BACK, MessageState.QUEUED, why)


async def restart(tx: Transaction, message_id: int, now: dt.datetime) -> None:
    """Count its time from now: a person wants it sent, however old it is."""
    await outbox_parts.begin_anew(tx, message_id)
    await tx.run("UPDATE outbox SET not_before = ?1, due_at = ?1 WHERE id = ?2", stamp(now), message_id)


async def ask_guards_again(tx: Transaction, now: dt.datetime, guard: str = "*") -> int:
    """Look at once at what waits for a guard, or for that one, which may be open by now: how many."""
    return await tx.run(
        "UPDATE outbox SET not_before = ?1, due_at = ?1, reason = '' WHERE state = 'queued' AND reason GLOB ?2",
        stamp(now),
        f"{Reason.GUARD}:{guard}",
    )


async def flush(tx: Transaction, now: dt.datetime) -> int:
    """Try everything at once that waits after a failure or for a guard: how many."""
    return await ask_guards_again(tx, now) + await tx.run(
        "UPDATE outbox SET due_at = max(not_before, ?1) WHERE state = 'queued' AND due_at > max(not_before, ?1)",
        stamp(now),
    )


async def settle_interrupted(tx: Transaction, now: dt.datetime) -> Sequence[int]:
    """What a crash left in ``sending``: nobody knows whether it went out."""
    rows = await tx.all("SELECT id FROM outbox WHERE state = 'sending' ORDER BY id")
    for row in rows:
        reason = "textbackd stopped while it was being sent"
        await outbox_parts.interrupted(tx, row["id"], reason)
        await change(tx, row["id"], MessageEvent.NO_ANSWER, now, reason)
    return [row["id"] for row in rows]


def _message(row: Row) -> OutgoingMessage:
    return OutgoingMessage(
        id=row["id"],
        kind=MessageKind(row["kind"]),
        state=MessageState(row["state"]),
        business=row["business"],
        to=E164(row["number"]),
        text=row["text"],
        about=E164(row["about"]) if row["about"] else None,
        of_a_reply=row["template"] == OF_A_REPLY,
        since=moment(row["since"]),
        not_before=moment(row["not_before"]),
        attempts=row["attempts"],
        caller_name=row["caller_name"],
        simulated=bool(row["simulated"]),
    )


def _passed_over(templates: Sequence[tuple[str, str]]) -> str:
    return json.dumps(templates, ensure_ascii=False)


async def _keep(
    tx: Transaction, message_id: int, at: dt.datetime, event: str, state: MessageState, detail: str
) -> None:
    await tx.run(
        "INSERT INTO outbox_changes (message_id, at, event, state, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        message_id,
        stamp(at),
        event,
        state,
        detail,
    )
