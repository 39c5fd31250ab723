"""The child process that holds one GSM modem: JSON lines on stdin and stdout, gammu and AT commands on the port.

Started by ``gammu_child`` as ``python -m textbackd.modem.gammu_worker``.
One command a line, one answer a line, and unasked lines (``event``) in between:

    {"do": "open", "device", "speed", "pin", "cycle_radio"}     {"answer": "done"}
    {"do": "submit", "number", "segment", "validity"}           {"answer": "accepted", "reference": 17, "in_step": true}
                                   or {"answer": "refused" | "unknown" | "not_sent", "reason", "cms", "in_step"}
    {"do": "receive"}                                           {"answer": "received", "stored": [["SM:3", "0791…"]],
                                                                 "crowded": ["SM"], "unreadable": "ME: ERROR"}
    {"do": "delete", "places": ["SM:3"]}                        {"answer": "done"}
    {"do": "status"}                                            {"answer": "status", …}
    anything that failed                                        {"answer": "unavailable", "reason", "kind"}

    {"event": "cycling_radio"}                                  the modem answers, and is told to
    {"event": "submitting"}                                     from here on the text may have been sent
    {"event": "report", "number", "message_reference", "status"}
    {"event": "text", "pdu"}                                    one that lies in no store
    {"event": "ring", "number"}
    {"event": "bell"}                                           a text has come, or something else
    {"event": "lost", "reason"}                                 the last line

``kind`` names the error's class in ``port_errors`` where it is one. After ``unavailable``, ``not_sent``, ``lost``, and
what is not ``in_step`` the child ends itself, since nobody knows what the modem will say next. No Python signal
handler: inside a C call it would not run, and a jammed ``write`` of gammu's never returns.
"""

import ctypes
import dataclasses
import json
import os
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from textbackd.core.sms_text import Encoding, Segment
from textbackd.modem.gammu_log import Outcome
from textbackd.modem.gammu_machine import GammuError, RefusedHereError
from textbackd.modem.modem import DeliveryReport, IncomingCall, ModemUnavailable
from textbackd.modem.modem_line import GONE, LineLost
from textbackd.modem.modem_session import ModemSession
from textbackd.modem.restarts import RestartedError
from textbackd.modem.sim_pin import SimPin
from textbackd.modem.unasked import Arrived, PushedText, Unasked

Line = dict[str, Any]

_IDLE_SECONDS = 1.0
"""The port is read as soon as it has something to say; this is for what is looked at from time to time."""
_PR_SET_PDEATHSIG = 1
_FATAL = ("unavailable", Outcome.NOT_SENT)
_ERRORS = (ModemUnavailable, GammuError, LineLost, RestartedError)


class Worker:
    """Translates between the lines and one modem."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._complained_of: set[str] = set()
        self._modem = ModemSession(self._tell, self._complain)

    @property
    def port(self) -> int:
        """The descriptor of the port, to watch; -1 before it is open."""
        return self._modem.port

    def obey(self, command: Line) -> None:
        """Carry out one command and answer it. Ends the process where nothing more can be done with the modem."""
        try:
            answer = self._do(command)
        except RefusedHereError as error:
            answer = {"answer": Outcome.REFUSED, "reason": str(error), "cms": None}
        except _ERRORS as error:
            answer = {"answer": "unavailable", "reason": str(error), "kind": type(error).__name__}
        self._say(answer)
        in_step = answer.get("in_step", True)
        if answer["answer"] in _FATAL or (answer["answer"] == Outcome.UNKNOWN and not in_step):
            os._exit(1)
        if not in_step:
            self.give_up(answer["reason"])

    def listen(self) -> None:
        """Pass on what the modem says unasked. Ends the process where nothing more can be done with it."""
        try:
            self._modem.listen()
        except _ERRORS as error:
            self.give_up(str(error))

    def give_up(self, reason: str) -> None:
        """End the process."""
        self._say({"event": "lost", "reason": reason})
        os._exit(1)

    def _do(self, command: Line) -> Line:
        match command:
            case {"do": "open", "device": device, "speed": speed, "pin": pin, "cycle_radio": cycle_radio}:
                self._modem.open(
                    device, speed, pin=_sim_pin(pin), cycle_radio=self._say_cycling_radio if cycle_radio else None
                )
                return {"answer": "done"}
            case {"do": "submit", "number": number, "segment": segment, "validity": validity}:
                submitted = self._modem.submit(number, _segment(segment), validity, self._say_submitting)
                outcome = dataclasses.asdict(submitted)
                return {"answer": outcome.pop("outcome"), **outcome}
            case {"do": "receive"}:
                stored = [(message.place, message.pdu.hex()) for message in self._modem.stored()]
                crowded, unreadable = list(self._modem.crowded), self._modem.unreadable
                return {"answer": "received", "stored": stored, "crowded": crowded, "unreadable": unreadable}
            case {"do": "delete", "places": places}:
                self._modem.delete(places)
                return {"answer": "done"}
            case {"do": "status"}:
                return {"answer": "status", "status": dataclasses.asdict(self._modem.status())}
        raise ValueError(f"no such command: {command.get('do')}")

    def _say(self, line: Line) -> None:
        octets = json.dumps(line).encode("ascii") + b"\n"
        while octets:
            octets = octets[os.write(self._out, octets) :]

    def _say_submitting(self) -> None:
        self._say({"event": "submitting"})

    def _say_cycling_radio(self) -> None:
        self._say({"event": "cycling_radio"})

    def _tell(self, told: Unasked) -> None:
        match told:
            case DeliveryReport():
                self._say({"event": "report", **dataclasses.asdict(told)})
            case PushedText(pdu=pdu):
                self._say({"event": "text", "pdu": pdu.hex()})
            case IncomingCall(number=number):
                self._say({"event": "ring", "number": number})
            case Arrived():
                self._say({"event": "bell"})

    def _complain(self, what: str) -> None:
        """Once: it is so until somebody does something about it."""
        if what not in self._complained_of:
            self._complained_of.add(what)
            print(what, file=sys.stderr, flush=True)


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
    watched = select.poll()
    watched.register(0, select.POLLIN)
    unread = b""
    while True:
        happened = dict(watched.poll(_IDLE_SECONDS * 1000))
        if happened.get(worker.port, 0) & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
            worker.give_up(GONE)
        if 0 in happened:
            octets = os.read(0, 1 << 16)
            if not octets:
                os._exit(0)
            *lines, unread = (unread + octets).split(b"\n")
            for line in lines:
                worker.obey(json.loads(line))
        if worker.port >= 0:
            watched.register(worker.port, select.POLLIN)
            worker.listen()


def _sim_pin(pin: Line | None) -> SimPin | None:
    return None if pin is None else SimPin(**pin | {"folder": Path(pin["folder"])})


def _segment(segment: Line) -> Segment:
    return Segment(**segment | {"encoding": Encoding(segment["encoding"])})


if __name__ == "__main__":
    main()
