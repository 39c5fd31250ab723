"""A recorded stream without the office and its callers: what decides a call stays, the rest is replaced.

An allow-list: what stays is known to be a word of the PBX's own, a count, a time, or the id of a channel. ``disguise``
says who stands for whom, ``asterisk_disguise`` and ``freeswitch_disguise`` what stays.

Two things stay that tell something: when everything happened, and the way through contexts that each such PBX has.
"""

import dataclasses
import datetime as dt
import functools
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from textbackd.pbx.asterisk_disguise import AsteriskDisguise
from textbackd.pbx.disguise import House
from textbackd.pbx.fictitious_numbers import FictitiousNumbers
from textbackd.pbx.freeswitch_disguise import FreeSwitchDisguise
from textbackd.pbx.trace import AmiTrace, EventSocketTrace

Times = Sequence[tuple[int, float]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Anonymised:
    """The new stream, and how many different things were replaced in it."""

    data: bytes
    times: Times
    """Pairs of the offset of a message and the Unix time of its arrival."""
    messages: int
    numbers: int
    invented: int
    """Of the numbers: those whose stand-in is not reserved for fiction, so that it may be somebody's."""
    names: int
    variables: int


def anonymised(trace: AmiTrace | EventSocketTrace, house: House, draw: random.Random | None = None) -> Anonymised:
    """Anonymise a stream. Raises UserError as reading it does."""
    draw = draw or random.SystemRandom()
    if isinstance(trace, EventSocketTrace):
        return _rewritten(trace.framed, functools.partial(FreeSwitchDisguise, house, draw))
    return _rewritten(trace.messages, functools.partial(AsteriskDisguise, house, draw))


_M_contra = TypeVar("_M_contra", contravariant=True)


class _Disguise(Protocol[_M_contra]):
    numbers: FictitiousNumbers
    names: dict[str, str]
    variables: dict[str, str]

    def worn_by(self, message: _M_contra, /) -> bytes: ...


def _rewritten(
    read: Callable[[], Iterable[tuple[dt.datetime, _M_contra]]],
    disguise_avoiding: Callable[[frozenset[str]], _Disguise[_M_contra]],
) -> Anonymised:
    """Read twice: what stands for a number must be no number of the stream itself."""
    scout = disguise_avoiding(frozenset())
    for _at, message in read():
        scout.worn_by(message)
    disguise = disguise_avoiding(scout.numbers.met)
    blocks: list[bytes] = []
    times: list[tuple[int, float]] = []
    offset = 0
    for at, message in read():
        if not times or times[-1][1] != at.timestamp():
            times.append((offset, at.timestamp()))
        blocks.append(disguise.worn_by(message))
        offset += len(blocks[-1])
    return Anonymised(
        data=b"".join(blocks),
        times=times,
        messages=len(blocks),
        numbers=len(disguise.numbers.met),
        invented=disguise.numbers.invented,
        names=len(disguise.names),
        variables=len(disguise.variables),
    )
