"""``textbackd modem``: the modems of this machine."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from textbackd.cli import modem_words, output
from textbackd.cli.asking import asked
from textbackd.cli.context import config_option, json_option, local, with_database
from textbackd.config import Settings
from textbackd.errors import UserError
from textbackd.modem import probe as prober
from textbackd.modem import serial_ports
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import Registration
from textbackd.modem.probe import Choice, Found, ProbedModem
from textbackd.modem.serial_ports import PortlessStick
from textbackd.store.database import Database


@click.group()
def modem() -> None:
    """The modems: find them, see how they are, begin anew with one."""


@modem.command()
@config_option
@json_option
@click.argument("name", default="")
def status(config_path: Path, json_wanted: bool, name: str) -> None:
    """Tell how each modem is, or the one of that NAME: network, signal, storage, what it sent and what it failed at.

    Asks the running daemon. The exit code is 1 if one does not answer, has no network, or knows no service centre.
    """
    ill = False

    async def work(database: Database, settings: Settings) -> None:
        nonlocal ill
        modems = [found for found in await _told_by_daemon(database, settings) if name in ("", found["name"])]
        if not modems:
            raise UserError(f"there is no modem '{name}'; there are: {', '.join(m.name for m in settings.modems)}")
        numbers = {m.name: m.number for m in settings.modems if isinstance(m, GammuSettings) and m.number}
        for found in modems:
            found["number"] = numbers.get(found["name"], "")
        ill = any(
            "error" in found or not (Registration(found["registration"]).registered and found["has_service_centre"])
            for found in modems
        )
        if json_wanted:
            output.as_json(modems)
            return
        output.table(
            ("MODEM", "NUMBER", "IS", "LAST SENT", "SINCE THE START"),
            (
                (
                    found["name"],
                    found["number"],
                    found["error"] if "error" in found else modem_words.of_told(found),
                    local(found["last_sent_at"], settings) or "never",
                    ", ".join(f"{count} {what}" for what, count in found["counts"].items()),
                )
                for found in modems
            ),
            empty="",
        )

    with_database(config_path, work)
    raise SystemExit(int(ill))


@modem.command()
@config_option
@json_option
@click.argument("name")
@click.option("--radio", is_flag=True, help="Let the modem leave the network and come back, too.")
def reset(config_path: Path, json_wanted: bool, name: str, radio: bool) -> None:
    """Let the running textbackd close the modem NAME, whatever it does, and open it anew at once.

    A text that it is sending becomes one of unknown fate.
    """

    async def work(database: Database, settings: Settings) -> None:
        found = await asked(database, "reset_modem", {"modem": name, "radio": radio})
        if found is None:
            raise UserError(f"no textbackd is running on {settings.database}: systemctl start textbackd")
        if json_wanted:
            output.as_json(found)
        else:
            click.echo(f"Modem {name} is opened anew: textbackd modem status {name} tells how it is.")

    with_database(config_path, work)


async def _told_by_daemon(database: Database, settings: Settings) -> Sequence[dict[str, Any]]:
    answer = await asked(database, "status", {})
    if answer is None:
        raise UserError(f"no textbackd is running on {settings.database}: systemctl start textbackd")
    return list(answer["modems"])


@modem.command()
@json_option
@click.option("--device", "devices", multiple=True, metavar="PATH", help="Only this port; may be given several times.")
@click.option("--speed", default=115200, show_default=True, help="In bits per second; USB modems take any.")
def probe(json_wanted: bool, devices: Sequence[str], speed: int) -> None:
    """Say "AT" to every serial port that nobody uses, tell what answers, and write the lines for the configuration.

    It takes 2 s, up to 15 s with a slow modem, and changes nothing. Ports in use are not touched; root is told by whom.
    """
    ports = [serial_ports.serial_port(device) for device in devices] or serial_ports.all_ports()
    found = prober.probe(ports, speed=speed)
    portless = [] if devices else list(serial_ports.portless_sticks())
    chosen = list(prober.choices(found))
    lines = prober.config_lines(chosen) if chosen else ""
    if json_wanted:
        output.as_json(
            {
                "ports": [dataclasses.asdict(one) for one in found],
                "without_port": [dataclasses.asdict(stick) for stick in portless],
                "chosen": [{"name": one.port.name, "reason": one.reason, "warning": one.warning} for one in chosen],
                "configuration": lines,
            }
        )
    else:
        for line in _told(found, portless, chosen, lines):
            click.echo(line)
    if not chosen and not any(one.is_ours for one in found):
        raise SystemExit(1)


def _told(
    found: Sequence[Found], portless: Sequence[PortlessStick], chosen: Sequence[Choice], lines: str
) -> Iterator[str]:
    for one in found:
        usb = " ".join(filter(None, (one.port.usb_id, one.port.product)))
        yield f"{one.port.device}: {one.state}{f' ({usb})' if usb else ''}"
        if one.port.name != one.port.device:
            yield f"  its name that stays: {one.port.name}"
        if one.explanation:
            yield f"  {one.explanation.removeprefix(one.port.device + ': ')}"
        if one.modem is not None:
            yield from (f"  {what}: {value}" for what, value in _facts(one.modem))
    for stick in portless:
        yield f"{stick.usb_id} {stick.product}: no serial port: {stick.remedy} (docs/modem-setup.md)"
    if not found and not portless:
        yield "no serial port: is a modem plugged in? lsusb and dmesg tell"
    if chosen:
        yield ""
        for choice in chosen:
            yield f"# {choice.port.name}: {choice.reason}"
            if choice.warning:
                yield f"# {choice.warning}"
        yield lines
    elif any(one.is_ours for one in found):
        yield "no other modem than those that textbackd has already"
    elif found:
        yield "no modem answers"


def _facts(modem: ProbedModem) -> Iterator[tuple[str, str]]:
    def told(question: str, fact: str) -> str:
        return "not told in time: the modem is slow" if question in modem.unanswered else fact

    yield (
        "modem",
        " ".join(filter(None, (modem.manufacturer, modem.model))) or told("AT+CGMM", "does not tell what it is"),
    )
    if modem.imei:
        yield "IMEI", modem.imei
    yield "SIM", told("AT+CPIN?", modem.sim)
    yield "network", told("AT+CREG?", f"{modem.registration}{f' with {modem.operator}' if modem.operator else ''}")
    if modem.signal_dbm is not None:
        yield "signal", f"{modem.signal_dbm} dBm, {modem.signal_percent} %"
    none = "none known: texts cannot leave (docs/modem-setup.md)"
    yield "service centre (SMSC)", told("AT+CSCA?", modem.service_centre or none)
    if modem.own_number:
        yield "own number", modem.own_number
    for store, (used, size) in modem.storage.items():
        yield f"texts in {store}", f"{used} of {size}"
