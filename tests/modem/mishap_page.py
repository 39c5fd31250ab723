"""The page docs/modems.md: what textbackd does when a modem misbehaves, and what becomes of the texts.

`python -m tests.modem.mishap_page` plays all mishaps on an emulated modem with the real gammu, and writes it; with the
names of some it plays these, and the rest of the page stays.
"""

import asyncio
import dataclasses
import sys
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.modem import station
from tests.modem.mishaps import FAMILIES, MISHAPS
from tests.modem.mishaps.mishap import Mishap
from tests.modem.station import FIRST, Station
from textbackd import logs
from textbackd.core.outgoing import MessageState
from textbackd.logs import Level, LogSettings

PAGE = Path(__file__).parents[2] / "docs" / "modems.md"
AT_ONCE = 12
"""Two cores carry so many without being late."""
CLASSES = {"5 s": 5.0, "10 s": 10.0, "30 s": 30.0, "2 min": 120.0, "4 min": 240.0}
"""Coarse, or the page would tell of the noise of the machine."""
LONGEST = 300.0
"""Seconds for one mishap."""
_SPARE_SECONDS, _SPARE_PART = 1.5, 0.2
"""What a class has room for beside what was measured: the noise of a machine with other things to do."""
_PASSING = {MessageState.SENDING, MessageState.SENT}

_INTRODUCTION = """# When a modem misbehaves

Each line is played on an emulated modem on a pseudo-terminal, with gammu's real driver and all of textbackd between the
outbox and the modem (`tests/modem/mishaps/`). No real stick was used; what strikes is what sticks are known to do.
When it strikes, two texts are queued: one meets it, the other waits behind.

*Goes on within*: how long until the network has the text behind, at most; counted from the moment when it strikes, or
from its end where it lasts (*after it*). *The text that met it* becomes what stands there; *queued again*: it was
surely not sent. *Got it* is how often the network did: never twice.

`python -m tests.modem.mishap_page` plays them all and writes this page; the tests hold it against what they see.
{mishaps} mishaps, {twice}.
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A mishap that was played."""

    mishap: Mishap
    seconds: float
    """Until the network had the text behind."""
    fate: str
    got: int
    """How often the network got the text that met it."""

    def cells(self) -> tuple[str, ...]:
        """As on the page."""
        after = " after it" if self.mishap.lasts else ""
        most = self.seconds + max(_SPARE_SECONDS, self.seconds * _SPARE_PART)
        bound = next(name for name, bound in CLASSES.items() if most <= bound)
        return (
            f"{self.mishap.what} `{self.mishap.id}`",
            self.mishap.answer,
            f"{bound}{after}",
            self.fate,
            {0: "no", 1: "once"}.get(self.got, f"**{self.got} times**"),
        )


async def play(mishap: Mishap, folder: Path) -> Played:
    """Play one, and look until both texts have come to their end."""
    async with station.at_work(folder, **mishap.settings) as played:
        if mishap.opened:
            played.start()
            await played.works()
        await mishap.play(played)
        await played.settled()
        return Played(
            mishap=mishap,
            seconds=played.seconds(),
            fate=await _fate(played),
            got=len(played.accepted(FIRST)),
        )


async def play_all(names: Iterable[str], folder: Path) -> tuple[dict[str, Played], str]:
    """Play these, some at once: by id, and what hindered those that did not come to their end."""
    places = asyncio.Semaphore(AT_ONCE)
    played: dict[str, Played] = {}
    complaints: list[str] = []

    async def play_one(name: str) -> None:
        async with places:
            one = folder / name
            one.mkdir()
            try:
                async with asyncio.timeout(LONGEST):
                    played[name] = await play(MISHAPS[name], one)
                    print(f"{name:24} {played[name].seconds:6.1f} s  {played[name].got}  {played[name].fate}")
            except Exception:
                complaints.append(f"{name}: {traceback.format_exc()}")

    async with asyncio.TaskGroup() as group:
        # Those that take long first: they do nothing but wait.
        for name in sorted(names, key=lambda name: not MISHAPS[name].long):
            group.create_task(play_one(name))
    return played, "\n".join(complaints)


def page(cells: Mapping[str, tuple[str, ...]]) -> str:
    """The page, from the cells of each mishap by id."""
    twice = sum(got not in ("no", "once") for *_, got in cells.values())
    text = _INTRODUCTION.format(
        mishaps=len(cells), twice=f"**{twice} texts went out twice**" if twice else "and no text went out twice"
    )
    for family in FAMILIES:
        text += f"\n## {family.title}\n\n"
        text += _line("What happens", "What textbackd does", "Goes on within", "The text that met it", "Got it")
        text += _line(*["---"] * 5)
        for mishap in family.mishaps:
            text += _line(*cells[mishap.id])
    return text


def on_the_page() -> dict[str, tuple[str, ...]]:
    """What the page says of each mishap: the same cells as ``Played.cells``, by id."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and "`" in line.split(" | ")[0]:
            cells = tuple(cell.strip() for cell in line.strip("|").split(" | "))
            found[cells[0].split("`")[-2]] = cells
    return found


async def _fate(played: Station) -> str:
    """Its states after ``queued``, but those that it only passed through, each once in a row."""
    _, *history = await played.history(FIRST)
    words: list[str] = []
    for state in history:
        word = "queued again" if state is MessageState.QUEUED else str(state)
        if state not in _PASSING and words[-1:] != [word]:
            words.append(word)
    return ", ".join(words)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


async def _main(names: Iterable[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        played, complaint = await play_all(names, Path(folder))
        print(complaint, file=sys.stderr)
    cells = {name: told for name, told in on_the_page().items() if name in MISHAPS}
    cells |= {name: one.cells() for name, one in played.items()}
    if not complaint and cells.keys() == MISHAPS.keys():
        PAGE.write_text(page(cells), encoding="utf-8")


if __name__ == "__main__":
    logs.configure(LogSettings(level=Level.ERROR))
    asyncio.run(_main(sys.argv[1:] or MISHAPS))
