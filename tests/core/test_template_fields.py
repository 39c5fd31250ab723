"""What stands in braces, and its value for a call."""

import dataclasses
import datetime as dt
import zoneinfo

import phonenumbers
import pytest

from tests.builders import LONDON, NOON, a_call, a_record, an_office, people, seconds
from textbackd.core import template_fields, templates
from textbackd.core.call_records import Party
from textbackd.core.emergency_numbers import BY_COUNTRY, emergency_number
from textbackd.core.library import LIBRARY, Language
from textbackd.core.office import Business, Did, Office

WEEKDAYS = "Mo-Fr 08:00-17:00"


def the_office(**business: object) -> Office:
    return an_office(businesses=(Business(**({"name": "Hill Plumbing"} | business)),))  # type: ignore[arg-type]


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
    assert expected == template_fields.filled(template, {"business": "Hill"})


def test_a_value_is_not_filled_again() -> None:
    """A business called {phone} is called so."""
    assert template_fields.filled("{business}", {"business": "{phone}", "phone": "1"}) == "{phone}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" ".join(f"{{{name}}}" for name in template_fields.FIELDS), None),
        ("plain", None),
        ("{bussiness}", "{bussiness} is no field"),
        ("{caller}", "{caller} is no field"),
    ],
)
def test_what_is_wrong_with_a_template_is_told(text: str, problem: str | None) -> None:
    """With the fields that there are."""
    found = template_fields.problem_with(text)

    assert (found is None) == (problem is None)
    assert problem is None or (found or "").startswith(problem)


def test_the_fields_of_a_call() -> None:
    """From the business, the DID and the call; each has its own source. Of the staff it is who spoke last."""
    office = the_office(
        phone="01632 960101",
        hours=WEEKDAYS,
        callback_window="within the hour",
        link="hill.example",
        emergency_number="112",
        templates={"closed": "|".join(f"{{{name}}}" for name in template_fields.FIELDS)},
    )
    record = a_record(talked_to=(Party(number="101", name="Alice"), Party(number="102", name="Bob")))
    choice = templates.choose(a_call(record), office, NOON + seconds(6 * 3600), returning=False)

    assert "Hill Plumbing|Sales|tomorrow 8:00|within the hour|01632 960101|112|Bob|hill.example" == choice.text


def test_a_field_may_have_no_value() -> None:
    """It is left out, not empty; the emergency number of the country is always there, and somebody may have no name."""
    call = a_call(a_record(talked_to=people("101")), did=Did(number="1"))
    told = {}
    for name in template_fields.FIELDS:
        office = the_office(templates={"missed": f"{{{name}}}"})
        told[name] = templates.choose(call, office, NOON, returning=False)

    filled = {name: choice.text for name, choice in told.items() if not choice.refused}
    assert {"business": "Hill Plumbing", "emergency_number": "999"} == filled
    assert all(
        choice.refused == (("business/missed", f"{{{name}}} has no value"),)
        for name, choice in told.items()
        if name not in filled
    )


@pytest.mark.parametrize(("country", "number"), [("GB", "999"), ("US", "911"), ("AU", "000"), ("DE", "112")])
def test_the_emergency_number_is_that_of_the_country(country: str, number: str) -> None:
    """112 where we know no better: a GSM phone takes it for an emergency call anywhere."""
    assert number == emergency_number(country)


@pytest.mark.parametrize(("country", "number"), BY_COUNTRY.items())
def test_an_emergency_number_is_one_there(country: str, number: str) -> None:
    """By libphonenumber's short numbers."""
    assert phonenumbers.is_emergency_number(number, country)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (dt.datetime(2026, 11, 18, 6, 0, tzinfo=dt.UTC), "8:00"),
        (dt.datetime(2026, 11, 18, 18, 0, tzinfo=dt.UTC), "tomorrow 8:00"),
        (dt.datetime(2026, 11, 20, 18, 0, tzinfo=dt.UTC), "Monday 8:00"),
        (dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC), None),
    ],
)
def test_when_the_office_opens_as_one_would_say_it(at: dt.datetime, opens: str | None) -> None:
    """When the text is sent, not when the call ended; an office that is open at that time does not *open*."""
    call = a_call(a_record(ended_at=NOON - dt.timedelta(days=30)))
    office = the_office(hours=WEEKDAYS, templates=dict.fromkeys(templates.SLOTS, "{opens}"))
    choice = templates.choose(call, office, at, returning=False)

    assert (opens or "{opens} has no value") == (choice.refused[0][1] if choice.refused else choice.text)


def test_an_office_that_moves_its_clock_is_told_of_by_the_new_one() -> None:
    """Seven in London is eight in Berlin: the same moment, and another time to come."""

    def told(zone: str, hours: str) -> str:
        office = dataclasses.replace(
            the_office(hours=hours, templates={"closed": "{opens}"}), time_zone=zoneinfo.ZoneInfo(zone)
        )
        return templates.choose(a_call(), office, NOON + seconds(12 * 3600), returning=False).text

    assert "7:00" == told("Europe/London", "Mo-Fr 07:00-16:00")
    assert "8:00" == told("Europe/Berlin", "Mo-Fr 08:00-17:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (dt.datetime(2026, 11, 18, 17, 5, tzinfo=LONDON), "17:05 17:05 17h05 17:05 17:05 17:05 17:05"),
        (
            dt.datetime(2026, 11, 19, 8, 0, tzinfo=LONDON),
            "tomorrow 8:00 morgen 8:00 demain 8h00 mañana 8:00 domani 8:00 morgen 8:00 amanha 8:00",
        ),
        (
            dt.datetime(2026, 11, 24, 8, 30, tzinfo=LONDON),
            "Tuesday 8:30 Dienstag 8:30 mardi 8h30 martes 8:30 martedì 8:30 dinsdag 8:30 terca-feira 8:30",
        ),
        (
            dt.datetime(2026, 11, 25, 8, 0, tzinfo=LONDON),
            "25 November 25. November 25 novembre 25 de noviembre 25 novembre 25 november 25 de novembro",
        ),
        (
            dt.datetime(2027, 1, 1, 8, 0, tzinfo=LONDON),
            "1 January 1. Januar 1er janvier 1 de enero 1 gennaio 1 januari 1 de janeiro",
        ),
    ],
)
def test_a_moment_in_words(moment: dt.datetime, expected: str) -> None:
    """The nearer, the shorter; in each language."""
    today = dt.date(2026, 11, 18)
    told = [template_fields.in_words(moment, today, LIBRARY[language]) for language in Language]

    assert expected == " ".join(told)


@pytest.mark.parametrize("language", Language)
def test_no_opening_is_longer_than_the_longest(language: Language) -> None:
    """What the linter fills in is what a year of openings at most says."""
    words = LIBRARY[language]
    now = dt.datetime(2026, 1, 1, 12, 0, tzinfo=LONDON)
    nows = [now + dt.timedelta(days=days) for days in range(7)]
    told = {
        template_fields.in_words(at + dt.timedelta(hours=n), at.date(), words) for at in nows for n in range(24 * 365)
    }

    assert max(map(len, told)) == len(template_fields.longest_opening(words))
