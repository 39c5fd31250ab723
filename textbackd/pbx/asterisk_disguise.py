"""An AMI stream without the office and its callers.

A header stays where it is known what it holds, a value where it is one of Asterisk's or FreePBX's own words
(``harmless_words``), a count, a time or the id of a channel. The values of variables go, but for the few that the
translator reads; of events that tell nothing of a call only the names stay.
"""

import random
import re
from collections.abc import Iterator

from textbackd.pbx import harmless_words as words
from textbackd.pbx.ami_stream import Message
from textbackd.pbx.asterisk_channels import endpoint_of
from textbackd.pbx.asterisk_events import PRIVACY_ACTION, PRIVACY_QUESTIONS
from textbackd.pbx.disguise import Disguise, House
from textbackd.pbx.trunks import TRUNK_CONTEXTS

_HEADER = re.compile(r"(?!.*[0-9]{3})[A-Za-z][A-Za-z0-9_-]{0,39}")
_EVENT = re.compile(r"(?!.*[0-9]{2})[A-Za-z][A-Za-z0-9_]{0,39}")
_BANNER = re.compile(r"Asterisk Call Manager/[0-9]{1,2}(\.[0-9]{1,2}){0,2}")
_COUNT = re.compile(r"[0-9]{1,5}|[0-9]{1,4}(:[0-9]{1,2}){2}")
_ID = re.compile(r"(?:(.+)-)?(1[0-9]{9}\.[0-9]{1,9})")
"""Of a channel: the PBX's name if it has one, the second in which it was made, a counter. Also a time of arrival."""
_BRIDGE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_CHANNEL = re.compile(r"(.+)-(00[0-9a-f]{6})")
_NUMBERED_CONTEXT = re.compile(words.NUMBERED_CONTEXTS)
_WORDS_WITHIN = ("blacklist", "prohib", "anonymous", "tn-validation-failed")
_NUMBERED_VARIABLE = re.compile(words.NUMBERED_VARIABLES)


class AsteriskDisguise(Disguise):
    """Who is who in one AMI stream; the trunks' own contexts become ``from-trunk``."""

    def __init__(self, house: House, draw: random.Random, avoid: frozenset[str] = frozenset()) -> None:
        super().__init__(house, draw, avoid)
        self._trunk_endpoints = house.trunks.endpoints
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
        """The words that the translator looks for anywhere in a value stay in it."""
        if text not in self.names:
            self.names[text] = super()._name(text) + "".join(word for word in _WORDS_WITHIN if word in text.casefold())
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
