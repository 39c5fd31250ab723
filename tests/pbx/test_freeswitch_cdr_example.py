"""FreeSWITCH's CDR file by the template that FreeSWITCH ships, and its kin."""

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.builders import LONDON, NOON, seconds
from tests.pbx.freeswitch_cdr_calls import NEW_YORK, calls, ids, outcome, the_call
from tests.pbx.freeswitch_cdr_rows import CALLER, CALLER_ANSWERED, EXAMPLE, PHONE, PHONE_ANSWERED, a_file, a_line
from textbackd.core.outcomes import Outcome
from textbackd.pbx.cdr import CdrReader
from textbackd.pbx.freeswitch_settings import VANILLA


def test_stamps_are_of_the_zone_that_is_told(tmp_path: Path) -> None:
    """``example`` has local times."""
    (call,) = calls(a_file(tmp_path, a_line(template=EXAMPLE)), zone=NEW_YORK)

    assert NOON + seconds(5 * 3600) == call.record.started_at


def test_the_clock_may_be_changed_in_mid_call(tmp_path: Path) -> None:
    """London's is put back: the call is as long as it was."""
    over = {"start_stamp": "2026-10-25 01:59:50", "end_stamp": "2026-10-25 01:00:10"}
    record = the_call(a_file(tmp_path, a_line({**CALLER, **over}, EXAMPLE))).record

    assert dt.datetime(2026, 10, 25, 0, 59, 50, tzinfo=dt.UTC) == record.started_at
    assert seconds(20) == record.ended_at - record.started_at


def test_nobody_knows_who_withheld_the_number(tmp_path: Path) -> None:
    """Nor how long it rang."""
    call = the_call(a_file(tmp_path, a_line(template=EXAMPLE)))

    assert (True, None, 20.0) == (call.record.privacy_unknown, call.ring_seconds, call.wait_seconds)


def test_a_call_that_was_sent_on_to_another_context_is_not_found(tmp_path: Path) -> None:
    """Its line tells where it ended; the report can say of how many that is so."""
    reader = CdrReader(a_file(tmp_path, a_line(template=EXAMPLE, context="default")), VANILLA, LONDON)

    assert [] == list(reader.calls())
    assert {"default": 1} == reader.left_out


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        ([CALLER_ANSWERED, PHONE_ANSWERED], Outcome.ANSWERED),
        ([CALLER_ANSWERED, PHONE], Outcome.VOICEMAIL_SILENT),
        ([CALLER_ANSWERED], Outcome.ANSWERED),
        ([CALLER_ANSWERED | {"bleg_uuid": ""}], Outcome.VOICEMAIL_SILENT),
        ([CALLER, PHONE], Outcome.NO_ANSWER),
        ([CALLER], Outcome.NO_ANSWER),
    ],
    ids=["both answered", "the PBX only", "who knows", "the PBX", "nobody, both legs", "nobody"],
)
@pytest.mark.parametrize("seed", range(3))
def test_who_answered_by_the_legs_that_are_there(
    tmp_path: Path, legs: Sequence[Mapping[str, str]], expected: Outcome, seed: int
) -> None:
    """A phone's own line decides; without it, whether there was a phone. In any order of the lines."""
    lines = [a_line(leg, EXAMPLE) for leg in legs]
    random.Random(seed).shuffle(lines)
    call = the_call(a_file(tmp_path, *lines))

    assert (CALLER["uuid"], expected) == (call.record.call_id, outcome(call))
    assert not any(party.outside for party in (*call.record.rang, *call.record.talked_to))


def test_callers_who_show_no_number_are_not_one(tmp_path: Path) -> None:
    """Two at a time."""
    lines = [a_line(template=EXAMPLE, uuid=uuid, caller_id_number="anonymous") for uuid in ("1", "2")]

    assert ["1", "2"] == ids(a_file(tmp_path, *lines))


SQL = "INSERT INTO cdr VALUES ({});".format(EXAMPLE.partition(',"${accountcode}"')[0] + ', "${accountcode}"')
DEFAULT = EXAMPLE.replace(',"${accountcode}","${read_codec}","${write_codec}"', ', "${accountcode}"')


@pytest.mark.parametrize("template", [SQL, DEFAULT, EXAMPLE + ',"${sip_user_agent}"'], ids=["sql", "default", "snom"])
def test_its_kin_are_read_too(tmp_path: Path, template: str) -> None:
    """They differ in what comes before and behind."""
    record = the_call(a_file(tmp_path, a_line(template=template))).record

    assert ("+447700900123", "Pat Caller", "01632960101") == (record.caller, record.caller_name, record.did)
