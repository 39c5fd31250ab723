"""The file that FreeSWITCH's ``mod_cdr_csv`` writes (``Master.csv``): a line for each leg, once that is over.

What is in a line is a template's choice. Two are understood, and a line shows which it is of:

* ``TEMPLATE``, made for this (docs/freeswitch.md), has nearly all that the last event of a leg says; times are UTC.
* ``example``, which FreeSWITCH ships and uses, and its kin (``default``, ``sql``, ``snom``, ``linksys``) have little of
  it; times are local, and do not say so.

A value is written as it is, so a quote or a line end in a name looks like the end of a value or of the line; control
characters but line ends, and ``${``, FreeSWITCH takes out of names. Read in the source of 1.11.
"""

import dataclasses
import datetime as dt
import re

from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx.event_socket import Event

SECOND = 1_000_000
"""FreeSWITCH's times are microseconds."""

_PROFILE = {
    "uuid": "Unique-ID",
    "direction": "Call-Direction",
    "channel_name": "Channel-Name",
    "start_uepoch": "Caller-Channel-Created-Time",
    "answer_uepoch": "Caller-Channel-Answered-Time",
    "bridge_uepoch": "Caller-Channel-Bridged-Time",
    "progress_uepoch": "Caller-Channel-Progress-Time",
    "progress_media_uepoch": "Caller-Channel-Progress-Media-Time",
    "end_uepoch": "Caller-Channel-Hangup-Time",
    "context": "Caller-Context",
    "orig_caller_id_number": "Caller-Orig-Caller-ID-Number",
    "privacy_hide_number": "Caller-Privacy-Hide-Number",
    "destination_number": "Caller-Destination-Number",
    "rdnis": "Caller-RDNIS",
    "hangup_cause": "Hangup-Cause",
    "caller_id_name": "Caller-Caller-ID-Name",
}
"""Variables that events have under another name than ``variable_…``."""
_AT_ONCE = (
    *("uuid", "direction", "call_direction", "channel_name", "start_uepoch", "context", "sofia_profile_name"),
    *(
        "sip_gateway",
        "sip_from_host",
        "user_name",
        "sip_gateway_name",
        "orig_caller_id_number",
        "privacy_hide_number",
        "sip_Privacy",
        "sip_from_user",
    ),
    *("destination_number", "rdnis", "sip_req_user", "sip_to_user", "dialed_user", "originator"),
    *("originating_leg_uuid", "other_loopback_leg_uuid", "other_loopback_from_uuid", "loopback_app"),
    *("cc_queue", "cc_member_session_uuid", "fifo_name", "fifo_bridge_uuid", "group_confirm_key"),
)
"""What is known when a leg is made."""
_AT_THE_END = (
    *("answer_uepoch", "bridge_uepoch", "progress_uepoch", "progress_media_uepoch", "end_uepoch", "signal_bond"),
    *("bridge_uuid", "last_bridge_to", "bridge_channel", "originate_disposition", "originate_failed_cause"),
    *("hangup_cause", "sip_hangup_disposition", "cc_cancel_reason", "fifo_status", "textback", "transfer_source"),
    *("playback_ms", "record_seconds", "voicemail_message_len", "voicemail_message_seconds", "voicemail_action"),
    *("after_hours", "transfer_after_bridge", "voicemail_answer_epoch", "last_app", "last_arg", "caller_id_name"),
)
"""What is known later; the name is the last, since it may hold anything."""
_VARIABLES = (*_AT_ONCE, *_AT_THE_END)
_MARK = "textbackd-1"
"""Names the layout, since old lines stay in the file: one more whenever a layout that was released changes."""
TEMPLATE = ",".join(f'"{value}"' for value in (_MARK, *(f"${{{variable}}}" for variable in _VARIABLES)))
"""What to put into ``cdr_csv.conf.xml``."""


def _header(variable: str) -> str:
    return _PROFILE.get(variable, f"variable_{variable}")


_HEADERS = tuple(map(_header, _VARIABLES))
FIRST_HEADERS = (*map(_header, _AT_ONCE), "Caller-Caller-ID-Name")
"""What was known of a leg when it was made, as far as it is in a line."""
_EXAMPLE = re.compile(
    r'"(?P<number>[^"]*)","(?P<destination>[^"]*)","(?P<context>[^"]*)",'
    r'"(?P<start>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)","(?P<answer>[-\d: ]*)","[-\d: ]+",'
    r'"(?P<seconds>\d{1,9})","(?P<answered>\d{1,9})","(?P<cause>[A-Z_0-9]*)","(?P<uuid>[^"]+)","(?P<bleg>[^"]*)",? ?"'
)
"""Behind the caller's name, which may hold anything."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """Of ``example``: one local time, and lengths, which are exact over a change of the clock."""

    started_at: dt.datetime
    seconds: int
    answered_seconds: int | None
    """None: the leg was not answered."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """One leg."""

    leg: Event
    """What the last event of the leg would say, as far as the line does."""
    ended_at: dt.datetime
    """Naive: UTC, or local where ``stamps`` are."""
    stamps: Stamps | None = None
    """The times that ``leg`` does not have."""


def row(line: bytes) -> LegRow | None:
    """A line that is whole; None where it was torn by a crash, is being written, or is something else."""
    if not line.endswith(b"\n"):
        return None
    text = line.decode("utf-8", "replace").rstrip("\n")
    _torn, *ours = text.split(f'"{_MARK}","')
    try:
        # What was torn has the next line behind it; what stands in a name is no line.
        return next(filter(None, map(_of_ours, reversed(ours))), None) or _of_example(text)
    except (ValueError, OverflowError):
        return None


def _of_ours(text: str) -> LegRow | None:
    values = text.removesuffix('"').split('","', len(_HEADERS) - 1)
    if len(values) < len(_HEADERS):
        return None
    leg = dict(zip(_HEADERS, values, strict=True))
    ended_at = headers.moment(leg, "Caller-Channel-Hangup-Time")
    if ended_at is None or headers.moment(leg, "Caller-Channel-Created-Time") is None or not leg["Unique-ID"]:
        return None
    for time in ("answer", "bridge"):
        seconds = headers.number(leg, _header(f"{time}_uepoch")) // SECOND
        leg[f"variable_{time}_epoch"] = str(seconds)
    return LegRow(leg=leg, ended_at=ended_at.replace(tzinfo=None))


def _of_example(text: str) -> LegRow | None:
    told = next(reversed([*_EXAMPLE.finditer(text)]), None)
    if told is None:
        return None
    seconds = int(told["seconds"])
    stamps = Stamps(
        started_at=dt.datetime.fromisoformat(told["start"]),
        seconds=seconds,
        answered_seconds=int(told["answered"]) if told["answer"] else None,
    )
    leg = {
        "Unique-ID": told["uuid"],
        "Caller-Context": told["context"],
        "Caller-Orig-Caller-ID-Number": told["number"],
        "Caller-Destination-Number": told["destination"],
        "Caller-Caller-ID-Name": text[: told.start()].rpartition('"')[0].rpartition('"')[2],
        "Hangup-Cause": told["cause"],
        "Other-Leg-Unique-ID": told["bleg"],
    }
    return LegRow(leg=leg, ended_at=stamps.started_at + dt.timedelta(seconds=seconds), stamps=stamps)
