"""SIGHUP: a configuration that was changed takes effect, and no call in the air is lost for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from textbackd import clock, logs, systemd
from textbackd.config import InForce, Settings, hindrances
from textbackd.errors import UserError

log = structlog.get_logger()


class Reload:
    """Loads the configuration anew when it is asked to."""

    def __init__(self, load: Callable[[], Settings]) -> None:
        """``load`` may block, and raises UserError where the file is wrong."""
        self._load = load
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """To be called by the signal. Who asks while it loads is served after it, and all who do by one."""
        self._asked.set()

    async def run(self, in_force: InForce, taken: Callable[[], Awaitable[None]]) -> None:
        """Serve for ever. ``taken`` is called after each time that another configuration is in force."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            systemd.reloading()
            problems = await self._take(in_force)
            systemd.ready()
            if problems:
                _complain(problems)
            else:
                await taken()

    async def _take(self, in_force: InForce) -> Sequence[str]:
        """Put the file in force, or say what is against it."""
        try:
            new = await asyncio.to_thread(self._load)
        except UserError as error:
            problems = error.problems
        except Exception:
            log.exception("configuration_not_handled")
            problems = ["textbackd could not load it; its log says why"]
        else:
            problems = hindrances(in_force.settings, new)
            if not problems:
                _put(new, in_force)
                return ()
        in_force.refuse(problems, clock.utc_now())
        return problems


def _put(new: Settings, in_force: InForce) -> None:
    if new.log != in_force.settings.log:
        logs.configure(new.log)
    in_force.take(new, clock.utc_now())
    log.info("configuration_reloaded")
    if in_force.want_restart:
        log.warning("restart_wanted", keys=list(in_force.want_restart), hint="systemctl restart textbackd")


def _complain(problems: Sequence[str]) -> None:
    for problem in problems:
        log.error("configuration_wrong", problem=problem)
    log.error(
        "reload_failed", problems=len(problems), hint="what was in force before stays; mend the file, reload again"
    )
