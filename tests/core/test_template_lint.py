"""What the linter has to say about a text."""

import dataclasses

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core import template_lint
from textbackd.core.accents import Accents
from textbackd.core.library import LIBRARY, Language, Trade
from textbackd.core.office import Business, Did
from textbackd.core.template_findings import Code, Finding, Severity
from textbackd.core.templates import SLOTS, problem_on_the_air

END = "Reply STOP to opt out."
HILL = Business(name="Hill Plumbing", phone="01632 960101")


def found(
    text: str,
    slot: str = "closed",
    *,
    accents: Accents = Accents.FOLD,
    language: Language = Language.EN,
    business: Business = HILL,
    label: str = "Sales",
) -> list[Finding]:
    """All about a text of the business."""
    business = dataclasses.replace(business, accents=accents, language=language)
    return list(template_lint.lint(text, slot, business, [Did(number="1", label=label)], "GB"))


SIGNS = {Severity.ERROR: "!", Severity.WARNING: "?", Severity.NOTE: ""}


def codes(text: str, slot: str = "closed", accents: Accents = Accents.FOLD) -> list[str]:
    """Errors with a ``!``, warnings with a ``?``."""
    return [f"{finding.code}{SIGNS[finding.severity]}" for finding in found(text, slot, accents=accents)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{{business}}: what can we do for you? {END}", []),
        ("{business}: write to us. Text END to end.", []),
        ("{business}: we are back {opens}, ring {phone}. Danger: {emergency_number}. STOP ends", []),
        # --- fields
        (f"{{business}}: {{bussiness}} {END}", ["unknown_field!"]),
        (f"{{business}}: {{link}} {END}", ["empty_field?", "link"]),
        (f"{{business}}: {{callback_window}} {END}", ["empty_field?"]),
        (f"{{business}}: {{agent}} will ring. {END}", ["empty_field"]),
        (f"{{business}}}}: sorry {{opens {END}", ["brace?"]),
        (f"${{business}}: sorry {END}", ["brace?"]),
        (f"$business: sorry {{business}} {END}", ["brace?"]),
        (f"{{business}}: $20, $name, $businesses {END}", []),
        # --- on the air
        (f"{{business}}: {'x' * 200} {END}", ["parts?"]),
        (f"{{business}}: {'x' * 110} {{opens}} {END}", ["overflow?"]),
        (f"{{business}}: {'x' * 117} {{did_label}} {END}", ["overflow?"]),
        (f"{{business}}: ça va? {END}", ["folded"]),
        (f"{{business}}: 😀 {END}", ["encoding"]),
        (f"{{business}}: 😀 {'x' * 40} {END}", ["parts?"]),
        # --- manners
        (f"what can we do for you? {END}", ["no_business"]),
        (f"Hill Plumbing: what is it? {END}", []),
        (f"Here is hill plumbing. {END}", []),
        (f"Hill: what is it? {END}", ["no_business"]),
        ("{business}: what can we do for you?", ["no_opt_out"]),
        ("{business}: we stop by. Text BAJA.", ["no_opt_out", "capitals"]),
        ("{business}: what is it? reply stop to end", []),
        ("{business}: what is it? Reply 'stop' to end", []),
        ("{business}: what is it? Text OPT OUT to end", []),
        ("{business}: what is it? Text opt-out to end", []),
        ("{business}: no STOP-sign, thanks.", ["no_opt_out"]),
        ("{business}: the end of the week. Text us.", ["no_opt_out"]),
        (f"{{business}}: https://hill.example {END}", ["link"]),
        (f"{{business}}: see hill.co/1. {END}", ["link"]),
        (f"{{business}}: see harbourlane.co.uk for prices {END}", ["link"]),
        (f"{{business}}: harbourlane.com, {END}", ["link"]),
        (f"{{business}}: Harbourlane.com. {END}", ["link"]),
        (f"{{business}}: x.com?y=1 {END}", ["link"]),
        (f"{{business}}: müller-söhne.de {END}", ["link"]),
        (f"{{business}}: hill.plumbing/now {END}", ["link"]),
        (f"{{business}}: write to info@hill.uk {END}", ["link"]),
        (f"{{business}}: ask for Mr.Smith/jones {END}", []),
        (f"{{business}}: sorry.It is 8.30am, e.g. 9 a.m. or 10.30 p.m., p.es. {END}", []),
        (f"{{business}}: sorry.Next 24/7 {END}", []),
        (f"{{business}}: CALL us {END}", ["capitals"]),
        (f"{{business}}: your MOT, by SMS. {END}", []),
        (f"{{business}}: HI WE ARE OUT {END}", ["capitals"]),
        (f"{{business}}: FIX IT NOW {END}", ["capitals"]),
        (f"{{business}}: UK VAT, MOT, SMS {END}", []),
        (f"{{business}}: sorry! What is it? {END}", []),
        (f"{{business}}: sorry!! {END}", ["exclamation"]),
        (f"{{business}}: really?! {END}", ["exclamation"]),
        (f"{{business}}: a deal? {END}", ["offer"]),
        (f"{{business}}: 20 % less {END}", ["offer"]),
        (f"{{business}}: 20 percent off {END}", ["offer"]),
        (f"{{business}}: a free quote? {END}", ["offer"]),
        (f"{{business}}: £10 off {END}", ["offer"]),
        (f"{{business}}: 10 euros off {END}", ["offer"]),
        (f"{{business}}: buy one get one free {END}", ["offer"]),
        (f"{{business}}: feel free to write. When are you free? {END}", []),
        (f"{{business}}: an ideal dealer {END}", []),
    ],
)
def test_what_is_found(text: str, expected: list[str]) -> None:
    """Each in its own case; a warning tells of what is not sent as it is written."""
    assert expected == codes(text)


@pytest.mark.parametrize(
    ("accents", "expected"),
    [(Accents.FOLD, ["folded"]), (Accents.EXACT, ["encoding"]), (Accents.REFUSE, ["encoding?"])],
)
def test_a_letter_that_costs(accents: Accents, expected: list[str]) -> None:
    """By what the business wants done with it; the message names it."""
    text = "{business}: ça va? STOP = fin"

    assert expected == codes(text, accents=accents)
    assert "'ç'" in found(text, accents=accents)[0].message


def test_several_parts_are_told_where_they_are_allowed() -> None:
    """They cost."""
    assert ["encoding", "parts"] == codes(f"{{business}}: ça {'x' * 60} {END}", accents=Accents.EXACT)


@pytest.mark.parametrize("slot", ["missed", "busy_returning", "later", "closed_undated", "holiday_undated"])
def test_nobody_opens_who_is_open(slot: str) -> None:
    """A text with the opening hour waits in vain for one in these slots."""
    assert ["empty_field"] == codes(f"{{business}}: {{opens}} {END}", slot)
    assert [] == codes(f"{{business}}: {{opens}} {END}", "voicemail_left")


@pytest.mark.parametrize("language", Language)
def test_each_language_has_its_own_words(language: Language) -> None:
    """For the way out that is suggested, and for offers, with and without accents."""
    words = LIBRARY[language]
    (finding,) = found("{business}: hallo", language=language)
    assert (Code.NO_OPT_OUT, True) == (finding.code, words.opt_out in finding.message)

    for offer in words.offers:
        text = f"{{business}}: {offer.upper() if len(offer) < 4 else offer}. {words.opt_out}"
        assert [Code.OFFER] == [f.code for f in found(text, language=language) if f.code is not Code.FOLDED], offer


def test_a_message_says_what_to_do() -> None:
    """With the character, the field, the word."""
    messages = [f.message for f in found(f"{'x' * 150}{{opens}}", business=Business(name="B"), label="")]

    assert [
        "this text needs 2 parts: 165 characters of 160, with its fields filled, when {opens} is 'Wednesday 10:30'",
        "callers do not know the number that texts them: begin with {business}",
        'nobody is told how to get no more texts: end with "Reply STOP to opt out."',
    ] == [message.removesuffix(": another is sent then") for message in messages]


def test_all_texts_of_an_office_are_looked_at_in_their_place() -> None:
    """Those of businesses and DIDs, each with its own label, language and values."""
    businesses = [
        Business(name="Hill", phone="1", templates={"busy": "{business} {phone}"}),
        Business(name="Dale", templates={"busy": "{business} {phone} STOP", "missed": "{business} {did_label} STOP"}),
    ]
    dids = [
        Did(number="1", templates={"busy": "{business} {did_label} STOP"}),
        Did(
            number="2", label="Two", business="Dale", language=Language.DE, templates={"busy": "{business} Rabatt STOP"}
        ),
    ]
    placed = template_lint.lint_office(enumerate(businesses), enumerate(dids), "GB")

    assert [
        (("businesses", 0, "templates", "busy"), Code.NO_OPT_OUT),
        (("dids", 0, "templates", "busy"), Code.EMPTY_FIELD),
        (("businesses", 1, "templates", "busy"), Code.EMPTY_FIELD),
        (("businesses", 1, "templates", "missed"), Code.EMPTY_FIELD),
        (("dids", 1, "templates", "busy"), Code.OFFER),
    ] == [(place, finding.code) for place, finding in placed]


@pytest.mark.parametrize(
    ("business", "expected"),
    [
        (Business(name="Hill"), []),
        (Business(name="x" * 41, trade=Trade.VET), []),
        (Business(name="x" * 49, trade=Trade.VET), ["name_too_long? closed, holiday; another"]),
        (Business(name="x" * 40, trade=Trade.CLINIC), []),
        (Business(name="x" * 52, trade=Trade.CLINIC), [f"name_too_long? {', '.join(SLOTS)}; a very short text"]),
        (Business(name="x" * 41, trade=Trade.HEATING), []),
        (
            Business(name="x" * 50, trade=Trade.ELECTRICIAN, templates={"queue": "{business} STOP", "later": "STOP"}),
            ["name_too_long? missed, busy, closed_undated, holiday_undated, voicemail_silent; a very short text"],
        ),
        (Business(name="x" * 52), ["name_too_long? closed, holiday, holiday_undated, voicemail_silent; another"]),
        (Business(name="x" * 52, templates=dict.fromkeys(LIBRARY[Language.EN].general, "{business} STOP")), []),
        (Business(name="Joe’s"), ["folded"]),
        (Business(name="Joe’s", accents=Accents.EXACT), ["encoding"]),
        (
            Business(name="Joe’s", accents=Accents.REFUSE),
            ["encoding", f"name_too_long? {', '.join(SLOTS)}; a very short text"],
        ),
        (Business(name="Вода"), ["encoding", f"name_too_long? {', '.join(SLOTS)}; a very short text"]),
    ],
)
def test_what_a_name_does_to_the_shipped_texts(business: Business, expected: list[str]) -> None:
    """A name that folds is told; so is one with which texts do not fit, and for which slots, and what is sent then."""
    placed = template_lint.lint_office([(0, business)], [], "GB")
    found = [finding for place, finding in placed if place == ("businesses", 0, "name")]
    about = [finding.message.partition("templates for ")[2].removesuffix(" is sent till then") for finding in found]

    told = [f"{f.code}{SIGNS[f.severity]} {slots}".strip() for f, slots in zip(found, about, strict=True)]
    assert expected == told


@pytest.mark.parametrize(
    ("trade", "expected"),
    [(Trade.CLINIC, [Code.NO_EMERGENCY_NUMBER]), (Trade.HEATING, [Code.NO_EMERGENCY_NUMBER]), (Trade.GARAGE, [])],
)
def test_whose_callers_may_be_in_danger_is_told_whom_to_call(trade: Trade, expected: list[Code]) -> None:
    """By the field or by the number itself; other trades need not say it."""

    def of(text: str) -> list[Code]:
        business = Business(name="Hill", trade=trade, templates={"missed": text})
        return [finding.code for _, finding in template_lint.lint_office([(0, business)], [], "GB")]

    assert expected == of(f"{{business}}: when may we ring? {END}")
    assert [] == of(f"{{business}}: danger? {{emergency_number}}. {END}")
    assert [] == of(f"{{business}}: danger? Call 999. {END}")


def test_all_unknown_fields_are_told() -> None:
    """At once, in their order."""
    (finding,) = found("{one} {business} {two} {one}")

    assert ("{one}, {two} are no fields; ", Severity.ERROR) == (finding.message[:28], finding.severity)


def test_the_label_of_a_did_is_that_of_its_callers_only() -> None:
    """Callers of a DID with another language do not get the business's words, so its label may be long; one of them
    without a label is told of.
    """
    text = f"{{business}}: {'x' * 110} {{did_label}} {END}"
    sales, buero = Did(number="1", label="Sales"), Did(number="2", label="x" * 40, language=Language.DE)

    assert [] == list(template_lint.lint(text, "missed", HILL, [sales, buero], "GB"))
    (finding,) = template_lint.lint(text, "missed", HILL, [sales, buero, Did(number="3")], "GB")
    assert "{did_label} has no value for '3', without a 'label': another text is sent there" == finding.message
    its_own = Did(number="3", templates={"missed": "{business}"})
    assert [] == list(template_lint.lint(text, "missed", HILL, [sales, buero, its_own], "GB"))


@pytest.mark.parametrize(
    ("name", "accents", "expected"),
    [
        ("x" * 161, Accents.FOLD, "needs 2 parts: 161 characters of 160, with its fields filled"),
        ("Ж" * 71, Accents.FOLD, "needs 2 parts: 71 characters of 70; without 'Ж' 160 would fit into one"),
        ("x" * 459, Accents.EXACT, None),
        ("x" * 460, Accents.EXACT, "needs 4 parts, and may have 3: 460 characters, with its fields filled"),
        ("Ж" * 202, Accents.EXACT, "needs 4 parts, and may have 3: 202 characters; without 'Ж' 160 would fit into one"),
        ("ЖШ", Accents.REFUSE, "has 'Ж', 'Ш', not in the phones' alphabet (accents: refuse)"),
        ("Ж" * 5 + "Ш", Accents.REFUSE, "has 'Ж', 'Ш', not in the phones' alphabet (accents: refuse)"),
    ],
)
def test_why_a_text_is_not_sent(name: str, accents: Accents, expected: str | None) -> None:
    """By what it may take, in parts and letters."""
    assert expected == problem_on_the_air(name, accents)


@hypothesis.given(st.text(max_size=200), st.sampled_from(Language), st.sampled_from(Accents))
def test_anything_can_be_linted(text: str, language: Language, accents: Accents) -> None:
    """Never an error of ours; every finding has words."""
    assert all(finding.message for finding in found(text, accents=accents, language=language))
