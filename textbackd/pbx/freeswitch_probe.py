"""Trying a FreeSWITCH: what is there, and what the account may not do."""

import asyncio
import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence

from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx import freeswitch_snapshot
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_link import EventSocketLink
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings

API = "show uptime version"
"""What the account must be allowed to ask."""

WITHOUT = {
    "CHANNEL_UNBRIDGE": "it would be less sure when a talk ended, and what the caller met after it",
    "SHUTDOWN": "calls that FreeSWITCH ends when it stops would look like calls that somebody ended",
    "callcenter::info": "it would be less sure how long a caller waited in a queue",
    "fifo::info": "that a caller waited in a fifo would be known at the end only, and not for how long",
    "valet_parking::info": "that a caller was parked would be known at the end only, and not since when",
    "conference::maintenance": "whoever is met in a conference would not be seen there",
}
"""An event that textbackd can do without -> what would happen if it never came: by what becomes of recorded calls, but
of shutdowns and conferences there is no record.
"""
NEEDED = "textbackd does not follow a PBX without it"
"""What would happen without any other."""
MAY_NOT_ASK = "the user may not list the channels: who is on the line at a start stays unknown"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What was found."""

    seen: str
    """The PBX, in one line."""
    may_ask: bool = True
    """The account may ask for the channels that are up."""
    withheld: Sequence[tuple[str, str]] = ()
    """Events that the account may not have, each with what was said to it."""


async def probe(settings: FreeSwitchSettings) -> Probed:
    """Log in, look around and leave. Raises PbxUnavailable or LoginRefused."""
    link = EventSocketLink(settings, lambda _event: None)
    try:
        await link.log_in()
        withheld = await _withheld(link)
        version = _version(await link.command("api version", silence=link.patience))
        rows = freeswitch_snapshot.rows(await _listed(link))
        seen = version if rows is None else version + _up(rows)
        return Probed(seen=seen, may_ask=rows is not None, withheld=withheld)
    finally:
        link.close()


async def listen(
    settings: FreeSwitchSettings,
    seconds: float,
    take_in: Callable[[Event], None],
    *,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Have ``take_in`` get all that a PBX says for so long, behind the list of its channels, where the account may ask
    for it. ``begun`` is called behind that list: what begins from then on is heard.
    Raises PbxUnavailable or LoginRefused.
    """
    clock = asyncio.get_running_loop().time
    link = EventSocketLink(settings, take_in)
    try:
        await link.open()
        await _listed(link)
        begun()
        until = clock() + seconds
        while (left := until - clock()) > 0:
            await link.idle(min(left, settings.ping_interval))
            await link.ping()
    finally:
        link.close()


def lacks(user: str, found: Probed) -> Iterator[str]:
    """What is wrong with the rights of the account ``user``, and at the end what to do about it."""
    if not found.may_ask:
        yield MAY_NOT_ASK
    for event, answer in found.withheld:
        yield f"the user may not have {event} ({answer}): {WITHOUT.get(event, NEEDED)}"
    if found.withheld or not found.may_ask:
        lines = (
            f"in the directory, among the params of the user {user}, put these in the place of those that are there:",
            f'<param name="esl-allowed-events" value="{words.SUBSCRIPTION}"/>',
            f'<param name="esl-allowed-api" value="{API}"/>',
            "then run: fs_cli -x reloadxml, and restart textbackd: who is logged in keeps the old rights",
        )
        yield "\n    ".join(lines)


async def _withheld(link: EventSocketLink) -> Sequence[tuple[str, str]]:
    """One event that the account may not have refuses them all, so then they are asked for one by one."""
    answer = await link.subscribe(words.SUBSCRIPTION)
    if answer.startswith("+OK"):
        return []
    names, _, subclasses = words.SUBSCRIPTION.partition(" CUSTOM ")
    asked = [(name, name) for name in names.split()] + [(name, f"CUSTOM {name}") for name in subclasses.split()]
    answers = [(name, await link.subscribe(subscription)) for name, subscription in asked]
    return [(name, answer) for name, answer in answers if not answer.startswith("+OK")]


async def _listed(link: EventSocketLink) -> str:
    return await link.command(f"api {freeswitch_snapshot.LIST}", silence=link.patience)


def _version(answer: str) -> str:
    """``FreeSWITCH Version 1.10.12-release~64bit (…)`` -> ``FreeSWITCH 1.10.12-release``."""
    found = re.match(r"FreeSWITCH Version ([^\s~]+)", answer)
    return f"FreeSWITCH {found[1]}" if found else "FreeSWITCH"


def _up(rows: Sequence[Event]) -> str:
    """How many legs are up, and where: the usual mistake is in trunks."""
    profiles = sorted({headers.profile(row) for row in rows} - {""})
    contexts = sorted({row["Caller-Context"] for row in rows} - {""})
    where = f", on the profiles {', '.join(profiles)}" if profiles else ""
    where += f", in the contexts {', '.join(contexts)}" if contexts else ""
    return f"; {len(rows)} channels up{where}"
