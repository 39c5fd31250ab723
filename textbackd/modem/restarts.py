"""Whether an open modem is still what it was when it was opened, or has started anew or got another SIM since."""

import dataclasses

from textbackd import clock
from textbackd.modem import at_answers
from textbackd.modem.modem_line import ModemLine
from textbackd.modem.unasked import Arrived

LOOK_SECONDS = 30.0
"""Between two looks: a modem that starts anew may not say so, nor one that is given another SIM."""
STARTING_SECONDS = 30.0
"""For so long after the opening a modem may still say that its SIM is ready, since it had just got power, its PIN or
its radio back; later it speaks of a new start.
"""


class RestartedError(Exception):
    """The modem is not to be trusted to know anything that it was told."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Remembered:
    """What tells a modem from one that started anew or got another SIM; None where it does not say, or just now."""

    announcements: str | None
    """Of what it tells unasked: what we set."""
    imsi: str | None
    """Who its SIM is."""


class Restarts:
    """Of one modem, from ``begin`` on."""

    def __init__(self, line: ModemLine) -> None:
        self._line = line
        self._told: Arrived | None = None

    def begin(self) -> None:
        """It has been told all that it should know. Raises LineLost."""
        self._opened_at = clock.monotonic()
        self._before = self._ask()

    def take(self, told: Arrived) -> None:
        """It has said that it, or its SIM, has started; also before ``begin``."""
        if self._told is not Arrived.RESTART:
            self._told = told

    def look(self) -> None:
        """Raises RestartedError if it has, or LineLost; asks the modem where it is time for it, or reason to.

        A start that it tells of is believed without asking: what it saved itself (AT&W) is as before, all else is gone.
        """
        told, self._told = self._told, None
        starting = clock.monotonic() <= self._opened_at + STARTING_SECONDS
        if told is Arrived.RESTART or (told and not starting):
            raise RestartedError("the modem has started anew")
        if told or clock.monotonic() > self._looked_at + LOOK_SECONDS:
            before, now = self._before, self._ask()
            if _differ(before.announcements, now.announcements) or (told and before.announcements != now.announcements):
                raise RestartedError("the modem has started anew")
            if _differ(before.imsi, now.imsi):
                raise RestartedError("the modem has another SIM")

    def _ask(self) -> _Remembered:
        self._looked_at = clock.monotonic()
        announcements = self._line.ask("AT+CNMI?")
        return _Remembered(
            announcements=announcements.value("+CNMI") if announcements.ok else None,
            imsi=at_answers.imsi(self._line.ask("AT+CIMI")),
        )


def _differ(before: str | None, now: str | None) -> bool:
    return before is not None and now is not None and before != now
