"""Plays scenarios on one real Asterisk while textbackd looks on, many at once, each at a branch of its own."""

import asyncio
import contextlib
import csv
import itertools
import traceback
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.asterisk import Asterisk
from tests.lab.branch import Branch
from tests.lab.office import SITES, Site
from tests.lab.scenario import WITHHELD, Scenario
from tests.lab.witness import Witness
from textbackd import clock
from textbackd.core.outcomes import Call, Outcome

RING_SECONDS = 2
"""Whoever is to do something while a phone rings must come to his turn within it: on a machine that has more to do than
it can, some wait for most of a second.
"""
NO_RECORD = "no record"
"""What CDR says of a call of which it says nothing."""
RECORD_WITHIN = 3.0
"""Seconds."""
STILL_FOR = 1.0
"""Seconds without a record more, after which none comes: a call's own leg may have several, and on a busy machine the
second was not there 0.2 s after the first.
"""
_DISPOSITION, _UNIQUEID, _LINKEDID, _SEQUENCE = 14, 16, 18, 19
"""Columns of Master.csv, as cdr.conf asks for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one scenario."""

    scenario: Scenario
    calls: tuple[Call, ...]
    """as textbackd judged them, in the order in which they began"""
    trouble: str
    """why it could not be played to its end; empty when it was"""

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(call.outcome for call in self.calls)

    @property
    def complaint(self) -> str:
        """What is wrong, with what was seen; empty when all is as a person would say."""
        wrong = [self.trouble] if self.trouble else []
        if self.outcomes != self.scenario.expected:
            wrong.append(f"expected {words(self.scenario.expected)}")
        for call in self.calls:
            shown = shown_as(call)
            if self.scenario.caller not in (None, shown):
                wrong.append(f"expected the caller {self.scenario.caller}, not {shown}")
            if self.scenario.maybe_machine not in (None, call.maybe_machine):
                wrong.append(f"maybe_machine is {call.maybe_machine}")
        if not wrong:
            return ""
        lines = [f"{self.scenario.id}: {self.scenario.story}", *(f"  {line}" for line in wrong)]
        for call in self.calls:
            record = call.record
            lines.append(
                f"  {call.outcome}, because {call.because}; {record.caller} to {record.did}, {record.call_id}:"
            )
            since = record.started_at
            lines += [f"    {(s.at - since).total_seconds():6.3f} {s.what} {s.value} {s.who}" for s in record.steps]
        return "\n".join(lines)


class Lab:
    """A running Asterisk with its witness."""

    def __init__(self, asterisk: Asterisk, witness: Witness) -> None:
        self.asterisk = asterisk
        self.witness = witness
        self._taken: set[str] = set()
        self._callers = (f"07700900{n % 1000:03}" for n in itertools.count(1))

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, folder: Path, *, version: int = 22) -> "AsyncIterator[Lab]":
        """Start Asterisk in `folder`, which is to be empty; its stream is kept there as `stream.ami`."""
        asterisk = Asterisk(folder / "asterisk", version=version, ring_seconds=RING_SECONDS)
        try:
            await asterisk.start()
            witness = Witness(asterisk, folder / "stream.ami")
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(witness.run())
                await witness.attached()
                yield cls(asterisk, witness)
                watching.cancel()
        finally:
            await asterisk.close()

    async def play(self, scenarios: Iterable[Scenario], *, at_once: int = len(SITES)) -> list[Result]:
        """Play them all, so many at a time; the results in their order."""
        free = asyncio.Queue[Site]()
        for site in SITES[:at_once]:
            free.put_nowait(site)

        async def play(scenario: Scenario) -> Result:
            site = await free.get()
            try:
                return await self._play(scenario, site)
            finally:
                free.put_nowait(site)

        async with asyncio.TaskGroup() as together:
            tasks = [together.create_task(play(scenario)) for scenario in scenarios]
        return [task.result() for task in tasks]

    def complaint(self, results: Iterable[Result]) -> str:
        """What is wrong with all that was seen; empty when nothing is."""
        strays = [call.record for call in self.witness.calls if call.record.call_id not in self._taken]
        complaints = [*(result.complaint for result in results), *(f"a call in no scenario: {call}" for call in strays)]
        return "\n".join(filter(None, complaints))

    async def cdr(self, calls: Iterable[Call]) -> dict[str, str]:
        """What Asterisk itself wrote of these calls, by their ids; it writes a moment late, and of some calls never."""
        ids = {call.record.call_id for call in calls}
        deadline, seen, since = clock.monotonic() + RECORD_WITHIN, -1, 0.0
        while True:
            records, now = self._records(), clock.monotonic()
            if len(records) != seen:
                seen, since = len(records), now
            # The records of other legs may come first; those of a call's own leg come last, one after the other.
            own = {row[_UNIQUEID] for row in records}
            if now - since > STILL_FOR and (ids <= own or now > deadline):
                return {call_id: _disposition(call_id, records) for call_id in ids}
            await asyncio.sleep(0.2)

    def _records(self) -> Sequence[Sequence[str]]:
        """Those that are written to their end."""
        path = self.asterisk.folder / "log" / "cdr-csv" / "Master.csv"
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return [row for row in csv.reader(file) if len(row) > _SEQUENCE]

    async def _play(self, scenario: Scenario, site: Site) -> Result:
        """A play that fails is played once more: on a busy machine a phone may come too late for its part. What
        textbackd says of a whole play is never asked twice.
        """
        began = clock.utc_now()
        result = await self._played(scenario, site)
        if result.trouble:
            result = await self._played(scenario, site)
            self._taken |= {call.record.call_id for call in self.witness.calls_to(site, began)}
        return result

    async def _played(self, scenario: Scenario, site: Site) -> Result:
        trouble, began = "", clock.utc_now()
        try:
            async with asyncio.timeout(60), Branch.open(self.asterisk, site, self._callers) as branch:
                await scenario.play(branch)
                await branch.over()
                # The PBX may still ring phones when the caller has gone: they stay until it is done with them.
                await self.witness.until_ended(len(scenario.expected), site, began)
        except Exception as error:  # one odd scenario; the others still count
            trouble = "".join(traceback.format_exception_only(_first(error))).strip()
            with contextlib.suppress(TimeoutError):
                await self.witness.until_ended(len(scenario.expected), site, began)
        calls = tuple(self.witness.calls_to(site, began))
        self._taken |= {call.record.call_id for call in calls}
        return Result(scenario=scenario, calls=calls, trouble=trouble)


def _first(error: BaseException) -> BaseException:
    """Of a group of errors the first that is none."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _disposition(call_id: str, records: Iterable[Sequence[str]]) -> str:
    """Of all legs of a call: ANSWERED if any record says so, else the last."""
    of_call = [row for row in records if call_id in (row[_UNIQUEID], row[_LINKEDID])]
    said = [row[_DISPOSITION] for row in sorted(of_call, key=lambda row: int(row[_SEQUENCE]))]
    if not said:
        return NO_RECORD
    return "ANSWERED" if "ANSWERED" in said else said[-1]


def shown_as(call: Call) -> str:
    """The caller's number as it was read, or WITHHELD, also where the PBX could no longer tell."""
    return WITHHELD if call.record.withheld or call.record.privacy_unknown else call.record.caller


def words(said: Iterable[str]) -> str:
    """What is said of the calls of a scenario, in one line."""
    return ", ".join(said) or "no call"
