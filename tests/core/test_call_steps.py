"""What the tracker notes of a call: who called, where the call went, who was dialled, and how it ended."""

import pytest

from tests.builders import NOON
from tests.core.events import caller, dial_ended, dialled, gone, local, phone, stage
from tests.core.line import Line, notes, one_call
from textbackd.core import channel_events as ev
from textbackd.core.call_in_the_air import MOST_STEPS
from textbackd.core.call_records import What
from textbackd.core.channel_events import ChannelEvent, DialResult, QueueExit, Stage


def test_what_is_known_of_the_caller() -> None:
    """The first number, the DID from the variable, privacy asked for later."""
    plain = one_call(caller(display_name="SMITH JOHN"))
    assert (plain.caller, plain.caller_name, plain.did) == ("07700900123", "SMITH JOHN", "01632960101")
    assert (plain.context, plain.withheld) == ("from-trunk", False)

    known = one_call(
        caller(did="s"),
        ev.DidKnown(at=NOON, channel="caller", did="01632960102"),
        ev.PrivacyTold(at=NOON, channel="caller", privacy=ev.Privacy.WITHHELD),
    )
    assert (known.did, known.withheld) == ("01632960102", True)
    assert one_call(caller(number="<unknown>")).withheld


def test_what_is_told_of_another_channel_is_not_the_callers() -> None:
    """Variables are inherited, and phones are answered; none of it is the inbound leg's."""
    call = one_call(
        *(caller(), phone("101"), ev.DidKnown(at=NOON, channel="101", did="x")),
        *(ev.PrivacyTold(at=NOON, channel="101", privacy=ev.Privacy.WITHHELD), ev.FarEndHungUp(at=NOON, channel="101")),
        *(ev.DialFinished(at=NOON, channel="101", result=DialResult.BUSY), stage("101", Stage.VOICEMAIL)),
        *(ev.QueueLeft(at=NOON, channel="101", why=QueueExit.FULL), ev.MessageLeft(at=NOON, channel="101")),
    )

    assert (call.did, call.withheld) == ("01632960101", False)
    assert [step.what for step in call.steps] == [What.ARRIVED, What.GONE]


def test_voicemail_on_a_local_leg_is_the_callers() -> None:
    """Where 101's mailbox answers as a member of the ring group (b09); any other stage there is not."""
    call = one_call(caller(), local("x2"), stage("x2", Stage.MENU), stage("x2", Stage.VOICEMAIL, "101"))

    assert notes(call, What.STAGE) == [(Stage.VOICEMAIL, "101")]


def test_a_message_that_is_kept_while_a_mailbox_is_listened_to_is_none_of_the_callers() -> None:
    """The owner of the mailbox rings from outside; what stays in it is reported on his channel (c12)."""
    call = one_call(caller(), stage("caller", Stage.MAILBOX), ev.MessageLeft(at=NOON, channel="caller"))

    assert notes(call, What.MESSAGE) == []


def test_the_caller_who_hangs_up_an_answered_call_is_told() -> None:
    """While it is not answered, the PBX raises the same event by itself."""
    hung_up = ev.FarEndHungUp(at=NOON, channel="caller")

    assert notes(one_call(caller(), hung_up), What.HUNG_UP) == []
    assert notes(one_call(caller(answered=True), hung_up), What.HUNG_UP) == [("", "")]
    answered = ev.ChannelAnswered(at=NOON, channel="caller")
    assert notes(one_call(caller(), answered, hung_up), What.HUNG_UP) == [("", "")]


def test_a_stage_that_is_told_twice_is_one() -> None:
    """The application and the queue both tell; after something else it is a new one."""
    call = one_call(
        caller(), stage("caller", Stage.QUEUE, "700"), stage("caller", Stage.QUEUE, "700"),
        ev.QueueLeft(at=NOON, channel="caller", why=QueueExit.TIMEOUT), stage("caller", Stage.QUEUE, "701"),
    )  # fmt: skip

    assert notes(call, What.STAGE, What.QUEUE_LEFT) == [
        (Stage.QUEUE, "700"),
        (QueueExit.TIMEOUT, ""),
        (Stage.QUEUE, "701"),
    ]


def test_a_stage_that_is_told_of_at_its_end_is_no_new_one() -> None:
    """The result of voicemail says that the caller was there, which the application itself may have said already."""
    known = one_call(
        *(caller(), stage("caller", Stage.VOICEMAIL, "101"), ev.MessageLeft(at=NOON, channel="caller")),
        stage("caller", Stage.VOICEMAIL),
    )
    assert notes(known, What.STAGE) == [(Stage.VOICEMAIL, "101")]
    assert notes(one_call(caller(), stage("caller", Stage.VOICEMAIL)), What.STAGE) == [(Stage.VOICEMAIL, "")]


def test_dialling_is_a_stage_even_where_the_dialplan_is_not_seen() -> None:
    """Not within a queue, which dials by itself, and not for what others dial."""
    assert notes(one_call(caller(), phone("101"), dialled("101")), What.STAGE) == [(Stage.DIAL, "")]
    queue = one_call(caller(), stage("caller", Stage.QUEUE, "700"), phone("101"), dialled("101"))
    assert notes(queue, What.STAGE) == [(Stage.QUEUE, "700")]
    assert notes(one_call(caller(), local("x2"), phone("101"), dialled("101", by="x2")), What.STAGE) == []


@pytest.mark.parametrize(
    ("rang", "dial", "cause", "expected"),
    [
        (True, DialResult.NO_ANSWER, None, DialResult.NO_ANSWER),
        (False, DialResult.BUSY, None, DialResult.BUSY),
        (True, DialResult.NO_ANSWER, DialResult.BUSY, DialResult.BUSY),
        (False, DialResult.NO_ANSWER, DialResult.UNAVAILABLE, DialResult.UNAVAILABLE),
        (True, DialResult.NO_ANSWER, DialResult.UNAVAILABLE, DialResult.NO_ANSWER),
        (True, DialResult.CANCELLED, DialResult.BUSY, DialResult.CANCELLED),
        (True, None, None, DialResult.CANCELLED),
        (False, None, DialResult.UNAVAILABLE, DialResult.UNAVAILABLE),
    ],
)
def test_how_one_leg_ended(rang: bool, dial: DialResult | None, cause: DialResult | None, expected: DialResult) -> None:
    """The first result of the dialling, unless the cause of the hang-up knows better (a07, a08, a12)."""
    events: list[ChannelEvent] = [caller(), phone("PJSIP/101"), dialled("PJSIP/101", number="101")]
    if rang:
        events.append(ev.ChannelRinging(at=NOON, channel="PJSIP/101"))
    if dial:
        events += [dial_ended("PJSIP/101", dial), dial_ended("PJSIP/101", DialResult.CANCELLED)]
    call = one_call(*events, gone("PJSIP/101", cause))

    assert [(expected, "PJSIP/101")] == notes(call, What.RESULT)


def test_that_a_leg_answered_is_not_told_when_it_ends() -> None:
    """Whoever answered was joined, or was not; by the time the leg goes it is no news."""
    answered = dial_ended("PJSIP/101", DialResult.ANSWERED)
    call = one_call(caller(), phone("PJSIP/101"), dialled("PJSIP/101", number="101"), answered, gone("PJSIP/101", None))

    assert [] == notes(call, What.RESULT)


def test_the_caller_gave_up_where_what_he_dialled_himself_was_cancelled() -> None:
    """What a Local leg of the call had dialled tells nothing of the caller; the variable does."""
    direct = one_call(caller(), phone("101"), dialled("101"), dial_ended("101", DialResult.CANCELLED))
    assert notes(direct, What.GAVE_UP) == [("", "101")]
    inner = one_call(caller(), local("x2"), phone("101"), dial_ended("101", DialResult.CANCELLED, by="x2"))
    assert notes(inner, What.GAVE_UP) == []
    told = ev.DialFinished(at=NOON, channel="caller", result=DialResult.CANCELLED)
    assert notes(one_call(caller(), told), What.GAVE_UP) == [(DialResult.CANCELLED, "")]


SCREENED = (
    *(caller(), local("x1"), phone("101"), dialled("x1"), dialled("101")),
    *(ev.ChannelAnswered(at=NOON, channel="x1"), dial_ended("101", DialResult.CANCELLED)),
)
"""A phone that is asked whether it wants the call has answered; the others are told no more."""


def test_the_pbx_cancels_the_other_phones_where_one_has_answered() -> None:
    """Nobody gave up, though the phone that answered is still asked whether it takes the call (f08)."""
    call = one_call(*SCREENED, dial_ended("x1", DialResult.NO_ANSWER), gone("x1"))

    assert notes(call, What.GAVE_UP) == []
    assert notes(call, What.HALF_RESULT) == [(DialResult.NO_ANSWER, "")]


def test_the_caller_may_give_up_while_a_phone_is_asked() -> None:
    """Only his request to hang up tells (f09); it counts for nothing where no phone is up (a03)."""
    hung_up = ev.FarEndHungUp(at=NOON, channel="caller")

    assert notes(one_call(*SCREENED, hung_up), What.GAVE_UP) == [("", "")]
    assert notes(one_call(caller(), phone("101"), dialled("101"), hung_up), What.GAVE_UP) == []


def test_results_of_the_pbxs_own_legs_are_kept_apart() -> None:
    """And the sum of all dialling as well."""
    call = one_call(
        *(caller(), local("x1"), dial_ended("x1", DialResult.NO_ANSWER)),
        ev.DialFinished(at=NOON, channel="caller", result=DialResult.UNAVAILABLE),
    )

    assert notes(call, What.HALF_RESULT) == [(DialResult.NO_ANSWER, "")]
    assert notes(call, What.DIAL_OVER) == [(DialResult.UNAVAILABLE, "")]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([dialled("101"), dial_ended("101", DialResult.NO_ANSWER)], 1.0),
        ([dialled("101"), dialled("102"), gone("101"), dial_ended("102", DialResult.BUSY)], 3.0),
        ([dialled("101"), gone("101"), dialled("102"), gone("102")], 2.0),
        ([dialled("101"), ev.ChannelAnswered(at=NOON, channel="101"), gone("101")], 1.0),
        ([dialled("101"), dialled("101"), gone("102"), gone("101")], 3.0),
        ([dialled("x1")], 0.0),
        ([], 0.0),
    ],
)
def test_the_ringing_is_a_union(events: list[ChannelEvent], expected: float) -> None:
    """Two phones that ring together ring once; what still rings at the end rings until then."""
    call = one_call(caller(), phone("101"), phone("102"), local("x1"), *events)

    assert expected == call.ring_seconds


def test_a_call_of_many_steps_keeps_the_first_and_the_last() -> None:
    """Of many rounds in a queue the oldest attempts go first, and then whatever is oldest but the arrival."""
    line = Line()
    line.hear(caller(), stage("caller", Stage.QUEUE, "700"), apart=0)
    for i in range(MOST_STEPS):
        line.hear(phone(str(i)), dialled(str(i), by="caller"), gone(str(i)), apart=0)
    (call,) = line.hear(gone("caller"))
    assert len(call.steps) == MOST_STEPS
    assert [step.what for step in call.steps[:2]] == [What.ARRIVED, What.STAGE]
    assert call.steps[-2].who == str(MOST_STEPS - 1)

    line.hear(caller("second"), apart=0)
    for i in range(MOST_STEPS):
        line.hear(stage("second", (Stage.MENU, Stage.ANNOUNCEMENT)[i % 2]), apart=0)
    (call,) = line.hear(gone("second"))
    assert len(call.steps) == MOST_STEPS
    assert call.steps[0].what is What.ARRIVED
