"""What the daemon does for other processes that ask it to."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textbackd import clock
from textbackd.core.policy import PolicyNow
from textbackd.errors import UserError
from textbackd.health import Condition, Health
from textbackd.modem.modem import Modem
from textbackd.store import modem_record
from textbackd.store.database import Database
from textbackd.workers import simulation, trial_text
from textbackd.workers.modem_watch import ModemWatch
from textbackd.workers.requests import Answer


def all_of(
    database: Database,
    policy: PolicyNow,
    configuration: Callable[[], Mapping[str, Any]],
    health: Health,
    modems: Sequence[Modem],
    watches: Mapping[str, ModemWatch],
    wrote: Callable[[], None],
) -> Mapping[str, Answer]:
    """Every kind of request, and who answers it. ``configuration`` tells how the file was loaded last, as JSON;
    ``wrote`` is called after what queued a text.
    """
    return {
        "status": _status(database, configuration, health, watches),
        "simulate": _simulate(database, policy, wrote),
        "test_sms": _test_sms(database, policy, modems, wrote),
        "reset_modem": _reset_modem(modems, wrote),
    }


def _status(
    database: Database,
    configuration: Callable[[], Mapping[str, Any]],
    health: Health,
    watches: Mapping[str, ModemWatch],
) -> Answer:
    """How everything is. Of each modem what it said last: one that is sending would keep the asker waiting."""

    async def answer(_arguments: dict[str, Any]) -> Any:
        parts = {c.name: c for c in health.components()}
        modems = []
        for name, watch in watches.items():
            component = parts[f"modem {name}"]
            async with database.reading() as tx:
                last_sent_at = await modem_record.last_sent_at(tx, name)
            told: dict[str, Any] = {
                "name": name,
                "last_sent_at": last_sent_at.isoformat() if last_sent_at else None,
                "counts": dict(component.counts),
            }
            if component.condition is Condition.DOWN:
                told["error"] = component.last_error
            elif watch.latest is not None:
                told |= dataclasses.asdict(watch.latest)
            else:
                told["error"] = "it has not said yet how it is"
            modems.append(told)
        return {
            "parts": [
                {"name": c.name, "condition": c.condition, "since": c.since.isoformat(), "last_error": c.last_error}
                for c in parts.values()
                if c.within is None
            ],
            "modems": modems,
            "configuration": configuration(),
        }

    return answer


def _simulate(database: Database, policy: PolicyNow, wrote: Callable[[], None]) -> Answer:
    async def answer(arguments: dict[str, Any]) -> Any:
        rules = policy()
        if rules.observing and arguments["send"]:
            raise UserError("mode is observe: nothing is sent; leave out --send, or set mode: live and reload")
        found = await simulation.missed_call(
            database,
            rules,
            caller=arguments["caller"],
            did=arguments["did"],
            send=arguments["send"],
            now=clock.utc_now(),
        )
        wrote()
        return found | {"observing": rules.observing}

    return answer


def _test_sms(database: Database, policy: PolicyNow, modems: Sequence[Modem], wrote: Callable[[], None]) -> Answer:
    async def answer(arguments: dict[str, Any]) -> Any:
        modem = _named(modems, arguments["modem"]).name if arguments["modem"] else ""
        rules = policy()
        number = rules.office.e164(arguments["number"])
        if number is None:
            raise UserError(f"'{arguments['number']}' is no number that a text can be sent to")
        message = await trial_text.enqueue(database, rules, number, modem, clock.utc_now())
        wrote()
        return {"text": message}

    return answer


def _reset_modem(modems: Sequence[Modem], wrote: Callable[[], None]) -> Answer:
    async def answer(arguments: dict[str, Any]) -> Any:
        modem = _named(modems, arguments["modem"])
        await modem.reset(radio=arguments["radio"])
        wrote()
        return {"modem": modem.name}

    return answer


def _named(modems: Sequence[Modem], name: str) -> Modem:
    found = next((modem for modem in modems if modem.name == name), None)
    if found is None:
        there_are = ", ".join(modem.name for modem in modems)
        raise UserError(f"there is no modem '{name}'; there are: {there_are}")
    return found
