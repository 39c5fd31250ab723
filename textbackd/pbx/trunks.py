"""How calls from outside are told from the office's own."""

import dataclasses
from collections.abc import Iterable

TRUNK_CONTEXTS = frozenset({"from-trunk", "from-trunk-*", "from-pstn", "from-pstn-*", "from-digital", "from-analog"})
"""Where FreePBX lets calls from outside in; it gives a chan_sip trunk a context of its own, ``from-trunk-sip-NAME``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """One way, or several alike, to the outside."""

    contexts: frozenset[str] = frozenset()
    """Dialplan contexts in which its calls begin; a ``*`` at the end stands for anything."""
    endpoints: frozenset[str] = frozenset()
    """Names of its endpoints (``PJSIP/NAME-…``), whatever the context."""
    strip: tuple[str, ...] = ()
    """What the PBX puts before a caller's number, such as ``9``."""

    def begins_in(self, context: str) -> bool:
        """Whether its calls begin in that context."""
        return context in self.contexts or any(
            name.endswith("*") and context.startswith(name[:-1]) for name in self.contexts
        )

    def number(self, shown: str) -> str:
        """A caller's number without what the PBX put before it."""
        prefix = next((prefix for prefix in self.strip if shown.startswith(prefix)), "")
        return shown.removeprefix(prefix)


@dataclasses.dataclass(frozen=True, slots=True)
class Trunks:
    """All trunks of a PBX; by default FreePBX's."""

    each: tuple[Trunk, ...] = (Trunk(contexts=TRUNK_CONTEXTS),)

    def trunk(self, endpoint: str, context: str) -> Trunk | None:
        """The trunk to which a channel belongs: the one that names its endpoint, else its context."""
        by_endpoint = (trunk for trunk in self.each if endpoint in trunk.endpoints)
        by_context = (trunk for trunk in self.each if trunk.begins_in(context))
        return next(by_endpoint, None) or next(by_context, None)

    def seen(self, entrances: Iterable[tuple[str, str]]) -> "Trunks":
        """The same, knowing by name the endpoints (context, endpoint) on which calls from outside were seen to begin.

        A record of calls tells the endpoint, and seldom the context in which a call began.
        """
        found = list(entrances)
        return Trunks(
            tuple(
                dataclasses.replace(trunk, endpoints=trunk.endpoints | {e for c, e in found if trunk.begins_in(c)})
                for trunk in self.each
            )
        )

    def begins_in(self, context: str) -> bool:
        """Whether calls over any of them begin in that context."""
        return any(trunk.begins_in(context) for trunk in self.each)

    @property
    def contexts(self) -> frozenset[str]:
        """The contexts of all."""
        return frozenset().union(*(trunk.contexts for trunk in self.each))

    @property
    def endpoints(self) -> frozenset[str]:
        """The endpoints of all."""
        return frozenset().union(*(trunk.endpoints for trunk in self.each))
