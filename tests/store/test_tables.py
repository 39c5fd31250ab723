"""What the functions of the store keep, find and refuse."""

import datetime as dt
from typing import Any

import pytest

from tests.builders import CALLER, NOON, OWNER, a_call, a_policy, a_record, people, seconds, steps
from textbackd.core.call_records import What
from textbackd.core.caller_history import Consent
from textbackd.core.calls import LiveCall
from textbackd.core.leads import Lead, LeadStatus
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import IllegalTransitionError, MessageEvent, MessageKind, MessageState
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import SendText, StaySilent
from textbackd.core.reasons import Reason
from textbackd.store import (
    calls,
    history,
    leads,
    live_calls,
    opt_outs,
    outbox,
    outbox_parts,
    parties,
    text_history,
    withdrawals,
)
from textbackd.store.database import Database, StaleState, Transaction, moment, stamp

BOB = E164("+447700900456")
SILENT = StaySilent(reason=Reason.EXCLUDED, detail="family")
LATER = NOON + dt.timedelta(minutes=5)


def a_draft(**values: object) -> outbox.Draft:
    draft = {
        "kind": MessageKind.CALLER,
        "business": "Hill Plumbing",
        "to": CALLER,
        "text": "sorry",
        "about": CALLER,
        "since": NOON,
        "not_before": NOON,
    }
    return outbox.Draft(**draft | values)  # type: ignore[arg-type]


# --- outbox -----------------------------------------------------------------------------------------------------------


async def test_a_change_is_a_compare_and_set(database: Database) -> None:
    """Each change is kept; one that cannot happen changes nothing and says so."""
    async with database.transaction() as tx:
        message = await outbox.enqueue(tx, a_draft(), NOON)
        assert MessageState.HELD is await outbox.change(tx, message, MessageEvent.HOLD, NOON, "by hand")
        with pytest.raises(IllegalTransitionError, match="claimed cannot happen to a text that is held"):
            await outbox.change(tx, message, MessageEvent.CLAIMED, NOON)
        with pytest.raises(StaleState, match="no text 99"):
            await outbox.change(tx, 99, MessageEvent.HOLD, NOON)
        changes = await text_history.changes(tx, message)

    assert [("queue", "queued", ""), ("hold", "held", "by hand")] == [
        (change["event"], change["state"], change["detail"]) for change in changes
    ]


async def test_a_text_is_claimed_once(database: Database) -> None:
    """The second sender that read the same row comes too late."""
    async with database.transaction() as tx:
        await outbox.enqueue(tx, a_draft(), NOON)
        message = await outbox.next_due(tx, NOON)
        assert message is not None
        await outbox.claim(tx, message, "gsm", NOON)
        with pytest.raises(IllegalTransitionError):
            await outbox.claim(tx, message, "other", NOON)
        assert None is await outbox.next_due(tx, NOON)


async def test_what_a_crash_left_becomes_unknown(database: Database) -> None:
    """Only what was being sent, text and part, with the reason; once."""
    async with database.transaction() as tx:
        ids = [await outbox.enqueue(tx, a_draft(), NOON) for _ in range(3)]
        for message in ids[:2]:
            await outbox.change(tx, message, MessageEvent.CLAIMED, NOON)
        await outbox.accepted(tx, ids[0], NOON)
        await outbox_parts.begin(tx, ids[1], CALLER, 2)
        await outbox_parts.submit(tx, ids[1], 1, "gsm", NOON)

        assert [ids[1]] == await outbox.settle_interrupted(tx, NOON)
        assert [] == await outbox.settle_interrupted(tx, NOON)
        found = [row["state"] for row in await tx.all("SELECT state FROM outbox ORDER BY id")]
        parts = [(row["state"], row["reason"]) for row in await outbox_parts.of_message(tx, ids[1])]

    assert ["sent", "unknown", "queued"] == found
    assert [("unknown", "textbackd stopped while it was being sent"), ("waiting", "")] == parts


async def test_texts_that_came_to_nothing_do_not_count(database: Database) -> None:
    """Of a number and a business, only texts to callers; those of unknown fate count."""
    events = [
        (),
        (MessageEvent.HOLD,),
        (MessageEvent.CLAIMED, MessageEvent.NO_ANSWER),
        (MessageEvent.CANCEL,),
        (MessageEvent.GREW_STALE,),
        (MessageEvent.CLAIMED, MessageEvent.REFUSED),
    ]
    async with database.transaction() as tx:
        for i, story in enumerate(events):
            message = await outbox.enqueue(tx, a_draft(), NOON + seconds(i))
            for event in story:
                await outbox.change(tx, message, event, NOON)
        await outbox.enqueue(tx, a_draft(business="Other"), NOON)
        await outbox.enqueue(tx, a_draft(to=BOB), NOON)
        await outbox.enqueue(tx, a_draft(kind=MessageKind.OWNER), NOON)
        found = await text_history.texts_to(tx, CALLER, "Hill Plumbing", NOON - seconds(1))
        besides = await text_history.texts_to(tx, CALLER, "Hill Plumbing", NOON - seconds(1), besides=1)
        since = await text_history.texts_to(tx, CALLER, "Hill Plumbing", NOON + seconds(1))

    assert (NOON, NOON + seconds(1), NOON + seconds(2)) == found
    assert found[1:] == besides
    assert found[2:] == since


# --- leads ------------------------------------------------------------------------------------------------------------


async def missed(tx: Transaction, number: E164 | None = CALLER, **values: Any) -> Lead:
    return await leads.for_missed_call(tx, a_call(**values), number, NOON)


async def status(tx: Transaction, lead: int) -> str:
    return str(await tx.value("SELECT status FROM leads WHERE id = ?1", lead))


async def test_a_number_has_one_open_lead(database: Database) -> None:
    """Per business; the calls are counted, and the latest outcome shows."""
    async with database.transaction() as tx:
        first = await missed(tx)
        second = await missed(tx, outcome=Outcome.BUSY)
        other = await missed(tx, business="Other")
        somebody = await missed(tx, BOB)

    assert (first.id, 2, Outcome.BUSY, LeadStatus.NEW) == (second.id, second.calls, second.outcome, second.status)
    assert 3 == len({first.id, other.id, somebody.id})


async def test_callers_without_a_number_share_nothing(database: Database) -> None:
    """A lead per call."""
    async with database.transaction() as tx:
        assert (await missed(tx, None)).id != (await missed(tx, None)).id


@pytest.mark.parametrize(
    ("was", "after_a_call", "after_a_text"),
    [
        ("new", "new", "new"),
        ("contacted", "new", "contacted"),
        ("booked", "booked", "booked"),
        ("closed", "new", "new"),
    ],
)
async def test_a_lead_is_opened_again(database: Database, was: str, after_a_call: str, after_a_text: str) -> None:
    """By a new missed call, or by a reply: it is never a second one."""
    for number, expected in ((CALLER, after_a_call), (BOB, after_a_text)):
        async with database.transaction() as tx:
            lead = await missed(tx, number)
            await tx.run("UPDATE leads SET status = ?1 WHERE id = ?2", was, lead.id)
            again = (
                await missed(tx, number)
                if number is CALLER
                else await leads.for_text(tx, "Hill Plumbing", number, LATER)
            )
            assert (lead.id, expected) == (again.id, await status(tx, lead.id))


async def test_of_several_leads_the_open_one_is_taken(database: Database) -> None:
    """Though a closed one was touched later."""
    async with database.transaction() as tx:
        closed = await missed(tx)
        await tx.run("UPDATE leads SET status = 'closed', updated_at = ?1 WHERE id = ?2", stamp(LATER), closed.id)
        row = await tx.one(
            "INSERT INTO leads (business, number, caller, did, did_label, outcome, status, created_at, updated_at)"
            " SELECT business, number, caller, did, did_label, outcome, 'contacted', created_at, created_at"
            " FROM leads RETURNING id"
        )
        assert row is not None
        assert row["id"] == (await missed(tx)).id


@pytest.mark.parametrize("what", ["text", "call to the SIM"])
async def test_a_text_finds_the_open_one_too(database: Database, what: str) -> None:
    """And so does a call to the SIM: two open leads of one number would be a contradiction."""
    async with database.transaction() as tx:
        closed = await missed(tx)
        await tx.run("UPDATE leads SET status = 'closed', updated_at = ?1 WHERE id = ?2", stamp(LATER), closed.id)
        await tx.run(
            "INSERT INTO leads (business, number, caller, did, did_label, outcome, status, created_at, updated_at)"
            " SELECT business, number, caller, did, did_label, outcome, 'contacted', created_at, created_at FROM leads"
        )
        if what == "text":
            found = await leads.for_text(tx, "Hill Plumbing", CALLER, LATER)
        else:
            found = await leads.for_call_to_sim(tx, "Hill Plumbing", CALLER, CALLER, LATER)
        assert closed.id + 1 == found.id
        assert "closed" == await status(tx, closed.id)


@pytest.mark.parametrize(
    ("was", "after"), [("new", "new"), ("contacted", "new"), ("booked", "booked"), ("closed", "new")]
)
async def test_a_call_to_the_sim_is_a_missed_call(database: Database, was: str, after: str) -> None:
    """It opens its lead again as any other does."""
    async with database.transaction() as tx:
        lead = await missed(tx)
        await tx.run("UPDATE leads SET status = ?1 WHERE id = ?2", was, lead.id)
        again = await leads.for_call_to_sim(tx, "Hill Plumbing", CALLER, CALLER, LATER)

    assert (lead.id, after, 2) == (again.id, again.status, again.calls)


async def test_urgent_stays_urgent(database: Database) -> None:
    """Who was lost in mid-talk and then misses us again is no less angry."""
    async with database.transaction() as tx:
        await missed(tx, outcome=Outcome.ANSWERED_THEN_LOST)
        assert (await missed(tx)).urgent


async def test_contacted_settles_what_is_new(database: Database) -> None:
    """In every business; what is booked or closed stays."""
    async with database.transaction() as tx:
        new, booked = await missed(tx), await missed(tx, business="Other")
        await tx.run("UPDATE leads SET status = 'booked' WHERE id = ?1", booked.id)
        assert 1 == await leads.contacted(tx, CALLER, "101", 30.0, LATER, maybe_machine=False)
        assert ("contacted", "booked") == (await status(tx, new.id), await status(tx, booked.id))


async def test_newer_news_of_a_lead_take_the_place_of_older_ones(database: Database) -> None:
    """At the older one's time; but what somebody wrote is still to be read, and so is what concerns another lead."""
    async with database.transaction() as tx:
        lead, other = await missed(tx), await missed(tx, BOB)
        row = await calls.record(tx, a_call(), CALLER, SILENT, lead.id, NOON)
        notice = {"kind": MessageKind.OWNER, "to": OWNER}
        old = await outbox.enqueue(tx, a_draft(**notice, lead_id=lead.id, call_row=row), NOON)
        words = await outbox.enqueue(tx, a_draft(**notice, lead_id=lead.id, template=outbox.OF_A_REPLY), NOON)
        others = await outbox.enqueue(tx, a_draft(**notice, lead_id=other.id, call_row=row), NOON)

        assert await withdrawals.supersede_notices(tx, lead.id, OWNER, LATER) == NOON
        states = {found["id"]: found["state"] for found in await text_history.latest(tx, 9)}
    assert {old: "cancelled", words: "queued", others: "queued"} == states


async def test_a_thread_is_one_line_of_time(database: Database) -> None:
    """Calls and texts, in and out."""
    async with database.transaction() as tx:
        await calls.record(tx, a_call(), CALLER, SILENT, None, NOON)
        await outbox.enqueue(tx, a_draft(), LATER)
        await outbox.enqueue(tx, a_draft(to=BOB), LATER)
        lead = await leads.get(tx, (await leads.for_text(tx, "Main", CALLER, LATER)).id)
        assert lead is not None
        thread = await leads.thread(tx, lead)

    assert [("call", "no_answer", ""), ("out", "queued", "sorry")] == [
        (entry["kind"], entry["summary"], entry["text"]) for entry in thread
    ]


# --- calls ------------------------------------------------------------------------------------------------------------


async def test_a_call_comes_back_as_it_was_kept(database: Database) -> None:
    """With its steps, its decision and its reason."""
    record = a_record(steps=steps((What.ARRIVED, "", "0163"), (What.JOINED, "", "101")), talked_to=people("101", "102"))
    async with database.transaction() as tx:
        call = a_call(record, decided_by=record.steps[1:])
        row_id = await calls.record(tx, call, CALLER, SILENT, None, LATER)
        (row,) = await calls.latest(tx, 5)

    assert row_id == row["id"]
    assert ("silent", "excluded", "family") == (row["decision"], row["reason"], row["detail"])
    assert record.talked_to == tuple(parties.from_column(row["talked_to"]))
    assert [(record.steps[0], False), (record.steps[1], True)] == calls.steps(row)
    assert record.steps[1].at == moment(row["answered_at"])


async def test_a_call_is_kept_once(database: Database) -> None:
    """The second time gives no row, whatever was decided then."""
    text = SendText(to=CALLER, template="missed", text="sorry", not_before=NOON)
    async with database.transaction() as tx:
        assert await calls.record(tx, a_call(), CALLER, SILENT, None, NOON)
        assert await calls.on_record(tx, "asterisk", a_call().record.call_id)
        assert None is await calls.record(tx, a_call(), CALLER, text, None, NOON)
        assert 1 == len(await calls.latest(tx, 5))


@pytest.mark.parametrize("asked", ["1795220364.0", "1", "07700900123", "+447700900123"])
async def test_a_call_is_found_by_what_one_has(database: Database, asked: str) -> None:
    """The PBX's id, ours, the number as shown, the number in E.164."""
    async with database.transaction() as tx:
        await calls.record(tx, a_call(), CALLER, SILENT, None, NOON)
        number = E164(asked) if asked.startswith("+") else None
        assert 1 == len(await calls.find(tx, asked, number, 5))
        assert [] == await calls.find(tx, "2", None, 5)


# --- history ----------------------------------------------------------------------------------------------------------


async def test_the_history_of_a_number(database: Database) -> None:
    """Nothing at first; then consent, texts, the last answered call, and whether it is calling now."""
    async with database.transaction() as tx:
        nothing = await history.of_caller(tx, CALLER, "", "Hill Plumbing", a_policy(), NOON)
        assert (None, (), None, False) == (
            nothing.consent,
            nothing.texts,
            nothing.served_until,
            nothing.on_the_line,
        )
        await opt_outs.add(tx, CALLER, Consent.HOLD, "sms", NOON)
        await outbox.enqueue(tx, a_draft(), NOON)
        joined = a_record(steps=steps((What.ARRIVED,), (What.JOINED, "", "101")))
        await calls.record(tx, a_call(joined, outcome=Outcome.ANSWERED), CALLER, SILENT, None, NOON)
        live = LiveCall(call_id="2.2", caller=CALLER, did="1", started_at=NOON)
        await live_calls.add(tx, "asterisk", live, CALLER)
        await live_calls.add(tx, "asterisk", live, CALLER)
        full = await history.of_caller(tx, CALLER, "", "Hill Plumbing", a_policy(), LATER)
        assert [live] == await live_calls.of_pbx(tx, "asterisk")
        assert [] == await live_calls.of_pbx(tx, "other")

    assert (Consent.HOLD, (NOON,), joined.ended_at, True) == (
        full.consent,
        full.texts,
        full.served_until,
        full.on_the_line,
    )


async def test_who_had_to_do_with_a_business_is_returning(database: Database) -> None:
    """By a lead, also one that words made, or by a call that was answered; with this business, and not simulated."""

    async def returning(tx: Transaction, number: E164, business: str = "Hill Plumbing") -> bool:
        return (await history.of_caller(tx, number, "", business, a_policy(), LATER)).returning

    numbers = [E164(f"+44770090046{i}") for i in range(5)]
    missed, wrote, answered, not_offered, simulated = numbers
    async with database.transaction() as tx:
        assert [False] * 5 == [await returning(tx, number) for number in numbers]
        await leads.for_missed_call(tx, a_call(), missed, NOON)
        await leads.for_text(tx, "Hill Plumbing", wrote, NOON)
        await leads.for_missed_call(tx, a_call(), simulated, NOON, simulated=True)
        for i, (number, outcome) in enumerate(((answered, Outcome.ANSWERED), (not_offered, Outcome.NOT_OFFERED))):
            call = a_call(a_record(call_id=f"7.{i}"), outcome=outcome)
            await calls.record(tx, call, number, SILENT, None, NOON)

        assert [True, True, True, False, False] == [await returning(tx, number) for number in numbers]
        assert [False] * 5 == [await returning(tx, number, "Another") for number in numbers]


async def test_a_text_does_not_count_itself(database: Database) -> None:
    """And the consent is the addressee's, the rest the caller's whom it is about."""
    async with database.transaction() as tx:
        await outbox.enqueue(tx, a_draft(to=BOB, kind=MessageKind.OWNER), NOON)
        notice = await outbox.next_due(tx, NOON)
        assert notice is not None
        await opt_outs.add(tx, CALLER, Consent.OUT, "sms", NOON)
        await live_calls.add(tx, "asterisk", LiveCall(call_id="2.2", caller=CALLER, did="1", started_at=NOON), CALLER)
        found = await history.of_message(tx, notice, a_policy(), NOON)

    assert (None, (), True) == (found.consent, found.texts, found.on_the_line)


async def test_a_firm_opt_out_is_not_weakened(database: Database) -> None:
    """A doubtful word after STOP changes nothing; STOP after a doubtful word does."""
    async with database.transaction() as tx:
        assert await opt_outs.add(tx, CALLER, Consent.HOLD, "sms", NOON)
        assert await opt_outs.add(tx, CALLER, Consent.OUT, "sms", NOON)
        assert not await opt_outs.add(tx, CALLER, Consent.OUT, "desk", NOON)
        assert not await opt_outs.add(tx, CALLER, Consent.HOLD, "sms", NOON)
        assert Consent.OUT is await opt_outs.consent(tx, CALLER)
        assert await opt_outs.remove(tx, CALLER)
        assert not await opt_outs.remove(tx, CALLER)
