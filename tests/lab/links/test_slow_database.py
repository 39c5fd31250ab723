"""The database is slow."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from tests.daemon.said import Said
from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.links.callers import ANN, BOB, CAT, DAN, EVE, Phones, finds_it_busy
from tests.lab.sip import Carrier
from tests.lab.watch import BUSY, UNKNOWN, Kept, watching
from textbackd.pbx import linked_source
from textbackd.store.database import Database


async def test_events_that_are_too_many_for_a_slow_database(
    tmp_path: Path, asterisk: Asterisk, said: Said, carrier: Carrier, phones: Phones, monkeypatch: Any
) -> None:
    """They are dropped, and what is up is read anew: nobody is texted who was not seen to be missed."""
    monkeypatch.setattr(linked_source, "QUEUE_LENGTH", 26)
    path = tmp_path / "textbackd.db"
    async with Database.open(path, durable=False) as database, watching(asterisk, database, said) as watch:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")  # it may have to wait for us
            phones["101"].behaviour = behaviour.BUSY
            for caller in (ANN, BOB, CAT):
                await (await carrier.call(caller, did=office.ONE_PHONE)).ended()
            phones["101"].behaviour = behaviour.RINGS
            still_there = await carrier.call(DAN, did=office.PATIENT)
            await watch.heard(DAN.encode())
            other.execute("ROLLBACK")
        await said.until("pbx_events_dropped")
        assert BUSY == await watch.decided(ANN)
        await watch.arrived(DAN)
        await still_there.hang_up()

        assert UNKNOWN == await watch.decided(DAN)
        assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
        assert UNKNOWN == await watch.kept(BOB)
        assert Kept() == await watch.kept(CAT)
        assert [] == await watch.in_the_air()
