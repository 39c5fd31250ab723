"""Asking an Asterisk whether a caller withheld the number, before the channel is gone.

A number may show although it was withheld, with nothing in the events to say so (``h14``). A call to a busy or an
unregistered phone ends within milliseconds; its hang-up is held back until the answers are in, so that the call is
not judged without them.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping

from textbackd.core.channel_events import (
    ChannelAppeared,
    ChannelEvent,
    ChannelGone,
    Privacy,
    PrivacyTold,
    SnapshotTaken,
)
from textbackd.pbx.ami_stream import Message
from textbackd.pbx.asterisk_events import PRIVACY_ACTION, PRIVACY_HEADERS, PRIVACY_QUESTIONS

PATIENCE = 1.0
"""Seconds that a hang-up waits for answers; Asterisk gives them in milliseconds, or says that the channel is gone."""


class PrivacyQuestions:
    """The questions that are open, and the hang-ups that wait for them."""

    def __init__(
        self,
        send: Callable[[Mapping[str, str]], object],
        deliver: Callable[[ChannelEvent], None],
        utc_now: Callable[[], dt.datetime],
    ) -> None:
        self._send = send
        self._deliver = deliver
        self._utc_now = utc_now
        self._open: dict[str, set[str]] = {}
        self._held: dict[str, ChannelGone] = {}

    def ask(self, caller: ChannelAppeared) -> None:
        """Ask about an inbound leg."""
        # Of another technology's channel Asterisk would log an error for asking about a SIP header.
        sip = caller.name.startswith("PJSIP/")
        questions = {q: variable for q, variable in PRIVACY_QUESTIONS.items() if sip or q not in PRIVACY_HEADERS}
        self._open[caller.channel] = set(questions)
        for question, variable in questions.items():
            action = {"Action": "Getvar", "Channel": caller.name, "Variable": variable}
            self._send(action | {"ActionID": f"{PRIVACY_ACTION}{caller.channel}/{question}"})

    def answered(self, message: Message) -> None:
        """Look at a message whose events were delivered: it may have been the last answer that a hang-up waits for."""
        action = message.get("ActionID", "")
        if action.startswith(PRIVACY_ACTION):
            channel, _, question = action.removeprefix(PRIVACY_ACTION).rpartition("/")
            if channel in self._open:
                self._open[channel].discard(question)
                if not self._open[channel]:
                    self._settle(channel)

    def holds(self, event: ChannelEvent) -> bool:
        """Whether this event is a hang-up that waits here; it is delivered later, but never behind a snapshot."""
        if isinstance(event, SnapshotTaken):
            for channel in list(self._held):
                self._give_up_on(channel)
        if not isinstance(event, ChannelGone) or event.channel not in self._open:
            return False
        self._held[event.channel] = event
        asyncio.get_running_loop().call_later(PATIENCE, self._give_up_on, event.channel)
        return True

    def give_up(self) -> None:
        """No answers will come any more: the link is lost."""
        for channel in list(self._open):
            self._give_up_on(channel)

    def _give_up_on(self, channel: str) -> None:
        if channel in self._open:
            self._deliver(PrivacyTold(at=self._utc_now(), channel=channel, privacy=Privacy.UNKNOWN))
            self._settle(channel)

    def _settle(self, channel: str) -> None:
        del self._open[channel]
        if event := self._held.pop(channel, None):
            self._deliver(event)
