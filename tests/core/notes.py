"""The steps of a call, as short as a table of cases wants them, and the call that they make."""

from tests.builders import Note, a_record, an_office, seconds, steps
from textbackd.core.call_records import EndedCall, What
from textbackd.core.channel_events import DialResult, QueueExit, Stage
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.outcomes import Call, Outcome, judge

ANNOUNCED: Note = (What.STAGE, Stage.ANNOUNCEMENT, "app-announcement-1")
BUSY: Note = (What.RESULT, DialResult.BUSY, "102")
BUSY_TONE: Note = (What.STAGE, Stage.BUSY_TONE, "from-trunk")
CANCELLED: Note = (What.RESULT, DialResult.CANCELLED, "101")
DIAL: Note = (What.STAGE, Stage.DIAL, "macro-dial")
DIALLED: Note = (What.DIALLED, "", "101")
GAVE_UP: Note = (What.GAVE_UP, "", "101")
JOINED: Note = (What.JOINED, "", "101")
LOCAL_NO_ANSWER: Note = (What.HALF_RESULT, DialResult.NO_ANSWER, "FMPR-101")
MENU: Note = (What.STAGE, Stage.MENU, "ivr-1")
MESSAGE: Note = (What.MESSAGE,)
NOT_REACHED: Note = (What.DIAL_OVER, DialResult.UNAVAILABLE)
NOT_SEEN: Note = (What.NOT_SEEN,)
NO_ANSWER: Note = (What.RESULT, DialResult.NO_ANSWER, "101")
PARKED: Note = (What.STAGE, Stage.PARKED, "71")
PARTED: Note = (What.PARTED,)
QUEUE: Note = (What.STAGE, Stage.QUEUE, "700")
VOICEMAIL: Note = (What.STAGE, Stage.VOICEMAIL, "101")
RANG_OUT = (DIAL, DIALLED, NO_ANSWER)

BY_CONFIGURATION = {Outcome.CLOSED, Outcome.NOT_OFFERED}
"""Outcomes that a call may have of which nothing but its arrival and its end was seen."""
NIGHT = "Mo-Fr 20:00-22:00"


def result(of_leg: DialResult) -> Note:
    return (What.RESULT, of_leg, "101")


def local_result(of_leg: DialResult) -> Note:
    return (What.HALF_RESULT, of_leg, "")


def joined(who: str) -> Note:
    return (What.JOINED, "", who)


def left(why: QueueExit) -> Note:
    return (What.QUEUE_LEFT, why)


def judged(record: EndedCall, office: Office | None = None) -> Call:
    return judge(record, office or an_office(), pbx="asterisk", minimum_talk=seconds(2))


def went_through(*notes: Note, **values: object) -> EndedCall:
    """A call with these steps behind its arrival and before its end."""
    return a_record(steps=steps((What.ARRIVED, "", "01632960101"), *notes, (What.GONE,)), **values)


def is_well_explained(call: Call) -> bool:
    """Its decisive steps are steps of it, in order; there are some, unless the configuration alone decided."""
    places = [call.record.steps.index(step) for step in call.decided_by]
    return places == sorted(places) and (bool(places) or call.outcome in BY_CONFIGURATION)


def at(hours: str, *marks: Mark, contexts: frozenset[str] = frozenset()) -> Office:
    """An office with these hours, whose only DID has these marks."""
    return an_office(
        businesses=(Business(name="Hill Plumbing", hours=hours),),
        dids=(Did(number="01632960101", marks=frozenset(marks)),),
        closed_contexts=contexts,
    )
