"""Who is excluded by hand or by import: found as ``Exclusions`` finds those of the configuration."""

import itertools

import pytest

from tests.builders import CALLER, NOON
from textbackd.core.exclusions import HAND, Exclusion, Exclusions
from textbackd.core.phone_numbers import E164
from textbackd.store import exclusions
from textbackd.store.database import Database

ENTRIES = (
    Exclusion(label="name", name="smith", source=HAND),
    Exclusion(label="country", prefix="+44", source=HAND),
    Exclusion(label="town", prefix="+447700", source=HAND),
    Exclusion(label="number", number=CALLER, source=HAND),
    Exclusion(label="another", number=E164("+447700900124"), source=HAND),
)


@pytest.mark.parametrize(("number", "name"), [(CALLER, "SMITH"), (CALLER, ""), (None, "Smith"), (None, "")])
async def test_the_nearest_of_what_is_there_decides(database: Database, number: E164 | None, name: str) -> None:
    """The number, the longest prefix, the name: whatever else is there, in whatever order it came."""
    for some in itertools.chain.from_iterable(itertools.permutations(ENTRIES, n) for n in range(len(ENTRIES))):
        async with database.transaction() as tx:
            for entry in some:
                await exclusions.add(tx, entry, "", NOON)
            found = await exclusions.covering(tx, number, name)
            await tx.run("DELETE FROM exclusions")

        assert Exclusions(some).covering(number, name) == found
