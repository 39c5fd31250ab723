"""What of a modem's condition a person has to know."""

from collections.abc import Mapping

from textbackd.core.alarms import AlarmKind

SIM_FULL_PERCENT = 80
"""A full SIM takes in no reply, and STOPs are replies (product.md section 5)."""
REFUSED_NUMBERS = 3
"""So many numbers were refused a text one after the other, and none accepted: it is no longer the numbers' fault."""


def conditions(
    *, trouble: str, full_percent: int, refused_numbers: int, last_refusal: str, unknown: int
) -> Mapping[AlarmKind, str]:
    """What holds of a modem, and what was seen of it; a kind that is missing does not hold.

    ``trouble``: why it is not registered, empty while it is. ``unknown``: its texts of unknown fate.
    """
    found = {
        AlarmKind.MODEM_NOT_REGISTERED: trouble,
        AlarmKind.SIM_FULL: f"{full_percent} % full" if full_percent >= SIM_FULL_PERCENT else "",
        AlarmKind.ALL_SENDS_FAILING: last_refusal if refused_numbers >= REFUSED_NUMBERS else "",
        AlarmKind.TEXTS_UNKNOWN: f"{unknown} text{'' if unknown == 1 else 's'}" if unknown else "",
    }
    return {kind: detail for kind, detail in found.items() if detail}


WATCHED = (
    AlarmKind.MODEM_NOT_REGISTERED,
    AlarmKind.SIM_FULL,
    AlarmKind.ALL_SENDS_FAILING,
    AlarmKind.TEXTS_UNKNOWN,
)
"""Every kind that ``conditions`` can find."""
