"""Requests of other processes: each is answered once, in its row."""

from typing import Any

import pytest

from tests.daemon.said import Said
from tests.workers.far_ends import ManualClock
from textbackd.errors import TextbackdError
from textbackd.store import requests
from textbackd.store.database import Database
from textbackd.workers.requests import RequestWorker


async def echo(arguments: dict[str, Any]) -> Any:
    return {"said": arguments["say"]}


async def refuse(_arguments: dict[str, Any]) -> Any:
    raise TextbackdError("not now")


async def crash(_arguments: dict[str, Any]) -> Any:
    raise ZeroDivisionError("a secret detail")


@pytest.fixture
def worker(database: Database, clock: ManualClock) -> RequestWorker:
    return RequestWorker(database, {"echo": echo, "refuse": refuse, "crash": crash}, clock)


async def asked(database: Database, clock: ManualClock, kind: str, **arguments: Any) -> int:
    async with database.transaction() as tx:
        return await requests.ask(tx, kind, arguments, clock())


async def answered(database: Database, request: int) -> tuple[str, Any]:
    async with database.reading() as tx:
        return await requests.answer(tx, request)


async def test_requests_are_answered_in_their_order(
    worker: RequestWorker, database: Database, clock: ManualClock
) -> None:
    """One at a step; nothing to do is no work."""
    first, second = [await asked(database, clock, "echo", say=i) for i in (1, 2)]

    assert await worker.step()
    assert (("done", {"said": 1}), ("asked", None)) == (
        await answered(database, first),
        await answered(database, second),
    )
    assert await worker.step()
    assert not await worker.step()


async def test_a_request_that_cannot_be_done_says_why(
    worker: RequestWorker, database: Database, clock: ManualClock, said: Said
) -> None:
    """Our own errors in words; a bug is logged, and its details stay in the log."""
    asked_for = {kind: await asked(database, clock, kind) for kind in ("refuse", "crash", "sing")}
    while await worker.step():
        pass

    answers = {kind: await answered(database, request) for kind, request in asked_for.items()}
    assert ("failed", "not now") == answers["refuse"]
    assert ("failed", "textbackd could not do that; its log says why") == answers["crash"]
    assert ("failed", "this textbackd knows no request 'sing'") == answers["sing"]
    assert ["crash"] == [line["kind"] for line in said.events("request_not_handled")]


async def test_an_old_request_never_runs(worker: RequestWorker, database: Database, clock: ManualClock) -> None:
    """After a minute its asker has gone."""
    old = await asked(database, clock, "echo", say=1)
    clock.move_on(61)
    young = await asked(database, clock, "echo", say=2)
    while await worker.step():
        pass

    assert ("expired", "done") == ((await answered(database, old))[0], (await answered(database, young))[0])


async def test_a_request_that_was_withdrawn_never_runs(
    worker: RequestWorker, database: Database, clock: ManualClock
) -> None:
    """Its asker gave up."""
    request = await asked(database, clock, "echo", say=1)
    async with database.transaction() as tx:
        await requests.withdraw(tx, request)

    assert not await worker.step()
    assert ("expired", None) == await answered(database, request)
