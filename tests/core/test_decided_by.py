"""Which of a call's steps decided its outcome: those that an explanation marks."""

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import Note, a_record, an_office, people, steps
from tests.core.notes import (
    ANNOUNCED,
    BUSY,
    BUSY_TONE,
    CANCELLED,
    DIAL,
    DIALLED,
    GAVE_UP,
    JOINED,
    LOCAL_NO_ANSWER,
    MENU,
    MESSAGE,
    NO_ANSWER,
    NOT_REACHED,
    NOT_SEEN,
    PARKED,
    PARTED,
    QUEUE,
    VOICEMAIL,
    is_well_explained,
    judged,
    left,
    went_through,
)
from tests.pbx import replay
from textbackd.core.call_records import Party, What
from textbackd.core.channel_events import DialResult, QueueExit, Stage
from textbackd.core.office import Did, Mark
from textbackd.core.outcomes import Call, Outcome


def decisive(call: Call) -> list[Note]:
    """The steps that decided, as they are written above."""
    found: list[Note] = []
    for step in call.decided_by:
        value = str(step.value)
        found.append((step.what, value, step.who) if step.who else (step.what, value) if value else (step.what,))
    return found


@pytest.mark.parametrize(
    ("notes", "outcome", "expected"),
    [
        ((DIAL, DIALLED, NO_ANSWER, BUSY), Outcome.NO_ANSWER, [NO_ANSWER]),
        ((DIAL, DIALLED, BUSY, BUSY), Outcome.BUSY, [BUSY, BUSY]),
        ((DIAL, DIALLED, CANCELLED, LOCAL_NO_ANSWER), Outcome.NO_ANSWER, [LOCAL_NO_ANSWER]),
        ((DIAL, NOT_REACHED), Outcome.UNAVAILABLE, [NOT_REACHED]),
        ((DIAL, DIALLED, GAVE_UP, CANCELLED), Outcome.ABANDONED_RINGING, [GAVE_UP]),
        ((DIAL, DIALLED), Outcome.ABANDONED_RINGING, [DIAL]),
        ((DIAL, NO_ANSWER, DIAL, BUSY), Outcome.NO_ANSWER, [NO_ANSWER]),
        ((NOT_REACHED,), Outcome.UNAVAILABLE, [NOT_REACHED]),
        ((QUEUE, DIALLED, CANCELLED), Outcome.ABANDONED_QUEUE, [QUEUE]),
        ((QUEUE, left(QueueExit.EMPTY)), Outcome.UNAVAILABLE, [QUEUE, left(QueueExit.EMPTY)]),
        ((QUEUE, left(QueueExit.FULL)), Outcome.BUSY, [QUEUE, left(QueueExit.FULL)]),
        (
            (QUEUE, DIALLED, DIALLED, left(QueueExit.TIMEOUT)),
            Outcome.NO_ANSWER,
            [QUEUE, DIALLED, left(QueueExit.TIMEOUT)],
        ),
        ((QUEUE, left(QueueExit.TIMEOUT)), Outcome.BUSY, [QUEUE, left(QueueExit.TIMEOUT)]),
        (
            (QUEUE, DIALLED, BUSY, left(QueueExit.TIMEOUT)),
            Outcome.BUSY,
            [QUEUE, BUSY, left(QueueExit.TIMEOUT)],
        ),
        ((PARKED,), Outcome.ABANDONED_QUEUE, [PARKED]),
        ((ANNOUNCED, MENU), Outcome.ABANDONED_IVR, [MENU]),
        ((DIAL, NO_ANSWER, VOICEMAIL), Outcome.VOICEMAIL_SILENT, [VOICEMAIL]),
        ((VOICEMAIL, MESSAGE), Outcome.VOICEMAIL_MESSAGE, [MESSAGE]),
        (((What.STAGE, Stage.MAILBOX, "x"),), Outcome.NOT_OFFERED, [(What.STAGE, Stage.MAILBOX, "x")]),
        (((What.STAGE, Stage.BLOCKED, "x"), BUSY_TONE), Outcome.NOT_OFFERED, [(What.STAGE, Stage.BLOCKED, "x")]),
        ((BUSY_TONE,), Outcome.BUSY, [BUSY_TONE]),
        ((ANNOUNCED,), Outcome.NOT_OFFERED, [ANNOUNCED]),
        ((MENU, ANNOUNCED), Outcome.NOT_OFFERED, [ANNOUNCED]),
    ],
)
def test_the_steps_that_decide_a_call_without_a_person(
    notes: tuple[Note, ...], outcome: Outcome, expected: list[Note]
) -> None:
    """As few as tell it: one place, one result, or where the caller waited and how that ended."""
    call = judged(went_through(*notes))

    assert (outcome, expected) == (call.outcome, decisive(call))


@pytest.mark.parametrize(
    ("notes", "talked", "outcome", "expected"),
    [
        ((DIAL, DIALLED, JOINED, PARTED), 30.0, Outcome.ANSWERED, [JOINED]),
        ((JOINED, PARTED, (What.JOINED, "", "102")), 30.0, Outcome.ANSWERED, [JOINED, (What.JOINED, "", "102")]),
        ((DIAL, JOINED, PARTED), 1.0, Outcome.ANSWERED_BRIEFLY, [JOINED, PARTED]),
        ((JOINED, PARTED, VOICEMAIL, MESSAGE), 30.0, Outcome.ANSWERED_THEN_VOICEMAIL, [JOINED, VOICEMAIL]),
        ((JOINED, PARKED, PARTED), 30.0, Outcome.ANSWERED_THEN_LOST, [JOINED, PARKED]),
        ((JOINED, PARTED, QUEUE, DIALLED), 30.0, Outcome.ANSWERED_THEN_LOST, [JOINED, QUEUE]),
        ((JOINED, PARTED, DIAL, DIALLED, NO_ANSWER), 30.0, Outcome.ANSWERED_THEN_LOST, [JOINED, DIALLED]),
        ((JOINED, PARTED, DIAL, NOT_REACHED), 30.0, Outcome.ANSWERED_THEN_LOST, [JOINED, NOT_REACHED]),
    ],
)
def test_the_steps_that_decide_a_call_with_a_person(
    notes: tuple[Note, ...], talked: float, outcome: Outcome, expected: list[Note]
) -> None:
    """Whoever was joined, and where the call went to after the last of them."""
    call = judged(went_through(*notes, talked_to=people("101", seconds=talked), talk_seconds=talked))

    assert (outcome, expected) == (call.outcome, decisive(call))


def test_the_steps_that_decide_a_call_that_was_not_seen_whole() -> None:
    """That events are missing; but who was on the line was, where the end was seen."""
    lost = judged(went_through(DIAL, NOT_SEEN, DIALLED, seen_whole=False))
    record = a_record(steps=steps((What.ARRIVED,), JOINED, NOT_SEEN), talked_to=people("101"), seen_whole=False)
    answered = judged(
        went_through(JOINED, NOT_SEEN, PARTED, talked_to=people("101"), talk_seconds=9.0, seen_whole=False)
    )

    assert (Outcome.UNKNOWN, [NOT_SEEN]) == (lost.outcome, decisive(lost))
    assert (Outcome.UNKNOWN, [NOT_SEEN]) == (judged(record).outcome, decisive(judged(record)))
    assert (Outcome.ANSWERED, [JOINED]) == (answered.outcome, decisive(answered))


def test_the_steps_that_decide_where_the_way_on_was_not_seen() -> None:
    """Somebody was on the line, and had put him into the queue again: whether anybody came, nobody saw."""
    talk = {"talked_to": people("101"), "talk_seconds": 9.0, "seen_whole": False}
    call = judged(went_through(JOINED, PARTED, QUEUE, NOT_SEEN, **talk))

    assert (Outcome.UNKNOWN, [JOINED, QUEUE]) == (call.outcome, decisive(call))


def test_a_busy_signal_may_be_all_that_the_end_tells() -> None:
    """Do-not-disturb on the PBX: no phone is dialled, and the carrier is told that the line is busy (a24)."""
    gone: Note = (What.GONE, DialResult.BUSY)
    call = judged(a_record(steps=steps((What.ARRIVED,), gone)))

    assert (Outcome.BUSY, [gone]) == (call.outcome, decisive(call))


@pytest.mark.parametrize(
    ("mark", "outcome"),
    [(Mark.CLOSED, Outcome.CLOSED), (Mark.INFORMATION, Outcome.NOT_OFFERED), (None, Outcome.NOT_OFFERED)],
)
def test_what_the_configuration_decides_needs_no_step(mark: Mark | None, outcome: Outcome) -> None:
    """A mark decides by itself; what the caller heard is named where he heard something."""
    office = an_office(dids=(Did(number="01632960101", marks=frozenset({mark} if mark else ())),))

    assert (outcome, ()) == ((call := judged(went_through(), office)).outcome, call.decided_by)
    assert [ANNOUNCED] == decisive(judged(went_through(ANNOUNCED), office))


@pytest.mark.parametrize(
    ("outside", "screened", "talked", "expected"),
    [
        ((True,), False, 19.9, True),
        ((True,), False, 20.0, False),
        ((True,), True, 5.0, False),
        ((False,), False, 5.0, False),
        ((False, True), False, 5.0, False),
        ((True, True), False, 5.0, True),
        ((True,), False, 1.0, False),
    ],
    ids=["a mobile", "patiently", "confirmed", "a phone", "a phone and a mobile", "two mobiles", "hardly answered"],
)
def test_a_machine_may_have_answered(outside: tuple[bool, ...], screened: bool, talked: float, expected: bool) -> None:
    """A leg outside, for less than a machine's patience, where nobody was asked to confirm (f03); of an answer only."""
    parties = tuple(Party(number=f"10{i}", outside=is_outside) for i, is_outside in enumerate(outside))
    call = judged(went_through(JOINED, PARTED, talked_to=parties, talk_seconds=talked, screened=screened))

    assert expected == call.maybe_machine


NOTES: list[Note] = [
    *((What.STAGE, stage, "somewhere") for stage in Stage),
    *((what, result, "101") for what in (What.RESULT, What.HALF_RESULT, What.DIAL_OVER) for result in DialResult),
    *(left(why) for why in QueueExit),
    *(JOINED, PARTED, DIALLED, GAVE_UP, MESSAGE, NOT_SEEN, (What.HUNG_UP,), (What.GONE,), (What.GONE, DialResult.BUSY)),
]


@hypothesis.given(st.lists(st.sampled_from(NOTES), max_size=12), st.sampled_from((0.0, 1.0, 30.0)))
def test_whatever_happened_the_decisive_steps_are_steps_of_the_call(notes: list[Note], talked: float) -> None:
    """And an outcome that comes from steps names some."""
    record = a_record(
        steps=steps((What.ARRIVED,), *notes),
        talked_to=people("101", seconds=talked) if JOINED in notes else (),
        talk_seconds=talked if JOINED in notes else 0.0,
        seen_whole=NOT_SEEN not in notes,
    )

    assert is_well_explained(judged(record))


TRACES = sorted(path.name for path in replay.TRACES.glob("filtered/*.ami"))


@pytest.mark.parametrize("name", TRACES)
def test_recorded_calls_are_well_explained(name: str) -> None:
    """The same of what real PBXs did."""
    for call in replay.calls(replay.TRACES / "filtered" / name):
        assert is_well_explained(call)
