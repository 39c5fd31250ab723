"""Whether a caller is texted: asked when the call has ended.

Pure and total. The rules are a list; the first that speaks wins, and its reason is kept with the call.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from textbackd.core import guards, number_plan, phone_numbers, templates
from textbackd.core.caller_history import CallerHistory, Consent
from textbackd.core.exclusions import Exclusions
from textbackd.core.guards import Limits
from textbackd.core.number_plan import NOT_A_PHONE_OF_A_PERSON, NumberType, Plan
from textbackd.core.office import Did, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.phone_numbers import E164
from textbackd.core.quiet_hours import QuietHours
from textbackd.core.reasons import CONVERSATION, STAFF, Reason

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

_GAVE_UP = frozenset({Outcome.ABANDONED_RINGING, Outcome.ABANDONED_IVR})
"""Of these it counts how long the caller waited."""
QUIET = QuietHours(dt.time(21), dt.time(8))
"""47 CFR 64.1200(c)(1) for all who sell, and good manners for all others."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the configuration says about whom to text. Times are lengths."""

    office: Office
    text_on: Mapping[Hours, Collection[str]] = dataclasses.field(default_factory=lambda: texted_at_all_hours(TEXTED))
    """A DID may have its own."""
    countries: frozenset[str] = frozenset()
    """ISO 3166 alpha-2; empty: the office's own."""
    texted_countries: frozenset[str] = dataclasses.field(init=False, compare=False, repr=False)
    """Those of ``countries``, or the office's own, and with each the country whose mobiles its own look like."""
    minimum_talk: dt.timedelta = dt.timedelta(seconds=2)
    minimum_wait: dt.timedelta = dt.timedelta(seconds=8)
    minimum_wait_closed: dt.timedelta = dt.timedelta(seconds=4)
    conversation: dt.timedelta = dt.timedelta(hours=1)
    """So long after a text of a caller, or of the staff to one, the two are talking."""
    repeat_window: dt.timedelta = dt.timedelta(hours=24)
    max_per_30_days: int = 3
    quiet_hours: QuietHours | None = QUIET
    """None: nights are as days."""
    instant_at_night: bool = False
    """Whoever rings at night is up, and is texted at once."""
    guards: Limits = dataclasses.field(default_factory=Limits)
    delay: dt.timedelta = dt.timedelta(seconds=5)
    stale_after: dt.timedelta = dt.timedelta(minutes=15)
    exclusions: Exclusions = dataclasses.field(default_factory=Exclusions)
    own_numbers: frozenset[E164] = frozenset()
    """The SIMs', the trunks', the staff's; the owners' and the DIDs are added to them."""
    own_extensions: frozenset[str] = frozenset()
    """As ``phone_numbers.unwrapped`` spells them. They go before the plan, where a few digits may be a number."""
    observing: bool = False
    """Decide everything and send nothing."""

    def __post_init__(self) -> None:
        named = self.countries or {self.office.country}
        texted = frozenset().union(*map(number_plan.countries_of_mobiles, named))
        object.__setattr__(self, "texted_countries", texted)

    def texted_at(self, did: Did, hours: Hours) -> Collection[str]:
        """The outcomes with which calls to a DID are texted."""
        return (did.text_on or self.text_on)[hours]

    def is_own(self, number: E164) -> bool:
        """Whether the number is one of ours."""
        return number in self.own_numbers or number in self.office.own_numbers

    def is_own_caller(self, shown: str, number: E164 | None) -> bool:
        """Whether what the PBX shows of a caller is one of ours, as an extension or as the number it stands for."""
        return (number is not None and self.is_own(number)) or phone_numbers.unwrapped(shown) in self.own_extensions


PolicyNow = Callable[[], Policy]
"""The policy in force; a reload puts another in its place. A call, a text or a request asks for it once."""


def texted_at_all_hours(outcomes: Collection[str]) -> Mapping[Hours, Collection[str]]:
    """The same outcomes whether the office is open or not."""
    return dict.fromkeys(Hours, outcomes)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SendText:
    """Text the caller."""

    to: E164
    template: str
    """Its name, which says whose words it has."""
    text: str
    not_before: dt.datetime
    reason: Reason = Reason.NOTHING_AGAINST
    detail: str = ""
    passed_over: tuple[tuple[str, str], ...] = ()
    """The names of templates that would have come before it, each with what spoke against it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StaySilent:
    """Do not."""

    reason: Reason
    detail: str = ""
    """What makes the reason exact: the label of an exclusion."""


Decision = SendText | StaySilent


class Case(NamedTuple):
    """What the rules look at; a tuple, since every decision makes one."""

    call: Call
    history: CallerHistory
    policy: Policy
    now: dt.datetime
    number: E164 | None
    """The caller's; None where it is none of a phone. No rule behind the one on numbers sees that."""

    @property
    def plan(self) -> Plan:
        """What the plan of its country says of the number; looked up where the history does not have it."""
        if self.history.plan is not None:
            return self.history.plan
        assert self.number is not None, "the rule on numbers has let it pass"
        return self.policy.office.plan(self.number)


Check = Callable[[Case], StaySilent | None]


def decide(call: Call, history: CallerHistory, policy: Policy, now: dt.datetime) -> Decision:
    """Whether to text the caller. ``now`` is when the call was over; it never raises."""
    case = Case(call, history, policy, now, policy.office.e164(call.record.caller))
    for rule in RULES:
        if silent := rule.check(case):
            return silent
    assert case.number is not None, "the rule on numbers has let it pass"
    not_before = by_day(case.plan, call.record.ended_at + policy.delay, policy)
    chosen = templates.choose(call, policy.office, not_before, returning=history.returning)
    return SendText(
        to=case.number,
        template=chosen.template.name,
        text=chosen.text,
        not_before=not_before,
        passed_over=chosen.refused,
    )


# --- the checks -----------------------------------------------------------------------------------------------------


def _outcome(case: Case) -> StaySilent | None:
    texted = case.policy.texted_at(case.call.did, case.call.hours)
    return None if case.call.outcome in texted else StaySilent(reason=Reason.OUTCOME_NOT_TEXTED)


def _withheld(case: Case) -> StaySilent | None:
    record = case.call.record
    # What is a number is no word; to ask that first spares most calls the looking for words.
    if record.withheld or (case.number is None and phone_numbers.is_withheld(record.caller)):
        return StaySilent(reason=Reason.WITHHELD)
    if record.privacy_unknown:
        return StaySilent(reason=Reason.PRIVACY_UNKNOWN)
    return StaySilent(reason=Reason.SPOOFED) if record.spoofed else None


def _number(case: Case) -> StaySilent | None:
    if case.policy.is_own_caller(case.call.record.caller, case.number):
        return StaySilent(reason=Reason.OWN_NUMBER)
    if case.history.is_staff:
        return StaySilent(reason=Reason.OWN_NUMBER, detail=STAFF)
    return None if case.number else StaySilent(reason=Reason.NOT_A_PHONE_NUMBER)


def _consent(case: Case) -> StaySilent | None:
    match case.history.consent:
        case None:
            return None
        case Consent.OUT:
            return StaySilent(reason=Reason.OPTED_OUT)
        case Consent.HOLD:
            return StaySilent(reason=Reason.ON_HOLD)


def _excluded(case: Case) -> StaySilent | None:
    found = case.policy.exclusions.covering(case.number, case.call.record.caller_name, case.history.excluded)
    return StaySilent(reason=Reason.EXCLUDED, detail=found.label) if found else None


def _number_type(case: Case) -> StaySilent | None:
    return nobody_reads_there(case.plan, case.history)


def _country(case: Case) -> StaySilent | None:
    return in_another_country(case.plan, case.policy)


def _too_short(case: Case) -> StaySilent | None:
    call, policy = case.call, case.policy
    if call.outcome not in _GAVE_UP:
        return None
    least = policy.minimum_wait if call.hours is Hours.OPEN else policy.minimum_wait_closed
    return StaySilent(reason=Reason.TOO_SHORT) if call.record.wait_seconds < least.total_seconds() else None


def _already_served(case: Case) -> StaySilent | None:
    served_until = case.history.served_until
    if served_until is not None and served_until > case.call.record.started_at:
        return StaySilent(reason=Reason.ALREADY_SERVED)
    if talking_by_text(case.history, case.policy, case.now):
        return StaySilent(reason=Reason.ALREADY_SERVED, detail=CONVERSATION)
    return None


def _repeat(case: Case) -> StaySilent | None:
    return StaySilent(reason=Reason.REPEAT) if texted_lately(case.history, case.policy, case.now) else None


def _guard(case: Case) -> StaySilent | None:
    guard = guards.tripped(case.history.traffic, case.policy.guards)
    return StaySilent(reason=Reason.GUARD, detail=guard) if guard else None


# --- the table ------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One question about a call; the first with something against a text wins."""

    asks: str
    check: Check
    reasons: tuple[Reason, ...]
    """What it may have against a text."""
    again: bool = False
    """It is asked again when the text is about to leave: the answer may have changed meanwhile."""


RULES: tuple[Rule, ...] = (
    Rule("Is a call with this outcome texted, at these hours?", _outcome, (Reason.OUTCOME_NOT_TEXTED,)),
    Rule(
        "Did the caller show a number, and may it be believed?",
        _withheld,
        (Reason.WITHHELD, Reason.PRIVACY_UNKNOWN, Reason.SPOOFED),
    ),
    Rule(
        "Is it somebody else's phone number?",
        _number,
        (Reason.NOT_A_PHONE_NUMBER, Reason.OWN_NUMBER),
        again=True,
    ),
    Rule("Does the caller want texts?", _consent, (Reason.OPTED_OUT, Reason.ON_HOLD), again=True),
    Rule("Is the caller on no exclusion list?", _excluded, (Reason.EXCLUDED,), again=True),
    Rule(
        "Does a person read texts there?",
        _number_type,
        (Reason.NUMBER_TYPE, Reason.LANDLINE, Reason.UNDELIVERABLE),
        again=True,
    ),
    Rule("Is it in a country that we text?", _country, (Reason.COUNTRY,), again=True),
    Rule("Did the caller wait long enough to want something?", _too_short, (Reason.TOO_SHORT,)),
    Rule("Has nobody spoken with the caller since?", _already_served, (Reason.ALREADY_SERVED,), again=True),
    Rule("Is it the first text for a while?", _repeat, (Reason.REPEAT,), again=True),
    # Quiet hours come here: they silence nobody, the text waits until they are over (``by_day``).
    Rule("Are we far from any bound on texts?", _guard, (Reason.GUARD,), again=True),
)
"""In the order of the specification (product.md section 3)."""


# --- what the recheck asks too --------------------------------------------------------------------------------------


def nobody_reads_there(plan: Plan, history: CallerHistory) -> StaySilent | None:
    """By its plan, or by what became of a text to it."""
    if plan.type in NOT_A_PHONE_OF_A_PERSON:
        return StaySilent(reason=Reason.NUMBER_TYPE, detail=plan.type)
    if plan.type is NumberType.FIXED_LINE:
        return StaySilent(reason=Reason.LANDLINE)
    return StaySilent(reason=Reason.UNDELIVERABLE) if history.undeliverable else None


def in_another_country(plan: Plan, policy: Policy) -> StaySilent | None:
    """Than those that are texted."""
    texted = plan.country in policy.texted_countries
    return None if texted else StaySilent(reason=Reason.COUNTRY, detail=plan.country)


def texted_lately(history: CallerHistory, policy: Policy, now: dt.datetime) -> bool:
    """Whether one more text would be a repeat."""
    last = max(history.texts, default=None)
    recent = last is not None and last > now - policy.repeat_window
    return recent or len(history.texts) >= policy.max_per_30_days


def talking_by_text(history: CallerHistory, policy: Policy, now: dt.datetime) -> bool:
    """Whether the caller and the office write to each other."""
    return history.wrote_at is not None and history.wrote_at > now - policy.conversation


def by_day(plan: Plan, at: dt.datetime, policy: Policy) -> dt.datetime:
    """``at``, or the end of the quiet hours in which it lies where the holder of the plan's number may be."""
    if policy.quiet_hours is None or policy.instant_at_night:
        return at
    return policy.quiet_hours.over_at(at, plan.zones or (policy.office.time_zone,))
