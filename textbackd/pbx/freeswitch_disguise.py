"""An Event Socket stream without the office and its callers.

Of an event the headers stay that decide a call or may tell why it was decided wrongly, and the values that are
FreeSWITCH's own words (``freeswitch_harmless_words``), counts, times, or the ids of legs. Of answers to us the list of
channels stays, and of any other that there was one.
"""

import json
import random
import re
import urllib.parse
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from textbackd.core import phone_numbers
from textbackd.pbx import event_socket
from textbackd.pbx import freeswitch_harmless_words as words
from textbackd.pbx.disguise import Disguise, House
from textbackd.pbx.event_socket import Event, Message
from textbackd.pbx.freeswitch_headers import VERIFICATION
from textbackd.pbx.source import NotUnderstood

_EVENT = re.compile(r"[A-Z][A-Z_]{0,39}")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""Drawn at random (RFC 4122, version 4); a dialplan may choose others, and put a number into them."""
_TIME = re.compile(r"0|1[0-9]{9}|1[0-9]{15}")
"""Seconds or microseconds since 1970."""
_COUNT = re.compile(r"[0-9]{1,5}|[0-9]{1,2}(:[0-9]{2}){2}")


class FreeSwitchDisguise(Disguise):
    """Who is who in one Event Socket stream; the trunks' profiles become ``external``, their contexts ``public``."""

    def __init__(self, house: House, draw: random.Random, avoid: frozenset[str] = frozenset()) -> None:
        super().__init__(house, draw, avoid)
        self._trunk_profiles = house.trunks.endpoints
        kinds: tuple[tuple[Collection[str], Callable[[str], str]], ...] = (
            (words.IDS, self._id),
            (words.TIMES, _time),
            (words.COUNTS, _count),
            (words.TRANSFERS, _transfer),
            (words.PERSONS, self._person),
            (words.PLACES, self._place),
            (words.CHANNELS, self._channel),
            (words.CONTEXTS, self._context),
            (words.PROFILES, self._profile),
            (words.WORDS, self._word),
            (words.FLAGS, _flag),
            (("Event-Name",), self._event),
            (VERIFICATION, _verification),
        )
        self._values = {header: worn for headers, worn in kinds for header in headers}

    def worn_by(self, message: Message) -> bytes:
        """One message as it may be shown, an event in the format in which it came; nothing of an unknown kind."""
        match message.content_type:
            case "auth/request" as kind:
                return _framed({"Content-Type": kind})
            case "command/reply" as kind:
                reply = message.headers.get("Reply-Text", "")
                said = reply if reply in words.REPLIES else reply[:3] if reply.startswith("+OK") else "-ERR"
                return _framed({"Content-Type": kind, "Reply-Text": said})
            case "api/response" | "text/disconnect-notice" | "text/rude-rejection" as kind:
                answer = self._answer(message.body).encode()
                return _framed({"Content-Type": kind, "Content-Length": str(len(answer))}, answer)
            case "text/event-json" | "text/event-plain" as kind:
                event = self._written(message, kind)
                return _framed({"Content-Length": str(len(event)), "Content-Type": kind}, event)
        return b""

    def _written(self, message: Message, kind: str) -> bytes:
        try:
            event = event_socket.event_in(message) or {}
        except NotUnderstood:
            return b""  # which is not understood either
        stays = dict(self._stays(event))
        if kind == "text/event-json":
            return json.dumps(stays, separators=(",", ":")).encode()
        lines = (f"{header}: {urllib.parse.quote(value)}\n" for header, value in stays.items())
        return "".join([*lines, "\n"]).encode()

    def _stays(self, event: Event) -> Iterator[tuple[str, str]]:
        for header, value in event.items():
            new = self._value(header, value, event)
            if new is not None:
                yield header, new
            elif header.startswith("variable_"):
                self.variables[header] = ""

    def _value(self, header: str, value: str, event: Mapping[str, str]) -> str | None:
        """The value of a header as it may be shown; None where the header goes."""
        if application := words.ARGUMENTS.get(header):
            return self._arguments(value) if event.get(application) in words.APPLICATIONS_ON_SOMETHING else ""
        worn = self._values.get(header)
        return worn(value) if worn and value else value if worn else None

    # --- what a value can be --------------------------------------------------------------------------------------

    def _id(self, text: str) -> str:
        return text if _ID.fullmatch(text) else self._name(text)

    def _word(self, text: str) -> str:
        return text if text in words.VALUES else self._name(text)

    def _event(self, name: str) -> str:
        return name if _EVENT.fullmatch(name) else self._name(name)

    def _place(self, text: str) -> str:
        return "@".join(part if part in words.ARGUMENT_WORDS else self._person(part) for part in text.split("@"))

    def _arguments(self, text: str) -> str:
        """``default office.example 101``, ``support@default``, ``sales@office.example in``."""
        return " ".join(map(self._place, text.split(" ")))

    def _context(self, context: str) -> str:
        if self._trunks.begins_in(context):
            return "public"
        return context if context in words.USUAL_CONTEXTS else self._name(context)

    def _profile(self, profile: str) -> str:
        if profile in self._trunk_profiles:
            return "external"
        return profile if profile in words.USUAL_PROFILES else self._name(profile)

    def _channel(self, name: str) -> str:
        """``sofia/external/07700900123@carrier.example``, ``sofia/gateway/carrier/0770…``, ``loopback/101-a``."""
        kind, _, rest = name.partition("/")
        if kind == "sofia":
            profile, _, far_end = rest.partition("/")
            parts = [part.removeprefix("sip:").partition("@")[0] for part in far_end.split("/")]
            return "/".join([kind, self._profile(profile), *map(self._person, parts)])
        if kind == "loopback" and rest[-2:] in ("-a", "-b"):
            return f"{kind}/{self._person(rest[:-2])}{rest[-2:]}"
        kind = kind if kind in words.ENDPOINTS or kind == "loopback" else self._name(kind)
        return f"{kind}/{self._person(rest)}"

    # --- answers --------------------------------------------------------------------------------------------------

    def _answer(self, body: bytes) -> str:
        """The list of channels; of any other answer nothing."""
        try:
            answer: Any = json.loads(body)
        except ValueError:
            return ""
        if not isinstance(answer, dict) or "row_count" not in answer:
            return ""
        rows = answer.get("rows")
        if not isinstance(rows, list):
            return json.dumps({"row_count": 0})
        listed = [dict(self._columns(row)) for row in rows if isinstance(row, dict)]
        return json.dumps({"row_count": len(listed), "rows": listed})

    def _columns(self, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
        cells = {column: str(row.get(column) or "") for column in words.COLUMNS}
        for column, value in cells.items():
            yield column, self._value(words.COLUMNS[column], value, cells) or ""


def _time(text: str) -> str:
    return text if _TIME.fullmatch(text) else "0"


def _transfer(text: str) -> str:
    """``1795220532:UUID:bl_xfer:101/default/XML``"""
    return f"{_time(text.partition(':')[0])}:"


def _count(text: str) -> str:
    if _COUNT.fullmatch(text):
        return text
    return "99999" if text.isascii() and text.isdigit() else "0"


def _flag(_text: str) -> str:
    return "true"


def _verification(text: str) -> str:
    """Of an identity only whether it was refuted."""
    return "TN-Validation-Failed" if phone_numbers.is_refuted(text) else ""


def _framed(headers: dict[str, str], body: bytes = b"") -> bytes:
    return "".join([*(f"{name}: {value}\n" for name, value in headers.items()), "\n"]).encode() + body
