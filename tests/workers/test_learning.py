"""What calls and texts teach of numbers: that no text reaches one, or that one of the staff has it."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CALLER, NOON, OWNER, a_call, a_policy, a_record, an_office, seconds, steps
from tests.pbx import replay
from tests.pbx.replay import TRACES
from tests.workers.far_ends import ManualClock, ScriptedModem, accept, queued, rows, submitting
from textbackd.core.call_records import EndedCall, Party, What
from textbackd.core.exclusions import Exclusion
from textbackd.core.office import Did
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Decision, Policy
from textbackd.core.reasons import Reason
from textbackd.modem.modem import DeliveryReport, IncomingSms, SubmitRefused
from textbackd.store import text_history
from textbackd.store.database import Database
from textbackd.workers import call_book, learning
from textbackd.workers.bell import Bell
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender

MOBILE, SECOND = E164("+447700900777"), E164("+447700900778")
DAY = dt.timedelta(days=1)
CALLS_WITH_LEADS = "SELECT call_id FROM calls WHERE lead_id IS NOT NULL"


@pytest.fixture
def receiver(modem: ScriptedModem, database: Database, clock: ManualClock) -> Receiver:
    return Receiver(modem, database, a_policy, lambda: None, clock)


@pytest.fixture
def sender(modem: ScriptedModem, database: Database, clock: ManualClock) -> Sender:
    return Sender(modem, database, a_policy, Bell(), clock)


async def learned(database: Database) -> list[tuple[str, str]]:
    """Of which number what is known; of numbers outside."""
    found = await rows(database, "SELECT number, what FROM learned_numbers WHERE number LIKE '+%' ORDER BY number")
    return [(row["number"], row["what"]) for row in found]


async def reported(receiver: Receiver, modem: ScriptedModem, status: int, *, reference: int = 7) -> None:
    """The network says what became of the text to ``CALLER`` with that reference."""
    modem.reports = [DeliveryReport(number=CALLER, message_reference=reference, status=status)]
    await receiver.step()


async def called(database: Database, *, policy: Policy | None = None, **values: Any) -> Decision | None:
    """A call is over."""
    record = a_record(**values)
    async with database.transaction() as tx:
        return await call_book.keep(tx, a_call(record), policy or a_policy(), record.ended_at)


# --- that no text reaches it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", range(0x40, 0x46))
async def test_a_report_that_no_text_can_be_brought_there(
    receiver: Receiver, modem: ScriptedModem, database: Database, status: int
) -> None:
    """For good: its next missed call is not texted, nor what waits for it."""
    await accept(database, await submitting(database), 7)
    await reported(receiver, modem, status)

    assert [(CALLER, "undeliverable")] == await learned(database)
    decision = await called(database, started_at=NOON + 2 * DAY, ended_at=NOON + 2 * DAY + seconds(20))
    assert decision is not None
    assert Reason.UNDELIVERABLE is decision.reason


@pytest.mark.parametrize("status", [0, 2, 0x20, 0x30, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x50, 0x5F, 0x60, 0x62, 0x7F])
async def test_a_report_that_says_less_teaches_nothing(
    receiver: Receiver, modem: ScriptedModem, database: Database, status: int
) -> None:
    """A phone that was off for a day, a text that was deleted, a code of one service centre, a passing state."""
    await accept(database, await submitting(database), 7)
    await reported(receiver, modem, status)

    assert [] == await learned(database)


async def test_it_is_forgotten_after_90_days(receiver: Receiver, modem: ScriptedModem, database: Database) -> None:
    """Numbers are ported."""
    await accept(database, await submitting(database), 7)
    await reported(receiver, modem, 0x43)

    for days, reason in ((89, Reason.UNDELIVERABLE), (91, Reason.NOTHING_AGAINST)):
        at = NOON + days * DAY
        decision = await called(database, call_id=f"{days}", started_at=at, ended_at=at + seconds(20))
        assert decision is not None
        assert reason is decision.reason


async def test_a_text_that_arrives_later_disproves_it(
    receiver: Receiver, modem: ScriptedModem, database: Database
) -> None:
    """Of any kind."""
    await accept(database, await submitting(database), 7)
    await reported(receiver, modem, 0x43)
    await accept(database, await submitting(database), 8)
    await reported(receiver, modem, 0, reference=8)

    assert [] == await learned(database)


@pytest.mark.parametrize("words", ["hello", "STOP"])
async def test_a_text_from_there_disproves_it(
    receiver: Receiver, modem: ScriptedModem, database: Database, words: str
) -> None:
    """Whatever it says."""
    await accept(database, await submitting(database), 7)
    await reported(receiver, modem, 0x43)
    modem.sim = [IncomingSms(sender=CALLER, sent_at=NOON, text=words, places=("1",))]
    await receiver.step()

    assert [] == await learned(database)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (MessageKind.CALLER, [(CALLER, "undeliverable")]),
        (MessageKind.STAFF, [(CALLER, "undeliverable")]),
        (MessageKind.OWNER, []),
        (MessageKind.ACKNOWLEDGEMENT, []),
        (MessageKind.TEST, []),
    ],
)
async def test_only_texts_to_callers_teach(
    receiver: Receiver, modem: ScriptedModem, database: Database, kind: MessageKind, expected: list[tuple[str, str]]
) -> None:
    """An owner's number is in the configuration: whoever is wrong there is told by the alarms."""
    message = await submitting(database)
    async with database.transaction() as tx:
        await tx.run("UPDATE outbox SET kind = ?1", kind)
    await accept(database, message, 7)
    await reported(receiver, modem, 0x43)

    assert expected == await learned(database)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SubmitRefused("+CMS ERROR: 1", cms=1), [(CALLER, "undeliverable")]),
        (SubmitRefused("+CMS ERROR: 8", cms=8), []),
        (SubmitRefused("+CMS ERROR: 96", cms=96), []),
        (SubmitRefused("ERROR"), []),
    ],
)
async def test_a_network_that_knows_no_such_number(
    sender: Sender, modem: ScriptedModem, database: Database, error: Exception, expected: list[tuple[str, str]]
) -> None:
    """It says so at once; of what it says of our SIM, or of the message, nothing is learned about the number."""
    await queued(database)
    modem.answers = [error]
    await sender.step()

    assert expected == await learned(database)


async def test_what_waits_is_cancelled(sender: Sender, modem: ScriptedModem, database: Database) -> None:
    """The text of a later call was queued before the network refused the first."""
    await queued(database)
    modem.answers = [SubmitRefused("+CMS ERROR: 1", cms=1)]
    await sender.step()
    await queued(database)
    await sender.step()

    async with database.reading() as tx:
        assert ["cancelled", "failed"] == [row["state"] for row in await text_history.latest(tx, 2)]
        assert "undeliverable" == (await text_history.latest(tx, 1))[0]["reason"]


# --- that one of the staff has it -------------------------------------------------------------------------------------

FORWARDED = steps((What.ARRIVED,), (What.DIALLED, "", "101"), (What.DIALLED, "", "07700900777"), (What.GONE,))
RANG = (Party(number="101"), Party(number="07700900777", outside=True))


async def test_a_mobile_that_rings_for_callers_is_one_of_ours(database: Database) -> None:
    """Follow-me, a forward, a ring group: its owner's own missed call makes neither a text nor a lead."""
    await called(database, rang=RANG, steps=FORWARDED)
    assert [(MOBILE, "staff")] == await learned(database)

    decision = await called(database, call_id="2", caller="07700900777")
    assert decision is not None
    assert (Reason.OWN_NUMBER, "staff") == (decision.reason, getattr(decision, "detail", ""))
    assert [CALLER] == [row["number"] for row in await rows(database, "SELECT number FROM leads")]


async def test_it_is_one_of_ours_for_90_days_from_the_last_ringing(database: Database) -> None:
    """Each call renews it; then it is forgotten."""
    for days in (0, 80):
        at = NOON + days * DAY
        await called(database, call_id=f"{days}", started_at=at, ended_at=at, rang=RANG, steps=FORWARDED)
    for days, reason in ((169, Reason.OWN_NUMBER), (171, Reason.NOTHING_AGAINST)):
        at = NOON + days * DAY
        decision = await called(
            database, call_id=f"{days}", caller="07700900777", started_at=at, ended_at=at + seconds(20)
        )
        assert decision is not None
        assert reason is decision.reason


@pytest.mark.parametrize("path", sorted((TRACES / "filtered").glob("[a-k]*.ami")), ids=lambda path: path.stem)
def test_of_recorded_calls_those_teach_that_ring_a_mobile_by_themselves(path: Path) -> None:
    """Follow-me and forwards (``f``), whatever came of them; no transfer, and no call of the office itself."""
    taught = {number for call in replay.ended(replay.events(path)) for number in learning.staff_rung(call)}

    assert ({"07700900777"} if path.name.startswith("f") else set()) == taught


@pytest.mark.parametrize("answered", [(What.JOINED, "", "101"), (What.PICKED_UP, "", "101")])
async def test_whom_a_person_sends_the_caller_on_to_is_not(database: Database, answered: tuple[What, str, str]) -> None:
    """A supplier, another customer: nobody knows."""
    transferred = steps(
        *((What.ARRIVED,), (What.DIALLED, "", "07700900778"), (What.DIALLED, "", "101"), answered),
        *((What.DIALLED, "", "07700900777"), (What.GONE,)),
    )
    rang = (*RANG, Party(number="07700900778", outside=True))
    await called(database, rang=rang, steps=transferred, talked_to=(Party(number="101", seconds=9.0),))

    assert [(SECOND, "staff")] == await learned(database)


@pytest.mark.parametrize(
    ("values", "policy"),
    [
        pytest.param({"seen_whole": False}, {}, id="not all was seen"),
        pytest.param({"rang": (Party(number="101"), Party(number="07700900777"))}, {}, id="a softphone with that name"),
        pytest.param({"caller": "07700900777"}, {}, id="the caller's own"),
        pytest.param({"caller": "anonymous"}, {}, id="for nobody knows whom"),
        pytest.param({"caller": OWNER}, {}, id="for an owner, who calls a customer through the PBX"),
        pytest.param({}, {"exclusions": [Exclusion(label="crew", number=CALLER)]}, id="for one of the crew"),
        pytest.param({}, {"own_numbers": frozenset({MOBILE})}, id="known already"),
        pytest.param({}, {"office": an_office(dids=(Did(number="07700900777"),))}, id="a DID"),
    ],
)
async def test_what_teaches_nothing(database: Database, values: dict[str, Any], policy: dict[str, Any]) -> None:
    """A number is one of ours only where the PBX rings it by itself for a stranger."""
    await called(database, policy=a_policy(**policy), **{"rang": RANG, "steps": FORWARDED} | values)

    assert [] == await learned(database)


async def test_a_simulated_call_teaches_nothing(database: Database) -> None:
    """Nobody made it."""
    record: EndedCall = a_record(rang=RANG, steps=FORWARDED)
    async with database.transaction() as tx:
        await call_book.keep(tx, a_call(record), a_policy(), NOON, simulated=True)

    assert [] == await learned(database)


# --- the PBX's own phones ---------------------------------------------------------------------------------------------


async def extensions(database: Database) -> list[str]:
    """That were learned."""
    return [
        row["number"]
        for row in await rows(database, "SELECT number FROM learned_numbers WHERE number NOT LIKE '+%' ORDER BY number")
    ]


async def test_a_caller_who_shows_an_extension_of_the_pbx_is_one_of_the_staff(database: Database) -> None:
    """From when the PBX was seen to have such a phone; before, it is a caller like others who shows no number."""
    stranger = await called(database, call_id="1", caller="101", rang=(Party(number="102"),))
    staff = await called(database, call_id="2", caller="102")

    assert stranger is not None
    assert staff is not None
    assert (Reason.NOT_A_PHONE_NUMBER, Reason.OWN_NUMBER) == (stranger.reason, staff.reason)
    assert [("1",)] == [tuple(row) for row in await rows(database, CALLS_WITH_LEADS)]


async def test_an_extension_is_one_however_the_pbx_shows_it(database: Database) -> None:
    """As a phone and as a caller, by itself or as a URI."""
    await called(database, call_id="1", rang=(Party(number="101"), Party(number="<102>")))
    shown = ("sip:101@192.0.2.1", '"Ben" <102>', "sip:103@192.0.2.1")
    decisions = [await called(database, call_id=caller, caller=caller) for caller in shown]

    expected = [Reason.OWN_NUMBER, Reason.OWN_NUMBER, Reason.NOT_A_PHONE_NUMBER]
    assert expected == [decision and decision.reason for decision in decisions]


async def test_an_extension_that_is_a_number_of_the_country_too(database: Database) -> None:
    """In Austria 50111 can be dialled."""
    policy = a_policy(office=an_office(country="AT"))
    texted = await called(database, call_id="1", caller="50111", policy=policy, rang=(Party(number="50111"),))
    staff = await called(database, call_id="2", caller="50111", policy=policy)

    assert texted is not None
    assert staff is not None
    assert (True, Reason.OWN_NUMBER) == (texted.reason is not Reason.OWN_NUMBER, staff.reason)


async def test_what_is_learned_as_an_extension(database: Database) -> None:
    """Phones inside, who rang or answered; no number outside however short, and nothing longer."""
    inside = (Party(number="101"), Party(number="02071234567"), Party(number="999", outside=True), Party(number=""))
    await called(database, rang=inside, talked_to=(Party(number="201"),))

    assert ["101", "201"] == await extensions(database)


async def test_an_extension_is_written_down_once_a_day(database: Database) -> None:
    """A group of twenty rings at every call."""
    since = []
    for i, later in enumerate((dt.timedelta(), dt.timedelta(hours=23), dt.timedelta(hours=25))):
        at = NOON + later
        await called(database, call_id=str(i), started_at=at, ended_at=at, rang=(Party(number="101"),))
        since += [row["learned_at"] for row in await rows(database, "SELECT learned_at FROM learned_numbers")]

    assert (True, False) == (since[0] == since[1], since[1] == since[2])
