"""Where calls begin on a PBX: counted by context and line, inbound and not."""

from tests.builders import NOON, seconds
from textbackd.store import entrances
from textbackd.store.database import Database, Transaction, moment


async def told(tx: Transaction, pbx: str = "asterisk") -> list[tuple[str, str, bool, int]]:
    """Context, line, inbound and calls of each, in order."""
    found = await entrances.of_pbx(tx, pbx)
    return [(row["context"], row["line"], bool(row["inbound"]), row["calls"]) for row in found]


async def test_calls_of_one_entrance_are_added_up(database: Database) -> None:
    """And the last time is the latest, in whichever order they are written."""
    async with database.transaction() as tx:
        await entrances.count(tx, "asterisk", "from-trunk", "trunk", 3, NOON + seconds(60), inbound=True)
        await entrances.count(tx, "asterisk", "from-trunk", "trunk", 2, NOON, inbound=True)
        (row,) = await entrances.of_pbx(tx, "asterisk")

    assert (5, NOON + seconds(60)) == (row["calls"], moment(row["last_at"]))


async def test_each_entrance_stands_for_itself(database: Database) -> None:
    """Another line, another context, another PBX, or calls that were not taken for inbound ones."""
    async with database.transaction() as tx:
        for context, line, inbound in (
            ("from-trunk", "trunk", True),
            ("from-trunk", "second", True),
            ("from-carrier", "trunk", True),
            ("from-trunk", "trunk", False),
        ):
            await entrances.count(tx, "asterisk", context, line, 1, NOON, inbound=inbound)
        await entrances.count(tx, "other", "from-trunk", "trunk", 7, NOON, inbound=True)

        assert 4 == len(await told(tx))
        assert [("from-trunk", "trunk", True, 7)] == await told(tx, "other")
        assert [] == await told(tx, "third")


async def test_the_order_is_what_a_sysadmin_looks_for(database: Database) -> None:
    """What is taken for inbound first, then the busiest, then by name."""
    async with database.transaction() as tx:
        await entrances.count(tx, "asterisk", "from-internal", "101", 90, NOON, inbound=False)
        await entrances.count(tx, "asterisk", "from-internal", "102", 90, NOON, inbound=False)
        await entrances.count(tx, "asterisk", "from-carrier", "trunk", 95, NOON, inbound=False)
        await entrances.count(tx, "asterisk", "from-trunk", "second", 1, NOON, inbound=True)
        await entrances.count(tx, "asterisk", "from-trunk", "trunk", 2, NOON, inbound=True)
        found = await told(tx)

    expected = ["trunk", "second", "trunk", "101", "102"]
    assert (expected, [2, 1, 95, 90, 90]) == ([line for _, line, _, _ in found], [calls for *_, calls in found])
