"""A short day at an office, as data: who calls, what happens, and what textbackd has to make of it."""

import dataclasses

from textbackd.core.leads import LeadStatus
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.reasons import Reason
from textbackd.demo import scenes
from textbackd.demo.scenes import AllBusy, Answer, CallerHangsUp, LeaveMessage, NobodyAnswers, Pause, PbxHangsUp, Ring
from textbackd.demo.scenes import Voicemail as HearsVoicemail

DELIVERED, CANCELLED = MessageState.DELIVERED, MessageState.CANCELLED


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The caller calls. Below ``steps``: what has to come of it."""

    what: str
    """In words, for the summary."""
    steps: tuple[scenes.Step, ...]
    outcome: Outcome
    reason: Reason
    text: MessageState | None = None
    """What becomes of the text to the caller; None: there is none."""
    owner: MessageState | None = None
    """The same of the notice to the owner."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReadsText:
    """The caller waits until the text is there."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """The caller sends a text to the office's SIM."""

    text: str


Act = Calls | ReadsText | Writes | Pause


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that one caller does; no two stories have the same caller."""

    at: float
    """Seconds after the beginning of the day."""
    caller: str
    did: str
    acts: tuple[Act, ...]
    missed: int = 0
    """Calls that the lead counts in the end; 0: there is no lead."""
    status: LeadStatus = LeadStatus.NEW


SALES, REPAIRS = "01632960101", "01632960102"
PHONES = ("101", "102")


def _pause(seconds: float) -> Pause:
    return Pause(seconds=seconds)


RINGS_OUT = (Ring(phones=PHONES), _pause(1.4), NobodyAnswers(), PbxHangsUp())
GIVES_UP = (Ring(phones=PHONES), _pause(1.3), CallerHangsUp())
TALKS = (Ring(phones=PHONES), _pause(0.6), Answer(phone="101"), _pause(1.2), CallerHangsUp())
FINDS_ALL_BUSY = (AllBusy(phones=PHONES), _pause(0.2), PbxHangsUp())
TO_VOICEMAIL = (Ring(phones=("102",)), _pause(0.8), NobodyAnswers(), HearsVoicemail(mailbox="102"), _pause(0.6))
LEAVES_MESSAGE = (*TO_VOICEMAIL, LeaveMessage(), CallerHangsUp())
HANGS_UP_ON_GREETING = (*TO_VOICEMAIL, CallerHangsUp())

COMES_TO = {
    RINGS_OUT: Outcome.NO_ANSWER,
    GIVES_UP: Outcome.ABANDONED_RINGING,
    TALKS: Outcome.ANSWERED,
    FINDS_ALL_BUSY: Outcome.BUSY,
    LEAVES_MESSAGE: Outcome.VOICEMAIL_MESSAGE,
    HANGS_UP_ON_GREETING: Outcome.VOICEMAIL_SILENT,
}


def _missed(
    what: str, steps: tuple[scenes.Step, ...], *, text: MessageState = DELIVERED, owner: MessageState = DELIVERED
) -> Calls:
    """A call after which the caller and the owner are texted, and what becomes of both texts."""
    reason = Reason.NOTHING_AGAINST
    return Calls(what=what, steps=steps, outcome=COMES_TO[steps], reason=reason, text=text, owner=owner)


def _missed_in_silence(what: str, steps: tuple[scenes.Step, ...], reason: Reason) -> Calls:
    """A call of which the owner alone is told, for that reason."""
    return Calls(what=what, steps=steps, outcome=COMES_TO[steps], reason=reason, owner=DELIVERED)


def _answered(what: str) -> Calls:
    """A call after which nobody is texted."""
    return Calls(what=what, steps=TALKS, outcome=COMES_TO[TALKS], reason=Reason.OUTCOME_NOT_TEXTED)


DAY = (
    Story(
        at=0.2,
        caller="07700900111",
        did=SALES,
        acts=(
            _missed("nobody answers", RINGS_OUT),
            ReadsText(),
            _pause(0.5),
            Writes(text="Hi, water under our kitchen sink. Could somebody come today? Jo, 4 Mill Row"),
        ),
        missed=1,
    ),
    Story(at=1.0, caller="07700900112", did=REPAIRS, acts=(_answered("answered by 101"),)),
    Story(at=2.2, caller="07700900113", did=SALES, acts=(_missed("every phone is busy", FINDS_ALL_BUSY),), missed=1),
    Story(
        at=0.6,
        caller="07700900114",
        did=SALES,
        acts=(
            _missed("gives up while it rings", GIVES_UP, text=CANCELLED, owner=CANCELLED),
            _pause(0.3),
            _answered("calls again at once, is answered"),
        ),
        missed=1,
        status=LeadStatus.CONTACTED,
    ),
    Story(
        at=1.4,
        caller="07700900115",
        did=REPAIRS,
        acts=(
            _missed("nobody answers", RINGS_OUT, owner=CANCELLED),
            ReadsText(),
            _pause(0.3),
            Writes(text="Stop"),
            _pause(0.3),
            _missed_in_silence("calls again, after STOP", RINGS_OUT, Reason.OPTED_OUT),
        ),
        missed=2,
    ),
    Story(
        at=1.8,
        caller="07700900116",
        did=REPAIRS,
        acts=(
            _missed("hangs up on the voicemail greeting", HANGS_UP_ON_GREETING, owner=CANCELLED),
            ReadsText(),
            _pause(0.5),
            _missed_in_silence("calls again, texted already", GIVES_UP, Reason.REPEAT),
        ),
        missed=2,
    ),
    Story(
        at=3.2,
        caller="07700900117",
        did=REPAIRS,
        acts=(_missed("leaves a voicemail message", LEAVES_MESSAGE),),
        missed=1,
    ),
    Story(
        at=4.0,
        caller="anonymous",
        did=SALES,
        acts=(_missed_in_silence("withholds the number, nobody answers", RINGS_OUT, Reason.WITHHELD),),
        missed=1,
    ),
)

LATER = (RINGS_OUT, TALKS, HANGS_UP_ON_GREETING, FINDS_ALL_BUSY, GIVES_UP, LEAVES_MESSAGE)
"""What calls after the day are like, one after the other."""
