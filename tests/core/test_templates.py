"""Which words a caller gets, always in one part."""

import datetime as dt
import itertools

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import LONDON, NOON, a_call, a_record, an_office, seconds
from textbackd.core import templates
from textbackd.core.office import Business, Did, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.sms_text import Encoding, encoding_of, split

LONG_NAME = "Bartholomew & Daughters Heating Services"
LONGEST_OPENS = "tomorrow 10:00"
WEEKDAYS = "Mo-Fr 08:00-17:00"


def the_office(**business: object) -> Office:
    return an_office(businesses=(Business(**({"name": "Hill Plumbing", "phone": "01632 960101"} | business)),))  # type: ignore[arg-type]


@pytest.mark.parametrize("slot", templates.SHIPPED)
def test_every_shipped_text_fits_one_part(slot: str) -> None:
    """With a name of forty characters and the longest time, in GSM 7-bit, naming the business and the way out."""
    opens = max(
        (templates.in_words(NOON + seconds(3600 * hours), NOON) for hours in range(24 * 365)),
        key=len,
    )
    text = templates.filled(templates.SHIPPED[slot], {"business": LONG_NAME, "opens": opens})

    assert len(LONG_NAME) == 40
    assert text is not None
    assert encoding_of(text) is Encoding.GSM7
    assert len(split(text)) == 1
    assert text.startswith(f"{LONG_NAME}: ")
    assert "STOP" in text


@pytest.mark.parametrize("name", templates.SERVICE)
@pytest.mark.parametrize(
    "business", ["Hill Plumbing", LONG_NAME * 9, "Łódź Heating", "Горячая вода", "Joe’s", "", "🚿" * 80]
)
@pytest.mark.parametrize("phone", ["01632 960101", ""])
def test_every_answer_to_a_service_word_is_one_part(name: str, business: str, phone: str) -> None:
    """Nothing of what the law wants to be said is cut off, however the business is written."""
    text = templates.service_text(name, business, phone)

    assert len(split(text)) == 1
    assert text.endswith(templates.SERVICE[name].rsplit("}", 1)[1])


def test_a_business_is_named_as_it_writes_itself_where_it_can() -> None:
    """Accents that cost go, and letters of another alphabet; where none are left the number stands in."""
    assert templates.service_text("opted_in", "Café Ünal", "").startswith("Café Ünal: ")
    assert templates.service_text("opted_in", "Sõnía’s", "").startswith("Sonias: ")
    assert templates.service_text("opted_in", "Вода", "01632 960101").startswith("01632 960101: ")


@pytest.mark.parametrize(
    ("outcome", "hours", "slot"),
    [
        (Outcome.NO_ANSWER, Hours.OPEN, "missed"),
        (Outcome.ABANDONED_RINGING, Hours.OPEN, "missed"),
        (Outcome.UNAVAILABLE, Hours.OPEN, "missed"),
        (Outcome.ABANDONED_IVR, Hours.OPEN, "missed"),
        (Outcome.BUSY, Hours.OPEN, "busy"),
        (Outcome.ABANDONED_QUEUE, Hours.OPEN, "queue"),
        (Outcome.VOICEMAIL_SILENT, Hours.OPEN, "voicemail_silent"),
        (Outcome.VOICEMAIL_MESSAGE, Hours.OPEN, "voicemail_left"),
        (Outcome.VOICEMAIL_MESSAGE, Hours.CLOSED, "voicemail_left"),
        (Outcome.CLOSED, Hours.OPEN, "closed"),
        (Outcome.CLOSED, Hours.CLOSED, "closed"),
        (Outcome.NO_ANSWER, Hours.CLOSED, "closed"),
        (Outcome.BUSY, Hours.HOLIDAY, "closed"),
    ],
)
def test_the_slot_is_chosen_by_outcome_and_hours(outcome: Outcome, hours: Hours, slot: str) -> None:
    """First match wins; who left a message is thanked for it at any time."""
    assert slot == templates.slot_for(a_call(outcome=outcome, hours=hours))


def test_every_slot_has_a_shipped_text_and_every_call_a_slot() -> None:
    """And no text is without a call that gets it."""
    slots = {templates.slot_for(a_call(outcome=o, hours=h)) for o, h in itertools.product(Outcome, Hours)}

    assert set(templates.SHIPPED) == slots | {"closed_undated"}


def test_an_offices_own_words_come_first() -> None:
    """Only in the slot for which it has some."""
    office = the_office(templates={"busy": "{business}: engaged, sorry. {did_label} {phone}"})

    assert templates.text_for(a_call(outcome=Outcome.BUSY), office) == (
        "busy",
        "Hill Plumbing: engaged, sorry. Sales 01632 960101",
    )
    assert templates.text_for(a_call(), office)[1].startswith("Hill Plumbing: sorry, we couldn't")


@pytest.mark.parametrize(
    "own", ["{business} {did_label}", "{business} {opens}", "{phone}", "{nothing}", "{Business}", "x" * 161]
)
def test_a_text_that_cannot_be_filled_or_is_too_long_falls_back(own: str) -> None:
    """To the general one, the office's own first, then the shipped one."""
    office = the_office(phone="", templates={"busy": own})
    call = a_call(did=Did(number="01632960101"), outcome=Outcome.BUSY)
    slot, text = templates.text_for(call, office)
    assert (slot, text[:28]) == ("missed", "Hill Plumbing: sorry, we cou")

    office = the_office(phone="", templates={"busy": own, "missed": "{business}: text us. STOP ends"})
    assert templates.text_for(call, office) == ("missed", "Hill Plumbing: text us. STOP ends")

    office = the_office(phone="", templates={"busy": own, "missed": own})
    assert templates.text_for(call, office) == (slot, text)


@pytest.mark.parametrize("name", ["Горячая вода", "Joe’s Plumbing", "水" * 80, "x" * 200, "🚿" * 80])
def test_a_name_that_leaves_no_room_still_gets_a_whole_text(name: str) -> None:
    """The shortest one, with as much of the name as fits; never a sentence that breaks off."""
    slot, text = templates.text_for(a_call(business=name), the_office(name=name))

    assert slot == "missed"
    assert len(split(text)) == 1
    assert text.endswith(": sorry we missed you. Text us here. STOP to end.")
    assert text[0] == name[0]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{business}", "Hill"),
        ("a { b } c", "a { b } c"),
        ("{", "{"),
        ("}{business}{", "}Hill{"),
        ("{{business}}", "{Hill}"),
        ("{}", "{}"),
        ("{business", "{business"),
        ("$business ${business} $$", "$business ${business} $$".replace("{business}", "Hill")),
        ("{phone}", None),
        ("100% {business}", "100% Hill"),
    ],
)
def test_filling_is_plain(template: str, expected: str | None) -> None:
    """A brace that is no field stands for itself, and so does a dollar; a field without a value fills nothing."""
    assert expected == templates.filled(template, {"business": "Hill"})


def test_a_value_is_not_filled_again() -> None:
    """A business called {phone} is called so."""
    assert templates.filled("{business}", {"business": "{phone}", "phone": "1"}) == "{phone}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{business} {opens} {phone} {did_label}", None),
        ("plain", None),
        ("{bussiness}", "{bussiness} is no field"),
        ("{caller}", "{caller} is no field"),
    ],
)
def test_what_is_wrong_with_a_template_is_told(text: str, problem: str | None) -> None:
    """With the fields that there are."""
    found = templates.problem_with(text)

    assert (found is None) == (problem is None)
    assert problem is None or (found or "").startswith(problem)


@pytest.mark.parametrize(
    ("ended_at", "opens"),
    [
        (dt.datetime(2026, 11, 18, 6, 0, tzinfo=dt.UTC), "8:00"),
        (dt.datetime(2026, 11, 18, 18, 0, tzinfo=dt.UTC), "tomorrow 8:00"),
        (dt.datetime(2026, 11, 20, 18, 0, tzinfo=dt.UTC), "Monday 8:00"),
        (dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC), None),
    ],
)
def test_when_the_office_opens_as_one_would_say_it(ended_at: dt.datetime, opens: str | None) -> None:
    """At the end of the call; an office that is open at that time does not *open*."""
    call = a_call(a_record(ended_at=ended_at))

    assert opens == templates.values_for(call, the_office(hours=WEEKDAYS)).get("opens")


def test_nobody_is_told_that_an_open_office_is_closed_until_now() -> None:
    """A DID marked closed while the hours say open: closed, but without a time."""
    slot, text = templates.text_for(a_call(outcome=Outcome.CLOSED), the_office())

    assert slot == "closed_undated"
    assert "until" not in text


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (dt.datetime(2026, 11, 18, 17, 5, tzinfo=LONDON), "17:05"),
        (dt.datetime(2026, 11, 19, 8, 0, tzinfo=LONDON), "tomorrow 8:00"),
        (dt.datetime(2026, 11, 24, 8, 30, tzinfo=LONDON), "Tuesday 8:30"),
        (dt.datetime(2026, 11, 25, 8, 0, tzinfo=LONDON), "25 November"),
        (dt.datetime(2027, 1, 4, 8, 0, tzinfo=LONDON), "4 January"),
    ],
)
def test_a_moment_in_words(moment: dt.datetime, expected: str) -> None:
    """The nearer, the shorter."""
    assert expected == templates.in_words(moment, dt.datetime(2026, 11, 18, 12, 0, tzinfo=LONDON))


ANY_CALL = st.builds(
    lambda outcome, hours, label, name: a_call(
        outcome=outcome, hours=hours, did=Did(number="01632960101", label=label), business=name
    ),
    outcome=st.sampled_from(Outcome),
    hours=st.sampled_from(Hours),
    label=st.text(max_size=30),
    name=st.text(min_size=1, max_size=60),
)


@hypothesis.given(
    ANY_CALL, st.dictionaries(st.sampled_from(sorted(templates.SHIPPED)), st.text(max_size=200), max_size=3)
)
def test_every_call_gets_one_part(call: Call, own: dict[str, str]) -> None:
    """Whatever the office has written, and however it is called."""
    slot, text = templates.text_for(call, the_office(name=call.business, templates=own))

    assert slot in templates.SHIPPED
    assert len(split(text)) == 1
