"""How much a thing holds on to."""

import gc
import types
from collections import deque

CONTAINERS = (list, tuple, set, frozenset, deque, types.MethodType)
OURS = ("textbackd.", "panoramisk.")


def held(*roots: object) -> int:
    """The objects that can be reached from there through containers and through objects of ours, each counted once."""
    seen: set[int] = set()
    waiting: list[object] = list(roots)
    while waiting:
        thing = waiting.pop()
        if thing is None or id(thing) in seen or isinstance(thing, type | types.FunctionType | types.ModuleType):
            continue
        seen.add(id(thing))
        if isinstance(thing, dict):
            waiting += [*thing.keys(), *thing.values()]  # keys that are strings are nobody's referents
        elif isinstance(thing, CONTAINERS) or type(thing).__module__.startswith(OURS):
            waiting += gc.get_referents(thing)
    return len(seen)
