"""What stands in braces in a template, and its value for one call.

A text is plain ``{name}`` substitution: no code, no caller's name.
"""

import dataclasses
import datetime as dt
import re
import string
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from textbackd.core.emergency_numbers import emergency_number
from textbackd.core.library import LIBRARY, Words
from textbackd.core.office import Business, Office
from textbackd.core.outcomes import Call

FIELDS: Mapping[str, str] = {
    "business": "its name",
    "did_label": "the label of the number that was dialled",
    "opens": "when it opens next; nothing while it is open",
    "callback_window": "when callers are rung back, as the business says it",
    "phone": "the business's number, as callers should read it",
    "emergency_number": "whom to call in an emergency",
    "agent": "the name of whoever of ours was on the line last; nothing where nobody was",
    "link": "the business's address on the web",
}


class _Text(string.Template):
    """``{name}``; everything else, also a lone brace, stands for itself."""

    pattern = r"\{(?:(?P<named>[a-z_]+)\}|(?P<braced>(?!))|(?P<escaped>(?!))|(?P<invalid>(?!)))"  # type: ignore[assignment]


def fields_in(text: str) -> Collection[str]:
    """All that stands in braces, each once, in order."""
    return tuple(dict.fromkeys(re.findall(r"\{([^}]*)\}", text)))


def problem_with(text: str) -> str | None:
    """What is wrong with a template, or None."""
    if unknown := [f"{{{name}}}" for name in fields_in(text) if name not in FIELDS]:
        what = f"{unknown[0]} is no field" if len(unknown) == 1 else f"{', '.join(unknown)} are no fields"
        return f"{what}; there are {', '.join(sorted('{' + name + '}' for name in FIELDS))}"
    return None


def stray_in(text: str) -> Sequence[str]:
    """The braces that belong to no field, and the dollars before one: they go out as they are written."""
    return re.findall(r"[{}]|\$(?=\0)", re.sub(r"\{[a-z_]+\}", "\0", text))


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """The template with its fields filled; None where one has no value."""
    try:
        return _Text(template).substitute(values)
    except KeyError:
        return None


def values_for(call: Call, office: Office, at: dt.datetime) -> Mapping[str, str]:
    """The fields that have a value for a text about this call that is sent at ``at`` (aware); each is looked up when it
    is asked for, since most texts need two of them and the next opening takes longest.
    """
    return _OfCall(call, office, at)


_FIXED: Mapping[str, Callable[[Business, str], str]] = {
    "business": lambda business, _country: business.name,
    "callback_window": lambda business, _country: business.callback_window,
    "phone": lambda business, _country: business.phone,
    "emergency_number": lambda business, country: business.emergency_number or emergency_number(country),
    "link": lambda business, _country: business.link,
}
"""Those that are the same for all calls to a business, in its country."""


def fixed_values(business: Business, country: str) -> dict[str, str]:
    """Those that are the same for all calls to the business; empty where it has none."""
    return {name: value(business, country) for name, value in _FIXED.items()}


LONGEST_NAME_OF_AN_AGENT = "Christopher Fitzgerald"
"""A PBX shows what somebody once typed; this is a long one."""


def longest_values(business: Business, country: str, label: str, words: Words) -> Mapping[str, str]:
    """The same for any call to the business at its longest; ``label`` is that of its DIDs which is longest."""
    return _with_a_value(
        fixed_values(business, country)
        | {"did_label": label, "opens": longest_opening(words), "agent": LONGEST_NAME_OF_AN_AGENT}
    )


def longest_opening(words: Words) -> str:
    """The longest that ``in_words`` may say."""
    clock = words.clock.format(hour=10, minute=30)
    days = [f"{day} {clock}" for day in (words.tomorrow, *words.weekdays)]
    return max([*days, *(words.date.format(day=28, month=month) for month in words.months)], key=len)


def in_words(moment: dt.datetime, now: dt.datetime, words: Words) -> str:
    """``8:00``, ``tomorrow 8:00``, ``Monday 8:00``, ``4 January``: as one would say it at ``now``, in its zone."""
    clock = words.clock.format(hour=moment.hour, minute=moment.minute)
    days = (moment.date() - now.date()).days
    if days == 0:
        return clock
    if days == 1:
        return f"{words.tomorrow} {clock}"
    if days < 7:
        return f"{words.weekdays[moment.weekday()]} {clock}"
    date = words.first if moment.day == 1 and words.first else words.date
    return date.format(day=moment.day, month=words.months[moment.month - 1])


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _OfCall(Mapping[str, str]):
    call: Call
    office: Office
    at: dt.datetime

    def __getitem__(self, name: str) -> str:
        if value := self._value(name):
            return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return filter(self._value, FIELDS)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _value(self, name: str) -> str:
        business = self.office.business(self.call.business)
        if value := _FIXED.get(name):
            return value(business, self.office.country)
        match name:
            case "did_label":
                return self.call.did.label
            case "agent":
                return self.call.record.talked_to[-1].name if self.call.record.talked_to else ""
            case "opens":
                opens = self.office.next_opening(self.call.did, self.at)
                words = LIBRARY[self.call.did.language or business.language]
                return in_words(opens, self.at.astimezone(self.office.time_zone), words) if opens else ""
        return ""


def _with_a_value(values: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in values.items() if value}
