"""The child process that holds one GSM modem: gammu's AT driver behind JSON lines on stdin and stdout.

Started by ``gammu_modem`` as ``python -m textbackd.modem.gammu_worker``; the only module that imports gammu.
One command a line, one answer a line, and unasked lines (``event``) in between:

    {"do": "open", "device": "/dev/…", "speed": 115200}        {"answer": "done"}
    {"do": "submit", "number", "text", "encoding", "validity"}  {"answer": "accepted", "reference": 17}
                                   or {"answer": "refused" | "unknown" | "not_sent", "reason", "cms"}
    {"do": "receive"}                                           {"answer": "received", "messages": […]}
    {"do": "delete", "places": ["100001"]}                      {"answer": "done"}
    {"do": "identify"}                                          {"answer": "identity", …}
    anything that failed                                        {"answer": "unavailable", "reason"}

    {"event": "submitting"}                                     from here on the text may have been sent
    {"event": "report", "number", "message_reference", "status"}
    {"event": "bell"}

Rules that were paid for (measured with python-gammu 3.5.1):

* After a timeout gammu's next answer may belong to the command before: the child answers and ends itself.
* It ends by ``os._exit``. ``Terminate``, or letting go of the StateMachine, waits up to 434 s on a silent port.
* No Python signal handler: inside a C call it would not run, and a jammed ``write`` never returns.
* The number of a +CMS ERROR, and whether the PDU was written at all, stand only in gammu's debug log.
"""

import ctypes
import dataclasses
import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gammu

from textbackd.core.sms_text import UNITS_IN_ONE_PART, Encoding, encoding_of
from textbackd.modem import gammu_log, sms_parts
from textbackd.modem.modem import IncomingSms

Answer = dict[str, Any]

_IDLE_SECONDS = 1.0
"""The port is read as soon as it has something to say; this is only for a port that cannot be watched."""
_PR_SET_PDEATHSIG = 1
_PLACES = 300
"""How far to look past a message that gammu cannot read; no SIM or modem holds as many."""
_ME_PLACES = 100_000
"""gammu counts the places of the second store from here."""


class UnusableError(Exception):
    """The modem did not do it, and gammu's state is not to be trusted any more."""


class Worker:
    """gammu's StateMachine, kept until the process ends."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._machine = gammu.StateMachine()
        self._log = gammu_log.GammuLog()
        self._events: list[Answer] = []
        self._complained_of: set[str] = set()
        self._service_centre = ""
        self.is_open = False
        self.port = -1
        """The descriptor of gammu's port, to watch, not to read; -1 where it cannot be found."""

    def do(self, command: dict[str, Any]) -> Answer:
        """Carry out one command. Raises gammu.GSMError or UnusableError, after which the process must end."""
        log_begins = self._log.empty()
        match command:
            case {"do": "open", "device": device, "speed": speed}:
                return self._open(device, speed)
            case {"do": "submit", "number": number, "text": text, "encoding": encoding, "validity": validity}:
                return self._submit(number, text, Encoding(encoding), validity, log_begins)
            case {"do": "receive"}:
                return self._receive()
            case {"do": "delete", "places": places}:
                return self._delete(places)
            case {"do": "identify"}:
                return self._identify()
            case _:
                raise UnusableError(f"no such command: {command.get('do')}")

    def say(self, line: Answer) -> None:
        """Write one line to the parent."""
        octets = json.dumps(line).encode("ascii") + b"\n"
        while octets:
            octets = octets[os.write(self._out, octets) :]

    def read_device(self) -> None:
        """Take what the modem says unasked and pass it on."""
        # gammu hands out one event per call.
        seen = -1
        while seen != len(self._events):
            seen = len(self._events)
            self._machine.ReadDevice(False)
        self.say_events()

    def say_events(self) -> None:
        """Pass on what came in by the way."""
        for event in self._events:
            self.say(event)
        self._events.clear()

    def _open(self, device: str, speed: int) -> Answer:
        config = os.memfd_create("gammurc")
        os.write(
            config,
            # Not SetConfig: it zeroes the CNMI parameters. 2,1,0,1,0: texts are stored (+CMTI), reports pushed (+CDS).
            f"[gammu]\ndevice = {device}\nconnection = at{speed}\natgen_setcnmi = 2,1,0,1,0\n"
            f"logformat = textalldate\nlogfile = {self._log.path}\n".encode(),
        )
        self._machine.ReadConfig(0, 0, f"/proc/self/fd/{config}")
        os.close(config)
        self._machine.Init()
        self._machine.SetIncomingCallback(self._take_event)
        self._machine.SetIncomingSMS(True)
        self._refuse_locked_sim()
        self.is_open = True
        self.port = _descriptor_of(device)
        return {"answer": "done"}

    def _refuse_locked_sim(self) -> None:
        try:
            status = self._machine.GetSecurityStatus()
        except (gammu.ERR_TIMEOUT, gammu.ERR_NOSIM):
            raise
        except gammu.GSMError:
            return  # some modems do not know the question
        if status is not None:
            raise UnusableError(f"the SIM asks for its {status}")

    def _take_event(self, _machine: gammu.StateMachine, kind: str, event: dict[str, Any]) -> None:
        # An exception in here becomes a SystemError of whatever gammu call is running; a gammu call is an error too.
        if kind == "SMS" and event.get("Type") == "Status_Report" and "MessageReference" in event:
            self._events.append(_report(event))
        else:
            self._events.append({"event": "bell"})

    def _submit(self, number: str, text: str, encoding: Encoding, validity: str, log_begins: int) -> Answer:
        ucs2 = encoding is Encoding.UCS2
        if not ucs2 and encoding_of(text) is Encoding.UCS2:
            return _outcome("refused", "the text has characters that GSM 7-bit has not")  # gammu would send ? for them
        # To gammu a ~ in UCS-2 is an escape, and what is behind the 70th unit it cuts off without a word.
        buffer = text.replace("~", "~~") if ucs2 else text
        if ucs2 and len(buffer.encode("utf-16-be", "surrogatepass")) > 2 * UNITS_IN_ONE_PART:
            return _outcome("refused", "the text is too long for one part")
        entry = {"ID": "ConcatenatedTextLong", "Buffer": buffer}
        try:
            parts = gammu.EncodeSMS({"Class": -1, "Unicode": ucs2, "Entries": [entry]})
        except (gammu.GSMError, ValueError) as error:
            return _outcome("refused", f"the text cannot be encoded: {_reason(error)}")
        coding = "Unicode_No_Compression" if ucs2 else "Default_No_Compression"
        if len(parts) != 1 or parts[0]["Text"] != buffer or parts[0]["Coding"] != coding:
            return _outcome("refused", f"the text does not go into one part of {encoding} unchanged")
        # Without a validity of our own the text would expire after 5 minutes.
        smsc = {"Number": self._ask_service_centre(), "Validity": validity}
        message = parts[0] | {"Number": number, "SMSC": smsc, "Type": "Status_Report"}
        self.say({"event": "submitting"})
        try:
            reference = self._machine.SendSMS(message)
        except gammu.GSMError as error:
            verdict = gammu_log.judge(self._log.since(log_begins))
            reason = f"the modem said {verdict.refusal}" if verdict.refusal else _reason(error)
            return _outcome(verdict.outcome, reason, verdict.cms)
        if reference < 0:
            return _outcome("unknown", "the modem said OK without a message reference")
        return {"answer": "accepted", "reference": reference}

    def _ask_service_centre(self) -> str:
        if not self._service_centre:
            self._service_centre = self._machine.GetSMSC(1)["Number"]
        if not self._service_centre:
            raise UnusableError("the SIM knows no service centre (SMSC)")
        return self._service_centre

    def _receive(self) -> Answer:
        parts, reports = [], []
        for message in self._stored():
            if message["Type"] == "Status_Report":
                # Some modems store reports whatever CNMI says.
                self._events.append(_report(message))
                reports.append(str(message["Location"]))
            elif message["Type"] == "Deliver":
                try:
                    parts.append(sms_parts.part(message))
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    self._complain_of(f"the message at place {message['Location']}", error)
        self._delete(reports)
        return {"answer": "received", "messages": [_as_json(text) for text in sms_parts.join(parts)]}

    def _stored(self) -> Iterator[dict[str, Any]]:
        place: int | None = None
        message: dict[str, Any] | None
        while True:
            try:
                message = self._get_next(place)
            except gammu.ERR_EMPTY:
                return
            except (gammu.ERR_TIMEOUT, gammu.ERR_DEVICEWRITEERROR, gammu.ERR_SECURITYERROR, gammu.ERR_NOSIM):
                raise
            except (gammu.GSMError, ValueError) as error:
                self._complain_of(f"a message behind place {place or 0}", error)
                message = self._next_readable(place or 0)
                if message is None:
                    return
            place = message["Location"]
            yield message

    def _get_next(self, place: int | None) -> dict[str, Any]:
        log_begins = self._log.end()
        message = self._machine.GetNextSMS(0, place is None, place or 0)[0]
        if message["Coding"] == "Unicode_No_Compression" and "~" in message["Text"]:
            message["Text"] = sms_parts.with_true_tildes(message, gammu_log.pdu_read(self._log.since(log_begins)))
        return message

    def _next_readable(self, place: int) -> dict[str, Any] | None:
        """The message after the one behind ``place``, found by trying: gammu does not tell where it stumbled."""
        ahead, second_store = range(1, _PLACES), max(place, _ME_PLACES)
        for candidate in (*(place + step for step in ahead), *(second_store + step for step in ahead)):
            try:
                return self._get_next(candidate)
            except gammu.ERR_EMPTY:
                return None
            except gammu.ERR_TIMEOUT:
                raise
            except (gammu.GSMError, ValueError):
                continue
        return None

    def _complain_of(self, what: str, error: Exception) -> None:
        """Once: it lies there until somebody deletes it. What it says is nobody's business."""
        if what not in self._complained_of:
            self._complained_of.add(what)
            print(f"{what} cannot be read: {type(error).__name__}", file=sys.stderr, flush=True)

    def _delete(self, places: list[str]) -> Answer:
        for place in places:
            try:
                self._machine.DeleteSMS(0, int(place))
            except (gammu.ERR_EMPTY, gammu.ERR_INVALIDLOCATION):
                continue  # gone already
        return {"answer": "done"}

    def _identify(self) -> Answer:
        network = self._machine.GetNetworkInfo()
        registered = network["State"] in ("HomeNetwork", "RoamingNetwork")
        signal_percent = self._machine.GetSignalQuality()["SignalPercent"]
        return {
            "answer": "identity",
            "manufacturer": self._machine.GetManufacturer(),
            "model": self._machine.GetModel()[1],
            "network": network["NetworkName"] if registered else "",
            "registered": registered,
            "signal_percent": signal_percent if signal_percent >= 0 else None,
        }


def main() -> None:
    """Serve the parent until it closes our stdin; never returns."""
    try:
        # gammu, and C below it, print; the parent reads only what we write to the copy.
        out = os.dup(1)
        os.dup2(2, 1)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _serve(Worker(out))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)


def _serve(worker: Worker) -> None:
    commands = select.poll()
    commands.register(0, select.POLLIN)
    unread = b""
    watched = -1
    while True:
        if worker.port != watched:
            watched = worker.port
            commands.register(watched, select.POLLIN)
        happened = dict(commands.poll(_IDLE_SECONDS * 1000))
        if happened.get(watched, 0) & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
            worker.say({"event": "lost", "reason": "the port is gone"})
            os._exit(1)
        if 0 in happened:
            octets = os.read(0, 1 << 16)
            if not octets:
                os._exit(0)
            *lines, unread = (unread + octets).split(b"\n")
            for line in lines:
                _obey(worker, json.loads(line))
        if worker.is_open:
            worker.read_device()


def _obey(worker: Worker, command: dict[str, Any]) -> None:
    try:
        answer = worker.do(command)
    except (gammu.GSMError, UnusableError) as error:
        answer = _outcome("unavailable", _reason(error))
    worker.say_events()
    worker.say(answer)
    if answer["answer"] in ("unavailable", "not_sent", "unknown"):
        os._exit(1)


def _outcome(answer: str, reason: str, cms: int | None = None) -> Answer:
    return {"answer": answer, "reason": reason, "cms": cms}


def _reason(error: Exception) -> str:
    if isinstance(error, gammu.GSMError):
        return f"{error.args[0]['Where']}: {error.args[0]['Text']} ({type(error).__name__})"
    return str(error)


def _report(message: dict[str, Any]) -> Answer:
    return {
        "event": "report",
        "number": message["Number"],
        "message_reference": message["MessageReference"],
        "status": message["DeliveryStatus"],
    }


def _as_json(text: IncomingSms) -> Answer:
    return dataclasses.asdict(text) | {"sent_at": text.sent_at.isoformat()}


def _descriptor_of(device: str) -> int:
    """gammu's own descriptor of the port, which it does not tell; -1 if there is none."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            if link.readlink() == Path(device).resolve():
                return int(link.name)
        except FileNotFoundError:
            continue  # the one that lists the folder
    return -1


if __name__ == "__main__":
    main()
