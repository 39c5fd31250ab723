"""Mishaps of the cable, the socket and the name of the port."""

from tests.emulator import Unplug
from tests.emulator.port import DeadPort
from tests.modem.mishaps.mishap import UNKNOWN, Family, Mishap, Play
from tests.modem.station import Station


async def unplugged_while_idle(station: Station) -> None:
    station.emulator.unplug()
    await station.queue()
    await station.lost("plugged in")
    station.emulator.plug()
    station.over()


async def contact_lost(station: Station) -> None:
    station.emulator.unplug(0.3)
    await station.queue()


async def back_on_another_node(station: Station) -> None:
    station.emulator.unplug()
    await station.queue()
    await station.lost("plugged in")
    station.emulator.plug(other_node=True)
    station.over()


async def another_port_of_that_name(station: Station) -> None:
    station.emulator.unplug()
    other = DeadPort(station.emulator.device)
    other.plug()
    await station.queue()
    await station.lost("no answer to AT")
    other.unplug()
    station.emulator.plug()
    station.over()


def unplugged(at: str) -> Play:
    """The cable is pulled in the middle of the text, and put back a second after that was noticed."""

    async def play(station: Station) -> None:
        station.emulator.script = [Unplug(at=at)]
        await station.queue()
        await station.lost("plugged in")
        station.emulator.plug()
        station.over()

    return play


FAMILY = Family(
    title="The plug",
    mishaps=(
        Mishap(
            id="unplugged",
            what="Pulled out while idle, and put back.",
            answer="Seen within a second or so; open as soon as it is back.",
            play=unplugged_while_idle,
            lasts=True,
        ),
        Mishap(
            id="contact_lost",
            what="Out and in again within a second.",
            answer="The same.",
            play=contact_lost,
        ),
        Mishap(
            id="other_node",
            what="Put back, and its port has another number.",
            answer="The same, where `device` is a name that stays.",
            play=back_on_another_node,
            lasts=True,
        ),
        Mishap(
            id="renamed",
            what="Its name stands for another port now, which is silent.",
            answer="Finds out in under 2 s, each time.",
            play=another_port_of_that_name,
            lasts=True,
        ),
        Mishap(
            id="unplugged_at_prompt",
            what="Pulled out at the prompt, and put back.",
            answer=f"{UNKNOWN}.",
            play=unplugged("AT+CMGS"),
            lasts=True,
        ),
        Mishap(
            id="unplugged_after_pdu",
            what="Pulled out when it has the text, and put back.",
            answer=f"{UNKNOWN}.",
            play=unplugged("PDU"),
            lasts=True,
        ),
    ),
)
