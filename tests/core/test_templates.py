"""Which words a caller gets."""

import dataclasses
import datetime as dt
import itertools
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import NOON, a_call, a_history, a_policy, a_record, an_office, people, seconds
from textbackd.core import sms_text, template_fields, template_lint, templates
from textbackd.core.accents import Accents, as_sent
from textbackd.core.call_records import Party
from textbackd.core.library import CONFIDENTIAL, LIBRARY, NAMES_THE_EMERGENCY_NUMBER, Language, Trade, Words
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.policy import SendText, decide
from textbackd.core.sms_text import Encoding, encoding_of, split
from textbackd.core.templates import ALL_SLOTS, SLOTS, Choice, choose

LONG_NAME = "Bartholomew & Daughters Heating Services"
NAME_OF_A_TRADE = LONG_NAME[:30]
WEEKDAYS = "Mo-Fr 08:00-17:00; PH off"
SOON = seconds(5)
AT = {
    Hours.OPEN: NOON,
    Hours.CLOSED: dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC),
    Hours.HOLIDAY: dt.datetime(2026, 12, 25, 12, 0, tzinfo=dt.UTC),
}
"""A Wednesday, a Saturday, and a Friday that is Christmas, at an office that is open on ``WEEKDAYS``."""
SHIPPED = [
    *((language, None, slot) for language in Language for slot in LIBRARY[language].texts()),
    *((language, t, slot) for language in Language for t in Trade for slot in LIBRARY[language].texts(t)),
]


def the_office(**business: object) -> Office:
    return an_office(businesses=(Business(**({"name": "Hill Plumbing", "phone": "01632 960101"} | business)),))  # type: ignore[arg-type]


def chosen(call: Call, office: Office, after: dt.timedelta = SOON, *, returning: bool = False) -> Choice:
    return choose(call, office, call.record.ended_at + after, returning=returning)


def slot_of(call: Call, office: Office, at: dt.datetime) -> str:
    return templates.slot_for(call, office.moment(call.did, at))


# --- the shipped ones -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "trade", "slot"), SHIPPED)
def test_every_shipped_text_fits_one_part(language: Language, trade: Trade | None, slot: str) -> None:
    """With a long name and the longest of every field, in GSM 7-bit; and the linter has nothing to say."""
    words, name = LIBRARY[language], NAME_OF_A_TRADE if trade and trade not in CONFIDENTIAL else LONG_NAME
    text = words.texts(trade)[slot]
    business = Business(name=name, language=language, trade=trade, accents=Accents.REFUSE)
    finished = template_fields.filled(text, template_fields.longest_values(business, "GB", [], language))

    assert len(LONG_NAME) == 40
    assert finished is not None
    assert encoding_of(finished) is Encoding.GSM7
    assert len(split(finished)) == 1
    assert finished.startswith(name)
    assert finished.endswith(words.opt_out)
    assert [] == list(template_lint.lint(text, slot, business, [], "GB"))


@pytest.mark.parametrize("language", Language)
def test_every_language_has_all_texts(language: Language) -> None:
    """The general ones for every slot, each trade's for a missed call, and the same as English in others."""
    words, english = LIBRARY[language], LIBRARY[Language.EN]

    assert set(SLOTS) <= set(words.general) <= set(ALL_SLOTS)
    assert set(words.general) == set(english.general)
    assert set(Trade) == set(words.trades)
    for trade in Trade:
        assert {"missed", "missed_returning"} <= set(words.texts(trade))
        assert set(english.texts(trade)) == set(words.texts(trade))
    assert set(english.service) == set(words.service)
    assert (7, 12) == (len(words.weekdays), len(words.months))
    assert [] == sms_text.characters_that_cost("".join((*words.weekdays, *words.months, words.tomorrow)))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("trade", sorted(set(Trade) - CONFIDENTIAL))
def test_who_called_before_is_greeted_so_and_asked_the_same(language: Language, trade: Trade) -> None:
    """By every trade: its question is what matters, and the rest is as for anybody."""
    words = LIBRARY[language]
    first, again = (words.texts(trade)[slot] for slot in ("missed", "missed_returning"))

    assert first != again
    assert first.replace(words.missed_you, "") == again.replace(words.missed_you_again, "")


def test_no_text_is_the_same_in_two_languages() -> None:
    """So none was left in the language from which it was put into another."""

    def all_of(words: Words) -> set[str]:
        of_trades = (text for trade in Trade for text in words.texts(trade).values())
        services = itertools.chain(*words.service.values())
        shortest = (words.shortest_for(trade) for trade in [None, *Trade])
        return {*words.general.values(), *of_trades, *services, *shortest}

    each = [all_of(words) for words in LIBRARY.values()]

    assert sum(map(len, each)) == len(set().union(*each))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("trade", sorted(CONFIDENTIAL))
def test_a_confidential_trade_asks_nothing_but_when_to_ring(language: Language, trade: Trade) -> None:
    """In any slot, to anybody, with the line that asks for no details; and never in the words of any business."""
    words = LIBRARY[language]
    for slot, returning, opens in itertools.product(SLOTS, (False, True), ("8:00", "")):
        business = Business(name="Hill", language=language, trade=trade)
        values = {"business": "Hill", "emergency_number": "112"} | ({"opens": opens} if opens else {})
        template = templates.first_that_fits(slot, Did(number="1"), business, values, returning=returning).template

        assert templates.Level.TRADE is template.level, slot
        _question, mark, line = template.text.partition("?")
        assert (mark, 1) == ("?", template.text.count("?"))
        assert line == words.texts(trade)["missed"].partition("?")[2]
        assert slot.removesuffix("_undated") in (template.slot.removesuffix("_undated"), "holiday", "missed")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("trade", sorted(NAMES_THE_EMERGENCY_NUMBER))
def test_where_there_may_be_danger_each_question_comes_with_the_emergency_number(
    language: Language, trade: Trade
) -> None:
    """Whatever became of the call; only thanks for a voicemail ask for nothing that could not wait."""
    for slot, returning, opens in itertools.product(SLOTS, (False, True), ("8:00", "")):
        business = Business(name="Hill", language=language, trade=trade)
        values = {"business": "Hill", "emergency_number": "112"} | ({"opens": opens} if opens else {})
        choice = templates.first_that_fits(slot, Did(number="1"), business, values, returning=returning)

        assert "112" in choice.text or choice.template.name == f"{language}/general/voicemail_left", slot


def test_words_for_a_confidential_trade_are_never_general_ones() -> None:
    """Also for a name that is too long for its own, and not for those; the office's own words go before all."""
    name = "x" * 52
    choice = chosen(a_call(), the_office(name=name, trade=Trade.CLINIC))

    assert "en/general/missed" == chosen(a_call(), the_office(name=name)).template.name
    assert "en/shortest/missed" == choice.template.name
    assert f"{name}: sorry we missed you. Emergency: 999. STOP to end." == choice.text
    own = the_office(trade=Trade.CLINIC, templates={"missed": "{business}: hello"})
    assert "business/missed" == chosen(a_call(), own).template.name


# --- the slot ---------------------------------------------------------------------------------------------------------


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
        (Outcome.BUSY, Hours.HOLIDAY, "holiday"),
        (Outcome.CLOSED, Hours.HOLIDAY, "holiday"),
        (Outcome.VOICEMAIL_MESSAGE, Hours.HOLIDAY, "voicemail_left"),
    ],
)
def test_the_slot_is_chosen_by_outcome_and_hours(outcome: Outcome, hours: Hours, slot: str) -> None:
    """First match wins; who left a message is thanked for it at any time."""
    call = a_call(a_record(ended_at=AT[hours]), outcome=outcome, hours=hours)

    assert slot == slot_of(call, the_office(hours=WEEKDAYS), AT[hours] + SOON)


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.CLOSED, Outcome.BUSY])
def test_nobody_is_told_of_a_closed_office_that_has_opened(outcome: Outcome) -> None:
    """The call was over five seconds before eight, and the text leaves five seconds after."""
    opens = NOON.replace(hour=8)
    call = a_call(a_record(ended_at=opens - SOON), outcome=outcome, hours=Hours.CLOSED)
    office = the_office(hours=WEEKDAYS)

    assert "closed" == slot_of(call, office, opens - seconds(1))
    assert "later" == slot_of(call, office, opens + SOON)


NIGHT = dt.datetime(2026, 11, 18, 22, 0, tzinfo=dt.UTC)
"""A Wednesday."""
FRIDAY_NIGHT = NIGHT + dt.timedelta(days=2)


@pytest.mark.parametrize(
    ("ended_at", "waits", "outcome", "marks", "slot"),
    [
        (NIGHT, 10.0, Outcome.NO_ANSWER, set(), "later"),
        (NIGHT, 10.0, Outcome.BUSY, set(), "later"),
        (NIGHT, 10.0, Outcome.VOICEMAIL_SILENT, set(), "later"),
        (NIGHT, 10.0, Outcome.CLOSED, set(), "later"),
        (NIGHT, 10.0, Outcome.NO_ANSWER, {Mark.CLOSED}, "later"),
        (NIGHT, 10.0, Outcome.VOICEMAIL_MESSAGE, set(), "voicemail_left"),
        (NIGHT, 9.5, Outcome.NO_ANSWER, set(), "closed"),
        (FRIDAY_NIGHT, 10.0, Outcome.BUSY, set(), "closed"),
        (FRIDAY_NIGHT, 10.0, Outcome.VOICEMAIL_MESSAGE, set(), "voicemail_left"),
        (NIGHT, 0.5, Outcome.NO_ANSWER, set(), "closed"),
        (NOON, 0.5, Outcome.NO_ANSWER, set(), "missed"),
        (NOON, 0.501, Outcome.NO_ANSWER, set(), "later"),
        (NOON, 0.1, Outcome.NO_ANSWER, {Mark.CLOSED}, "closed"),
    ],
)
def test_a_text_that_waited_has_the_words_of_its_own_hour(
    ended_at: dt.datetime, waits: float, outcome: Outcome, marks: set[Mark], slot: str
) -> None:
    """``waits`` in hours. What counts is whether the office is open when the text leaves."""
    office = the_office(hours="Mo-Fr 07:45-17:00")
    did = Did(number="01632960101", marks=frozenset(marks))
    record = a_record(ended_at=ended_at)
    call = a_call(record, did=did, outcome=outcome, hours=office.moment(did, ended_at).hours)

    assert slot == slot_of(call, office, ended_at + dt.timedelta(hours=waits))


def test_the_hours_of_the_morning_are_those_of_the_did() -> None:
    """Where it has its own."""
    record = a_record(ended_at=NIGHT)
    did = Did(number="01632960101", hours="Mo-Fr 11:00-17:00")
    choice = chosen(a_call(record, did=did, hours=Hours.CLOSED), the_office(), dt.timedelta(hours=10))

    assert ("en/general/closed", True) == (choice.template.name, "until 11:00." in choice.text)


def test_the_morning_after_tells_the_opening_of_the_morning() -> None:
    """Not *tomorrow*, which it was when the call came."""
    record = a_record(ended_at=NIGHT)
    call = a_call(record, hours=Hours.CLOSED)
    office = the_office(hours="Mo-Fr 09:00-17:00")

    assert "until tomorrow 9:00." in chosen(call, office).text
    assert "until 9:00." in chosen(call, office, dt.timedelta(hours=10)).text


def test_the_policy_chooses_for_the_moment_at_which_the_text_leaves() -> None:
    """At night that is the morning; and whether the caller is known comes from the history."""
    policy = a_policy(office=the_office(hours="Mo-Fr 07:45-17:00"))
    call = a_call(a_record(started_at=NIGHT, ended_at=NIGHT), hours=Hours.CLOSED)
    by_day = a_call()

    assert "en/general/later" == template_of(decide(call, a_history(), policy, NIGHT))
    assert "en/general/missed" == template_of(decide(by_day, a_history(), policy, NOON))
    assert "en/general/missed_returning" == template_of(decide(by_day, a_history(returning=True), policy, NOON))


def template_of(decision: object) -> str:
    assert isinstance(decision, SendText)
    return decision.template


def test_every_slot_has_a_call() -> None:
    """No text is without a call that gets it."""
    closed = dt.timedelta(hours=7)
    slots = {
        slot_of(a_call(a_record(ended_at=AT[h]), outcome=o, hours=h), the_office(hours=WEEKDAYS), AT[h] + after)
        for o, h, after in itertools.product(Outcome, Hours, (SOON, dt.timedelta(hours=1), closed))
    }

    assert set(SLOTS) == slots | {"closed_undated", "holiday_undated"}


def test_a_did_that_is_marked_closed_has_holidays_too() -> None:
    """And says so."""
    did = Did(number="01632960101", marks=frozenset({Mark.CLOSED}))
    holiday = AT[Hours.HOLIDAY]
    call = a_call(a_record(ended_at=holiday), did=did, outcome=Outcome.CLOSED, hours=Hours.HOLIDAY)

    assert "holiday" == slot_of(call, the_office(hours=WEEKDAYS), holiday + SOON)


@pytest.mark.parametrize(
    ("business", "returning", "opens", "expected"),
    [
        ({}, False, True, "en/general/holiday"),
        ({}, True, True, "en/general/holiday"),
        ({}, False, False, "en/general/holiday_undated"),
        ({"trade": Trade.GARAGE}, False, True, "en/general/holiday"),
        ({"trade": Trade.PLUMBER}, False, True, "en/plumber/closed"),
        ({"trade": Trade.LAW}, False, True, "en/law/closed"),
        ({"trade": Trade.LAW}, False, False, "en/law/closed_undated"),
        ({"templates": {"closed": "c"}}, False, True, "business/closed"),
        ({"templates": {"closed": "c", "holiday": "h"}}, False, True, "business/holiday"),
        ({"templates": {"closed_returning": "c", "holiday": "h"}}, True, True, "business/holiday"),
        ({"templates": {"holiday_returning": "r", "holiday": "h"}}, True, True, "business/holiday_returning"),
        ({"templates": {"closed_undated": "c"}}, False, False, "business/closed_undated"),
        ({"templates": {"closed": "{opens}", "missed": "m"}}, False, False, "en/general/holiday_undated"),
    ],
)
def test_a_holiday_has_words_of_its_own_or_those_of_any_closed_day(
    business: dict[str, Any], returning: bool, opens: bool, expected: str
) -> None:
    """Whoever wrote some for ``closed`` means them for holidays too: they go before shipped ones for holidays."""
    of = Business(name="Hill", **business)
    values = {"business": "Hill", "emergency_number": "999"} | ({"opens": "8:00"} if opens else {})
    choice = templates.first_that_fits("holiday", Did(number="1"), of, values, returning=returning)

    assert expected == choice.template.name


# --- whose words ------------------------------------------------------------------------------------------------------

BUSINESS = {"busy": "{business}: engaged.", "busy_returning": "{business}: engaged again.", "missed": "{business}: ?"}
DID = {"busy": "{business}: this line was engaged.", "missed": "{business}: which?"}

# What is shown; the business, the DID and the call; whether the caller is known; the template.
CHOICES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], bool, str]] = [
    ("general", {}, {}, {}, False, "en/general/missed"),
    ("general, returning", {}, {}, {}, True, "en/general/missed_returning"),
    ("no second text for them", {}, {}, {"outcome": Outcome.BUSY}, True, "en/general/busy"),
    ("trade", {"trade": Trade.VET}, {}, {}, False, "en/vet/missed"),
    ("trade, returning", {"trade": Trade.VET}, {}, {}, True, "en/vet/missed_returning"),
    ("confidential, returning", {"trade": Trade.CLINIC}, {}, {}, True, "en/clinic/missed_returning"),
    ("own before trade's for returning", {"templates": BUSINESS, "trade": Trade.VET}, {}, {}, True, "business/missed"),
    ("slot before level", {"trade": Trade.VET}, {}, {"outcome": Outcome.BUSY}, False, "en/general/busy"),
    ("language", {"language": Language.DE}, {}, {}, False, "de/general/missed"),
    ("language of the DID", {"language": Language.DE}, {"language": Language.FR}, {}, False, "fr/general/missed"),
    ("trade in it", {"trade": Trade.LAW}, {"language": Language.NL}, {}, False, "nl/law/missed"),
    ("own", {"templates": BUSINESS}, {}, {"outcome": Outcome.BUSY}, False, "business/busy"),
    ("own, returning", {"templates": BUSINESS}, {}, {"outcome": Outcome.BUSY}, True, "business/busy_returning"),
    ("own before trade", {"templates": BUSINESS, "trade": Trade.VET}, {}, {}, False, "business/missed"),
    ("own in its language only", {"templates": BUSINESS}, {"language": Language.IT}, {}, False, "it/general/missed"),
    ("own, DID says the same", {"templates": BUSINESS}, {"language": Language.EN}, {}, False, "business/missed"),
    ("other slots", {"templates": BUSINESS}, {}, {"outcome": Outcome.VOICEMAIL_SILENT}, False,
     "en/general/voicemail_silent"),
    ("DID's own", {"templates": BUSINESS}, {"templates": DID}, {"outcome": Outcome.BUSY}, False, "did/busy"),
    ("DID before returning", {"templates": BUSINESS}, {"templates": DID}, {"outcome": Outcome.BUSY}, True, "did/busy"),
    ("DID's in its language", {}, {"templates": DID, "language": Language.ES}, {}, False, "did/missed"),
    ("undated", {}, {}, {"outcome": Outcome.CLOSED}, False, "en/general/closed_undated"),
    ("undated before general", {"templates": BUSINESS}, {}, {"outcome": Outcome.CLOSED}, False,
     "en/general/closed_undated"),
    ("no value", {"templates": {"busy": "{link}"}}, {}, {"outcome": Outcome.BUSY}, False, "en/general/busy"),
    ("nobody to name", {"templates": {"missed": "{agent}"}}, {}, {}, False, "en/general/missed"),
    ("somebody to name", {"templates": {"missed": "{agent}"}}, {},
     {"record": a_record(talked_to=(Party(number="1", name="Al"),))}, False, "business/missed"),
    ("too long", {"templates": {"missed": "x" * 161}}, {}, {}, False, "en/general/missed"),
    ("too long, in the next slot", {"templates": {"busy": "x" * 161, "missed": "y"}}, {}, {"outcome": Outcome.BUSY},
     False, "en/general/busy"),
    ("folded", {"templates": {"missed": "ç" * 100}}, {}, {}, False, "business/missed"),
    ("not folded", {"templates": {"missed": "😀" * 80}}, {}, {}, False, "en/general/missed"),
    ("exact", {"templates": {"missed": "ç" * 201}, "accents": Accents.EXACT}, {}, {}, False, "business/missed"),
    ("four parts", {"templates": {"missed": "ç" * 202}, "accents": Accents.EXACT}, {}, {}, False,
     "en/general/missed"),
    ("refused", {"templates": {"missed": "ç"}, "accents": Accents.REFUSE}, {}, {}, False, "en/general/missed"),
    ("not refused", {"templates": {"missed": "é"}, "accents": Accents.REFUSE}, {}, {}, False, "business/missed"),
    ("no room", {"name": "x" * 100}, {}, {}, False, "en/shortest/missed"),
    ("no room, in German", {"name": "x" * 100, "language": Language.DE}, {}, {}, False, "de/shortest/missed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("business", "did", "call", "returning", "expected"), [c[1:] for c in CHOICES], ids=[c[0] for c in CHOICES]
)
def test_whose_words(
    business: dict[str, Any], did: dict[str, Any], call: dict[str, Any], returning: bool, expected: str
) -> None:
    """Slot first, then whose, then for whom; what cannot be filled or does not fit gives way to the next."""
    office = the_office(**business)
    the_call = a_call(**{"did": Did(number="01632960101", **did), "business": office.businesses[0].name, **call})

    assert expected == chosen(the_call, office, returning=returning).template.name


def test_what_was_passed_over_is_told() -> None:
    """Each with its reason, in the order in which it was looked at."""
    own = {"busy": "{link}", "missed": "{business}"}
    office = the_office(templates=own, accents=Accents.REFUSE)
    did = Did(number="1", templates={"busy": "ç", "busy_returning": "x" * 161})
    choice = chosen(a_call(did=did, outcome=Outcome.BUSY), office, returning=True)

    assert [
        ("did/busy_returning", "needs 2 parts: 161 characters of 160, with its fields filled"),
        ("did/busy", "has 'ç', not in the phones' alphabet (accents: refuse)"),
        ("business/busy", "{link} has no value"),
    ] == list(choice.refused)
    assert "en/general/busy" == choice.template.name


def test_a_name_is_written_in_the_letters_of_the_phones() -> None:
    """With ``fold``; with ``exact`` as it is, and the text costs what it costs."""
    assert chosen(a_call(), the_office(name="Joe’s Plumbing")).text.startswith("Joe's Plumbing: sorry, we couldn't")
    exact = chosen(a_call(), the_office(name="Joe’s Plumbing", accents=Accents.EXACT))
    assert exact.text.startswith("Joe’s Plumbing: sorry, we couldn't")
    assert 2 == len(split(exact.text))


@pytest.mark.parametrize("name", ["Горячая вода", "水" * 80, "x" * 200, "🚿" * 80])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("accents", [Accents.FOLD, Accents.REFUSE])
def test_a_name_that_leaves_no_room_still_gets_a_whole_text(name: str, language: Language, accents: Accents) -> None:
    """The shortest one, with as much of the name as fits; never a sentence that breaks off."""
    choice = chosen(a_call(business=name), the_office(name=name, language=language, accents=accents))

    assert f"{language}/shortest/missed" == choice.template.name
    assert len(split(choice.text)) == 1
    assert choice.text.endswith(LIBRARY[language].shortest_for(None).removeprefix("{business}"))
    assert choice.text[0] == name[0]


@pytest.mark.parametrize("name", ["x" * 90, "Стоматология", "Οδοντίατρος", "山田歯科"])
@pytest.mark.parametrize("trade", [None, *Trade])
@pytest.mark.parametrize("language", Language)
def test_the_shortest_text_has_room_for_a_name(language: Language, trade: Trade | None, name: str) -> None:
    """All of it, however long the emergency number is that those must name whose callers may be in danger."""
    office = the_office(name=name, language=language, trade=trade, emergency_number="123456")
    choice = chosen(a_call(business=name), office)

    assert (trade in NAMES_THE_EMERGENCY_NUMBER) == ("123456." in choice.text)
    assert choice.text.startswith(name)
    assert 1 == len(split(choice.text))
    if name[0] == "x":
        assert f"{language}/shortest/missed" == choice.template.name


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"hours": "Mo-Fr 08:30-17:00; PH off"}, "Hill Plumbing 999 tomorrow 8:30"),
        ({"country": "FR"}, "Hill Plumbing 112 tomorrow 8:00"),
        ({"region": "SCT"}, "Hill Plumbing 999 Tuesday 8:00"),
        ({"language": Language.DE}, "Hill Plumbing 999 morgen 8:00"),
        ({"templates": {"closed": "{business}: {opens}"}}, "Hill Plumbing: tomorrow 8:00"),
        (
            {"templates": {}, "trade": Trade.CLINIC},
            "Hill Plumbing: closed until tomorrow 8:00. When may we ring you? No health details",
        ),
        ({"name": "Vale Plumbing"}, "Vale Plumbing 999 tomorrow 8:00"),
    ],
)
def test_a_call_gets_the_words_of_the_office_as_it_is_now(changed: dict[str, Any], expected: str) -> None:
    """Whatever it was when the same call was told of before: a reload changes any of it."""
    sunday = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)  # before Saint Andrew's Day, in Scotland
    call = a_call(a_record(ended_at=sunday), hours=Hours.CLOSED)

    def told(**values: Any) -> str:
        of_the_office = {key: values.pop(key) for key in ("country", "region") if key in values}
        words = {"closed": "{business} {emergency_number} {opens}"}
        office = the_office(**{"hours": WEEKDAYS, "templates": words} | values)
        return choose(call, dataclasses.replace(office, **of_the_office), sunday + SOON, returning=False).text

    assert "Hill Plumbing 999 tomorrow 8:00" == told()
    assert told(**changed).startswith(expected)
    assert "Hill Plumbing 999 tomorrow 8:00" == told()


# --- what holds of all ------------------------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*(f"{{{f}}}" for f in template_fields.FIELDS), "x" * 40, "ç", "😀", " "])).map("".join),
)
OWN = st.dictionaries(st.sampled_from(ALL_SLOTS), TEXTS, max_size=4)
OFFICES = st.builds(
    the_office,
    name=st.text(min_size=1, max_size=60),
    phone=st.sampled_from(["", "01632 960101"]),
    hours=st.sampled_from(["24/7", WEEKDAYS]),
    templates=OWN,
    trade=st.none() | st.sampled_from(Trade),
    language=st.sampled_from(Language),
    accents=st.sampled_from(Accents),
    callback_window=st.sampled_from(["", "within the hour"]),
    link=st.sampled_from(["", "hill.example"]),
)
CALLS = st.builds(
    lambda outcome, hours, name, **did: a_call(
        a_record(talked_to=(*people("101"), Party(number="102", name=name))),
        outcome=outcome,
        hours=hours,
        did=Did(number="01632960101", **did),
    ),
    outcome=st.sampled_from(Outcome),
    hours=st.sampled_from(Hours),
    name=st.text(max_size=30),
    label=st.text(max_size=30),
    language=st.none() | st.sampled_from(Language),
    templates=OWN,
    marks=st.sampled_from([frozenset(), frozenset({Mark.CLOSED})]),
)


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(CALLS, OFFICES, st.floats(0, 100), st.booleans())
def test_every_call_gets_a_whole_text(call: Call, office: Office, hours: float, returning: bool) -> None:
    """In no more parts than it may have, with no field left open, and with the name where the template has it."""
    business = office.businesses[0]
    choice = chosen(call, office, dt.timedelta(hours=hours), returning=returning)
    moment = office.moment(call.did, call.record.ended_at + dt.timedelta(hours=hours))
    words = LIBRARY[call.did.language or business.language]
    opens = template_fields.in_words(moment.opens, moment.local.date(), words) if moment.opens else ""
    agent = call.record.talked_to[-1].name
    values = template_fields.values(business, office.country, did_label=call.did.label, opens=opens, agent=agent)

    assert len(split(choice.text)) <= (3 if business.accents is Accents.EXACT else 1)
    fields = template_fields.fields_in(choice.template.text)
    if choice.template.level is templates.Level.SHORTEST:
        return
    assert set(fields) & set(template_fields.FIELDS) <= set(values)
    whole = template_fields.filled(choice.template.text, values)
    assert whole is not None
    assert choice.text == as_sent(whole, business.accents)
    if "{business}" in choice.template.text:
        assert business.name in whole
    if business.accents is Accents.REFUSE:
        assert encoding_of(choice.text) is Encoding.GSM7
