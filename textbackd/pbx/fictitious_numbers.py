"""Numbers that stand for others: written alike, of the same plan and type, and drawn at random for one run only.

Nobody's, where the plan reserves numbers for fiction: of GB and of +1 those that ``core/phone_numbers.py`` knows. Where
a plan reserves none, or they have run out, a number of the same country and type is invented. It tells nothing of the
number that it stands for, but it may be a stranger's: ``invented`` counts them.
"""

import random
from collections.abc import Collection, Iterator, Sequence

import phonenumbers
from phonenumbers import PhoneNumberType

from textbackd.core import phone_numbers
from textbackd.core.phone_numbers import E164

_AREAS = ("113", "114", "115", "116", "117", "118", "121", "131", "141", "151", "161")
_GB_FIXED = (
    *("+441632960###", "+442079460###", "+441914980###", "+442890180###", "+442896496###", "+442920180###"),
    *(f"+44{area}4960###" for area in _AREAS),
)
_GB = {
    PhoneNumberType.MOBILE: ("+447700900###",),
    PhoneNumberType.FIXED_LINE: _GB_FIXED,
    PhoneNumberType.TOLL_FREE: ("+448081570###",),
    PhoneNumberType.PREMIUM_RATE: ("+449098790###",),
    PhoneNumberType.UAN: ("+443069990###",),
}
"""Ofcom's numbers for drama, by type; ``#`` is any digit."""
_NANP = "+1@##55501##"
"""``@`` is 2 to 9."""

_OUTSIDE_LINES = ("9", "0")
"""What is most often dialled, or put before a caller's number, for a line outside."""
_LONGEST_LOCAL = 9
"""Digits. A shorter one would be taken for a number of some far country, and keep its first digits."""
_TRIES = 40


class FictitiousNumbers:
    """A stand-in for each number and extension: one for all spellings of a number, and never one for two numbers."""

    def __init__(
        self,
        country: str,
        *,
        strip: Sequence[str] = (),
        closed: Collection[str] = (),
        stand_ins: Sequence[E164] = (),
        avoid: frozenset[str] = frozenset(),
        draw: random.Random,
    ) -> None:
        """``country`` reads national numbers, ``strip`` is what the PBX puts before them.

        The numbers in ``closed`` (as ``phone_numbers.dialled`` spells them; a PBX may have DIDs that are no numbers of
        its plan) become ``stand_ins``, and no other does. Nothing in ``avoid``, which is another run's
        ``met``, comes out again.
        """
        self._country = country
        self._strip = tuple(strip)
        self._closed = closed
        self._stand_ins = tuple(stand_ins)
        self._avoid = avoid
        self._draw = draw
        self._spellings: dict[str, str] = {}
        self._numbers: dict[E164, E164] = {}
        self._digits: dict[str, str] = {}
        self._taken: set[str] = set()
        self.invented = 0
        """Stand-ins that are not reserved for fiction."""

    @property
    def met(self) -> frozenset[str]:
        """The numbers, and the digits that are none, for which something stands."""
        return frozenset(self._numbers) | frozenset(self._digits)

    def instead_of(self, text: str) -> str:
        """What stands for a number or an extension, in its spelling; a number comes out as one, anything else not."""
        if text not in self._spellings:
            self._spellings[text] = self._spelled(text)
        return self._spellings[text]

    # --- spellings ------------------------------------------------------------------------------------------------

    def _spelled(self, text: str) -> str:
        number = self._number_in(text)
        if number is None:
            dialled = phone_numbers.dialled(text, self._country)
            return self._stand_in(E164(dialled)) if dialled in self._closed else self._other_digits(text)
        new = self._stand_in(number)
        spelled = _respelled(text, number, new)
        shown = self._e164(text) is not None
        if self._number_in(spelled) == new and (self._e164(spelled) is not None) == shown:
            return spelled
        return new if shown else self._other_digits(text)

    def _number_in(self, text: str) -> E164 | None:
        """The number that ``text`` spells: as it is dialled here, with what the PBX puts before it, or bare."""
        bare = [text.removeprefix(before) for before in self._strip if text.startswith(before)]
        spellings = [text, *bare]
        if len(_digits(text)) > _LONGEST_LOCAL:
            outside = [text.removeprefix(before) for before in _OUTSIDE_LINES if text.startswith(before)]
            for spelling in (text, *bare, *outside):
                spellings += [spelling, "+" + spelling, "+" + spelling.removeprefix("00")]
        return next((number for spelling in spellings if (number := self._e164(spelling))), None)

    def _e164(self, text: str) -> E164 | None:
        return phone_numbers.e164(text, self._country, fiction=True)

    # --- numbers of a plan ----------------------------------------------------------------------------------------

    def _stand_in(self, number: E164) -> E164:
        if number not in self._numbers:
            self._numbers[number] = self._drawn(number)
            self._taken.add(self._numbers[number])
        return self._numbers[number]

    def _drawn(self, number: E164) -> E164:
        if number in self._closed:
            others = [n for n in self._stand_ins if n != number]
            return next((n for n in others if n not in self._taken), (others or [number])[-1])
        for candidate in self._reserved(number):
            if self._is_free(candidate):
                return candidate
        self.invented += 1
        return next(candidate for candidate in self._inventions(number) if self._is_free(candidate))

    def _is_free(self, candidate: str) -> bool:
        return candidate not in self._taken and candidate not in self._avoid and candidate not in self._stand_ins

    def _reserved(self, number: E164) -> Iterator[E164]:
        """Numbers that the plan reserves for fiction; of other types of the plan only when the own have run out."""
        kind = _kind(number)
        if number.startswith("+1"):
            drawn = (self._filled(_NANP) for _ in range(50 * _TRIES))
            yield from (candidate for candidate in drawn if _kind(candidate) == kind)
        elif kind[0] == "GB" and kind[1] in _GB:
            for pattern in (*_GB[kind[1]], *_GB_FIXED):
                yield from (self._filled(pattern) for _ in range(_TRIES))

    def _inventions(self, number: E164) -> Iterator[E164]:
        """Valid numbers of the same country and type: few digits of the library's example, and chance for the rest.

        As long as ``number`` if there are any. When a type has no more, digits that may be no number: nobody's number
        is given away to keep it valid.
        """
        kind, country_code, length = _kind(number), _parsed(number).country_code, len(_national(number))
        example = _example(number, kind)
        for digits in (length, len(example)):
            for kept in range(1, digits):
                for _ in range(_TRIES):
                    candidate = E164(f"+{country_code}{(example[:kept] + self._chance(digits))[:digits]}")
                    if _kind(candidate) == kind:
                        yield candidate
        while True:
            yield E164(f"+{country_code}{self._chance(length)}")

    # --- other digits ---------------------------------------------------------------------------------------------

    def _other_digits(self, text: str) -> str:
        """Extensions, short codes, mistyped numbers: other digits, as many, which are no number either."""
        digits = _digits(text)
        if digits not in self._digits:
            self._digits[digits] = self._other_than(digits, text)
            self._taken.add(self._digits[digits])
        return _with_digits(text, self._digits[digits])

    def _other_than(self, digits: str, text: str) -> str:
        length = len(digits.lstrip("0"))
        zeros = digits[: len(digits) - length]
        for candidate in (zeros + tail for tail in self._tails(length)):
            if self._is_free(candidate) and self._number_in(_with_digits(text, candidate)) is None:
                return candidate
        # Nearly all of so few digits are in use.
        return next(c for c in (zeros + tail for tail in self._tails(length)) if c not in self._taken)

    def _tails(self, length: int) -> Iterator[str]:
        yield from (self._chance(length) for _ in range(_TRIES))
        if 0 < length <= 4:
            every = list(range(10 ** (length - 1), 10**length))
            self._draw.shuffle(every)
            yield from map(str, every)
        yield from (self._chance(length) for _ in range(50 * _TRIES))

    # --- chance ---------------------------------------------------------------------------------------------------

    def _filled(self, pattern: str) -> E164:
        return E164("".join(self._filling(place) for place in pattern))

    def _filling(self, place: str) -> str:
        if place == "#":
            return self._draw.choice("0123456789")
        return self._draw.choice("23456789") if place == "@" else place

    def _chance(self, length: int) -> str:
        return self._filled("@" + "#" * (length - 1)) if length else ""


Kind = tuple[str | None, int]
"""Region and type; of a number reserved in GB, which libphonenumber calls neither, those that it stands for."""


def _kind(number: str) -> Kind:
    for kind, patterns in _GB.items():
        if any(number.startswith(pattern.rstrip("#")) and len(number) == len(pattern) for pattern in patterns):
            return "GB", kind
    try:
        parsed = _parsed(number)
    except phonenumbers.NumberParseException:
        return None, PhoneNumberType.UNKNOWN
    return phonenumbers.region_code_for_number(parsed), phonenumbers.number_type(parsed)


def _parsed(number: str) -> phonenumbers.PhoneNumber:
    return phonenumbers.parse(number)


def _national(number: str) -> str:
    return phonenumbers.national_significant_number(_parsed(number))


def _example(number: E164, kind: Kind) -> str:
    region, number_type = kind
    if region == "001":
        example = phonenumbers.example_number_for_non_geo_entity(_parsed(number).country_code or 0)
    else:
        example = phonenumbers.example_number_for_type(region, number_type)
    return phonenumbers.national_significant_number(example) if example else ""


def _respelled(text: str, number: E164, new: E164) -> str:
    """``new`` as ``text`` spells ``number``: with the same prefix and between the same dots and dashes."""
    old_digits, own, other = _digits(text), _national(number), _national(new)
    same_plan = number.removesuffix(own) == new.removesuffix(other)
    if not (same_plan and len(own) == len(other) and old_digits.endswith(own)):
        return new
    return _with_digits(text, old_digits.removesuffix(own) + other)


def _digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")


def _with_digits(text: str, digits: str) -> str:
    following = iter(digits)
    return "".join(next(following) if c in "0123456789" else c for c in text)
