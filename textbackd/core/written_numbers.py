"""Phone numbers as people and address books write them: several in one field, with extensions, pauses and remarks."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

_EXTENSION = re.compile(
    r"(?<=[0-9)])(?>;?\s*(?:ext(?:ensi[oó]n|n)?|durchwahl|dw|poste|interno|int|toestel|tst|ramal|[xpw#])[.:=\s]*"
    r"[0-9]{1,6}+#?|(?:,+|;)[0-9]{1,6}+#?(?![ .\-/]?[0-9]))(?!\w)",
    re.IGNORECASE,
)
"""Behind a number what is dialled after it: `` ext. 5``, ``x12``; ``,,123#`` and ``;123``, where a phone pauses. What
stands behind a pause and goes on as a number does (``;030 5678``) is one.
"""
_APART = ";"
"""In the place of an extension: what stands on either side of it is not one number."""
_NUMBER = re.compile(r"(?<![\w*#+])\(?(?:\+ ?)?+\(?+[0-9](?:[ ().\-/]*+[0-9])*+(?!\w)")
_SEPARATOR = re.compile(r"/| - ")
_BEGINS_ONE = re.compile(r"\s*(?:[+(0]|(?:[ ().\-]*[0-9]){10})")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_FEWEST_OF_TWO_ALIKE = 5
"""Digits on either side of a stroke, of two that begin alike and are about as long: ``01 515 / 01 516``, and not
``+43 664/0123456``.
"""
_ENOUGH_DIGITS = re.compile(rf"(?:\D*+\d){{{_FEWEST_DIGITS}}}")
_DATE = re.compile(r"[0-9]{4}([-./])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-./])[0-9]{1,2}\2(?:[0-9]{2}|[0-9]{4})")
_REMARK = re.compile(r"\([^)]*\)")


def split(field: str) -> Sequence[str]:
    """Each number of a field, without what stands around it; a field in which none can be made out is one as it is.

    Beside a number whatever has digits is one too, however few: nothing is passed over that might be one.
    """
    text = plain(field)
    return _numbers(_EXTENSION.sub(_APART, text)) or _short_numbers(text) or [text]


def looks_like_numbers(field: str) -> bool:
    """Whether a field, of which nobody says what it is, has the shape of phone numbers: no words but in parentheses, no
    date, and as many digits as a number has.
    """
    if not _ENOUGH_DIGITS.match(field):  # most fields of most tables
        return False
    numbers = split(field)
    words = _REMARK.sub("", _EXTENSION.sub("", plain(field)))
    if any(c.isalpha() or c == "@" for c in words):
        return False
    return all(_FEWEST_DIGITS <= _digits(n) <= _MOST_DIGITS and not _DATE.fullmatch(n) for n in numbers)


def plain(text: str) -> str:
    """The same in the characters that a keyboard has: without those that nobody sees, such as the marks of direction
    that phones put around a number, and with plain digits, blanks and hyphens.
    """
    return "".join(_plain(character) for character in unicodedata.normalize("NFKC", text)).strip()


def _plain(character: str) -> str:
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Nd":
            return str(unicodedata.decimal(character))
    return character


def _numbers(text: str) -> Sequence[str]:
    """None where no number is as long as most are, and where there are digits besides."""
    found = _runs_apart(text)
    long_enough = any(_digits(number) >= _FEWEST_DIGITS for number in found)
    return found if long_enough and not _digits(_NUMBER.sub("", text)) else []


def _short_numbers(text: str) -> Sequence[str]:
    """Several, and no words: ``01 515,01 516``, of which the second would pass for what is dialled after the first."""
    found = _runs_apart(text)
    return found if len(found) > 1 and not any(map(str.isalnum, _NUMBER.sub("", text))) else []


def _runs_apart(text: str) -> Sequence[str]:
    return [number for run in _NUMBER.findall(text) for number in _apart(run)]


def _apart(run: str) -> Iterator[str]:
    """``07911 123481 / 07911 123482`` is two numbers, ``020/7946 0041`` one."""
    begin = 0
    for separator in _SEPARATOR.finditer(run):
        before, behind = run[begin : separator.start()].strip(), run[separator.end() :].strip()
        enough = _digits(before) >= _FEWEST_DIGITS or _are_short_ones(before, behind)
        if enough and _BEGINS_ONE.match(behind):
            yield before
            begin = separator.end()
    yield run[begin:].strip()


def _are_short_ones(before: str, behind: str) -> bool:
    shorter, longer = sorted(map(_digits, (before, behind)))
    return before[0] == behind[0] and shorter >= _FEWEST_OF_TWO_ALIKE and longer <= shorter + 1


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)
