"""Values of the core, valid by default: a test names only what it is about."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import Any

from textbackd.core.call_records import Ended, EndedCall, Party, Step, What
from textbackd.core.caller_history import CallerHistory
from textbackd.core.channel_events import DialResult, Stage
from textbackd.core.exclusions import Exclusions
from textbackd.core.guards import Limits, Traffic
from textbackd.core.office import Business, Did, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.outgoing import MessageKind, MessageState, OutgoingMessage
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy, texted_at_all_hours

NOON = dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC)
"""A Wednesday in November, when London's clock shows UTC."""

CALLER = E164("+447700900123")
OWNER = E164("+447700900001")
LONDON = zoneinfo.ZoneInfo("Europe/London")


def seconds(count: float) -> dt.timedelta:
    """That many seconds."""
    return dt.timedelta(seconds=count)


def an_office(**values: Any) -> Office:
    """One plumber in England with one DID and one owner, always open."""
    return dataclasses.replace(
        Office(
            country="GB",
            time_zone=LONDON,
            businesses=(Business(name="Hill Plumbing", phone="01632 960101", owners=(OWNER,)),),
            dids=(Did(number="01632960101", label="Sales"),),
            fiction_numbers=True,
        ),
        **values,
    )


def a_policy(**values: Any) -> Policy:
    """The defaults, for ``an_office``; ``exclusions`` is a list of them, ``text_on`` some outcomes at all hours."""
    if "exclusions" in values:
        values["exclusions"] = Exclusions(values["exclusions"])
    if "text_on" in values:
        values["text_on"] = texted_at_all_hours(values["text_on"])
    return dataclasses.replace(Policy(office=an_office()), **values)


AT_ANY_HOUR: Mapping[str, Any] = {
    "instant_at_night": True,
    "guards": Limits(
        per_prefix=10**6,
        per_hour=10**6,
        per_day=10**6,
        callers_per_minute=10**6,
        unanswered=10**6,
        ceiling=10**6,
        notices=10**6,
    ),
}
"""Of a policy, for what runs by the machine's clock: no night, and no bound on texts."""


def inbound(ended: Iterable[Ended]) -> list[EndedCall]:
    """The inbound calls of those that a tracker ended."""
    return [call for call in ended if isinstance(call, EndedCall)]


def spoke_with(call: EndedCall) -> tuple[str, ...]:
    """The extensions and numbers of those who were on the line."""
    return tuple(party.number for party in call.talked_to)


def people(*numbers: str, seconds: float = 30.0) -> tuple[Party, ...]:
    """Who was on the line, each for so long."""
    return tuple(Party(number=number, seconds=seconds) for number in numbers)


Note = tuple[What] | tuple[What, str] | tuple[What, str, str]
"""A step without its time: what, value, who."""


def steps(*notes: Note) -> tuple[Step, ...]:
    """Steps, a second apart from ``NOON``."""
    return tuple(
        Step(at=NOON + seconds(i), what=what, **dict(zip(("value", "who"), rest, strict=False)))
        for i, (what, *rest) in enumerate(notes)
    )


RANG_OUT = steps(
    (What.ARRIVED, "", "01632960101"),
    (What.STAGE, Stage.DIAL),
    (What.DIALLED, "", "101"),
    (What.RESULT, DialResult.NO_ANSWER, "101"),
    (What.GONE,),
)


def a_record(**values: Any) -> EndedCall:
    """A call to the DID of ``an_office`` at ``NOON`` that rang for 20 s and was not answered."""
    return dataclasses.replace(
        EndedCall(
            call_id="1795220364.0",
            caller="07700900123",
            caller_name="",
            withheld=False,
            did="01632960101",
            context="from-trunk",
            started_at=NOON,
            ended_at=NOON + seconds(20),
            ring_seconds=19.0,
            wait_seconds=20.0,
            talk_seconds=0.0,
            talked_to=(),
            seen_whole=True,
            steps=RANG_OUT,
        ),
        **values,
    )


def a_call(record: EndedCall | None = None, **values: Any) -> Call:
    """``a_record`` with its outcome: not answered, while the office was open."""
    record = record or a_record()
    return dataclasses.replace(
        Call(
            pbx="asterisk",
            record=record,
            did=Did(number=record.did, label="Sales"),
            business="Hill Plumbing",
            hours=Hours.OPEN,
            outcome=Outcome.NO_ANSWER,
            because="phones rang and nobody took it",
        ),
        **values,
    )


def a_history(**values: Any) -> CallerHistory:
    """Of a number that was never heard of, while nothing goes out."""
    return dataclasses.replace(CallerHistory(traffic=Traffic()), **values)


def a_message(**values: Any) -> OutgoingMessage:
    """The queued text for ``a_call``."""
    return dataclasses.replace(
        OutgoingMessage(
            id=1,
            kind=MessageKind.CALLER,
            state=MessageState.QUEUED,
            business="Hill Plumbing",
            to=CALLER,
            text="Hill Plumbing: sorry we missed you.",
            about=CALLER,
            of_a_reply=False,
            since=NOON,
            not_before=NOON + seconds(25),
            attempts=0,
        ),
        **values,
    )
