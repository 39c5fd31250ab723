"""The configuration by which a daemon works, and how a new one takes its place while it runs.

A PBX's link and a modem's port are opened at the start, for good: what is in ``pbx`` and ``modems`` wants a restart,
and so does a business's modem that does not run yet.
A file that names another ``database`` is not taken at all: commands would read and write there, unheard by the daemon.
All else is only ever asked for, so it can change between two calls.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from textbackd.config.settings import Settings
from textbackd.core.office import Business
from textbackd.core.policy import Policy
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.sim_pin import SimPin
from textbackd.modem.simulated_modem import SimulatedSettings
from textbackd.pbx.sources import PbxSettings


class InForce:
    """What is in force now, and what became of the last reload."""

    def __init__(self, settings: Settings, loaded_at: dt.datetime) -> None:
        self.settings = settings
        self.loaded_at = loaded_at
        self.want_restart: Sequence[str] = ()
        """Keys of the file that say something else than what runs."""
        self.failed_at: dt.datetime | None = None
        """When a reload failed; None: the last one did not."""
        self.problems: Sequence[str] = ()
        """Why it failed."""

    def policy(self) -> Policy:
        """The rules in force."""
        return self.settings.policy

    def take(self, new: Settings, now: dt.datetime) -> None:
        """Put all of ``new`` in force that does not want a restart."""
        self.want_restart = wanting_restart(self.settings, new)
        self.settings = taken(self.settings, new)
        self.loaded_at, self.failed_at, self.problems = now, None, ()

    def refuse(self, problems: Sequence[str], now: dt.datetime) -> None:
        """Stay with what is in force: the file is wrong."""
        self.failed_at, self.problems = now, problems

    def told(self) -> dict[str, Any]:
        """All this, as JSON has it."""
        return {
            "loaded_at": self.loaded_at.isoformat(),
            "failed_at": self.failed_at.isoformat() if self.failed_at else None,
            "problems": list(self.problems),
            "want_restart": list(self.want_restart),
        }


def hindrances(running: Settings, new: Settings) -> Sequence[str]:
    """Why nothing of a new file can be taken while the daemon runs, though nothing is wrong with it."""
    if new.database == running.database:
        return ()
    there, here = new.database, running.database
    commands = f"commands go to {there} now, and what they enter there is not heard of"
    remedy = f"name {here} again and reload, or stop textbackd, move its database and start it"
    return (f"database: it stays {here} until a restart; {commands}: {remedy}",)


def taken(running: Settings, new: Settings) -> Settings:
    """``new``, but for what wants a restart."""
    office = new.policy.office
    businesses = tuple(_with_a_modem_that_runs(business, running) for business in office.businesses)
    sims = {modem.number for modem in running.modems if isinstance(modem, GammuSettings) and modem.number}
    return dataclasses.replace(
        new,
        pbxs=running.pbxs,
        modems=running.modems,
        loop_tests=running.loop_tests,
        # The SIMs that are in the modems are ours until these are others.
        policy=dataclasses.replace(
            new.policy,
            office=dataclasses.replace(office, businesses=businesses),
            own_numbers=new.policy.own_numbers | sims,
        ),
    )


def _with_a_modem_that_runs(business: Business, running: Settings) -> Business:
    """With the modem that it had, where that of the new file does not run: its texts would wait for it until they are
    stale. A business that is new has had none.
    """
    had = {known.name: known.modem for known in running.policy.office.businesses}
    if business.name not in had or _runs(business.modem, running):
        return business
    return dataclasses.replace(business, modem=had[business.name])


def _runs(modem: str, running: Settings) -> bool:
    """Whether the daemon has a modem of that name; an empty one stands for any."""
    return modem in {"", *(known.name for known in running.modems)}


def wanting_restart(running: Settings, new: Settings) -> Sequence[str]:
    """Which keys of the new file only a restart can bring into force, such as ``pbx[0].host``."""
    return list(_wanting_restart(running, new))


def _wanting_restart(running: Settings, new: Settings) -> Iterator[str]:
    yield from _entries("pbx", running.pbxs, new.pbxs)
    yield from _entries("modems", running.modems, new.modems)
    tested_at = {test.modem: test.at for test in running.loop_tests}
    tested_anew_at = {test.modem: test.at for test in new.loop_tests}
    for i, modem in enumerate(new.modems):
        if modem.name in {m.name for m in running.modems} and tested_at.get(modem.name) != tested_anew_at.get(
            modem.name
        ):
            yield f"modems[{i}].self_test"
    for i, business in enumerate(new.policy.office.businesses):
        if not _runs(business.modem, running):
            yield f"businesses[{i}].modem"


Entry = PbxSettings | GammuSettings | SimulatedSettings


def _entries(section: str, running: Sequence[Entry], new: Sequence[Entry]) -> Iterator[str]:
    """The fields of these are named as their keys. Entries are the same by name, in whatever order they stand."""
    known = {entry.name: entry for entry in running}
    if known.keys() != {entry.name for entry in new}:
        yield section
        return
    for i, entry in enumerate(new):
        was = known[entry.name]
        if type(was) is not type(entry):
            yield f"{section}[{i}].kind"
            continue
        for field in dataclasses.fields(entry):
            if not _same(getattr(was, field.name), getattr(entry, field.name)):
                yield f"{section}[{i}].{field.name}"


def _same(was: object, now: object) -> bool:
    if isinstance(was, SimPin) and isinstance(now, SimPin):
        return was.digits == now.digits  # where its mark lies follows from the database
    return was == now
