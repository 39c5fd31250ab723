"""Who becomes a lead, and which lead hurts."""

import pytest

from tests.builders import CALLER, a_call, a_history, a_policy, a_record
from textbackd.core import leads
from textbackd.core.exclusions import Exclusion
from textbackd.core.outcomes import Outcome


@pytest.mark.parametrize("outcome", Outcome)
def test_all_but_the_served_and_the_never_offered_are_leads(outcome: Outcome) -> None:
    """Whether or not they are texted."""
    expected = outcome not in (Outcome.ANSWERED, Outcome.NOT_OFFERED)

    assert expected == leads.makes_a_lead(a_call(outcome=outcome), a_history(), a_policy())


def test_an_answer_that_may_have_been_a_machines_is_a_lead() -> None:
    """A mobile's voicemail takes calls too."""
    assert leads.makes_a_lead(a_call(outcome=Outcome.ANSWERED, maybe_machine=True), a_history(), a_policy())


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("07700900123", True),
        ("anonymous", True),
        ("84433", True),
        ("07700900001", False),
        ("01632960101", False),
        ("101", False),
        ("sip:101@192.0.2.1", False),
        ('"Anna" <101>', False),
        ("102", True),
        ("sip:102@192.0.2.1", True),
    ],
)
def test_our_own_numbers_are_no_leads(caller: str, expected: bool) -> None:
    """Somebody who withholds his number is one all the same."""
    assert expected == leads.makes_a_lead(
        a_call(a_record(caller=caller)), a_history(), a_policy(own_extensions=frozenset({"101"}))
    )


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        *((label, False) for label in ("family", "crew", "machine", "spam", "blocked")),
        *((label, True) for label in ("supplier", "vip")),
    ],
)
def test_some_labels_make_no_lead(label: str, expected: bool) -> None:
    """Nobody sees to a dialler; a supplier is called back."""
    policy = a_policy(exclusions=[Exclusion(label=label, number=CALLER)])

    assert expected == leads.makes_a_lead(a_call(), a_history(), policy)


def test_the_nearest_of_both_lists_says_whether_it_is_a_lead() -> None:
    """The number of a good customer among those of the family's town, and the other way round."""
    family = Exclusion(label="family", prefix="+447700")
    vip = Exclusion(label="vip", number=CALLER)

    assert leads.makes_a_lead(a_call(), a_history(excluded=vip), a_policy(exclusions=[family]))
    assert leads.makes_a_lead(a_call(), a_history(excluded=family), a_policy(exclusions=[vip]))
    assert not leads.makes_a_lead(a_call(), a_history(excluded=family), a_policy())


@pytest.mark.parametrize("caller", ["12", "anonymous"])
@pytest.mark.parametrize(("name", "expected"), [("alarm", False), ("Bob", True), ("", True)])
def test_a_name_is_enough_where_there_is_no_number(caller: str, name: str, expected: bool) -> None:
    """An alarm dialler behind a PBX of its own shows no number that a text could go to."""
    policy = a_policy(exclusions=[Exclusion(label="machine", name="ALARM")])
    call = a_call(a_record(caller=caller, caller_name=name))

    assert expected == leads.makes_a_lead(call, a_history(), policy)


@pytest.mark.parametrize("outcome", Outcome)
def test_who_was_talked_to_and_lost_is_urgent(outcome: Outcome) -> None:
    """And nobody else."""
    assert (outcome is Outcome.ANSWERED_THEN_LOST) == leads.is_urgent(a_call(outcome=outcome))
