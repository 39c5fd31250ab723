"""What would have to change for another decision: one sentence for every decision there can be."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from tests.builders import CALLER, NOON, a_policy, an_office
from textbackd.core.caller_history import CallerHistory
from textbackd.core.exclusions import Exclusion
from textbackd.core.guards import Guard, Limits
from textbackd.core.office import Did, Mark
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.policy import Policy, texted_at_all_hours, texted_lately
from textbackd.core.reasons import CONVERSATION, STAFF, Reason
from textbackd.core.remedies import Decided, Fate, remedy

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
BY_START = f"only the caller can, by START; or, asked to by the caller: textbackd opt-out remove {CALLER}"
MARKED = Did(number="01632960102", marks=frozenset({Mark.INFORMATION}))


def decided(**values: Any) -> Decided:
    """A call that rang out, and was not texted."""
    return dataclasses.replace(
        Decided(
            outcome=Outcome.NO_ANSWER,
            texted=False,
            reason=Reason.REPEAT,
            detail="",
            caller=CALLER,
            did="01632960101",
            wait_seconds=20.0,
            texts=(),
        ),
        **values,
    )


def of(reason: Reason, policy: Policy | None = None, /, **values: Any) -> str:
    """The sentence for a call that this reason silenced."""
    return remedy(decided(reason=reason, **values), policy or a_policy())


@pytest.mark.parametrize("reason", Reason)
def test_every_decision_has_a_sentence(reason: Reason) -> None:
    """Without its full stop, on one line; also where that reason never meets that outcome, or that state."""
    fates = [Fate(text=7, state=state, reason=why) for state in MessageState for why in (reason, "by hand")]
    sentences = [remedy(decided(reason=reason, outcome=outcome), a_policy()) for outcome in Outcome]
    sentences += [remedy(decided(texted=True, fate=fate), a_policy()) for fate in (None, *fates)]

    for sentence in sentences:
        assert sentence
        assert sentence.isprintable()
        assert not sentence.endswith(".")


# --- texts that were decided on --------------------------------------------------------------------------------------

LEAVE_OUT = f"textbackd exclude add --label LABEL --number {CALLER}"
RELEASE = "textbackd queue release 7"
OBSERVING = "nothing is sent to anybody while textbackd only observes: mode: live sends"


def of_text(state: MessageState, reason: str = "", policy: Policy | None = None) -> str:
    """The sentence for a call whose text, number 7, has come to this."""
    fate = Fate(text=7, state=state, reason=reason)
    return remedy(decided(texted=True, reason=Reason.NOTHING_AGAINST, fate=fate), policy or a_policy())


@pytest.mark.parametrize("state", [MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED])
def test_a_caller_who_was_texted_can_be_left_out(state: MessageState) -> None:
    """By his number, and a label."""
    assert f"to keep texts from this caller: {LEAVE_OUT}" == of_text(state)


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (
            MessageState.QUEUED,
            "",
            f"to stop it: textbackd queue cancel 7; to keep all texts from this caller: {LEAVE_OUT}",
        ),
        (MessageState.HELD, "by hand", f"{RELEASE} sends it; textbackd queue cancel 7 gives it up"),
        (
            MessageState.UNKNOWN,
            "textbackd stopped while it was being sent",
            f"{RELEASE} sends it, perhaps for the second time; textbackd queue cancel 7 leaves it at that",
        ),
        (
            MessageState.FAILED,
            "refused",
            "textbackd check looks at the modem, which could not send it; call the lead back",
        ),
        (
            MessageState.UNDELIVERABLE,
            "TP-ST 70",
            "nothing: the network could not bring it to the phone; call the lead back",
        ),
        (MessageState.CANCELLED, "by hand", "nothing: somebody cancelled it; call the lead back"),
        (MessageState.CANCELLED, Reason.ALREADY_SERVED, "nothing: the caller got through"),
        (MessageState.CANCELLED, "opted_out", BY_START),
        (MessageState.CANCELLED, Reason.OBSERVED, OBSERVING),
    ],
)  # fmt: skip
def test_a_text_that_has_not_left(state: MessageState, reason: str, expected: str) -> None:
    """Its end counts, not that it was decided on; the commands name it."""
    assert expected == of_text(state, reason)


def test_a_text_that_waited_too_long() -> None:
    """What to mend, and the key."""
    assert "rules.stale_after" in of_text(MessageState.EXPIRED, Reason.STALE)


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.CANCELLED])
def test_a_text_that_is_only_observed_leaves_when_the_mode_is_live(state: MessageState) -> None:
    """It was decided, and nothing is sent: no exclusion is needed for that."""
    assert OBSERVING == of_text(state, Reason.OBSERVED, a_policy(observing=True))


def test_a_text_that_left_before_one_only_observed() -> None:
    """Its caller has it, whatever the mode is now."""
    assert LEAVE_OUT in of_text(MessageState.DELIVERED, "", a_policy(observing=True))


def test_a_simulated_call_has_no_text() -> None:
    """Unless that is asked for."""
    assert "--send" in remedy(decided(texted=True, reason=Reason.NOTHING_AGAINST), a_policy())


# --- calls that are not texted ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.OPTED_OUT, BY_START),
        (Reason.ON_HOLD, BY_START),
        (
            Reason.OWN_NUMBER,
            "remove the number from own_numbers, owners, dids or a business's phone, if it is none of yours",
        ),
        (Reason.SPOOFED, "nothing: whoever rang may have shown a stranger's number; ring it back to find out"),
        (Reason.NUMBER_TYPE, "nothing: at numbers of this type nobody reads texts, or somebody earns by them"),
        (Reason.LANDLINE, "nothing: a landline takes no texts; call the lead back"),
        (
            Reason.UNDELIVERABLE,
            (
                f"textbackd exclude forget {CALLER}, if the number takes texts after all; it is forgotten by itself"
                " when a text comes from there, or in time"
            ),
        ),
        (Reason.WITHHELD, "nothing: who hides the number is never texted"),
        (Reason.PRIVACY_UNKNOWN, "nothing: who hides the number is never texted"),
        (Reason.ALREADY_SERVED, "nothing: the caller got through"),
        (Reason.PERHAPS_SERVED, "nothing; call the lead back, unless somebody has spoken with the caller"),
        (Reason.SUPERSEDED, "nothing"),
        (Reason.NOTHING_AGAINST, "nothing"),
    ],
)
def test_a_reason_that_needs_no_more_than_itself(reason: Reason, expected: str) -> None:
    """The commands and keys that it names are real ones; the last three never silence a call."""
    assert expected == of(reason)


def test_a_number_that_is_none_may_have_a_prefix() -> None:
    """Only the sysadmin can tell; the keys are named."""
    assert "pbx[].trunks[].strip" in of(Reason.NOT_A_PHONE_NUMBER, caller="907700900123")


def test_an_exclusion_is_named_by_its_label() -> None:
    """As it stands in the file."""
    policy = a_policy(exclusions=[Exclusion(label="family", number=CALLER)])
    sentence = of(Reason.EXCLUDED, policy, detail="family")

    assert "remove the entry labelled 'family' that covers this number or name from exclusions" == sentence


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Exclusion(label="crew", number=CALLER), f"--number {CALLER}"),
        (Exclusion(label="crew", prefix="+447700"), "--prefix +447700"),
        (Exclusion(label="crew", name="hill"), "--name hill"),
        (Exclusion(label="crew", name="o'neil $(x)"), "--name 'o'\"'\"'neil $(x)'"),
    ],
)
def test_an_exclusion_by_hand_or_by_import_is_removed_by_a_command(entry: Exclusion, words: str) -> None:
    """That which covers the caller, as a shell takes it."""
    assert f"textbackd exclude remove {words}" == of(Reason.EXCLUDED, detail="crew", excluded_by=entry)


def test_who_is_excluded_twice_is_taken_off_both_lists() -> None:
    """Whichever decides now: the other one would then."""
    policy = a_policy(exclusions=[Exclusion(label="family", prefix="+4477")])
    sentence = of(Reason.EXCLUDED, policy, detail="vip", excluded_by=Exclusion(label="vip", number=CALLER))

    assert sentence.startswith("remove the entry labelled 'family'")
    assert sentence.endswith(f"from exclusions; and textbackd exclude remove --number {CALLER}")


def test_an_exclusion_that_is_gone() -> None:
    """Nothing is left to remove."""
    assert of(Reason.EXCLUDED, detail="crew").startswith("nothing: the entry that covered the caller is gone")


def test_a_number_that_the_pbx_showed_to_be_ours() -> None:
    """It is in no file; also where it was learned while the text waited."""
    fate = Fate(text=7, state=MessageState.CANCELLED, reason=Reason.OWN_NUMBER)
    expected = f"textbackd exclude forget {CALLER}, if nobody of yours has that number"

    assert of(Reason.OWN_NUMBER, detail=STAFF).startswith(expected)
    assert of(Reason.NOTHING_AGAINST, texted=True, fate=fate).startswith(expected)
    ours = a_policy(own_numbers=frozenset({CALLER}))
    assert of(Reason.NOTHING_AGAINST, ours, texted=True, fate=fate).startswith("remove the number from own_numbers")


@pytest.mark.parametrize(
    ("caller", "countries", "expected"),
    [
        ("+33612345678", frozenset(), "rules.countries: [FR, GB]"),
        ("+33612345678", frozenset({"GB", "IE"}), "rules.countries: [FR, GB, IE]"),
        ("+80012345678", frozenset(), "nothing: the number is of no country"),
    ],
)
def test_a_country_that_is_not_texted(caller: str, countries: frozenset[str], expected: str) -> None:
    """The key as it would stand; the office's own is in it."""
    assert expected == of(Reason.COUNTRY, a_policy(countries=countries), caller=caller)


@pytest.mark.parametrize(
    ("guard", "window", "key"),
    [
        (Guard.PER_PREFIX, "1 h", "per_prefix"),
        (Guard.PER_HOUR, "1 h", "per_hour"),
        (Guard.PER_DAY, "24 h", "per_day"),
        (Guard.SURGE, "a minute", "callers_per_minute"),
        (Guard.UNANSWERED, "24 h", "unanswered"),
        (Guard.CEILING, "24 h", "ceiling"),
    ],
)
def test_a_guard_that_was_reached(guard: Guard, window: str, key: str) -> None:
    """How long it remembers, and its key, which is one; no command lifts the ceiling."""
    sentence = of(Reason.GUARD, detail=guard)

    assert sentence.startswith(f"it forgets in {window}")
    assert f"a higher rules.guards.{key} lets more texts leave" in sentence
    assert key in {field.name for field in dataclasses.fields(Limits)}
    assert (guard is not Guard.CEILING) is (f"textbackd guards clear {guard} " in sentence)


def test_what_could_not_be_counted_is_no_bound() -> None:
    """There is no key for it."""
    expected = "put back a backup of the database, of which a page is damaged; call the lead back"
    assert expected == of(Reason.GUARD, detail=Guard.UNDECIDED)


def test_who_writes_to_us_got_through_by_text() -> None:
    """The key is how long that counts."""
    assert "rules.conversation" in of(Reason.ALREADY_SERVED, detail=CONVERSATION)


def test_a_text_that_waits_for_the_morning() -> None:
    """Why, before how to stop it."""
    fate = Fate(text=7, state=MessageState.QUEUED, reason="", day=NOON + 20 * HOUR)
    sentence = of(Reason.NOTHING_AGAINST, texted=True, fate=fate)

    assert sentence.startswith("it waits for 2026-11-19 08:00, the end of the caller's night (rules.quiet_hours); ")
    assert "; to stop it: textbackd queue cancel 7" in sentence


def test_who_gave_up_too_soon_waited_so_long() -> None:
    """To a tenth of a second, which is what minimum_wait is compared with."""
    sentence = of(Reason.TOO_SHORT, wait_seconds=3.04)

    assert sentence.startswith("the caller waited 3.0 s: with rules.minimum_wait ")
    assert "minimum_wait_closed" in sentence


# --- outcomes that are not texted ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.ANSWERED, "nothing: somebody of yours spoke with the caller"),
        (Outcome.UNKNOWN, "nothing: what was not seen whole is never texted; call the lead back"),
        (Outcome.ANSWERED_BRIEFLY, "add answered_briefly to rules.text_on"),
        (Outcome.VOICEMAIL_MESSAGE, "add voicemail_message to rules.text_on"),
    ],
)
def test_an_outcome_that_is_not_texted(outcome: Outcome, expected: str) -> None:
    """What may stand in rules.text_on is named; what may not, never."""
    assert expected == of(Reason.OUTCOME_NOT_TEXTED, outcome=outcome)


def test_a_did_with_outcomes_of_its_own_is_named() -> None:
    """Those of the rules count for nothing there."""
    did = Did(number="01632960101", text_on=texted_at_all_hours({Outcome.BUSY}))
    policy = a_policy(office=an_office(dids=(did,)))

    assert "add no_answer to text_on of 01632960101 in dids" == of(
        Reason.OUTCOME_NOT_TEXTED, policy, outcome=Outcome.NO_ANSWER
    )


def test_a_call_that_was_not_offered_may_have_heard_that_nobody_is_there() -> None:
    """Three ways to say so, of the number dialled."""
    sentence = of(Reason.OUTCOME_NOT_TEXTED, outcome=Outcome.NOT_OFFERED)

    for key in ("01632960101", "mark it closed in dids", "rules.closed_contexts", "hours"):
        assert key in sentence


@pytest.mark.parametrize("dialled", ["01632960102", "+441632960102", "00441632960102"])
def test_a_mark_that_silences_is_named(dialled: str) -> None:
    """However the number dialled is spelt."""
    policy = a_policy(office=an_office(dids=(MARKED,)))
    sentence = of(Reason.OUTCOME_NOT_TEXTED, policy, outcome=Outcome.NOT_OFFERED, did=dialled)

    assert f"remove the mark information from {dialled} in dids" == sentence


def test_a_number_that_is_marked_closed_need_not_be_marked_so() -> None:
    """It was not offered for another reason: the caller is blocked, or listened to a mailbox."""
    did = Did(number="01632960101", marks=frozenset({Mark.CLOSED}))
    policy = a_policy(office=an_office(dids=(did,)))

    assert "mark it closed" not in of(Reason.OUTCOME_NOT_TEXTED, policy, outcome=Outcome.NOT_OFFERED)


# --- texts before ----------------------------------------------------------------------------------------------------


def test_a_repeat_says_when_it_is_none_any_more() -> None:
    """So long after the last text, in the office's zone."""
    sentence = of(Reason.REPEAT, texts=(NOON - 5 * HOUR, NOON - 3 * HOUR))

    assert "a missed call after 2026-11-19 09:00 would be texted again (rules.repeat_window)" == sentence


def test_a_caller_who_was_texted_often_waits_for_a_month() -> None:
    """Until the first of the texts that count is 30 days old."""
    texts = (NOON - 29 * DAY, NOON - 20 * DAY, NOON - 15 * DAY, NOON - 5 * DAY)
    sentence = of(Reason.REPEAT, texts=texts)

    assert "a missed call after 2026-11-28 12:00 would be texted again (rules.max_per_30_days)" == sentence


def test_a_repeat_of_which_nothing_is_left_names_the_rules() -> None:
    """The text that was in the way has failed or was cancelled since."""
    assert "wait until rules.repeat_window and rules.max_per_30_days allow a text again" == of(Reason.REPEAT)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((NOON - HOUR,), id="one"),
        pytest.param((NOON - 20 * DAY, NOON - 10 * DAY, NOON - 5 * DAY), id="three"),
        pytest.param((NOON - 30 * DAY + HOUR, NOON - 10 * DAY, NOON - HOUR), id="the oldest is soon forgotten"),
        pytest.param((NOON - HOUR, NOON - 10 * DAY, NOON - 20 * DAY), id="in any order"),
    ],
)
def test_the_time_that_a_repeat_names_is_right(texts: tuple[dt.datetime, ...]) -> None:
    """A minute before it there would be no text, a minute after it there would."""
    sentence = of(Reason.REPEAT, texts=texts)
    named = dt.datetime.strptime(sentence.split("after ")[1][:16], "%Y-%m-%d %H:%M").replace(tzinfo=NOON.tzinfo)

    def lately(now: dt.datetime) -> bool:
        remembered = tuple(at for at in texts if at > now - 30 * DAY)
        return texted_lately(CallerHistory(texts=remembered), a_policy(), now)

    minute = dt.timedelta(minutes=1)
    assert (True, False) == (lately(named - minute), lately(named + minute))
