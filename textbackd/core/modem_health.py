"""What of a modem's condition a person has to know."""

from collections.abc import Mapping

from textbackd.core.alarms import AlarmKind

SIM_FULL_PERCENT = 80
"""A full SIM takes in no reply, and STOPs are replies (product.md section 5)."""
NUMBERS_IN_VAIN = 3
"""To so many numbers one after the other no text got out, and none to another: it is no longer the numbers' fault."""


def conditions(
    *, trouble: str, has_service_centre: bool, store: str, full_percent: int, unknown: int, unreadable: str
) -> Mapping[AlarmKind, str]:
    """What holds of a modem, and what was seen of it; a kind that is missing does not hold.

    ``trouble``: why it is not registered, empty while it is. ``store``: where incoming texts go, ``full_percent``: how
    full that is. ``unknown``: its texts of unknown fate. ``unreadable``: which stores cannot be read, and why. That all
    its texts fail is the sender's to see.
    """
    found = {
        AlarmKind.MODEM_NOT_REGISTERED: trouble,
        AlarmKind.NO_SERVICE_CENTRE: "" if has_service_centre else "AT+CSCA? tells none",
        AlarmKind.SIM_FULL: f"{store} {full_percent} % full".strip() if full_percent >= SIM_FULL_PERCENT else "",
        AlarmKind.TEXTS_UNREADABLE: unreadable,
        AlarmKind.TEXTS_UNKNOWN: f"{unknown} text{'' if unknown == 1 else 's'}" if unknown else "",
    }
    return {kind: detail for kind, detail in found.items() if detail}


WATCHED = (
    AlarmKind.MODEM_NOT_REGISTERED,
    AlarmKind.NO_SERVICE_CENTRE,
    AlarmKind.SIM_FULL,
    AlarmKind.TEXTS_UNREADABLE,
    AlarmKind.TEXTS_UNKNOWN,
)
"""Every kind that ``conditions`` can find."""
