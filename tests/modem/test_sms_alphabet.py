"""Septets are read by the tables that the text's header names; what cannot be read is kept, never guessed.

The expected characters are typed from 3GPP TS 23.038, table by table, beside their septets.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.modem.test_sms_parts import concatenated, only_text, sorted_out
from textbackd.modem import sms_alphabet
from textbackd.modem.modem import Unread, UnreadMessage

ESC = 0x1B
LOCKING, SINGLE = 0x25, 0x24


def message(septets: list[int], *elements: int) -> bytes:
    """An SMS-DELIVER with these information elements."""
    header = bytes((len(elements), *elements))
    skipped = -(-len(header) * 8 // 7)
    number = int.from_bytes(header, "little")
    for place, septet in enumerate(septets, skipped):
        number |= septet << 7 * place
    length = skipped + len(septets)
    return concatenated(number.to_bytes(-(-length * 7 // 8), "little"), length=length, coding=0)


def escaped(septets: list[int]) -> list[int]:
    """An escape in front of each."""
    return [both for septet in septets for both in (ESC, septet)]


@pytest.mark.parametrize(
    ("language", "septets", "characters"),
    [
        (1, [0x04, 0x07, 0x0B, 0x0C, 0x1C, 0x1D, 0x40, 0x60, 0x05, 0x1F, 0x41, 0x7F], "€ıĞğŞşİçéÉAà"),
        (3, [0x04, 0x06, 0x07, 0x08, 0x09, 0x0B, 0x0C, 0x0E, 0x0F], "êúíóçÔôÁá"),
        (3, [0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1C, 0x1D, 0x1E], "ªÇÀ∞^\\€Ó|ÂâÊ"),
        (3, [0x24, 0x40, 0x5B, 0x5C, 0x5D, 0x60, 0x7B, 0x7C, 0x7D, 0x05, 0x10, 0x61], "ºÍÃÕÚ~ãõ`éΔa"),
    ],
    ids=["turkish", "portuguese-0", "portuguese-1", "portuguese-2"],
)
def test_locking_shift(language: int, septets: list[int], characters: str) -> None:
    """§A.3: the letters themselves are others."""
    assert characters == only_text(message(septets, LOCKING, 1, language)).text


@pytest.mark.parametrize(
    ("language", "septets", "characters"),
    [
        (1, [0x47, 0x49, 0x53, 0x63, 0x67, 0x69, 0x73], "ĞİŞçğış"),
        (2, [0x09, 0x41, 0x49, 0x4F, 0x55, 0x61, 0x69, 0x6F, 0x75], "çÁÍÓÚáíóú"),
        (3, [0x05, 0x09, 0x0B, 0x0C, 0x0E, 0x0F, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1F], "êçÔôÁáΦΓΩΠΨΣΘÊ"),
        (3, [0x41, 0x49, 0x4F, 0x55, 0x5B, 0x5C, 0x61, 0x69, 0x6F, 0x75, 0x7B, 0x7C, 0x7F], "ÀÍÓÚÃÕÂíóúãõâ"),
    ],
    ids=["turkish", "spanish", "portuguese-0", "portuguese-1"],
)
def test_single_shift(language: int, septets: list[int], characters: str) -> None:
    """§A.2: the letters behind an escape are others, those that all languages have there are the same."""
    common = [0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65]
    text = only_text(message([0x41, *escaped(septets + common)], SINGLE, 1, language)).text
    assert "A" + characters + "^{}\\[~]|€" == text


def test_both_shifts() -> None:
    """Each for its own septets; what stands behind an escape and is in no table is the letter without it."""
    septets = [0x40, ESC, 0x53, ESC, 0x40, ESC, 0x07]
    assert "İŞ|ı" == only_text(message(septets, LOCKING, 1, 1, SINGLE, 1, 1)).text


def test_each_part_has_its_own_tables() -> None:
    """Also for the second half of what was cut in two at their border."""
    first = message([0x6F, ESC], 0, 3, 9, 2, 1)
    second = message([0x61, 0x61], SINGLE, 1, 2, 0, 3, 9, 2, 2)
    assert "oáa" == only_text(second, first).text
    (alone,) = sorted_out(first).texts
    assert "o[…]" == alone.text


@pytest.mark.parametrize(("kind", "language"), [(LOCKING, 2), (LOCKING, 4), (SINGLE, 13), (SINGLE, 200)])
def test_other_languages_are_kept_as_they_are(kind: int, language: int) -> None:
    """No word rather than a wrong one."""
    unreadable = message([0x41, ESC, 0x42], kind, 1, language)
    assert [UnreadMessage(kind=Unread.UNDECODABLE, place="0", pdu=unreadable)] == sorted_out(unreadable).unread


def test_two_escapes_are_a_space() -> None:
    """§6.2.1.1: of a table that is not defined yet."""
    assert "a e" == only_text(message([0x61, ESC, ESC, 0x65])).text


@given(st.lists(st.integers(0, 127), max_size=150), st.sampled_from([0, 1, 3]), st.integers(0, 3))
def test_any_septets_make_words(septets: list[int], locking: int, single: int) -> None:
    """Without an escape left in them."""
    text = only_text(message(septets, LOCKING, 1, locking, SINGLE, 1, single)).text
    assert sms_alphabet.ESCAPE not in text
    assert len(septets) // 2 <= len(text) <= len(septets)


@given(st.text(st.characters(codec="utf-16-be", exclude_characters="\x1b"), min_size=1, max_size=30), st.booleans())
def test_half_a_character_of_ucs2_is_kept_as_it_is(text: str, header: bool) -> None:
    """An odd number of octets has lost one, or has one too many: nobody knows which."""
    octets = text.encode("utf-16-be")[:-1]
    elements = bytes((5, 0, 3, 9, 2, 1)) if header else bytes((0,))
    cut = concatenated(elements + octets, length=len(elements) + len(octets), coding=8)
    assert [UnreadMessage(kind=Unread.UNDECODABLE, place="0", pdu=cut)] == sorted_out(cut).unread
