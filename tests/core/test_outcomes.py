"""What a whole call amounted to, as a table: the steps, and what a person would say."""

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import Note, people
from tests.core.notes import (
    ANNOUNCED,
    DIAL,
    DIALLED,
    GAVE_UP,
    JOINED,
    MENU,
    MESSAGE,
    NIGHT,
    NOT_REACHED,
    PARTED,
    QUEUE,
    RANG_OUT,
    VOICEMAIL,
    at,
    joined,
    judged,
    left,
    local_result,
    result,
    went_through,
)
from textbackd.core.call_records import What
from textbackd.core.channel_events import DialResult, QueueExit, Stage
from textbackd.core.office import Mark
from textbackd.core.outcomes import Outcome

EMPTY, TIMEOUT = left(QueueExit.EMPTY), left(QueueExit.TIMEOUT)


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
        ((NOT_REACHED, ANNOUNCED), Outcome.UNAVAILABLE),
        ((MENU, NOT_REACHED), Outcome.UNAVAILABLE),
        ((MENU, (What.DIAL_OVER, DialResult.BUSY)), Outcome.BUSY),
        ((MENU, (What.STAGE, Stage.BUSY_TONE, "ivr-1")), Outcome.ABANDONED_IVR),
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
        ((ANNOUNCED, (What.STAGE, Stage.BUSY_TONE, "app-announcement-1")), Outcome.NOT_OFFERED),
        ((ANNOUNCED, (What.STAGE, Stage.BUSY_TONE, "macro-dial-one")), Outcome.BUSY),
        ((ANNOUNCED, (What.DIAL_OVER, DialResult.BUSY), (What.GONE, DialResult.BUSY)), Outcome.BUSY),
        ((ANNOUNCED, (What.GONE, DialResult.BUSY)), Outcome.NOT_OFFERED),
        (((What.STAGE, Stage.CONGESTION_TONE),), Outcome.UNAVAILABLE),
        (((What.STAGE, Stage.BLOCKED, "app-blacklist-check"), (What.GONE, DialResult.BUSY)), Outcome.NOT_OFFERED),
    ],
)
def test_nobody_was_rung(notes: tuple[Note, ...], expected: Outcome) -> None:
    """The PBX dealt with it: do-not-disturb is busy; an unknown number and a blocked caller are nobody's business."""
    assert expected is judged(went_through(*notes)).outcome


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((DIAL, DIALLED, JOINED, PARTED), Outcome.ANSWERED),
        ((JOINED, PARTED, ANNOUNCED), Outcome.ANSWERED),
        ((JOINED, PARTED, MENU), Outcome.ANSWERED),
        ((VOICEMAIL, DIAL, JOINED, PARTED), Outcome.ANSWERED),
        ((VOICEMAIL, MESSAGE, DIAL, JOINED, PARTED), Outcome.ANSWERED),
        ((JOINED, PARTED, DIAL, DIALLED, joined("102"), PARTED), Outcome.ANSWERED),
        ((JOINED, PARTED, DIAL, DIALLED, result(DialResult.NO_ANSWER)), Outcome.ANSWERED_THEN_LOST),
        ((JOINED, (What.STAGE, Stage.PARKED, "71"), PARTED), Outcome.ANSWERED_THEN_LOST),
        ((JOINED, PARTED, (What.STAGE, Stage.PARKED, "71"), joined("102"), PARTED), Outcome.ANSWERED),
        ((JOINED, PARTED, QUEUE), Outcome.ANSWERED_THEN_LOST),
        ((JOINED, PARTED, QUEUE, TIMEOUT, VOICEMAIL), Outcome.ANSWERED_THEN_VOICEMAIL),
        ((JOINED, PARTED, VOICEMAIL), Outcome.ANSWERED_THEN_VOICEMAIL),
        ((JOINED, PARTED, VOICEMAIL, MESSAGE), Outcome.ANSWERED_THEN_VOICEMAIL),
        ((JOINED, PARTED, VOICEMAIL, DIAL), Outcome.ANSWERED_THEN_VOICEMAIL),
    ],
)
def test_a_person_was_on_the_line(notes: tuple[Note, ...], expected: Outcome) -> None:
    """Then it matters where the call went after the last one."""
    assert expected is judged(went_through(*notes, talked_to=people("101"), talk_seconds=30.0)).outcome


@pytest.mark.parametrize(("talk", "expected"), [(1.9, Outcome.ANSWERED_BRIEFLY), (2.0, Outcome.ANSWERED)])
def test_a_talk_has_a_least_length(talk: float, expected: Outcome) -> None:
    """Two seconds by default."""
    assert expected is judged(went_through(JOINED, PARTED, talked_to=people("101"), talk_seconds=talk)).outcome


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
    call = judged(went_through(JOINED, *after, talked_to=people("101"), talk_seconds=30.0))

    assert expected is call.outcome


@pytest.mark.parametrize(
    ("notes", "names", "expected"),
    [
        (RANG_OUT, (), Outcome.UNKNOWN),
        ((VOICEMAIL, MESSAGE), (), Outcome.UNKNOWN),
        ((JOINED, PARTED), ("101",), Outcome.ANSWERED),
        ((JOINED, DIAL), ("101",), Outcome.ANSWERED),
        ((JOINED, PARTED, DIALLED), ("101",), Outcome.UNKNOWN),
        ((JOINED, VOICEMAIL), ("101",), Outcome.UNKNOWN),
        ((JOINED, VOICEMAIL, joined("102")), ("101", "102"), Outcome.ANSWERED),
    ],
)
def test_not_all_of_it_was_seen(notes: tuple[Note, ...], names: tuple[str, ...], expected: Outcome) -> None:
    """Nothing is guessed; but a person who was the last on the line was there, and how long is not known."""
    assert (
        expected is judged(went_through(*notes, talked_to=people(*names), talk_seconds=0.5, seen_whole=False)).outcome
    )


STAGES = [(What.STAGE, stage, where) for stage in Stage for where in ("", "ivr-1")]
RESULTS = [(what, value) for what in (What.RESULT, What.HALF_RESULT, What.DIAL_OVER) for value in DialResult]
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
    notes = (*before, JOINED, PARTED, *after)
    call = judged(went_through(*notes, talked_to=people("101"), talk_seconds=9.0, seen_whole=whole))

    assert call.outcome.value.startswith("answered") or (not whole and call.outcome is Outcome.UNKNOWN)
    assert "101" in call.because or call.outcome is not Outcome.UNKNOWN
