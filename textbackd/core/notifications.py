"""What the owner reads: one part, the caller's number last, so that a phone makes it a link."""

import datetime as dt
import enum

from textbackd.core import sms_text
from textbackd.core.outcomes import Outcome

LONGEST_LABEL = 20
"""So that the rest fits into 70 characters, should the label be written in letters that cost."""
_WORDS = {
    Outcome.ANSWERED: "VOICEMAIL?",  # a lead only where a mobile's voicemail may have answered
    Outcome.ANSWERED_BRIEFLY: "CUT OFF",
    Outcome.ANSWERED_THEN_LOST: "LOST",
    Outcome.ANSWERED_THEN_VOICEMAIL: "VOICEMAIL",
    Outcome.NO_ANSWER: "MISSED",
    Outcome.BUSY: "BUSY",
    Outcome.UNAVAILABLE: "UNREACHED",
    Outcome.ABANDONED_RINGING: "MISSED",
    Outcome.ABANDONED_QUEUE: "QUEUE",
    Outcome.ABANDONED_IVR: "MENU",
    Outcome.VOICEMAIL_MESSAGE: "VOICEMAIL",
    Outcome.VOICEMAIL_SILENT: "MISSED",
    Outcome.CLOSED: "CLOSED",
    Outcome.UNKNOWN: "UNSURE",
}


def missed_call(
    *, lead_id: int, outcome: Outcome, at: dt.datetime, label: str, calls: int, number: str, urgent: bool
) -> str:
    """``#12 MISSED 14:02 Sales x2 +447700900123``. ``at`` is in the office's zone; ``number`` as it can be rung."""
    times = f"x{calls}" if calls > 1 else ""
    return _one_part(
        f"#{lead_id}",
        "URGENT" if urgent else "",
        _WORDS[outcome],
        f"{at:%H:%M}",
        label[:LONGEST_LABEL],
        times,
        last=number,
    )


class Completeness(enum.StrEnum):
    """How much there is of what somebody wrote; a long text comes in parts, and one may be late."""

    WHOLE = "REPLY"
    INCOMPLETE = "REPLY, PART MISSING"
    NOW_WHOLE = "REPLY, NOW WHOLE"
    """The owner has read a piece of it."""


def reply(
    *,
    lead_id: int,
    at: dt.datetime,
    label: str,
    words: str,
    number: str,
    completeness: Completeness = Completeness.WHOLE,
) -> str:
    """``#12 REPLY 14:05 Sales "water under sink" +447700900123``; the words are cut where they do not fit."""
    return _one_part(f"#{lead_id}", completeness, f"{at:%H:%M}", label[:LONGEST_LABEL], words=words, last=number)


def picture(*, lead_id: int, at: dt.datetime, number: str) -> str:
    """``#12 PICTURE 14:05 sent a picture, which the modem cannot fetch +447700900123``."""
    return _one_part(
        f"#{lead_id}", "PICTURE", f"{at:%H:%M}", "sent a picture, which the modem cannot fetch", last=number
    )


def call_to_sim(*, lead_id: int, at: dt.datetime, number: str) -> str:
    """``#12 MISSED 14:02 called the SIM's own number +447700900123``."""
    return _one_part(f"#{lead_id}", "MISSED", f"{at:%H:%M}", "called the SIM's own number", last=number)


def _one_part(*front: str, words: str = "", last: str) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    quoted, cut = words, words
    while True:
        text = " ".join(part for part in (*front, f'"{quoted}"' if quoted else "", last) if part)
        if len(sms_text.split(text)) == 1:
            return text
        if not cut:
            # The label alone is too long, or written in letters that cost.
            return sms_text.split(f"{front[0]} {last}")[0]
        cut = cut[:-1]
        quoted = f"{cut.rstrip()}.." if cut else ""
