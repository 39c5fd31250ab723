"""When a modem that was lost may be opened again, and what more is tried then."""

from textbackd.modem.modem import ModemUnavailable
from textbackd.modem.port_errors import SimUnusable

SECONDS_BETWEEN_OPENS = (1, 2, 5, 10, 30, 60)
OPENS_BETWEEN_RADIO_CYCLES = 3


class Reopening:
    """Counts what failed since something last worked. Times are seconds on one clock that never jumps."""

    def __init__(self) -> None:
        self.not_before = 0.0
        self._opened_at = 0.0
        self._failures = self._failures_at_cycle = 0
        self._reason: ModemUnavailable | None = None

    def refuse_if_too_early(self, now: float) -> None:
        """Raises the ModemUnavailable of the last time."""
        if self._reason is not None and now < self.not_before:
            raise type(self._reason)(*self._reason.args)

    @property
    def wants_radio_cycle(self) -> bool:
        """Whether so much has failed since the last one that a modem that answers is to be suspected of deafness."""
        return self._failures - self._failures_at_cycle >= OPENS_BETWEEN_RADIO_CYCLES

    def cycling_radio(self) -> None:
        """Its radio is being switched off and on."""
        self._failures_at_cycle = self._failures

    def opening(self, now: float) -> None:
        """It is tried now."""
        self._opened_at = now

    def lost(self, reason: ModemUnavailable) -> None:
        """It could not be opened, or was and is no more. Where a person must act, trying again soon is of no use."""
        self._failures += 1
        step = -1 if isinstance(reason, SimUnusable) else min(self._failures, len(SECONDS_BETWEEN_OPENS)) - 1
        self._reason = reason
        self.not_before = self._opened_at + SECONDS_BETWEEN_OPENS[step]

    def worked(self) -> None:
        """It did what it was asked."""
        self._failures = self._failures_at_cycle = 0

    def at_once(self) -> None:
        """Whatever was, it may be another modem now."""
        self._failures, self._failures_at_cycle, self.not_before = 0, 0, 0.0
