"""gammu's AT driver: it makes friends with the modem and sends. The only module that imports gammu.

Rules that were paid for (measured with python-gammu 3.5.1):

* After a timeout gammu's next answer may belong to the command before: the process must end.
* It ends by ``os._exit``. ``Terminate``, or letting go of the StateMachine, waits up to 434 s on a silent port.
* The number of a +CMS ERROR, and whether the PDU was written at all, stand only in gammu's debug log.
* Some models it tells more (AT^PORTSEL=1 to Huawei's, AT+ZCDRUN=8 to ZTE's), gives up where one refuses, and resets
  Huawei's after a timeout: by its table of models' features, which those in its configuration replace.
"""

import contextlib
import dataclasses
import os
import re
import select
from pathlib import Path
from typing import Any

import gammu

from textbackd import clock
from textbackd.core.sms_text import (
    SEPTETS_IN_A_PART_OF_SEVERAL,
    SEPTETS_IN_ONE_PART,
    UNITS_IN_A_PART_OF_SEVERAL,
    UNITS_IN_ONE_PART,
    Encoding,
    Segment,
    encoding_of,
    length,
)
from textbackd.modem import gammu_log
from textbackd.modem.gammu_log import Outcome

Encoded = dict[str, Any]

_LIMITS = {
    Encoding.GSM7: (SEPTETS_IN_ONE_PART, SEPTETS_IN_A_PART_OF_SEVERAL),
    Encoding.UCS2: (UNITS_IN_ONE_PART, UNITS_IN_A_PART_OF_SEVERAL),
}
_CODINGS = {Encoding.GSM7: "Default_No_Compression", Encoding.UCS2: "Unicode_No_Compression"}
_FEATURES = ",".join(["NOMIDI"] * 19)
"""In place of those in its table: one that means nothing here, as often as it takes, since each replaces just one."""
_NO_FOLDER, _TEXT_MODE = 99, "Trying SMS text mode"
"""For gammu's GetSMS, and what is in its log."""
_LONGEST_FINISHING, _MOST_OKS = 1.0, 5
_LONGEST_WAIT_BEHIND_OK = 5.0
"""Seconds: longer than a modem that writes its lines in a wrong order needs for the other one."""
_CONCATENATION, _CONCATENATION_OCTETS = 0x00, 3
"""The information element with an 8-bit reference (TS 23.040 §9.2.3.24.1)."""


class GammuError(Exception):
    """gammu could not do it, and its state is not to be trusted any more."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of one part."""

    outcome: Outcome
    reference: int = -1
    """TP-MR, where it was accepted."""
    reason: str = ""
    cms: int | None = None
    in_step: bool = True
    """Whether the modem has answered, and gammu takes its next answer for that of the next question; otherwise the
    process must end.
    """


class RefusedHereError(Exception):
    """The modem never heard of the text: gammu would send another one, or none."""


class GammuMachine:
    """gammu's StateMachine, kept until the process ends."""

    def __init__(self) -> None:
        self._machine = gammu.StateMachine()
        self._log = gammu_log.GammuLog()
        self._log_begins = 0
        self.port = -1
        """The descriptor of the open port."""

    def open(self, device: str, speed: int) -> None:
        """Takes 4 s. Raises GammuError."""
        config = os.memfd_create("gammurc")
        os.write(
            config,
            f"[gammu]\ndevice = {device}\nconnection = at{speed}\nfeatures = {_FEATURES}\n"
            f"logformat = textalldate\nlogfile = {self._log.path}\n".encode(),
        )
        try:
            self._machine.ReadConfig(0, 0, f"/proc/self/fd/{config}")
            self._machine.Init()
            self._machine.SetIncomingCallback(_ignore)  # without one gammu's process crashes at the first +CDS
        except gammu.GSMError as error:
            raise GammuError(_reason(error)) from error
        finally:
            os.close(config)
        self.port = _descriptor_of(device)
        self._settle_on_pdu_mode()

    def _settle_on_pdu_mode(self) -> None:
        """Now: gammu would do it at the first text, and for good in text mode where the answer is disturbed.

        Raises GammuError.
        """
        begins = self._log.end()
        try:
            self._machine.GetSMS(_NO_FOLDER, 1)  # it takes the mode first, and reads nothing then
        except gammu.ERR_TIMEOUT as error:
            raise GammuError(_reason(error)) from error
        except gammu.GSMError:
            pass
        if _TEXT_MODE in self._log.since(begins):
            raise GammuError("no OK to AT+CMGF=0, and texts are sent in PDU mode only")

    def submit(self, message: Encoded) -> Submitted:
        """Give one part to the modem."""
        self._log_begins = self._log.empty()
        try:
            reference = self._machine.SendSMS(message)
        except (gammu.GSMError, ValueError) as error:
            write_failed = type(error).__name__ == "ERR_DEVICEWRITEERROR"
            verdict = gammu_log.judge(self._log.since(self._log_begins), write_failed=write_failed)
            in_step = verdict.outcome in (Outcome.ACCEPTED, Outcome.REFUSED) or verdict.cms is not None
            if verdict.outcome is Outcome.UNKNOWN and not in_step:
                # An answer without an OK is not in the log yet. A no may be the answer to the AT.
                with contextlib.suppress(GammuError, OSError):
                    self._reads_an_ok_alone()
                late = gammu_log.judge(self._log.since(self._log_begins), write_failed=write_failed)
                verdict = late if late.outcome is Outcome.ACCEPTED else verdict
            reason = f"the modem said {verdict.refusal}" if verdict.refusal else _reason(error)
            if verdict.outcome is Outcome.NOT_SENT and type(error).__name__ == "ERR_TIMEOUT":
                reason = f'the modem does not ask for the text by "> ", without which gammu cannot send: {reason}'
            return Submitted(
                outcome=verdict.outcome,
                reference=verdict.reference,
                reason=reason,
                cms=verdict.cms,
                in_step=in_step,
            )
        if reference < 0:  # gammu finds it only behind an empty line, and with nothing behind it but the OK
            reference = self._reference()
        if reference < 0:
            return Submitted(outcome=Outcome.UNKNOWN, reason="the modem said OK without a message reference")
        return Submitted(outcome=Outcome.ACCEPTED, reference=reference)

    def finish_reading(self) -> None:
        """Let gammu end what it has begun to read, which only an OK does: a line that it does not know stays with it
        and costs it the next command, and of half a line the other half would be ours. Raises GammuError, OSError.
        """
        for _ in range(_MOST_OKS):
            if self._reads_an_ok_alone():
                return
            # What came right behind the OK is with gammu again.

    def _reference(self) -> int:
        """That of the text which the modem has said OK to, which some say before it; -1 where none comes."""
        end = clock.monotonic() + _LONGEST_WAIT_BEHIND_OK
        with contextlib.suppress(GammuError, OSError):
            while (reference := gammu_log.reference_in(self.heard())) < 0 and clock.monotonic() < end:
                self.finish_reading()
                if gammu_log.reference_in(self.heard()) < 0:
                    select.select([self.port], [], [], max(0, end - clock.monotonic()))
        return reference

    def _reads_an_ok_alone(self) -> bool:
        begins, octets = self._log.end(), 0
        end = clock.monotonic() + _LONGEST_FINISHING
        os.write(self.port, b"AT\r")
        while "OK" not in (lines := gammu_log.lines_heard(self._log.since(begins))) and clock.monotonic() < end:
            select.select([self.port], [], [], max(0, end - clock.monotonic()))
            try:
                octets += self._machine.ReadDevice(False)
            except gammu.GSMError as error:
                raise GammuError(_reason(error)) from error
        return lines == ["AT", "OK"] and octets <= len("AT\r\r\n\r\nOK\r\n")

    def heard(self) -> list[str]:
        """Every line that gammu has read since the prompt of the last submit, whatever it made of it."""
        return gammu_log.lines_heard(self._log.since(self._log_begins))


def _ignore(_machine: gammu.StateMachine, _kind: str, _event: dict[str, Any]) -> None:
    """``heard`` tells more: this hands out one event per call, drops all beyond ten, and never hears of a call."""


def encode(number: str, segment: Segment, service_centre: str, validity: str) -> Encoded:
    """As gammu wants it, which then puts it into the PDU as it stands. Raises RefusedHereError.

    ``validity``: gammu's ``1H``, ``6H``, ``24H``, ``72H`` or ``Max``; without one the text would live 5 minutes.
    """
    if segment.encoding is Encoding.GSM7 and encoding_of(segment.text) is Encoding.UCS2:
        raise RefusedHereError("the text has characters that GSM 7-bit has not")  # gammu would send ? for them
    if re.search("[\0\ud800-\udfff]", segment.text):
        raise RefusedHereError("the text has a character that is none")  # gammu would cut the text off there
    one, several = _LIMITS[segment.encoding]
    if _length(segment) > (one if segment.of == 1 else several):
        raise RefusedHereError("the text is too long for one part")
    message = {
        "Type": "Status_Report",  # a text for which a delivery report is asked
        "SMSC": {"Number": service_centre, "Validity": validity},
        "Number": number,
        # To gammu a ~ in UCS-2 is an escape; two of them are one.
        "Text": segment.text.replace("~", "~~") if segment.encoding is Encoding.UCS2 else segment.text,
        "Coding": _CODINGS[segment.encoding],
        "Class": -1,
    }
    if segment.of > 1:
        element = (_CONCATENATION, _CONCATENATION_OCTETS, segment.reference, segment.of, segment.number)
        message["UDH"] = {"Type": "UserUDH", "Text": bytes((len(element), *element))}
    return message


def _length(segment: Segment) -> int:
    if segment.encoding is Encoding.UCS2:
        return len(segment.text.encode("utf-16-be")) // 2
    return length(segment.text)


def _reason(error: Exception) -> str:
    if isinstance(error, gammu.GSMError):
        return f"{error.args[0]['Where']}: {error.args[0]['Text']} ({type(error).__name__})"
    return str(error)


def _descriptor_of(device: str) -> int:
    """gammu's own descriptor of the port, which it does not tell. Raises GammuError."""
    port = Path(device).resolve()
    for link in Path("/proc/self/fd").iterdir():
        try:
            if link.readlink() == port:
                return int(link.name)
        except FileNotFoundError:
            continue  # the one that lists the folder
    raise GammuError("the port went away")
