"""What a party does when it is called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Rings for ever unless a field says otherwise; times in seconds."""

    dead: bool = False
    """gives no sign of life at all"""
    refuse_with: int | None = None
    """a SIP status, at once"""
    answer_after: float | None = None
    """None rings for ever"""
    hang_up_after: float | None = None
    """counted from the answer; None leaves that to the other side"""


RINGS = Behaviour()
ANSWERS = Behaviour(answer_after=0)
BUSY = Behaviour(refuse_with=486)
DECLINES = Behaviour(refuse_with=603)
UNAVAILABLE = Behaviour(refuse_with=480)
DEAD = Behaviour(dead=True)
