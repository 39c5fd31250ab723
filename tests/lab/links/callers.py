"""What callers do: each is somewhere in the office, and the watch has seen it."""

from tests.lab import behaviour, office
from tests.lab.call import Call
from tests.lab.sip import Carrier, Phone
from tests.lab.watch import Kept, Watch

ANN, BOB, CAT, DAN, EVE = (f"+4477009001{i:02}" for i in range(5))

Phones = dict[str, Phone]


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
    await watch.bridged(caller)
    return call


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
