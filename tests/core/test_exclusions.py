"""Exclusion lists: found at once, and as a walk over all of them would find."""

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import CALLER
from textbackd.core.exclusions import Exclusion, Exclusions, plain_prefix
from textbackd.core.phone_numbers import E164

NUMBERS = [CALLER, E164("+447700900124"), E164("+447700100123"), E164("+14155550123")]
ENTRIES = st.lists(
    st.one_of(
        st.builds(Exclusion, label=st.sampled_from("abc"), number=st.sampled_from(NUMBERS)),
        st.builds(
            Exclusion, label=st.sampled_from("abc"), prefix=st.sampled_from(["+44", "+447700900", "+1", "+4477"])
        ),
        st.builds(Exclusion, label=st.sampled_from("abc"), name=st.sampled_from(["Smith", "SMITH", "Straße"])),
    ),
    max_size=6,
)


def label(entry: Exclusion | None) -> str:
    """That of what decides; empty: nothing does."""
    return entry.label if entry else ""


def walked(entries: list[Exclusion], number: E164, name: str) -> str:
    """The plainest way: the exact number, else the longest prefix, else the name; of equals the first."""
    for entry in entries:
        if entry.number == number:
            return entry.label
    prefixes = [entry for entry in entries if entry.prefix and number.startswith(entry.prefix)]
    if prefixes:
        return max(prefixes, key=lambda entry: len(entry.prefix or "")).label
    return next((e.label for e in entries if e.name and name and e.name.casefold() == name.casefold()), "")


@hypothesis.given(ENTRIES, st.sampled_from(NUMBERS), st.sampled_from(["", "smith", "STRASSE", "Smithers"]))
def test_as_a_walk_over_all_of_them_finds(entries: list[Exclusion], number: E164, name: str) -> None:
    """A number is nearer than a prefix, a long prefix nearer than a short one, and a name is the last that counts."""
    assert label(Exclusions(entries).covering(number, name)) == walked(entries, number, name)


@hypothesis.given(ENTRIES, ENTRIES, st.sampled_from(NUMBERS), st.sampled_from(["", "smith"]))
def test_of_two_lists_the_nearest_decides(
    entries: list[Exclusion], others: list[Exclusion], number: E164, name: str
) -> None:
    """Whichever has it; of two as near, that of the first list."""
    other = Exclusions(others).covering(number, name)

    assert label(Exclusions(entries).covering(number, name, other)) == walked([*entries, *others], number, name)


def test_of_two_for_the_same_the_first_counts() -> None:
    """Number, prefix or name."""
    kinds = [{"number": CALLER}, {"prefix": "+44"}, {"name": "Smith"}]
    entries = [Exclusion(label=label, **kind) for kind in kinds for label in ("first", "second")]  # type: ignore[arg-type]

    for of_a_kind in (entries[:2], entries[2:4], entries[4:]):
        assert "first" == label(Exclusions(of_a_kind).covering(CALLER, "SMITH"))
        first, second = (Exclusions([entry]) for entry in of_a_kind)
        assert "first" == label(first.covering(CALLER, "smith", second.covering(CALLER, "smith")))


def test_two_lists_of_the_same_are_equal() -> None:
    """A reload that changes nothing is seen as one."""
    entries = [Exclusion(label="crew", number=CALLER)]

    assert Exclusions(entries) == Exclusions(list(entries))
    assert hash(Exclusions(entries)) == hash(Exclusions(entries))
    assert Exclusions(entries) != Exclusions()
    assert repr(Exclusions(entries)) == "Exclusions(1)"


@pytest.mark.parametrize(
    ("written", "prefix"),
    [
        ("+44 1632-96", "+44163296"),
        ("0044 1632 96", "+44163296"),
        ("+39 06", "+3906"),
        ("+39 (0)6", "+3906"),
        ("+1 809", "+1809"),
        ("+1", "+1"),
        ("+44 (0)1632", None),
        ("+44 07400", None),
        ("+49 (0) 30", None),
        ("01632", None),
        ("+44 0", None),
        ("+", None),
    ],
)
def test_how_numbers_begin(written: str, prefix: str | None) -> None:
    """In Italy with the 0 of an area; elsewhere that is dialled at home only, and no international number has it."""
    assert prefix == plain_prefix(written)
