"""Calls to the SIM itself, each once: a modem says RING every five seconds or so, with the number or without."""

import dataclasses
from collections.abc import Sequence

from textbackd.modem.modem import IncomingCall

SILENCE = 30.0
"""After so many seconds without a RING the next one is another call."""
NUMBER_WITHIN = 1.0
"""+CLIP follows its RING within that many seconds."""


@dataclasses.dataclass(slots=True)
class _Call:
    began: float
    rang: float
    number: str
    told: bool = False


class IncomingCalls:
    """``now`` is seconds on any clock that never jumps."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def ring(self, number: str, now: float) -> bool:
        """It rings, ``number`` empty where it is withheld or not told yet; whether that is news."""
        last = self._calls[-1] if self._calls else None
        if last is None or now - last.rang > SILENCE or (number and last.number and number != last.number):
            self._calls.append(_Call(began=now, rang=now, number=number))
            return True
        news = bool(number and not last.number and not last.told)
        last.rang, last.number = now, last.number or number
        return news

    def take(self, now: float) -> Sequence[IncomingCall]:
        """Those that have not been taken yet, oldest first; one without a number only when none can follow."""
        taken = [
            call for call in self._calls if not call.told and (call.number or now - call.began >= NUMBER_WITHIN)
        ]  # fmt: skip
        for call in taken:
            call.told = True
        self._calls = [call for call in self._calls if not call.told or call is self._calls[-1]]
        return [IncomingCall(number=call.number) for call in taken]
