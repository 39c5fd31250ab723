"""Recorded loads of overlapping calls: the bytes, when they came, and what the callers met."""

import asyncio
import dataclasses
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.fake_ami import FakeAmi
from tests.pbx.replay import TRACES
from textbackd.pbx.trace import sidecar_of

END = b"\r\n\r\n"

Met = tuple[str, str, str]
"""The caller's number, the number dialled, the outcome."""


@dataclasses.dataclass(frozen=True, slots=True)
class Load:
    """Whole messages with the seconds since the first, and how many callers met what."""

    pieces: Sequence[tuple[float, bytes]]
    expected: Counter[Met]
    digits: int
    """So many of the caller's number tell what was arranged for the call."""
    timed: bool
    """Whether it is known when things happened; if not, no talk can be said to have been short."""

    @property
    def calls(self) -> int:
        """How many inbound calls there are."""
        return self.expected.total()

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(len(piece) for _, piece in self.pieces)

    def found(self, calls: Iterable[Met]) -> Counter[Met]:
        """What came out, to be compared with ``expected``."""
        return Counter((caller[: self.digits], did, outcome) for caller, did, outcome in calls)

    async def play(self, ami: FakeAmi, speed: float) -> None:
        """Say it to whoever is logged in, so many times as fast as it was."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        for due, piece in self.pieces:
            await asyncio.sleep(start + due / speed - loop.time())
            # What a busy machine says too late puts off the rest, or talks would become shorter.
            start = max(start, loop.time() - due / speed)
            ami.send(piece)


def filtered() -> Load:
    """What the least-privilege account sees of 1,200 calls in 68.6 s; when each byte came is not known."""
    data = gzip.decompress((TRACES / "load-1200-calls.filtered.ami.gz").read_bytes())
    truth = json.loads((TRACES / "load-1200-calls.truth.json").read_text())["truth"]
    seconds, count = 68.6, 4000
    marks = [(len(data) * i // count, seconds * i / count) for i in range(count)]
    expected = Counter({(t["caller_prefix"], t["did"], t["outcome"]): t["calls"] for t in truth})
    return Load(_pieces(data, marks), expected, digits=5, timed=False)


def unfiltered() -> Load:
    """What an account that reads everything sees of 305 calls in 26 s, up to 56 of them at once (recorded by us)."""
    path = TRACES.parent / "asterisk-own" / "load-unfiltered.ami.gz"
    truth = json.loads(path.with_name("load-unfiltered.truth.json").read_text())["calls"]
    marks = json.loads(sidecar_of(path).read_text())
    expected = Counter((call["caller"], call["did"], call["outcome"]) for call in truth)
    return Load(_pieces(gzip.decompress(path.read_bytes()), marks), expected, digits=20, timed=True)


def _pieces(data: bytes, marks: Sequence[tuple[int, float]]) -> Sequence[tuple[float, bytes]]:
    """Cut at the marks (offset, time), but never within a message: the answers to questions go in between."""
    pieces, begin, first = [], 0, marks[0][1]
    ends = [offset for offset, _ in marks[1:]] + [len(data)]
    for end, (_, time) in zip(ends, marks, strict=True):
        cut = data.rfind(END, begin, end) + len(END)
        if cut >= begin + len(END):
            pieces.append((time - first, data[begin:cut]))
            begin = cut
    return pieces
