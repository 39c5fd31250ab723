"""Mishaps that meet a modem which nobody has opened yet."""

from tests.emulator import Garbage, Silence
from tests.emulator.sim import PIN_TRIES
from tests.modem.mishaps import while_idle
from tests.modem.mishaps.mishap import Family, Mishap, Play, until_lost
from tests.modem.station import Station

CHANGING_A_SIM = 2.0
"""Seconds, at the very least."""


def sim(state: str, reason: str, *, tries: int = PIN_TRIES) -> Play:
    """The SIM is so, until somebody pulls the stick out and takes care of it."""

    async def play(station: Station) -> None:
        station.emulator.pin_state, station.emulator.sim.tries = state, tries
        await station.queue()
        station.start()
        await station.lost(reason)
        station.emulator.unplug(CHANGING_A_SIM)
        station.emulator.sim.asks_pin = False
        station.emulator.pin_state = "READY"
        await station.emulator.plugged_in()
        station.over()

    return play


async def never_echoes(station: Station) -> None:
    station.emulator.echoes = False
    await station.queue()
    station.start()
    await station.lost("ERR_NOECHO")
    station.emulator.echoes = True
    station.over()


async def jammed_at_the_open(station: Station) -> None:
    station.start()
    await while_idle.jammed(station)


async def sim_pin_known(station: Station) -> None:
    station.emulator.pin_state = "SIM PIN"
    await station.queue()
    station.start()


async def sim_busy(station: Station) -> None:
    station.emulator.pin_state = "BUSY"
    await station.queue()
    station.start()
    await station.lost("busy")
    station.emulator.pin_state = "READY"
    station.over()


FAMILY = Family(
    title="While the modem is opened",
    mishaps=(
        Mishap(
            id="silent_at_open",
            what="The port says nothing.",
            answer="Finds out before gammu has it, in under 2 s; tries again after 1, 2, 5, 10, 30, 60 s.",
            play=until_lost(Silence(), "no answer to AT"),
            opened=False,
            lasts=True,
        ),
        Mishap(
            id="jammed_at_open",
            what="The port takes nothing (jammed).",
            answer="The same.",
            play=jammed_at_the_open,
            opened=False,
            lasts=True,
        ),
        Mishap(
            id="never_echoes",
            what="The modem answers and never echoes.",
            answer="gammu cannot work with it; says so, and tries again.",
            play=never_echoes,
            opened=False,
            lasts=True,
        ),
        Mishap(
            id="garbage_at_open",
            what="Garbage in front of every answer.",
            answer="gammu gives up after 4 s; tries again.",
            play=until_lost(Garbage(), "ERR_UNKNOWNRESPONSE"),
            opened=False,
            lasts=True,
        ),
        Mishap(
            id="pin_known",
            what="The SIM asks for its PIN, which is configured.",
            answer="Enters it.",
            play=sim_pin_known,
            opened=False,
            settings={"pin": "1234"},
        ),
        Mishap(
            id="pin_wrong",
            what="The same, and the PIN is wrong.",
            answer="Enters it once and never again; says what to do.",
            play=sim("SIM PIN", "refused the PIN"),
            opened=False,
            settings={"pin": "9999"},
            lasts=True,
        ),
        Mishap(
            id="pin_last_try",
            what="The SIM asks for its PIN, which is configured, but only one try is left.",
            answer="Does not enter it, where the modem tells how many are left; says what to do.",
            play=sim("SIM PIN", "allows one more try", tries=1),
            opened=False,
            settings={"pin": "1234"},
            lasts=True,
        ),
        Mishap(
            id="pin_none",
            what="The SIM asks for its PIN, and none is configured.",
            answer="Says what to do; looks once a minute, and as soon as the stick is plugged in again.",
            play=sim("SIM PIN", "asks for its PIN"),
            opened=False,
            lasts=True,
        ),
        Mishap(
            id="puk",
            what="The SIM asks for its PUK.",
            answer="The same.",
            play=sim("SIM PUK", "PUK"),
            opened=False,
            lasts=True,
        ),
        Mishap(
            id="no_sim",
            what="There is no SIM.",
            answer="The same.",
            play=sim("NOT INSERTED", "no SIM"),
            opened=False,
            lasts=True,
        ),
        Mishap(
            id="sim_busy",
            what="The SIM is busy.",
            answer="Asks for 6 s, then tries again.",
            play=sim_busy,
            opened=False,
            lasts=True,
        ),
    ),
)
