"""Scenarios: what happens to callers at an office, each told in one sentence, with what a person would say of it.

A module of `tests.lab.scenarios` has one or more families and writes its scenarios as coroutines:

    queues = Family("Queues")

    @queues.ends(Outcome.ABANDONED_QUEUE)
    async def queue_abandoned(branch: Branch) -> None:
        \"""The caller waits in the queue, hears music, and gives up.\"""
        call = await branch.call(office.QUEUE)
        ...
        await call.hang_up()

The docstring is the story, the name the id. A scenario has a branch of the office to itself while it plays. It ends
every call that it begins, or waits until the PBX has; it returns when all are over.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.lab.branch import Branch
from textbackd.core.outcomes import Outcome

WITHHELD = "withheld"

Play = Callable[[Branch], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story."""

    id: str
    family: str
    story: str
    expected: tuple[Outcome, ...]
    """what a person would say: one for each inbound call, in the order in which they began"""
    caller: str | None
    """the caller's number as it is to be read, or WITHHELD; None: whatever was dialled from"""
    maybe_machine: bool | None
    """whether a mobile's mailbox may have answered; None: it is not what the story is about"""
    play: Play


class Family:
    """Scenarios of one kind, in the order in which they are written."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.scenarios: list[Scenario] = []

    def ends(
        self, *expected: Outcome, caller: str | None = None, maybe_machine: bool | None = None
    ) -> Callable[[Play], Play]:
        """Add the decorated coroutine; none expected: no inbound call may be seen."""

        def add(play: Play) -> Play:
            assert play.__doc__, "a scenario without a story"
            story = " ".join(play.__doc__.split())
            scenario = Scenario(
                id=play.__name__,
                family=self.title,
                story=story,
                expected=expected,
                caller=caller,
                maybe_machine=maybe_machine,
                play=play,
            )
            self.scenarios.append(scenario)
            return play

        return add
