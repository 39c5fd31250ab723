"""The events of an Asterisk: a link that comes back by itself, and a snapshot of what is up at every login."""

from collections.abc import Callable, Mapping

from textbackd import clock
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelKind
from textbackd.pbx import ami_stream, connection
from textbackd.pbx.ami_link import AmiLink
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.asterisk_privacy import PrivacyQuestions
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.linked_source import LinkedSource
from textbackd.pbx.source import PbxError


class AsteriskSource(LinkedSource):
    """The events of one Asterisk, in order; an ``EventSource``."""

    def __init__(
        self,
        settings: AsteriskSettings,
        *,
        inbound: frozenset[str] = frozenset(),
        outside: frozenset[str] = frozenset(),
        report: Callable[[PbxError | None], None] = lambda _error: None,
        tap: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        """``inbound``, ``outside``: legs known from before. ``report`` hears of a link that is up (None) or down.
        ``tap`` gets every byte that arrives.
        """
        where = connection.address(settings.host, settings.port)
        super().__init__(settings.name, where, settings.ping_interval, report)
        self._settings = settings
        self._translator = AsteriskTranslator(settings.trunks, inbound=inbound, outside=outside)
        self._tap = tap
        self._privacy = PrivacyQuestions(self._send, self._deliver, clock.utc_now)
        self._ami: AmiLink | None = None

    def _new_link(self) -> AmiLink:
        self._ami = AmiLink(self._settings, self._take_in, self._tap)
        return self._ami

    def _lost(self) -> None:
        self._privacy.give_up()

    def _take_in(self, message: ami_stream.Message) -> None:
        for event in self._translator.events(message, clock.utc_now()):
            if not self._privacy.holds(event):
                self._deliver(event)
            if isinstance(event, ev.ChannelAppeared) and event.kind is ChannelKind.INBOUND:
                self._privacy.ask(event)
        self._privacy.answered(message)

    def _send(self, action: Mapping[str, str]) -> None:
        assert self._ami is not None, "questions are raised by what a link says"
        self._ami.send(action)
