"""Lines of FreeSWITCH's mod_cdr_csv, valid by default: a test names only what it is about."""

import re
from collections.abc import Mapping
from pathlib import Path

from textbackd.pbx.freeswitch_cdr_file import TEMPLATE

EXAMPLE = (
    '"${caller_id_name}","${caller_id_number}","${destination_number}","${context}","${start_stamp}","${answer_stamp}",'
    '"${end_stamp}","${duration}","${billsec}","${hangup_cause}","${uuid}","${bleg_uuid}","${accountcode}",'
    '"${read_codec}","${write_codec}"'
)
"""The template that FreeSWITCH ships and uses."""

CALLER = {
    "uuid": "11111111-0000-4000-8000-000000000001",
    "direction": "inbound",
    "channel_name": "sofia/external/+447700900123@carrier.test",
    "sofia_profile_name": "external",
    "context": "public",
    "caller_id_name": "Pat Caller",
    "caller_id_number": "+447700900123",
    "orig_caller_id_number": "+447700900123",
    "privacy_hide_number": "false",
    "destination_number": "01632960101",
    "sip_req_user": "01632960101",
    "start_stamp": "2026-11-18 12:00:00",
    "start_uepoch": "1795003200000000",
    "answer_uepoch": "0",
    "bridge_uepoch": "0",
    "end_stamp": "2026-11-18 12:00:20",
    "end_uepoch": "1795003220000000",
    "duration": "20",
    "billsec": "0",
    "originate_disposition": "NO_ANSWER",
    "hangup_cause": "NORMAL_CLEARING",
    "last_app": "bridge",
    "last_arg": "user/101@office.test",
}
"""A call from outside at ``NOON`` that rang for 20 s."""
PHONE = CALLER | {
    "uuid": "22222222-0000-4000-8000-000000000001",
    "direction": "outbound",
    "channel_name": "sofia/internal/101@192.0.2.9",
    "sofia_profile_name": "internal",
    "originator": CALLER["uuid"],
    "dialed_user": "101",
    "destination_number": "101",
    "sip_req_user": "",
    "originate_disposition": "",
    "hangup_cause": "NO_ANSWER",
    "last_app": "",
    "last_arg": "",
}
"""The phone that rang for it."""
ANSWERED = {
    "answer_stamp": "2026-11-18 12:00:05",
    "answer_uepoch": "1795003205000000",
    "bridge_uepoch": "1795003205000000",
    "billsec": "15",
    "hangup_cause": "NORMAL_CLEARING",
}
"""After 5 s."""
CALLER_ANSWERED = CALLER | ANSWERED | {"bleg_uuid": PHONE["uuid"], "last_bridge_to": PHONE["uuid"]}
CALLER_ANSWERED |= {"originate_disposition": "SUCCESS"}
PHONE_ANSWERED = PHONE | ANSWERED | {"last_bridge_to": CALLER["uuid"]}


def a_line(variables: Mapping[str, str] = CALLER, template: str = TEMPLATE, **changed: str) -> str:
    """One leg as mod_cdr_csv writes it: values as they are, nothing where there is none."""
    values = {**variables, **changed}
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], ""), template) + "\n"


def a_file(folder: Path, *lines: str) -> Path:
    """A Master.csv of these lines."""
    path = folder / "Master.csv"
    path.write_text("".join(lines), encoding="utf-8", errors="surrogateescape")
    return path
