"""A short day at an office, as data: who calls, what happens, and what textbackd has to make of it."""

import dataclasses

from textbackd.core.leads import LeadStatus
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.policy import Reason
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

DAY = (
    Story(
        at=0.2,
        caller="07700900111",
        did=SALES,
        acts=(
            Calls(
                what="nobody answers",
                steps=RINGS_OUT,
                outcome=Outcome.NO_ANSWER,
                reason=Reason.NOTHING_AGAINST,
                text=DELIVERED,
                owner=DELIVERED,
            ),
            ReadsText(),
            _pause(0.5),
            Writes(text="Hi, water under our kitchen sink. Could somebody come today? Jo, 4 Mill Row"),
        ),
        missed=1,
    ),
    Story(
        at=1.0,
        caller="07700900112",
        did=REPAIRS,
        acts=(Calls(what="answered by 101", steps=TALKS, outcome=Outcome.ANSWERED, reason=Reason.OUTCOME_NOT_TEXTED),),
    ),
    Story(
        at=2.2,
        caller="07700900113",
        did=SALES,
        acts=(
            Calls(
                what="every phone is busy",
                steps=FINDS_ALL_BUSY,
                outcome=Outcome.BUSY,
                reason=Reason.NOTHING_AGAINST,
                text=DELIVERED,
                owner=DELIVERED,
            ),
        ),
        missed=1,
    ),
    Story(
        at=0.6,
        caller="07700900114",
        did=SALES,
        acts=(
            Calls(
                what="gives up while it rings",
                steps=GIVES_UP,
                outcome=Outcome.ABANDONED_RINGING,
                reason=Reason.NOTHING_AGAINST,
                text=CANCELLED,
                owner=CANCELLED,
            ),
            _pause(0.3),
            Calls(
                what="calls again at once, is answered",
                steps=TALKS,
                outcome=Outcome.ANSWERED,
                reason=Reason.OUTCOME_NOT_TEXTED,
            ),
        ),
        missed=1,
        status=LeadStatus.CONTACTED,
    ),
    Story(
        at=1.4,
        caller="07700900115",
        did=REPAIRS,
        acts=(
            Calls(
                what="nobody answers",
                steps=RINGS_OUT,
                outcome=Outcome.NO_ANSWER,
                reason=Reason.NOTHING_AGAINST,
                text=DELIVERED,
                owner=CANCELLED,
            ),
            ReadsText(),
            _pause(0.3),
            Writes(text="Stop"),
            _pause(0.3),
            Calls(
                what="calls again, after STOP",
                steps=RINGS_OUT,
                outcome=Outcome.NO_ANSWER,
                reason=Reason.OPTED_OUT,
                owner=DELIVERED,
            ),
        ),
        missed=2,
    ),
    Story(
        at=1.8,
        caller="07700900116",
        did=REPAIRS,
        acts=(
            Calls(
                what="hangs up on the voicemail greeting",
                steps=HANGS_UP_ON_GREETING,
                outcome=Outcome.VOICEMAIL_SILENT,
                reason=Reason.NOTHING_AGAINST,
                text=DELIVERED,
                owner=CANCELLED,
            ),
            ReadsText(),
            _pause(0.5),
            Calls(
                what="calls again, texted already",
                steps=GIVES_UP,
                outcome=Outcome.ABANDONED_RINGING,
                reason=Reason.REPEAT,
                owner=DELIVERED,
            ),
        ),
        missed=2,
    ),
    Story(
        at=3.2,
        caller="07700900117",
        did=REPAIRS,
        acts=(
            Calls(
                what="leaves a voicemail message",
                steps=LEAVES_MESSAGE,
                outcome=Outcome.VOICEMAIL_MESSAGE,
                reason=Reason.NOTHING_AGAINST,
                text=DELIVERED,
                owner=DELIVERED,
            ),
        ),
        missed=1,
    ),
    Story(
        at=4.0,
        caller="anonymous",
        did=SALES,
        acts=(
            Calls(
                what="withholds the number, nobody answers",
                steps=RINGS_OUT,
                outcome=Outcome.NO_ANSWER,
                reason=Reason.WITHHELD,
                owner=DELIVERED,
            ),
        ),
        missed=1,
    ),
)

LATER = (RINGS_OUT, TALKS, HANGS_UP_ON_GREETING, FINDS_ALL_BUSY, GIVES_UP, LEAVES_MESSAGE)
"""What calls after the day are like, one after the other."""
