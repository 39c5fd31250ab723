"""gammu's debug log of one command: what only the log tells, read from it. The lines are those of libgammu 1.45.1.

python-gammu hides what became of a text: nearly every refusal is ``ERR_UNKNOWN``, and ``ERR_TIMEOUT`` is raised both
where the modem never asked for the PDU and where it took it and fell silent.
"""

import dataclasses
import enum
import os
import re
from collections.abc import Iterable

_LONGEST = 1 << 20
_ABOUT_TO_WRITE = "Waiting for modem prompt"
"""The text of the message stands in the log too, but before this."""
_NETWORK_TIMEOUT = 332
"""The network did not answer the modem: the one +CMS ERROR after which the text may yet arrive (TS 27.005 §3.2.5)."""


class GammuLog:
    """The log holds numbers and texts, so it has no name, touches no disk and dies with the process (a memfd)."""

    def __init__(self) -> None:
        self._file = os.memfd_create("gammu-log")
        self._end = 0
        self.path = f"/proc/self/fd/{self._file}"
        """Where gammu can open it."""

    def empty(self) -> int:
        """Forget all that was logged; where the log of the next command begins."""
        begins = self.end()
        os.ftruncate(self._file, 0)
        return begins

    def end(self) -> int:
        """The place of what will be logged next."""
        # gammu goes on writing where it was: after an ``empty`` the size is 0, and then there is a hole in front.
        self._end = max(self._end, os.fstat(self._file).st_size)
        return self._end

    def since(self, begins: int) -> str:
        """What was logged from there on."""
        return os.pread(self._file, _LONGEST, begins).decode("utf-8", "replace")


class Outcome(enum.StrEnum):
    """Of one ``SendSMS``."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The modem or the network said no."""
    NOT_SENT = "not_sent"
    """It failed before the PDU was written, and the Ctrl-Z that ends it."""
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome, and what the modem said."""

    outcome: Outcome
    refusal: str = ""
    cms: int | None = None
    """The number of a ``+CMS ERROR``."""
    reference: int = -1
    """TP-MR, where it was accepted."""


def lines_heard(log: str) -> list[str]:
    """Every line that the modem said since it was about to be given the PDU; echoes are among them."""
    _, _, dialogue = log.rpartition(_ABOUT_TO_WRITE)
    return re.findall(r'^.{20,30}: \d+ "(.*)"$', dialogue, re.MULTILINE)


def reference_in(lines: Iterable[str]) -> int:
    """That of the last ``+CMGS: <mr>[,<ackpdu>]`` (TS 27.005 §3.5.1): one before it came late; -1 without one."""
    told = (re.search(r"\+CMGS: *(\d+)", line) for line in lines)  # the echo of the PDU may stand in front
    return next((int(found[1]) for found in reversed(list(told)) if found), -1)


def judge(log: str, *, write_failed: bool) -> Verdict:
    """What became of the text of one failed ``SendSMS``; where the log proves nothing, unknown.

    A reference without the OK behind it proves that the network has the text. ``write_failed``: gammu could not write,
    and gave up there. Its last write is the Ctrl-Z behind the PDU, without which no modem sends it.
    """
    _, _, dialogue = log.rpartition(_ABOUT_TO_WRITE)
    written = "Sending SMS" in dialogue
    match re.findall(r"(CM[SE] Error) (\d+)|Checking line: (ERROR)", dialogue):
        case [*_, ("CMS Error", number, _)]:
            doubtful = written and int(number) == _NETWORK_TIMEOUT
            outcome = Outcome.UNKNOWN if doubtful else Outcome.REFUSED
            return Verdict(outcome=outcome, refusal=f"+CMS ERROR: {number}", cms=int(number))
        case [*_, ("CME Error", number, _)]:
            return Verdict(outcome=Outcome.REFUSED, refusal=f"+CME ERROR: {number}")
        case [*_, (_, _, "ERROR")]:
            return Verdict(outcome=Outcome.REFUSED, refusal="ERROR")
    if written and (reference := reference_in(lines_heard(log))) >= 0:
        return Verdict(outcome=Outcome.ACCEPTED, reference=reference)
    # An empty log would prove nothing.
    not_sent = (write_failed or not written) and "Entering GSM_SendSMS" in log
    return Verdict(outcome=Outcome.NOT_SENT if not_sent else Outcome.UNKNOWN)
