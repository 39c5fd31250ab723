"""Mishaps that meet an open modem while no text is given to it."""

import asyncio
import datetime as dt

from tests.emulator import Silence
from tests.modem.mishaps.mishap import GIVEN_UP, Family, Mishap, Play
from tests.modem.pairs import BOB
from tests.modem.station import Station
from textbackd import clock


async def silent_port(station: Station) -> None:
    station.emulator.fault = Silence()
    await station.queue()
    await station.lost("no answer to AT")
    station.emulator.fault = None
    station.over()


async def jammed(station: Station) -> None:
    station.emulator.jam()
    await station.queue()
    await station.lost("jammed")
    station.emulator.unjam()
    station.over()


async def silent_status(station: Station) -> None:
    station.emulator.commands.clear()
    station.emulator.script = [Silence(at="AT+CSQ")]
    station.ask_status()
    await station.emulator.commanded("AT+CSQ")
    await station.queue()


def silent_poll(at: str) -> Play:
    """The modem says nothing to one command of a look for texts."""

    async def play(station: Station) -> None:
        station.emulator.commands.clear()
        station.emulator.script = [Silence(at=at)]
        station.poll()
        await station.emulator.commanded(at)
        await station.queue()

    return play


async def echo_lost(station: Station) -> None:
    station.emulator.settings.echo = False
    await station.queue()


async def reboots_while_idle(station: Station) -> None:
    station.emulator.reboot(1)
    await station.queue()


async def reboots_with_saved_settings(station: Station) -> None:
    station.emulator.defaults.cnmi = station.emulator.settings.cnmi
    station.emulator.boot_lines = ("RDY", "+CPIN: READY", "SMS DONE")
    station.emulator.commands.clear()
    station.emulator.reboot(0.2)
    await station.emulator.commanded("AT+CLIP=1")
    await station.queue()


async def sim_swapped(station: Station) -> None:
    sim = station.emulator.sim
    sim.imsi, sim.number, sim.service_centre = "001019876543210", "+447700900998", "+447700900997"
    station.emulator.commands.clear()
    for line in ("+CPIN: NOT INSERTED", "+CPIN: READY"):
        station.emulator.say(line)
    await station.emulator.commanded("AT+CLIP=1")
    await station.queue()
    assert sim.service_centre == (await station.emulator.submitted())[0].smsc


async def child_killed_while_idle(station: Station) -> None:
    station.kill_child()
    await station.queue()


async def store_full(station: Station) -> None:
    station.emulator.storage.sizes |= {"SM": 2, "ME": 2}
    sent_at = clock.utc_now().replace(microsecond=0) - dt.timedelta(minutes=1)
    for number in range(6):
        station.emulator.deliver_sms(BOB, f"text {number}", sent_at)
    await station.queue()
    async with asyncio.timeout(30):
        while station.emulator.network.held:  # noqa: ASYNC110 - the network tells nobody
            await asyncio.sleep(0.05)


FAMILY = Family(
    title="While nothing is sent",
    mishaps=(
        Mishap(
            id="silent_port",
            what="The port falls silent.",
            answer=f"{GIVEN_UP} Nothing is given to gammu before the modem has answered AT.",
            play=silent_port,
            lasts=True,
        ),
        Mishap(id="jammed", what="The port jams.", answer="The same.", play=jammed, lasts=True),
        Mishap(id="silent_status", what="No answer to AT+CSQ.", answer=GIVEN_UP, play=silent_status),
        Mishap(
            id="silent_poll",
            what="No answer to AT+CPMS, with which a look for texts begins.",
            answer=GIVEN_UP,
            play=silent_poll("AT+CPMS"),
        ),
        Mishap(
            id="silent_list",
            what="No answer to AT+CMGL, which lists them.",
            answer="Gives the modem up after 30 s and opens it anew.",
            play=silent_poll("AT+CMGL"),
            long=True,
        ),
        Mishap(id="echo_lost", what="The modem does not echo any more.", answer=GIVEN_UP, play=echo_lost),
        Mishap(
            id="reboot",
            what="The modem starts anew, and its port stays.",
            answer="Hears of it, or sees within 30 s that its settings are gone; opens it anew.",
            play=reboots_while_idle,
        ),
        Mishap(
            id="reboot_saved",
            what="The same, and it has saved (`AT&W`) how it tells of texts.",
            answer="Believes it when it tells of its start, and opens it anew.",
            play=reboots_with_saved_settings,
        ),
        Mishap(
            id="sim_swapped",
            what="It is given another SIM.",
            answer="Hears of it, or sees within 30 s that the IMSI is another; opens it anew, and asks that SIM for its"
            " service centre.",
            play=sim_swapped,
        ),
        Mishap(
            id="child_killed",
            what="The process that has the modem is killed.",
            answer="Starts another.",
            play=child_killed_while_idle,
        ),
        Mishap(
            id="store_full",
            what="SIM and modem are full of texts, and the network holds back more.",
            answer="Stores and deletes them, which makes room for those; sends meanwhile.",
            play=store_full,
        ),
    ),
)
