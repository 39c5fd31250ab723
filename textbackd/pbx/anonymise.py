"""A recorded AMI stream without the office and its callers: what decides a call stays, the rest is replaced.

An allow-list. A header stays where it is known what it holds, a value where it is one of Asterisk's or FreePBX's own
words (``harmless_words``), a count, a time or the id of a channel. Every other number stands for a fictitious one
(``fictitious_numbers``), every other text for ``name001``: the same for the same in one run, and drawn anew in the
next, so that nothing leads back. The values of variables go, but for the few that the translator reads; of events that
tell nothing of a call only the names stay.

Two things stay that tell something: when everything happened, and the way through FreePBX's own contexts.
"""

import dataclasses
import datetime as dt
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from textbackd.core import phone_numbers
from textbackd.core.phone_numbers import E164
from textbackd.pbx import harmless_words as words
from textbackd.pbx.ami_stream import Message
from textbackd.pbx.asterisk_channels import endpoint_of
from textbackd.pbx.asterisk_events import PRIVACY_ACTION, PRIVACY_QUESTIONS
from textbackd.pbx.asterisk_trunks import TRUNK_CONTEXTS, Trunks
from textbackd.pbx.fictitious_numbers import FictitiousNumbers

Times = Sequence[tuple[int, float]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What must be known of the office so that its calls come out the same without it."""

    country: str
    """How national numbers are read."""
    trunks: Trunks = dataclasses.field(default_factory=Trunks)
    """Their own contexts become ``from-trunk``, which every replay knows."""
    closed: frozenset[E164] = frozenset()
    """DIDs that are marked closed."""
    closed_there: tuple[E164, ...] = ()
    """Those of the office by whose rules the trace will be replayed: they take the places of ``closed``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Anonymised:
    """The new stream, and how many different things were replaced in it."""

    data: bytes
    times: Times
    """Pairs of the offset of a message and the Unix time of its arrival."""
    messages: int
    numbers: int
    invented: int
    """Of the numbers: those whose stand-in is not reserved for fiction, so that it may be somebody's."""
    names: int
    variables: int


def anonymised(
    read: Callable[[], Iterable[tuple[dt.datetime, Message]]], house: House, draw: random.Random | None = None
) -> Anonymised:
    """Anonymise a stream, which is read twice: what stands for a number must be no number of the stream itself."""
    draw = draw or random.SystemRandom()
    scout = _Disguise(house, draw)
    for _at, message in read():
        scout.worn_by(message)
    disguise = _Disguise(house, draw, avoid=scout.numbers.met)
    blocks: list[bytes] = []
    times: list[tuple[int, float]] = []
    offset = 0
    for at, message in read():
        if not times or times[-1][1] != at.timestamp():
            times.append((offset, at.timestamp()))
        blocks.append(disguise.worn_by(message))
        offset += len(blocks[-1])
    return Anonymised(
        data=b"".join(blocks),
        times=times,
        messages=len(blocks),
        numbers=len(disguise.numbers.met),
        invented=disguise.numbers.invented,
        names=len(disguise.names),
        variables=len(disguise.variables),
    )


_HEADER = re.compile(r"(?!.*[0-9]{3})[A-Za-z][A-Za-z0-9_-]{0,39}")
_EVENT = re.compile(r"(?!.*[0-9]{2})[A-Za-z][A-Za-z0-9_]{0,39}")
_BANNER = re.compile(r"Asterisk Call Manager/[0-9]{1,2}(\.[0-9]{1,2}){0,2}")
_COUNT = re.compile(r"[0-9]{1,5}|[0-9]{1,4}(:[0-9]{1,2}){2}")
_ID = re.compile(r"(?:(.+)-)?(1[0-9]{9}\.[0-9]{1,9})")
"""Of a channel: the PBX's name if it has one, the second in which it was made, a counter. Also a time of arrival."""
_BRIDGE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBER = re.compile(r"\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*")
_CHANNEL = re.compile(r"(.+)-(00[0-9a-f]{6})")
_NUMBERED_CONTEXT = re.compile(words.NUMBERED_CONTEXTS)
_WORDS_WITHIN = ("blacklist", "prohib", "anonymous")
_NUMBERED_VARIABLE = re.compile(words.NUMBERED_VARIABLES)


class _Disguise:
    """Who is who in one run."""

    def __init__(self, house: House, draw: random.Random, avoid: frozenset[str] = frozenset()) -> None:
        self._trunks = house.trunks
        self._trunk_endpoints = house.trunks.endpoints
        self.numbers = FictitiousNumbers(
            house.country,
            strip=tuple(prefix for trunk in house.trunks.each for prefix in trunk.strip),
            closed=house.closed,
            stand_ins=house.closed_there,
            avoid=avoid,
            draw=draw,
        )
        self.names: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self._seen: dict[tuple[str, str], str] = {}

    def worn_by(self, message: Message) -> bytes:
        """One message as it may be shown, with its end."""
        return ("\r\n".join(self._lines(message)) + "\r\n\r\n").encode("ascii")

    def _lines(self, message: Message) -> Iterator[str]:
        for header, value in message.items():
            if not _stays(header, message):
                continue
            if header == "Banner":
                yield value if _BANNER.fullmatch(value) else "Asterisk Call Manager/0"
            else:
                yield f"{header}: {self._value(header, value, message)}"

    def _value(self, header: str, value: str, message: Message) -> str:
        match header:
            case "Event":
                return value if _EVENT.fullmatch(value) else "Unknown"
            case "Privilege":
                return value if words.CLASSES.issuperset(value.lower().split(",")) else "all"
            case "ActionID":
                return self._action(value)
            case "Variable":
                return self._variable(value)
            case "Value":
                return self._variable_value(message.get("Variable", ""), value, message)
            case "Application":
                return value if not value or value in words.APPLICATIONS else self._name(value)
            case "AppData" | "ApplicationData" | "Data":
                return self._arguments(message.get("Application", ""), value)
            case "Context" if self._comes_in(message):
                return "from-trunk"
        if (header, value) not in self._seen:
            self._seen[header, value] = self._plain_value(header, value)
        return self._seen[header, value]

    def _plain_value(self, header: str, value: str) -> str:
        if header.endswith(words.COUNTS) and _COUNT.fullmatch(value):
            return value
        if header.endswith(words.ADDRESSES):
            return self._address(value)
        return self._person(value) if header.endswith(words.PERSONS) else self._text(value)

    # --- what a value can be --------------------------------------------------------------------------------------

    def _text(self, text: str) -> str:
        """A value of which nothing is known."""
        if not text or text in words.VALUES or _BRIDGE.fullmatch(text):
            return text
        if channel := _ID.fullmatch(text):
            return f"{self._name(channel[1])}-{channel[2]}" if channel[1] else text
        return self._number(text) or self._name(text)

    def _person(self, text: str) -> str:
        """Somebody's number or name; who withheld the number has none here either."""
        if text.isascii() and text.casefold() in words.NOBODY:
            return text
        if phone_numbers.is_withheld(text):
            return "anonymous"
        return self._number(text) or self._name(text)

    def _number(self, text: str) -> str | None:
        bare = text.strip()
        if not _NUMBER.fullmatch(bare):
            return None
        return self.numbers.instead_of(bare)

    def _address(self, text: str) -> str:
        """``PJSIP/101-0000001a``, ``Local/101@from-queue/n``, ``07700900123@trunk``, ``101@default&102@default``."""
        parts = re.split("([/@&;:,*#])", text)
        return "".join(part if place % 2 else self._part(part) for place, part in enumerate(parts))

    def _part(self, part: str) -> str:
        if self._trunks.begins_in(part):
            return part if part in TRUNK_CONTEXTS else "from-trunk"
        known = part in words.CONTEXTS or part in words.TECHNOLOGIES or part in words.EXTENSIONS
        if not part or known or _NUMBERED_CONTEXT.fullmatch(part):
            return part
        if channel := _CHANNEL.fullmatch(part):
            return f"{self._part(channel[1])}-{channel[2]}"
        if re.fullmatch("[0-9]{1,2}", part):  # what is pressed in a menu, a place in a car park
            return part
        if re.fullmatch(r"\+?[0-9]+", part):
            return self.numbers.instead_of(part)
        return "-".join(self._part(piece) for piece in part.split("-")) if "-" in part else self._name(part)

    def _name(self, text: str) -> str:
        """``n7``, or ``name007`` for what is longer than an extension, which counts in a snapshot.

        The words that the translator looks for anywhere in a value stay in it.
        """
        if text not in self.names:
            name = f"name{len(self.names) + 1:03}" if len(text) > 6 else f"n{len(self.names) + 1}"
            self.names[text] = name + "".join(word for word in _WORDS_WITHIN if word in text.casefold())
        return self.names[text]

    # --- headers with a meaning of their own ----------------------------------------------------------------------

    def _comes_in(self, message: Message) -> bool:
        """Whether this tells of a channel that is a trunk's by its endpoint, whatever its context."""
        told = message.get("Event") in ("Newchannel", "CoreShowChannel")
        return told and endpoint_of(message.get("Channel", "")) in self._trunk_endpoints

    def _action(self, action: str) -> str:
        channel, slash, question = action.removeprefix(PRIVACY_ACTION).rpartition("/")
        if action.startswith(PRIVACY_ACTION) and slash:
            question = question if question in PRIVACY_QUESTIONS else self._name(question)
            return f"{PRIVACY_ACTION}{self._text(channel)}/{question}"
        return self._text(action)

    def _variable(self, variable: str) -> str:
        if _bare(variable) in words.VARIABLES or _NUMBERED_VARIABLE.fullmatch(variable):
            return variable
        return self.variables.setdefault(variable, f"VARIABLE{len(self.variables) + 1}")

    def _variable_value(self, variable: str, value: str, message: Message) -> str:
        if _bare(variable) in words.VARIABLES_READ or message.get("ActionID", "").startswith(PRIVACY_ACTION):
            return self._text(value)
        if value in words.VALUES or not value:
            return value
        self.variables.setdefault(variable, self._variable(variable))
        return ""

    def _arguments(self, application: str, arguments: str) -> str:
        first = arguments.partition(",")[0]
        if application == "Hangup":
            return first if re.fullmatch("[0-9]{1,3}", first) else ""
        return self._address(first) if application in words.APPLICATIONS_ON_SOMETHING else ""


def _stays(header: str, message: Message) -> bool:
    event = message.get("Event")
    if header == "ActionID":
        return message[header].startswith(PRIVACY_ACTION)
    if event is None:
        return header in words.ANSWERS
    classes = message.get("Privilege", "call").lower().split(",")
    if event in words.REPETITIONS or words.CLASSES_ABOUT_CALLS.isdisjoint(classes):
        return header in ("Event", "Privilege", "Timestamp", "Uniqueid")
    return _HEADER.fullmatch(header) is not None and not header.endswith(words.LEFT_OUT)


def _bare(variable: str) -> str:
    return variable.removeprefix("__")
