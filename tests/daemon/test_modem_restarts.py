"""A modem's process that ends again and again leaves nothing behind in the daemon."""

import asyncio
import contextlib
import dataclasses
import os
import signal
from pathlib import Path

import pytest

from tests.daemon import judge, many_texts
from tests.daemon.many_texts import Plan, Seen
from tests.daemon.running import children
from tests.emulator import client
from tests.modem import scripted_worker
from tests.modem.scripted_worker import Behaviour

MOST_GROWTH = 4 << 20
"""Octets, however many restarts: SQLite's caches fill meanwhile."""


@dataclasses.dataclass(frozen=True, slots=True)
class Footprint:
    """What a process holds."""

    descriptors: int
    threads: int
    children: int
    """With the dead ones that nobody has waited for."""


def footprint(pid: int) -> Footprint:
    """What a process holds now."""
    process = Path(f"/proc/{pid}")
    return Footprint(
        descriptors=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        children=len(children(pid)),
    )


def resident(pid: int) -> int:
    """Octets of its memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def at_rest(pid: int) -> Footprint:
    """What it holds when it has had one child for a second, and nothing else has changed."""
    unchanged, before = 0, footprint(pid)
    async with asyncio.timeout(30):
        while unchanged < 20:
            await asyncio.sleep(0.05)
            now = footprint(pid)
            unchanged = unchanged + 1 if now == before and now.children == 1 else 0
            before = now
    return before


async def all_sent(plan: Plan) -> None:
    """Return when there is nothing more to send."""
    with contextlib.closing(Seen(plan)) as seen:
        while True:
            if seen.all_sent:
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("restarts", [50, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
async def test_a_process_that_ends_after_each_text(tmp_path: Path, restarts: int) -> None:
    """Descriptors, threads and children are afterwards what they were, and so is the memory."""
    device = tmp_path / "gsm"
    Behaviour(dies_after_each=True).lay_down(device)
    plan = Plan(
        folder=str(tmp_path), texts=restarts, most_parts=1, unwanted=False, devices=[str(device)],
        logs=[str(device / "network.jsonl")], program=scripted_worker.PROGRAM,
    )  # fmt: skip
    warm_up = restarts // 2
    await many_texts.queue(plan, texts=warm_up)
    async with plan.living() as daemon:
        await all_sent(plan)
        before, memory = await at_rest(daemon), resident(daemon)
        await many_texts.queue(plan, first=warm_up + 1)
        await all_sent(plan)
        after, grown = await at_rest(daemon), resident(daemon) - memory

    assert restarts + warm_up == len(judge.of_scripted("gsm1", Path(plan.logs[0])))
    assert before == after
    assert grown < MOST_GROWTH


@pytest.mark.parametrize("restarts", [3, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(400)])])
async def test_the_real_process_killed_after_each_text(tmp_path: Path, restarts: int) -> None:
    """Likewise with gammu in it."""
    device, log = tmp_path / "gsm", tmp_path / "network.jsonl"
    plan = Plan(
        folder=str(tmp_path), texts=restarts + 1, most_parts=1, unwanted=False, devices=[str(device)],
        logs=[str(log)], submit_deadline=30,
    )  # fmt: skip
    await many_texts.queue(plan, texts=1)
    async with client.running(device, tmp_path / "control", log=log) as emulator, plan.living() as daemon:
        await emulator.submitted(1)
        await all_sent(plan)
        before, memory = await at_rest(daemon), resident(daemon)
        for text in range(2, restarts + 2):
            (child,) = children(daemon)
            os.kill(child, signal.SIGKILL)
            await many_texts.queue(plan, first=text, texts=1)
            await emulator.submitted(text)
            await all_sent(plan)
            assert [child] != children(daemon)
        after, grown = await at_rest(daemon), resident(daemon) - memory
        assert restarts + 1 == len(await emulator.texts())

    assert before == after
    assert grown < MOST_GROWTH
