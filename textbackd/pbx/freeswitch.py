"""The events of a FreeSWITCH: a link that comes back by itself, and a snapshot of what is up at every login."""

from collections.abc import Callable

import structlog

from textbackd import clock
from textbackd.pbx import connection
from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_link import EventSocketLink
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.linked_source import LinkedSource
from textbackd.pbx.source import PbxError

log = structlog.get_logger()

MISSPELT = f"the dialplan may set textback to {', '.join(words.TEXTBACK)}; anything else says nothing"
MOST_MISSPELT = 20
"""Words that are told of; a dialplan may put anything there, another one in each call."""


class FreeSwitchSource(LinkedSource):
    """The events of one FreeSWITCH, in order; an ``EventSource``."""

    def __init__(
        self,
        settings: FreeSwitchSettings,
        *,
        inbound: frozenset[str] = frozenset(),
        outside: frozenset[str] = frozenset(),
        report: Callable[[PbxError | None], None] = lambda _error: None,
        tap: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        """As ``AsteriskSource``."""
        where = connection.address(settings.host, settings.port)
        super().__init__(settings.name, where, settings.ping_interval, report)
        self._settings = settings
        self._translator = FreeSwitchTranslator(
            settings.trunks, did_from=settings.did_from, inbound=inbound, outside=outside
        )
        self._tap = tap
        self._core = ""
        self._misspelt: set[str] = set()

    def _new_link(self) -> EventSocketLink:
        return EventSocketLink(self._settings, self._take_in, self._tap)

    def _take_in(self, event: Event) -> None:
        self._tell_of_a_restart(event.get("Core-UUID", ""))
        self._tell_of_a_misspelling(event)
        for told in self._translator.events(event, clock.utc_now()):
            self._deliver(told)

    def _tell_of_a_restart(self, core: str) -> None:
        """A FreeSWITCH that was started anew has another Core-UUID, and none of its old calls."""
        if core and core != self._core:
            if self._core:
                log.warning("pbx_was_restarted", pbx=self.name, hint="the calls that were up then are lost")
                for told in self._translator.restarted(clock.utc_now()):  # also where its list may not be seen
                    self._deliver(told)
            self._core = core

    def _tell_of_a_misspelling(self, event: Event) -> None:
        """Say once of each word in ``textback`` that it means nothing, and where the call was when it showed."""
        said = headers.what_the_dialplan_says(event)
        if not said or said in words.TEXTBACK or said in self._misspelt or len(self._misspelt) >= MOST_MISSPELT:
            return
        self._misspelt.add(said)
        log.warning(
            "textback_not_understood",
            pbx=self.name,
            said=headers.one_line(said)[:40],
            context=event.get("Caller-Context", ""),
            extension=event.get("Caller-Destination-Number", ""),
            hint=MISSPELT,
        )
