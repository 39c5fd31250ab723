"""What a modem says that nobody asked, and what is not meant at all."""

from tests.emulator import Garbage, Interjection, Interruption, LateAnswer
from tests.modem.mishaps.mishap import UNKNOWN, UNKNOWN_LINE, Family, Mishap, meets, throughout
from tests.modem.station import Station

STORM_BEATS_GAMMU = 25.0
"""Seconds: gammu's wait for an answer gives up when it has read 100 times, after 17."""


async def unknown_line_while_idle(station: Station) -> None:
    station.emulator.say(UNKNOWN_LINE)
    await station.queue()


async def storm(station: Station) -> None:
    station.emulator.storm("+ZUSIMR:2", every=0.05)  # ZTE's say it, only not so often
    await station.queue()


async def storm_while_waiting(station: Station) -> None:
    station.emulator.script = [LateAnswer(STORM_BEATS_GAMMU)]
    await station.queue()
    await station.emulator.submitted()
    station.emulator.storm()
    await station.unknown()
    station.emulator.calm()


FAMILY = Family(
    title="Noise",
    mishaps=(
        Mishap(
            id="garbage",
            what="Garbage in front of every answer.",
            answer="Passes over it.",
            play=throughout(Garbage()),
        ),
        Mishap(
            id="known_line",
            what="A line that gammu knows (`^RSSI`) in front of every answer.",
            answer="Passes over it.",
            play=throughout(Interjection("^RSSI: 12")),
        ),
        Mishap(
            id="unknown_line",
            what="A line that it does not know (`+QIND`) in front of every answer.",
            answer="Passes over it.",
            play=throughout(Interjection(UNKNOWN_LINE)),
        ),
        Mishap(
            id="unknown_line_idle",
            what="Such a line while nobody asks anything.",
            answer="Reads it before gammu does.",
            play=unknown_line_while_idle,
        ),
        Mishap(
            id="unknown_line_before_cmgs",
            what="Such a line in the millisecond between our last look and gammu's AT+CMGS.",
            answer="gammu does not see the prompt, and gives up after 31 s; the text was surely not sent, and goes out"
            " as soon as the port is open again.",
            play=meets(Interruption(UNKNOWN_LINE, at="AT+CMGS")),
            long=True,
        ),
        Mishap(
            id="storm",
            what="Twenty lines a second that gammu knows (`+ZUSIMR`).",
            answer="Reads them before gammu does, which passes over the others.",
            play=storm,
        ),
        Mishap(
            id="storm_after_pdu",
            what="Five lines a second while the network takes its time with the text.",
            answer=f"gammu gives up after 17 s: {UNKNOWN.lower()}; a delivery report settles it if it comes when the"
            " port is open again.",
            play=storm_while_waiting,
            long=True,
        ),
    ),
)
