"""What is wrong, or unwise, about a template: before a caller gets it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from textbackd.core import sms_text, template_fields
from textbackd.core.accents import Accents, as_sent
from textbackd.core.library import LIBRARY, Language
from textbackd.core.office import Business, Did
from textbackd.core.sms_text import Encoding
from textbackd.core.template_findings import Code, Finding, Severity, listed
from textbackd.core.template_manners import manners
from textbackd.core.templates import RETURNING, SLOTS, Level, first_that_fits, problem_on_the_air

Place = tuple[str | int, ...]
"""The way to it in the configuration: ``("businesses", 0, "templates", "missed")``."""

EMPTY: Mapping[str, str] = {
    "did_label": "none of its DIDs has a 'label'",
    "callback_window": "the business has no 'callback_window'",
    "phone": "the business has no 'phone'",
    "link": "the business has no 'link'",
}
"""Why a field never has a value."""
_BY_CALL = ("did_label", "opens", "agent")
"""Fields whose value depends on the call."""
_WHILE_OPEN = frozenset({"missed", "busy", "queue", "voicemail_silent", "later", "closed_undated", "holiday_undated"})
"""Slots for times at which nobody opens."""


def lint(
    text: str, slot: str, business: Business, dids: Sequence[Did], country: str, language: Language | None = None
) -> Iterator[Finding]:
    """All about one template of a business, for calls to these of its DIDs; in its own language, if not in another."""
    language = language or business.language
    longest = template_fields.longest_values(business, country, dids, language)
    if problem := template_fields.problem_with(text):
        yield Finding(code=Code.UNKNOWN_FIELD, message=problem, severity=Severity.ERROR)
        return
    if stray := template_fields.stray_in(text):
        message = f"{listed(stray)} belongs to no field and goes out as it is written: a field is written {{name}}"
        yield Finding(code=Code.BRACE, message=message, severity=Severity.WARNING)
    yield from _fields(text, slot, longest)
    yield from _labels(text, [did for did in dids if (did.language or business.language) is language], slot)
    yield from _on_the_air(text, business.accents, longest)
    yield from manners(text, LIBRARY[language], business.name, business.trade, longest["emergency_number"])


def _labels(text: str, dids: Sequence[Did], slot: str) -> Iterator[Finding]:
    """Callers of a DID with words of its own for the slot do not get those of the business."""
    without = [did.number for did in dids if not did.label and slot not in did.templates]
    if "did_label" in template_fields.fields_in(text) and 0 < len(without) < len(dids):
        message = f"{{did_label}} has no value for {listed(without)}, without a 'label': another text is sent there"
        yield Finding(code=Code.EMPTY_FIELD, message=message)


def _fields(text: str, slot: str, longest: Mapping[str, str]) -> Iterator[Finding]:
    for name in template_fields.fields_in(text):
        if name not in longest:
            message = f"{{{name}}} would be empty: {EMPTY[name]}; another text is sent in its place"
            yield Finding(code=Code.EMPTY_FIELD, message=message, severity=Severity.WARNING)
        elif name == "opens" and slot.removesuffix(RETURNING) in _WHILE_OPEN:
            message = "{opens} has no value while you are open: another text is sent then"
            yield Finding(code=Code.EMPTY_FIELD, message=message)
        elif name == "agent":
            message = "{agent} has no value where nobody was on the line: another text is sent then"
            yield Finding(code=Code.EMPTY_FIELD, message=message)


def _on_the_air(text: str, accents: Accents, longest: Mapping[str, str]) -> Iterator[Finding]:
    finished = template_fields.filled(text, longest)
    if finished is None:
        return
    if problem := problem_on_the_air(as_sent(finished, accents), accents):
        shorter = template_fields.filled(text, dict(longest) | dict.fromkeys(_BY_CALL, "")) or ""
        if problem_on_the_air(as_sent(shorter, accents), accents) is None:
            filled = [name for name in template_fields.fields_in(text) if name in _BY_CALL]
            when = ", ".join(f"{{{name}}} is '{longest[name]}'" for name in filled)
            message = f"this text {problem}, when {when}: another is sent then"
            yield Finding(code=Code.OVERFLOW, message=message, severity=Severity.WARNING)
        else:
            strange = accents is Accents.REFUSE and sms_text.characters_that_cost(finished)
            code = Code.ENCODING if strange else Code.PARTS
            message = f"this text {problem}: another is sent in its place"
            yield Finding(code=code, message=message, severity=Severity.WARNING)
        return
    written = template_fields.filled(text, dict.fromkeys(longest, "")) or ""
    costly = sms_text.characters_that_cost(written)
    if costly and sms_text.encoding_of(as_sent(written, accents)) is Encoding.UCS2:
        message = f"the phones' alphabet lacks {listed(costly)}: this text has 70 characters a part instead of 160"
        yield Finding(code=Code.ENCODING, message=message)
    elif costly:
        message = f'the phones\' alphabet lacks {listed(costly)}: this text goes out as "{as_sent(text, accents)}"'
        yield Finding(code=Code.FOLDED, message=message)
    if (parts := len(sms_text.split(as_sent(finished, accents)))) > 1:
        yield Finding(code=Code.PARTS, message=f"this text may take {parts} parts, each at the price of a text")


def lint_office(
    businesses: Iterable[tuple[int, Business]], dids: Iterable[tuple[int, Did]], country: str
) -> Iterator[tuple[Place, Finding]]:
    """All about the texts that the office's callers may get, its own and those that are shipped.

    Each business and DID comes with its place in the configuration; the first business is that of all DIDs which name
    no other.
    """
    all_businesses, all_dids = list(businesses), list(dids)
    for i, business in all_businesses:
        first = business is all_businesses[0][1]
        its = [(k, did) for k, did in all_dids if did.business == business.name or (first and not did.business)]

        for slot, text in business.templates.items():
            for finding in lint(text, slot, business, [did for _, did in its], country):
                yield ("businesses", i, "templates", slot), finding
        for k, did in its:
            for slot, text in did.templates.items():
                for finding in lint(text, slot, business, [did], country, did.language):
                    yield ("dids", k, "templates", slot), finding
        for finding in _name(business, [did for _, did in its], country):
            yield ("businesses", i, "name"), finding


def _name(business: Business, dids: Sequence[Did], country: str) -> Iterator[Finding]:
    """What the name does to the shipped texts."""
    sent = as_sent(business.name, business.accents)
    if sent != business.name:
        message = f"in texts this name is written '{sent}' (accents: fold)"
        yield Finding(code=Code.FOLDED, message=message)
    if costly := sms_text.characters_that_cost(sent):
        message = f"the phones' alphabet lacks {listed(costly)} of this name: each text has 70 characters a part"
        yield Finding(code=Code.ENCODING, message=message)
    for language in dict.fromkeys([business.language, *(did.language or business.language for did in dids)]):
        did = Did(number="", language=language)
        longest = template_fields.longest_values(business, country, (), language)
        replaced, cut_short = dict[str, tuple[str, str]](), dict[str, tuple[str, str]]()
        for slot in SLOTS:
            choice = first_that_fits(slot, did, business, longest, returning=False)
            shipped = [found for found in choice.refused if not found[0].startswith(f"{Level.BUSINESS}/")]
            if shipped:
                (cut_short if choice.template.level is Level.SHORTEST else replaced)[slot] = shipped[0]
        if affected := cut_short or replaced:
            name, problem = next(iter(affected.values()))
            instead = "a very short text" if cut_short else "another"
            remedy = f"shorten the name, or give templates for {', '.join(affected)}; {instead} is sent till then"
            message = f"with this name the shipped text '{name}' {problem}: {remedy}"
            yield Finding(code=Code.NAME_TOO_LONG, message=message, severity=Severity.WARNING)
