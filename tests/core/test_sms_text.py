"""What we say of a text, its encoding and its parts, is what gammu does with it."""

import gammu
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbackd.core import sms_text, template_fields
from textbackd.core.accents import Accents, as_sent
from textbackd.core.library import LIBRARY, Trade
from textbackd.core.sms_text import Encoding

_GSM7 = sms_text.GSM7_ALPHABET + sms_text.GSM7_EXTENSION
_ACCENTS = "áíóúçşÀÊôû`’—…\u00a0\tжλ漢"
_EMOJI = "😀🎉👍🏽"
_SIZES = [0, 1, 66, 67, 68, 70, 71, 133, 134, 135, 152, 153, 154, 159, 160, 161, 305, 306, 307, 459, 460]


def _text_around_a_limit(alphabet: str) -> st.SearchStrategy[str]:
    """A text of a size on a limit, a character or two that may move everything behind it, and more."""
    on_the_limit = st.sampled_from(_SIZES).flatmap(lambda size: st.text(alphabet, min_size=size, max_size=size))
    surprise = st.text(_GSM7 + _ACCENTS + _EMOJI, max_size=2)
    return st.tuples(on_the_limit, surprise, st.text(alphabet, max_size=200)).map("".join)


_ALPHABETS = [sms_text.GSM7_ALPHABET, _GSM7, "a€", _GSM7 + _ACCENTS, _GSM7 + _ACCENTS + _EMOJI, "ж😀", "~ж"]
_TEXTS = st.one_of([_text_around_a_limit(alphabet) for alphabet in _ALPHABETS])


def _by_gammu(text: str) -> tuple[Encoding, list[str]]:
    # To gammu a ~ in UCS-2 is an escape; two of them are one.
    tilde = "~" if sms_text.encoding_of(text) is Encoding.GSM7 else "~~"
    entry = {"ID": "ConcatenatedAutoTextLong", "Buffer": text.replace("~", tilde)}
    parts = gammu.EncodeSMS({"Class": -1, "Unicode": False, "Entries": [entry]})
    encodings = {"Default_No_Compression": Encoding.GSM7, "Unicode_No_Compression": Encoding.UCS2}
    return encodings[parts[0]["Coding"]], [part["Text"].replace(tilde, "~") for part in parts]


@settings(max_examples=5000, deadline=None)
@given(_TEXTS)
def test_encoding_and_parts_are_gammus(text: str) -> None:
    """Any text: the same encoding, the same parts cut at the same places, and they join back to the text."""
    parts = sms_text.split(text)
    assert (sms_text.encoding_of(text), parts) == _by_gammu(text)
    assert "".join(parts) == text


_VALUES = st.fixed_dictionaries(
    dict.fromkeys(template_fields.FIELDS, st.text(_GSM7 + _ACCENTS + _EMOJI + "œłÉ–“…", min_size=1, max_size=40))
)
_SHIPPED = [text for words in LIBRARY.values() for trade in (None, *Trade) for text in words.texts(trade).values()]


@settings(max_examples=5000, deadline=None)
@given(st.sampled_from(_SHIPPED), _VALUES, st.text(_GSM7 + _ACCENTS, max_size=60), st.sampled_from(Accents))
def test_what_a_template_becomes_is_what_gammu_sends(
    template: str, values: dict[str, str], more: str, accents: Accents
) -> None:
    """The shipped ones and longer ones, filled with anything, folded or not."""
    filled = template_fields.filled(template, values)
    assert filled is not None
    text = as_sent(filled + more, accents)

    assert (sms_text.encoding_of(text), sms_text.split(text)) == _by_gammu(text)


@settings(max_examples=500, deadline=None)
@given(_TEXTS)
def test_no_part_is_longer_than_the_air_allows(text: str) -> None:
    """A part alone has room for 160 septets or 70 units, a part of several for 153 or 67."""
    parts, gsm7 = sms_text.split(text), sms_text.encoding_of(text) is Encoding.GSM7
    room = (160 if gsm7 else 70) if len(parts) == 1 else (153 if gsm7 else 67)
    widths = [sum(2 if c in sms_text.GSM7_EXTENSION else 1 for c in part) for part in parts]
    units = [len(part.encode("utf-16-be")) // 2 for part in parts]
    assert max(widths if gsm7 else units) <= room


@pytest.mark.parametrize("character", _GSM7)
def test_every_gsm7_character_is_free(character: str) -> None:
    """gammu knows each character of our table, so none of them forces UCS-2."""
    assert _by_gammu(character) == (Encoding.GSM7, [character])
    assert sms_text.characters_that_cost(character) == []


def test_alphabet_is_complete() -> None:
    """127 characters and the escape; ten more behind the escape."""
    assert (len(set(sms_text.GSM7_ALPHABET)), len(set(sms_text.GSM7_EXTENSION))) == (127, 10)


def test_characters_that_cost_are_named_once_in_order() -> None:
    """A user is told which characters make his text expensive."""
    assert sms_text.characters_that_cost("Hé’llo… it’s 😀") == ["’", "…", "😀"]


@pytest.mark.parametrize(
    ("text", "length", "parts"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 159 + "€", 161, 2),
        ("a" * 152 + "€" + "a" * 152, 306, 3),
        ("ж" * 70, 70, 1),
        ("ж" * 71, 71, 2),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
    ],
)
def test_length_and_parts(text: str, length: int, parts: int) -> None:
    """Septets or UTF-16 units; neither an escape sequence nor a surrogate pair is cut."""
    assert (sms_text.length(text), len(sms_text.split(text))) == (length, parts)
