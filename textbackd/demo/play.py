"""The demo itself: a folder, a PBX, the daemon between it and a modem, and the day."""

import asyncio
import contextlib
import dataclasses
import functools
import itertools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from textbackd import clock, config, daemon
from textbackd.config import Settings
from textbackd.core.outgoing import MessageKind, MessageState
from textbackd.demo import office, summary
from textbackd.demo.day import DAY, LATER, REPAIRS, SALES, Calls, ReadsText, Story, Writes
from textbackd.demo.scenes import Pause, Scene
from textbackd.demo.show import LOOK, Fact, Show
from textbackd.demo.simulated_pbx import SimulatedPbx
from textbackd.demo.summary import Summary
from textbackd.modem import simulated_modem
from textbackd.store import calls, news, text_history
from textbackd.store.database import Database, Transaction

PATIENCE = 25.0
"""Seconds after which the day is over, whatever has come of it."""
EVERY = 20.0
"""Seconds between two calls after the day."""
LATER_CALLERS = 40
"""Who calls then, again and again: each is texted once."""

T = TypeVar("T")


@contextlib.asynccontextmanager
async def stage(folder: Path, say: Callable[[Fact], None]) -> AsyncIterator["Stage"]:
    """Put up PBX, modem and daemon in ``folder``, which is empty; ``say`` is told each fact. All stops at the end."""
    secret, stop, ready = secrets.token_urlsafe(16), asyncio.Event(), asyncio.Event()
    async with SimulatedPbx(office.USER, secret).opened() as pbx:
        settings = config.load(office.configure(folder, port=pbx.port, secret=secret))
        async with asyncio.TaskGroup() as group:
            group.create_task(daemon.run(settings, stop=stop, ready=ready.set))
            await ready.wait()
            await pbx.watched.wait()
            async with Database.open(settings.database) as database:
                show = Show(database, settings.policy.office, settings.pbxs[0].name)
                showing = group.create_task(show.run(say))
                yield Stage(settings=settings, modem=folder / office.MODEM, pbx=pbx, database=database)
                showing.cancel()
                await asyncio.wait({showing})
                for fact in await show.look():
                    say(fact)
            stop.set()


async def unless_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T | None:
    """The result of ``work``; None where ``stop`` came first."""
    async with asyncio.TaskGroup() as group:
        working, stopping = group.create_task(work), group.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not working.done():
            working.cancel()
            return None
        return working.result()


@dataclasses.dataclass(slots=True, kw_only=True)
class Stage:
    """Everything is up: a day can be played."""

    settings: Settings
    modem: Path
    """The simulated modem's folder."""
    pbx: SimulatedPbx
    database: Database
    call_ids: dict[tuple[str, int], str] = dataclasses.field(default_factory=dict)
    """Caller and number of the act in the story -> the id of the call that was placed."""

    async def day(self, stories: Sequence[Story] = DAY) -> Summary:
        """Play the stories side by side, and wait until all is as they say, or patience is over."""

        async def as_they_say(tx: Transaction) -> bool:
            return not (await self._summary(tx, stories)).problems

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                async with asyncio.TaskGroup() as group:
                    for story in stories:
                        group.create_task(self._tell(story))
                await self._until(as_they_say)
        async with self.database.reading() as tx:
            return await self._summary(tx, stories)

    async def later(self) -> None:
        """A call every so often, for ever, from one number after the other."""
        for number, steps, did in zip(itertools.count(), itertools.cycle(LATER), itertools.cycle((SALES, REPAIRS))):
            await asyncio.sleep(EVERY)
            await self.pbx.place(Scene(caller=f"07700900{200 + number % LATER_CALLERS}", did=did, steps=steps))

    async def _summary(self, tx: Transaction, stories: Sequence[Story]) -> Summary:
        return await summary.of_day(tx, stories, self.call_ids, self.settings.policy.office)

    # --- one story ------------------------------------------------------------------------------------------------

    async def _tell(self, story: Story) -> None:
        await asyncio.sleep(story.at)
        last_call = ""
        for number, act in enumerate(story.acts):
            match act:
                case Calls():
                    scene = Scene(caller=story.caller, did=story.did, steps=act.steps)
                    last_call = self.call_ids[story.caller, number] = await self.pbx.place(scene)
                case ReadsText():
                    await self._until(functools.partial(_text_arrived, last_call))
                case Writes(text=text):
                    await self._write(story.caller, text)
                case Pause(seconds=seconds):
                    await asyncio.sleep(seconds)

    async def _write(self, caller: str, text: str) -> None:
        number = self.settings.policy.office.e164(caller) or caller
        sent_at = clock.utc_now()
        simulated_modem.inject(self.modem, number, text, sent_at)

        async def is_stored(tx: Transaction) -> bool:
            rows = await news.inbox_after(tx, 0)
            return any(row["number"] == number and row["text"] == text for row in rows)

        await self._until(is_stored)

    async def _until(self, holds: Callable[[Transaction], Awaitable[bool]]) -> None:
        while True:
            async with self.database.reading() as tx:
                if await holds(tx):
                    return
            await asyncio.sleep(LOOK)


async def _text_arrived(call_id: str, tx: Transaction) -> bool:
    """Whether the text that the call made has reached the caller."""
    rows = await calls.find(tx, call_id, None, 1)
    texts = await text_history.of_call(tx, rows[0]["id"]) if rows else ()
    return any(row["kind"] == MessageKind.CALLER and row["state"] == MessageState.DELIVERED for row in texts)
