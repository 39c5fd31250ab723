"""The channels that are up already, as FreeSWITCH lists them: each row in the words of an event."""

import json
from collections.abc import Sequence
from typing import Any

from textbackd.core.channel_events import Stage
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event, as_text

LIST = "show channels as json"

_HEADERS = {
    "uuid": "Unique-ID",
    "direction": "Call-Direction",
    "name": "Channel-Name",
    "initial_context": "Caller-Context",
    "initial_cid_num": "Caller-Caller-ID-Number",
    "initial_cid_name": "Caller-Caller-ID-Name",
    "initial_dest": "Caller-Destination-Number",
    "application": "variable_current_application",
    "application_data": "variable_current_application_data",
}
_ANSWERED = frozenset({"ACTIVE", "HELD", "UNHELD"})
"""Of ``callstate``."""


def rows(answer: str) -> Sequence[Event] | None:
    """The rows of a list of channels; None where the answer is something else. With no rows there is no ``rows``."""
    try:
        found: Any = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    listed = found.get("rows", []) if isinstance(found, dict) and "row_count" in found else None
    if not isinstance(listed, list):
        return None
    return [_as_event(row) for row in listed if isinstance(row, dict) and row.get("uuid")]


def _as_event(row: dict[str, Any]) -> Event:
    e = {header: as_text(row.get(column) or "") for column, header in _HEADERS.items()}
    began = as_text(row.get("created_epoch") or "")
    e["Caller-Channel-Created-Time"] = f"{began}000000" if began.isdigit() else ""
    e["Answer-State"] = "answered" if as_text(row.get("callstate")) in _ANSWERED else "ringing"
    belongs_to = as_text(row.get("call_uuid") or "")
    if belongs_to != e["Unique-ID"]:
        e["variable_signal_bond"] = belongs_to
    # Whoever is asked whether to take a call has answered too, but exchanges no media with anybody.
    if e["Answer-State"] == "answered" and row.get("state") == "CS_EXCHANGE_MEDIA":
        e["variable_bridge_uuid"] = e.get("variable_signal_bond", "")
    return e


def place(row: Event) -> tuple[Stage, str] | None:
    """Where a caller is."""
    application, argument = row["variable_current_application"], row["variable_current_application_data"]
    match application:
        case "callcenter" | "fifo":
            return Stage.QUEUE, argument.partition(" ")[0].partition("@")[0]
        case "valet_park" | "park":
            return Stage.PARKED, argument.rpartition(" ")[2]
        case "voicemail":
            return Stage.VOICEMAIL, argument.rpartition(" ")[2]
        case "bridge":
            return Stage.DIAL, ""
        case _ if application in words.MENUS:
            return Stage.MENU, row["Caller-Context"]
    return None
