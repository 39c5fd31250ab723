"""The main job, on real parts: SIP into a real Asterisk, the daemon in its own process, gammu's driver on a modem."""

import dataclasses
import datetime as dt
import itertools
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, closing
from pathlib import Path

import pytest
import pytest_asyncio

from tests.daemon import running
from tests.daemon.running import OWNER, WORDS, Daemon
from tests.emulator import ModemEmulator, Silence, Submitted
from tests.lab import behaviour, office
from tests.lab.asterisk import EXTENSIONS, Asterisk
from tests.lab.sip import Carrier, Phone
from textbackd import clock
from textbackd.store import parties

module_loop = pytest.mark.asyncio(loop_scope="module")


@dataclasses.dataclass(slots=True)
class Office:
    """Everything that an office has, and its callers."""

    asterisk: Asterisk
    carrier: Carrier
    phones: dict[str, Phone]
    modem: ModemEmulator
    daemon: Daemon

    async def rings_out(self, caller: str, *, did: str = office.ONE_PHONE, withheld: bool = False) -> str:
        """A call that nobody takes, until the daemon has decided: its id."""
        before = self.decided(caller)
        call = await self.carrier.call(caller, did=did, withheld=withheld)
        await call.ended()
        return await self.decided_anew(caller, before)

    def decided(self, caller: str) -> int:
        """How many calls of that number the daemon has decided about."""
        return len(self.daemon.events("call_ended", caller=caller))

    async def decided_anew(self, caller: str, before: int) -> str:
        """The id of the next call about which it decides."""
        line = await self.daemon.until("call_ended", caller=caller, count=before + 1)
        return str(line["call_id"])

    def sent_to(self, number: str) -> list[Submitted]:
        """What the modem was given for a number."""
        return [sent for sent in self.modem.submissions if sent.number == number]

    async def text_to(self, number: str, *, count: int = 1, within: float = 30) -> dict[str, object]:
        """The ``count``-th text to a number, once the modem has taken it: its row."""
        line = await self.daemon.until("text_accepted", to=number, count=count, within=within)
        return self.daemon.row("SELECT * FROM outbox WHERE id = ?", line["message_id"])


async def opened(folder: Path, stack: AsyncExitStack, *, ring_seconds: int) -> Office:
    """An office at work, its daemon connected to both sides."""
    asterisk = Asterisk(folder / "asterisk", ring_seconds=ring_seconds)
    stack.push_async_callback(asterisk.close)
    await asterisk.start()
    parties = stack.enter_context(ExitStack())
    carrier = parties.enter_context(closing(Carrier(asterisk.carrier, asterisk.pbx)))
    phones = {e: parties.enter_context(closing(Phone(e, asterisk.phone(e), asterisk.pbx))) for e in EXTENSIONS}
    for party in (carrier, *phones.values()):
        await party.listen()
    modem = await stack.enter_async_context(ModemEmulator(folder / "modem"))
    modem.report_after = 0.2
    daemon = Daemon(running.configuration(folder, host=asterisk.pbx, port=asterisk.ami_port, device=modem.device))
    stack.push_async_callback(daemon.close)
    await daemon.start()
    await daemon.until("pbx_connected")
    await daemon.until("modem_connected")
    return Office(asterisk, carrier, phones, modem, daemon)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def the_office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """One office for many callers: gammu needs four seconds to get to know its modem."""
    async with AsyncExitStack() as stack:
        yield await opened(tmp_path_factory.mktemp("office"), stack, ring_seconds=1)


@pytest.fixture
async def own_office(tmp_path: Path) -> AsyncIterator[Office]:
    """One to break."""
    async with AsyncExitStack() as stack:
        yield await opened(tmp_path, stack, ring_seconds=1)


_numbers = itertools.count(100)


@pytest.fixture
def caller() -> str:
    """Somebody who never called before."""
    return f"+447700900{next(_numbers)}"


@module_loop
async def test_a_call_that_rings_out_is_texted(the_office: Office, caller: str) -> None:
    """The whole way: SIP, AMI, decision, SMS-SUBMIT, delivery report; then the owner's SMS."""
    daemon = the_office.daemon

    call_id = await the_office.rings_out(caller)
    text = await the_office.text_to(caller)
    await daemon.until("report_received", message_id=text["id"])

    (sent,) = the_office.sent_to(caller)
    assert (WORDS, "gsm7", True, b"") == (sent.text, sent.encoding, sent.report_requested, sent.udh)
    assert sent.validity == 167  # 24 h
    call = daemon.row("SELECT * FROM calls WHERE call_id = ?", call_id)
    assert (call["outcome"], call["decision"], call["reason"]) == ("no_answer", "text", "nothing_against")
    assert (call["caller"], call["number"], call["did"], call["hours"]) == (caller, caller, office.ONE_PHONE, "open")
    assert 0.9 <= call["ring_seconds"] <= call["wait_seconds"] <= 3
    text = daemon.row("SELECT * FROM outbox WHERE id = ?", text["id"])
    assert (text["state"], text["call_row"]) == ("delivered", call["id"])
    part = daemon.row("SELECT * FROM outbox_parts WHERE message_id = ?", text["id"])
    assert (part["state"], part["message_reference"]) == ("delivered", sent.reference)
    lead = daemon.row("SELECT * FROM leads WHERE number = ?", caller)
    assert (lead["id"], lead["status"], lead["calls"]) == (call["lead_id"], "new", 1)
    assert [] == daemon.rows("SELECT * FROM live_calls WHERE call_id = ?", call_id)

    notice = daemon.row("SELECT * FROM outbox WHERE kind = 'owner' AND about = ?", caller)
    await daemon.until("text_accepted", message_id=notice["id"])
    told = next(sent for sent in the_office.sent_to(OWNER) if sent.text.endswith(caller))
    at = dt.datetime.fromisoformat(call["started_at"])
    local = at.astimezone(running.LONDON)
    assert f"#{lead['id']} MISSED {local:%H:%M} Sales {caller}" == told.text
    text_sent, told_sent = (the_office.modem.submissions.index(s) for s in (sent, told))
    assert text_sent < told_sent


@module_loop
async def test_a_call_that_is_answered_is_not_texted(the_office: Office, caller: str) -> None:
    """A person was on the line for three seconds: no text, no lead, nobody is told."""
    the_office.phones["101"].behaviour = behaviour.ANSWERS
    try:
        call = await the_office.carrier.call(caller, did=office.ONE_PHONE)
        await call.answered()
        call.hang_up_after(2.5)
        await call.ended()
    finally:
        the_office.phones["101"].behaviour = behaviour.RINGS
    call_id = await the_office.decided_anew(caller, 0)

    row = the_office.daemon.row("SELECT * FROM calls WHERE call_id = ?", call_id)
    assert (row["outcome"], row["decision"]) == ("answered", "silent")
    assert parties.in_words(row["talked_to"]) == "101 Alice"
    assert row["reason"] == "outcome_not_texted"
    assert [] == the_office.daemon.rows("SELECT * FROM leads WHERE number = ?", caller)
    assert [] == the_office.daemon.rows("SELECT * FROM outbox WHERE number = ?1 OR about = ?1", caller)


@module_loop
@pytest.mark.parametrize("did", [office.ONE_PHONE, office.PRESENTATION_RESET, office.CALLER_ID_UNTOUCHED])
async def test_a_withheld_number_is_not_texted(the_office: Office, caller: str, did: str) -> None:
    """Though the trunk shows it in full: no text, a lead without a number, nothing to the caller, ever."""
    call_id = await the_office.rings_out(caller, did=did, withheld=True)

    row = the_office.daemon.row("SELECT * FROM calls WHERE call_id = ?", call_id)
    assert (row["caller"], row["withheld"]) == (caller, 1)
    assert (row["outcome"], row["decision"], row["reason"]) == ("no_answer", "silent", "withheld")
    lead = the_office.daemon.row("SELECT * FROM leads WHERE id = ?", row["lead_id"])
    assert (lead["number"], lead["caller"], lead["calls"]) == (None, "withheld", 1)
    (notice,) = the_office.daemon.rows("SELECT * FROM outbox WHERE call_row = ?", row["id"])
    assert notice["kind"] == "owner"
    assert notice["text"].endswith(" withheld")
    assert [] == the_office.sent_to(caller)


@module_loop
async def test_who_calls_twice_is_texted_once(the_office: Office, caller: str) -> None:
    """One text, one lead with two calls; the owner hears of both."""
    await the_office.rings_out(caller)
    await the_office.text_to(caller)

    second = await the_office.rings_out(caller)

    row = the_office.daemon.row("SELECT * FROM calls WHERE call_id = ?", second)
    assert (row["decision"], row["reason"]) == ("silent", "repeat")
    lead = the_office.daemon.row("SELECT * FROM leads WHERE number = ?", caller)
    assert (lead["id"], lead["calls"]) == (row["lead_id"], 2)
    assert len(the_office.sent_to(caller)) == 1
    notices = the_office.daemon.rows("SELECT text FROM outbox WHERE kind = 'owner' AND about = ? ORDER BY id", caller)
    assert [" x2 " in notice["text"] for notice in notices] == [False, True]


@module_loop
async def test_who_said_stop_is_left_alone(the_office: Office, caller: str) -> None:
    """STOP is confirmed once, however often it is said; the next missed call is silent, and still a lead."""
    daemon = the_office.daemon
    for count in (1, 2):
        the_office.modem.deliver_sms(caller, "STOP", clock.utc_now() + dt.timedelta(seconds=count))
        await daemon.until("text_received", sender=caller, wish="stop", count=count)
    await the_office.text_to(caller)

    call_id = await the_office.rings_out(caller)

    row = daemon.row("SELECT * FROM calls WHERE call_id = ?", call_id)
    assert (row["decision"], row["reason"]) == ("silent", "opted_out")
    assert daemon.row("SELECT calls FROM leads WHERE number = ?", caller)["calls"] == 1
    (acknowledged,) = daemon.rows("SELECT * FROM outbox WHERE number = ?", caller)
    assert acknowledged["kind"] == "acknowledgement"
    assert ["Hill Plumbing: done - you won't get more texts from us. You can still call 01632 960100."] == [
        sent.text for sent in the_office.sent_to(caller)
    ]
    assert "out" == daemon.row("SELECT state FROM opt_outs WHERE number = ?", caller)["state"]


@module_loop
async def test_who_hangs_up_after_two_seconds_is_not_texted(the_office: Office, caller: str) -> None:
    """A wrong number, most likely: too short for a text, still a lead."""
    call = await the_office.carrier.call(caller, did=office.PATIENT)
    call.hang_up_after(2)
    await call.ended()
    call_id = await the_office.decided_anew(caller, 0)

    row = the_office.daemon.row("SELECT * FROM calls WHERE call_id = ?", call_id)
    assert (row["outcome"], row["decision"], row["reason"]) == ("abandoned_ringing", "silent", "too_short")
    assert 1.5 <= row["wait_seconds"] <= 3.5
    assert the_office.daemon.row("SELECT calls FROM leads WHERE number = ?", caller)["calls"] == 1
    assert [] == the_office.sent_to(caller)


@module_loop
async def test_a_reply_comes_to_the_owner(the_office: Office, caller: str) -> None:
    """It is kept, put into the thread, deleted from the SIM, and told to the owner at once."""
    daemon = the_office.daemon
    await the_office.rings_out(caller)
    await the_office.text_to(caller)

    the_office.modem.deliver_sms(caller, "Water under the sink – 5 cm! 😱", clock.utc_now())
    line = await daemon.until("text_received", sender=caller)

    lead = daemon.row("SELECT * FROM leads WHERE number = ?", caller)
    row = daemon.row("SELECT * FROM inbox WHERE id = ?", line["inbox_id"])
    assert (row["text"], row["lead_id"]) == ("Water under the sink – 5 cm! 😱", lead["id"])
    notice = daemon.row("SELECT * FROM outbox WHERE kind = 'owner' AND about = ? AND text LIKE '%REPLY%'", caller)
    await daemon.until("text_accepted", message_id=notice["id"])
    (told,) = [sent for sent in the_office.sent_to(OWNER) if "REPLY" in sent.text and sent.text.endswith(caller)]
    assert told.encoding == "ucs2"
    assert "Water under the sink" in told.text
    assert {} == the_office.modem.stores["ME"]


async def test_a_pbx_that_dies_in_mid_ring(own_office: Office, caller: str) -> None:
    """The daemon says once that it is lost and once that it is back; the call is unknown: no text, but a lead."""
    daemon = own_office.daemon
    await own_office.carrier.call(caller, did=office.PATIENT)
    await daemon.until("call_arrived", caller=caller)

    await own_office.asterisk.kill()
    await daemon.until("pbx_lost")
    await own_office.asterisk.start()
    await daemon.until("pbx_connected", count=2)
    call_id = await own_office.decided_anew(caller, 0)
    after = await own_office.rings_out("+447700900500")

    row = daemon.row("SELECT * FROM calls WHERE call_id = ?", call_id)
    assert (row["outcome"], row["decision"], row["reason"]) == ("unknown", "silent", "outcome_not_texted")
    assert daemon.row("SELECT calls FROM leads WHERE number = ?", caller)["calls"] == 1
    assert daemon.row("SELECT outcome FROM calls WHERE call_id = ?", after)["outcome"] == "no_answer"
    assert len(daemon.events("pbx_lost")) == 1
    assert len(daemon.events("pbx_connected")) == 2
    assert [] == daemon.rows("SELECT * FROM live_calls")
    await own_office.text_to("+447700900500")
    assert [] == own_office.sent_to(caller)


async def test_a_stop_in_the_middle_of_a_submit(own_office: Office, caller: str) -> None:
    """SIGTERM ends the daemon within two seconds, whatever the modem does, and nothing is lost or sent twice.

    The text that the modem had when it fell silent is of unknown fate; the call in the air is unknown after the
    restart; the text that was queued goes out then.
    """
    daemon, modem = own_office.daemon, own_office.modem
    modem.fault = Silence(at="PDU")
    await own_office.rings_out(caller)
    await modem.submitted()
    waiting = "+447700900501"
    await own_office.rings_out(waiting)
    in_the_air = await own_office.carrier.call("+447700900502", did=office.PATIENT)
    await daemon.until("call_arrived", caller="+447700900502")

    seconds = await daemon.stop(signal.SIGTERM)

    assert (seconds < 2, daemon.returncode) == (True, 0)
    assert "unknown" == daemon.row("SELECT state FROM outbox WHERE number = ?", caller)["state"]
    assert "queued" == daemon.row("SELECT state FROM outbox WHERE number = ?", waiting)["state"]
    assert "+447700900502" == daemon.row("SELECT number FROM live_calls")["number"]

    modem.fault = None
    await in_the_air.hang_up()
    await daemon.start()
    unseen = await own_office.decided_anew("+447700900502", 0)
    await own_office.text_to(waiting)

    assert "unknown" == daemon.row("SELECT outcome FROM calls WHERE call_id = ?", unseen)["outcome"]
    assert (1, 1) == (len(own_office.sent_to(caller)), len(own_office.sent_to(waiting)))
    assert "unknown" == daemon.row("SELECT state FROM outbox WHERE number = ?", caller)["state"]
    assert 3 == daemon.row("SELECT count(*) AS leads FROM leads")["leads"]


async def test_a_stop_without_pbx_and_modem(tmp_path: Path) -> None:
    """Nobody at the one port, nothing at the other: within two seconds, exit code 0."""
    daemon = Daemon(running.configuration(tmp_path, host="127.0.0.1", port=1, device=tmp_path / "no-modem"))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(daemon.close)
        await daemon.start()
        await daemon.until("pbx_lost")
        await daemon.until("modem_lost")

        assert await daemon.stop(signal.SIGTERM) < 2
        assert 0 == daemon.returncode


async def test_a_stop_while_the_modem_is_being_opened(tmp_path: Path) -> None:
    """gammu is waiting for a modem that says nothing, and cannot be interrupted; its process can."""
    async with AsyncExitStack() as stack:
        modem = await stack.enter_async_context(ModemEmulator(tmp_path / "modem"))
        modem.fault = Silence()
        daemon = Daemon(running.configuration(tmp_path, host="127.0.0.1", port=1, device=modem.device))
        stack.push_async_callback(daemon.close)
        await daemon.start()
        await modem.commanded("AT")

        assert await daemon.stop(signal.SIGTERM) < 2
        assert 0 == daemon.returncode
