"""A modem answers to a text when nobody waits for that any more, and there is another one to the same number."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.daemon import many_texts
from tests.daemon.many_texts import Plan
from tests.emulator import LateAnswer, client


async def settled(plan: Plan, texts: int) -> list[tuple[str, int]]:
    """State and reference of the parts, as soon as so many were reported on."""
    with contextlib.closing(sqlite3.connect(f"file:{plan.database}?mode=ro", uri=True)) as database:
        async with asyncio.timeout(80):
            while True:
                rows = database.execute("SELECT state, message_reference FROM outbox_parts ORDER BY message_id")
                parts = rows.fetchall()
                if sum(state in ("delivered", "undeliverable") for state, _ in parts) == texts:
                    return parts
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("killed", "submit_deadline", "late", "second"),
    [pytest.param(True, 60, 7, 4, id="daemon-killed"), pytest.param(False, 5, 11.5, 4, id="child-killed")],
)
async def test_a_report_is_booked_on_its_own_text(
    tmp_path: Path, killed: bool, submit_deadline: float, late: float, second: float
) -> None:
    """The first text is given up: its daemon is killed when the modem has it, or its child at the deadline. The second
    waits until no answer to the first can come, so neither's reference and report is taken for the other's.

    The answer to the first comes after ``late`` seconds: within the ``second`` s for which the modem would be asked for
    its answer to the second, had that been submitted as soon as it could be.
    """
    device, log = tmp_path / "modem", tmp_path / "network.jsonl"
    plan = Plan(
        folder=str(tmp_path), texts=2, numbers=1, most_parts=1, devices=[str(device)], logs=[str(log)],
        submit_deadline=submit_deadline, late_answer=late + 4,
    )  # fmt: skip
    await many_texts.queue(plan)
    async with client.running(device, tmp_path / "control", log=log) as emulator:
        await emulator.script([LateAnswer(late, busy=False), LateAnswer(second, busy=False)])
        # The first one's report comes when somebody listens again.
        for report in ({"status": 70, "after": 10}, {"status": 0}):
            await emulator.ask("reports", plan=[report], once=True)
        async with plan.living():
            await emulator.submitted(1)
            if not killed:
                parts = await settled(plan, 2)
        if killed:
            async with plan.living():
                parts = await settled(plan, 2)
        submitted = await emulator.submitted(2)

    assert [many_texts.words(1, 1), many_texts.words(2, 1)] == [one["text"] for one in submitted]
    assert [("undeliverable", 1), ("delivered", 2)] == parts
