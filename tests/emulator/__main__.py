"""The emulator as a process of its own, until SIGTERM or Ctrl-C; it prints ``ready`` when the port is there.

python -m tests.emulator --device /tmp/modem --control /tmp/modem.control [--log /tmp/submitted.jsonl]
    [--dead-port PATH[=HEX]]…
"""

import argparse
import asyncio
import signal
from pathlib import Path

from tests.emulator import control
from tests.emulator.modem import ModemEmulator


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    modem = ModemEmulator(options.device, dead_ports=dict(options.dead_port), log=options.log)
    async with modem, control.listening(modem, options.control):
        print("ready", flush=True)
        await stop.wait()


def _dead_port(argument: str) -> tuple[Path, bytes]:
    path, _, says = argument.partition("=")
    return Path(path), bytes.fromhex(says)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description="A GSM modem on a pty.")
    parser.add_argument("--device", type=Path, required=True, help="where the port appears")
    parser.add_argument("--control", type=Path, required=True, help="the control socket")
    parser.add_argument("--log", type=Path, help="where each submission is added as a line of JSON")
    parser.add_argument(
        "--dead-port", type=_dead_port, action="append", default=[], metavar="PATH[=HEX]",
        help="another port of the stick, silent or saying these octets to everything",
    )  # fmt: skip
    return parser.parse_args()


asyncio.run(_run(_options()))
