"""Every mishap, played: the queue moves on, no text goes out twice, the loop is never held up, and the page says so."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.loop_stalls import Ticker
from tests.modem import mishap_page
from tests.modem.mishap_page import CLASSES
from tests.modem.mishaps import FAMILIES, MISHAPS
from tests.modem.mishaps.mishap import Mishap

QUARTERS = 4
FAST = [name for name, mishap in MISHAPS.items() if not mishap.long]
LONG = [name for name, mishap in MISHAPS.items() if mishap.long]


async def play_and_hold(names: Sequence[str], folder: Path) -> None:
    """What the page says is what is seen, and the loop does no work of 100 ms in one go (emulators included)."""
    async with Ticker() as ticker:
        played, complaint = await mishap_page.play_all(names, folder)
    assert complaint == ""
    page = mishap_page.on_the_page()
    told = {name: _lasting(MISHAPS[name], page[name]) for name in names}
    assert told == {name: _lasting(MISHAPS[name], played[name].cells()) for name in names}
    late = {name: (one.seconds, page[name][2]) for name, one in played.items() if one.seconds > _bound(page[name][2])}
    assert late == {}
    assert ticker.lateness()["busy"] < 100


def _bound(cell: str) -> float:
    return CLASSES[cell.removesuffix(" after it")]


def _lasting(mishap: Mishap, cells: tuple[str, ...]) -> tuple[str, ...]:
    """But the time, and what is chance: whether a report came after nobody knew (it is lost where it meets a closed
    port), and whether the text was tried before it was known that it could not be sent.
    """
    what, answer, _, fate, got = cells
    if mishap.lasts:
        fate = fate.removeprefix("queued again, ")
    return what, answer, fate.removesuffix(", delivered") if fate.startswith("unknown") else fate, got


@pytest.mark.timeout(180)
@pytest.mark.parametrize("quarter", range(QUARTERS))
async def test_what_takes_seconds(quarter: int, tmp_path: Path) -> None:
    """A quarter of them, some at once."""
    await play_and_hold(FAST[quarter::QUARTERS], tmp_path)


@pytest.mark.long
@pytest.mark.timeout(700)
async def test_what_takes_minutes(tmp_path: Path) -> None:
    """Some at once."""
    await play_and_hold(LONG, tmp_path)


def test_the_page_tells_of_every_mishap() -> None:
    """None is missing, and none is told of that is no more; no two share a name; no text went out twice."""
    page = mishap_page.on_the_page()
    assert list(page) == list(MISHAPS)
    assert len(MISHAPS) == sum(len(family.mishaps) for family in FAMILIES)
    assert {cells[4] for cells in page.values()} == {"no", "once"}
