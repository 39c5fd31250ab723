"""What can go wrong: small values, one at a time from now on or queued as a script.

``at`` says when: a command line that begins so (``AT`` is any, ``AT+CMGS`` is in place of the prompt), or ``PDU``,
after the PDU of a text was given to the modem.
"""

import dataclasses
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

PDU = "PDU"
ANY = "AT"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What they have in common."""

    at: str = ANY
    times: int | None = None
    """How often it happens. None: once in a script, for ever otherwise."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ok(Fault):
    """Nothing goes wrong this time: what fills a script."""

    at: str = dataclasses.field(default=PDU, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal(Fault):
    """A no; where ``sent``, the network has the text all the same, as after +CMS ERROR 332."""

    sent: bool = dataclasses.field(default=False, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class CmsError(Refusal):
    """``+CMS ERROR: number`` (3GPP TS 27.005 §3.2.5)."""

    number: int
    at: str = dataclasses.field(default=PDU, kw_only=True)
    in_place_of_prompt: dataclasses.InitVar[bool] = dataclasses.field(default=False, kw_only=True)
    """The same as ``at="AT+CMGS"``."""

    def __post_init__(self, in_place_of_prompt: bool) -> None:
        if in_place_of_prompt:
            object.__setattr__(self, "at", "AT+CMGS")


@dataclasses.dataclass(frozen=True, slots=True)
class CmeError(Refusal):
    """``+CME ERROR: number`` (3GPP TS 27.007 §9.2); a bare ``ERROR`` until AT+CMEE=1."""

    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class PlainError(Refusal):
    """A bare ``ERROR``."""

    at: str = dataclasses.field(default=PDU, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Silence(Fault):
    """No answer, and a command is not carried out. At ``AT`` the port is dead: no echo and no URC either.

    ``sent``: the network has the text all the same.
    """

    sent: bool = dataclasses.field(default=True, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class LateAnswer(Fault):
    """The command is carried out now, and answered in so many seconds: OK, or ``+CMS ERROR: cms``.

    ``busy``: meanwhile the modem takes nothing in, and does afterwards what it was told. gammu gives up after 99 s; an
    answer after 101 s is taken by its next ``SendSMS``, and all later ones are off by one (measured).
    """

    seconds: float
    at: str = dataclasses.field(default=PDU, kw_only=True)
    cms: int | None = dataclasses.field(default=None, kw_only=True)
    busy: bool = dataclasses.field(default=True, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Garbage(Fault):
    """These octets just before the answer."""

    octets: bytes = b"\x00\xff~\x80#\r\n"


@dataclasses.dataclass(frozen=True, slots=True)
class Interjection(Fault):
    """This unsolicited line just before the answer."""

    line: str


@dataclasses.dataclass(frozen=True, slots=True)
class Interruption(Fault):
    """This unsolicited line just before the echo: it was on its way when the command was."""

    line: str


@dataclasses.dataclass(frozen=True, slots=True)
class Unplug(Fault):
    """The cable is pulled in place of the answer, and put back after ``seconds``; None: not by itself."""

    seconds: float | None = None
    sent: bool = dataclasses.field(default=True, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Reboot(Fault):
    """The modem starts anew in place of the answer; it is deaf, or with ``port_goes`` absent, for ``seconds``."""

    seconds: float = 1
    port_goes: bool = dataclasses.field(default=False, kw_only=True)
    sent: bool = dataclasses.field(default=True, kw_only=True)


KINDS: dict[str, type[Fault]] = {
    kind.__name__: kind
    for kind in (
        *(Ok, CmsError, CmeError, PlainError, Silence, LateAnswer),
        *(Garbage, Interjection, Interruption, Unplug, Reboot),
    )
}


def as_json(fault: Fault) -> dict[str, Any]:
    """Its ``kind`` and its fields; octets in hex."""
    fields = dataclasses.asdict(fault)
    if isinstance(fault, Garbage):
        fields["octets"] = fault.octets.hex()
    return {"kind": type(fault).__name__} | fields


def from_json(fault: Mapping[str, Any]) -> Fault:
    """The fault of ``as_json``, where fields may be missing. KeyError and TypeError are the writer's mistakes."""
    fields = dict(fault)
    kind = KINDS[fields.pop("kind")]
    if "octets" in fields:
        fields["octets"] = bytes.fromhex(fields["octets"])
    return kind(**fields)


class Faults:
    """What goes wrong next."""

    def __init__(self) -> None:
        self.standing: Fault | None = None
        """From now on, wherever the script has nothing to say."""
        self.struck = 0
        """How many steps of the script have happened."""
        self._script: deque[Fault] = deque()

    @property
    def script(self) -> list[Fault]:
        """What is still to come."""
        return list(self._script)

    @script.setter
    def script(self, faults: Iterable[Fault]) -> None:
        self._script = deque(faults)

    def take(self, stage: str) -> Fault | None:
        """What happens to this command line, or to the PDU; the first of the script, or the standing one."""
        if self._script and _meets(self._script[0], stage):
            fault = self._script[0]
            self.struck += 1
            left = (fault.times or 1) - 1
            if left:
                self._script[0] = dataclasses.replace(fault, times=left)
            else:
                self._script.popleft()
            return fault
        standing = self.standing
        if standing is None or not _meets(standing, stage):
            return None
        if standing.times is not None:
            left = standing.times - 1
            self.standing = dataclasses.replace(standing, times=left) if left else None
        return standing

    @property
    def next(self) -> Fault | None:
        """What happens to the next command line or PDU, where it is one that it happens to."""
        return self._script[0] if self._script else self.standing

    @property
    def dead(self) -> bool:
        """Whether the port gives no sign of life just now."""
        fault = self.next
        return isinstance(fault, Silence) and fault.at in (ANY, "")


def _meets(fault: Fault, stage: str) -> bool:
    return stage.startswith(fault.at)
