"""The wait between two tries."""

import hypothesis
from hypothesis import strategies as st

from textbackd.core import backoff


def test_the_wait_doubles_up_to_its_most() -> None:
    """1, 2, 4 … and never more than the most."""
    assert [backoff.delay(failures, first=1.0, most=10.0, spread=0.0) for failures in range(1, 7)] == [
        1.0,
        2.0,
        4.0,
        8.0,
        10.0,
        10.0,
    ]


@hypothesis.given(failures=st.integers(1, 10**9), spread=st.floats(0, 1, exclude_max=True))
def test_the_wait_is_between_half_and_all_of_the_most(failures: int, spread: float) -> None:
    """However long it has failed, and whatever the die says."""
    delay = backoff.delay(failures, first=0.5, most=60.0, spread=spread)

    assert 0.25 <= delay <= 60.0
    assert delay <= backoff.delay(failures, first=0.5, most=60.0, spread=0.0)
