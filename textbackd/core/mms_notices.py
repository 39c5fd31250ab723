"""The notice that a picture message waits, as far as it is of use to somebody who cannot fetch it.

It is an M-Notification.ind (OMA-TS-MMS_ENC §6.2) in one or more binary messages. Most come from a number of the
network's own; who sent the picture stands inside, and so does the address where it lies.
"""

import dataclasses
import re

_FROM = re.compile(rb"(\+?[0-9]{3,20})/TYPE=PLMN")
_CONTENT_LOCATION = re.compile(rb"https?://[\x21-\x7e]+(?=\x00|$)")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MmsNotice:
    """What could be read of it."""

    sender: str
    """Whose picture it is, as the network gave it; empty where it does not say."""
    location: str
    """Where it lies: of each picture message another; empty where the notice does not say."""


def read(pdu: bytes) -> MmsNotice:
    """Look into a notice, or into a part of one."""
    sender, location = _FROM.search(pdu), _CONTENT_LOCATION.search(pdu)
    return MmsNotice(
        sender=sender[1].decode("ascii") if sender else "",
        location=location[0].decode("ascii") if location else "",
    )
