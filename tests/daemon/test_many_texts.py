"""Many texts by modems that fail at random, and a daemon that is killed at random: none lost, none sent twice."""

import asyncio
import contextlib
import datetime as dt
import random
from pathlib import Path

import pytest

from tests.daemon import judge
from tests.daemon.judge import Judge
from tests.daemon.many_texts import Plan
from tests.emulator import CmsError, Fault, LateAnswer, Ok, PlainError, Reboot, Silence, Unplug, client
from tests.modem import scripted_worker
from tests.modem.scripted_worker import ACCEPTED, WAYS, Behaviour
from tests.stalls import Stalls

ANYTHING = Behaviour(
    ways=dict.fromkeys(WAYS, 1.0) | {ACCEPTED: 240.0, "refused for now": 5.0, "refused for good": 4.0},
    seconds=(0, 0.01),
    reports={"once": 10, "before the answer": 2, "late": 1, "twice": 2, "tries first": 1, "gives up": 1, "never": 2},
    open_fails=0.05,
    receive_fails=0.005,
)
"""A modem that does all that goes wrong, each several times in a thousand texts."""
GOOD = Behaviour(seconds=(0.03, 0.03))
DYING = Behaviour(
    ways={ACCEPTED: 6, "dies before the PDU": 1, "dies after the PDU": 1, "hangs before the PDU": 1},
    seconds=(0.03, 0.03),
    open_fails=0.3,
)
FAULTS: list[Fault] = [
    *(CmsError(42), CmsError(1), CmsError(310, at="AT+CMGS"), PlainError(), Silence(at="AT+CMGS")),
    *(CmsError(332, sent=True), Silence(at="PDU"), Unplug(0.5, at="PDU"), Reboot(0.5, at="PDU")),
    *(CmsError(332), Silence(at="PDU", sent=False), Unplug(0.5, at="PDU", sent=False), Reboot(at="PDU", sent=False)),
    *(LateAnswer(2), LateAnswer(6, busy=False)),
]
"""What may go wrong with a text between a modem and gammu. No answer comes later than ``LATEST_ANSWER``."""
LATEST_ANSWER = 6 + 4.0
"""Seconds after a text was begun, of which gammu needs one up to the PDU on a machine with nothing else to do."""
REPORTS = [
    [{"after": 0.2}], [{"before_answer": True}], [{"after": 2}], [{"after": 0}, {"after": 0.1}], [{"status": 70}], []
]  # fmt: skip
STANDSTILL = dt.timedelta(seconds=1)
"""Thirty times what a text takes: on a busy machine everything is slow."""


def scripted(folder: Path, *behaviours: Behaviour, **values: object) -> Plan:
    """A plan for so many modems."""
    devices = [folder / f"gsm{i}" for i in range(1, len(behaviours) + 1)]
    for device, behaviour in zip(devices, behaviours, strict=True):
        behaviour.lay_down(device)
    return Plan(
        folder=str(folder),
        devices=[str(device) for device in devices],
        logs=[str(device / "network.jsonl") for device in devices],
        program=scripted_worker.PROGRAM,
        **values,  # type: ignore[arg-type]
    )


def judged(plan: Plan) -> Judge:
    """What the daemon and the scripted modems of a plan left."""
    logs = enumerate(map(Path, plan.logs), 1)
    return Judge(plan.database, [one for i, log in logs for one in judge.of_scripted(f"gsm{i}", log)])


@pytest.mark.parametrize(
    ("texts", "kills", "most_seconds"),
    [
        pytest.param(1000, 20, 100, id="1000-texts"),
        pytest.param(10_000, 200, 900, id="10000-texts", marks=[pytest.mark.long, pytest.mark.timeout(1000)]),
    ],
)
def test_nothing_is_lost_or_doubled(tmp_path: Path, texts: int, kills: int, most_seconds: float) -> None:
    """Modems refuse, fall silent, die and hang at every point, reports come early, late, twice and never, and the
    daemon is killed: each part goes out once at most, and each text ends, or is unknown with the reason.
    """
    plan = scripted(tmp_path, ANYTHING, ANYTHING, texts=texts, kills=kills, most_seconds=most_seconds)
    account = plan.run()

    found = judged(plan)
    assert ([], texts) == (found.wrongs, len(found.texts))
    assert {"delivered", "undeliverable", "sent", "unknown", "failed", "expired", "cancelled"} == found.states
    assert account.kills_in_mid_send > kills / 2


@pytest.mark.parametrize("texts", [300, pytest.param(990, marks=pytest.mark.long)])
def test_two_modems_of_which_one_dies_at_random(tmp_path: Path, texts: int) -> None:
    """Nothing is doubled, the most urgent and oldest text is always the next, and the good modem never stands still."""
    plan = scripted(tmp_path, GOOD, DYING, texts=texts)
    with Stalls(tmp_path) as stalls:
        plan.run()

    found = judged(plan)
    assert ([], texts) == (found.wrongs, len(found.texts))
    claims = found.first_claims
    assert sorted(claims, key=lambda text: (text["priority"], text["not_before"])) == claims
    assert len(found.submitted_at("gsm2")) > texts / 10
    assert found.longest_rest("gsm1", stalls) < STANDSTILL


@pytest.mark.parametrize(
    ("texts", "kills", "most_seconds"),
    [
        pytest.param(30, 2, 110, id="30-texts"),
        pytest.param(300, 20, 900, id="300-texts", marks=[pytest.mark.long, pytest.mark.timeout(1000)]),
    ],
)
async def test_nothing_is_lost_or_doubled_by_gammu(tmp_path: Path, texts: int, kills: int, most_seconds: float) -> None:
    """The same with the real AT driver, on four emulated modems with networks of their own."""
    devices = [tmp_path / f"gsm{i}" for i in range(1, 5)]
    logs = [device.with_suffix(".jsonl") for device in devices]
    plan = Plan(
        folder=str(tmp_path), texts=texts, kills=kills, devices=[str(device) for device in devices],
        logs=[str(log) for log in logs], submit_deadline=4, late_answer=LATEST_ANSWER, patience=15,
        most_seconds=most_seconds,
    )  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        for device, log in zip(devices, logs, strict=True):
            emulator = await stack.enter_async_context(client.running(device, device.with_suffix(".control"), log=log))
            await emulator.script(random.choice(FAULTS) if random.random() < 0.15 else Ok() for _ in range(texts))
            for _ in range(texts):
                await emulator.ask("reports", plan=random.choice(REPORTS), once=True)
        await asyncio.to_thread(plan.run)

    submissions = [
        one for device, log in zip(devices, logs, strict=True) for one in judge.of_emulator(device.name, log)
    ]
    found = Judge(plan.database, submissions)
    assert ([], texts) == (found.wrongs, len(found.texts))
