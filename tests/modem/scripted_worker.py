"""A child process in the place of ``gammu_worker``: the same lines, and behind them a modem and a network made up.

The device that it is told to open is a folder. ``behaviour.json`` there says how often what happens (``Behaviour``),
``network.jsonl`` is the network's truth, on disk before anybody hears of it:

    {"submitted": 1, "number", "text", "part", "of", "reference", "at", "reports": [[1795220361.5, 0]]}
    {"reported": 1, "status": 0}

The modem outlives whoever talks to it: what it was given goes on the air when the daemon has been killed meanwhile, and
what the network still has to report is reported to the next child.
"""

import dataclasses
import fcntl
import heapq
import json
import os
import random
import select
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textbackd import clock

Line = dict[str, Any]

PROGRAM = "tests.modem.scripted_worker"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a submit may go."""

    submitting: bool = True
    """Whether ``submitting`` is said."""
    sent: float = 0.0
    """How probably the network gets it."""
    answer: Line | None = None
    """None: there is none."""
    dies: bool = False
    """Whether the process ends instead of an answer, or waits for its end."""


def _failed(answer: str, reason: str, **more: Any) -> Line:
    return {"answer": answer, "reason": reason} | more


ACCEPTED = "accepted"
WAYS = {
    ACCEPTED: Way(sent=1, answer={"answer": "accepted"}),
    "refused for now": Way(answer=_failed("refused", "+CMS ERROR: 42", cms=42)),
    "refused for good": Way(answer=_failed("refused", "+CMS ERROR: 1", cms=1)),
    "refused without a number": Way(answer=_failed("refused", "ERROR", cms=None)),
    "refused here": Way(submitting=False, answer=_failed("refused", "too long for one part", cms=None)),
    "perhaps refused": Way(sent=0.5, answer=_failed("unknown", "+CMS ERROR: 332", cms=332, in_step=True)),
    "no prompt": Way(answer=_failed("not_sent", "no prompt", cms=None)),
    "no service centre": Way(submitting=False, answer=_failed("not_sent", "no service centre", cms=None)),
    "silent after the PDU": Way(sent=0.5, answer=_failed("unknown", "ERR_TIMEOUT", cms=None, in_step=False)),
    "lost before the PDU": Way(submitting=False, answer=_failed("unavailable", "no answer to AT", kind="LineLost")),
    "lost after the PDU": Way(sent=0.5, answer=_failed("unavailable", "the port is gone", kind="LineLost")),
    "dies before the PDU": Way(submitting=False, dies=True),
    "dies after the PDU": Way(sent=0.5, dies=True),
    "hangs before the PDU": Way(submitting=False),
    "hangs after the PDU": Way(sent=0.5),
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The contents of ``behaviour.json``; the defaults are a good modem's. Numbers are probabilities or seconds."""

    ways: Mapping[str, float] = dataclasses.field(default_factory=lambda: {ACCEPTED: 1.0})
    """Of ``WAYS``: their weights."""
    seconds: tuple[float, float] = (0, 0)
    """How long a text takes, from and to."""
    reports: Mapping[str, float] = dataclasses.field(default_factory=lambda: {"once": 1.0})
    """The weights of ``once``, ``before the answer``, ``late``, ``twice``, ``tries first``, ``gives up``, ``never``."""
    open_fails: float = 0.0
    receive_fails: float = 0.0
    slow: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """How long it thinks about these commands."""
    stored: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """What lies in its store, places and PDUs."""
    dies_after_each: bool = False
    """Whether the process ends after each text that was accepted."""

    def lay_down(self, folder: Path) -> None:
        """Make the modem, or change it."""
        folder.mkdir(exist_ok=True)
        (folder / "behaviour.json").write_text(json.dumps(dataclasses.asdict(self)))


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class _Report:
    at: float
    submission: int
    status: int
    number: str
    reference: int


class _Network:
    """What it got and what it has to report, as its log has it."""

    def __init__(self, folder: Path) -> None:
        self._log = os.open(folder / "network.jsonl", os.O_RDWR | os.O_APPEND | os.O_CREAT)
        # The child of a daemon that was killed may still be at work.
        fcntl.flock(self._log, fcntl.LOCK_EX)
        self._submissions = 0
        self._references: dict[str, set[int]] = defaultdict(set)
        self._to_report: list[_Report] = []
        for line in (folder / "network.jsonl").read_bytes().splitlines():
            self._take(json.loads(line))
        heapq.heapify(self._to_report)

    def take(self, number: str, segment: Line, reports: list[tuple[float, int]]) -> int:
        """A part, and when what will be reported of it: its reference."""
        used = self._references[number]
        # A number gets none twice, and so 256 parts at most: at the pace of a real modem it would not within hours.
        reference = next(r for i in range(1, 257) if (r := (self._submissions + i) % 256) not in used)
        submitted = {
            "submitted": self._submissions + 1,
            "number": number,
            "text": segment["text"],
            "part": segment["number"],
            "of": segment["of"],
            "reference": reference,
            "at": clock.utc_now().isoformat(),
            "reports": reports,
        }
        self._write(submitted)
        self._take(submitted)
        heapq.heapify(self._to_report)
        return reference

    def next_report(self) -> _Report | None:
        """The earliest, whether it is time for it or not."""
        return self._to_report[0] if self._to_report else None

    def report(self) -> _Report:
        """The earliest; it is reported once."""
        report = heapq.heappop(self._to_report)
        self._write({"reported": report.submission, "status": report.status})
        return report

    def _take(self, line: Line) -> None:
        match line:
            case {"submitted": submission, "number": number, "reference": reference, "reports": reports}:
                self._submissions = submission
                self._references[number].add(reference)
                self._to_report += (_Report(at, submission, status, number, reference) for at, status in reports)
            case {"reported": submission, "status": status}:
                # The first that fits is the one: they were reported in this order.
                told = min(r for r in self._to_report if (r.submission, r.status) == (submission, status))
                self._to_report.remove(told)

    def _write(self, line: Line) -> None:
        os.write(self._log, json.dumps(line).encode("ascii") + b"\n")
        os.fsync(self._log)


class ScriptedWorker:
    """Translates between the lines and the network, or does not."""

    def __init__(self) -> None:
        self._network: _Network | None = None
        self._behaviour = Behaviour()

    def serve(self) -> None:
        """Until the parent closes our stdin."""
        watched = select.poll()
        watched.register(0, select.POLLIN)
        unread = b""
        while True:
            if watched.poll(self._milliseconds_to_report()):
                octets = os.read(0, 1 << 16)
                if not octets:
                    return
                *lines, unread = (unread + octets).split(b"\n")
                for line in lines:
                    self._obey(json.loads(line))
            self._report(clock.utc_now().timestamp())

    def _obey(self, command: Line) -> None:
        match command:
            case {"do": "open", "device": device}:
                self._behaviour = Behaviour(**json.loads((Path(device) / "behaviour.json").read_text()))
                self._network = _Network(Path(device))
                self._think("open")
                self._answer_unless(self._behaviour.open_fails, {"answer": "done"})
            case {"do": "submit", "number": number, "segment": segment}:
                self._submit(number, segment)
            case {"do": "receive"}:
                self._think("receive")
                found = {"answer": "received", "stored": self._behaviour.stored, "crowded": [], "unreadable": ""}
                self._answer_unless(self._behaviour.receive_fails, found)
            case {"do": "delete"}:
                self._think("delete")
                _say({"answer": "done"})
            case {"do": "status"}:
                status = {"manufacturer": "", "model": "", "network": "", "registration": "home", "signal_percent": 50}
                _say({"answer": "status", "status": status})

    def _think(self, command: str) -> None:
        time.sleep(self._behaviour.slow.get(command, 0))

    def _answer_unless(self, fails: float, answer: Line) -> None:
        if random.random() < fails:
            _say(_failed("unavailable", "silent", kind="PortSilent"))
            os._exit(1)
        _say(answer)

    def _submit(self, number: str, segment: Line) -> None:
        assert self._network is not None
        (name,) = random.choices(list(self._behaviour.ways), list(self._behaviour.ways.values()))
        way = WAYS[name]
        (reports,) = random.choices(list(self._behaviour.reports), list(self._behaviour.reports.values()))
        before, after = (random.uniform(*self._behaviour.seconds) / 2 for _ in range(2))
        answer = dict(way.answer or {})
        if way.submitting:
            _say({"event": "submitting"})
        time.sleep(before)
        if random.random() < way.sent:
            now = clock.utc_now().timestamp()
            answer["reference"] = self._network.take(number, segment, _reports(reports, now))
            if reports == "before the answer":
                self._report(now)
        time.sleep(after)
        if way.answer is not None:
            _say(answer)
        elif not way.dies:
            _wait_for_the_end()
        if way.dies or self._behaviour.dies_after_each or answer["answer"] in ("unavailable", "not_sent", "unknown"):
            os._exit(1)

    def _milliseconds_to_report(self) -> float | None:
        report = self._network and self._network.next_report()
        return max(0.0, report.at - clock.utc_now().timestamp()) * 1000 + 1 if report else None

    def _report(self, now: float) -> None:
        """Pass on what the network has to report by now."""
        while self._network and (report := self._network.next_report()) and report.at <= now:
            report = self._network.report()
            _say(
                {
                    "event": "report",
                    "number": report.number,
                    "message_reference": report.reference,
                    "status": report.status,
                }
            )


def _reports(how: str, now: float) -> list[tuple[float, int]]:
    """When, and which TP-ST (3GPP TS 23.040 §9.2.3.15)."""
    soon = now + random.uniform(0, 0.3)
    match how:
        case "once":
            return [(soon, 0)]
        case "before the answer":
            return [(now, 0)]
        case "late":
            return [(soon + 1, 0)]
        case "twice":
            return [(soon, 0), (soon + random.uniform(0, 0.5), 0)]
        case "tries first":
            return [(soon, 32), (soon + random.uniform(0, 0.5), 0)]
        case "gives up":
            return [(soon, 70)]
        case "never":
            return []
    raise ValueError(how)


def _say(line: Line) -> None:
    os.write(1, json.dumps(line).encode("ascii") + b"\n")


def _wait_for_the_end() -> None:
    while os.read(0, 1 << 16):
        pass
    os._exit(1)


if __name__ == "__main__":
    try:
        ScriptedWorker().serve()
    except BrokenPipeError:
        pass  # the daemon was killed; what the modem was given is on the air
    finally:
        os._exit(0)
