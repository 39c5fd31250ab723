"""Whether a queued text should still go, for each kind of text."""

import dataclasses

import pytest

from tests.builders import NOON, OWNER, a_history, a_message, a_policy, an_office, seconds
from textbackd.core.caller_history import CallerHistory, Consent
from textbackd.core.exclusions import Exclusion
from textbackd.core.guards import Guard, Shut
from textbackd.core.outgoing import MessageKind
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import RULES
from textbackd.core.reasons import Reason
from textbackd.core.recheck import Cancel, Expire, Go, Recheck, Wait, recheck

DUE = NOON + seconds(25)
"""When ``a_message`` may leave."""
LATE = {
    MessageKind.ACKNOWLEDGEMENT: seconds(300),
    MessageKind.CALLER: seconds(900),
    MessageKind.OWNER: seconds(86400),
    MessageKind.STAFF: seconds(86400),
    MessageKind.TEST: seconds(900),
}
SINCE = NOON + seconds(1)
MORNING = NOON.replace(hour=8)
"""The end of the quiet hours."""


@pytest.mark.parametrize("kind", MessageKind)
def test_a_text_that_has_waited_too_long_expires(kind: MessageKind) -> None:
    """A confirmation within minutes, a text to a caller or a test within a quarter of an hour, others within a day."""
    message = a_message(kind=kind)

    assert recheck(message, a_history(), a_policy(), DUE + LATE[kind]) == Go()
    assert recheck(message, a_history(), a_policy(), DUE + LATE[kind] + seconds(1)) == Expire()


@pytest.mark.parametrize(
    ("kind", "history", "expected"),
    [
        (MessageKind.CALLER, a_history(), Go()),
        (MessageKind.CALLER, a_history(served_until=NOON), Go()),
        (MessageKind.CALLER, a_history(served_until=SINCE), Cancel(reason=Reason.ALREADY_SERVED)),
        (MessageKind.CALLER, a_history(consent=Consent.OUT), Cancel(reason=Reason.OPTED_OUT)),
        (MessageKind.CALLER, a_history(consent=Consent.HOLD), Cancel(reason=Reason.ON_HOLD)),
        (MessageKind.CALLER, a_history(texts=(NOON,)), Cancel(reason=Reason.REPEAT)),
        (MessageKind.CALLER, a_history(on_the_line=True), Wait(until=DUE + seconds(2))),
        (MessageKind.CALLER, a_history(on_the_line=True, consent=Consent.OUT), Cancel(reason=Reason.OPTED_OUT)),
        (MessageKind.CALLER, a_history(unwatched=True), Wait(until=DUE + seconds(2))),
        (MessageKind.OWNER, a_history(unwatched=True, consent=Consent.HOLD, texts=(NOON,)), Go()),
        (MessageKind.OWNER, a_history(on_the_line=True), Wait(until=DUE + seconds(2))),
        (MessageKind.OWNER, a_history(consent=Consent.OUT), Cancel(reason=Reason.OPTED_OUT)),
        (MessageKind.OWNER, a_history(served_until=SINCE), Cancel(reason=Reason.ALREADY_SERVED)),
        (MessageKind.STAFF, a_history(served_until=SINCE, on_the_line=True, texts=(NOON,)), Go()),
        (MessageKind.STAFF, a_history(consent=Consent.OUT), Cancel(reason=Reason.OPTED_OUT)),
        (MessageKind.TEST, a_history(consent=Consent.OUT), Cancel(reason=Reason.OPTED_OUT)),
        (MessageKind.ACKNOWLEDGEMENT, a_history(served_until=SINCE, consent=Consent.OUT, texts=(NOON,)), Go()),
    ],
)
def test_what_has_become_of_the_reasons(kind: MessageKind, history: CallerHistory, expected: Recheck) -> None:
    """STOP, a person reached, the caller on the line: asked again at the last moment, for whom it matters."""
    assert expected == recheck(a_message(kind=kind), history, a_policy(), DUE)


@pytest.mark.parametrize(("countries", "expected"), [((), Go()), (("GB",), Cancel(reason=Reason.COUNTRY))])
def test_a_country_whose_mobiles_look_like_anothers(countries: tuple[str, ...], expected: Recheck) -> None:
    """Who is texted in Svalbard has a Norwegian number."""
    policy = a_policy(office=an_office(country="SJ"), countries=frozenset(countries))

    assert expected == recheck(a_message(to=E164("+4741234567")), a_history(), policy, DUE)


def test_a_text_that_has_begun_is_ended() -> None:
    """Whatever came up after its first part; but not when it is of no use any more."""
    night, history = DUE.replace(hour=22), a_history(served_until=DUE, texts=(DUE,), on_the_line=True)
    text = a_message(not_before=night)

    assert Go() == recheck(text, history, a_policy(), night, begun=True)
    assert Expire() == recheck(text, history, a_policy(), night + seconds(16 * 60), begun=True)


def test_words_are_told_whoever_was_reached_since() -> None:
    """The owner reads what the caller wrote, also when somebody has talked with him meanwhile."""
    notice = a_message(kind=MessageKind.OWNER, of_a_reply=True)

    assert recheck(notice, a_history(served_until=SINCE), a_policy(), DUE) == Go()


def test_what_is_about_no_caller_waits_for_none() -> None:
    """An alarm goes also while the owner himself is on the line with the office; but not to one who said STOP."""
    alarm = a_message(kind=MessageKind.OWNER, about=None)

    assert Go() == recheck(alarm, a_history(served_until=SINCE, on_the_line=True), a_policy(), DUE)
    assert Cancel(reason=Reason.OPTED_OUT) == recheck(alarm, a_history(consent=Consent.OUT), a_policy(), DUE)


@pytest.mark.parametrize(
    ("guard", "opens_in", "expected"),
    [
        (Guard.PER_HOUR, 900, Wait(until=DUE + seconds(900), reason="guard:per_hour")),
        (Guard.PER_DAY, 901, Expire(reason="guard:per_day")),
        (Guard.UNDECIDED, 60, Wait(until=DUE + seconds(60), reason="guard:undecided")),
    ],
)
def test_what_finds_a_guard_shut(guard: Guard, opens_in: int, expected: Recheck) -> None:
    """It waits until it is stale, and no longer; other texts have no guards."""
    history = a_history(shut=Shut(guard=guard, until=DUE + seconds(opens_in)))

    assert expected == recheck(a_message(), history, a_policy(), DUE)
    assert Cancel(reason=Reason.OPTED_OUT) == (
        recheck(a_message(), dataclasses.replace(history, consent=Consent.OUT), a_policy(), DUE)
    )


@pytest.mark.parametrize(
    ("hours_later", "opens_in", "expected"),
    [
        (0, 3600, Wait(until=MORNING + seconds(3600), reason="guard:per_hour", anew=True)),
        (0, 3601, Expire(reason="guard:per_hour")),
        (2, 3600, Wait(until=MORNING + seconds(3 * 3600), reason="guard:per_hour", anew=True)),
        (2.5, 1801, Expire(reason="guard:per_hour")),
    ],
)
def test_what_waited_for_the_morning_finds_a_guard_shut(hours_later: float, opens_in: int, expected: Recheck) -> None:
    """It waits for an hour at once and three in all."""
    now = MORNING + seconds(3600 * hours_later)
    message = a_message(since=MORNING - seconds(3600), not_before=now)
    history = a_history(shut=Shut(guard=Guard.PER_HOUR, until=now + seconds(opens_in)))

    assert expected == recheck(message, history, a_policy(), now)


@pytest.mark.parametrize(("wrote", "expected"), [(10, Cancel(reason=Reason.ALREADY_SERVED)), (0, Go()), (-10, Go())])
def test_what_was_written_in_the_night_is_a_conversation(wrote: int, expected: Recheck) -> None:
    """So many minutes after the call of ten in the evening; by the morning the last word is long ago."""
    evening, morning = NOON.replace(hour=22), MORNING + seconds(86400)
    message = a_message(since=evening, not_before=morning)
    history = a_history(wrote_at=evening + seconds(60 * wrote))

    assert expected == recheck(message, history, a_policy(), morning + seconds(300))


def test_a_name_that_is_excluded_meanwhile() -> None:
    """By the name that the PBX showed."""
    policy = a_policy(exclusions=[Exclusion(label="machine", name="ALARM")])

    assert Cancel(reason=Reason.EXCLUDED) == recheck(a_message(caller_name="ALARM"), a_history(), policy, DUE)
    assert Go() == recheck(a_message(caller_name="Ann"), a_history(), policy, DUE)


AGAIN: list[tuple[CallerHistory, dict[str, object], Reason]] = [
    (a_history(is_staff=True), {}, Reason.OWN_NUMBER),
    (a_history(), {"to": OWNER}, Reason.OWN_NUMBER),
    (a_history(consent=Consent.OUT), {}, Reason.OPTED_OUT),
    (a_history(consent=Consent.HOLD), {}, Reason.ON_HOLD),
    (a_history(excluded=Exclusion(label="family", name="Bob")), {}, Reason.EXCLUDED),
    (a_history(undeliverable=True), {}, Reason.UNDELIVERABLE),
    (a_history(), {"to": E164("+18005551234")}, Reason.NUMBER_TYPE),
    (a_history(), {"to": E164("+442072343456")}, Reason.LANDLINE),
    (a_history(), {"to": E164("+33612345678")}, Reason.COUNTRY),
    (a_history(wrote_at=SINCE), {}, Reason.ALREADY_SERVED),
    (a_history(texts=(NOON,)), {}, Reason.REPEAT),
    (a_history(shut=Shut(guard=Guard.PER_DAY, until=DUE + seconds(86400))), {}, Reason.GUARD),
]


@pytest.mark.parametrize(("history", "message", "reason"), AGAIN)
def test_what_is_asked_again(history: CallerHistory, message: dict[str, object], reason: Reason) -> None:
    """A list, a setting, a word or a bound may have come up against a text while it waited."""
    found = recheck(a_message(**message), history, a_policy(), DUE)

    assert isinstance(found, Cancel | Expire)
    assert found.reason.partition(":")[0] == reason


def test_the_table_of_the_rules_tells_what_is_asked_again() -> None:
    """Each rule that says so has a reason here, and no other has."""
    asked = {reason for _history, _message, reason in AGAIN}

    assert {rule.asks for rule in RULES if rule.again} == {rule.asks for rule in RULES if asked & set(rule.reasons)}
