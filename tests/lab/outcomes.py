"""The page docs/outcomes.md: what a person, textbackd and CDR say of every scenario.

`python -m tests.lab.outcomes` plays them all on Asterisk 22 and 16, and writes it.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.lab import Lab, Result, shown_as, words
from tests.lab.scenario import WITHHELD
from tests.lab.scenarios import FAMILIES, SCENARIOS
from textbackd.core.outcomes import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "outcomes.md"
VERSIONS = (22, 16)
AT_ONCE = 10
"""Two cores carry so many without being late."""
SPOKEN_WITH = {
    Outcome.ANSWERED,
    Outcome.ANSWERED_BRIEFLY,
    Outcome.ANSWERED_THEN_LOST,
    Outcome.ANSWERED_THEN_VOICEMAIL,
}
"""A person was on the line, however briefly: what ANSWERED in a call detail record should mean."""

_INTRODUCTION = """# What textbackd makes of a call

Each line is a scenario that is played on a real Asterisk, with phones, a carrier, sound and keys
(`tests/lab/scenarios/`), while textbackd looks on through the account that [asterisk.md](asterisk.md) recommends.
Beside the story stand what a person would say of the call, what textbackd says, and what Asterisk's own call detail
records (CDR) say on each version: `ANSWERED` if any record of the call does, otherwise what the last one says.
CDR in bold is wrong: it says `ANSWERED` although the caller reached a machine at most, or does not know of the person
who was on the line.
Where several callers ring, there is a word for each, in the order in which they rang; *withheld* stands where the
story is about the caller's number and he wants it kept private.

{scenarios} scenarios with {calls} calls from outside. textbackd is wrong about {ours}, CDR about {cdr[22]}
(Asterisk 22) and {cdr[16]} (Asterisk 16).

`python -m tests.lab.outcomes` plays them all and writes this page; the tests hold it against what they see.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A scenario that was played on one Asterisk."""

    result: Result
    cdr: tuple[str, ...]
    """what CDR said of each of its calls"""

    @property
    def cdr_mistakes(self) -> int:
        """How many calls CDR has wrong."""
        expected = self.result.scenario.expected
        return sum(_cdr_is_wrong(said, outcome) for said, outcome in zip(self.cdr, expected, strict=False))

    def cells(self) -> tuple[str, str, str, str]:
        """Story, what a person says, what we say, what CDR says."""
        scenario = self.result.scenario
        marked = [
            f"**{said}**" if _cdr_is_wrong(said, outcome) else said
            for said, outcome in zip(self.cdr, scenario.expected, strict=False)
        ]
        return (
            f"{scenario.story} `{scenario.id}`",
            words(_with_privacy(outcome, scenario.caller) for outcome in scenario.expected),
            words(_with_privacy(call.outcome, scenario.caller and shown_as(call)) for call in self.result.calls),
            words(marked),
        )


async def play(version: int, scenarios: Iterable[str], *, at_once: int, folder: Path) -> tuple[dict[str, Played], str]:
    """Play these scenarios on one Asterisk: by id, and what is wrong with them."""
    async with Lab.open(folder, version=version) as lab:
        results = await lab.play([SCENARIOS[name] for name in scenarios], at_once=at_once)
        cdr = await lab.cdr(call for result in results for call in result.calls)
        played = {
            result.scenario.id: Played(result=result, cdr=tuple(cdr[call.record.call_id] for call in result.calls))
            for result in results
        }
        return played, lab.complaint(results)


def page(played: Mapping[int, Mapping[str, Played]]) -> str:
    """The page, from what was played on each version; what we say is taken from the first."""
    first = played[VERSIONS[0]]
    text = _INTRODUCTION.format(
        scenarios=len(SCENARIOS),
        calls=sum(len(scenario.expected) for scenario in SCENARIOS.values()),
        ours=sum(bool(one.result.complaint) for one in first.values()) or "none",
        cdr={version: sum(one.cdr_mistakes for one in played[version].values()) for version in VERSIONS},
    )
    for family in FAMILIES:
        text += f"\n## {family.title}\n\n"
        text += _line("What happens", "A person", "textbackd", *(f"CDR ({version})" for version in VERSIONS))
        text += _line(*["---"] * (3 + len(VERSIONS)))
        for scenario in family.scenarios:
            cells = first[scenario.id].cells()
            text += _line(*cells[:3], *(played[version][scenario.id].cells()[3] for version in VERSIONS))
    return text


def on_the_page(version: int) -> dict[str, tuple[str, ...]]:
    """What the page says of each scenario on that version: the same cells as ``Played.cells``, by id."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and "`" in line:
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            found[line.split("`")[1]] = (*cells[:3], cells[3 + VERSIONS.index(version)])
    return found


def _cdr_is_wrong(said: str, outcome: str) -> bool:
    return (said == "ANSWERED") != (outcome in SPOKEN_WITH)


def _with_privacy(outcome: str, caller: str | None) -> str:
    return f"{outcome} ({WITHHELD})" if caller == WITHHELD else outcome


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


async def _main() -> None:
    played = {}
    for version in VERSIONS:
        with tempfile.TemporaryDirectory() as folder:
            played[version], complaint = await play(version, SCENARIOS, at_once=AT_ONCE, folder=Path(folder))
            print(complaint, file=sys.stderr)
    PAGE.write_text(page(played), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_main())
