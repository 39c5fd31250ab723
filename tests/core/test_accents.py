"""Letters that the phones' alphabet lacks."""

import unicodedata

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core import sms_text
from textbackd.core.accents import Accents, as_sent, folded, without_strangers
from textbackd.core.sms_text import Encoding, encoding_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("désolé, à bientôt", "désolé, à bientot"),
        ("Joe’s – “the best”…", 'Joe\'s - "the best"...'),
        ("Łódź, Čapek & Ğül", "Lodz, Capek & Gül"),
        ("œuvre, ça, São João", "oeuvre, ca, Sao Joao"),
        ("A\u00a0B\u202fC", "A B C"),
        ("e\u0301", "é"),
        ("no change: äöüß ñ ¿ €", "no change: äöüß ñ ¿ €"),
        ("ça va 😀", "ça va 😀"),
        ("Ω is in, ω is not, ç", "Ω is in, ω is not, ç"),
    ],
)
def test_a_text_is_folded_as_a_whole_or_not_at_all(text: str, expected: str) -> None:
    """Where one letter has no kin in the alphabet the text costs 70 a part in any case, and keeps its accents."""
    assert expected == folded(text)


@hypothesis.given(st.text(max_size=80))
def test_folding_brings_a_text_into_the_alphabet_or_leaves_it(text: str) -> None:
    """And what is in it already stays; a second fold changes nothing."""
    once = folded(text)

    assert once == text or encoding_of(once) is Encoding.GSM7
    assert once == folded(once)
    if encoding_of(text) is Encoding.GSM7:
        assert unicodedata.normalize("NFC", text) == once


@hypothesis.given(st.text(max_size=80))
def test_only_fold_changes_a_text(text: str) -> None:
    """The other two send it as it is, or not at all."""
    assert [folded(text), text, text] == [as_sent(text, accents) for accents in Accents]


@hypothesis.given(st.text(max_size=80))
def test_strangers_go(text: str) -> None:
    """What is left is in the alphabet."""
    assert [] == sms_text.characters_that_cost(without_strangers(text))
