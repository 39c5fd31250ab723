"""A modem without hardware: a folder that holds what was sent and what is to arrive.

outbox.jsonl     one line per text, appended before ``submit`` returns
inbox/*.json     texts that lie on the "SIM"; ``inject`` puts them there, from any process
inbox/bad/       what could not be read
"""

import asyncio
import dataclasses
import datetime as dt
import json
import os
import secrets
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from textbackd import clock
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment
from textbackd.modem.modem import (
    DeliveryReport,
    IncomingSms,
    ModemStatus,
    ModemUnavailable,
    Received,
    Registration,
    Stored,
    SubmitUnknown,
)

log = structlog.get_logger(__name__)

LOOK = 0.2
"""Seconds between two looks for texts that another process put into the inbox."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedSettings:
    """One simulated modem; the folder is made if it is missing."""

    name: str
    folder: Path
    per_minute: int | None = None

    @property
    def longest_turn(self) -> float:
        """As that of ``GammuSettings``: it answers at once."""
        return 0.0


class SimulatedModem:
    """``Modem`` on a folder. Every text is accepted, and reported delivered at the next ``receive``."""

    def __init__(self, settings: SimulatedSettings) -> None:
        self.name = settings.name
        self.incoming = asyncio.Event()
        self.pushed: deque[bytes] = deque()
        self._folder = settings.folder
        self._one_at_a_time = asyncio.Lock()
        self._reports: list[DeliveryReport] = []
        self._next_reference: int | None = None
        self._closed = False
        self._noticed: frozenset[str] = frozenset()
        self._watch: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        self._refuse_if_closed()

    async def submit(self, number: E164, segment: Segment) -> int:
        async with self._one_at_a_time:
            self._refuse_if_closed()
            reference = await asyncio.to_thread(self._append, number, segment)
            self._reports.append(DeliveryReport(number=number, message_reference=reference, status=0))
            self.incoming.set()
            return reference

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:  # noqa: ARG002 - its texts have no parts
        async with self._one_at_a_time:
            self._refuse_if_closed()
            if self._watch is None:
                self._ring_when_one_arrives()
            messages = await asyncio.to_thread(_read_inbox, self._folder / "inbox")
            reports, self._reports = self._reports, []
            return Received(messages=messages, reports=reports)

    async def delete(self, places: Sequence[str]) -> None:
        async with self._one_at_a_time:
            self._refuse_if_closed()
            for place in places:
                await asyncio.to_thread((self._folder / "inbox" / place).unlink, missing_ok=True)

    async def status(self) -> ModemStatus:
        self._refuse_if_closed()
        return ModemStatus(
            manufacturer="textbackd",
            model="simulated",
            network="simulated",
            registration=Registration.HOME,
            signal_percent=100,
        )

    async def reset(self, *, radio: bool = False) -> None:  # noqa: ARG002
        self._refuse_if_closed()

    async def close(self) -> None:
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()

    def _ring_when_one_arrives(self) -> None:
        names = frozenset(path.name for path in (self._folder / "inbox").glob("*.json"))
        if names - self._noticed:
            self.incoming.set()
        self._noticed = names
        self._watch = asyncio.get_running_loop().call_later(LOOK, self._ring_when_one_arrives)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise ModemUnavailable(f"{self.name}: closed")

    def _append(self, number: E164, segment: Segment) -> int:
        outbox = self._folder / "outbox.jsonl"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._next_reference is None:
                self._next_reference = outbox.read_bytes().count(b"\n") % 256 if outbox.exists() else 0
            descriptor = os.open(outbox, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise ModemUnavailable(f"{self.name}: {error}") from error
        line = {
            "at": clock.utc_now().isoformat(),
            "number": number,
            "text": segment.text,
            "part": segment.number,
            "of": segment.of,
            "encoding": segment.encoding,
            "message_reference": self._next_reference,
        }
        octets = json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        try:
            if os.write(descriptor, octets) != len(octets):
                raise SubmitUnknown(f"{self.name}: only a part of the text could be written")
        except OSError as error:
            raise ModemUnavailable(f"{self.name}: {error}") from error
        finally:
            os.close(descriptor)
        reference, self._next_reference = self._next_reference, (self._next_reference + 1) % 256
        return reference


def inject(folder: Path, sender: str, text: str, sent_at: dt.datetime) -> None:
    """Let a text arrive at the simulated modem of that folder, whole or not at all."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    name = f"{sent_at.astimezone(dt.UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}"
    unfinished = inbox / f"{name}.unfinished"
    unfinished.write_text(json.dumps({"sender": sender, "text": text, "sent_at": sent_at.isoformat()}), "utf-8")
    unfinished.rename(inbox / f"{name}.json")


def _read_inbox(inbox: Path) -> list[IncomingSms]:
    messages = []
    for path in sorted(inbox.glob("*.json")):
        try:
            messages.append(_incoming_sms(path.name, json.loads(path.read_text("utf-8"))))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("simulated_text_unreadable", file=path.name, problem=type(error).__name__)
            _put_aside(path)
    return messages


def _incoming_sms(place: str, line: Mapping[str, str]) -> IncomingSms:
    sent_at = dt.datetime.fromisoformat(line["sent_at"])
    if sent_at.tzinfo is None or not isinstance(line["sender"], str) or not isinstance(line["text"], str):
        raise ValueError("a text needs a sender, a text, and a time with its zone")
    return IncomingSms(sender=line["sender"], sent_at=sent_at.astimezone(dt.UTC), text=line["text"], places=(place,))


def _put_aside(path: Path) -> None:
    bad = path.parent / "bad"
    try:
        bad.mkdir(exist_ok=True)
        path.replace(bad / path.name)
    except OSError as error:
        log.warning("simulated_text_stays", file=path.name, problem=type(error).__name__)
