"""Phone numbers in vCards: version 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), as far as an exclusion list needs them."""

import dataclasses
import quopri
import re
import urllib.parse
from collections.abc import Iterator

from textbackd.core.contacts import Contact, Contacts, one_line

_PROPERTY = re.compile(r'(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;(?:"[^"]*"|[^":;])*)*):(.*)', re.DOTALL)
"""``item1.TEL;TYPE="voice,home";VALUE=uri:tel:+44…``: its name, its parameters and its value."""
_BROKEN_PHONE = re.compile(r"(?:[A-Za-z0-9-]+\.)?TEL[\s;:,]", re.IGNORECASE)
"""How a line begins that was to be one, if it is no property."""
_CHARSET = re.compile(r";CHARSET=([^;]+)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\,;nN])")


@dataclasses.dataclass(slots=True)
class _Card:
    """What was read of one so far."""

    line: int
    phones: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    formatted: str = ""
    structured: str = ""
    company: str = ""
    category: str = ""

    def contacts(self) -> Iterator[Contact]:
        """One for each of its numbers."""
        name = one_line(self.formatted or self.structured or self.company)
        for line, phone in self.phones or [(self.line, "")]:
            yield Contact(line=line, phone=phone, name=name, category=one_line(self.category))


def is_vcard(text: str) -> bool:
    """Whether a file is one, by its beginning."""
    return text.lstrip().upper().startswith("BEGIN:VCARD")


def read(text: str) -> Contacts:
    """Every number of every card; a card without any is an entry without one. A card that is cut off counts, and so
    does a number outside of any card.
    """
    found: list[Contact] = []
    cards: list[_Card] = []  # the innermost last: that of an AGENT stands within another
    may_be_within = False
    for line, name, parameters, value in _properties(text):
        if name == "BEGIN" and _is_card(value):
            if cards and not may_be_within:
                found += cards.pop().contacts()
            cards.append(_Card(line))
        elif name == "END" and _is_card(value):
            found += cards.pop().contacts() if cards else ()
        elif name == "AGENT" and is_vcard(value):
            found += [dataclasses.replace(contact, line=line) for contact in read(_lines(value))]
        else:
            if name == "TEL" and not cards:
                cards.append(_Card(line))
            if cards:
                _take_in(cards[-1], line, name, _decoded(parameters, value))
        may_be_within = name == "AGENT"
    for card in reversed(cards):
        found += card.contacts()
    return found


def _is_card(value: str) -> bool:
    return value.strip().upper() == "VCARD"


def _take_in(card: _Card, line: int, name: str, value: str) -> None:
    match name:
        case "TEL":
            card.phones.append((line, _phone(value)))
        case "FN":
            card.formatted = card.formatted or _unescaped(value)
        case "N":  # family; given; …
            parts = [_unescaped(part) for part in re.split(r"(?<!\\);", value)]
            card.structured = " ".join(filter(None, [*parts[1:2], *parts[:1]]))
        case "ORG":
            card.company = _unescaped(re.split(r"(?<!\\);", value)[0])
        case "CATEGORIES":
            card.category = card.category or _unescaped(re.split(r"(?<!\\),", value)[0])


def _properties(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Line, name in capitals, parameters and value of each line that is one; of a broken ``TEL`` the line as it is."""
    for line, content in _unfolded(text):
        if found := _PROPERTY.fullmatch(content):
            yield line, found[1].upper(), found[2], found[3]
        elif _BROKEN_PHONE.match(content):
            yield line, "TEL", "", content


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines, each with where it begins: a long one goes on behind a line end and a blank, and where it is
    quoted-printable behind ``=``.
    """
    begins, pieces = 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if pieces and pieces[-1].endswith("=") and _is_quoted_printable(pieces[0].partition(":")[0]):
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line)
        elif pieces and line[:1] in (" ", "\t"):
            pieces.append(line[1:])
        else:
            if pieces:
                yield begins, "".join(pieces)
            begins, pieces = number, [line]
    yield begins, "".join(pieces)


def _is_quoted_printable(parameters: str) -> bool:
    return "QUOTED-PRINTABLE" in parameters.upper()


def _decoded(parameters: str, value: str) -> str:
    if not _is_quoted_printable(parameters):
        return value
    content = quopri.decodestring(value.encode("utf-8"))
    charset = _CHARSET.search(parameters)
    try:
        return content.decode(charset[1] if charset else "utf-8", "replace")
    except (LookupError, ValueError):  # a name that no codec has, or of one that decodes no text
        return content.decode("utf-8", "replace")


def _phone(value: str) -> str:
    """``tel:+44-7700-900123;ext=5`` -> ``+44-7700-900123``; a local number with its context, as RFC 3966 has it."""
    value = _unescaped(value).strip()
    if value[:4].casefold() != "tel:":
        return value
    number, *parameters = urllib.parse.unquote(value[4:]).split(";")
    contexts = [p.partition("=")[2] for p in parameters if p.casefold().startswith("phone-context=+")]
    return contexts[0] + number if contexts and not number.startswith("+") else number


def _unescaped(value: str) -> str:
    return _lines(value).replace("\n", " ")


def _lines(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
