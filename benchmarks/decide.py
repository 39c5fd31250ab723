"""What a decision costs, and what it costs to learn what it needs to know.

    python -m benchmarks.decide [--calls 1000000] [--decisions 2000]

``decide()`` with 10,000 exclusions in the configuration, for callers never seen before, as the daemon asks it: the
call has been judged, and what libphonenumber says of the number has been looked up, which has a row of its own. Each
call ends a minute after the one before it. The yardstick is a loop of no use that takes about as long, run after each
decision: what its p99 has above its p50 is the machine's doing. Then the search for the next opening by hours that
never open, for which the first call of a day has to wait. Then ``history.of_caller()``, which feeds the decision, on a
database with a million calls of an attack that still goes on at 50 a second, and 10,000 more exclusions. The floor is
one indexed SELECT through the same connection, in between. Times are of a wall clock in one thread, of searches the
CPU time of that thread, and of decisions both; p50 and p99.
"""

import argparse
import asyncio
import dataclasses
import datetime as dt
import itertools
import random
import sqlite3
import tempfile
import time
import zoneinfo
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tests.builders import NOON, a_history, a_policy, a_record, an_office, seconds
from textbackd.core import number_plan, opening_hours, phone_numbers
from textbackd.core.call_records import EndedCall
from textbackd.core.exclusions import Exclusion
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import judge
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy, SendText, decide
from textbackd.store import history, traffic
from textbackd.store.database import Database, Transaction, stamp

EXCLUSIONS = 10_000
PER_SECOND = 50
WARM_UP = 200
SEARCHES = 100
INTERRUPTED = 3e-6
"""Seconds of a wall clock that are not CPU time: something else ran in between, and left cold caches behind."""
YARDSTICK = 180
"""Some 25 µs on the machine of the README."""


def measure(calls: int, decisions: int) -> None:
    """Print all rows."""
    policy = _policy()
    callers = [E164(f"+447401{number:06}") for number in random.sample(range(10**6), decisions + WARM_UP)]
    print(f"decide() with {EXCLUSIONS:,} exclusions, in µs:")
    for name, hours in (("open", Hours.OPEN), ("closed", Hours.CLOSED)):
        for what, times in _decided(policy, callers, hours).items():
            _print(f"{what}, {name}", times)
    print(f"moment() by hours that never open, {SEARCHES} of them, in µs:")
    for what, times in _searched(policy.office.time_zone).items():
        _print(what, times)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.db"
        asyncio.run(_made(path))
        _fill(path, calls)
        size = path.stat().st_size / 1e6
        print(f"on a database with {calls:,} calls, {PER_SECOND} a second until now ({size:.0f} MB), in µs:")
        for name, times in asyncio.run(_asked(path, policy, callers)).items():
            _print(name, times)


def _policy() -> Policy:
    numbers = [Exclusion(label="supplier", number=E164(f"+447402{number:06}")) for number in range(EXCLUSIONS // 2)]
    prefixes = [Exclusion(label="spam", prefix=f"+4474031{number:04}") for number in range(EXCLUSIONS // 4)]
    names = [Exclusion(label="crew", name=f"Crew {number}") for number in range(EXCLUSIONS // 4)]
    business = dataclasses.replace(an_office().businesses[0], hours="Mo-Fr 08:00-17:00; Sa 09:00-12:00; PH off")
    return a_policy(office=an_office(businesses=(business,)), exclusions=[*numbers, *prefixes, *names])


def _record(caller: str, ended_at: dt.datetime) -> EndedCall:
    started_at = ended_at - seconds(20)
    return dataclasses.replace(a_record(), caller=caller, caller_name="Bob", started_at=started_at, ended_at=ended_at)


def _ends(hours: Hours) -> Iterator[dt.datetime]:
    """Each minute of two hours in which no time zone of the callers sleeps, on one day of the week."""
    for week in itertools.count():
        first = NOON + dt.timedelta(weeks=week, hours=1 if hours is Hours.OPEN else 6)
        yield from (first + dt.timedelta(minutes=minute) for minute in range(120))


def _decided(policy: Policy, callers: Sequence[E164], hours: Hours) -> Mapping[str, Sequence[float]]:
    looked_up, decided, cpu, yardstick = [], [], [], []
    phone_numbers.e164.cache_clear()
    number_plan.plan_of.cache_clear()
    for caller, ended_at in zip(callers, _ends(hours), strict=False):
        call = judge(_record(caller, ended_at), policy.office, pbx="asterisk", minimum_talk=policy.minimum_talk)
        assert call.hours is hours
        began = time.thread_time()
        number = policy.office.e164(caller)
        assert number is not None
        past = a_history(plan=policy.office.plan(number))
        looked_up.append(time.thread_time() - began)
        began, cpu_before = time.perf_counter(), time.thread_time()
        decision = decide(call, past, policy, call.record.ended_at)
        cpu.append(time.thread_time() - cpu_before)
        decided.append(time.perf_counter() - began)
        assert isinstance(decision, SendText), decision
        began = time.thread_time()
        sum(map(len, map(str, range(YARDSTICK))))
        yardstick.append(time.thread_time() - began)
    whole = [used for used, took in zip(cpu, decided, strict=True) if took - used < INTERRUPTED]
    return {
        "number and plan, CPU": looked_up[WARM_UP:],
        "decide(), CPU": cpu[WARM_UP:],
        "decide(), CPU, where nothing came between": whole[WARM_UP:],
        "decide(), wall clock": decided[WARM_UP:],
        "the yardstick, CPU": yardstick[WARM_UP:],
    }


def _searched(zone: zoneinfo.ZoneInfo) -> Mapping[str, Sequence[float]]:
    """CPU time; each search is by hours of its own, or it would find most days looked up by the one before it."""
    first: list[float] = []
    later: list[float] = []
    for search in range(SEARCHES + 1):
        hours = f'2025 Mo-Fr 08:00-17:00 "{search}"; PH off'
        for times in (first, later):
            began = time.thread_time()
            found = opening_hours.moment(hours, NOON, zone, "GB", "SCT")
            times.append(time.thread_time() - began)
            assert found.opens is None
    return {"the first call of a day": first[1:], "a later one": later[1:]}  # the very first reads the calendars


async def _made(path: Path) -> None:
    async with Database.open(path, durable=False):
        pass


def _fill(path: Path, calls: int) -> None:
    """Calls of an attack: each from another number, and all refused but the first of each hour."""

    def rows() -> Iterator[tuple[str, str, str, str]]:
        for at in range(calls):
            ended = stamp(NOON - dt.timedelta(seconds=at / PER_SECOND))
            yield f"{at}", f"+4474{at % 10**8:08}", ended, ended

    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "INSERT INTO calls (pbx, call_id, caller, caller_name, number, withheld, did, did_label, context, business,"
            " hours, outcome, because, ring_seconds, wait_seconds, talk_seconds, rang, talked_to, maybe_machine, queue,"
            " queue_seconds, started_at, ended_at, steps, decision, reason, detail, decided_at)"
            " VALUES ('asterisk', ?1, ?2, '', ?2, 0, '01632960101', 'Sales', 'from-trunk', 'Hill Plumbing', 'open',"
            " 'no_answer', 'phones rang and nobody took it', 19, 20, 0, '[]', '[]', 0, '', 0, ?3, ?3,"
            " printf('%300s', ''), 'silent', 'guard', 'surge', ?4)",
            rows(),
        )
        connection.executemany(
            "INSERT INTO outbox (kind, priority, state, business, number, text, encoding, template, since, created_at,"
            " counted_at, not_before, due_at)"
            " VALUES ('caller', 2, 'sent', 'Hill Plumbing', ?1, 'sorry', 'gsm7', 'missed', ?2, ?2, ?2, ?2, ?2)",
            [(f"+4474{at:08}", stamp(NOON - dt.timedelta(minutes=24 * at))) for at in range(1800)],
        )
        connection.executemany(
            "INSERT INTO exclusions (label, number, note, source, added_at) VALUES ('spam', ?1, '', 'hand', 'then')",
            [(f"+447404{at:06}",) for at in range(EXCLUSIONS)],
        )
        connection.commit()


async def _asked(path: Path, policy: Policy, callers: Sequence[E164]) -> dict[str, Sequence[float]]:
    floor: list[float] = []
    counted: list[float] = []
    whole: list[float] = []
    async with Database.open(path, durable=False) as database, database.reading() as tx:
        for caller in callers:
            floor.append(await _timed(_floor(tx)))
            counted.append(await _timed(traffic.seen_from(tx, caller, NOON)))
            past = history.of_caller(tx, caller, "Bob", "Hill Plumbing", policy, NOON)
            whole.append(await _timed(past))
    return {
        "one SELECT by an index (the floor)": floor[WARM_UP:],
        "traffic.seen_from(): what the guards count": counted[WARM_UP:],
        "history.of_caller(): all of it": whole[WARM_UP:],
    }


async def _floor(tx: Transaction) -> object:
    call_id = str(random.randrange(10**6))
    return await tx.value("SELECT 1 FROM calls WHERE pbx = ?1 AND call_id = ?2", "asterisk", call_id)


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def _print(name: str, times: Sequence[float]) -> None:
    ordered = sorted(each * 1e6 for each in times)
    p50, p99 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
    print(f"  {name:50} n {len(ordered):5}   p50 {p50:8.1f}   p99 {p99:8.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--decisions", type=int, default=2000)
    arguments = parser.parse_args()
    measure(arguments.calls, arguments.decisions)
