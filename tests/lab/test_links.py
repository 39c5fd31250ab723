"""Links that break: the real source and the real watcher on a real Asterisk that dies, freezes or is cut off.

Whatever happens to the link: what was not seen whole is never texted, every caller of whom anything was seen is a lead
or was answered, and the calls after it are right.
"""

import asyncio
import contextlib
import dataclasses
import random
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.builders import a_policy, seconds
from tests.daemon import said as log_lines
from tests.daemon.said import Said
from tests.lab import behaviour, office
from tests.lab.asterisk import LEAST_PRIVILEGE, SECRET, Asterisk
from tests.lab.call import Call
from tests.lab.changes import Changes
from tests.lab.sip import Carrier, Phone
from tests.workers.far_ends import rows
from textbackd import clock
from textbackd.pbx import asterisk as asterisk_source
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.store.database import Database
from textbackd.workers.call_watcher import CallWatcher

ANN, BOB, CAT, DAN, EVE = (f"+4477009001{i:02}" for i in range(5))
PING_INTERVAL, PING_TIMEOUT = 0.5, 0.5

Phones = dict[str, Phone]

both_versions = pytest.mark.parametrize("asterisk_version", [22, pytest.param(16, marks=pytest.mark.long)])


@pytest.fixture
def said() -> Iterator[Said]:
    with log_lines.listening() as said:
        yield said


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "textbackd.db", durable=False) as database:
        yield database


@pytest.fixture
def ring_seconds() -> int:
    """In a queue, each turn."""
    return 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is on disk about one number."""

    outcomes: tuple[str, ...] = ()
    """Of its calls, oldest first."""
    leads: int = 0
    texts: int = 0


UNKNOWN = Kept(outcomes=("unknown",), leads=1)
ANSWERED = Kept(outcomes=("answered",))
GAVE_UP = Kept(outcomes=("abandoned_ringing",), leads=1, texts=1)
BUSY = Kept(outcomes=("busy",), leads=1, texts=1)
SILENT = dataclasses.replace(BUSY, texts=0)


class Watch:
    """The real source and the real watcher at work, and what they have kept."""

    def __init__(self, asterisk: Asterisk, database: Database, said: Said, **values: Any) -> None:
        settings = AsteriskSettings(
            name="asterisk",
            host=asterisk.pbx,
            port=asterisk.ami_port,
            user=LEAST_PRIVILEGE,
            secret=SECRET,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
        )
        self.said = said
        self.received = b""
        self._changes = Changes()
        self._database = database
        self._source = AsteriskSource(dataclasses.replace(settings, **values), tap=self._tap)

    def _tap(self, data: bytes) -> None:
        self.received += data
        self._changes.announce()

    async def run(self) -> None:
        """Until it is cancelled."""
        policy = a_policy(minimum_talk=seconds(0), minimum_wait=seconds(0))
        watcher = CallWatcher("asterisk", self._database, policy, lambda: None)
        async with asyncio.TaskGroup() as group:
            group.create_task(watcher.run(self._source.events, clock.utc_now, lambda: None))
            group.create_task(self._source.run())

    async def heard(self, data: bytes, count: int = 1) -> None:
        """Until these bytes have come in so many times."""
        await self._changes.until(lambda: self.received.count(data) >= count, lambda: f"{data!r} did not come", 10)

    async def up(self, count: int = 1) -> None:
        """Until it says for the ``count``-th time that it is connected."""
        await self.said.until("pbx_connected", count=count, within=20)

    async def arrived(self, caller: str) -> None:
        """Until the caller is known to be on the line."""
        await self.said.until("call_arrived", caller=caller)

    async def decided(self, caller: str, count: int = 1) -> Kept:
        """What is kept of a number once its ``count``-th call is decided."""
        await self.said.until("call_ended", caller=caller, count=count, within=20)
        return await self.kept(caller)

    async def kept(self, caller: str) -> Kept:
        """What is kept of a number now."""
        calls = await rows(self._database, "SELECT outcome FROM calls WHERE number = ?1 ORDER BY id", caller)
        leads = await rows(self._database, "SELECT id FROM leads WHERE number = ?1 AND status = 'new'", caller)
        texts = await rows(self._database, "SELECT id FROM outbox WHERE number = ?1", caller)
        return Kept(outcomes=tuple(call["outcome"] for call in calls), leads=len(leads), texts=len(texts))

    async def in_the_air(self) -> list[str]:
        """The callers who are on the line, as far as the database knows."""
        return [row["caller"] for row in await rows(self._database, "SELECT caller FROM live_calls ORDER BY caller")]


@contextlib.asynccontextmanager
async def watching(asterisk: Asterisk, database: Database, said: Said, **values: Any) -> AsyncIterator[Watch]:
    """One that is connected."""
    watch = Watch(asterisk, database, said, **values)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(watch.run())
        await watch.up()
        yield watch
        running.cancel()


@pytest_asyncio.fixture
async def watch(asterisk: Asterisk, database: Database, said: Said) -> AsyncIterator[Watch]:
    """One that is connected to the Asterisk itself."""
    async with watching(asterisk, database, said) as watch:
        yield watch


class Line:
    """What lies between the source and an Asterisk: a line that can be cut, go dead, or trickle."""

    def __init__(self, asterisk: Asterisk) -> None:
        self.host, self.port = asterisk.pbx, 0
        self.cut_behind = b""
        """Cut the line once, right behind the next time that the PBX says this."""
        self.trickles = False
        """Every byte travels alone."""
        self._ami_port = asterisk.ami_port
        self._open: list[asyncio.StreamWriter] = []
        self._dead: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Now."""
        for end in self._open:
            end.transport.abort()

    def go_dead(self) -> None:
        """Half-open: whoever is connected is not disconnected, and hears and is heard no more. New lines are good."""
        self._dead.update(self._open)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        from_pbx, to_pbx = await asyncio.open_connection(self.host, self._ami_port)
        self._open += writer, to_pbx
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, to_pbx))
                group.create_task(self._carry(from_pbx, writer))
        except* ConnectionError:
            for end in (writer, to_pbx):
                end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Raises ConnectionError at the end."""
        said = b""
        while data := await reader.read(65536):
            if writer in self._dead:
                continue
            said += data
            if self.cut_behind and (found := said.find(self.cut_behind)) >= 0:
                after = len(said) - found - len(self.cut_behind)
                writer.write(data[: len(data) - after])
                self.cut_behind = b""
                break
            for i in range(0, len(data), size := 1 if self.trickles else len(data)):
                writer.write(data[i : i + size])
                await asyncio.sleep(0)
        raise ConnectionResetError


@pytest_asyncio.fixture
async def line(asterisk: Asterisk) -> AsyncIterator[Line]:
    """A good one."""
    line = Line(asterisk)
    async with await asyncio.start_server(line.serve, line.host, 0) as server:
        line.port = server.sockets[0].getsockname()[1]
        yield line


@pytest_asyncio.fixture
async def watch_on_line(asterisk: Asterisk, line: Line, database: Database, said: Said) -> AsyncIterator[Watch]:
    """One that is connected over the line."""
    async with watching(asterisk, database, said, port=line.port) as watch:
        yield watch


# --- what is done to an Asterisk --------------------------------------------------------------------------------------


async def cli(asterisk: Asterisk, command: str) -> str:
    """``asterisk -rx COMMAND``: what it says."""
    line = [*asterisk._command_line()[:-2], "-rx", command]
    process = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(20):
        out, _ = await process.communicate()
    assert process.returncode == 0, (command, out)
    return out.decode()


def send_signal(asterisk: Asterisk, number: signal.Signals) -> None:
    """SIGSTOP freezes it, SIGCONT thaws it."""
    assert asterisk._process is not None
    asterisk._process.send_signal(number)


async def configure_account(asterisk: Asterisk, **headers: str) -> None:
    """Change settings of the account in manager.conf, and have Asterisk read it."""
    path = asterisk.folder / "etc" / "manager.conf"
    head, of_account, tail = re.split(rf"(?ms)(^\[{LEAST_PRIVILEGE}\]\n.*?)(?=^\[)", path.read_text())
    for name, value in headers.items():
        of_account, changes = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", of_account)
        assert changes == 1
    path.write_text(head + of_account + tail)
    await cli(asterisk, "manager reload")


# --- what callers do --------------------------------------------------------------------------------------------------


async def rings(watch: Watch, carrier: Carrier, phones: Phones, caller: str) -> Call:
    """A caller for whom 101 rings, for a minute."""
    phones["101"].behaviour = behaviour.RINGS
    call = await carrier.call(caller, did=office.PATIENT)
    await call.ringing()
    await watch.arrived(caller)
    return call


async def talks(watch: Watch, carrier: Carrier, phones: Phones, caller: str) -> Call:
    """A caller whom 101 has on the line."""
    phones["101"].behaviour = behaviour.ANSWERS
    call = await carrier.call(caller, did=office.PATIENT)
    await call.answered()
    await watch.arrived(caller)
    await bridged(watch, caller)
    return call


async def bridged(watch: Watch, caller: str) -> None:
    """Until the caller's leg is seen in a bridge."""

    def seen() -> bool:
        blocks = watch.received.split(b"\r\n\r\n")
        return any(b.startswith(b"Event: BridgeEnter") and f"CallerIDNum: {caller}".encode() in b for b in blocks)

    await watch._changes.until(seen, lambda: f"{caller} was not joined", 10)


async def waits_in_the_queue(watch: Watch, carrier: Carrier, caller: str) -> Call:
    """A caller who hears music."""
    call = await carrier.call(caller, did=office.QUEUE)
    await watch.arrived(caller)
    await watch.heard(b"Event: QueueCallerJoin")
    return call


async def hears_the_voicemail(watch: Watch, carrier: Carrier, caller: str) -> Call:
    """A caller who hears that nobody is there."""
    call = await carrier.call(caller, did=office.CLOSED_VOICEMAIL)
    await watch.arrived(caller)
    await watch.heard(b"Application: VoiceMail")
    return call


async def finds_it_busy(
    watch: Watch, carrier: Carrier, phones: Phones, caller: str, *, did: str = office.ONE_PHONE
) -> Kept:
    """A whole call that is missed: what is kept of it. It is the proof that all is well again."""
    phones["101"].behaviour = behaviour.BUSY
    await (await carrier.call(caller, did=did)).ended()
    return await watch.decided(caller)


async def are_everywhere(watch: Watch, carrier: Carrier, phones: Phones) -> None:
    """Ann talks, Bob's call rings, Cat waits in the queue, Dan hears the voicemail."""
    await talks(watch, carrier, phones, ANN)
    await rings(watch, carrier, phones, BOB)
    await waits_in_the_queue(watch, carrier, CAT)
    await hears_the_voicemail(watch, carrier, DAN)
    assert [ANN, BOB, CAT, DAN] == await watch.in_the_air()


# --- Asterisk is gone -------------------------------------------------------------------------------------------------


@both_versions
async def test_asterisk_is_killed(watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones) -> None:
    """Nobody saw how the calls ended: unknown, wherever the caller was. The next Asterisk uses their names again."""
    await are_everywhere(watch, carrier, phones)
    await asterisk.kill()
    await watch.said.until("pbx_lost")
    await asterisk.start()
    await watch.up(2)

    for caller in (ANN, BOB, CAT, DAN):
        assert UNKNOWN == await watch.decided(caller)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()
    names = re.findall(rb"Event: Newchannel\r\n(?:.*\r\n)*?Channel: (PJSIP/trunk-\S+)", watch.received)
    assert names[0] == names[-1]
    assert 1 == len(watch.said.events("pbx_lost"))


@pytest.mark.parametrize("command", ["core stop now", "core restart now"])
@both_versions
async def test_asterisk_is_stopped(
    watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones, command: str
) -> None:
    """It hangs up everybody, which nobody outside could tell from calls that end; but it says that it goes."""
    await are_everywhere(watch, carrier, phones)
    await cli(asterisk, command)
    await watch.said.until("pbx_lost")
    # That it restarts by itself the lab cannot see: it would run on the libraries of the host.
    await asterisk.restart()
    await watch.up(2)

    assert ANSWERED == await watch.decided(ANN)
    for caller in (BOB, CAT, DAN):
        assert UNKNOWN == await watch.decided(caller)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()


@both_versions
async def test_asterisk_is_reloaded(watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones) -> None:
    """The link stays, and so do the calls: each comes out as if nothing had been (``k09``, ``k11``)."""
    ann = await talks(watch, carrier, phones, ANN)
    bob = await rings(watch, carrier, phones, BOB)
    for command in ("core reload", "manager reload", "module reload"):
        await cli(asterisk, command)
    await bob.hang_up()
    await ann.hang_up()

    assert ANSWERED == await watch.decided(ANN)
    assert GAVE_UP == await watch.decided(BOB)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert (1, 0) == (len(watch.said.events("pbx_connected")), len(watch.said.events("pbx_lost")))


# --- Asterisk is frozen, or the line is dead --------------------------------------------------------------------------

FOUND_WITHIN = PING_INTERVAL + PING_TIMEOUT + 1


@both_versions
async def test_asterisk_freezes(watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones) -> None:
    """It is found out in time. Who rang before, during and after is unknown; who was answered after is answered."""
    loop = asyncio.get_running_loop()
    ann = await rings(watch, carrier, phones, ANN)
    bob = await rings(watch, carrier, phones, BOB)
    of_ann, of_bob = [await phones["101"].next_call() for _ in range(2)]
    begin = loop.time()
    send_signal(asterisk, signal.SIGSTOP)
    await watch.said.until("pbx_lost")
    assert loop.time() - begin <= FOUND_WITHIN
    send_signal(asterisk, signal.SIGCONT)
    await watch.up(2)

    of_bob.answer()
    await bridged(watch, BOB)
    await bob.hang_up()
    assert ANSWERED == await watch.decided(BOB)
    await ann.hang_up()
    assert UNKNOWN == await watch.decided(ANN)
    assert of_ann.has_ended
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()


async def test_a_line_goes_dead(
    watch_on_line: Watch, line: Line, asterisk: Asterisk, carrier: Carrier, phones: Phones
) -> None:
    """Each side thinks that the other is silent; what happened in the dark is learned from what is up afterwards."""
    watch, loop = watch_on_line, asyncio.get_running_loop()
    gone_meanwhile = await rings(watch, carrier, phones, ANN)
    answered_meanwhile = await rings(watch, carrier, phones, BOB)
    _, rang = [await phones["101"].next_call() for _ in range(2)]
    begin = loop.time()
    line.go_dead()
    await gone_meanwhile.hang_up()
    rang.answer()
    await answered_meanwhile.answered()
    arrived_meanwhile = await carrier.call(CAT, did=office.PATIENT)
    begins_and_ends_meanwhile = await carrier.call(DAN, did=office.PATIENT)
    await begins_and_ends_meanwhile.hang_up()
    assert [] == watch.said.events("pbx_lost")
    await watch.said.until("pbx_lost")
    assert loop.time() - begin <= FOUND_WITHIN
    await watch.up(2)

    assert UNKNOWN == await watch.decided(ANN)
    assert [BOB, CAT] == await watch.in_the_air()
    await answered_meanwhile.hang_up()
    assert ANSWERED == await watch.decided(BOB)
    await arrived_meanwhile.hang_up()
    assert UNKNOWN == await watch.decided(CAT)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [Kept(), []] == [await watch.kept(DAN), await watch.in_the_air()]


# --- the line is cut --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"Event: DialBegin\r\nPrivi", id="in-a-message"),
        pytest.param(b"\r\n\r", id="in-an-end-of-message"),
        pytest.param("CallerIDName: Zoë".encode()[:-1], id="in-a-letter"),
    ],
)
async def test_the_line_is_cut_while_a_call_comes_in(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones, behind: bytes
) -> None:
    """The half that was heard is forgotten; the caller is found again in the snapshot, and is not seen whole."""
    watch = watch_on_line
    line.cut_behind = behind
    call = await carrier.call(ANN, did=office.PATIENT, name="Zoë")
    await watch.up(2)
    assert b"" == line.cut_behind
    await watch.arrived(ANN)
    await call.hang_up()

    assert UNKNOWN == await watch.decided(ANN)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()
    assert [] == watch.said.events("pbx_event_not_understood")


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"Asterisk Call Man", id="in-the-greeting"),
        pytest.param(b"Message: Authentication acc", id="in-the-answer-to-the-login"),
        pytest.param(b"Event: CoreShowChannel\r\n", id="in-the-list"),
        pytest.param(b"Event: CoreShowChannelsComplete\r\n", id="in-the-end-of-the-list"),
        pytest.param(b"Event: Status\r\nPrivilege", id="in-the-list-of-numbers-dialled"),
    ],
)
async def test_the_line_is_cut_while_it_looks_around(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones, behind: bytes
) -> None:
    """It looks around again, and is up only when it has seen everything."""
    watch = watch_on_line
    ringing = await rings(watch, carrier, phones, ANN)
    talking = await talks(watch, carrier, phones, BOB)
    line.cut_behind = behind
    line.cut()
    await watch.up(2)
    assert b"" == line.cut_behind
    await ringing.hang_up()
    await talking.hang_up()

    assert UNKNOWN == await watch.decided(ANN)
    assert ANSWERED == await watch.decided(BOB)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()
    assert (1, 2) == (len(watch.said.events("pbx_lost")), len(watch.said.events("pbx_connected")))


async def test_a_line_that_trickles(watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones) -> None:
    """Every byte comes alone, also those of one letter; the call is the same."""
    watch = watch_on_line
    line.trickles = True
    phones["101"].behaviour = behaviour.BUSY
    await (await carrier.call(ANN, did=office.ONE_PHONE, name="Zoë 山田 🚰")).ended()

    assert BUSY == await watch.decided(ANN)
    assert [] == watch.said.events("pbx_lost")


# --- what a snapshot tells --------------------------------------------------------------------------------------------


@both_versions
async def test_a_pair_of_local_channels_is_one_wire_after_a_cut(
    watch_on_line: Watch, line: Line, asterisk: Asterisk, carrier: Carrier, phones: Phones
) -> None:
    """Ann was put through by way of a Local channel while nobody looked; she and the phone are in different bridges."""
    watch = watch_on_line
    number = "01632960190"
    await cli(asterisk, f"dialplan add extension {number},1,Dial(Local/101@from-did-direct/n) into from-trunk")
    phones["101"].behaviour = behaviour.ANSWERS
    line.go_dead()
    ann = await carrier.call(ANN, did=number)
    await ann.answered()
    await watch.up(2)
    await watch.arrived(ANN)
    await ann.hang_up()

    assert ANSWERED == await watch.decided(ANN)


@both_versions
async def test_where_a_caller_is_after_a_cut(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones
) -> None:
    """Waiting callers whom nobody had reached are unknown when they give up; one whom the queue reaches is answered."""
    watch = watch_on_line
    cat = await waits_in_the_queue(watch, carrier, CAT)
    dan = await hears_the_voicemail(watch, carrier, DAN)
    eve = await carrier.call(EVE, did=office.MENU)
    await watch.arrived(EVE)
    line.cut()
    await watch.up(2)
    assert [CAT, DAN, EVE] == await watch.in_the_air()
    rang = await phones["102"].next_call()
    rang.answer()
    await bridged(watch, CAT)
    for call in (cat, dan, eve):
        await call.hang_up()

    assert ANSWERED == await watch.decided(CAT)
    assert UNKNOWN == await watch.decided(DAN)
    assert UNKNOWN == await watch.decided(EVE)


# --- what the account may ---------------------------------------------------------------------------------------------


async def test_a_wrong_secret_until_it_is_mended(
    asterisk: Asterisk, database: Database, said: Said, carrier: Carrier, phones: Phones, monkeypatch: Any
) -> None:
    """Each try is one login, as Asterisk counts them for a fail2ban; the first one after it was mended succeeds."""
    monkeypatch.setattr(asterisk_source, "REFUSED_DELAY", 0.1)
    await configure_account(asterisk, secret="another")
    async with asyncio.TaskGroup() as group:
        watch = Watch(asterisk, database, said)
        running = group.create_task(watch.run())
        await said.until("pbx_login_refused")
        await said.until("pbx_still_lost")
        await configure_account(asterisk, secret=SECRET)
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
    await configure_account(asterisk, write="")
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
    await configure_account(asterisk, read="call")
    async with watching(asterisk, database, said) as watch:
        ann = await talks(watch, carrier, phones, ANN)
        await ann.hang_up()
        assert ANSWERED == await watch.decided(ANN)
        assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)


async def test_an_account_that_hears_nothing(
    asterisk: Asterisk, line: Line, database: Database, said: Said, carrier: Carrier, phones: Phones
) -> None:
    """A caller is known only where a snapshot happens to show one, and unknown when the next one does not."""
    await configure_account(asterisk, read="system")
    async with watching(asterisk, database, said, port=line.port) as watch:
        call = await carrier.call(ANN, did=office.PATIENT)
        line.cut()
        await watch.up(2)
        await watch.arrived(ANN)
        await call.hang_up()
        line.cut()
        assert UNKNOWN == await watch.decided(ANN)


# --- the database is slow ---------------------------------------------------------------------------------------------


async def test_events_that_are_too_many_for_a_slow_database(
    tmp_path: Path, asterisk: Asterisk, said: Said, carrier: Carrier, phones: Phones, monkeypatch: Any
) -> None:
    """They are dropped, and what is up is read anew: nobody is texted who was not seen to be missed."""
    monkeypatch.setattr(asterisk_source, "QUEUE_LENGTH", 26)
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


# --- anything at any time ---------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("asterisk_version", [22, 16])
@pytest.mark.parametrize("seed", range(3))
async def test_calls_over_a_bad_line(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones, seed: int
) -> None:
    """Forty calls while the line is cut or goes dead every other moment: who is texted was missed, in full sight."""
    watch, chance = watch_on_line, random.Random(seed)
    truths: dict[str, str] = {}

    async def goes_on(caller: str, call: Call, rang: Call, fate: str) -> None:
        await asyncio.sleep(chance.random())
        match fate:
            case "answered":
                rang.answer()
                await call.answered()
                await asyncio.sleep(chance.random())
                await call.hang_up()
            case "busy":
                rang.refuse(486)
                await call.ended()
            case "abandoned_ringing":
                await call.hang_up()
        truths[caller] = fate

    async def calls_come() -> None:
        async with asyncio.TaskGroup() as calls:
            for i in range(40):
                caller = f"+4477009003{i:02}"
                call = await carrier.call(caller, did=office.PATIENT)
                rang = await phones["101"].next_call()
                calls.create_task(goes_on(caller, call, rang, chance.choice(["answered", "busy", "abandoned_ringing"])))
                await asyncio.sleep(chance.random() / 4)

    async def the_line_is_bad() -> None:
        while True:
            await asyncio.sleep(chance.random())
            chance.choice([line.cut, line.cut, line.go_dead])()

    async with asyncio.TaskGroup() as group:
        bad = group.create_task(the_line_is_bad())
        await calls_come()
        bad.cancel()
    line.cut()
    await watch.up(len(watch.said.events("pbx_connected")) + 1)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)

    outcomes: list[str] = []
    for caller, truth in truths.items():
        kept = await watch.kept(caller)
        outcomes += kept.outcomes
        assert kept.outcomes in {(), ("unknown",), (truth,)}
        if kept.outcomes != (truth,) or truth == "answered":
            assert 0 == kept.texts
        assert (kept.outcomes not in {(), ("answered",)}) == (1 == kept.leads)
    assert {"unknown", "answered"} < set(outcomes)
    assert [] == await watch.in_the_air()
