"""From the hang-up on the wire to the first byte of the text at the modem, through the real daemon and gammu."""

import asyncio
import datetime as dt
import itertools
import os
import re
import statistics
import sys
import tempfile
import time
import zoneinfo
from collections.abc import Sequence
from pathlib import Path

from tests.builders import AT_ANY_HOUR
from tests.emulator.modem import ModemEmulator
from textbackd import daemon, logs
from textbackd.config import Settings
from textbackd.core.calls import GRACE
from textbackd.core.office import Business, Office
from textbackd.core.policy import Policy
from textbackd.logs import Level, LogSettings
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.pbx.asterisk_settings import AsteriskSettings

PAUSE = 1.0
"""Seconds between two calls: gammu needs 0.7 for a text, and each is to find the modem idle."""


def measure(calls: int, grace_calls: int) -> None:
    """Print p50 and p99 of both kinds of call, and the floor: a write and an fdatasync on the same disk."""
    logs.configure(LogSettings(level=Level.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        floor = _fdatasync_floor(Path(folder))
        at_once, after_grace = asyncio.run(_run(Path(folder), calls, grace_calls))
    print("hang-up on the wire to the first byte of AT+CMGS at the modem, delay 0, in ms:")
    _print("all legs gone at once", at_once)
    _print(f"another leg outlives it; the grace of {GRACE.total_seconds()} s taken off", after_grace)
    _print("floor: write and fdatasync of 4 KiB", floor)


def _print(name: str, times: Sequence[float]) -> None:
    ordered = sorted(time * 1000 for time in times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"  {name:70} n {len(ordered):3}   p50 {statistics.median(ordered):7.2f}   p99 {p99:7.2f}")


def _fdatasync_floor(folder: Path) -> Sequence[float]:
    times = []
    with (folder / "floor").open("wb", buffering=0) as file:
        for _ in range(200):
            start = time.monotonic()
            file.write(b"\0" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - start)
    return times


async def _run(folder: Path, calls: int, grace_calls: int) -> tuple[Sequence[float], Sequence[float]]:
    async with ModemEmulator(folder / "modem") as modem:
        pbx = _Pbx()
        server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0)
        stop = asyncio.Event()
        async with server, asyncio.TaskGroup() as group:
            group.create_task(daemon.run(_settings(folder, server.sockets[0].getsockname()[1], modem), stop=stop))
            await pbx.ready.wait()
            await pbx.call(grace=False)  # opens the modem
            await modem.submitted(1)
            times: tuple[list[float], list[float]] = ([], [])
            for grace in [False] * calls + [True] * grace_calls:
                await asyncio.sleep(PAUSE)
                hung_up = await pbx.call(grace=grace)
                await modem.submitted(len(modem.submissions) + 1)
                waited = modem.prompted_for[-1] - hung_up
                times[grace].append(waited - grace * GRACE.total_seconds())
            stop.set()
    return times


def _settings(folder: Path, port: int, modem: ModemEmulator) -> Settings:
    office = Office(
        country="GB",
        time_zone=zoneinfo.ZoneInfo("Europe/London"),
        businesses=(Business(name="Benchmark"),),
        fiction_numbers=True,
    )
    return Settings(
        policy=Policy(office=office, delay=dt.timedelta(), **AT_ANY_HOUR),
        database=folder / "benchmark.db",
        pbxs=(AsteriskSettings(name="benchmark", port=port, user="x", secret="x"),),
        modems=(GammuSettings(name="benchmark", device=str(modem.device), per_minute=1000),),
        log=LogSettings(),
    )


class _Pbx:
    """An AMI server that plays calls which ring out, each from another number."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self._numbers = itertools.count(100)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        while not reader.at_eof():
            try:
                action = (await reader.readuntil(b"\r\n\r\n")).decode()
            except asyncio.IncompleteReadError:
                return
            fields = dict(re.findall(r"^(\w+): (.*)\r$", action, re.MULTILINE))
            self._send(Response="Success", ActionID=fields["ActionID"], **self._list(fields["Action"]))
            if fields["Action"] in ("CoreShowChannels", "Status"):
                self._send(Event=fields["Action"] + "Complete", ActionID=fields["ActionID"])
            if fields["Action"] == "Status":
                self.ready.set()

    async def call(self, *, grace: bool) -> float:
        """A call that rang out: when its last channel, or with ``grace`` the caller's, was hung up (monotonic)."""
        number = next(self._numbers)
        caller, leg = f"1700000000.{number * 2}", f"1700000000.{number * 2 + 1}"
        trunk = {"Channel": f"PJSIP/trunk-{number:08x}", "Uniqueid": caller, "Linkedid": caller}
        phone = {"Channel": f"PJSIP/101-{number:08x}", "Uniqueid": leg, "Linkedid": caller}
        dest = {"DestChannel": phone["Channel"], "DestUniqueid": leg, "DestLinkedid": caller}
        self._send(
            Event="Newchannel", **trunk, ChannelState="4", Context="from-trunk", Exten="01632960101",
            CallerIDNum=f"07700900{number}", CallerIDName="<unknown>",
        )  # fmt: skip
        self._send(Event="Newchannel", **phone, ChannelState="0", Context="from-internal", Exten="s")
        self._send(Event="DialBegin", **trunk, **dest, DialString="101")
        self._send(Event="DialEnd", **trunk, **dest, DialStatus="NOANSWER")
        if not grace:
            self._send(Event="Hangup", **phone, Cause="0")
        await self._writer.drain()
        await asyncio.sleep(0.05)
        hung_up = time.monotonic()
        self._send(Event="Hangup", **trunk, Cause="16")
        await self._writer.drain()
        return hung_up

    def _send(self, **headers: str) -> None:
        self._writer.write("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")

    def _list(self, action: str) -> dict[str, str]:
        lists = action in ("CoreShowChannels", "Status")
        return {"EventList": "start", "Message": "will follow"} if lists else {}


if __name__ == "__main__":
    sys.exit("run python -m benchmarks.ami_stream")
