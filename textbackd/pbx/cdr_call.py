"""A call as a PBX's own record tells it."""

import dataclasses

from textbackd.core.call_records import EndedCall


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CdrCall:
    """An inbound call as the file tells it; ``core.outcomes.judge`` says what it amounted to, approximately."""

    record: EndedCall
    """Its ``call_id`` is the Uniqueid or uuid; of Asterisk without ``loguniqueid`` the channel's name and start."""
    ring_seconds: float | None
    """None: the file does not tell."""
    wait_seconds: float | None
    """None: the file does not tell. What is not known is 0.0 in ``record``, or a guess."""
