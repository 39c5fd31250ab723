"""Where a caller was, one place after the other, for however long, and what is judged of it."""

import dataclasses

from tests.builders import NOON, an_office, seconds, spoke_with
from tests.core.notes import is_well_explained, judged
from textbackd.core import channel_events as ev
from textbackd.core.call_in_the_air import MOST_STEPS
from textbackd.core.call_records import EndedCall
from textbackd.core.calls import GRACE, CallTracker
from textbackd.core.channel_events import ChannelEvent, ChannelKind, QueueExit, Stage
from textbackd.core.outcomes import Outcome


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


CALLER = ev.ChannelAppeared(at=NOON, channel="caller", name="X/1", kind=ChannelKind.INBOUND, group="caller")
PHONE = ev.ChannelAppeared(at=NOON, channel="101", name="X/2", kind=ChannelKind.DEVICE, group="caller", number="101")
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

    assert (("101",), Outcome.ANSWERED_BRIEFLY) == (spoke_with(call.record), call.outcome)
    assert is_well_explained(call)


def test_a_message_is_not_forgotten_over_what_came_after_it() -> None:
    """Left at the beginning; the caller then presses 0 and goes round in the menu."""
    message = ev.MessageLeft(at=NOON, channel="caller")
    call = judged(ended(CALLER, stage(Stage.VOICEMAIL, "101"), message, *ROUNDS, HANGS_UP))

    assert Outcome.VOICEMAIL_MESSAGE is call.outcome


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
    half = ev.ChannelAppeared(at=NOON, channel="x2", name="X/3", kind=ChannelKind.HALF, group="caller")
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
