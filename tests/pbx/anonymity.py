"""What an anonymised stream must still tell, and what it must not."""

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.pbx import replay
from tests.pbx.replay import TRACES
from textbackd.core.outcomes import Call
from textbackd.core.phone_numbers import E164
from textbackd.pbx.disguise import House

CLOSED = (E164("+441632960107"), E164("+441632960108"))
LAB = House(country="GB", closed=frozenset(CLOSED), closed_there=CLOSED)
"""The lab in which the streams were recorded."""

NUMBERS = st.one_of(
    st.from_regex(r"(\+|00|0|9|9011)?[0-9]{1,14}", fullmatch=True),
    st.from_regex(r"\+(44[1237]|1[2-9]|49[1-9]|43[1-9]|39[03]|33[1-9])[0-9]{8,9}", fullmatch=True),
    st.from_regex(r"\(?0[1-9][0-9]{2}\)?[ /.-][0-9]{3}[ -][0-9]{3,4}", fullmatch=True),
)
"""As people, carriers and PBXes write them, right and wrong ones."""
SECRETS = [
    *("07400123456", "+447400123456", "+12125550177", "4915123456789", "84433221", "987654", "Zachary", "Zoe Zimmer"),
    *("Zoë", "zimmer.example", "zimmer@zimmer.example", "203.0.113.77", "2001:db8::77"),
]
"""Numbers, names and addresses of people."""
WRAPPINGS = [
    *("{}", "x{}y", "9{}", "{}@trunk", "trunk/{}", "PJSIP/{}-0000001a", "Local/{}@from-internal-0000001a;1"),
    *("sip:{}@192.0.2.1:5060;user=phone", '"{}" <{}>', "<sip:{}>", "{},300,Tt", "PJSIP/101&PJSIP/{}@trunk,8"),
    *("from-{}", "ext-{}", "ivr-{}", "{}-blacklist", "{}-1795220361.1", "*98{}", "vmu{}", "FMPR-{}", "s-{}"),
    *("PIN={}", '{{"pin":"{}"}}', "/var/spool/asterisk/voicemail/default/{}/INBOX/msg0000", "{}%20", "{}\t"),
    *("{} anonymous", "prohib {}", "{} (Presentation Allowed, Not Screened)", "[{}]:5060", "{}=1", "={}", "\udcff{}"),
    *("textbackd-privacy/{}/now", "textbackd-privacy/1795220361.1/{}", "Asterisk Call Manager/{}", "call,{}"),
]
"""What a value may hold around one of them."""


def what_happened(calls: Iterable[Call]) -> list[dict[str, Any]]:
    """All that does not say who it was."""
    return [
        {
            "id": call.record.call_id,
            "outcome": call.outcome,
            "hours": call.hours,
            "started": call.record.started_at,
            "ended": call.record.ended_at,
            "ring": call.record.ring_seconds,
            "wait": call.record.wait_seconds,
            "talk": call.record.talk_seconds,
            "queue": call.record.queue_seconds,
            "machine": call.maybe_machine,
            "withheld": (call.record.withheld, call.record.privacy_unknown),
            "a number": replay.OFFICE.e164(call.record.caller) is not None,
            "people": [(party.seconds, party.outside) for party in call.record.talked_to],
            "steps": [(step.at, step.what, step.value) for step in call.record.steps],
        }
        for call in calls
    ]


def left_over(path: Path, data: bytes) -> set[str]:
    """What is known of the people and the house, from the truth and by plain searches in the stream, and still there.

    It shares nothing with the anonymiser.
    """
    before = bytes_of(path).decode()
    truths = TRACES / f"{path.name.split('.')[0]}.truth.json"
    told = json.loads(truths.read_text())["calls"] if truths.exists() else []
    numbers = {call[key] for call in told for key in ("caller", "did") if re.search(r"\d{4}", call[key] or "")}
    numbers |= set(re.findall(r"(?:\+|\b0)\d{9,13}\b", before))
    numbers = {number.removeprefix("+44").removeprefix("0044").lstrip("0") for number in numbers}
    closed = {number.removeprefix("+44") for number in CLOSED}
    if closed <= numbers:  # they have changed places
        numbers -= closed
    names = set(re.findall(r"(?:CallerIDName|CallerIDname|LineName|MemberName): ([^\r<]*[A-Za-z][^\r<]*)\r", before))
    trunks = set(re.findall(r"PJSIP/([A-Za-z]\w*)-\w{8}\r", before))
    addresses = set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", before))
    paths = set(re.findall(r"(/[a-z]+/[a-z]+/[^\r]*)\r", before))
    values = set(re.findall(r"Value: ([^\r]*[\d/@.][^\r]*)\r", before))
    extensions = set(re.findall(r"(?:PJSIP/|Exten: |Mailbox: |Queue: |Num: )(\d{3,4})\b", before))

    after = data.decode("ascii")
    return {
        *(number for number in numbers if number in after),
        *(name for name in names if re.search(rf"\b{re.escape(name)}\b", after)),
        *(trunk for trunk in trunks if re.search(rf"[/@]{trunk}\b|: {trunk}\r", after)),
        *(address for address in addresses if address in after),
        *(path for path in paths if path in after),
        *(value for value in values if re.search(rf"Value: {re.escape(value)}\r", after)),
        *(number for number in extensions if re.search(rf"[/@*&]{number}\b(?!\.)|: {number}[\r@]", uncounted(after))),
    }


def uncounted(stream: str) -> str:
    """Without the lines that count something."""
    return re.sub(r"\n(?:Cause|TechCause|Seconds|Duration|Priority|\w*Uptime|LastReload): \d+\r", "", stream)


def bytes_of(path: Path) -> bytes:
    """A stream, packed or not."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
