"""Callers who withhold the number are never texted, however fast their call is over. On a real Asterisk."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from tests.builders import a_history, a_policy, an_office, inbound
from tests.lab import behaviour, office
from tests.lab.asterisk import SECRET, Asterisk
from tests.lab.sip import Carrier, Phone
from textbackd import clock
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import (
    ChannelAppeared,
    ChannelEvent,
    ChannelGone,
    ChannelKind,
    Privacy,
    PrivacyTold,
    SnapshotTaken,
)
from textbackd.core.outcomes import judge
from textbackd.core.policy import decide
from textbackd.core.reasons import Reason
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_events import PRIVACY_ACTION
from textbackd.pbx.asterisk_privacy import PrivacyQuestions
from textbackd.pbx.asterisk_settings import AsteriskSettings

CALLER = "+447700900123"
CALLS = 12
NOON = dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC)


@contextlib.asynccontextmanager
async def watching(asterisk: Asterisk) -> AsyncIterator[AsteriskSource]:
    """The real link, with its first snapshot taken."""
    source = AsteriskSource(
        AsteriskSettings(name="lab", host=asterisk.pbx, port=asterisk.ami_port, user="textbackd", secret=SECRET)
    )
    async with asyncio.TaskGroup() as group:
        running = group.create_task(source.run())
        async with asyncio.timeout(10):
            while not isinstance(await source.events.get(), SnapshotTaken):
                pass
        yield source
        running.cancel()


async def reasons(source: AsteriskSource, calls: int) -> Sequence[Reason]:
    """What was decided about the next calls."""
    tracker, found = CallTracker(), list[Reason]()
    policy = a_policy(office=an_office())
    async with asyncio.timeout(30):
        while len(found) < calls:
            for record in inbound(tracker.receive(await source.events.get())):
                call = judge(record, policy.office, pbx="lab", minimum_talk=policy.minimum_talk)
                found.append(decide(call, a_history(), policy, clock.utc_now()).reason)
    return found


async def many_calls_at_once(carrier: Carrier, did: str, *, withheld: bool) -> None:
    """Calls that are over within milliseconds, since the phone is busy."""
    placed = [await carrier.call(CALLER, did=did, name="Jo", withheld=withheld) for _ in range(CALLS)]
    for call in placed:
        await call.ended()


@pytest.mark.parametrize("did", [office.ONE_PHONE, office.CALLER_ID_UNTOUCHED, office.PRESENTATION_RESET])
async def test_a_withheld_number_that_shows_is_never_texted(
    asterisk: Asterisk, carrier: Carrier, phones: Mapping[str, Phone], did: str
) -> None:
    """Also where no event tells, and the channel may be gone before the PBX has answered our question."""
    for phone in phones.values():
        phone.behaviour = behaviour.BUSY
    async with watching(asterisk) as source:
        await many_calls_at_once(carrier, did, withheld=True)

        assert set(await reasons(source, CALLS)) <= {Reason.WITHHELD, Reason.PRIVACY_UNKNOWN}


async def test_a_number_that_shows_is_texted(asterisk: Asterisk, carrier: Carrier, phones: Mapping[str, Phone]) -> None:
    """Where the dialplan sets the caller's name, as FreePBX does, the presentation is known at once."""
    for phone in phones.values():
        phone.behaviour = behaviour.BUSY
    async with watching(asterisk) as source:
        for _ in range(3):
            await (await carrier.call(CALLER, did=office.ONE_PHONE)).ended()

        assert {Reason.NOTHING_AGAINST} == set(await reasons(source, 3))


# --- the hang-up that waits ------------------------------------------------------------------------------------------

INBOUND = ChannelAppeared(at=NOON, channel="1.1", name="PJSIP/trunk-1", kind=ChannelKind.INBOUND, group="1.1")
GONE = ChannelGone(at=NOON, channel="1.1")


def answer(question: str) -> dict[str, str]:
    return {"Response": "Success", "ActionID": f"{PRIVACY_ACTION}1.1/{question}", "Value": ""}


def asking(delivered: list[ChannelEvent]) -> PrivacyQuestions:
    questions = PrivacyQuestions(lambda _action: None, delivered.append, lambda: NOON)
    questions.ask(INBOUND)
    return questions


async def test_a_hang_up_waits_for_the_last_answer() -> None:
    """And for no other; hang-ups of other channels do not wait at all."""
    delivered: list[ChannelEvent] = []
    questions = asking(delivered)

    assert questions.holds(GONE)
    assert not questions.holds(ChannelGone(at=NOON, channel="1.2"))
    for question in ("now", "now", "saved"):  # told twice it is one answer
        questions.answered(answer(question))
    assert [] == delivered
    questions.answered(answer("header"))
    assert [] == delivered
    questions.answered(answer("from"))
    assert [] == delivered
    questions.answered(answer("asserted"))
    assert [GONE] == delivered


async def test_a_hang_up_after_the_answers_does_not_wait() -> None:
    """The usual case."""
    questions = asking([])
    for question in ("now", "saved", "header", "from", "asserted"):
        questions.answered(answer(question))

    assert not questions.holds(GONE)


async def test_a_hang_up_waits_no_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was asked in vain is not known."""
    monkeypatch.setattr("textbackd.pbx.asterisk_privacy.PATIENCE", 0.0)
    delivered: asyncio.Queue[ChannelEvent] = asyncio.Queue()
    questions = PrivacyQuestions(lambda _action: None, delivered.put_nowait, lambda: NOON)
    questions.ask(INBOUND)
    assert questions.holds(GONE)

    assert PrivacyTold(at=NOON, channel="1.1", privacy=Privacy.UNKNOWN) == await delivered.get()
    assert GONE == await delivered.get()


async def test_a_snapshot_lets_go() -> None:
    """The channel is not in it any more; its hang-up must come first, or the call would have ended unseen."""
    delivered: list[ChannelEvent] = []
    questions = asking(delivered)
    assert questions.holds(GONE)

    assert not questions.holds(SnapshotTaken(at=NOON, channels=frozenset()))
    assert GONE in delivered


async def test_a_lost_link_lets_go() -> None:
    """Nothing is held over from one connection to the next."""
    delivered: list[ChannelEvent] = []
    questions = asking(delivered)
    assert questions.holds(GONE)
    questions.give_up()

    assert GONE in delivered
    assert not questions.holds(GONE)
