"""What the day came to, and whether that is what the day says."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from textbackd.core.office import Office
from textbackd.core.outgoing import MessageKind, MessageState
from textbackd.core.reasons import Reason
from textbackd.demo.day import Calls, Story, Writes
from textbackd.store import calls, leads, news, text_history
from textbackd.store.database import Row, Transaction

SHOWN_LEADS = 1000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The calls of the day in the order of its stories, and all that is not as the day says."""

    calls: Sequence[Mapping[str, Any]]
    leads: Sequence[Mapping[str, Any]]
    replies: Sequence[Mapping[str, Any]]
    owner_texts: int
    """Notices that reached the owner."""
    problems: Sequence[str]


async def of_day(
    tx: Transaction, stories: Sequence[Story], call_ids: Mapping[tuple[str, int], str], office: Office
) -> Summary:
    """``call_ids``: caller and the number of the act in the story -> the id of the call that was placed."""
    rows: list[dict[str, Any]] = []
    problems: list[str] = []
    for story in stories:
        for number, act in enumerate(story.acts):
            if isinstance(act, Calls):
                row = await _call(tx, story, act, call_ids.get((story.caller, number)))
                rows.append(row)
                problems += _problems_with_call(row, act)
    kept = await leads.latest(tx, SHOWN_LEADS)
    received = await news.inbox_after(tx, 0)
    for story in stories:
        problems += _problems_with_lead(story, kept, office)
        problems += _problems_with_texts(story, received, office)
    sent = await text_history.latest(tx, SHOWN_LEADS)
    problems += [
        f"the answer to {row['number']} is {row['state']}, not delivered"
        for row in sent
        if row["kind"] == MessageKind.ACKNOWLEDGEMENT and row["state"] != MessageState.DELIVERED
    ]
    return Summary(
        calls=rows,
        leads=[
            {"lead": r["id"], "caller": r["number"] or r["caller"], "calls": r["calls"], "status": r["status"]}
            for r in kept
        ],
        replies=[{"sender": r["sender"], "text": r["text"], "wish": r["wish"]} for r in received],
        owner_texts=sum(r["kind"] == MessageKind.OWNER and r["state"] == MessageState.DELIVERED for r in sent),
        problems=problems,
    )


async def _call(tx: Transaction, story: Story, act: Calls, call_id: str | None) -> dict[str, Any]:
    found = {"caller": story.caller, "dialled": story.did, "what": act.what, "call_id": call_id}
    kept = await calls.find(tx, call_id, None, 1) if call_id else ()
    if not kept:
        return found | dict.fromkeys(("outcome", "decision", "reason", "text_state", "text", "owner_state"))
    row = kept[0]
    texts = {text["kind"]: text for text in await text_history.of_call(tx, row["id"])}
    text, owner = texts.get(MessageKind.CALLER), texts.get(MessageKind.OWNER)
    return found | {
        "caller": "withheld" if row["withheld"] else row["number"],
        "outcome": row["outcome"],
        "decision": row["decision"],
        "reason": row["reason"],
        "text_state": text["state"] if text else None,
        "text": text["text"] if text else None,
        "owner_state": owner["state"] if owner else None,
    }


def _problems_with_call(row: Mapping[str, Any], act: Calls) -> Iterator[str]:
    who = f"{row['caller']}, {act.what}"
    if row["outcome"] is None:
        yield f"{who}: the call is not on record"
        return
    wanted = {
        "outcome": act.outcome,
        "decision": "text" if act.reason is Reason.NOTHING_AGAINST else "silent",
        "reason": act.reason,
        "text_state": act.text,
        "owner_state": act.owner,
    }
    for name, value in wanted.items():
        if row[name] != value:
            yield f"{who}: {name.replace('_', ' ')} is {row[name] or 'none'}, not {value or 'none'}"


def _problems_with_lead(story: Story, kept: Sequence[Row], office: Office) -> Iterator[str]:
    number = office.e164(story.caller)
    told = [f"{row['calls']} calls, {row['status']}" for row in kept if row["number"] == number]
    wanted = [f"{story.missed} calls, {story.status}"] if story.missed else []
    if told != wanted:
        yield f"{story.caller}: the lead is {'; '.join(told) or 'none'}, not {'; '.join(wanted) or 'none'}"


def _problems_with_texts(story: Story, received: Sequence[Row], office: Office) -> Iterator[str]:
    number = office.e164(story.caller)
    for act in story.acts:
        match act:
            case Writes(text=text) if not any(row["number"] == number and row["text"] == text for row in received):
                yield f"{story.caller}: the text {text!r} was not received"
