"""One branch of the lab's office, with parties of its own, for as long as a scenario plays there."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator

from tests.lab.ami import AmiSession
from tests.lab.asterisk import Asterisk
from tests.lab.call import Call
from tests.lab.office import DESKS, Site
from tests.lab.sip import Carrier, Party, Phone

TALK = 2.6
"""Seconds: what counts as a talk, and time for the PBX to join the two."""


class Branch:
    """Its carrier, its phones, and the callers who ring it."""

    def __init__(self, asterisk: Asterisk, site: Site, callers: Iterator[str]) -> None:
        """`callers`: numbers that nobody else uses."""
        self.asterisk = asterisk
        self.site = site
        self.carrier = Carrier(asterisk.carrier_of(site.number), asterisk.pbx)
        """the far end of the branch's trunk: its callers, and every number outside that it dials"""
        self.second_carrier = Carrier(asterisk.second_carrier_of(site.number), asterisk.pbx)
        """the far end of another trunk, by which callers come too"""
        self.phones = {
            desk: Phone(site.extension(desk), asterisk.phone(site.extension(desk)), asterisk.pbx) for desk in DESKS
        }
        """by desk; they ring for ever until told otherwise"""
        self._callers = callers
        self._sessions = contextlib.ExitStack()
        self._ami: AmiSession | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, asterisk: Asterisk, site: Site, callers: Iterator[str]) -> "AsyncIterator[Branch]":
        """Have everybody listen until the end of the block."""
        branch = cls(asterisk, site, callers)
        try:
            with branch._sessions as closing:
                for party in branch._parties():
                    closing.callback(party.close)
                    await party.listen()
                try:
                    yield branch
                finally:
                    await branch._hang_up()
        finally:
            await asyncio.sleep(0)  # the loop closes sockets at its next turn

    def extension(self, desk: int) -> str:
        """The extension of a desk."""
        return self.site.extension(desk)

    def did(self, did: str) -> str:
        """A constant of `tests.lab.office`, as the DID of this branch."""
        return self.site.did(did)

    def new_caller(self) -> str:
        """A national number, as the carrier shows it, that has not called before."""
        return next(self._callers)

    async def call(self, did: str, *, number: str | None = None, name: str = "", withheld: bool = False) -> Call:
        """A call from outside to one of `tests.lab.office`'s DIDs; by a new caller unless a number is named."""
        return await self.carrier.call(number or self.new_caller(), did=self.did(did), name=name, withheld=withheld)

    async def call_as(self, sender: str, *headers: str, dialled: str) -> Call:
        """A call from outside with From (without a tag), further headers and the dialled user as they are."""
        return await self.carrier._place(sender, dialled, sender, *headers)

    async def call_by_the_second_trunk(self, did: str) -> Call:
        """A call from outside as `call`, but by the other carrier."""
        return await self.second_carrier.call(self.new_caller(), did=self.did(did))

    @contextlib.asynccontextmanager
    async def stored(self, family: str, key: str, value: str) -> AsyncIterator[None]:
        """Have the PBX's database hold this during the block: DND, CF, CFU by extension, blacklist by number."""
        ami = await self.ami()
        await ami.perform("DBPut", Family=family, Key=key, Val=value)
        try:
            yield
        finally:
            await ami.perform("DBDel", Family=family, Key=key)

    async def ami(self) -> AmiSession:
        """A session that sees and may do everything, opened at the first call of this."""
        if self._ami is None:
            self._ami = await self.asterisk.ami("full")
            self._sessions.callback(self._ami.close)
        return self._ami

    async def talk(self, *calls: Call, seconds: float = TALK) -> None:
        """Have these parties speak to each other for so long by the clock, all at once."""
        async with asyncio.TaskGroup() as together:
            for call in calls:
                together.create_task(call.speak(seconds))
            await asyncio.sleep(seconds)
            for call in calls:
                call.audio.fall_silent()

    async def gone(self, call: Call) -> None:
        """Hang up, and wait until the PBX has let go of this party: to a BYE it agrees before, and whoever came next
        could still meet him.
        """
        ami = await self.ami()
        await call.hang_up()
        await ami.event("Hangup", CallerIDNum=call.caller)

    async def over(self, within: float = 15) -> None:
        """Until every call of every party has ended, as far as the party knows."""
        for call in itertools.chain.from_iterable(party.calls for party in self._parties()):
            if call.responses:  # a dead phone never learns that it was called
                await call.ended(within)

    async def _hang_up(self) -> None:
        """End what is still up, so that the next who plays here finds silence: the PBX repeats its INVITE to a phone
        that never answered for half a minute, whatever became of the caller.
        """
        for call in itertools.chain.from_iterable(party.calls for party in self._parties()):
            await call.hang_up()

    def _parties(self) -> tuple[Party, ...]:
        return (self.carrier, self.second_carrier, *self.phones.values())
