"""Whether each PBX is watched, and what that hides."""

from tests.builders import CALLER, NOON, a_call, a_record, seconds
from textbackd.core.outgoing import MessageKind
from textbackd.core.policy import StaySilent
from textbackd.core.reasons import Reason
from textbackd.store import calls, links, outbox
from textbackd.store.database import Database


async def test_a_text_is_hidden_while_its_own_pbx_is_not_watched(database: Database) -> None:
    """Not while another one is down, nor where nobody ever saw the PBX."""
    async with database.transaction() as tx:
        row = await calls.record(tx, a_call(a_record()), CALLER, StaySilent(reason=Reason.REPEAT), None, NOON)
        draft = outbox.Draft(
            kind=MessageKind.CALLER, business="x", to=CALLER, text="x", about=CALLER, since=NOON, not_before=NOON,
            call_row=row,
        )  # fmt: skip
        text = await outbox.enqueue(tx, draft, NOON)
        seen = [await links.hides(tx, text)]
        for pbx in ("other", "asterisk"):
            await links.is_up(tx, pbx, NOON)
            await links.is_down(tx, pbx, NOON + seconds(5))
            seen.append(await links.hides(tx, text))
        await links.is_up(tx, "asterisk", NOON + seconds(9))
        seen.append(await links.hides(tx, text))
        await links.all_are_down(tx)
        seen.append(await links.hides(tx, text))

        assert [False, False, True, False, True] == seen
        assert NOON + seconds(9) == await links.up_until(tx, "asterisk")
        assert None is await links.up_until(tx, "third")
