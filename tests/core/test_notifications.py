"""What the owner reads: one part, the number last."""

import datetime as dt

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER, NOON
from textbackd.core import notifications
from textbackd.core.leads import MAKES_A_LEAD
from textbackd.core.notifications import Completeness
from textbackd.core.outcomes import Outcome
from textbackd.core.sms_text import split

AT = NOON + dt.timedelta(minutes=2)


def missed(**values: object) -> str:
    defaults: dict[str, object] = {
        "lead_id": 12, "outcome": Outcome.NO_ANSWER, "at": AT, "label": "Sales", "calls": 1, "number": CALLER,
        "urgent": False,
    }  # fmt: skip
    return notifications.missed_call(**(defaults | values))  # type: ignore[arg-type]


def reply(**values: object) -> str:
    defaults: dict[str, object] = {
        "lead_id": 12, "at": AT, "label": "Sales", "words": "water under sink", "number": CALLER,
    }  # fmt: skip
    return notifications.reply(**(defaults | values))  # type: ignore[arg-type]


def test_a_missed_call_as_the_owner_reads_it() -> None:
    """Who, what, when, where, how often; what is not there leaves no gap."""
    assert missed() == "#12 MISSED 12:02 Sales +447700900123"
    assert missed(calls=2) == "#12 MISSED 12:02 Sales x2 +447700900123"
    assert missed(label="") == "#12 MISSED 12:02 +447700900123"
    assert missed(urgent=True, outcome=Outcome.ANSWERED_THEN_LOST) == "#12 URGENT LOST 12:02 Sales +447700900123"


def test_a_reply_as_the_owner_reads_it() -> None:
    """In the caller's own words, on one line."""
    assert reply() == '#12 REPLY 12:02 Sales "water under sink" +447700900123'
    assert reply(words="water\n under\tsink ") == reply()
    assert reply(words="  ") == "#12 REPLY 12:02 Sales +447700900123"


@pytest.mark.parametrize(
    ("completeness", "word"),
    [(Completeness.INCOMPLETE, "REPLY, PART MISSING"), (Completeness.NOW_WHOLE, "REPLY, NOW WHOLE")],
)
def test_a_reply_in_parts_says_so(completeness: Completeness, word: str) -> None:
    """Also where the letters of the label cost, and the numbers are long."""
    assert f'#12 {word} 12:02 Sales "water under sink" {CALLER}' == reply(completeness=completeness)
    long = reply(completeness=completeness, lead_id=12345, label="ж" * 20, number="+" + "1" * 15, words="")
    assert f"#12345 {word} 12:02 {'ж' * 20} +{'1' * 15}" == long


def test_what_is_no_text_and_no_call_on_the_pbx() -> None:
    """In plain words."""
    at = {"lead_id": 12, "at": AT, "number": CALLER}
    picture = notifications.picture(**at)  # type: ignore[arg-type]
    call = notifications.call_to_sim(**at)  # type: ignore[arg-type]

    assert f"#12 PICTURE 12:02 sent a picture, which the modem cannot fetch {CALLER}" == picture
    assert f"#12 MISSED 12:02 called the SIM's own number {CALLER}" == call


@pytest.mark.parametrize("outcome", sorted(MAKES_A_LEAD))
def test_every_outcome_that_makes_a_lead_has_its_word(outcome: Outcome) -> None:
    """Short, in capitals."""
    word = missed(outcome=outcome).split(" 12:02")[0].removeprefix("#12 ")

    assert word.isupper()
    assert len(word) <= 10


def test_long_words_are_cut_where_they_do_not_fit() -> None:
    """As much of them as one part holds, and a sign that there is more."""
    text = reply(words="a" * 500)

    assert text.startswith('#12 REPLY 12:02 Sales "aaaa')
    assert text.endswith('a.." +447700900123')
    assert len(text) == 160


@pytest.mark.parametrize("letter", ["x", "ж"])
def test_a_label_that_is_too_long_is_cut(letter: str) -> None:
    """The rest tells more; also where the letters cost."""
    assert missed(label=letter * 200) == f"#12 MISSED 12:02 {letter * 20} +447700900123"


TEXTS = st.text(max_size=300)


@hypothesis.given(
    words=TEXTS, label=TEXTS, number=st.just(CALLER) | st.text(min_size=1, max_size=30), lead_id=st.integers(1, 10**6)
)
def test_a_notice_is_one_part_with_the_number_last(words: str, label: str, number: str, lead_id: int) -> None:
    """Whatever a caller writes, and however a DID is called."""
    for text in (
        *(reply(words=words, label=label, number=number, lead_id=lead_id, completeness=c) for c in Completeness),
        missed(label=label, number=number, lead_id=lead_id),
        notifications.picture(lead_id=lead_id, at=AT, number=number),
        notifications.call_to_sim(lead_id=lead_id, at=AT, number=number),
    ):
        assert len(split(text)) == 1
        assert text.startswith(f"#{lead_id} ")
        assert text.endswith(number)


def test_even_a_caller_id_that_is_no_number_ends() -> None:
    """What a PBX shows may be of any length."""
    assert len(split(missed(number="s" * 400))) == 1
