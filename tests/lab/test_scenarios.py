"""The scenarios on real Asterisks: textbackd says of every call what a person would, and the page says so too.

A run that fails prints what was seen, step by step, and where its stream lies; `python -m tests.lab.scenarios ID
--keep FOLDER` plays one alone and keeps its own.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.lab import outcomes
from tests.lab.office import SITES
from tests.lab.outcomes import VERSIONS
from tests.lab.scenarios import FAMILIES, SCENARIOS

HALVES = {22: list(SCENARIOS)[::2], 16: list(SCENARIOS)[1::2]}


async def play_and_hold(version: int, names: Iterable[str], folder: Path, *, at_once: int = outcomes.AT_ONCE) -> None:
    """Every outcome is the expected one, and the page tells what was seen."""
    played, complaint = await outcomes.play(version, names, at_once=at_once, folder=folder)
    stream = f"the stream is in {folder}"  # pytest keeps those of its last three runs
    assert complaint == "", f"{complaint}\n{stream}"
    page = outcomes.on_the_page(version)
    told = {name: _told(one.cells()) for name, one in played.items()}
    assert {name: _told(page[name]) for name in played} == told, stream


def _told(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Of what CDR says only whether it was answered: no answer or failed is for Asterisk a matter of milliseconds."""
    *ours, cdr = cells
    return (*ours, *("ANSWERED" if "ANSWERED" in said else "not answered" for said in cdr.split(", ")))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("version", VERSIONS)
async def test_half_of_the_scenarios_at_once(version: int, tmp_path: Path) -> None:
    """Each is played on one of the versions, every other one on 22 and the rest on 16."""
    await play_and_hold(version, HALVES[version], tmp_path)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("version", VERSIONS)
async def test_all_scenarios_at_once(version: int, tmp_path: Path) -> None:
    """Each is played on both versions, as many at a time as there are branches."""
    await play_and_hold(version, SCENARIOS, tmp_path, at_once=len(SITES))


@pytest.mark.long
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario_alone(version: int, name: str, tmp_path: Path) -> None:
    """With an Asterisk to itself it comes to the same."""
    await play_and_hold(version, [name], tmp_path)


def test_the_page_tells_of_every_scenario() -> None:
    """None is missing, and none is told of that is no more; no two share a name."""
    assert list(outcomes.on_the_page(22)) == list(SCENARIOS)
    assert len(SCENARIOS) == sum(len(family.scenarios) for family in FAMILIES)
