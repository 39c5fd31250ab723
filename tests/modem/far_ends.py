"""Modems, each with the network behind it, under one face: what the contract of ``Modem`` is tried on."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tests.emulator import ModemEmulator
from textbackd.modem import simulated_modem
from textbackd.modem.modem import Modem


class FarEnd(Protocol):
    """What only the network can see and do."""

    modem: Modem

    def texts(self) -> Sequence[tuple[str, str, str]]:
        """Number, text and encoding of all that was sent."""
        ...

    def deliver(self, sender: str, text: str, sent_at: dt.datetime) -> None:
        """Let a text arrive."""
        ...


class SimulatedFarEnd:
    """The folder of the simulated modem, as another process sees it."""

    def __init__(self, modem: Modem, folder: Path) -> None:
        self.modem = modem
        self._folder = folder

    def texts(self) -> Sequence[tuple[str, str, str]]:
        lines = [json.loads(line) for line in (self._folder / "outbox.jsonl").read_text("utf-8").splitlines()]
        return [(line["number"], line["text"], line["encoding"]) for line in lines]

    def deliver(self, sender: str, text: str, sent_at: dt.datetime) -> None:
        simulated_modem.inject(self._folder, sender, text, sent_at)


class EmulatedFarEnd:
    """The emulator's own reading of the PDUs."""

    def __init__(self, modem: Modem, emulator: ModemEmulator) -> None:
        self.modem = modem
        self._emulator = emulator

    def texts(self) -> Sequence[tuple[str, str, str]]:
        return [(sent.number, sent.text, sent.encoding) for sent in self._emulator.submissions]

    def deliver(self, sender: str, text: str, sent_at: dt.datetime) -> None:
        self._emulator.deliver_sms(sender, text, sent_at)
