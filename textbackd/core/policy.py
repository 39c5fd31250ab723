"""Whether a caller is texted: asked when the call has ended.

Pure and total. The rules are a list; the first that speaks wins, and its reason is kept with the call.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Mapping

from textbackd.core import templates
from textbackd.core.office import Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.phone_numbers import E164


class Reason(enum.StrEnum):
    """Why a caller was not texted, or ``NOTHING_AGAINST``."""

    OUTCOME_NOT_TEXTED = "outcome_not_texted"
    WITHHELD = "withheld"
    PRIVACY_UNKNOWN = "privacy_unknown"
    NOT_A_PHONE_NUMBER = "not_a_phone_number"
    OWN_NUMBER = "own_number"
    OPTED_OUT = "opted_out"
    ON_HOLD = "on_hold"
    EXCLUDED = "excluded"
    TOO_SHORT = "too_short"
    ALREADY_SERVED = "already_served"
    PERHAPS_SERVED = "perhaps_served"
    REPEAT = "repeat"
    STALE = "stale"
    SUPERSEDED = "superseded"
    OBSERVED = "observed"
    NOTHING_AGAINST = "nothing_against"


IN_WORDS: Mapping[Reason, str] = {
    Reason.OUTCOME_NOT_TEXTED: "calls with this outcome are not texted (rules.text_on)",
    Reason.WITHHELD: "the caller withheld the number or asked for privacy",
    Reason.PRIVACY_UNKNOWN: "the call was over before the PBX could say whether the number was withheld",
    Reason.NOT_A_PHONE_NUMBER: "what the PBX showed is not a number that a text can be sent to",
    Reason.OWN_NUMBER: "the number is one of our own",
    Reason.OPTED_OUT: "the caller asked for no more texts",
    Reason.ON_HOLD: "the caller may have asked for no more texts; a person has to look",
    Reason.EXCLUDED: "the number is on the exclusion list",
    Reason.TOO_SHORT: "the caller gave up too soon (rules.minimum_wait)",
    Reason.ALREADY_SERVED: "the caller has since been on the line with a person",
    Reason.PERHAPS_SERVED: "somebody may have been on the line with the caller while nobody watched the PBX",
    Reason.REPEAT: "the caller was texted lately (rules.repeat_window, rules.max_per_30_days)",
    Reason.STALE: "the text waited too long to be of use (rules.stale_after)",
    Reason.SUPERSEDED: "a newer notice took its place",
    Reason.OBSERVED: "it would have been sent now, but textbackd only observes (mode)",
    Reason.NOTHING_AGAINST: "nothing spoke against a text",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Somebody who is never texted; one of ``number``, ``prefix`` and ``name`` is set."""

    label: str
    """family, crew, supplier, vip, spam, machine, blocked …"""
    number: E164 | None = None
    prefix: str | None = None
    """Of the E.164 number, such as ``+4416329``."""
    name: str | None = None
    """The caller name that the PBX shows, without regard to case."""

    def covers(self, number: E164, name: str) -> bool:
        """Whether this caller is meant."""
        return (
            number == self.number
            or (self.prefix is not None and number.startswith(self.prefix))
            or (self.name is not None and name.casefold() == self.name.casefold())
        )


TEXTED = frozenset(
    {
        Outcome.NO_ANSWER,
        Outcome.BUSY,
        Outcome.UNAVAILABLE,
        Outcome.ABANDONED_RINGING,
        Outcome.ABANDONED_QUEUE,
        Outcome.ABANDONED_IVR,
        Outcome.VOICEMAIL_MESSAGE,
        Outcome.VOICEMAIL_SILENT,
        Outcome.CLOSED,
    }
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the configuration says about whom to text. Times are lengths."""

    office: Office
    text_on: frozenset[Outcome] = TEXTED
    minimum_talk: dt.timedelta = dt.timedelta(seconds=2)
    minimum_wait: dt.timedelta = dt.timedelta(seconds=8)
    minimum_wait_closed: dt.timedelta = dt.timedelta(seconds=4)
    repeat_window: dt.timedelta = dt.timedelta(hours=24)
    max_per_30_days: int = 3
    delay: dt.timedelta = dt.timedelta(seconds=5)
    stale_after: dt.timedelta = dt.timedelta(minutes=15)
    exclusions: tuple[Exclusion, ...] = ()
    own_numbers: frozenset[E164] = frozenset()
    """The SIMs', the trunks', the staff's; the owners' and the DIDs are added to them."""
    observing: bool = False
    """Decide everything and send nothing."""

    def is_own(self, number: E164) -> bool:
        """Whether the number is one of ours."""
        owners = (owner for business in self.office.businesses for owner in business.owners)
        return number in self.own_numbers or number in owners or number in map(self.office.e164, self._ours())

    def _ours(self) -> list[str]:
        return [did.number for did in self.office.dids] + [b.phone for b in self.office.businesses if b.phone]


class Consent(enum.StrEnum):
    """What a number said about texts."""

    OUT = "out"
    HOLD = "hold"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CallerHistory:
    """What is known of a number when a decision about it is made."""

    consent: Consent | None = None
    """None: nothing was said."""
    texts: tuple[dt.datetime, ...] = ()
    """When texts for missed calls to it by this business were made, in the last 30 days; all but failed, cancelled and
    expired ones count, and never the one that is being asked about."""
    served_until: dt.datetime | None = None
    """Until when it last was on the line with a person of ours, whoever rang whom."""
    on_the_line: bool = False
    """It is calling, or being called by us, at this moment."""
    unwatched: bool = False
    """The PBX that its call came to is not watched at this moment."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SendText:
    """Text the caller."""

    to: E164
    template: str
    text: str
    not_before: dt.datetime
    reason: Reason = Reason.NOTHING_AGAINST
    detail: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StaySilent:
    """Do not."""

    reason: Reason
    detail: str = ""
    """What makes the reason exact: the label of an exclusion."""


Decision = SendText | StaySilent

Rule = Callable[[Call, CallerHistory, Policy, dt.datetime], StaySilent | None]


def decide(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> Decision:
    """Whether to text the caller. ``now`` is when the call was over; it never raises."""
    for rule in RULES:
        if silent := rule(call, history, policy, now):
            return silent
    number = policy.office.e164(call.record.caller)
    assert number is not None, "the rule on numbers has let it pass"
    template, text = templates.text_for(call, policy.office)
    return SendText(to=number, template=template, text=text, not_before=call.record.ended_at + policy.delay)


def _outcome(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    return None if call.outcome in policy.text_on else StaySilent(reason=Reason.OUTCOME_NOT_TEXTED)


def _withheld(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    if call.record.withheld:
        return StaySilent(reason=Reason.WITHHELD)
    return StaySilent(reason=Reason.PRIVACY_UNKNOWN) if call.record.privacy_unknown else None


def _number(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    number = policy.office.e164(call.record.caller)
    if number is None:
        return StaySilent(reason=Reason.NOT_A_PHONE_NUMBER)
    return StaySilent(reason=Reason.OWN_NUMBER) if policy.is_own(number) else None


def _consent(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    match history.consent:
        case Consent.OUT:
            return StaySilent(reason=Reason.OPTED_OUT)
        case Consent.HOLD:
            return StaySilent(reason=Reason.ON_HOLD)
    return None


def _excluded(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    label = exclusion(call, policy)
    return StaySilent(reason=Reason.EXCLUDED, detail=label) if label else None


def _too_short(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    if call.outcome not in (Outcome.ABANDONED_RINGING, Outcome.ABANDONED_IVR):
        return None
    least = policy.minimum_wait if call.hours is Hours.OPEN else policy.minimum_wait_closed
    return StaySilent(reason=Reason.TOO_SHORT) if call.record.wait_seconds < least.total_seconds() else None


def _already_served(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    since = history.served_until is not None and history.served_until > call.record.started_at
    return StaySilent(reason=Reason.ALREADY_SERVED) if since else None


def _repeat(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> StaySilent | None:
    return StaySilent(reason=Reason.REPEAT) if texted_lately(history, policy, now) else None


RULES: tuple[Rule, ...] = (
    _outcome,
    _withheld,  # spoofed: where the PBX passes an attestation
    _number,
    _consent,
    _excluded,
    # number type, landline, undeliverable
    # country
    _too_short,
    _already_served,  # a live conversation by text
    _repeat,
    # quiet hours: the text waits
    # guards
)
"""In the order of the specification; the comments keep the places of rules that are still to come."""


def exclusion(call: Call, policy: Policy) -> str:
    """The label under which the caller is excluded, or an empty string."""
    number = policy.office.e164(call.record.caller)
    return label_of(number, call.record.caller_name, policy) if number else ""


def label_of(number: E164, name: str, policy: Policy) -> str:
    """The label under which a number or a caller's name is excluded, or an empty string."""
    return next((e.label for e in policy.exclusions if e.covers(number, name)), "")


def texted_lately(history: CallerHistory, policy: Policy, now: dt.datetime) -> bool:
    """Whether one more text would be a repeat."""
    recent = any(at > now - policy.repeat_window for at in history.texts)
    return recent or len(history.texts) >= policy.max_per_30_days
