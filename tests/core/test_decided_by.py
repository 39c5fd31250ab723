"""Which of a call's steps decided its outcome: those that an explanation marks."""

import dataclasses

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import NOON, Note, a_record, an_office, people, seconds, steps
from tests.pbx import replay
from textbackd.core import channel_events as ev
from textbackd.core.call_in_the_air import MOST_STEPS
from textbackd.core.call_records import EndedCall, Party, What
from textbackd.core.calls import GRACE, CallTracker
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, QueueExit, Stage
from textbackd.core.office import Did, Mark, Office
from textbackd.core.outcomes import Call, Outcome, judge

ANNOUNCED: Note = (What.STAGE, Stage.ANNOUNCEMENT, "app-announcement-1")
BUSY: Note = (What.RESULT, DialResult.BUSY, "102")
BUSY_TONE: Note = (What.STAGE, Stage.BUSY_TONE, "from-trunk")
CANCELLED: Note = (What.RESULT, DialResult.CANCELLED, "101")
DIAL: Note = (What.STAGE, Stage.DIAL, "macro-dial")
DIALLED: Note = (What.DIALLED, "", "101")
GAVE_UP: Note = (What.GAVE_UP, "", "101")
JOINED: Note = (What.JOINED, "", "101")
LOCAL_NO_ANSWER: Note = (What.LOCAL_RESULT, DialResult.NO_ANSWER, "FMPR-101")
MENU: Note = (What.STAGE, Stage.MENU, "ivr-1")
MESSAGE: Note = (What.MESSAGE,)
NOT_REACHED: Note = (What.DIAL_OVER, DialResult.UNAVAILABLE)
NOT_SEEN: Note = (What.NOT_SEEN,)
NO_ANSWER: Note = (What.RESULT, DialResult.NO_ANSWER, "101")
PARKED: Note = (What.STAGE, Stage.PARKED, "71")
PARTED: Note = (What.PARTED,)
QUEUE: Note = (What.STAGE, Stage.QUEUE, "700")
VOICEMAIL: Note = (What.STAGE, Stage.VOICEMAIL, "101")


def left(why: QueueExit) -> Note:
    return (What.QUEUE_LEFT, why)


def judged(record: EndedCall, office: Office | None = None) -> Call:
    return judge(record, office or an_office(), pbx="asterisk", minimum_talk=seconds(2))


def went_through(*notes: Note, **values: object) -> EndedCall:
    """A call with these steps behind its arrival and before its end."""
    return a_record(steps=steps((What.ARRIVED, "", "01632960101"), *notes, (What.GONE,)), **values)


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


# --- every call ------------------------------------------------------------------------------------------------------

BY_CONFIGURATION = {Outcome.CLOSED, Outcome.NOT_OFFERED}
"""Outcomes that a call may have of which nothing but its arrival and its end was seen."""
NOTES: list[Note] = [
    *((What.STAGE, stage, "somewhere") for stage in Stage),
    *((what, result, "101") for what in (What.RESULT, What.LOCAL_RESULT, What.DIAL_OVER) for result in DialResult),
    *(left(why) for why in QueueExit),
    *(JOINED, PARTED, DIALLED, GAVE_UP, MESSAGE, NOT_SEEN, (What.HUNG_UP,), (What.GONE,), (What.GONE, DialResult.BUSY)),
]


def is_well_explained(call: Call) -> bool:
    """Its decisive steps are steps of it, in order; there are some, unless the configuration alone decided."""
    places = [call.record.steps.index(step) for step in call.decided_by]
    return places == sorted(places) and (bool(places) or call.outcome in BY_CONFIGURATION)


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


# --- very long calls -------------------------------------------------------------------------------------------------


def ended(*events: ChannelEvent) -> EndedCall:
    """The one call that these events make, a second apart."""
    return ended_on_a_clock(*enumerate(events))


def ended_on_a_clock(*events: tuple[int, ChannelEvent]) -> EndedCall:
    """The same of events that come so many seconds after ``NOON``."""
    tracker = CallTracker()
    told = [tracker.receive(dataclasses.replace(event, at=NOON + seconds(second))) for second, event in events]
    (call,) = [call for calls in told for call in calls if isinstance(call, EndedCall)]
    return call


def stage(to: Stage, where: str) -> ev.StageEntered:
    return ev.StageEntered(at=NOON, channel="caller", stage=to, where=where)


CALLER = ev.ChannelAppeared(at=NOON, channel="caller", name="X/1", kind=ChannelKind.INBOUND, linkedid="caller")
PHONE = ev.ChannelAppeared(at=NOON, channel="101", name="X/2", kind=ChannelKind.DEVICE, linkedid="caller", number="101")
TALK: list[ChannelEvent] = [
    *(ev.BridgeEntered(at=NOON, channel=channel, bridge="bridge") for channel in ("caller", "101")),
    *(ev.BridgeLeft(at=NOON, channel=channel, bridge="bridge") for channel in ("caller", "101")),
    ev.ChannelGone(at=NOON, channel="101"),
]
HANGS_UP = ev.ChannelGone(at=NOON, channel="caller")
ROUNDS: list[ChannelEvent] = [
    stage(*where) for _ in range(MOST_STEPS) for where in ((Stage.MENU, "ivr-1"), (Stage.ANNOUNCEMENT, "ivr-1"))
]


def test_a_call_that_goes_round_in_a_menu_for_hours_still_has_an_outcome() -> None:
    """A person was on the line, and then the survey waits for a key that a dialler never presses."""
    call = judged(ended(CALLER, PHONE, *TALK, *ROUNDS, HANGS_UP))

    assert (("101",), Outcome.ANSWERED_BRIEFLY) == (call.record.spoke_with, call.outcome)
    assert is_well_explained(call)


def test_a_message_is_not_forgotten_over_what_came_after_it() -> None:
    """Left at the beginning; the caller then presses 0 and goes round in the menu."""
    message = ev.MessageLeft(at=NOON, channel="caller")
    call = judged(ended(CALLER, stage(Stage.VOICEMAIL, "101"), message, *ROUNDS, HANGS_UP))

    assert Outcome.VOICEMAIL_MESSAGE is call.outcome


# --- one place after the other ---------------------------------------------------------------------------------------


def test_a_prompt_of_a_menu_within_a_menu_is_still_the_menu() -> None:
    """2 leads from the first menu to the second; there a wrong key is answered with a prompt, and he hangs up."""
    heard = [stage(Stage.MENU, "ivr-1"), stage(Stage.MENU, "ivr-2"), stage(Stage.ANNOUNCEMENT, "ivr-2")]
    call = judged(ended(CALLER, *heard, HANGS_UP))

    assert Outcome.ABANDONED_IVR is call.outcome
    assert ["ivr-2"] == [step.who for step in call.decided_by]


def test_an_announcement_behind_an_announcement_is_heard_too() -> None:
    """A welcome for everybody, and then, in a context of its own, that nobody is there."""
    heard = [stage(Stage.ANNOUNCEMENT, "app-welcome"), stage(Stage.ANNOUNCEMENT, "app-closed")]
    call = judged(ended(CALLER, *heard, HANGS_UP), an_office(closed_contexts=frozenset({"app-closed"})))

    assert Outcome.CLOSED is call.outcome
    assert ["app-welcome", "app-closed"] == [step.who for step in call.decided_by]


def test_a_key_that_leads_from_one_queue_to_another_is_a_new_wait() -> None:
    """Without a word of why the first let go: the caller pressed a key."""
    record = ended(CALLER, stage(Stage.QUEUE, "700"), stage(Stage.QUEUE, "700"), stage(Stage.QUEUE, "701"), HANGS_UP)

    assert ("701", 3.0) == (record.queue, record.queue_seconds)
    assert ["701"] == [step.who for step in judged(record).decided_by]


def test_a_caller_who_is_put_back_into_a_queue_waits_again() -> None:
    """700 for four seconds, Anna for one, 701 for three, and then he gives up; the talk is no waiting."""
    back = [stage(Stage.QUEUE, "701"), stage(Stage.QUEUE, "701")]
    record = ended(CALLER, stage(Stage.QUEUE, "700"), PHONE, *TALK, *back, HANGS_UP)

    assert ("701", 5.0, 1.0) == (record.queue, record.queue_seconds, record.talk_seconds)
    assert Outcome.ANSWERED_THEN_LOST is judged(record).outcome


def test_a_queue_that_is_told_of_before_the_talk_is_over_is_waited_in() -> None:
    """The events of the transfer are swapped; the wait begins no later for it."""
    record = ended(CALLER, PHONE, stage(Stage.QUEUE, "700"), *TALK[:2], stage(Stage.QUEUE, "701"), *TALK[2:], HANGS_UP)

    assert ("701", 6.0) == (record.queue, record.queue_seconds)


def test_a_wait_ends_where_the_queue_lets_go() -> None:
    """What comes behind it, such as voicemail, is none."""
    timeout = ev.QueueLeft(at=NOON, channel="caller", why=QueueExit.TIMEOUT)
    record = ended(CALLER, stage(Stage.QUEUE, "700"), timeout, stage(Stage.VOICEMAIL, "101"), HANGS_UP)

    assert ("700", 1.0) == (record.queue, record.queue_seconds)


def test_a_clock_that_is_set_back_costs_one_wait_only() -> None:
    """An hour back in the first queue; the second is waited in for ten seconds."""
    record = ended_on_a_clock(
        *((3600, CALLER), (3601, stage(Stage.QUEUE, "700")), (10, stage(Stage.MENU, "ivr-1"))),
        *((20, stage(Stage.QUEUE, "701")), (30, HANGS_UP)),
    )

    assert 10.0 == record.queue_seconds


def test_a_phone_that_is_rung_when_the_caller_has_gone_takes_nothing_from_the_ringing() -> None:
    """A Local channel hunts on into the grace; the call, and all ringing in it, ended with the caller."""
    half = ev.ChannelAppeared(at=NOON, channel="x2", name="X/3", kind=ChannelKind.LOCAL, linkedid="caller")
    first, second = PHONE, dataclasses.replace(PHONE, channel="102", number="102")
    rings, rings_too = (ev.DialStarted(at=NOON, channel=leg.channel, by="x2") for leg in (first, second))
    goes = ev.ChannelGone(at=NOON, channel="101")
    events: list[ChannelEvent] = [CALLER, half, first, second, rings, goes, HANGS_UP, rings_too]
    tracker = CallTracker()
    for i, event in enumerate(events):
        assert not tracker.receive(dataclasses.replace(event, at=NOON + seconds(i)))
    (record,) = tracker.expire(NOON + seconds(len(events)) + GRACE)

    assert isinstance(record, EndedCall)
    assert 1.0 == record.ring_seconds
