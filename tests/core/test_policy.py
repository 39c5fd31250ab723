"""Whether a caller is texted: each rule, its neighbours in the order, and what no change of history can do."""

import dataclasses
import datetime as dt
import zoneinfo
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER, NOON, OWNER, a_call, a_history, a_policy, a_record, an_office, seconds
from textbackd.core import policy as rules
from textbackd.core.caller_history import CallerHistory, Consent
from textbackd.core.exclusions import Exclusion, Exclusions
from textbackd.core.guards import Limits, Traffic
from textbackd.core.number_plan import NumberType, Plan
from textbackd.core.office import Business, Did
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Policy, SendText, StaySilent, decide
from textbackd.core.quiet_hours import QuietHours
from textbackd.core.reasons import IN_WORDS, Reason

NOW = NOON + seconds(20)
"""When ``a_call`` is over."""
DAY = dt.timedelta(days=1)
VIP = Exclusion(label="vip", number=CALLER)
SPAM = Exclusion(label="spam", number=CALLER)


def reason(call: Call, history: CallerHistory | None = None, policy: Policy | None = None) -> Reason:
    return decide(call, history or a_history(), policy or a_policy(), NOW).reason


def test_nothing_speaks_against_a_missed_caller() -> None:
    """He is texted, a little after the end of his call."""
    decision = decide(a_call(), a_history(), a_policy(), NOW)

    assert isinstance(decision, SendText)
    assert (decision.to, decision.template, decision.not_before) == (CALLER, "en/general/missed", NOON + seconds(25))
    assert decision.text.startswith("Hill Plumbing: ")
    assert decision.reason is Reason.NOTHING_AGAINST


# --- each rule -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", Outcome)
def test_what_is_texted_by_default(outcome: Outcome) -> None:
    """The table of the specification."""
    not_texted = {
        *(Outcome.ANSWERED, Outcome.ANSWERED_BRIEFLY, Outcome.ANSWERED_THEN_LOST, Outcome.ANSWERED_THEN_VOICEMAIL),
        *(Outcome.NOT_OFFERED, Outcome.UNKNOWN),
    }
    expected = Reason.OUTCOME_NOT_TEXTED if outcome in not_texted else Reason.NOTHING_AGAINST

    assert expected is reason(a_call(outcome=outcome))


def test_the_configuration_says_which_outcomes_are_texted() -> None:
    """Fewer, or more."""
    policy = a_policy(text_on=frozenset({Outcome.ANSWERED_BRIEFLY}))

    assert reason(a_call(), policy=policy) is Reason.OUTCOME_NOT_TEXTED
    assert reason(a_call(outcome=Outcome.ANSWERED_BRIEFLY), policy=policy) is Reason.NOTHING_AGAINST


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("84433", Reason.NOT_A_PHONE_NUMBER),
        ("101", Reason.NOT_A_PHONE_NUMBER),
        ("50111", Reason.OWN_NUMBER),
        ("", Reason.WITHHELD),
        ("anonymous", Reason.WITHHELD),
        ("7378742833", Reason.WITHHELD),
        ("07700900001", Reason.OWN_NUMBER),
        ("01632960101", Reason.OWN_NUMBER),
        ("07700900555", Reason.OWN_NUMBER),
        ("01632960155", Reason.OWN_NUMBER),
        ("07700900124", Reason.NOTHING_AGAINST),
    ],
)
def test_a_text_goes_to_a_number_that_is_not_ours(caller: str, expected: Reason) -> None:
    """Ours are the owners', the DIDs, the phone that callers read, and what the configuration lists. A word in place of
    a number is none, whatever else the PBX said of it.
    """
    business = Business(name="Hill Plumbing", phone="01632 960155", owners=(OWNER,))
    policy = a_policy(
        own_numbers=frozenset({E164("+447700900555")}),
        own_extensions=frozenset({"50111"}),
        office=an_office(businesses=(business,), dids=(Did(number="01632960101"),)),
    )

    assert expected is reason(a_call(a_record(caller=caller)), policy=policy)


def test_an_extension_goes_before_the_plan() -> None:
    """In Austria five digits may be a number, to which a text would go."""
    office = an_office(country="AT", fiction_numbers=False)
    call = a_call(a_record(caller="50111"))

    assert reason(call, policy=a_policy(office=office)) is Reason.NOTHING_AGAINST
    assert reason(call, policy=a_policy(office=office, own_extensions=frozenset({"50111"}))) is Reason.OWN_NUMBER


def test_the_plan_that_was_looked_up_is_asked_for_the_night() -> None:
    """Looking it up takes longer than all else in a decision."""
    elsewhere = Plan(type=NumberType.MOBILE, country="GB", zones=(zoneinfo.ZoneInfo("Asia/Tokyo"),))
    decision = decide(a_call(), a_history(plan=elsewhere), a_policy(), NOW)

    assert isinstance(decision, SendText)
    assert dt.datetime(2026, 11, 18, 23, tzinfo=dt.UTC) == decision.not_before


@pytest.mark.parametrize(("consent", "expected"), [(Consent.OUT, Reason.OPTED_OUT), (Consent.HOLD, Reason.ON_HOLD)])
def test_who_asked_for_no_texts_gets_none(consent: Consent, expected: Reason) -> None:
    """And who may have asked gets none until a person has looked."""
    assert expected is reason(a_call(), a_history(consent=consent))


@pytest.mark.parametrize(
    ("exclusion", "excluded"),
    [
        (SPAM, True),
        (Exclusion(label="spam", number=OWNER), False),
        (Exclusion(label="spam", prefix="+447700900"), True),
        (Exclusion(label="spam", prefix="+4416329"), False),
        (Exclusion(label="spam", name="smith john"), True),
        (Exclusion(label="spam", name="smith"), False),
    ],
)
def test_the_exclusion_list(exclusion: Exclusion, excluded: bool) -> None:
    """By number, by prefix, by the name that the PBX shows, whatever its case."""
    call = a_call(a_record(caller_name="SMITH John"))
    decision = decide(call, a_history(), a_policy(exclusions=[Exclusion(label="x", prefix="+1"), exclusion]), NOW)

    expected = StaySilent(reason=Reason.EXCLUDED, detail="spam") if excluded else None
    assert (expected or Reason.NOTHING_AGAINST) == (decision if excluded else decision.reason)


@pytest.mark.parametrize("outcome", [Outcome.ABANDONED_RINGING, Outcome.ABANDONED_IVR])
@pytest.mark.parametrize(
    ("hours", "wait", "too_short"),
    [
        (Hours.OPEN, 7.9, True),
        (Hours.OPEN, 8.0, False),
        (Hours.CLOSED, 3.9, True),
        (Hours.CLOSED, 4.0, False),
        (Hours.HOLIDAY, 3.9, True),
        (Hours.HOLIDAY, 4.0, False),
    ],
)
def test_who_gives_up_at_once_is_not_texted(outcome: Outcome, hours: Hours, wait: float, too_short: bool) -> None:
    """A misdial is none of ours; out of hours less patience is expected."""
    call = a_call(a_record(wait_seconds=wait), outcome=outcome, hours=hours)

    assert (Reason.TOO_SHORT if too_short else Reason.NOTHING_AGAINST) is reason(call)


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.ABANDONED_QUEUE, Outcome.CLOSED])
def test_the_shortest_wait_is_only_for_those_who_gave_up(outcome: Outcome) -> None:
    """Who heard *busy* at once has been served badly, and shortly."""
    assert reason(a_call(a_record(wait_seconds=0.1), outcome=outcome)) is Reason.NOTHING_AGAINST


@pytest.mark.parametrize(
    ("served_until", "expected"),
    [
        (NOON + seconds(1), Reason.ALREADY_SERVED),
        (NOON, Reason.NOTHING_AGAINST),
        (NOON - seconds(60), Reason.NOTHING_AGAINST),
    ],
)
def test_who_has_since_reached_a_person_is_not_texted(served_until: dt.datetime, expected: Reason) -> None:
    """Since the call began, that is; what he talked of before is another matter."""
    assert expected is reason(a_call(), a_history(served_until=served_until))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), Reason.NOTHING_AGAINST),
        ((NOW - seconds(1),), Reason.REPEAT),
        ((NOW - DAY + seconds(1),), Reason.REPEAT),
        ((NOW - DAY,), Reason.NOTHING_AGAINST),
        ((NOW - 2 * DAY, NOW - 9 * DAY), Reason.NOTHING_AGAINST),
        ((NOW - 2 * DAY, NOW - 9 * DAY, NOW - 29 * DAY), Reason.REPEAT),
        ((NOW - 9 * DAY, NOW - seconds(1)), Reason.REPEAT),
        ((NOW - seconds(1), NOW - 9 * DAY), Reason.REPEAT),
    ],
)
def test_a_caller_is_not_texted_again_and_again(texts: tuple[dt.datetime, ...], expected: Reason) -> None:
    """Once a day, and three times in thirty days."""
    assert expected is reason(a_call(), a_history(texts=texts))


@pytest.mark.parametrize(
    ("wrote", "expected"),
    [
        (NOW, Reason.ALREADY_SERVED),
        (NOW - seconds(3599), Reason.ALREADY_SERVED),
        (NOW - seconds(3600), Reason.NOTHING_AGAINST),
    ],
)
def test_no_machine_cuts_into_a_conversation(wrote: dt.datetime, expected: Reason) -> None:
    """Caller and staff text each other: the staff sees the missed call in the same thread."""
    assert expected is reason(a_call(), a_history(wrote_at=wrote))


def test_a_mobile_that_the_pbx_rings_for_callers_is_ours() -> None:
    """Whoever holds it works here."""
    assert reason(a_call(), a_history(is_staff=True)) is Reason.OWN_NUMBER


def test_the_lists_that_are_not_in_the_configuration() -> None:
    """Those that somebody imported."""
    decision = decide(a_call(), a_history(excluded=VIP), a_policy(), NOW)

    assert decision == StaySilent(reason=Reason.EXCLUDED, detail="vip")


@pytest.mark.parametrize(
    ("configured", "label"),
    [
        ({"number": CALLER}, "crew"),
        ({"prefix": CALLER[:-1]}, "vip"),
        ({"name": "Bob"}, "vip"),
    ],
)
def test_the_nearest_of_both_lists_decides(configured: dict[str, Any], label: str) -> None:
    """A number by hand goes before all but the same number in the configuration."""
    policy = a_policy(exclusions=[Exclusion(label="crew", **configured)])
    decision = decide(a_call(a_record(caller_name="Bob")), a_history(excluded=VIP), policy, NOW)

    assert decision == StaySilent(reason=Reason.EXCLUDED, detail=label)


@pytest.mark.parametrize(
    ("caller", "country", "countries", "expected"),
    [
        ("+447400123456", "GB", (), (Reason.NOTHING_AGAINST, "")),
        ("02071838750", "GB", (), (Reason.LANDLINE, "")),
        ("09012345678", "GB", (), (Reason.NUMBER_TYPE, "premium_rate")),
        ("+18005551234", "US", (), (Reason.NUMBER_TYPE, "toll_free")),
        ("+12125551234", "US", (), (Reason.NOTHING_AGAINST, "")),
        ("+12045061234", "US", (), (Reason.COUNTRY, "CA")),
        ("+18765551234", "US", (), (Reason.COUNTRY, "JM")),
        ("+18765551234", "US", ("US", "JM"), (Reason.NOTHING_AGAINST, "")),
        ("+447797712345", "GB", (), (Reason.COUNTRY, "JE")),
        ("+353851234567", "GB", ("GB", "IE"), (Reason.NOTHING_AGAINST, "")),
        ("+447400123456", "GB", ("IE",), (Reason.COUNTRY, "GB")),
        ("+77012345678", "RU", (), (Reason.COUNTRY, "KZ")),
        ("+38344123456", "RS", (), (Reason.COUNTRY, "XK")),
        ("+590690001234", "MF", (), (Reason.NOTHING_AGAINST, "")),
        ("+590690001234", "BL", (), (Reason.NOTHING_AGAINST, "")),
        ("+4741234567", "SJ", (), (Reason.NOTHING_AGAINST, "")),
        ("+358412345678", "AX", (), (Reason.NOTHING_AGAINST, "")),
        ("+212650123456", "EH", (), (Reason.NOTHING_AGAINST, "")),
        ("+393123456789", "VA", (), (Reason.NOTHING_AGAINST, "")),
        ("+61412345678", "CC", (), (Reason.NOTHING_AGAINST, "")),
        ("+61412345678", "CX", (), (Reason.NOTHING_AGAINST, "")),
        ("+447924123456", "IM", (), (Reason.NOTHING_AGAINST, "")),
        ("+447624123456", "IM", (), (Reason.NOTHING_AGAINST, "")),
        ("+447797712345", "IM", (), (Reason.COUNTRY, "JE")),
        ("+590690001234", "FR", (), (Reason.COUNTRY, "GP")),
        ("+590690001234", "FR", ("FR", "MF"), (Reason.NOTHING_AGAINST, "")),
        ("+447911123456", "GB", (), (Reason.COUNTRY, "GG")),
        ("+447911123456", "GB", ("GB", "GG"), (Reason.NOTHING_AGAINST, "")),
        ("+12125550123", "GB", (), (Reason.NOTHING_AGAINST, "")),  # of fiction: a mobile of the home country
    ],
)
def test_where_texts_go(caller: str, country: str, countries: tuple[str, ...], expected: tuple[Reason, str]) -> None:
    """To phones of people, at home."""
    policy = a_policy(office=an_office(country=country), countries=frozenset(countries), quiet_hours=None)
    decision = decide(a_call(a_record(caller=caller)), a_history(), policy, NOW)

    assert (decision.reason, decision.detail) == expected


@pytest.mark.parametrize(
    ("ended", "zone", "caller", "values", "leaves"),
    [
        ("2026-11-18 20:59:50", "Europe/London", CALLER, {}, "2026-11-18 20:59:55"),
        ("2026-11-18 20:59:56", "Europe/London", CALLER, {}, "2026-11-19 08:00"),
        ("2026-11-18 23:00", "Europe/London", CALLER, {"instant_at_night": True}, "2026-11-18 23:00:05"),
        ("2026-11-18 23:00", "Europe/London", CALLER, {"quiet_hours": None}, "2026-11-18 23:00:05"),
        ("2026-11-18 09:00", "America/New_York", "+13105551234", {}, "2026-11-18 11:00"),
        ("2026-11-18 09:00", "America/New_York", "+13105550123", {}, "2026-11-18 11:00"),
        ("2026-11-18 22:00", "America/Los_Angeles", "+12125551234", {}, "2026-11-19 05:00"),
        ("2026-11-18 09:00", "America/New_York", "+12125551234", {}, "2026-11-18 09:00:05"),
    ],
)
def test_at_night_a_text_waits(ended: str, zone: str, caller: str, values: dict[str, object], leaves: str) -> None:
    """For the morning where the caller is; the times of this table are the office's."""
    at, wanted = (
        dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)
        for text in (ended, leaves)
    )
    country = "US" if zone.startswith("America") else "GB"
    policy = a_policy(office=an_office(country=country, time_zone=zoneinfo.ZoneInfo(zone)), **values)
    decision = decide(a_call(a_record(caller=caller, ended_at=at)), a_history(), policy, at)

    assert isinstance(decision, SendText)
    assert decision.not_before == wanted


@pytest.mark.parametrize(
    ("hours", "outcome", "texted"),
    [
        (Hours.OPEN, Outcome.BUSY, True),
        (Hours.OPEN, Outcome.NO_ANSWER, False),
        (Hours.CLOSED, Outcome.NO_ANSWER, True),
        (Hours.CLOSED, Outcome.BUSY, False),
        (Hours.HOLIDAY, Outcome.BUSY, False),
    ],
)
def test_what_is_texted_by_the_hours_of_a_did(hours: Hours, outcome: Outcome, texted: bool) -> None:
    """It goes before what the rules name."""
    text_on = {Hours.OPEN: {Outcome.BUSY}, Hours.CLOSED: {Outcome.NO_ANSWER}, Hours.HOLIDAY: set[Outcome]()}
    call = a_call(hours=hours, outcome=outcome)
    of_a_did = dataclasses.replace(call, did=dataclasses.replace(call.did, text_on=text_on))

    assert reason(of_a_did) is (Reason.NOTHING_AGAINST if texted else Reason.OUTCOME_NOT_TEXTED)


# --- the order -------------------------------------------------------------------------------------------------------

AGAINST: tuple[Reason, ...] = (
    Reason.OUTCOME_NOT_TEXTED,
    Reason.WITHHELD,
    Reason.PRIVACY_UNKNOWN,
    Reason.SPOOFED,
    Reason.OWN_NUMBER,
    Reason.OPTED_OUT,
    Reason.EXCLUDED,
    Reason.UNDELIVERABLE,
    Reason.COUNTRY,
    Reason.TOO_SHORT,
    Reason.ALREADY_SERVED,
    Reason.REPEAT,
    Reason.GUARD,
)
"""In the order of the specification, all that can be true of one caller at once."""


def everything_against(reasons: tuple[Reason, ...]) -> rules.Decision:
    """The decision on a caller against whom all of these speak."""
    own = frozenset({CALLER} if Reason.OWN_NUMBER in reasons else ())
    policy = a_policy(
        own_numbers=own,
        countries=frozenset({"FR"} if Reason.COUNTRY in reasons else ()),
        exclusions=[SPAM] if Reason.EXCLUDED in reasons else [],
        text_on=frozenset() if Reason.OUTCOME_NOT_TEXTED in reasons else rules.TEXTED,
    )
    history = a_history(
        consent=Consent.OUT if Reason.OPTED_OUT in reasons else None,
        served_until=NOW if Reason.ALREADY_SERVED in reasons else None,
        texts=(NOON,) if Reason.REPEAT in reasons else (),
        undeliverable=Reason.UNDELIVERABLE in reasons,
        traffic=None if Reason.GUARD in reasons else Traffic(),
    )
    record = a_record(
        withheld=Reason.WITHHELD in reasons,
        privacy_unknown=Reason.PRIVACY_UNKNOWN in reasons,
        spoofed=Reason.SPOOFED in reasons,
        wait_seconds=1.0 if Reason.TOO_SHORT in reasons else 60.0,
    )
    return decide(a_call(record, outcome=Outcome.ABANDONED_RINGING), history, policy, NOW)


@pytest.mark.parametrize("first", range(len(AGAINST)))
def test_the_first_rule_that_speaks_wins(first: int) -> None:
    """Each alone, and each before all that come after it."""
    assert AGAINST[first] is everything_against((AGAINST[first],)).reason
    assert AGAINST[first] is everything_against(AGAINST[first:]).reason


def test_nothing_against_at_all() -> None:
    """The same caller is texted, so it is the reasons that silence."""
    assert everything_against(()).reason is Reason.NOTHING_AGAINST


def test_every_reason_has_its_words() -> None:
    """For ``explain``."""
    assert set(Reason) == set(IN_WORDS)


def test_every_reason_against_a_text_has_its_rule() -> None:
    """But those that only come up while a text waits; and the table has them in the order of the specification."""
    of_the_rules = [reason for rule in rules.RULES for reason in rule.reasons]
    of_a_wait = {
        *(Reason.PERHAPS_SERVED, Reason.STALE, Reason.SUPERSEDED, Reason.OBSERVED),
        Reason.NOTHING_AGAINST,
    }

    assert set(of_the_rules) == set(Reason) - of_a_wait
    assert [reason for reason in of_the_rules if reason in AGAINST] == list(AGAINST)


# --- properties ------------------------------------------------------------------------------------------------------

MOMENTS = st.integers(-40 * 86400, 3600).map(lambda s: NOW + seconds(s))
ENDS = st.sampled_from([0, 9 * 3600, 21 * 3600, 37 * 86400]).map(lambda s: NOW + seconds(s))
"""By day, at night, on a holiday."""
CALLS = st.builds(
    lambda outcome, hours, text_on, ended_at, **record: a_call(
        a_record(started_at=ended_at - seconds(20), ended_at=ended_at, **record),
        outcome=outcome,
        hours=hours,
        did=Did(number="01632960101", text_on=text_on),
    ),
    outcome=st.sampled_from(Outcome),
    hours=st.sampled_from(Hours),
    caller=st.sampled_from(["07700900123", "+14155550123", "84433", "anonymous", "07700900001"]) | st.text(max_size=20),
    caller_name=st.sampled_from(["", "SMITH", "{business}"]) | st.text(max_size=20),
    withheld=st.booleans(),
    privacy_unknown=st.booleans(),
    spoofed=st.booleans(),
    wait_seconds=st.floats(0, 100),
    text_on=st.none() | st.frozensets(st.sampled_from(Outcome)).map(rules.texted_at_all_hours),
    ended_at=ENDS,
)
HISTORIES = st.builds(
    CallerHistory,
    plan=st.none()
    | st.builds(
        Plan,
        type=st.sampled_from(NumberType),
        country=st.sampled_from(["GB", "US", ""]),
        zones=st.lists(st.sampled_from(["Europe/London", "America/New_York", "Pacific/Auckland"]), unique=True).map(
            lambda names: tuple(map(zoneinfo.ZoneInfo, names))
        ),
    ),
    consent=st.none() | st.sampled_from(Consent),
    texts=st.lists(MOMENTS, max_size=4).map(tuple),
    served_until=st.none() | MOMENTS,
    on_the_line=st.booleans(),
    is_staff=st.booleans(),
    excluded=st.sampled_from([None, VIP]),
    undeliverable=st.booleans(),
    wrote_at=st.none() | MOMENTS,
    traffic=st.none()
    | st.builds(
        Traffic,
        to_prefix=st.integers(0, 9),
        last_hour=st.integers(0, 30),
        last_day=st.integers(0, 90),
        callers=st.integers(0, 20),
        unanswered=st.integers(0, 20),
        numbers=st.integers(0, 300),
    ),
)
EXCLUSIONS = st.builds(
    Exclusion,
    label=st.sampled_from(["spam", "vip"]),
    number=st.none() | st.just(CALLER),
    prefix=st.none() | st.sampled_from(["+44", "+1"]),
    name=st.none() | st.just("smith"),
)
POLICIES = st.builds(
    a_policy,
    text_on=st.frozensets(st.sampled_from(Outcome)),
    exclusions=st.lists(EXCLUSIONS, max_size=2).map(tuple),
    countries=st.sampled_from([frozenset(), frozenset({"US"}), frozenset({"GB", "US"})]),
    quiet_hours=st.none() | st.sampled_from([rules.QUIET, QuietHours(dt.time(12), dt.time(11, 59))]),
    instant_at_night=st.booleans(),
    max_per_30_days=st.integers(1, 4),
    repeat_window=st.integers(0, 48).map(lambda hours: dt.timedelta(hours=hours)),
)


@hypothesis.given(CALLS, HISTORIES, POLICIES)
def test_every_call_gets_one_decision(call: Call, history: CallerHistory, policy: Policy) -> None:
    """Total and deterministic; a text has a number and words, and its time is not before the end of the call."""
    now = call.record.ended_at
    decision = decide(call, history, policy, now)

    assert decision == decide(call, history, policy, now)
    if isinstance(decision, SendText):
        assert decision.to.startswith("+")
        assert decision.text
        assert decision.not_before >= call.record.ended_at


def _more(traffic: Traffic | None) -> Traffic | None:
    return None if traffic is None else Traffic(**{k: v + 1 for k, v in dataclasses.asdict(traffic).items()})


@hypothesis.given(CALLS, HISTORIES, POLICIES, st.data())
def test_what_speaks_against_a_text_never_turns_silence_into_one(
    call: Call, history: CallerHistory, policy: Policy, data: st.DataObject
) -> None:
    """An opt-out, an exclusion, an answer, a recent text, words, more traffic, a lower bound: each can only silence."""
    now = call.record.ended_at
    before = decide(call, history, policy, now)
    opted_out = dataclasses.replace(history, consent=data.draw(st.sampled_from(Consent)))
    answered = dataclasses.replace(history, served_until=now)
    texted = dataclasses.replace(history, texts=(*history.texts, data.draw(MOMENTS)))
    wrote = dataclasses.replace(history, wrote_at=now)
    busier = dataclasses.replace(history, traffic=data.draw(st.none() | st.builds(_more, st.just(history.traffic))))
    cap = data.draw(st.sampled_from([field.name for field in dataclasses.fields(Limits)]))
    lower = dataclasses.replace(
        policy, guards=dataclasses.replace(policy.guards, **{cap: data.draw(st.integers(0, 5))})
    )
    seldom = dataclasses.replace(policy, max_per_30_days=policy.max_per_30_days - 1)
    longer = dataclasses.replace(policy, repeat_window=policy.repeat_window + dt.timedelta(days=1))
    excluded = dataclasses.replace(policy, exclusions=Exclusions([*policy.exclusions.entries, data.draw(EXCLUSIONS)]))

    for after in (
        decide(call, opted_out, policy, now),
        decide(call, answered, policy, now),
        decide(call, texted, policy, now),
        decide(call, wrote, policy, now),
        decide(call, busier, policy, now),
        decide(call, history, excluded, now),
        decide(call, history, lower, now),
        decide(call, history, seldom, now),
        decide(call, history, longer, now),
    ):
        assert isinstance(before, SendText) or isinstance(after, StaySilent)
    assert isinstance(decide(call, opted_out, policy, now), StaySilent)
