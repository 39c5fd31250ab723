"""How a text is read by callers, by carriers' filters and by the law.

CTIA's principles of messaging ask for a name, a way out and no link; UK PECR reg. 22 tells what is advertising.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator

import phonenumbers

from textbackd.core import opt_out
from textbackd.core.library import NAMES_THE_EMERGENCY_NUMBER, Trade, Words
from textbackd.core.template_findings import Code, Finding, listed

_GENERIC = "com|net|org|info|biz|app|dev|shop|store|online|site|page|link|click|xyz|top|pro|mobi|tel"
_COUNTRIES = "|".join(sorted(region.lower() for region in (*phonenumbers.SUPPORTED_REGIONS, "UK", "EU")))
_LABEL = r"[\w-]*[^\W\d_][\w-]*"
_LINK = re.compile(
    r"(?i:https?://|\bwww\.)|\{link\}"
    # A top-level domain in capitals only where all else is: "Sorry.It is" wants a space, and is no address.
    rf"|(?<![\w.-])(?:{_LABEL}\.)+(?:{_GENERIC}|{_GENERIC.upper()})(?![\w-])"
    # Of countries no label of one letter: "p.es." is Italian for "for example".
    rf"|(?<![\w.-])(?:{_LABEL}\.)*(?=[\w-]{{2}}){_LABEL}\.(?:{_COUNTRIES}|{_COUNTRIES.upper()})(?![\w-])"
    r"|\b[a-z0-9-]+\.[a-z]{2,}/"
)
_SHOUTED = 4
"""Letters; shorter words in capitals are names of things (SMS, MOT)."""
_SHOUTED_IN_A_ROW = 3
"""Words of any length."""
_EXCLAMATION = re.compile(r"[!?¡¿]*!\s?[!?]+|\?+!+")
_LESS = re.compile(
    r"\d+ ?(?:%|(?:per ?cento?|prozent|pour ?cent|por ?ciento|por cento|procent)\b)"
    r"|(?:[£$€] ?\d[\d.,]*|\d[\d.,]* ?(?:[£$€]|pounds?\b|euros?\b|dollars?\b)) off\b",
    re.IGNORECASE,
)
_WAY_OUT = re.compile(
    rf"(?<![\w-])(?:{'|'.join(sorted(opt_out.STOP_WORDS, key=len, reverse=True)).replace(' ', '[ -]')})(?![\w-])",
    re.IGNORECASE,
)


def manners(text: str, words: Words, name: str, trade: Trade | None, emergency_number: str) -> Iterator[Finding]:
    """All about one template of a business of that name."""
    if not _tells_the_name(text, name):
        message = "callers do not know the number that texts them: begin with {business}"
        yield Finding(code=Code.NO_BUSINESS, message=message)
    if not _tells_the_way_out(text, words):
        message = f'nobody is told how to get no more texts: end with "{words.opt_out}"'
        yield Finding(code=Code.NO_OPT_OUT, message=message)
    if trade in NAMES_THE_EMERGENCY_NUMBER and not {"{emergency_number}", emergency_number} & set(_tokens(text)):
        message = f"callers of the trade '{trade}' may be in danger, and nobody may read them now: name"
        yield Finding(code=Code.NO_EMERGENCY_NUMBER, message=f"{message} {{emergency_number}}")
    if found := _LINK.search(text):
        message = f"'{found[0]}': carriers' filters and careful callers distrust a link in a first text"
        yield Finding(code=Code.LINK, message=message)
    if shouted := list(_shouted(text)):
        yield Finding(code=Code.CAPITALS, message=f"{listed(shouted)}: a word in capitals looks like a swindle")
    if found := _EXCLAMATION.search(text):
        yield Finding(code=Code.EXCLAMATION, message=f"'{found[0]}' looks like advertising: one mark is enough")
    offers = [word for word in words.offers if _has(text, word)]
    if found := _LESS.search(text):
        offers.append(found[0])
    if offers:
        message = f"{listed(offers)}: an offer makes this advertising, which needs the caller's consent"
        yield Finding(code=Code.OFFER, message=message)


def _tells_the_name(text: str, name: str) -> bool:
    return "{business}" in text or (_has(text, name) if _plain(name) else name in text)


def _tells_the_way_out(text: str, words: Words) -> bool:
    """Whether a word that opts out is to be sent: it stands in capitals, or after "reply" or its kin."""
    told = tuple(f" {_plain(verb)}" for verb in words.told_to_send)
    return any(
        found[0].isupper() or f" {_plain(text[: found.start()])}".endswith(told) for found in _WAY_OUT.finditer(text)
    )


def _shouted(text: str) -> Iterator[str]:
    """Words in capitals, or several of them in a row; not those that are to be sent."""
    for phrase in re.findall(r"[\w'’]+(?: [\w'’]+)*", text):
        for in_capitals, run in itertools.groupby(phrase.split(), lambda w: w.isupper() and opt_out.wish(w) is None):
            row = list(run)
            if in_capitals and len(row) >= _SHOUTED_IN_A_ROW:
                yield " ".join(row)
            elif in_capitals:
                yield from (word for word in row if len(word) >= _SHOUTED)


def _tokens(text: str) -> list[str]:
    return re.findall(r"\{[a-z_]+\}|\d+", text)


def _has(text: str, words: str) -> bool:
    return f" {_plain(words)} " in f" {_plain(text)} "


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", letters.casefold()).split())
