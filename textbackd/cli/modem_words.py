"""How a modem is, in words."""

from collections.abc import Mapping
from typing import Any

from textbackd.modem.modem import ModemStatus, Registration

_NETWORK = {
    Registration.HOME: "on {network}",
    Registration.ROAMING: "roaming on {network}",
    Registration.SEARCHING: "looking for a network",
    Registration.DENIED: "not let into the network",
    Registration.NONE: "without a network",
}
_PLACES = {"SM": " on the SIM", "ME": " in the modem"}


def of_status(found: ModemStatus) -> str:
    """``Huawei E173, on O2, signal 71 %, 3 of 20 messages stored on the SIM``."""
    network = _NETWORK[found.registration].format(network=found.network)
    signal = f", signal {found.signal_percent} %" if found.signal_percent is not None else ""
    place = _PLACES.get(found.store, "")
    stored = f", {found.stored} of {found.capacity} messages stored{place}" if found.capacity else ""
    lacks = "" if found.has_service_centre else ", no service centre (SMSC): no text can leave"
    unreadable = f", texts cannot be read ({found.unreadable})" if found.unreadable else ""
    return f"{found.manufacturer} {found.model}, {network}{signal}{stored}{unreadable}{lacks}"


def of_told(told: Mapping[str, Any]) -> str:
    """The same of what the daemon answered about one modem."""
    fields = {name: told[name] for name in ModemStatus.__dataclass_fields__}
    return of_status(ModemStatus(**fields | {"registration": Registration(told["registration"])}))
