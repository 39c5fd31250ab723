"""A daemon with many texts to send, killed again and again: ``python -m tests.daemon.many_texts PLAN``.

PLAN is the JSON of a ``Plan``. Each life is a process of its own, forked from one that has imported everything, and is
ended by SIGKILL after some texts, or at any moment of its start; the last one is stopped when all is at rest. Prints
the JSON of an ``Account``. ``python -m tests.daemon.many_texts PLAN live`` is one life, until SIGTERM.
"""

import asyncio
import contextlib
import ctypes
import dataclasses
import datetime as dt
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from tests.builders import AT_ANY_HOUR, a_policy, an_office, seconds
from tests.daemon.running import ROOT
from textbackd import clock, daemon, logs
from textbackd.config import Settings
from textbackd.core.caller_history import Consent
from textbackd.core.office import Business
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.logs import LogSettings
from textbackd.modem import gammu_child, reopening
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.store import opt_outs, outbox
from textbackd.store.database import Database
from textbackd.workers import next_text, pace, receiver, sender

STALE = 50
OPTED_OUT = 40
"""Every so manieth text is too old to be sent, and every so manieth number has said STOP."""
_KINDS = (MessageKind.CALLER, MessageKind.OWNER, MessageKind.STAFF)
_AT_REST = 2.0
"""Seconds without any change."""
_PR_SET_PDEATHSIG = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done."""

    folder: str
    texts: int
    kills: int = 0
    devices: Sequence[str]
    logs: Sequence[str]
    """The network's, one for each device; each submission is a line with a ``reference``."""
    program: str = gammu_child.PROGRAM
    """The child's."""
    unwanted: bool = True
    """Whether some are too old to be sent, and some numbers have said STOP."""
    numbers: int = 1000
    """To how many the texts go."""
    most_parts: int = 3
    submit_deadline: float = 0.4
    late_answer: float = 0.1
    patience: float = 2.0
    """Seconds without a submission after which a life is ended: all waits for something."""
    most_seconds: float = 100.0

    @property
    def database(self) -> Path:
        """The daemon's."""
        return Path(self.folder) / "textbackd.db"

    @property
    def command(self) -> Sequence[str]:
        """To be run in ``ROOT``."""
        return [sys.executable, "-m", "tests.daemon.many_texts", json.dumps(dataclasses.asdict(self))]

    @contextlib.asynccontextmanager
    async def living(self) -> AsyncIterator[int]:
        """One life of the daemon, which is killed at the end of the block: its process id."""
        process = await asyncio.create_subprocess_exec(*self.command, "live", cwd=ROOT)
        try:
            yield process.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            await process.wait()

    def run(self) -> "Account":
        """Do it, in a process of its own. Raises AssertionError with what it said when it failed."""
        done = subprocess.run(self.command, cwd=ROOT, capture_output=True, text=True, timeout=self.most_seconds)
        assert (0, "") == (done.returncode, done.stderr), done.stderr[-3000:]
        return Account(**json.loads(done.stdout))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was done."""

    seconds: float
    kills_in_mid_send: int
    """After which a text was found in ``sending``."""


def words(text: int, parts: int) -> str:
    """A text in so many parts, each of which tells which text and which part it is of."""
    return "".join(f"#{text:05}.{i:03} " for i in range(parts * 14 + 1))[: 150 * parts]


def number(text: int, numbers: int) -> E164:
    """The number that a text goes to."""
    return E164(f"+447700900{text % numbers:03}")


def kind(text: int, numbers: int) -> MessageKind:
    """Of a text: that of all others to its number, for a text to a caller does not go to an owner, nor the reverse."""
    return _KINDS[text % numbers % len(_KINDS)]


def settings(plan: Plan) -> Settings:
    """No PBX; nothing of the policy is in the way, and whoever is told of leads is an owner."""
    modems = tuple(
        GammuSettings(
            name=f"gsm{i}",
            device=device,
            submit_deadline=plan.submit_deadline,
            late_answer=plan.late_answer,
            late_answer_after_restart=plan.late_answer,
        )
        for i, device in enumerate(plan.devices, 1)
    )  # fmt: skip
    numbers = range(plan.numbers)
    owners = tuple(number(i, plan.numbers) for i in numbers if kind(i, plan.numbers) is MessageKind.OWNER)
    office = an_office(businesses=(Business(name="Hill Plumbing", phone="01632 960101", owners=owners),))
    policy = a_policy(
        office=office, **AT_ANY_HOUR, repeat_window=seconds(0), max_per_30_days=10**6, stale_after=dt.timedelta(hours=1)
    )
    return Settings(policy=policy, database=plan.database, pbxs=(), modems=modems, log=LogSettings())


async def queue(plan: Plan, first: int = 1, texts: int | None = None) -> None:
    """So many texts or all, due one after the other, of all kinds; ``first`` is the first one's id."""
    now = clock.utc_now()
    async with Database.open(plan.database) as database, database.transaction() as tx:
        for unwilling in range(OPTED_OUT, plan.numbers if plan.unwanted else 0, OPTED_OUT):
            await opt_outs.add(tx, number(unwilling, plan.numbers), Consent.OUT, "STOP", now)
        for text in range(first, first + (texts or plan.texts)):
            to = number(text, plan.numbers)
            due = now - seconds(30) + dt.timedelta(milliseconds=text)
            if plan.unwanted and text % STALE == 0:
                due -= dt.timedelta(days=2)
            parts = random.choices(range(1, plan.most_parts + 1), [6**-part for part in range(plan.most_parts)])
            draft = outbox.Draft(
                kind=kind(text, plan.numbers), business="Hill Plumbing", to=to, text=words(text, *parts), about=None,
                since=due, not_before=due,
            )  # fmt: skip
            assert text == await outbox.enqueue(tx, draft, now)


def live(plan: Plan) -> None:
    """One life of the daemon, at full speed, until SIGTERM."""
    gammu_child.PROGRAM = plan.program
    reopening.SECONDS_BETWEEN_OPENS = (0.05, 0.1, 0.2)  # type: ignore[assignment]
    sender.POLL, sender.FIRST_PAUSE, sender.LONGEST_PAUSE = 0.1, 0.1, 2.0
    next_text.TRIAL_EVERY = dt.timedelta(seconds=0.1)
    receiver.POLL, pace.WINDOW = 1.0, dt.timedelta(0)
    logs.configure(LogSettings(level=logs.Level.ERROR))
    asyncio.run(daemon.run_until_signalled(settings(plan), lambda: settings(plan)))


class Life:
    """A life of the daemon in a process of its own."""

    def __init__(self, plan: Plan) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                _die_with_the_parent()
                live(plan)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        self._descriptor = os.pidfd_open(self.pid)
        self._ended = select.poll()
        self._ended.register(self._descriptor, select.POLLIN)

    def goes_on(self, seconds: float) -> None:
        """Let it live for so long. Raises RuntimeError when it ends by itself."""
        if self._ended.poll(seconds * 1000):
            raise RuntimeError(f"the daemon has ended by itself: {self.end(signal.SIGKILL)}")

    def end(self, how: signal.Signals) -> int:
        """End it: its exit code, the signal's number below zero where that ended it."""
        signal.pidfd_send_signal(self._descriptor, how)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._descriptor)
        return os.waitstatus_to_exitcode(status)


class Seen:
    """What can be seen of the daemon from outside."""

    def __init__(self, plan: Plan) -> None:
        self._database = sqlite3.connect(f"file:{plan.database}?mode=ro", uri=True)
        self._logs = [os.open(log, os.O_RDONLY | os.O_CREAT) for log in plan.logs]

    def submitted_anew(self) -> int:
        """How many parts the network got since this was asked last."""
        return sum(os.read(log, 1 << 24).count(b'"reference"') for log in self._logs)

    def state(self) -> tuple[Any, ...]:
        """Of the outbox: another one when anything has changed."""
        parts = self._database.execute("SELECT state, count(*) FROM outbox_parts GROUP BY state ORDER BY state")
        return (self.count("queued"), self.count("sending"), *parts.fetchall())

    def count(self, state: str) -> int:
        """The texts in that state."""
        ((count,),) = self._database.execute("SELECT count(*) FROM outbox WHERE state = ?", (state,))
        return int(count)

    @property
    def all_sent(self) -> bool:
        """Whether there is nothing more to send."""
        return self.count("queued") == self.count("sending") == 0

    def close(self) -> None:
        """Look no more."""
        self._database.close()
        for log in self._logs:
            os.close(log)


def _live_for_some_texts(life: Life, seen: Seen, parts: int, patience: float) -> None:
    """And then for any moment more, in which it does anything."""
    idle = 0.0
    while parts > 0 and idle < patience and not seen.all_sent:
        life.goes_on(0.01)
        submitted = seen.submitted_anew()
        parts -= submitted
        idle = 0.0 if submitted else idle + 0.01
    life.goes_on(random.uniform(0, 0.02))


def _live_until_rest(life: Life, seen: Seen) -> None:
    before, unchanged = seen.state(), 0.0
    while unchanged < _AT_REST or not seen.all_sent:
        life.goes_on(0.2)
        now = seen.state()
        unchanged = unchanged + 0.2 if before == now else 0.0
        before = now


def run(plan: Plan) -> Account:
    """The whole plan."""
    asyncio.run(queue(plan))
    began, in_mid_send = clock.monotonic(), 0
    with contextlib.closing(Seen(plan)) as seen:
        for kill in range(plan.kills):
            life = Life(plan)
            if kill % 10 == 9:
                life.goes_on(random.uniform(0, 0.5))
            else:
                _live_for_some_texts(life, seen, random.randrange(2 * plan.texts // plan.kills), plan.patience)
            assert -signal.SIGKILL == life.end(signal.SIGKILL)
            in_mid_send += seen.count("sending") > 0
        life = Life(plan)
        _live_until_rest(life, seen)
        assert 0 == life.end(signal.SIGTERM)
    return Account(seconds=clock.monotonic() - began, kills_in_mid_send=in_mid_send)


def _die_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    _die_with_the_parent()
    _plan = Plan(**json.loads(sys.argv[1]))
    if sys.argv[2:] == ["live"]:
        live(_plan)
    else:
        print(json.dumps(dataclasses.asdict(run(_plan))))
