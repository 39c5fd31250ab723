"""How long a source waits before it tries again."""

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from textbackd.pbx import linked_source
from textbackd.pbx.source import LoginRefused, PbxUnavailable


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 1000))
@example(0.0, 1)
@example(0.999, 1)
def test_refused_logins_are_few(spread: float, failures: int) -> None:
    """At most five in any ten minutes, however often it was refused and whatever chance says: else a fail2ban would
    close the door.
    """
    delays = (linked_source.retry_delay(LoginRefused("no"), failures + i, spread=spread) for i in range(10))
    logins = list(itertools.accumulate(delays, initial=0.0))
    for first in logins:
        assert sum(first <= login <= first + 600 for login in logins) <= 5


def test_other_losses_are_tried_again_soon_then_ever_later() -> None:
    """From half a second, doubled, up to ten seconds; shortened by up to a half, by chance."""
    for failures, most in ((1, 0.5), (2, 1), (3, 2), (5, 8), (6, 10), (100, 10), (10**6, 10)):
        longest, shortest = (
            linked_source.retry_delay(PbxUnavailable("gone"), failures, spread=spread) for spread in (0.0, 1.0)
        )
        assert (most / 2, most) == (shortest, longest)
