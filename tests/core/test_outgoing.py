"""The life of a text, as a table."""

import itertools

import pytest

from textbackd.core.outgoing import (
    PERMANENT_REFUSALS,
    TRANSITIONS,
    IllegalTransitionError,
    MessageEvent,
    MessageKind,
    MessageState,
    after,
    report_event,
)

S, E = MessageState, MessageEvent
FINAL = {S.DELIVERED, S.UNDELIVERABLE, S.FAILED, S.CANCELLED, S.EXPIRED}


def reachable(start: MessageState, *, without: frozenset[MessageEvent] = frozenset()) -> set[MessageState]:
    """The states to which a way leads on which none of these events happens."""
    found: set[MessageState] = set()
    waiting = [start]
    while waiting:
        for event, state in TRANSITIONS[waiting.pop()].items():
            if event not in without and state not in found:
                found.add(state)
                waiting.append(state)
    return found


def test_every_state_and_every_event_has_its_place() -> None:
    """No state is forgotten, none is out of reach, and no event is without use."""
    assert set(S) == set(TRANSITIONS)
    assert set(E) == {event for events in TRANSITIONS.values() for event in events}
    assert set(S) == reachable(S.QUEUED) | {S.QUEUED}


@pytest.mark.parametrize("state", [S.SENT, S.UNKNOWN])
def test_what_may_have_gone_out_is_not_sent_again(state: MessageState) -> None:
    """From there no way leads back to the modem but a person's release, or for parts that surely did not go out."""
    assert S.SENDING not in reachable(state, without=frozenset({E.RELEASE, E.RESUMED}))


def test_what_was_sent_cannot_even_be_released() -> None:
    """Only what nobody knows of can."""
    assert reachable(S.SENT) == {S.DELIVERED, S.UNDELIVERABLE}
    assert S.SENDING in reachable(S.UNKNOWN)


def test_the_modem_sees_a_text_only_after_it_was_claimed() -> None:
    """The one way to *sending* is the claim; to *sent* another one leads from *unknown*, when reports settle that."""
    ways = [(state, event) for state, events in TRANSITIONS.items() for event, to in events.items() if to is S.SENDING]
    assert ways == [(S.QUEUED, E.CLAIMED)]
    assert [state for state, events in TRANSITIONS.items() if S.SENT in events.values()] == [S.SENDING, S.UNKNOWN]


@pytest.mark.parametrize("state", S)
def test_a_text_that_is_done_stays_as_it_is(state: MessageState) -> None:
    """And only one that is done does."""
    assert (state in FINAL) == (not TRANSITIONS[state])


@pytest.mark.parametrize(("state", "event"), list(itertools.product(S, E)))
def test_a_transition_is_in_the_table_or_raises(state: MessageState, event: MessageEvent) -> None:
    """The message says what cannot happen to what."""
    if event in TRANSITIONS[state]:
        assert TRANSITIONS[state][event] is after(state, event)
    else:
        with pytest.raises(IllegalTransitionError, match=f"{event} cannot happen to a text that is {state}"):
            after(state, event)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, E.REPORTED_DELIVERED),
        (31, E.REPORTED_DELIVERED),
        (32, None),
        (63, None),
        (64, E.REPORTED_UNDELIVERABLE),
        (255, E.REPORTED_UNDELIVERABLE),
    ],
)
def test_what_a_delivery_report_says(status: int, expected: MessageEvent | None) -> None:
    """Delivered, still trying, given up."""
    assert expected is report_event(status)


def test_the_order_of_sending() -> None:
    """Confirmations of STOP, then callers, then the owner, then the rest."""
    assert sorted(MessageKind, key=lambda kind: kind.priority) == [
        MessageKind.ACKNOWLEDGEMENT,
        MessageKind.CALLER,
        MessageKind.OWNER,
        MessageKind.STAFF,
        MessageKind.TEST,
    ]


@pytest.mark.parametrize("passing", [29, 38, 41, 42, 47, 111, 127, 310, 331, 332, 500, 512])
def test_a_passing_refusal_is_not_for_good(passing: int) -> None:
    """Congestion, no network, a SIM that is out, anything unknown: the text is tried again until it is stale."""
    assert passing not in PERMANENT_REFUSALS
