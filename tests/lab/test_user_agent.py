"""The scripted user agent does with a real Asterisk what phones, mobiles and their people do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.lab import behaviour, office
from tests.lab.ami import AmiSession
from tests.lab.asterisk import Asterisk
from tests.lab.behaviour import Behaviour
from tests.lab.branch import Branch
from tests.lab.call import Call, TransferRefusedError
from tests.lab.sip import Carrier, Phone

CALLER = "+447700900123"
MOBILE = "07700900456"

Phones = dict[str, Phone]


@pytest.fixture
async def ami(asterisk: Asterisk) -> AsyncIterator[AmiSession]:
    """Logged in as the account that may do everything."""
    session = await asterisk.ami("full")
    yield session
    session.close()


async def in_a_talk(carrier: Carrier, phone: Phone) -> tuple[Call, Call]:
    """101 has taken a call from outside: the caller's end and 101's."""
    phone.behaviour = behaviour.ANSWERS
    caller = await carrier.call(CALLER, did=office.ONE_PHONE)
    await caller.answered()
    desk = await phone.next_call()
    await caller.hear()
    await desk.hear()
    return caller, desk


async def test_a_call_that_the_pbx_ignores_is_repeated(asterisk: Asterisk, carrier: Carrier) -> None:
    """As long as it starts, or has too much to do, Asterisk reads no INVITE and counts on the next one."""
    await asterisk.kill()

    async with asyncio.TaskGroup() as group:
        calling = group.create_task(carrier.call(CALLER, did=office.PATIENT))
        await asterisk.start()

    assert 100 in calling.result().responses


async def test_a_blind_transfer_moves_the_caller(carrier: Carrier, phones: Phones) -> None:
    """102 rings and takes the caller; 101 has left."""
    phones["102"].behaviour = behaviour.ANSWERS
    caller, desk = await in_a_talk(carrier, phones["101"])

    await desk.transfer_to("102")

    target = await phones["102"].next_call()
    await target.answered()
    await target.hear()
    assert desk.has_ended
    assert not caller.has_ended


async def test_a_refused_transfer_leaves_everybody_where_they_are(carrier: Carrier, phones: Phones) -> None:
    """There is no 12; 101 is told so and still hears the caller."""
    caller, desk = await in_a_talk(carrier, phones["101"])

    with pytest.raises(TransferRefusedError) as refused:
        await desk.transfer_to("12")

    assert refused.value.status == 404
    await desk.hear()
    assert not caller.has_ended


async def test_an_attended_transfer_joins_the_other_ends(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """The caller and 102, whom 101 asked first, are alone with each other."""
    phones["102"].behaviour = behaviour.ANSWERS
    caller, desk = await in_a_talk(carrier, phones["101"])
    await desk.hold()
    consultation = await phones["101"].call("102")
    await consultation.answered()

    await desk.transfer_into(consultation)

    target = await phones["102"].next_call()
    await target.hear()
    assert [desk.has_ended, consultation.has_ended] == [True, True]
    assert [caller.has_ended, target.has_ended] == [False, False]
    await ami.event("AttendedTransfer", Result="Success")


async def test_a_phone_takes_over_what_rings_at_another(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """INVITE with Replaces, once the PBX knows that 101 rings: 101 stops, and the caller has 102."""
    caller = await carrier.call(CALLER, did=office.PATIENT)
    ringing = await phones["101"].next_call()
    await ami.event("Newstate", ChannelStateDesc="Ringing", CallerIDNum="101")

    taken = await phones["102"].call("101", replacing=ringing)

    await taken.answered()
    await caller.answered()
    assert await ringing.ended() == 487


async def test_hold_plays_music_until_it_is_taken_back(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """Asterisk says Hold and Unhold of the phone's channel, and starts and stops music for the caller."""
    _caller, desk = await in_a_talk(carrier, phones["101"])

    await desk.hold()
    await ami.event("Hold")
    await ami.event("MusicOnHoldStart", CallerIDNum=CALLER)
    await desk.resume()

    await ami.event("Unhold")
    await ami.event("MusicOnHoldStop", CallerIDNum=CALLER)
    await desk.hear()


@pytest.mark.parametrize(("mode", "milliseconds"), [("rfc4733", "100"), ("info", "160")])
async def test_keys_arrive_in_their_order(asterisk: Asterisk, phones: Phones, mode: str, milliseconds: str) -> None:
    """As RFC 4733 events, or as SIP INFO where the PBX does not take those; the lengths tell which."""
    ami = await asterisk.ami("full")
    old_phone = Phone("105", asterisk.phone("105"), asterisk.pbx)
    await old_phone.listen()
    try:
        call = await (phones["103"] if mode == "rfc4733" else old_phone).call("800")
        await call.answered()

        call.press("19#*05")

        await ami.event("DTMFEnd", Digit="5")
        ends = [event for event in ami.events if event["Event"] == "DTMFEnd"]
        assert [event["Digit"] for event in ends] == list("19#*05")
        assert {event["DurationMs"] for event in ends} == {milliseconds}
    finally:
        old_phone.close()
        ami.close()


async def test_a_phone_forwards_by_itself(carrier: Carrier, phones: Phones) -> None:
    """302 to 102: it rings there."""
    phones["101"].behaviour = behaviour.forwards_to("102")
    caller = await carrier.call(CALLER, did=office.PATIENT)

    forwarded = await phones["102"].next_call()
    forwarded.answer()

    await caller.answered()
    assert (await phones["101"].next_call()).status == 302


async def test_a_cancel_and_an_answer_cross(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """The phone says 200 when it is cancelled; Asterisk hangs up on it, and nobody was joined."""
    phones["101"].behaviour = Behaviour(answers_a_cancel=True)
    caller = await carrier.call(CALLER, did=office.PATIENT)
    await caller.ringing()

    await caller.hang_up()

    crossed = await phones["101"].next_call()
    assert await crossed.ended() == 200
    await ami.event("DialEnd", DialStatus="CANCEL")
    assert [event for event in ami.events if event["Event"] == "BridgeEnter"] == []


async def test_a_mobile_network_gives_up(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """Ringing that the network itself plays, then 480; Asterisk saw no ringing at all."""
    carrier.behaviours[MOBILE] = Behaviour(early_media=True, refuse_with=480, refuse_after=0.3)
    call = await phones["101"].call(MOBILE)
    await call.ringing()

    assert await call.ended() >= 400
    assert await ami.event("DialEnd", DialStatus="NOANSWER")
    assert [event for event in ami.events if event.get("ChannelStateDesc") == "Ringing"] == []


async def test_each_number_outside_has_its_own_behaviour(carrier: Carrier, phones: Phones) -> None:
    """One mobile is busy, another takes the call; whoever is not named rings."""
    carrier.behaviours = {MOBILE: behaviour.BUSY, "07700900789": behaviour.answers_after(0.1)}

    busy = await phones["101"].call(MOBILE)
    taken = await phones["101"].call("07700900789")
    other = await phones["101"].call("07700900111")

    assert await busy.ended() >= 400
    await taken.answered()
    await other.ringing()
    assert other.status == 0


async def test_the_channel_of_a_call_is_found(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """By its Call-ID, at either end; and none for a call that is not up."""
    caller, desk = await in_a_talk(carrier, phones["101"])

    assert (await ami.channel(caller.call_id)).startswith("PJSIP/trunk-10-")
    assert (await ami.channel(desk.call_id)).startswith("PJSIP/101-")
    with pytest.raises(LookupError):
        await ami.channel("of-no-call")


async def test_nobody_is_called_by_a_call_to_who_was_there_before(asterisk: Asterisk) -> None:
    """Asterisk repeats its INVITE to a dead phone, after 0.5 s, 1.5 s, 3.5 s ..., though the caller has given up."""
    callers = iter(("07700900601", "07700900602"))
    async with Branch.open(asterisk, office.SITES[0], callers) as before:
        before.phones[1].behaviour = behaviour.DEAD
        caller = await before.call(office.PATIENT)
        await before.phones[1].next_call()
        await caller.hang_up()

    async with Branch.open(asterisk, office.SITES[0], callers) as after:
        hears_an_announcement = await after.call(office.CLOSED)
        assert await hears_an_announcement.ended() == 200
        assert after.phones[1].calls == []


async def test_the_reply_to_an_action_is_told_from_its_event() -> None:
    """OriginateResponse has its ActionID, and says in a Response header of its own what became of the call."""
    both = (
        b"Response: Success\r\nActionID: lab-2\r\n\r\n",
        b"Event: OriginateResponse\r\nResponse: Failure\r\nActionID: lab-2\r\n\r\n",
    )

    async def manager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"Response: Success\r\nActionID: lab-1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"".join(both))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(manager, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with contextlib.closing(await AmiSession.open("127.0.0.1", port, "full", "")) as session:
            await session.perform("Originate")
            assert (await session.event("OriginateResponse"))["Response"] == "Failure"


async def test_a_refused_action_is_an_error(ami: AmiSession) -> None:
    """Asterisk's own words say why."""
    with pytest.raises(AssertionError, match="No such channel"):
        await ami.perform("Hangup", Channel="PJSIP/nobody-00000000")
