"""Who is not to be texted by the office's own database, for commands that rehearse calls without a daemon."""

import asyncio

from textbackd import clock
from textbackd.config import Settings
from textbackd.errors import TextbackdError
from textbackd.store import standing_lists
from textbackd.store.database import reading_only
from textbackd.store.standing_lists import NO_LISTS, StandingLists


def lists_of(settings: Settings) -> tuple[StandingLists, str]:
    """Those in the configured database, and what to say of them; none where it is not there or may not be read."""
    try:
        if not settings.database.exists():
            return NO_LISTS, f"no database {settings.database}: {_NONE_COUNTS}"
        found = asyncio.run(_read(settings))
    except OSError as error:
        return NO_LISTS, f"{settings.database}: {error.strerror}: {_NONE_COUNTS}"
    except TextbackdError as error:
        return NO_LISTS, f"{error}: {_NONE_COUNTS}"
    counts = (
        f"exclusions {len(found.exclusions)}, opt-outs {len(found.opt_outs)},"
        f" learned numbers {len(found.learned_numbers)}"
    )
    return found, f"counted as they stand now in {settings.database}: {counts}"


_NONE_COUNTS = "no opt-out, no learned number, and of exclusions only those in the file count"


async def _read(settings: Settings) -> StandingLists:
    async with reading_only(settings.database) as tx:
        return await standing_lists.read(tx, clock.utc_now())
