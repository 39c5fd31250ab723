"""What belongs together of a text that comes in parts, by its words."""

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core.joined_texts import JoinedText, has_all_of

PARTS = ("Water is coming th", "rough the ceiling, ", "please call. Ann")


def of(*numbers: int, parts: tuple[str, ...] = PARTS) -> JoinedText:
    """As a modem joins those parts of the three."""
    gap = "\0gap\0"
    pieces = [parts[n - 1] if n in numbers else gap for n in range(1, len(parts) + 1)]
    kept = [piece for piece, before in zip(pieces, ["", *pieces], strict=False) if (piece, before) != (gap, gap)]
    return JoinedText(
        pieces=tuple("".join(kept).split(gap)),
        missing=frozenset(range(1, len(parts) + 1)) - frozenset(numbers),
    )


@pytest.mark.parametrize("fewer", [(1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)], ids=str)
def test_the_whole_has_all_of_every_piece(fewer: tuple[int, ...]) -> None:
    """And no piece has all of the whole, but the whole itself."""
    assert has_all_of(of(1, 2, 3), of(*fewer))
    assert (fewer == (1, 2, 3)) is has_all_of(of(*fewer), of(1, 2, 3))


def test_pieces_that_only_overlap() -> None:
    """Neither has all of the other."""
    assert not has_all_of(of(1, 2), of(2, 3))
    assert not has_all_of(of(2, 3), of(1, 2))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_other_words_are_another_text(number: int) -> None:
    """Though its number of parts, and those that are missing, are the same."""
    other = tuple(part.upper() for part in PARTS)

    assert not has_all_of(of(1, 2, 3), of(number, parts=other))
    assert not has_all_of(of(1, 3), of(1, 3, parts=(PARTS[0], "", other[2])))


def test_the_same_words_in_another_order_are_another_text() -> None:
    """A piece lies behind the one before it."""
    assert not has_all_of(of(1, 2, 3), of(1, 3, parts=(PARTS[2], "", PARTS[0])))


@pytest.mark.parametrize(
    ("whole", "piece"),
    [
        (("thanks \N{OK HAND SIGN} bye",), JoinedText(pieces=("thanks \ufffd", ""), missing=frozenset({2}))),
        (("thanks \N{OK HAND SIGN} bye",), JoinedText(pieces=("", "\ufffd bye"), missing=frozenset({1}))),
        (("it costs 5€ now",), JoinedText(pieces=("", "e now"), missing=frozenset({1}))),
        (("it costs 5€ now",), JoinedText(pieces=("it costs 5", ""), missing=frozenset({2}))),
    ],
    ids=["first half", "second half", "without its escape", "escape alone"],
)
def test_a_character_in_two_parts(whole: tuple[str, ...], piece: JoinedText) -> None:
    """Some phones cut an emoji, or an escape sequence, at the end of a part."""
    assert has_all_of(JoinedText(pieces=whole), piece)


@hypothesis.given(st.lists(st.text("ab.*[\\€\n", min_size=1, max_size=4), min_size=1, max_size=5), st.data())
def test_more_parts_always_have_all_of_fewer(parts: list[str], data: st.DataObject) -> None:
    """Whatever the words are, also signs that mean something in patterns."""
    numbers = st.sets(st.integers(1, len(parts)), min_size=1)
    more = data.draw(numbers)
    fewer = data.draw(st.sets(st.sampled_from(sorted(more)), min_size=1))

    assert has_all_of(of(*more, parts=tuple(parts)), of(*fewer, parts=tuple(parts)))
