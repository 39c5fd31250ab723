"""Streams of an Asterisk with a gap: a message is missing, or all of a kind. No talk looks like a missed call."""

import contextlib
import functools
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.builders import NOON, seconds
from tests.pbx import replay
from textbackd.core.channel_events import ChannelEvent
from textbackd.core.outcomes import Outcome, judge
from textbackd.core.policy import TEXTED
from textbackd.pbx.ami_stream import Message
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.source import NotUnderstood
from textbackd.pbx.trace import Trace
from textbackd.pbx.trunks import Trunks

STREAMS = sorted(replay.TRACES.glob("filtered/*.ami"))


@functools.cache
def recorded(path: Path) -> tuple[Message, ...]:
    return tuple(message for _at, message in Trace.read(path).messages())


def outcomes(messages: Iterable[Message]) -> dict[str, Outcome]:
    """Of each call, however short the talk."""
    translator, events, now = AsteriskTranslator(Trunks()), list[ChannelEvent](), NOON
    for message in messages:
        now += seconds(0.01)
        with contextlib.suppress(NotUnderstood):
            events += translator.events(message, now)
    judged = (judge(call, replay.OFFICE, pbx="asterisk", minimum_talk=seconds(0)) for call in replay.ended(events))
    return {call.record.call_id: call.outcome for call in judged}


def hold(path: Path, seen: Iterable[Message]) -> None:
    """Nobody who was answered is texted."""
    whole = outcomes(recorded(path))
    for call_id, outcome in outcomes(seen).items():
        assert not (whole[call_id].startswith("answered") and outcome in TEXTED), outcome


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
def test_no_single_message_is_missed_so_much_that_a_talk_looks_like_a_missed_call(path: Path) -> None:
    """Each left out once."""
    messages = recorded(path)
    for i in range(len(messages)):
        hold(path, [*messages[:i], *messages[i + 1 :]])


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.name)
def test_nor_is_any_kind_of_message(path: Path) -> None:
    """An account that is not sent all of them."""
    for kind in {message.get("Event") for message in recorded(path)}:
        hold(path, [message for message in recorded(path) if message.get("Event") != kind])
