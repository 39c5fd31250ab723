"""One modem from its opening until something fails: gammu sends, all the rest is asked on the same port by ourselves.

What the modem says unasked is read here too, so that gammu, which stumbles over what it does not know, seldom sees it.
"""

import contextlib
from collections.abc import Callable, Sequence

from textbackd.core.sms_text import Segment
from textbackd.modem import at_answers, gammu_machine, preflight, unasked
from textbackd.modem.gammu_log import Outcome
from textbackd.modem.gammu_machine import GammuError, GammuMachine, Submitted
from textbackd.modem.modem import ModemStatus, Registration, Stored
from textbackd.modem.modem_line import ModemLine
from textbackd.modem.restarts import Restarts
from textbackd.modem.sim_pin import SimPin
from textbackd.modem.sms_store import SmsStore
from textbackd.modem.unasked import Arrived, Unasked

_ANNOUNCEMENTS = [
    f"{mode},1,0,{ds},{bfr}"
    for reports in ((1, 2), (0,))
    for bfr in (0, 1)
    for modes in ((2, 1), (3,))
    for ds in reports
    for mode in modes
]
"""<mode>,<mt>,<bm>,<ds>,<bfr> of AT+CNMI (3GPP TS 27.005 §3.4.1), the first that it takes: texts are stored and told of
(+CMTI), reports told as they are (+CDS), stored and told of (+CDSI), or not at all. Some take one <mode> or <bfr> only.
"""
_TO_BE_ACKNOWLEDGED = ("+CDS:", "+CMT:")
_REGISTRATIONS = {
    at_answers.Registration.HOME: Registration.HOME,
    at_answers.Registration.ROAMING: Registration.ROAMING,
    at_answers.Registration.SEARCHING: Registration.SEARCHING,
    at_answers.Registration.DENIED: Registration.DENIED,
}


class ModemSession:
    """Every method raises LineLost or GammuError; after that, and after RestartedError, nothing more can be done.

    ``tell`` gets what comes unasked, ``complain`` a sentence for the log.
    """

    def __init__(self, tell: Callable[[Unasked], None], complain: Callable[[str], None]) -> None:
        self._tell = tell
        self._complain = complain
        self._machine = GammuMachine()
        self._service_centre = ""
        self._wants_acknowledgements = False
        """Whether it must be told AT+CNMA after each text or report that it hands out, or hands out no more of them."""
        self._unacknowledged = 0

    def open(self, device: str, speed: int, *, pin: SimPin | None, cycle_radio: Callable[[], None] | None) -> None:
        """With the arguments of ``preflight.prepare``; raises ModemUnavailable too, a child of it where that knows what
        is wrong.
        """
        preflight.prepare(device, speed, pin=pin, cycle_radio=cycle_radio)
        self._machine.open(device, speed)
        self._line = ModemLine(self.port, self._take)
        self._restarts = Restarts(self._line)
        self._line.ask("AT+CMGF=0")
        self._line.ask("AT+CLIP=1")  # not by gammu's SetIncomingCall, which takes the OK for an error
        self._line.ask("AT+CSMS=0")
        self._wants_acknowledgements = (self._line.ask("AT+CSMS?").value("+CSMS") or "").startswith("1")
        self._have_announced()
        self._store = SmsStore(self._line, self._complain)
        self._restarts.begin()

    @property
    def port(self) -> int:
        """Its descriptor, to watch; -1 before it is open."""
        return self._machine.port

    def listen(self) -> None:
        """Take what the modem says unasked, and see that it is still the same. Raises RestartedError."""
        self._line.listen()
        self._acknowledge()
        self._restarts.look()

    def submit(self, number: str, segment: Segment, validity: str, submitting: Callable[[], None]) -> Submitted:
        """Give one part to the modem; ``submitting`` is called before it can be sent.

        Raises RestartedError, and RefusedHereError.
        """
        if not self._service_centre:
            self._service_centre = at_answers.service_centre(self._line.ask("AT+CSCA?")) or ""
        if not self._service_centre:
            reason = "the SIM knows no service centre (SMSC)"
            return Submitted(outcome=Outcome.NOT_SENT, reason=reason, in_step=False)
        # A port that is jammed or silent is found here in 5 s, and surely nothing was sent; gammu takes 40 s, or for
        # ever, and then nobody knows. Said anew each time: a modem that started anew may read the PDU as a text.
        self._line.ask("AT+CMGF=0")
        self.listen()
        message = gammu_machine.encode(number, segment, self._service_centre, validity)
        submitting()
        submitted = self._machine.submit(message)
        if submitted.in_step:
            # What became of the text is known, whatever happens now.
            with contextlib.suppress(GammuError, OSError):
                self._machine.finish_reading()
        self._line.overhear(self._machine.heard())
        return submitted

    def stored(self) -> Sequence[Stored]:
        """All that lies in its places, but what ``unreadable`` tells of."""
        return self._store.read()

    @property
    def unreadable(self) -> str:
        """Which stores could not be read at the last look, and why; empty where all could."""
        return self._store.unreadable

    @property
    def crowded(self) -> Sequence[str]:
        """The stores that were nearly full at the last look."""
        return self._store.crowded

    def delete(self, places: Sequence[str]) -> None:
        """Empty these places; what cannot be deleted is tried again by ``stored``."""
        self._store.delete(places)

    def status(self) -> ModemStatus:
        """What it does not know stays empty."""
        registration = self._registration()
        centre = self._line.ask("AT+CSCA?")
        store, used, size = self._store.usage()
        return ModemStatus(
            manufacturer=self._line.ask("AT+CGMI").text("+CGMI") or "",
            model=self._line.ask("AT+CGMM").text("+CGMM") or "",
            network=(at_answers.operator(self._line.ask("AT+COPS?")) or "") if registration.registered else "",
            registration=registration,
            signal_percent=at_answers.signal_percent(at_answers.signal_dbm(self._line.ask("AT+CSQ"))),
            # What cannot be asked just now is not missing.
            has_service_centre=not centre.ok or at_answers.service_centre(centre) is not None,
            store=store,
            stored=used,
            capacity=size or None,
            unreadable=self.unreadable,
        )

    def _registration(self) -> Registration:
        found = Registration.NONE
        told = False
        for name in ("+CREG", "+CEREG"):
            answer = at_answers.registration(self._line.ask(f"AT{name}?"), name)
            told = told or answer is not at_answers.Registration.NOT_TOLD
            found = _REGISTRATIONS.get(answer, found)
            if found.registered:
                break
        if not told and at_answers.operator(self._line.ask("AT+COPS?")):
            return Registration.HOME  # it knows no better
        return found

    def _have_announced(self) -> None:
        """Have it tell of texts and reports. Not by gammu's SetIncomingSMS, after which nothing works where the modem
        refuses; polling finds the texts all the same.
        """
        if not any(self._line.ask(f"AT+CNMI={announcements}").ok for announcements in _ANNOUNCEMENTS):
            self._complain("the modem does not announce texts and delivery reports (AT+CNMI): they may come late")

    def _acknowledge(self) -> None:
        """3GPP TS 27.005 §3.4.4, of a modem that stays with AT+CSMS=1."""
        while self._unacknowledged:
            self._unacknowledged -= 1
            # In PDU mode both say the same; some know only the one, some only the other.
            if not self._line.ask("AT+CNMA=0").ok:
                self._line.ask("AT+CNMA")

    def _take(self, line: str) -> None:
        if self._wants_acknowledgements and line.startswith(_TO_BE_ACKNOWLEDGED):
            self._unacknowledged += 1
        match unasked.read(line):
            case Arrived.RESTART | Arrived.SIM_READY as started:
                self._restarts.take(started)
            case None:
                pass
            case told:
                self._tell(told)
