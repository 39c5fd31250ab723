"""What stands in braces in a template, and its value for one call.

A text is plain ``{name}`` substitution: no code, no caller's name.
"""

import datetime as dt
import re
import string
from collections.abc import Collection, Iterable, Mapping, Sequence

from textbackd.core import sms_text
from textbackd.core.emergency_numbers import emergency_number
from textbackd.core.library import LIBRARY, Language, Words
from textbackd.core.office import Business, Did

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


_STRAY = re.compile(rf"[{{}}]|\$(?=\0|(?:{'|'.join(FIELDS)})\b)")
"""In a text whose fields are NULs."""


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
    """The braces that belong to no field, and the dollars before one or before its name: they go out as written."""
    return _STRAY.findall(re.sub(r"\{[a-z_]+\}", "\0", text))


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """The template with its fields filled; None where one has no value."""
    try:
        return _Text(template).substitute(values)
    except KeyError:
        return None


def values(business: Business, country: str, *, did_label: str, opens: str, agent: str) -> Mapping[str, str]:
    """All fields that have a value; those given differ from call to call, and are empty where they have none."""
    each = {
        "business": business.name,
        "did_label": did_label,
        "opens": opens,
        "callback_window": business.callback_window,
        "phone": business.phone,
        "emergency_number": business.emergency_number or emergency_number(country),
        "agent": agent,
        "link": business.link,
    }
    return {name: value for name, value in each.items() if value}


LONGEST_NAME_OF_AN_AGENT = "Christopher Fitzgerald"
"""A PBX shows what somebody once typed; this is a long one."""


def longest_values(business: Business, country: str, dids: Iterable[Did], language: Language) -> Mapping[str, str]:
    """The same at its longest, for any call to one of these DIDs of the business whose callers get that language."""
    labels = [did.label for did in dids if (did.language or business.language) is language]
    label = max(labels, key=sms_text.length, default="")
    opens, agent = longest_opening(LIBRARY[language]), LONGEST_NAME_OF_AN_AGENT
    return values(business, country, did_label=label, opens=opens, agent=agent)


def longest_opening(words: Words) -> str:
    """The longest that ``in_words`` may say."""
    clock = words.clock.format(hour=10, minute=30)
    days = [f"{day} {clock}" for day in (words.tomorrow, *words.weekdays)]
    return max([*days, *(words.date.format(day=28, month=month) for month in words.months)], key=len)


def in_words(moment: dt.datetime, today: dt.date, words: Words) -> str:
    """``8:00``, ``tomorrow 8:00``, ``Monday 8:00``, ``4 January``: as one would say it on the day ``today``."""
    clock = words.clock.format(hour=moment.hour, minute=moment.minute)
    days = (moment.date() - today).days
    if days == 0:
        return clock
    if days == 1:
        return f"{words.tomorrow} {clock}"
    if days < 7:
        return f"{words.weekdays[moment.weekday()]} {clock}"
    date = words.first if moment.day == 1 and words.first else words.date
    return date.format(day=moment.day, month=words.months[moment.month - 1])
