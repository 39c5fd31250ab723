"""What the answers of a modem mean (3GPP TS 27.007 and 27.005)."""

import enum
import re
from collections.abc import Mapping

from textbackd.modem.at_port import Answer


class SimState(enum.StrEnum):
    """What AT+CPIN? tells of the SIM."""

    READY = "ready"
    PIN = "asks for its PIN"
    PUK = "locked, asks for its PUK"
    NONE = "none that can be read"
    BUSY = "busy"
    FOREIGN = "of an operator that this modem does not take"
    NOT_TOLD = "not told"


class Registration(enum.StrEnum):
    """What AT+CREG? tells of the network."""

    HOME = "registered"
    ROAMING = "registered, roaming"
    SEARCHING = "searching"
    DENIED = "refused by the network"
    NONE = "not registered"
    NOT_TOLD = "not told"

    @property
    def is_registered(self) -> bool:
        """Whether texts can leave."""
        return self in (Registration.HOME, Registration.ROAMING)


_SIM_WORDS = {"READY": SimState.READY, "SIM PIN": SimState.PIN, "SIM PUK": SimState.PUK}
_SIM_ERRORS = {
    10: SimState.NONE, 11: SimState.PIN, 12: SimState.PUK, 13: SimState.NONE, 14: SimState.BUSY, 15: SimState.NONE,
}  # fmt: skip
"""By the number of +CME ERROR (TS 27.007 §9.2.1)."""
_REGISTRATIONS = {
    "0": Registration.NONE, "1": Registration.HOME, "2": Registration.SEARCHING, "3": Registration.DENIED,
    "5": Registration.ROAMING, "6": Registration.HOME, "7": Registration.ROAMING,
}  # fmt: skip
"""By <stat> (TS 27.007 §7.2); 6 and 7 are for texts only."""

_PIN_TRIES = re.compile(
    r'\+CPINR: *"?SIM PIN"? *, *(\d+)|\^CPIN: *SIM PIN *, *(\d+)|\+QPINC: *"SC" *, *(\d+)|\+SPIC: *(\d+)|PIN1 *= *(\d+)'
)


def sim_state(answer: Answer) -> SimState:
    """Of AT+CPIN?, or of the error of another command. PIN2 and PUK2 are not needed for texts: READY."""
    words = answer.value("+CPIN")
    if words is None:
        return _SIM_ERRORS.get(answer.cme or 0, SimState.NOT_TOLD)
    if words.startswith("PH-"):
        return SimState.FOREIGN
    return _SIM_WORDS.get(words, SimState.READY)


def pin_tries(answer: Answer) -> int | None:
    """How many are left, of any of the commands that tell it (``preflight``); None where this answer does not."""
    found = next((found for line in answer.lines if (found := _PIN_TRIES.match(line))), None)
    return next(int(group) for group in found.groups() if group) if found else None


def registration(answer: Answer, name: str) -> Registration:
    """Of AT+CREG? or AT+CEREG?, by its ``name``: ``+CREG: <n>,<stat>,"<lac>",…``; some leave <n> out."""
    found = re.match(r"(?:\d *, *)?(\d)(?!\d)", answer.value(name) or "")
    return _REGISTRATIONS.get(found[1], Registration.NOT_TOLD) if found else Registration.NOT_TOLD


def signal_dbm(answer: Answer) -> int | None:
    """Of AT+CSQ: -113 (least) to -51; None where the modem does not know."""
    found = re.match(r"\d+", answer.value("+CSQ") or "")
    return -113 + 2 * int(found[0]) if found and int(found[0]) <= 31 else None


def signal_percent(dbm: int | None) -> int | None:
    """Of the range that AT+CSQ can tell: -113 to -51 dBm."""
    return None if dbm is None else round((dbm + 113) / 62 * 100)


def operator(answer: Answer) -> str | None:
    """Of AT+COPS?: the name, or the number of the network; None while there is none."""
    return _first_quoted(answer.value("+COPS"))


def service_centre(answer: Answer) -> str | None:
    """Of AT+CSCA?; None where the SIM has none."""
    return _first_quoted(answer.value("+CSCA"))


def own_number(answer: Answer) -> str | None:
    """Of AT+CNUM; most SIMs do not know theirs."""
    found = re.match(r'[^,]*,"(\+?\d+)"', answer.value("+CNUM") or "")
    return found[1] if found else None


def imsi(answer: Answer) -> str | None:
    """Of AT+CIMI: who the SIM is; None where it cannot be read."""
    return next((found[1] for line in answer.lines if (found := re.fullmatch(r"(?:\+CIMI: *)?(\d{6,15})", line))), None)


def storage(answer: Answer) -> Mapping[str, tuple[int, int]]:
    """Of AT+CPMS?: texts in each store, and its size: ``{"SM": (3, 20)}``."""
    places = re.findall(r'"(\w+)",(\d+),(\d+)', answer.value("+CPMS") or "")
    return {name: (int(used), int(size)) for name, used, size in places}


def _first_quoted(value: str | None) -> str | None:
    found = re.search(r'"([^"]+)"', value or "")
    if found is None:
        return None
    # A modem that was once told AT+CSCS="UCS2".
    hexadecimal = re.fullmatch(r"(?:00[2-7][0-9A-Fa-f])+", found[1])
    return bytes.fromhex(found[1]).decode("utf-16-be") if hexadecimal else found[1]
