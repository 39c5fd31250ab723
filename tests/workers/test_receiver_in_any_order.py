"""In whatever order parts come, come again, and things break: each text is in the inbox once, and whole in the end."""

import asyncio
import contextlib
import dataclasses
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER, NOON, a_policy, seconds
from tests.workers.far_ends import ManualClock, ScriptedModem
from textbackd.modem.modem import GAP, IncomingSms, ModemUnavailable, Received, Stored
from textbackd.store.database import Database
from textbackd.workers.receiver import Receiver

BOB = "+447700900456"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A text on its way to the SIM."""

    sender: str
    reference: int
    parts: tuple[str, ...]
    after: float

    @property
    def text(self) -> str:
        return "".join(self.parts)


TEXTS = (
    Sent(sender=CALLER, reference=1, parts=("Water under ", "the sink since ", "this morning"), after=0),
    Sent(sender=CALLER, reference=2, parts=("Hello, ", "it is Ann"), after=5),
    Sent(sender=BOB, reference=1, parts=("The boiler ", "is out, the ", "\ud83d", "\ude00 too ", "is cold"), after=7),
    Sent(sender=CALLER, reference=0, parts=("are you there?",), after=9),
)


class Sim(ScriptedModem):
    """One that holds parts, joins them as they come, and may lose its power in the middle of a delete."""

    def __init__(self, disk: Path) -> None:
        super().__init__()
        self.places: dict[str, tuple[Sent, int]] = {}
        self.deletes_only: int | None = None
        self.is_nearly_full = False
        self.lost: list[str] = []
        """The words that were deleted while no committed row had them."""
        self._disk = disk
        self._next = 0

    def arrives(self, sent: Sent, number: int) -> None:
        self._next += 1
        self.places[f"SM:{self._next}"] = (sent, number)

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        places = self.places | {stored.place: (TEXTS[stored.pdu[0]], stored.pdu[1]) for stored in shelf}
        messages = [_joined(sent, places) for sent in TEXTS if any(other is sent for other, _ in places.values())]
        crowded = {place: _pdu(*part) for place, part in self.places.items() if self.is_nearly_full}
        return Received(messages=messages, crowded=crowded)

    async def delete(self, places: Sequence[str]) -> None:
        with contextlib.closing(sqlite3.connect(self._disk)) as other:
            kept = [text for (text,) in other.execute("SELECT text FROM inbox")]
            shelved = [pdu for (pdu,) in other.execute("SELECT pdu FROM shelf")]
        for place in places[: self.deletes_only]:
            sent, number = self.places.pop(place)
            words = sent.parts[number - 1].encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
            if not any(words in text for text in kept) and _pdu(sent, number).hex() not in shelved:
                self.lost.append(words)
        if self.deletes_only is not None:
            raise ModemUnavailable("unplugged")


def _pdu(sent: Sent, number: int) -> bytes:
    """Stands for the octets of a part."""
    return bytes((TEXTS.index(sent), number))


def _joined(sent: Sent, places: Mapping[str, tuple[Sent, int]]) -> IncomingSms:
    mine = {place: number for place, (other, number) in places.items() if other is sent}
    there = sorted(set(mine.values()))
    of = len(sent.parts)
    pieces = [sent.parts[n - 1] if n in there else GAP for n in range(1, of + 1)]
    joined = [piece for piece, before in zip(pieces, ["", *pieces], strict=False) if (piece, before) != (GAP, GAP)]
    return IncomingSms(
        sender=sent.sender,
        sent_at=NOON + seconds(sent.after + there[0]),
        text="".join(joined).encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        places=tuple(sorted(mine)),
        missing=tuple(n for n in range(1, of + 1) if n not in there),
        concatenation=f"{sent.reference}/{of}" if of > 1 else "",
    )


ARRIVALS = [("part", (text, number)) for text, sent in enumerate(TEXTS) for number in range(1, len(sent.parts) + 1)]
EVENTS = st.one_of(
    st.sampled_from(ARRIVALS),
    st.just(("look", None)),
    st.tuples(st.just("time passes"), st.sampled_from([60, 600, 3600])),
    st.tuples(st.just("dies in a delete"), st.integers(0, 4)),
    st.tuples(st.just("is nearly full"), st.booleans()),
    st.just(("restart", None)),
)


async def _story(events: Sequence[tuple[str, object]], last: Sequence[tuple[str, object]], folder: Path) -> None:
    path = folder / "textbackd.db"
    async with Database.open(path, durable=False) as database:
        sim, clock = Sim(path), ManualClock()
        receiver = Receiver(sim, database, a_policy, lambda: None, clock)

        async def look() -> None:
            with contextlib.suppress(ModemUnavailable):
                await receiver.step()

        for what, value in (*events, *last):
            match what, value:
                case "part", (int(text), int(number)):
                    sim.arrives(TEXTS[text], number)
                case "look", _:
                    await look()
                case "time passes", int(length):
                    clock.move_on(length)
                    await look()
                case "dies in a delete", int(count):
                    sim.deletes_only = count
                    await look()
                    sim.deletes_only = None
                case "is nearly full", bool(so):
                    sim.is_nearly_full = so
                case _:
                    receiver = Receiver(sim, database, a_policy, lambda: None, clock)
        await look()
        async with database.reading() as tx:
            found = [tuple(row) for row in await tx.all("SELECT text, missing FROM inbox")]
            shelved = await tx.all("SELECT * FROM shelf")
            notices = [row["text"] for row in await tx.all("SELECT text FROM outbox WHERE kind = 'owner'")]

    whole = [sent.text.encode("utf-16", "surrogatepass").decode("utf-16") for sent in TEXTS]
    assert sorted((text, "[]") for text in whole) == sorted(found)
    assert len(TEXTS) == len([notice for notice in notices if "PART MISSING" not in notice])
    assert ({}, []) == (sim.places, shelved)
    assert [] == sim.lost


def _play(events: Sequence[tuple[str, object]], last: Sequence[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_story(events, last, Path(folder)))


@hypothesis.settings(max_examples=60)
@hypothesis.given(st.lists(EVENTS, max_size=25), st.permutations(ARRIVALS))
def test_each_text_is_there_once_and_whole_in_the_end(
    events: list[tuple[str, object]], last: list[tuple[str, object]]
) -> None:
    """In the end every part has come at least once. Nothing was deleted before it was on disk, and the owner has read
    each whole text once.
    """
    _play(events, last)


@pytest.mark.long
@hypothesis.settings(max_examples=1000)
@hypothesis.given(st.lists(EVENTS, max_size=60), st.permutations(ARRIVALS))
def test_a_long_time_of_it(events: list[tuple[str, object]], last: list[tuple[str, object]]) -> None:
    """The same, with more of everything."""
    _play(events, last)
