"""Nothing passes the anonymiser of a FreeSWITCH's stream because nobody thought of it."""

import re
import urllib.parse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from tests.freeswitch_calls import rings_out
from tests.pbx import switch
from tests.pbx.anonymity import NUMBERS, SECRETS, WRAPPINGS
from tests.pbx.freeswitch_anonymity import STAYING, of_event, of_stream, told_of
from textbackd.pbx.event_socket import Event
from textbackd.pbx.trace import EventSocketTrace

HEADERS = [
    *sorted(STAYING),
    *(
        "variable_PIN",
        "variable_sip_h_X-Zimmer",
        "variable_switch_r_sdp",
        "variable_sip_call_id",
        "Caller-Network-Addr",
    ),
    *("FreeSWITCH-Hostname", "Application-Data", "Other-Leg-Caller-ID-Number", "_body", "Newfangled", "DTMF-Digit"),
]
HERE_TOO = [
    *("sofia/external/{}@{}:5060", "sofia/gateway/{}/{}", "sofia/{}/101@192.0.2.1", "loopback/{}-a", "verto.rtc/{}"),
    *("default {} 101", "{}@default", "user/{}@zimmer.example", "c=IN IP4 {}", "1795220620:{}:bl_xfer:101/default/XML"),
    *("2a3cbfb2-3b7f-440d-9060-{}", "ARRAY::{}|:{}", "x\nHangup-Cause: {}\n\n", "vm::{}", "CHANNEL_{}", "check {}"),
]


@pytest.mark.parametrize("secret", SECRETS)
def test_no_value_passes_because_nobody_thought_of_it(secret: str) -> None:
    """Wherever it stands, in whatever, in either format: it is not there any more."""
    voicemail = {"variable_last_app": "voicemail", "variable_current_application": "callcenter", "application": "fifo"}
    events = [
        {"Event-Name": "CHANNEL_CREATE", **voicemail, header: wrapping.format(secret, secret)}
        for header in HEADERS
        for wrapping in [*WRAPPINGS, *HERE_TOO]
    ]
    for data in (switch.as_json(events), switch.as_plain(map(without_surrogates, events))):
        new = urllib.parse.unquote(of_stream(data).data.decode("ascii")).lower()
        assert secret.lower() not in new


def without_surrogates(event: Event) -> Event:
    return {name: value.encode("utf-8", "replace").decode() for name, value in event.items()}


@pytest.mark.parametrize("header", ["variable_PIN", "variable_zimmer", "Zimmer", "X-07400123456"])
def test_a_header_that_is_not_known_goes(header: str) -> None:
    """With its name."""
    assert {} == of_event({header: "true"})


@given(
    st.dictionaries(
        st.sampled_from(HEADERS),
        st.text("bZéß٣0123456789 -_/@&;:,*#<>()[]\"'.+=%\\\t\n", min_size=7),
        max_size=6,
    )
)
def test_nor_does_any_other(headers: dict[str, str]) -> None:
    """No word of FreeSWITCH's, no count and no time can be made of these letters and is so long; zeros tell nothing."""
    values = {value.strip(" ") for value in headers.values() if re.search(r"[^\W\d]|[1-9]\d\d", value)}
    values -= {value for value in values if re.fullmatch(r"1\d{9}|1\d{15}|\d\d:\d\d:\d\d", value)}

    assert not values & set(of_event(headers).values())


@given(NUMBERS | st.sampled_from(SECRETS) | st.sampled_from(["anonymous", "unknown", "", "John Anonymous"]), NUMBERS)
def test_a_call_of_whomever_to_whatever_comes_out_the_same(caller: str, did: str) -> None:
    """The rules see the same kind of caller."""
    data = switch.as_json(rings_out("one", caller, did=did, name=caller))
    trace = EventSocketTrace(Path("x"), data, [(0, NOON.timestamp())])
    new = EventSocketTrace(Path("x"), of_stream(data).data, [(0, NOON.timestamp())])

    assert_same(told_of(trace), told_of(new))


def assert_same(before: Iterable[dict[str, Any]], after: Iterable[dict[str, Any]]) -> None:
    """But for the ids of legs, which are no uuids in these calls and are replaced."""
    assert [{**call, "id": ""} for call in before] == [{**call, "id": ""} for call in after]
