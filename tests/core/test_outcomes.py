"""What a whole call amounted to, as a table: the steps, and what a person would say."""

import datetime as dt

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import NOON, Note, a_record, an_office, people, seconds, steps
from textbackd.core.call_records import EndedCall, What
from textbackd.core.channel_events import DialResult, QueueExit, Stage
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome, judge

ANNOUNCED: Note = (What.STAGE, Stage.ANNOUNCEMENT, "app-announcement-1")
DIAL: Note = (What.STAGE, Stage.DIAL)
DIALLED: Note = (What.DIALLED, "", "101")
EMPTY: Note = (What.QUEUE_LEFT, QueueExit.EMPTY)
GAVE_UP: Note = (What.GAVE_UP, "", "101")
MENU: Note = (What.STAGE, Stage.MENU, "ivr-1")
MESSAGE: Note = (What.MESSAGE,)
NOT_REACHED: Note = (What.DIAL_OVER, DialResult.UNAVAILABLE)
QUEUE: Note = (What.STAGE, Stage.QUEUE, "700")
TIMEOUT: Note = (What.QUEUE_LEFT, QueueExit.TIMEOUT)
VOICEMAIL: Note = (What.STAGE, Stage.VOICEMAIL, "101")


def result(of_leg: DialResult) -> Note:
    return (What.RESULT, of_leg, "101")


def local_result(of_leg: DialResult) -> Note:
    return (What.LOCAL_RESULT, of_leg, "")


def judged(record: EndedCall, office: Office | None = None) -> Call:
    return judge(record, office or an_office(), pbx="asterisk", minimum_talk=seconds(2))


def went_through(*notes: Note, **values: object) -> EndedCall:
    return a_record(steps=steps((What.ARRIVED, "", "01632960101"), *notes, (What.GONE,)), **values)


RANG_OUT = (DIAL, DIALLED, result(DialResult.NO_ANSWER))


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        (RANG_OUT, Outcome.NO_ANSWER),
        ((*RANG_OUT, (What.STAGE, Stage.CONGESTION_TONE)), Outcome.NO_ANSWER),
        ((*RANG_OUT, ANNOUNCED), Outcome.NO_ANSWER),
        ((DIAL, DIALLED, result(DialResult.BUSY)), Outcome.BUSY),
        ((DIAL, DIALLED, result(DialResult.BUSY), (What.STAGE, Stage.BUSY_TONE)), Outcome.BUSY),
        ((DIAL, DIALLED, result(DialResult.UNAVAILABLE)), Outcome.UNAVAILABLE),
        ((DIAL, DIALLED, DIALLED, result(DialResult.BUSY), result(DialResult.NO_ANSWER)), Outcome.NO_ANSWER),
        ((DIAL, DIALLED, DIALLED, result(DialResult.UNAVAILABLE), result(DialResult.BUSY)), Outcome.BUSY),
        ((DIAL, DIALLED, result(DialResult.BUSY), DIAL, DIALLED, result(DialResult.NO_ANSWER)), Outcome.NO_ANSWER),
        ((*RANG_OUT, DIAL, DIALLED, result(DialResult.BUSY)), Outcome.NO_ANSWER),
        ((*RANG_OUT, MENU, DIAL, DIALLED, result(DialResult.BUSY)), Outcome.BUSY),
        ((*RANG_OUT, DIAL, DIALLED, GAVE_UP, result(DialResult.CANCELLED)), Outcome.ABANDONED_RINGING),
        ((DIAL, DIALLED, GAVE_UP), Outcome.ABANDONED_RINGING),
        ((DIAL, DIALLED, result(DialResult.CANCELLED)), Outcome.ABANDONED_RINGING),
        ((DIAL,), Outcome.ABANDONED_RINGING),
        ((DIAL, NOT_REACHED), Outcome.UNAVAILABLE),
        ((DIAL, local_result(DialResult.NO_ANSWER), NOT_REACHED), Outcome.NO_ANSWER),
        ((DIAL, DIALLED, result(DialResult.CANCELLED), local_result(DialResult.BUSY)), Outcome.BUSY),
        ((DIAL, DIALLED, result(DialResult.ANSWERED), local_result(DialResult.NO_ANSWER)), Outcome.NO_ANSWER),
        ((DIAL, DIALLED, result(DialResult.ANSWERED), GAVE_UP), Outcome.ABANDONED_RINGING),
        ((DIAL, DIALLED, result(DialResult.ANSWERED)), Outcome.ABANDONED_RINGING),
        ((NOT_REACHED,), Outcome.UNAVAILABLE),
        ((NOT_REACHED, ANNOUNCED), Outcome.NOT_OFFERED),
    ],
)
def test_phones_were_dialled(notes: tuple[Note, ...], expected: Outcome) -> None:
    """The last round of dialling decides; within it a phone that rang counts for more than one that was busy."""
    assert expected is judged(went_through(*notes)).outcome


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((QUEUE, DIALLED, result(DialResult.CANCELLED)), Outcome.ABANDONED_QUEUE),
        ((QUEUE,), Outcome.ABANDONED_QUEUE),
        ((QUEUE, DIALLED, result(DialResult.NO_ANSWER), TIMEOUT), Outcome.NO_ANSWER),
        ((QUEUE, DIALLED, TIMEOUT, ANNOUNCED), Outcome.NO_ANSWER),
        ((QUEUE, TIMEOUT), Outcome.BUSY),
        ((QUEUE, EMPTY), Outcome.UNAVAILABLE),
        ((QUEUE, EMPTY, ANNOUNCED), Outcome.UNAVAILABLE),
        ((QUEUE, (What.QUEUE_LEFT, QueueExit.FULL)), Outcome.BUSY),
        ((QUEUE, (What.QUEUE_LEFT, QueueExit.OTHER)), Outcome.BUSY),
        ((QUEUE, TIMEOUT, QUEUE, EMPTY), Outcome.UNAVAILABLE),
        ((QUEUE, TIMEOUT, VOICEMAIL), Outcome.VOICEMAIL_SILENT),
        ((QUEUE, TIMEOUT, *RANG_OUT), Outcome.NO_ANSWER),
        (((What.STAGE, Stage.PARKED, "71"),), Outcome.ABANDONED_QUEUE),
        (((What.STAGE, Stage.CONFERENCE, "800"),), Outcome.ABANDONED_QUEUE),
    ],
)
def test_the_caller_waited(notes: tuple[Note, ...], expected: Outcome) -> None:
    """In a queue it matters who gave up: the caller, or the queue, and why."""
    assert expected is judged(went_through(*notes)).outcome


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((VOICEMAIL,), Outcome.VOICEMAIL_SILENT),
        ((VOICEMAIL, MESSAGE), Outcome.VOICEMAIL_MESSAGE),
        ((VOICEMAIL, ANNOUNCED), Outcome.VOICEMAIL_SILENT),
        ((*RANG_OUT, VOICEMAIL), Outcome.VOICEMAIL_SILENT),
        ((MESSAGE,), Outcome.VOICEMAIL_MESSAGE),
        ((VOICEMAIL, *RANG_OUT), Outcome.NO_ANSWER),
        ((VOICEMAIL, MESSAGE, *RANG_OUT), Outcome.VOICEMAIL_MESSAGE),
        (((What.STAGE, Stage.MAILBOX),), Outcome.NOT_OFFERED),
        ((VOICEMAIL, (What.STAGE, Stage.MAILBOX)), Outcome.NOT_OFFERED),
    ],
)
def test_the_caller_reached_voicemail(notes: tuple[Note, ...], expected: Outcome) -> None:
    """A message counts wherever the call went then; who listens to a mailbox is no caller."""
    assert expected is judged(went_through(*notes)).outcome


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((MENU,), Outcome.ABANDONED_IVR),
        ((ANNOUNCED, MENU), Outcome.ABANDONED_IVR),
        ((MENU, (What.STAGE, Stage.ANNOUNCEMENT, "ivr-1")), Outcome.ABANDONED_IVR),
        ((MENU, ANNOUNCED), Outcome.NOT_OFFERED),
        ((MENU, ANNOUNCED, MENU), Outcome.ABANDONED_IVR),
        ((MENU, *RANG_OUT), Outcome.NO_ANSWER),
    ],
)
def test_the_caller_was_in_the_menu(notes: tuple[Note, ...], expected: Outcome) -> None:
    """A prompt of the menu's own is still the menu; an announcement that it leads to is what he wanted."""
    assert expected is judged(went_through(*notes)).outcome


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((), Outcome.NOT_OFFERED),
        ((ANNOUNCED,), Outcome.NOT_OFFERED),
        (((What.STAGE, Stage.BUSY_TONE),), Outcome.BUSY),
        (((What.GONE, DialResult.BUSY),), Outcome.BUSY),
        ((ANNOUNCED, (What.STAGE, Stage.BUSY_TONE)), Outcome.NOT_OFFERED),
        (((What.STAGE, Stage.CONGESTION_TONE),), Outcome.UNAVAILABLE),
        (((What.STAGE, Stage.BLOCKED, "app-blacklist-check"), (What.GONE, DialResult.BUSY)), Outcome.NOT_OFFERED),
    ],
)
def test_nobody_was_rung(notes: tuple[Note, ...], expected: Outcome) -> None:
    """The PBX dealt with it: do-not-disturb is busy; an unknown number and a blocked caller are nobody's business."""
    assert expected is judged(went_through(*notes)).outcome


def joined(who: str = "101") -> Note:
    return (What.JOINED, "", who)


PARTED: Note = (What.PARTED,)


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((DIAL, DIALLED, joined(), PARTED), Outcome.ANSWERED),
        ((joined(), PARTED, ANNOUNCED), Outcome.ANSWERED),
        ((joined(), PARTED, MENU), Outcome.ANSWERED),
        ((VOICEMAIL, DIAL, joined(), PARTED), Outcome.ANSWERED),
        ((VOICEMAIL, MESSAGE, DIAL, joined(), PARTED), Outcome.ANSWERED),
        ((joined(), PARTED, DIAL, DIALLED, joined("102"), PARTED), Outcome.ANSWERED),
        ((joined(), PARTED, DIAL, DIALLED, result(DialResult.NO_ANSWER)), Outcome.ANSWERED_THEN_LOST),
        ((joined(), (What.STAGE, Stage.PARKED, "71"), PARTED), Outcome.ANSWERED_THEN_LOST),
        ((joined(), PARTED, (What.STAGE, Stage.PARKED, "71"), joined("102"), PARTED), Outcome.ANSWERED),
        ((joined(), PARTED, QUEUE), Outcome.ANSWERED_THEN_LOST),
        ((joined(), PARTED, QUEUE, TIMEOUT, VOICEMAIL), Outcome.ANSWERED_THEN_VOICEMAIL),
        ((joined(), PARTED, VOICEMAIL), Outcome.ANSWERED_THEN_VOICEMAIL),
        ((joined(), PARTED, VOICEMAIL, MESSAGE), Outcome.ANSWERED_THEN_VOICEMAIL),
        ((joined(), PARTED, VOICEMAIL, DIAL), Outcome.ANSWERED_THEN_VOICEMAIL),
    ],
)
def test_a_person_was_on_the_line(notes: tuple[Note, ...], expected: Outcome) -> None:
    """Then it matters where the call went after the last one."""
    assert expected is judged(went_through(*notes, talked_to=people("101"), talk_seconds=30.0)).outcome


@pytest.mark.parametrize(("talk", "expected"), [(1.9, Outcome.ANSWERED_BRIEFLY), (2.0, Outcome.ANSWERED)])
def test_a_talk_has_a_least_length(talk: float, expected: Outcome) -> None:
    """Two seconds by default."""
    assert expected is judged(went_through(joined(), PARTED, talked_to=people("101"), talk_seconds=talk)).outcome


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((DIAL, DIALLED, (What.GAVE_UP,), DIALLED, PARTED, result(DialResult.NO_ANSWER)), Outcome.NO_ANSWER),
        ((DIAL, DIALLED, (What.GAVE_UP,), DIALLED, PARTED, result(DialResult.BUSY)), Outcome.BUSY),
        ((DIAL, DIALLED, (What.GAVE_UP,), PARTED, result(DialResult.NO_ANSWER)), Outcome.ABANDONED_RINGING),
        ((DIAL, DIALLED, (What.GAVE_UP,), DIALLED, PARTED, result(DialResult.CANCELLED)), Outcome.ABANDONED_RINGING),
    ],
)
def test_who_is_moved_to_another_phone_has_not_given_up(notes: tuple[Note, ...], expected: Outcome) -> None:
    """The first dialling is cancelled as if the caller had gone; the second came to a result."""
    assert expected is judged(went_through(*notes)).outcome


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (((What.SENT_ON,), PARTED, MENU), Outcome.ANSWERED_THEN_LOST),
        ((PARTED, (What.SENT_ON,), MENU), Outcome.ANSWERED_THEN_LOST),
        ((PARTED, MENU), Outcome.ANSWERED),
        (((What.SENT_ON,), PARTED, MENU, ANNOUNCED), Outcome.ANSWERED),
        (((What.SENT_ON,), PARTED), Outcome.ANSWERED),
    ],
)
def test_a_menu_after_a_talk_is_a_survey_unless_the_caller_was_sent_there(
    after: tuple[Note, ...], expected: Outcome
) -> None:
    """Back in the menu nobody came; an announcement at its end is what there was to say."""
    call = judged(went_through(joined(), *after, talked_to=people("101"), talk_seconds=30.0))

    assert expected is call.outcome


@pytest.mark.parametrize(
    ("notes", "names", "expected"),
    [
        (RANG_OUT, (), Outcome.UNKNOWN),
        ((VOICEMAIL, MESSAGE), (), Outcome.UNKNOWN),
        ((joined(), PARTED), ("101",), Outcome.ANSWERED),
        ((joined(), DIAL), ("101",), Outcome.ANSWERED),
        ((joined(), PARTED, DIALLED), ("101",), Outcome.UNKNOWN),
        ((joined(), VOICEMAIL), ("101",), Outcome.UNKNOWN),
        ((joined(), VOICEMAIL, joined("102")), ("101", "102"), Outcome.ANSWERED),
    ],
)
def test_not_all_of_it_was_seen(notes: tuple[Note, ...], names: tuple[str, ...], expected: Outcome) -> None:
    """Nothing is guessed; but a person who was the last on the line was there, and how long is not known."""
    assert (
        expected is judged(went_through(*notes, talked_to=people(*names), talk_seconds=0.5, seen_whole=False)).outcome
    )


def at(hours: str, *marks: Mark, contexts: frozenset[str] = frozenset()) -> Office:
    return an_office(
        businesses=(Business(name="Hill Plumbing", hours=hours),),
        dids=(Did(number="01632960101", marks=frozenset(marks)),),
        closed_contexts=contexts,
    )


NIGHT = "Mo-Fr 20:00-22:00"
HOLIDAY = dt.datetime(2026, 12, 25, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("office", "notes", "expected"),
    [
        (at("24/7"), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT), (ANNOUNCED,), Outcome.CLOSED),
        (at(NIGHT), (MENU, ANNOUNCED), Outcome.NOT_OFFERED),
        (at(NIGHT), (), Outcome.NOT_OFFERED),
        (at(NIGHT), RANG_OUT, Outcome.NO_ANSWER),
        (at(NIGHT), (VOICEMAIL,), Outcome.VOICEMAIL_SILENT),
        (at(NIGHT), ((What.STAGE, Stage.BUSY_TONE),), Outcome.BUSY),
        (at("24/7", Mark.CLOSED), (ANNOUNCED,), Outcome.CLOSED),
        (at("24/7", Mark.CLOSED), (), Outcome.CLOSED),
        (at("24/7", Mark.CLOSED), (MENU,), Outcome.ABANDONED_IVR),
        (at("24/7", contexts=frozenset({"app-announcement-1"})), (ANNOUNCED,), Outcome.CLOSED),
        (at("24/7", contexts=frozenset({"elsewhere"})), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT, Mark.INFORMATION), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT, Mark.FAX, Mark.CLOSED), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT, Mark.IGNORE), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT), ((What.STAGE, Stage.BLOCKED), ANNOUNCED), Outcome.NOT_OFFERED),
    ],
)
def test_an_announcement_may_say_that_the_office_is_closed(
    office: Office, notes: tuple[Note, ...], expected: Outcome
) -> None:
    """By the mark of the DID, by the context, or straight from the trunk out of hours; other marks win over it."""
    assert expected is judged(went_through(*notes), office).outcome


@pytest.mark.parametrize(
    ("office", "start", "expected"),
    [
        (at("Mo-Fr 08:00-17:00"), NOON, Hours.OPEN),
        (at(NIGHT), NOON, Hours.CLOSED),
        (at("Mo-Fr 08:00-17:00; PH off"), HOLIDAY, Hours.HOLIDAY),
        (at("24/7", Mark.CLOSED), NOON, Hours.OPEN),
    ],
)
def test_the_hours_are_those_at_the_start_of_the_call(office: Office, start: dt.datetime, expected: Hours) -> None:
    """A call that begins before closing time is a call of the open office."""
    assert expected is judged(a_record(started_at=start, ended_at=start + seconds(3600 * 9)), office).hours


def test_the_call_belongs_to_the_business_of_its_did() -> None:
    """Whatever the spelling of the number dialled; the first business where nothing is known of it."""
    office = an_office(
        businesses=(Business(name="First"), Business(name="Second")),
        dids=(Did(number="+44 1632 960102", label="Repairs", business="Second"),),
    )
    known = judged(a_record(did="01632960102"), office)
    unknown = judged(a_record(did="01632960999"), office)

    assert (known.business, known.did.label) == ("Second", "Repairs")
    assert (unknown.business, unknown.did.label) == ("First", "")
    assert known.because


STAGES = [(What.STAGE, stage, where) for stage in Stage for where in ("", "ivr-1")]
RESULTS = [(what, value) for what in (What.RESULT, What.LOCAL_RESULT, What.DIAL_OVER) for value in DialResult]
EXITS = [(What.QUEUE_LEFT, why) for why in QueueExit]
OTHERS = [(what,) for what in (What.DIALLED, What.GAVE_UP, What.MESSAGE, What.HUNG_UP, What.NOT_SEEN, What.GONE)]
ANY_NOTES = st.lists(st.sampled_from([*STAGES, *RESULTS, *EXITS, *OTHERS]), max_size=20)


@hypothesis.given(ANY_NOTES, st.booleans(), st.sampled_from(["24/7", NIGHT]), st.sets(st.sampled_from(Mark)))
def test_every_call_has_an_outcome_and_nobody_is_said_to_have_answered(
    notes: list[Note], whole: bool, hours: str, marks: set[Mark]
) -> None:
    """Whatever the steps say: where no person was joined, no outcome says so; not seen whole is unknown."""
    call = judged(went_through(*notes, seen_whole=whole), at(hours, *marks))

    assert not call.outcome.value.startswith("answered")
    assert whole or call.outcome is Outcome.UNKNOWN
    assert call.because


@hypothesis.given(ANY_NOTES, ANY_NOTES, st.booleans())
def test_a_person_who_was_on_the_line_is_never_forgotten(before: list[Note], after: list[Note], whole: bool) -> None:
    """Whatever came before and after: the outcome is one of the four that say it, or not all of that was seen."""
    notes = (*before, joined(), PARTED, *after)
    call = judged(went_through(*notes, talked_to=people("101"), talk_seconds=9.0, seen_whole=whole))

    assert call.outcome.value.startswith("answered") or (not whole and call.outcome is Outcome.UNKNOWN)
    assert "101" in call.because or call.outcome is not Outcome.UNKNOWN
