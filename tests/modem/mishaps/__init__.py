"""What can go wrong with a modem: each mishap as it is played on a ``Station``, and what textbackd does about it.

A mishap begins with a healthy open modem, or with one that is yet to be opened, and two texts are queued when it
strikes. What strikes is as the facts about gammu and USB modems have it.
"""

from collections.abc import Mapping, Sequence

from tests.modem.mishaps import noise, plug, while_idle, while_opening, while_sending
from tests.modem.mishaps.mishap import Family, Mishap

FAMILIES: Sequence[Family] = (
    while_opening.FAMILY,
    while_idle.FAMILY,
    while_sending.FAMILY,
    plug.FAMILY,
    noise.FAMILY,
)
MISHAPS: Mapping[str, Mishap] = {mishap.id: mishap for family in FAMILIES for mishap in family.mishaps}
