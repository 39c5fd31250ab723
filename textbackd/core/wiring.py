"""Which channels hear each other: bridges, and Local channels, whose two halves are one wire."""


class Wiring:
    """A graph of channels (by id). A channel is in one bridge at a time; what was left empty is forgotten."""

    def __init__(self) -> None:
        self._bridge_of: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._other_half: dict[str, str] = {}

    def enter(self, channel: str, bridge: str) -> None:
        """Put a channel into a bridge, out of the one it was in."""
        self.leave(channel)
        self._bridge_of[channel] = bridge
        self._members.setdefault(bridge, set()).add(channel)

    def leave(self, channel: str) -> None:
        """Take a channel out of its bridge, if it is in one."""
        bridge = self._bridge_of.pop(channel, None)
        if bridge is not None:
            members = self._members[bridge]
            members.discard(channel)
            if not members:
                del self._members[bridge]

    def pair(self, one: str, two: str) -> None:
        """Join the two halves of a Local channel, each apart from what it was joined to before."""
        for half in (one, two):
            if before := self._other_half.pop(half, None):
                self._other_half.pop(before, None)
        self._other_half[one] = two
        self._other_half[two] = one

    def remove(self, channel: str) -> None:
        """Take a channel out of everything."""
        self.leave(channel)
        other = self._other_half.pop(channel, None)
        if other is not None:
            self._other_half.pop(other, None)

    def bridge_of(self, channel: str) -> str | None:
        """The bridge that the channel is in."""
        return self._bridge_of.get(channel)

    def heard_by(self, channel: str) -> set[str]:
        """Every channel that a path leads to, and ``channel`` itself."""
        found, waiting = {channel}, [channel]
        while waiting:
            here = waiting.pop()
            bridge = self._bridge_of.get(here)
            neighbours = set(self._members[bridge]) if bridge is not None else set()
            if other := self._other_half.get(here):
                neighbours.add(other)
            waiting += neighbours - found
            found |= neighbours
        return found
