"""The page on who is texted says what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path

from textbackd.config.values import NEVER_TEXTED
from textbackd.core.outcomes import Outcome
from textbackd.core.policy import RULES, TEXTED
from textbackd.core.reasons import Reason

PAGE = (Path(__file__).parents[2] / "docs/who-is-texted.md").read_text(encoding="utf-8")


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^\| (.*) \|$", section, flags=re.MULTILINE)[1:]:
        yield line.split(" | ")


def test_every_outcome_is_explained() -> None:
    """With whether it is texted by default, can be, or never is."""
    told = {outcome.strip("`"): texted for outcome, _, texted in rows("What became of the call")}

    def texted(outcome: Outcome) -> str:
        return "never" if outcome in NEVER_TEXTED else "yes" if outcome in TEXTED else "if you add it"

    assert {outcome: texted(outcome) for outcome in Outcome} == told


def test_the_rules_stand_in_their_order() -> None:
    """Each with its question and its reasons."""
    told = [(asks, re.findall("`([a-z_]+)`", reasons)) for asks, reasons, _ in rows("The rules, in their order")]

    assert [(rule.asks, sorted(rule.reasons)) for rule in RULES] == [(asks, sorted(reasons)) for asks, reasons in told]


def test_every_reason_is_named() -> None:
    """Those of the rules, those of texts that waited, and the one of nothing."""
    assert [] == [reason for reason in Reason if f"`{reason}`" not in PAGE]
