"""From the moment a text is due to the first byte of AT+CMGS at an idle modem.

    python -m benchmarks.due_to_modem [--texts 100]

Textbackd's sender, database and child process against the floor: the same gammu driver in a process that does nothing
but send. Both in one run, in turns, on the same emulated modem's kind; what counts is the difference.
"""

import argparse
import asyncio
import datetime as dt
import json
import statistics
import sys
import tempfile
import zoneinfo
from collections.abc import Sequence
from pathlib import Path

from tests.builders import AT_ANY_HOUR
from tests.emulator.modem import ModemEmulator
from textbackd import clock, logs
from textbackd.core.office import Business, Office
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy
from textbackd.logs import Level, LogSettings
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.store import outbox
from textbackd.store.database import Database
from textbackd.workers.bell import Bell
from textbackd.workers.sender import Sender

TEXT = "Sorry we missed you. What can we do for you?"
IN_ADVANCE = dt.timedelta(seconds=0.3)
"""How long before it is due a text is queued: the sender sleeps until then."""
FLOOR = """
import json, sys
from textbackd.core.sms_text import Encoding, Segment
from textbackd import clock
from textbackd.modem.gammu_machine import GammuMachine, encode
machine = GammuMachine()
machine.open(sys.argv[1], 115200)
message = encode("+447700900123", Segment(text=sys.argv[2], encoding=Encoding.GSM7), "+447700900000", "24H")
for line in sys.stdin:
    began = clock.monotonic()
    machine.submit(message)
    print(json.dumps(began), flush=True)
"""


async def measure(texts: int) -> None:
    """Print p50 and p99 of ours, of the floor, and the difference."""
    logs.configure(LogSettings(level=Level.ERROR))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with ModemEmulator(folder / "ours") as at_ours, ModemEmulator(folder / "floor") as at_floor:
            ours, floor = await _times(folder, at_ours, at_floor, texts)
    print(f"due to the first byte of AT+CMGS, {texts} texts each, in ms:")
    for what, times in (("textbackd", ours), ("gammu alone (the floor)", floor)):
        print(f"  {what:30} p50 {statistics.median(times):7.2f}   p99 {_p99(times):7.2f}   max {max(times):7.2f}")
    print(f"  {'ours over the floor':30} p50 {statistics.median(ours) - statistics.median(floor):7.2f}", end="")
    print(f"   p99 {_p99(ours) - _p99(floor):7.2f}")


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.99) - 1]


async def _times(
    folder: Path, at_ours: ModemEmulator, at_floor: ModemEmulator, texts: int
) -> tuple[list[float], list[float]]:
    office = Office(
        country="GB",
        time_zone=zoneinfo.ZoneInfo("Europe/London"),
        businesses=(Business(name="Benchmark"),),
        fiction_numbers=True,
    )
    modem = GammuModem(GammuSettings(name="benchmark", device=str(at_ours.device)))
    alone = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FLOOR, str(at_floor.device), TEXT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert alone.stdin is not None
    assert alone.stdout is not None
    ours: list[float] = []
    floor: list[float] = []
    async with Database.open(folder / "benchmark.db") as database, asyncio.TaskGroup() as group:
        bell = Bell()
        policy = Policy(office=office, **AT_ANY_HOUR)
        sender = Sender(modem, database, lambda: policy, bell, clock.utc_now)
        running = group.create_task(sender.run(lambda: None))
        for i in range(-1, texts):  # the first opens the modems
            due = clock.utc_now() + IN_ADVANCE
            due_monotonic = clock.monotonic() + IN_ADVANCE.total_seconds()
            draft = outbox.Draft(
                kind=MessageKind.CALLER,
                business="Benchmark",
                to=E164(f"+4477009{i + 1:05}"),
                text=TEXT,
                about=None,
                since=due,
                not_before=due,
            )
            async with database.transaction() as tx:
                await outbox.enqueue(tx, draft, clock.utc_now())
            bell.ring()
            await at_ours.submitted(len(at_ours.submissions) + 1, timeout=60)
            alone.stdin.write(b"\n")
            began = float(json.loads(await alone.stdout.readline()))
            if i >= 0:
                ours.append((at_ours.prompted_for[-1] - due_monotonic) * 1000)
                floor.append((at_floor.prompted_for[-1] - began) * 1000)
            await asyncio.sleep(1)  # until both are idle again
        running.cancel()
    alone.stdin.close()
    alone.terminate()
    await alone.wait()
    await modem.close()
    return ours, floor


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=100)
    asyncio.run(measure(parser.parse_args().texts))
