"""What a FreeSWITCH answers us, anonymised: lists of channels, logins, refusals, goodbyes."""

import json
import re

import pytest

from tests.builders import NOON
from tests.pbx import switch
from tests.pbx.freeswitch_anonymity import events_in, of_stream
from tests.pbx.replay import FREESWITCH
from textbackd.pbx import freeswitch_snapshot
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import VANILLA


def test_the_channels_that_were_up() -> None:
    """The list that FreeSWITCH gives tells the translator the same; of other answers nothing stays."""
    answer = (FREESWITCH / "show-channels.json").read_bytes()

    (new,) = events_in(of_stream(switch.answer(answer)).data)

    before, after = (FreeSwitchTranslator(VANILLA).events(e, NOON) for e in (*events_in(switch.answer(answer)), new))
    assert before
    assert [type(event) for event in before] == [type(event) for event in after]
    (last_before, last_after) = (before[-1], after[-1])
    assert last_before == last_after  # the legs that are up
    assert not re.search(r"5551230001|55501\d\d|carrier|office\.test|127\.0\.0\.1|Pat", new["_body"])


@pytest.mark.parametrize(
    "answer", [b"4711", b"", b"[1]", b'{"rows": [{"uuid": "Zimmer"}]}', b"FreeSWITCH Version 1.11.3"]
)
def test_any_other_answer_is_emptied(answer: bytes) -> None:
    """That something was answered stays."""
    assert switch.answer(b"") == of_stream(switch.answer(answer)).data


@pytest.mark.parametrize(
    ("answer", "rows"),
    [({"row_count": 0}, []), ({"row_count": 2, "rows": ["Zimmer", {"uuid": "Zimmer", "Zimmer": "Zimmer"}]}, [["n1"]])],
)
def test_a_list_of_no_channels_or_odd_ones(answer: object, rows: list[list[str]]) -> None:
    """It stays a list."""
    (event,) = events_in(of_stream(switch.answer(json.dumps(answer).encode())).data)

    found = freeswitch_snapshot.rows(event["_body"])
    assert found is not None
    assert rows == [[value for value in row.values() if value.startswith("n")] for row in found]


def test_what_is_said_to_us() -> None:
    """Logins and refusals stay in their words; a goodbye, and what is of no known kind, has none."""
    said = (
        b"Content-Type: auth/request\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK accepted\nAllowed-Events: Zimmer\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK Zimmer\n\n"
        b"Content-Type: command/reply\nReply-Text: Zimmer\n\n"
        b"Content-Type: text/disconnect-notice\nContent-Length: 6\n\nZimmer"
        b"Content-Type: log/data\nContent-Length: 6\n\nZimmer"
        b"Content-Type: zimmer\n\n"
    )
    stays = (
        b"Content-Type: auth/request\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
        b"Content-Type: command/reply\nReply-Text: +OK\n\n"
        b"Content-Type: command/reply\nReply-Text: -ERR\n\n"
        b"Content-Type: text/disconnect-notice\nContent-Length: 0\n\n"
    )
    assert stays == of_stream(said).data
