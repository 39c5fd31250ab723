"""Every scenario of the lab, by family."""

import importlib
import pkgutil

from tests.lab.scenario import Family, Scenario

_ORDER = (
    "ringing",
    "refusals",
    "groups",
    "extensions",
    "queues",
    "agents",
    "menus",
    "voicemail",
    "announcements",
    "follow_me",
    "forwards",
    "callers",
    "pickup",
    "transfers",
    "attended",
    "transfers_by_keys",
    "parking",
    "conferences",
    "holding",
    "redirects",
    "outbound",
    "click_to_call",
    "internal",
)
"""Modules, as a reader should meet them; one that is not named here comes last."""


def _families() -> list[Family]:
    names = sorted(
        (module.name for module in pkgutil.iter_modules(__path__) if module.name != "__main__"),
        key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name),
    )
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Family)]


FAMILIES = _families()

SCENARIOS: dict[str, Scenario] = {scenario.id: scenario for family in FAMILIES for scenario in family.scenarios}
