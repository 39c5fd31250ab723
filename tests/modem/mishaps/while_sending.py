"""Mishaps in the middle of a text."""

from tests.emulator import CmsError, LateAnswer, PlainError, Reboot, Silence
from tests.modem.mishaps.mishap import GIVEN_UP, UNKNOWN, Family, Mishap, meets
from tests.modem.station import Station


async def not_registered(station: Station) -> None:
    station.emulator.network.registration = "searching"
    await station.queue()
    await station.tried()
    station.emulator.network.registration = "home"
    station.over()


async def no_service_centre(station: Station) -> None:
    service_centre, station.emulator.sim.service_centre = station.emulator.sim.service_centre, ""
    await station.queue()
    await station.tried()
    station.emulator.sim.service_centre = service_centre
    station.over()


async def silent_before_the_prompt(station: Station) -> None:
    await station.emulator.commanded("AT+CSCA")  # by the watch: the next one is for a text
    station.emulator.script = [Silence(at="AT+CSCA")]
    await station.queue()


async def jams_at_the_prompt(station: Station) -> None:
    station.emulator.commands.clear()
    await station.queue()
    await station.emulator.commanded("AT+CMGS")
    station.emulator.jam()
    await station.lost("jammed")
    station.emulator.unjam()


async def child_killed_at_the_prompt(station: Station) -> None:
    station.emulator.commands.clear()
    await station.queue()
    await station.emulator.commanded("AT+CMGS")
    station.kill_child()


async def child_killed_after_the_pdu(station: Station) -> None:
    station.emulator.script = [LateAnswer(10)]
    await station.queue()
    await station.emulator.submitted()
    station.kill_child()


FAMILY = Family(
    title="While a text is sent",
    mishaps=(
        Mishap(
            id="silent_before_prompt",
            what="No answer to AT+CSCA?, the first question.",
            answer=f"{GIVEN_UP} The text was surely not sent, and goes out then.",
            play=silent_before_the_prompt,
        ),
        Mishap(
            id="silent_at_prompt",
            what="AT+CMGS is not answered by the prompt.",
            answer="gammu gives up after 31 s; its log proves that the text was not sent.",
            play=meets(Silence(at="AT+CMGS")),
            long=True,
        ),
        Mishap(
            id="silent_after_pdu",
            what="The modem takes the text and never answers.",
            answer=f"gammu gives up after 99 s: {UNKNOWN.lower()}. The next one waits for 2 minutes, in which an answer"
            " may still come; a delivery report settles it.",
            play=meets(Silence(at="PDU")),
            long=True,
        ),
        Mishap(
            id="late_ok",
            what="OK after 40 s.",
            answer="Waits.",
            play=meets(LateAnswer(40)),
            long=True,
        ),
        Mishap(
            id="late_error",
            what="+CMS ERROR after 40 s.",
            answer="Waits; tries the text again later.",
            play=meets(LateAnswer(40, cms=38)),
            long=True,
        ),
        Mishap(
            id="too_late_ok",
            what="OK after 105 s, when gammu has given up.",
            answer="As if there was none. It is not taken for the answer to the next text.",
            play=meets(LateAnswer(105)),
            long=True,
        ),
        Mishap(
            id="refused_for_now",
            what="+CMS ERROR 38 (network out of order) after the text.",
            answer="Tries it again later.",
            play=meets(CmsError(38)),
        ),
        Mishap(
            id="refused",
            what="+CMS ERROR 1 (no such number) after the text.",
            answer="Does not try it again.",
            play=meets(CmsError(1)),
        ),
        Mishap(
            id="refused_in_doubt",
            what="+CMS ERROR 332 (network timeout), and the network has the text.",
            answer=f"{UNKNOWN}; a delivery report settles it.",
            play=meets(CmsError(332, sent=True)),
        ),
        Mishap(
            id="refused_at_prompt",
            what="+CMS ERROR 331 (no network service) instead of the prompt.",
            answer="Tries it again later.",
            play=meets(CmsError(331, at="AT+CMGS")),
        ),
        Mishap(
            id="plain_error", what="ERROR after the text.", answer="Tries it again later.", play=meets(PlainError())
        ),
        Mishap(
            id="not_registered",
            what="The modem is in no network.",
            answer="The modem refuses texts; each is tried again after 2, 4, 8 … 60 s.",
            play=not_registered,
            lasts=True,
        ),
        Mishap(
            id="no_smsc",
            what="The SIM knows no service centre (SMSC).",
            answer="Says so before anything is sent; opens the modem anew, and tries each text again after 2, 4, 8 …"
            " 60 s.",
            play=no_service_centre,
            lasts=True,
        ),
        Mishap(
            id="jams_at_prompt",
            what="The port jams at the prompt.",
            answer=f"gammu would never return: its process is killed after 125 s. {UNKNOWN}.",
            play=jams_at_the_prompt,
            long=True,
        ),
        Mishap(
            id="reboot_after_pdu",
            what="The modem starts anew when it has the text, and its port stays.",
            answer=f"{UNKNOWN}.",
            play=meets(Reboot(1, at="PDU")),
            long=True,
        ),
        Mishap(
            id="child_killed_at_prompt",
            what="The process that has the modem is killed at the prompt.",
            answer=f"{UNKNOWN}. The next open ends the text that was half written.",
            play=child_killed_at_the_prompt,
            long=True,
        ),
        Mishap(
            id="child_killed_after_pdu",
            what="It is killed while the modem is busy with the text.",
            answer=f"{UNKNOWN}; a delivery report settles it if it comes when the port is open again.",
            play=child_killed_after_the_pdu,
            long=True,
        ),
    ),
)
