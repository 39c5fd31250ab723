"""What a reply says about further texts: exact words, however they are typed."""

import pytest

from textbackd.core.opt_out import Wish, wish


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop", " Stop. ", "STOP!!!", "\"stop\"", "STOP\n", "stop-all", "STOPALL", "Stop all", "unsubscribe",
        "Cancel", "END", "quit", "opt out", "OPT-OUT", "Stóp", "_stop_", "STOP 🛑",
    ],
)  # fmt: skip
def test_an_exact_word_opts_out(text: str) -> None:
    """Case, accents, punctuation and white space do not count."""
    assert wish(text) is Wish.STOP


@pytest.mark.parametrize("text", ["START", "start.", "Unstop", "UNSTOP!"])
def test_start_opts_in_again(text: str) -> None:
    """And nothing else does."""
    assert wish(text) is Wish.START


@pytest.mark.parametrize("text", ["HELP", "help?", "Info", " info "])
def test_help_asks_who_we_are(text: str) -> None:
    """The third word that the carriers know."""
    assert wish(text) is Wish.HELP


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "!?", "can you stop by", "stop by", "please stop", "YES", "yes", "Y", "don't stop", "bus stop",
        "start tomorrow?", "I need help", "help with my boiler", "stopped", "nonstop", "Weekend", "👍",
        "dur", "alto", "Basta!",
    ],
)  # fmt: skip
def test_all_else_is_for_a_person_to_read(text: str) -> None:
    """A word inside a sentence is no command, and YES answers a question of ours."""
    assert wish(text) is None
