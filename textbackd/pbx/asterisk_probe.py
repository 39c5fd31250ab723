"""Trying an Asterisk: what is there, what the account may do, and what it is told."""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence

from textbackd.pbx import ami_stream
from textbackd.pbx.ami_link import AmiLink
from textbackd.pbx.asterisk_settings import AsteriskSettings

LIST_EVERY = 1.0
"""Seconds between two lists of the channels that are up."""
PROVOKED_WITHIN = 3.0
"""Seconds for an event that we have provoked ourselves."""

_VARIABLE, _VALUE = "DIALSTATUS", "textbackd"
"""A variable that textbackd must be told of, and a value that means nothing to anybody."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What was found."""

    seen: str
    """The PBX, in one line."""
    may_ask: bool = True
    """The account may ask for the channels that are up."""
    withheld: Sequence[tuple[str, str]] = ()
    """As ``Hearing.withheld``; without a call it shows of one event only."""


async def probe(settings: AsteriskSettings) -> Probed:
    """Log in, look around and leave. Raises PbxUnavailable or LoginRefused."""
    told_of_variable = asyncio.Event()

    def take_in(message: ami_stream.Message) -> None:
        if message.get("Event") == "VarSet" and message.get("Value") == _VALUE:
            told_of_variable.set()

    link = AmiLink(settings, take_in)
    try:
        await link.open()
        answer, *channels = await link.ask({"Action": "CoreShowChannels"}, silence=link.patience)
        if not answer.success:
            return Probed(seen=f"Asterisk, AMI {link.version}", may_ask=False)
        (core,) = await link.ask({"Action": "CoreSettings"}, silence=link.patience)
        version = f"Asterisk {core.asteriskversion}" if core.asteriskversion else "Asterisk"
        contexts = sorted({row.context for row in channels if row.context})
        where = f", in the contexts {', '.join(contexts)}" if contexts else ""
        seen = f"{version}, AMI {link.version}; {max(len(channels) - 1, 0)} channels up{where}"
        told = await _told_of_variables(link, told_of_variable)
        return Probed(seen=seen, withheld=() if told else [("VarSet", "a variable was set")])
    finally:
        link.close()


async def listen(
    settings: AsteriskSettings,
    seconds: float,
    take_in: Callable[[ami_stream.Message], None],
    *,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Have ``take_in`` get all that a PBX says for so long, with the list of its channels every second, where the
    account may ask for it. ``begun`` is called behind the first list: what begins from then on is heard.
    Raises PbxUnavailable or LoginRefused.
    """
    clock = asyncio.get_running_loop().time
    link = AmiLink(settings, take_in)
    try:
        await link.open()
        may_ask = await _list(link)
        begun()
        until = clock() + seconds
        while (left := until - clock()) > 0:
            await link.idle(min(left, LIST_EVERY))
            if may_ask:
                await _list(link)
        await link.idle(LIST_EVERY)  # events may come behind a list that was ahead of them
    finally:
        link.close()


async def _list(link: AmiLink) -> bool:
    """Ask for the channels that are up, which come as messages: whether the account may."""
    answer, *_rows = await link.ask({"Action": "CoreShowChannels"}, silence=link.patience)
    return bool(answer.success)


async def _told_of_variables(link: AmiLink, told: asyncio.Event) -> bool:
    """Whether a variable that the dialplan sets would be told of; True where that cannot be found out.

    It is set on a channel of which nobody but this question knows, by a function that an account may call that may
    only read; Asterisk tells of it as of any other (measured on 16.28 and 22.10).
    """
    action = {"Action": "Getvar", "Variable": f"SET({_VARIABLE}={_VALUE})"}
    (answer,) = await link.ask(action, silence=link.patience)
    if answer.value != _VALUE:
        return True
    try:
        async with asyncio.timeout(PROVOKED_WITHIN):
            await told.wait()
    except TimeoutError:
        return False
    return True
