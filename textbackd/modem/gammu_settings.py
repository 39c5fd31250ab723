"""What a GSM modem that gammu drives needs to be told, and how long it may take over what it does."""

import dataclasses

from textbackd.core.phone_numbers import E164
from textbackd.modem import gammu_child, preflight
from textbackd.modem.sim_pin import SimPin


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GammuSettings:
    """One modem. The deadlines are seconds, a little longer than what gammu itself waits for (its are compiled in)."""

    name: str
    device: str
    """Best ``/dev/serial/by-id/…``: the others are renumbered."""
    number: E164 | None = None
    """The SIM's own."""
    speed: int = 115200
    pin: SimPin | None = None
    radio_cycle: bool = False
    """Whether the radio may be switched off and on (AT+CFUN=4 and 1) when nothing else has helped."""
    validity: str = "24H"
    """How long the service centre tries: gammu's ``1H``, ``6H``, ``24H``, ``72H`` or ``Max``."""
    per_minute: int = 10
    """Parts it may send: carriers block SIMs that send like a machine, and the radio manages six to ten a minute."""
    open_deadline: float = 30
    """For gammu alone, after the port was found to answer."""
    status_deadline: float = 25
    receive_deadline: float = 120
    """The child itself gives a silent modem up after 5 s, or 30 s within a list; a full SIM may take a minute."""
    submit_deadline: float = 125
    late_answer: float = 120
    """How long after the PDU was written a modem may still answer: the longest that makers tell for AT+CMGS. Nothing
    else is submitted meanwhile, or the answer would be taken for that of the next text.
    """
    late_answer_after_restart: float = 20
    """The same where textbackd itself was stopped or killed meanwhile. Most answers come by then, and a modem that
    answers in order (as ITU-T V.250 has it) answers nothing else before; two minutes of silence after each restart
    would cost more than it saves.
    """

    @property
    def longest_turn(self) -> float:
        """Seconds for which one caller may have the modem to itself: it is opened anew, and then takes all its time
        over the longest of the commands.
        """
        opening = gammu_child.SECONDS_TO_DIE + preflight.LONGEST_SECONDS_WITH_CYCLE + self.open_deadline
        return opening + max(self.submit_deadline, self.status_deadline, self.receive_deadline)
