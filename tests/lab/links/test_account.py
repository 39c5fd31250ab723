"""What the account may, and what is left where it may less."""

import asyncio
from typing import Any

from tests.daemon.said import Said
from tests.lab import office
from tests.lab.asterisk import LEAST_PRIVILEGE, SECRET, Asterisk
from tests.lab.line import Line
from tests.lab.links import both_versions
from tests.lab.links.callers import ANN, BOB, EVE, Phones, finds_it_busy, talks
from tests.lab.sip import Carrier
from tests.lab.watch import ANSWERED, BUSY, SILENT, UNKNOWN, Watch, watching
from textbackd.pbx import linked_source
from textbackd.store.database import Database


async def test_a_wrong_secret_until_it_is_mended(
    asterisk: Asterisk, database: Database, said: Said, carrier: Carrier, phones: Phones, monkeypatch: Any
) -> None:
    """Each try is one login, as Asterisk counts them for a fail2ban; the first one after it was mended succeeds."""
    monkeypatch.setattr(linked_source, "REFUSED_DELAY", 0.1)
    await asterisk.configure_account(secret="another")
    async with asyncio.TaskGroup() as group:
        watch = Watch(asterisk, database, said)
        running = group.create_task(watch.run())
        await said.until("pbx_login_refused")
        await said.until("pbx_still_lost")
        await asterisk.configure_account(secret=SECRET)
        await watch.up()
        assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
        running.cancel()

    refused = len(said.events("pbx_login_refused")) + len(said.events("pbx_still_lost"))
    assert refused == asterisk.log.count(f"failed to authenticate as '{LEAST_PRIVILEGE}'")
    assert 1 == len(said.events("pbx_login_refused"))
    assert [] == said.events("pbx_lost")


@both_versions
async def test_an_account_that_may_not_ask(
    asterisk: Asterisk, database: Database, said: Said, carrier: Carrier, phones: Phones
) -> None:
    """It is told of. Who is missed is texted only where the events say that the number was not withheld."""
    await asterisk.configure_account(write="")
    async with watching(asterisk, database, said) as watch:
        assert ["CoreShowChannels", "Status"] == [line["action"] for line in said.events("pbx_snapshot_denied")]
        assert BUSY == await finds_it_busy(watch, carrier, phones, ANN)
        assert SILENT == await finds_it_busy(watch, carrier, phones, BOB, did=office.CALLER_ID_UNTOUCHED)

    assert ["privacy_unknown"] == [line["reason"] for line in said.events("call_ended", caller=BOB)]


@both_versions
async def test_an_account_that_hears_of_channels_only(
    asterisk: Asterisk, database: Database, said: Said, carrier: Carrier, phones: Phones
) -> None:
    """``read = call`` is enough to tell who was answered; not what the dialplan did with the others."""
    await asterisk.configure_account(read="call")
    async with watching(asterisk, database, said) as watch:
        ann = await talks(watch, carrier, phones, ANN)
        await ann.hang_up()
        assert ANSWERED == await watch.decided(ANN)
        assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)


async def test_an_account_that_hears_nothing(
    asterisk: Asterisk, line: Line, database: Database, said: Said, carrier: Carrier, phones: Phones
) -> None:
    """A caller is known only where a snapshot happens to show one, and unknown when the next one does not."""
    await asterisk.configure_account(read="system")
    async with watching(asterisk, database, said, port=line.port) as watch:
        call = await carrier.call(ANN, did=office.PATIENT)
        line.cut()
        await watch.up(2)
        await watch.arrived(ANN)
        await call.hang_up()
        line.cut()
        assert UNKNOWN == await watch.decided(ANN)
