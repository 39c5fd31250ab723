"""How an explanation reads: a sentence for each step of a call, and for each thing that happened to a text."""

from collections.abc import Mapping

from textbackd.core.call_records import Step, What
from textbackd.core.channel_events import DialResult, Stage
from textbackd.core.outgoing import MessageEvent
from textbackd.core.reasons import CONVERSATION, IN_WORDS, STAFF, Reason
from textbackd.store import outbox

_STEPS: Mapping[What, str] = {
    What.ARRIVED: "the call came in for {who}",
    What.DIALLED: "{who} was rung",
    What.DIAL_OVER: "the PBX summed up its dialling: {value}",
    What.GAVE_UP: "the ringing was cancelled",
    What.SENT_ON: "the caller was transferred",
    What.PICKED_UP: "{who} took the call",
    What.QUEUE_LEFT: "the queue let go of the caller ({value})",
    What.MESSAGE: "a voicemail message was left",
    What.JOINED: "{who} was on the line with the caller",
    What.PARTED: "nobody was on the line with the caller any more",
    What.HUNG_UP: "the caller hung up",
    What.GONE: "the caller's line was closed",
    What.NOT_SEEN: "events are missing from here on, or before",
}
_STAGES: Mapping[Stage, str] = {
    Stage.DIAL: "the PBX began to dial",
    Stage.MENU: "the caller was in the menu {who}",
    Stage.QUEUE: "the caller came to the queue {who}",
    Stage.VOICEMAIL: "the caller came to the voicemail of {who}",
    Stage.MAILBOX: "the caller listened to a mailbox",
    Stage.ANNOUNCEMENT: "an announcement was played ({who})",
    Stage.CLOSED: "the dialplan said that the office is closed",
    Stage.PARKED: "the call was parked at {who}",
    Stage.CONFERENCE: "the caller came to the conference {who}",
    Stage.BLOCKED: "the PBX turned the caller away ({who})",
    Stage.BUSY_TONE: "the caller heard the busy signal",
    Stage.CONGESTION_TONE: "the caller heard that the call could not be put through",
}
_RESULTS: Mapping[DialResult, str] = {
    DialResult.ANSWERED: "{who} picked up",
    DialResult.NO_ANSWER: "{who} did not pick up",
    DialResult.BUSY: "{who} was busy, or declined",
    DialResult.UNAVAILABLE: "{who} could not be reached",
    DialResult.CANCELLED: "{who} was no longer rung",
    DialResult.FORWARDED: "{who} forwards its calls",
}
_EXACT: Mapping[tuple[str, str], str] = {
    (Reason.OWN_NUMBER, STAFF): "the PBX rings this number for callers: it is one of the staff's",
    (Reason.ALREADY_SERVED, CONVERSATION): "the caller and the office write to each other (rules.conversation)",
}
"""By the reason and its detail."""
_QUEUED = "queue"
"""What is kept of a text's beginning; no event of its table."""
_CHANGES: Mapping[str, str] = {
    _QUEUED: "it was put into the queue",
    outbox.KEPT_BACK: "it had to wait",
    outbox.REWORDED: "it was given words that are true now, in place of",
    MessageEvent.HOLD: "it was held back",
    MessageEvent.RELEASE: "it was let go",
    MessageEvent.CANCEL: "it was cancelled",
    MessageEvent.GREW_STALE: "it was given up",
    MessageEvent.BROKE_OFF: "it was given up when only a part of it had gone out",
    MessageEvent.CLAIMED: "it was given to the modem",
    MessageEvent.ACCEPTED: "the network took it",
    MessageEvent.NOT_SENT: "it could not be sent, and was to be tried again",
    MessageEvent.REFUSED: "it could not be sent, and no new try would help",
    MessageEvent.NO_ANSWER: "nobody knows whether it went out",
    MessageEvent.RESUMED: "it had gone out so far, and the rest was to follow",
    MessageEvent.REPORTED_DELIVERED: "it reached the phone",
    MessageEvent.REPORTED_UNDELIVERABLE: "the network could not bring it to the phone",
}


def of_step(step: Step) -> str:
    """What happened to the call."""
    match step.what:
        case What.STAGE:
            sentence = _STAGES[Stage(step.value)]
        case What.GONE if step.value:
            sentence = "the caller's line was closed ({value})"
        case What.RESULT | What.HALF_RESULT:
            sentence = _RESULTS[DialResult(step.value)]
        case _:
            sentence = _STEPS[step.what]
    return sentence.format(who=step.who or "somebody", value=step.value)


def of_reason(reason: str, more: str = "") -> str:
    """A reason in words, with what makes it exact; what is no ``Reason`` stands for itself."""
    if (reason, more) in _EXACT:
        return _EXACT[reason, more]
    if reason.startswith(f"{Reason.GUARD}:"):  # of a text that waits, or has waited, for one
        reason, more = reason.split(":", 1)
    words = IN_WORDS[Reason(reason)] if reason in set(Reason) else reason
    return f"{words} ({more.replace('_', ' ')})" if more else words


def of_change(event: str, detail: str, more: str = "") -> str:
    """What happened to a text, and why; ``more`` makes the reason exact."""
    match event:
        case MessageEvent.CLAIMED:
            return f"{_CHANGES[event]} {detail}"
        case MessageEvent.REPORTED_DELIVERED:
            return _CHANGES[event]
    why = of_reason(detail, more)
    return f"{_CHANGES[event]}: {why}" if why else _CHANGES[event]
