"""The lab itself: a real Asterisk does with these calls what an office's PBX would."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.lab import behaviour, mailbox, office
from tests.lab.ami import AmiSession
from tests.lab.asterisk import Asterisk
from tests.lab.sip import Carrier, Phone

CALLER = "+447700900123"

Phones = dict[str, Phone]


@pytest.fixture
async def ami(asterisk: Asterisk) -> AsyncIterator[AmiSession]:
    """Logged in as the least-privilege account."""
    session = await asterisk.ami()
    yield session
    session.close()


@pytest.mark.parametrize("ring_seconds", [1])
async def test_a_call_that_nobody_takes_rings_out(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """101 rings its time, then the carrier is told 503 and the phone that it is over."""
    call = await carrier.call(CALLER, did=office.ONE_PHONE)
    rang = await phones["101"].next_call()

    assert await call.ended() == 503
    assert 180 in call.responses
    assert await rang.ended() == 487
    leg = await ami.event("Newchannel", Context="from-trunk", Exten=office.ONE_PHONE)
    assert leg["CallerIDNum"] == CALLER
    assert leg["ChannelStateDesc"] == "Ring"
    assert leg["Uniqueid"] == leg["Linkedid"]
    assert (await ami.event("DialEnd", DialStatus="NOANSWER"))["Uniqueid"] == leg["Uniqueid"]
    await ami.event("VarSet", Variable="__FROM_DID", Value=office.ONE_PHONE)


async def test_a_call_is_answered_and_sound_goes_both_ways(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """The phone answers and hangs up by itself; both legs were in one bridge and heard each other."""
    phones["101"].behaviour = behaviour.Behaviour(answer_after=0.2, hang_up_after=0.5)

    call = await carrier.call(CALLER, did=office.ONE_PHONE)

    assert await call.ended() == 200
    answered = await phones["101"].next_call()
    assert call.audio.packets_received > 5
    assert answered.audio.packets_received > 5
    trunk = await ami.event("BridgeEnter", CallerIDNum=CALLER)
    await ami.event("BridgeEnter", BridgeUniqueid=trunk["BridgeUniqueid"], BridgeNumChannels="2")


async def test_the_caller_hangs_up_an_answered_call(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """His BYE ends the phone's leg too."""
    phones["101"].behaviour = behaviour.ANSWERS
    call = await carrier.call(CALLER, did=office.ONE_PHONE)
    await call.answered()
    await ami.event("BridgeEnter", BridgeNumChannels="2")

    await call.hang_up()

    assert await (await phones["101"].next_call()).ended() == 200
    await ami.event("HangupRequest", CallerIDNum=CALLER)


async def test_the_caller_cancels_while_it_rings(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """The call ends with 487 at both ends, and Asterisk says CANCEL."""
    call = await carrier.call(CALLER, did=office.ONE_PHONE)
    await call.ringing()

    await call.hang_up()

    assert call.status == 487
    assert await (await phones["101"].next_call()).ended() == 487
    await ami.event("DialEnd", DialStatus="CANCEL")


async def test_a_caller_gives_up_after_a_while(carrier: Carrier, phones: Phones) -> None:
    """The hang-up can be set beforehand; the phone never rings longer than that."""
    call = await carrier.call(CALLER, did=office.PATIENT)
    call.hang_up_after(0.2)

    assert await call.ended() == 487
    assert await (await phones["101"].next_call()).ended() == 487


async def test_a_ring_group_rings_all_and_one_takes_it(carrier: Carrier, phones: Phones) -> None:
    """101 and 102 ring; when 102 answers, 101 stops."""
    call = await carrier.call(CALLER, did=office.RING_GROUP)
    first = await phones["101"].next_call()
    second = await phones["102"].next_call()

    second.answer()
    await call.answered()

    assert await first.ended() == 487
    assert phones["103"].calls == []
    await call.hang_up()


@pytest.mark.parametrize(
    ("refusal", "dial_status", "cause"),
    [(behaviour.BUSY, "BUSY", "17"), (behaviour.DECLINES, "NOANSWER", "21"), (behaviour.UNAVAILABLE, "NOANSWER", "19")],
    ids=["busy", "declined", "unavailable"],
)
async def test_a_phone_refuses(
    ami: AmiSession, carrier: Carrier, phones: Phones, refusal: behaviour.Behaviour, dial_status: str, cause: str
) -> None:
    """Asterisk reports each refusal in its own way."""
    phones["101"].behaviour = refusal
    call = await carrier.call(CALLER, did=office.ONE_PHONE)

    assert await call.ended() >= 400
    dial_end = await ami.event("DialEnd", DialStatus=dial_status)
    await ami.event("Hangup", Uniqueid=dial_end["DestUniqueid"], Cause=cause)


async def test_an_unregistered_phone_makes_no_leg(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """No DialBegin at all; only the variable tells."""
    call = await carrier.call(CALLER, did=office.UNREGISTERED)

    assert await call.ended() == 503
    await ami.event("VarSet", Variable="DIALSTATUS", Value="CHANUNAVAIL")
    assert [event for event in ami.events if event["Event"] == "DialBegin"] == []


async def test_a_dead_phone_gives_no_sign(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """The leg is dialled, but it never rings."""
    phones["101"].behaviour = behaviour.DEAD
    call = await carrier.call(CALLER, did=office.PATIENT)
    await ami.event("DialBegin")

    await call.hang_up()

    end = await ami.event("DialEnd", DialStatus="CANCEL")
    assert end["DestChannelStateDesc"] == "Down"


@pytest.mark.parametrize("ring_seconds", [1])
@pytest.mark.parametrize("asterisk_version", [22, pytest.param(16, marks=pytest.mark.long)])
async def test_a_voicemail_message_is_left(
    asterisk: Asterisk, ami: AmiSession, carrier: Carrier, phones: Phones
) -> None:
    """Tone after the beep: a sound file, MessageWaiting with the caller's channel, VMSTATUS=SUCCESS."""
    call = await carrier.call(CALLER, did=office.VOICEMAIL)
    await mailbox.leave_message(call)

    message = await ami.event("MessageWaiting", Mailbox="101@default", New="1")
    status = await ami.event("VarSet", Variable="VMSTATUS", Value="SUCCESS")
    assert message["CallerIDNum"] == CALLER
    assert message["Uniqueid"] == status["Uniqueid"]
    assert (await ami.event("VarSet", Variable="VM_MESSAGEFILE"))["Value"] != ""
    assert len(asterisk.messages_in("101")) == 1


@pytest.mark.parametrize("ring_seconds", [1])
async def test_a_caller_who_hangs_up_in_the_greeting_leaves_no_message(
    asterisk: Asterisk, ami: AmiSession, carrier: Carrier, phones: Phones
) -> None:
    """VMSTATUS=FAILED and no sound file."""
    call = await carrier.call(CALLER, did=office.VOICEMAIL)
    await call.answered()
    await call.hear()

    await call.hang_up()

    await ami.event("VarSet", Variable="VMSTATUS", Value="FAILED")
    assert asterisk.messages_in("101") == []


async def test_a_withheld_number_shows_but_asks_for_privacy(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """CallerIDNum holds the number in full; only Getvar says that it is not to be shown."""
    call = await carrier.call("07700900123", did=office.ONE_PHONE, withheld=True)
    leg = await ami.event("Newchannel", Context="from-trunk", Exten=office.ONE_PHONE)
    await call.ringing()

    assert leg["CallerIDNum"] == "07700900123"
    assert (await ami.variable(leg["Channel"], "CALLERID(num-pres)")).startswith("prohib")
    assert await ami.variable(leg["Channel"], "PJSIP_HEADER(read,Privacy)") == "id"


async def test_freepbx_resets_the_presentation_and_keeps_it_in_a_variable(
    ami: AmiSession, carrier: Carrier, phones: Phones
) -> None:
    """Then only CALLINGNUMPRES_SV and the SIP header still tell."""
    call = await carrier.call("07700900123", did=office.PRESENTATION_RESET, withheld=True)
    leg = await ami.event("Newchannel", Context="from-trunk", Exten=office.PRESENTATION_RESET)
    await call.ringing()

    assert (await ami.variable(leg["Channel"], "CALLERID(num-pres)")).startswith("allowed")
    assert (await ami.variable(leg["Channel"], "CALLINGNUMPRES_SV")).startswith("prohib")


async def test_a_menu_takes_a_digit(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """1 in the menu rings 101."""
    call = await carrier.call(CALLER, did=office.MENU)
    await call.answered()
    await call.hear()

    call.press("1")

    await phones["101"].next_call()


async def test_a_queue_rings_its_members(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """The caller is answered by the queue, then by 102."""
    phones["102"].behaviour = behaviour.ANSWERS
    call = await carrier.call(CALLER, did=office.QUEUE)

    await ami.event("QueueCallerJoin", CallerIDNum=CALLER)
    await ami.event("AgentConnect", Queue="710")
    await call.hang_up()


async def test_a_closed_office_plays_an_announcement(ami: AmiSession, carrier: Carrier, phones: Phones) -> None:
    """Answered, played to, hung up: nobody is rung."""
    call = await carrier.call(CALLER, did=office.CLOSED)

    assert await call.ended() == 200
    assert phones["101"].calls == []
    await ami.event("Newexten", Application="Playback")


async def test_a_phone_calls_out_through_the_trunk(carrier: Carrier, phones: Phones) -> None:
    """The carrier gets the dialled number."""
    carrier.behaviour = behaviour.ANSWERS
    call = await phones["101"].call("07700900456")
    await call.answered()

    assert (await carrier.next_call()).called == "07700900456"
    await call.hang_up()


async def test_a_killed_asterisk_comes_back_where_it_was(
    asterisk: Asterisk, ami: AmiSession, carrier: Carrier, phones: Phones
) -> None:
    """Same addresses, no memory of the call, and the next call goes through."""
    call = await carrier.call(CALLER, did=office.PATIENT)
    await call.ringing()

    await asterisk.kill()
    async with asyncio.timeout(5):
        await ami.closed.wait()
    await asterisk.start()

    again = await carrier.call(CALLER, did=office.PATIENT)
    await again.ringing()


async def test_a_stopped_asterisk_says_so(asterisk: Asterisk, ami: AmiSession) -> None:
    """A clean stop is announced; kill() is not."""
    await asterisk.stop()

    await ami.event("Shutdown", Shutdown="Cleanly")
    assert ami.closed.is_set()
