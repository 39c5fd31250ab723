"""A CDR file of FreeSWITCH, by whichever template: in any order, torn, hostile, in part."""

import datetime as dt
import gzip
import zoneinfo
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import LONDON, NOON, seconds, spoke_with
from tests.pbx.cdr_rows import a_line as asterisks_line
from tests.pbx.freeswitch_cdr_calls import NEW_YORK, calls, ids, outcome, the_call
from tests.pbx.freeswitch_cdr_rows import CALLER, CALLER_ANSWERED, EXAMPLE, PHONE, PHONE_ANSWERED, a_file, a_line
from textbackd.core.outcomes import Outcome
from textbackd.errors import UserError
from textbackd.pbx.cdr import CdrReader, is_freeswitchs
from textbackd.pbx.freeswitch_cdr_file import TEMPLATE
from textbackd.pbx.freeswitch_settings import VANILLA


@pytest.mark.parametrize("first", [True, False])
def test_legs_of_one_call_may_be_written_hours_apart(tmp_path: Path, *, first: bool) -> None:
    """A phone that was left early, and one that stayed; whichever way the lines lie."""
    late = {"end_uepoch": "1795013200000000"}
    lines = [a_line(PHONE_ANSWERED), a_line({**CALLER_ANSWERED, **late})]
    between = [a_line(uuid=f"{n}", end_uepoch=f"{1795003300 + 60 * n}000000") for n in range(100)]
    path = a_file(tmp_path, *(lines[:1] + between + lines[1:] if first else lines[::-1] + between))

    (call,) = [call for call in calls(path) if call.record.call_id == CALLER["uuid"]]
    assert (Outcome.ANSWERED, ("101",)) == (outcome(call), spoke_with(call.record))


def test_a_line_that_comes_twice_is_one_call(tmp_path: Path) -> None:
    """Rotated files overlap where they are joined by hand."""
    assert 1 == len(calls(a_file(tmp_path, a_line(), a_line(PHONE), a_line(), a_line(PHONE))))


FORGED = '","1","2","public","2026-11-18 11:00:00","","2026-11-18 11:00:01","1","0","USER_BUSY","3","","'
HOSTILE = [
    'x"textbackd-1","y',
    FORGED,
    'Pat "Ace" Caller',
    'x","y',
    "Zo\udceb",
    "x\nHangup-Cause: NORMAL",
    '"',
    "",
    '","' * 60,
    "\r\n\r\n",
]


@pytest.mark.parametrize("template", [TEMPLATE, EXAMPLE])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_may_be_anything(tmp_path: Path, template: str, name: str) -> None:
    """It costs no call, and changes none but its name."""
    first = the_call(a_file(tmp_path, a_line(template=template))).record
    second = the_call(a_file(tmp_path, a_line(template=template, caller_id_name=name))).record

    for field in ("caller", "did", "started_at", "ended_at", "steps"):
        assert getattr(first, field) == getattr(second, field)


def test_a_line_that_was_torn_costs_itself_only(tmp_path: Path) -> None:
    """At the end it is being written; in the middle a crash has cut it, and the next one follows on it."""
    for template in (TEMPLATE, EXAMPLE):
        one, two, three = (a_line(template=template, uuid=n, caller_id_number=n) for n in ("1", "2", "3"))
        assert ["1", "3"] == ids(a_file(tmp_path, one, two[:90], three))
        assert ["1", "3"] == ids(a_file(tmp_path, one, "\n", "\x00\x00\n", three, two[:-1]))


def test_the_template_may_be_changed_in_mid_file(tmp_path: Path) -> None:
    """And in mid-call: each leg is told by its own."""
    lines = [a_line(CALLER_ANSWERED, EXAMPLE), a_line(PHONE_ANSWERED), a_line(PHONE, EXAMPLE, uuid="3")]
    changed = a_file(tmp_path, *lines, a_line({**CALLER_ANSWERED, "uuid": "4", "last_bridge_to": "3"}))

    assert [Outcome.ANSWERED] * 2 == [outcome(call) for call in calls(changed)]


def test_which_pbx_wrote_a_file_is_seen_in_it(tmp_path: Path) -> None:
    """Whatever its name, and packed."""
    packed = tmp_path / "Master.csv.2026-11-18-23-59-59.gz"
    packed.write_bytes(gzip.compress(a_line().encode()))

    assert is_freeswitchs(packed)
    assert 1 == len(calls(packed))
    assert is_freeswitchs(a_file(tmp_path, a_line(template=EXAMPLE)))
    assert not is_freeswitchs(a_file(tmp_path, asterisks_line()))
    assert not is_freeswitchs(a_file(tmp_path))


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A template that says too little."""
    with pytest.raises(UserError, match=r"nor one of FreeSWITCH's mod_cdr_csv, by the template of docs/freeswitch\.md"):
        calls(a_file(tmp_path, a_line(template='"${uuid}","${duration}"')))


@pytest.mark.parametrize("template", [TEMPLATE, EXAMPLE])
@pytest.mark.parametrize("back", [dt.timedelta(0), dt.timedelta(hours=5), dt.timedelta(days=8), dt.timedelta(days=99)])
@pytest.mark.parametrize("zone", [LONDON, NEW_YORK])
def test_only_the_calls_since_a_moment(
    tmp_path: Path, template: str, back: dt.timedelta, zone: zoneinfo.ZoneInfo
) -> None:
    """The same as all of them, without those that ended before; of a large file only its end is read."""
    starts = [NOON - dt.timedelta(minutes=30 * n) for n in reversed(range(480))]
    lines = [
        a_line(
            template=template,
            uuid=f"{n}",
            start_stamp=f"{at:%F %T}",
            start_uepoch=f"{at.timestamp():.0f}000000",
            end_stamp=f"{at + seconds(20):%F %T}",
            end_uepoch=f"{at.timestamp() + 20:.0f}000000",
        )
        for n, at in enumerate(starts)
    ]
    reader = CdrReader(a_file(tmp_path, *lines), VANILLA, zone)
    since = NOON + seconds(20) - back

    assert 480 == len(list(reader.calls()))
    assert [call for call in reader.calls() if call.record.ended_at >= since] == list(reader.calls(since))


LEGS = [CALLER, PHONE, CALLER_ANSWERED, PHONE_ANSWERED]
ODD = st.sampled_from(
    ["", "0", "-1", "9" * 19, "1795003210000000", CALLER["uuid"], PHONE["uuid"], "inbound", "loopback/x-b"]
)


@given(
    st.lists(
        st.one_of(
            st.text(),
            st.builds(
                lambda leg, changed, template: a_line({**leg, **changed}, template),
                st.sampled_from(LEGS),
                st.dictionaries(st.sampled_from([*CALLER, *PHONE_ANSWERED, "bleg_uuid"]), ODD, max_size=3),
                st.sampled_from([TEMPLATE, EXAMPLE]),
            ),
        ),
        max_size=8,
    )
)
def test_nothing_that_a_file_may_hold_stops_the_reader(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """Every call that comes out of it has an end and an outcome."""
    path = tmp_path_factory.getbasetemp() / "anything.csv"
    path.write_bytes((a_line() + "".join(lines)).encode("utf-8", "surrogatepass"))

    for call in calls(path):
        assert call.record.started_at <= call.record.ended_at
        assert outcome(call)
