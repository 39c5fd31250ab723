"""Alarms: what can be wrong for so long that a person has to know, and how it is told.

A condition begins and may end. It is an alarm once it has lasted as long as ``MEANINGS`` says, and the alarm is over
once the condition has been gone for ``CALM``: what mends itself, and what comes and goes, rings nobody twice.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Collection, Mapping

from textbackd.core import sms_text


class AlarmKind(enum.StrEnum):
    """What is wrong."""

    PBX_DOWN = "pbx_down"
    MODEM_DOWN = "modem_down"
    MODEM_NOT_REGISTERED = "modem_not_registered"
    SIM_FULL = "sim_full"
    TEXTS_UNREADABLE = "texts_unreadable"
    """Those that came in; what goes out still goes."""
    SIM_PIN = "sim_pin"
    SIM_PUK = "sim_puk"
    NO_SERVICE_CENTRE = "no_service_centre"
    ALL_SENDS_FAILING = "all_sends_failing"
    """Whatever the reason: a SIM that is barred or has no credit, a modem that never asks for the text."""
    LOOP_TEST_FAILED = "loop_test_failed"
    TEXTS_UNKNOWN = "texts_unknown"
    GUARD_TRIPPED = "guard_tripped"
    """One for all guards and prefixes: an attack trips several, from thousands of numbers."""
    MAIL_FAILING = "mail_failing"
    WEBHOOK_FAILING = "webhook_failing"


class News(enum.StrEnum):
    """What there is to tell of an alarm."""

    RAISED = "raised"
    CLEARED = "cleared"


class Channel(enum.StrEnum):
    """The ways on which alarms go."""

    LOG = "log"
    MAIL = "mail"
    WEBHOOK = "webhook"
    SMS = "sms"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an alarm says."""

    lasting: dt.timedelta
    """How long the condition must hold before it is an alarm."""
    problem: str
    """What is wrong with ``{subject}``."""
    remedy: str
    """What to do."""


_AT_ONCE = dt.timedelta(0)
GLITCH = dt.timedelta(minutes=1)
"""For so long a modem may fail to send and keep the numbers that it wrote to: a change of cell or of network, a radio
that is switched off and on, a busy service centre take seconds to half a minute. A caller who is texted from another
number than last time loses the thread; a text that is a minute late loses nobody yet.
"""

MEANINGS: Mapping[AlarmKind, Meaning] = {
    AlarmKind.PBX_DOWN: Meaning(
        lasting=dt.timedelta(minutes=2),  # a PBX restarts in less; what was missed is caught up from its record
        problem="PBX {subject} cannot be reached: nobody sees its missed calls",
        remedy="see that it runs and that this machine reaches it; textbackd check tells what it answers",
    ),
    AlarmKind.MODEM_DOWN: Meaning(
        lasting=dt.timedelta(minutes=2),  # a stick that reboots, and the ladder that reopens it, take less
        problem="modem {subject} does not answer: texts wait, and replies are not read",
        remedy="look at its cable and its power, pull it out and put it in again, then run textbackd check",
    ),
    AlarmKind.MODEM_NOT_REGISTERED: Meaning(
        lasting=dt.timedelta(minutes=5),  # a modem that changes its cell or its network is without one for minutes
        problem="modem {subject} has no network: texts wait, and replies do not come in",
        remedy="look at its aerial and its signal, and whether the SIM is active",
    ),
    AlarmKind.SIM_FULL: Meaning(
        lasting=dt.timedelta(minutes=5),  # a burst of texts is stored and deleted within some polls
        problem="the message store of modem {subject} is nearly full: soon no reply comes in",
        remedy="put its SIM into a phone and delete what lies on it; what textbackd has stored it deletes itself",
    ),
    AlarmKind.TEXTS_UNREADABLE: Meaning(
        lasting=dt.timedelta(minutes=5),  # a SIM that is starting refuses for up to a minute (+CMS ERROR 314)
        problem="modem {subject} does not show the texts that came in: nobody reads a reply, nor a STOP",
        remedy="pull it out and put it in again; if that does not help, try its SIM in a phone",
    ),
    AlarmKind.SIM_PIN: Meaning(
        lasting=_AT_ONCE,  # it is tried once and never again: nothing but a person changes it
        problem="the SIM of modem {subject} wants a PIN: textbackd has none, it is wrong, or one try is left",
        remedy="put it into a phone, enter the PIN or switch it off; after three wrong ones the SIM is blocked",
    ),
    AlarmKind.SIM_PUK: Meaning(
        lasting=_AT_ONCE,  # nothing but a person changes it
        problem="the SIM of modem {subject} is blocked and wants its PUK",
        remedy="put it into a phone and enter the PUK that came with the SIM; textbackd never tries one",
    ),
    AlarmKind.NO_SERVICE_CENTRE: Meaning(
        lasting=GLITCH,  # a SIM that is starting may not tell yet
        problem="the SIM of modem {subject} knows no service centre (SMSC): no text can leave",
        remedy="put it into a phone and enter the number there, which its operator tells (docs/modem-setup.md)",
    ),
    AlarmKind.ALL_SENDS_FAILING: Meaning(
        lasting=GLITCH,  # and it is counted over several numbers
        problem="no text gets out by modem {subject}",
        remedy="send a text with its SIM from a phone: it may be barred, or without credit; if that works, pull the"
        " modem out and put it in again",
    ),
    AlarmKind.LOOP_TEST_FAILED: Meaning(
        lasting=_AT_ONCE,  # the test has waited long enough
        problem="the test text of modem {subject} to itself did not come back",
        remedy="send it a text from a phone, and look at textbackd queue list",
    ),
    AlarmKind.TEXTS_UNKNOWN: Meaning(
        lasting=dt.timedelta(minutes=15),  # most delivery reports, which settle it, are there by then
        problem="nobody knows whether some texts of modem {subject} were sent",
        remedy="look at textbackd queue list, and release or cancel each by hand",
    ),
    AlarmKind.GUARD_TRIPPED: Meaning(
        lasting=_AT_ONCE,  # what it counts has happened already
        problem="too many callers to text (rules.guards): some get none, and are leads; perhaps numbers are forged",
        remedy="look at textbackd guards and textbackd calls, and call the leads back; where it was a rush of real "
        "callers, textbackd guards clear GUARD lets the next texts through",
    ),
    AlarmKind.MAIL_FAILING: Meaning(
        lasting=dt.timedelta(minutes=15),  # mail servers restart, and greylisting (RFC 6647) takes minutes
        problem="mail about alarms does not get through",
        remedy="run textbackd check: it tells what the mail server says",
    ),
    AlarmKind.WEBHOOK_FAILING: Meaning(
        lasting=dt.timedelta(minutes=15),  # as for mail
        problem="the webhook about alarms does not get through",
        remedy="see that alarms.webhook.url is right and that somebody answers there",
    ),
}

CALM = dt.timedelta(minutes=2)
"""How long a condition must be gone: a stick that reboots every minute is one alarm, not one per minute."""
TEXTED_AFTER = dt.timedelta(minutes=15)
"""An alarm that neither mail nor webhook could tell for so long goes to the owners by SMS."""
WORTH_TELLING = dt.timedelta(days=7)
"""An alarm that was over before this is no news, such as for a channel that has just been configured."""

OWN_KIND: Mapping[Channel, AlarmKind] = {
    Channel.MAIL: AlarmKind.MAIL_FAILING,
    Channel.WEBHOOK: AlarmKind.WEBHOOK_FAILING,
}
"""The alarm that a channel itself may be. To get through is its end."""
ALWAYS_TEXTED = frozenset({AlarmKind.GUARD_TRIPPED})
"""What goes to the owners by SMS at once, whoever else was told: the SIM works, and it is their money and callers."""
_SILENT = frozenset({AlarmKind.MODEM_DOWN, AlarmKind.SIM_PIN, AlarmKind.SIM_PUK})
"""While one of these holds, a modem does not answer."""
_MUTE = frozenset({AlarmKind.MODEM_NOT_REGISTERED, AlarmKind.NO_SERVICE_CENTRE, AlarmKind.ALL_SENDS_FAILING})
"""It answers, and cannot send."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A condition that has lasted long enough."""

    id: int
    kind: AlarmKind
    subject: str
    """Which PBX or modem; empty where there is but one such thing."""
    detail: str
    """What was seen last, such as an error; one line."""
    began_at: dt.datetime
    cleared_at: dt.datetime | None

    @property
    def problem(self) -> str:
        """What is wrong, as a sentence without its full stop."""
        return MEANINGS[self.kind].problem.format(subject=self.subject)

    @property
    def remedy(self) -> str:
        """What to do about it, likewise."""
        return MEANINGS[self.kind].remedy


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An alarm that is to be told, and how: the same on every channel."""

    alarm: Alarm
    news: News
    attempts: int
    """Tries on this channel that failed."""

    @property
    def key(self) -> str:
        """Of one telling, the same at each try: receivers drop what they have already by it."""
        return f"alarm-{self.alarm.id}-{self.alarm.began_at:%Y%m%dT%H%M%S}-{self.news}"


def raised_at(kind: AlarmKind, began_at: dt.datetime) -> dt.datetime:
    """From when on a condition is an alarm."""
    return began_at + MEANINGS[kind].lasting


def texted_at(kind: AlarmKind, raised: dt.datetime) -> dt.datetime:
    """From when on an alarm goes by SMS that no other channel has told, or that always goes.

    That another channel fails has been waited for already.
    """
    at_once = kind in OWN_KIND.values() or kind in ALWAYS_TEXTED
    return raised if at_once else raised + TEXTED_AFTER


def why_mute(modem: str, conditions: Collection[Alarm], now: dt.datetime) -> frozenset[AlarmKind]:
    """What has kept a modem that answers from sending for longer than a glitch; empty where it can.

    ``conditions`` need not be alarms yet.
    """
    lasting = [one for one in conditions if one.subject == modem and one.began_at + GLITCH <= now]
    return frozenset(one.kind for one in lasting if one.kind in _MUTE)


def can_text(modems: Collection[str], conditions: Collection[Alarm], now: dt.datetime) -> bool:
    """Whether a text would leave by one of these modems."""
    silent = {one.subject for one in conditions if one.kind in _SILENT}
    return any(modem not in silent and not why_mute(modem, conditions, now) for modem in modems)


def one_line(detail: str) -> str:
    """A detail as it may stand in a header, a log and a database, whoever wrote it."""
    return " ".join("".join(character if character.isprintable() else " " for character in detail).split())[:500]


def headline(telling: Telling, business: str) -> str:
    """``textbackd at Hill Plumbing: modem gsm does not answer: …``, the subject of a mail."""
    over = "over: " if telling.news is News.CLEARED else ""
    return f"textbackd at {one_line(business)}: {over}{telling.alarm.problem}"


def letter(telling: Telling, zone: dt.tzinfo) -> str:
    """The body of a mail; its times are of the office."""
    alarm = telling.alarm
    lines = [f"{_sentence(alarm.problem)}.", ""]
    lines += [f"Seen:   {alarm.detail}"] if alarm.detail else []
    lines += [f"Since:  {_local(alarm.began_at, zone)}"]
    if telling.news is News.CLEARED:
        lines += [f"Until:  {_local(alarm.cleared_at, zone)}" if alarm.cleared_at else "Now it works again."]
    else:
        lines += [f"To do:  {alarm.remedy}."]
    return "\n".join([*lines, "", "textbackd status tells how it is now.", ""])


def document(telling: Telling, business: str) -> dict[str, str | None]:
    """What a webhook is given; ``text`` alone says it all, as chat rooms want it."""
    alarm, over = telling.alarm, telling.news is News.CLEARED
    return {
        "id": telling.key,
        "event": f"alarm.{telling.news}",
        "kind": alarm.kind,
        "subject": alarm.subject,
        "problem": alarm.problem,
        "detail": alarm.detail,
        "remedy": alarm.remedy,
        "business": business,
        "began_at": alarm.began_at.isoformat(),
        "cleared_at": alarm.cleared_at.isoformat() if alarm.cleared_at else None,
        "text": headline(telling, business) + ("" if over else f". To do: {alarm.remedy}."),
    }


def text_message(telling: Telling, zone: dt.tzinfo) -> str:
    """The owner's SMS, in one part: ``ALARM since 14:02: modem gsm does not answer: …``."""
    alarm = telling.alarm
    word = "OVER" if telling.news is News.CLEARED else "ALARM"
    return sms_text.split(f"{word} since {alarm.began_at.astimezone(zone):%H:%M}: {alarm.problem}")[0]


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _local(at: dt.datetime, zone: dt.tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone})"
