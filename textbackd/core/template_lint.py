"""What is wrong, or unwise, about a template: before a caller gets it.

Errors are what keeps a text from going out as it was written; all else is advice on how texts are read by callers, by
carriers' filters and by the law (CTIA's principles of messaging; UK PECR reg. 22 on what is advertising).
"""

import dataclasses
import enum
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from textbackd.core import opt_out, sms_text, template_fields
from textbackd.core.accents import Accents, as_sent
from textbackd.core.library import LIBRARY, Words
from textbackd.core.office import Business, Did
from textbackd.core.opt_out import Wish
from textbackd.core.sms_text import Encoding
from textbackd.core.templates import RETURNING, problem_on_the_air


class Code(enum.StrEnum):
    """What kind of thing was found."""

    UNKNOWN_FIELD = "unknown_field"
    EMPTY_FIELD = "empty_field"
    PARTS = "parts"
    """More than it may have, whatever its fields hold."""
    OVERFLOW = "overflow"
    """More than it may have, when some of its fields hold their longest."""
    ENCODING = "encoding"
    """A character that takes the text to UCS-2."""
    FOLDED = "folded"
    """A letter or a name that goes out as another."""
    NO_BUSINESS = "no_business"
    NO_OPT_OUT = "no_opt_out"
    LINK = "link"
    CAPITALS = "capitals"
    EXCLAMATION = "exclamation"
    OFFER = "offer"
    TRADE_TOO_LONG = "trade_too_long"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one text."""

    code: Code
    message: str
    is_error: bool = False


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
_WHILE_OPEN = frozenset({"missed", "busy", "queue", "voicemail_silent", "later", "closed_undated"})
"""Slots for times at which nobody opens."""

_LINK = re.compile(r"https?://|\bwww\.|\b[a-z0-9-]+\.[a-z]{2,}/|\{link\}", re.IGNORECASE)
_SHOUTED = 4
"""Letters; shorter words in capitals are names of things (SMS, MOT)."""
_EXCLAMATION = re.compile(r"[!?¡¿]*!\s?[!?]+|\?+!+")
_PERCENT = re.compile(r"\d+ ?%")


def lint(text: str, slot: str, words: Words, accents: Accents, longest: Mapping[str, str]) -> Iterator[Finding]:
    """All about one template. ``longest``: each field that may have a value, at its longest."""
    if problem := template_fields.problem_with(text):
        yield Finding(code=Code.UNKNOWN_FIELD, message=problem, is_error=True)
        return
    yield from _fields(text, slot, longest)
    yield from _on_the_air(text, accents, longest)
    yield from _manners(text, words)


def _fields(text: str, slot: str, longest: Mapping[str, str]) -> Iterator[Finding]:
    for name in template_fields.fields_in(text):
        if name not in longest:
            message = f"{{{name}}} would be empty: {EMPTY[name]}"
            yield Finding(code=Code.EMPTY_FIELD, message=message, is_error=True)
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
            yield Finding(code=Code.OVERFLOW, message=f"this text {problem}, when {when}", is_error=True)
        else:
            strange = accents is Accents.REFUSE and sms_text.characters_that_cost(finished)
            code = Code.ENCODING if strange else Code.PARTS
            yield Finding(code=code, message=f"this text {problem}", is_error=True)
        return
    written = template_fields.filled(text, dict.fromkeys(longest, "")) or ""
    costly = _listed(sms_text.characters_that_cost(written))
    if costly and sms_text.encoding_of(as_sent(written, accents)) is Encoding.UCS2:
        message = f"{costly} takes this text out of the phones' alphabet: 70 characters a part instead of 160"
        yield Finding(code=Code.ENCODING, message=message)
    elif costly:
        message = f'{costly} is not in the phones\' alphabet: this text goes out as "{as_sent(text, accents)}"'
        yield Finding(code=Code.FOLDED, message=message)
    if (parts := len(sms_text.split(as_sent(finished, accents)))) > 1:
        yield Finding(code=Code.PARTS, message=f"this text may take {parts} parts, each at the price of a text")


def _manners(text: str, words: Words) -> Iterator[Finding]:
    if "{business}" not in text:
        message = "callers do not know the number that texts them: begin with {business}"
        yield Finding(code=Code.NO_BUSINESS, message=message)
    capitals = [word for word in re.findall(r"\w+", text) if word.isupper()]
    keywords = {word for word in capitals if opt_out.wish(word)}
    if not any(opt_out.wish(word) is Wish.STOP for word in keywords):
        message = f'nobody is told how to get no more texts: end with "{words.opt_out}"'
        yield Finding(code=Code.NO_OPT_OUT, message=message)
    if found := _LINK.search(text):
        message = f"'{found[0]}': carriers' filters and careful callers distrust a link in a first text"
        yield Finding(code=Code.LINK, message=message)
    if shouted := [word for word in capitals if len(word) >= _SHOUTED and word not in keywords]:
        yield Finding(code=Code.CAPITALS, message=f"{_listed(shouted)}: a word in capitals looks like a swindle")
    if found := _EXCLAMATION.search(text):
        yield Finding(code=Code.EXCLAMATION, message=f"'{found[0]}' looks like advertising: one mark is enough")
    plain = f" {_plain(text)} "
    offers = [word for word in words.offers if f" {_plain(word)} " in plain]
    if found := _PERCENT.search(text):
        offers.append(found[0])
    if offers:
        message = f"{_listed(offers)}: an offer makes this advertising, which needs the caller's consent"
        yield Finding(code=Code.OFFER, message=message)


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

        def values(words: Words, labels: Sequence[str], business: Business = business) -> Mapping[str, str]:
            label = max(labels, key=sms_text.length, default="")
            return template_fields.longest_values(business, country, label, words)

        own = LIBRARY[business.language]
        longest = values(own, [did.label for _, did in its if did.language in (None, business.language)])
        for slot, text in business.templates.items():
            for finding in lint(text, slot, own, business.accents, longest):
                yield ("businesses", i, "templates", slot), finding
        for k, did in its:
            words = LIBRARY[did.language or business.language]
            for slot, text in did.templates.items():
                for finding in lint(text, slot, words, business.accents, values(words, [did.label])):
                    yield ("dids", k, "templates", slot), finding
        for finding in _name(business, [did for _, did in its], values):
            yield ("businesses", i, "name"), finding


def _name(
    business: Business, dids: Sequence[Did], values: Callable[[Words, Sequence[str]], Mapping[str, str]]
) -> Iterator[Finding]:
    """What the name does to the shipped texts."""
    sent = as_sent(business.name, business.accents)
    if sent != business.name:
        message = f"in texts this name is written '{sent}' (accents: fold)"
        yield Finding(code=Code.FOLDED, message=message)
    if costly := sms_text.characters_that_cost(sent):
        message = f"{_listed(costly)} in this name takes each text out of the phones' alphabet: 70 characters a part"
        yield Finding(code=Code.ENCODING, message=message)
    for language in dict.fromkeys([business.language, *(did.language or business.language for did in dids)]):
        words, own = LIBRARY[language], business.templates if language is business.language else {}
        longest = values(words, ())
        too_long = _refused(
            {slot: text for slot, text in words.texts().items() if slot not in own}, longest, business.accents
        )
        if too_long:
            slot = max(too_long, key=lambda slot: len(words.general[slot]))
            message = f"with this name the shipped text '{language}/general/{slot}' {too_long[slot]}"
            remedy = f"shorten the name, or give templates for {', '.join(too_long)}"
            yield Finding(code=Code.PARTS, message=f"{message}: {remedy}", is_error=True)
        elif business.trade:
            of_trade = {s: text for s, text in words.texts(business.trade).items() if s not in own}
            for slot, problem in _refused(of_trade, longest, business.accents).items():
                message = f"with this name the shipped text '{language}/{business.trade}/{slot}' {problem}"
                remedy = f"'{language}/general/{slot}' is sent in its place"
                yield Finding(code=Code.TRADE_TOO_LONG, message=f"{message}: {remedy}")


def _refused(texts: Mapping[str, str], longest: Mapping[str, str], accents: Accents) -> Mapping[str, str]:
    """Slot -> why it would not be sent."""
    finished = {slot: as_sent(template_fields.filled(text, longest) or "", accents) for slot, text in texts.items()}
    return {slot: problem for slot, text in finished.items() if (problem := problem_on_the_air(text, accents))}


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", letters.casefold()).split())


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(repr, dict.fromkeys(words[:5])))
