"""FreeSWITCH's CDR file by our template."""

import re
from pathlib import Path

from tests.builders import LONDON, NOON, seconds
from tests.pbx.freeswitch_cdr_calls import NEW_YORK, calls, outcome, the_call
from tests.pbx.freeswitch_cdr_rows import CALLER, CALLER_ANSWERED, PHONE, a_file, a_line
from textbackd.core.outcomes import Outcome
from textbackd.pbx.cdr import CdrReader
from textbackd.pbx.freeswitch_cdr_file import TEMPLATE
from textbackd.pbx.freeswitch_settings import VANILLA


def test_the_documented_template_is_the_one_that_is_read() -> None:
    """Whoever copies it from there gets what ``freeswitch_cdr_file`` understands."""
    page = (Path(__file__).parents[2] / "docs" / "freeswitch.md").read_text()
    copied = re.search(r'<template name="textbackd">(.*)</template>', page)

    assert copied is not None
    assert TEMPLATE == copied[1]


def test_times_are_known_to_the_moment_in_any_zone(tmp_path: Path) -> None:
    """They are UTC in the line."""
    (call,) = calls(a_file(tmp_path, a_line(), a_line(PHONE)), zone=NEW_YORK)

    assert (NOON, NOON + seconds(20)) == (call.record.started_at, call.record.ended_at)
    assert (20.0, 20.0) == (call.ring_seconds, call.wait_seconds)


def test_what_first_legs_alone_do_not_tell_is_not_told(tmp_path: Path) -> None:
    """How long phones rang, and when a person came."""
    missed, answered = (the_call(a_file(tmp_path, a_line(leg))) for leg in (CALLER, CALLER_ANSWERED))

    assert (None, 20.0) == (missed.ring_seconds, missed.wait_seconds)
    assert (None, None) == (answered.ring_seconds, answered.wait_seconds)
    assert [Outcome.NO_ANSWER, Outcome.ANSWERED] == [outcome(missed), outcome(answered)]


def test_a_number_that_was_withheld_is_known_for_such(tmp_path: Path) -> None:
    """Though it shows."""
    record = the_call(a_file(tmp_path, a_line(privacy_hide_number="true", sip_from_user="anonymous"))).record

    assert ("anonymous", True, False) == (record.caller, record.withheld, record.privacy_unknown)


def test_the_did_may_be_named_by_the_to_header(tmp_path: Path) -> None:
    """As the configuration says of the carrier."""
    path = a_file(tmp_path, a_line(sip_req_user="account", sip_to_user="01632960102"))

    assert ["01632960102"] == [call.record.did for call in calls(path, did_from="to")]


def test_calls_of_the_office_are_left_out(tmp_path: Path) -> None:
    """And counted by where they began."""
    own = PHONE | {"direction": "inbound", "originator": "", "context": "default", "user_name": "101"}
    reader = CdrReader(a_file(tmp_path, a_line(own), a_line()), VANILLA, LONDON)

    assert [CALLER["uuid"]] == [call.record.call_id for call in reader.calls()]
    assert {"internal": 1} == reader.left_out
    assert {"external"} == reader.endpoints
