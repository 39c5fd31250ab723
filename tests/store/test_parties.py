"""Who was rung and who was on the line: into a column, and out of it for the core, for programs and for people."""

import hypothesis
from hypothesis import strategies as st

from textbackd.core.call_records import Party
from textbackd.store import parties

ANNA = Party(number="101", name="Zoë O'Neil, Ltd", seconds=12.3)
MOBILE = Party(number="07700900777", seconds=4.0, outside=True)

ANYBODY = st.builds(
    Party,
    number=st.text(max_size=15),
    name=st.text(max_size=15),
    seconds=st.integers(0, 10**6).map(lambda tenths: tenths / 10),
    outside=st.booleans(),
)


@hypothesis.given(st.lists(ANYBODY, max_size=4))
def test_parties_come_back_as_they_were_kept(kept: list[Party]) -> None:
    """In their order, whatever a PBX calls them."""
    assert kept == list(parties.from_column(parties.as_column(kept)))


def test_a_column_can_be_read_by_people() -> None:
    """It is JSON, as the schema says, with the letters as they are."""
    assert '[["101", "Zoë O\'Neil, Ltd", 12.3, false]]' == parties.as_column([ANNA])
    assert "[]" == parties.as_column([])


def test_what_programs_read() -> None:
    """Each party with the names of what is told."""
    expected = [
        {"number": "101", "name": "Zoë O'Neil, Ltd", "seconds": 12.3, "outside": False},
        {"number": "07700900777", "name": "", "seconds": 4.0, "outside": True},
    ]

    assert expected == parties.as_told(parties.as_column([ANNA, MOBILE]))


def test_what_people_read() -> None:
    """Numbers, with the names that are known."""
    assert "101 Zoë O'Neil, Ltd, 07700900777" == parties.in_words(parties.as_column([ANNA, MOBILE]))
    assert "" == parties.in_words("[]")
