"""FreeSWITCH's CDR file: what it tells of recorded calls, by either template, and what it does not stumble over."""

import datetime as dt
import gzip
import json
import random
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import LONDON, NOON, an_office, seconds
from tests.pbx.cdr_rows import a_line as asterisks_line
from tests.pbx.freeswitch_cdr_rows import (
    CALLER,
    CALLER_ANSWERED,
    EXAMPLE,
    PHONE,
    PHONE_ANSWERED,
    a_file,
    a_line,
)
from textbackd.core.call_records import Ended, EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.office import Did, Mark
from textbackd.core.outcomes import Outcome, judge
from textbackd.errors import UserError
from textbackd.pbx.cdr import CdrCall, CdrReader, is_freeswitchs
from textbackd.pbx.event_socket import Event, EventSocketReader, event_in
from textbackd.pbx.freeswitch_cdr_file import TEMPLATE
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trunks import Trunk, Trunks

TRACES = Path(__file__).parents[1] / "traces" / "freeswitch"
NAMES = sorted(path.name.removesuffix(".truth.json") for path in TRACES.glob("*.truth.json"))
LAB = Trunks((Trunk(contexts=frozenset({"public"}), endpoints=frozenset({"trunk"})),))
"""Where the streams were recorded."""
UTC, NEW_YORK = zoneinfo.ZoneInfo("UTC"), zoneinfo.ZoneInfo("America/New_York")
CLOSED = tuple(Did(number=number, marks=frozenset({Mark.CLOSED})) for number in ("5550111", "5550112"))
OFFICE = an_office(country="US", time_zone=UTC, dids=CLOSED)


def calls(
    path: Path, *, trunks: Trunks = VANILLA, zone: zoneinfo.ZoneInfo = LONDON, did_from: str = "request"
) -> list[CdrCall]:
    return list(CdrReader(path, trunks, zone, did_from).calls())


def the_call(path: Path) -> CdrCall:
    (call,) = calls(path)
    return call


def outcome(call: CdrCall | EndedCall) -> Outcome:
    record = call.record if isinstance(call, CdrCall) else call
    return judge(record, OFFICE, pbx="freeswitch", minimum_talk=seconds(2)).outcome


# --- what recorded calls would have left ------------------------------------------------------------------------------


def stream(name: str) -> list[Event]:
    data = gzip.decompress((TRACES / "subscribed" / f"{name}.esl.gz").read_bytes())
    return [event for _end, message in EventSocketReader().messages(data) if (event := event_in(message)) is not None]


def truth(name: str) -> list[str]:
    told = json.loads((TRACES / f"{name}.truth.json").read_text())["calls"]
    return [call["outcome"] for call in told]


PROFILE = {
    "uuid": "Unique-ID",
    "context": "Caller-Context",
    "caller_id_name": "Caller-Caller-ID-Name",
    "caller_id_number": "Caller-Caller-ID-Number",
    "orig_caller_id_number": "Caller-Orig-Caller-ID-Number",
    "destination_number": "Caller-Destination-Number",
    "rdnis": "Caller-RDNIS",
    "privacy_hide_number": "Caller-Privacy-Hide-Number",
    "direction": "Call-Direction",
    "channel_name": "Channel-Name",
    "hangup_cause": "Hangup-Cause",
}
TIMES = {f"Caller-Channel-{what}-Time" for what in ("Created", "Answered", "Bridged", "Progress", "Progress-Media")}


def variables(event: Event) -> Mapping[str, str]:
    """What a leg's ``${…}`` stand for when it is over: its variables, else what its caller profile says."""
    own = {name: event[header] for name, header in PROFILE.items() if header in event}
    if not is_originated(event):
        own["bleg_uuid"] = event.get("Other-Leg-Unique-ID", "")
    return own | {h.removeprefix("variable_"): value for h, value in event.items() if h.startswith("variable_")}


def is_originated(event: Event) -> bool:
    return event["Call-Direction"] == "outbound" or "variable_originator" in event


def written(folder: Path, name: str, *, template: str = TEMPLATE, legs: str = "ab") -> Path:
    """What mod_cdr_csv would have written of a recorded stream: a line before each CHANNEL_HANGUP_COMPLETE."""
    ended = [event for event in stream(name) if event.get("Event-Name") == "CHANNEL_HANGUP_COMPLETE"]
    wanted = [event for event in ended if legs == "ab" or not is_originated(event)]
    return a_file(folder, *(a_line(variables(event), template) for event in wanted))


def told(path: Path) -> list[CdrCall]:
    found = calls(path, trunks=LAB, zone=UTC)
    return sorted(found, key=lambda call: (call.record.started_at, call.record.caller))


def watched(name: str) -> list[EndedCall]:
    """The same calls from the whole stream."""
    translator, tracker = FreeSwitchTranslator(LAB), CallTracker()
    ended: list[Ended] = []
    at = NOON
    for event in stream(name):
        at = dt.datetime.fromtimestamp(int(event.get("Event-Date-Timestamp", at.timestamp() * 1e6)) / 1e6, dt.UTC)
        ended += tracker.expire(at)
        for said in translator.events(event, at):
            ended += tracker.receive(said)
    ended += tracker.cut_off(at)
    found = [call for call in ended if isinstance(call, EndedCall)]
    return sorted(found, key=lambda call: (call.started_at, call.caller))


@pytest.mark.parametrize("name", NAMES)
def test_our_template_tells_what_happened(name: str, tmp_path: Path) -> None:
    """Every outcome, who called whom by which number and withheld or not, who answered, and for how long it rang."""
    found, expected = told(written(tmp_path, name)), watched(name)

    assert truth(name) == [outcome(call) for call in found]
    for call, seen in zip((call.record for call in found), expected, strict=True):
        for field in ("call_id", "caller", "withheld", "privacy_unknown", "did", "spoke_with", "queue"):
            assert getattr(seen, field) == getattr(call, field), field
        assert seen.caller_name.startswith(call.caller_name)  # a line end in it is the end of the line
        for field in ("ring_seconds", "wait_seconds", "talk_seconds"):
            assert getattr(seen, field) == pytest.approx(getattr(call, field), abs=0.3), field


@pytest.mark.parametrize(
    ("template", "legs", "outcomes", "verdicts"),
    [(TEMPLATE, "ab", 37, 37), (TEMPLATE, "a", 33, 35), (EXAMPLE, "ab", 26, 36), (EXAMPLE, "a", 25, 36)],
    ids=["ours", "ours, first legs only", "example, both legs", "example as shipped"],
)
def test_how_near_each_template_comes_to_the_truth(
    template: str, legs: str, outcomes: int, verdicts: int, tmp_path: Path
) -> None:
    """The figures in the docstring of ``freeswitch_cdr``: outcomes, and whether anybody answered."""
    pairs = list[tuple[str, str]]()
    for name in NAMES:
        found = [str(outcome(call)) for call in told(written(tmp_path, name, template=template, legs=legs))]
        expected = truth(name)
        assert len(found) <= len(expected)
        pairs += zip(expected, found or ["nothing"] * len(expected), strict=True)

    answered = [tuple(said.startswith("answered") for said in pair) for pair in pairs]
    assert (37, outcomes, verdicts) == (
        len(pairs),
        sum(expected == said for expected, said in pairs),
        sum(expected == said for expected, said in answered),
    )


class Asked(dict[str, str]):
    """An event that remembers what it was asked for."""

    headers: ClassVar[set[str]] = set()

    def get(self, header: str, default: str = "") -> str:  # type: ignore[override]
        self.headers.add(header)
        return super().get(header, default)


ELSEWHERE = {
    *("Event-Name", "Unique-ID", "Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "CC-Member-Session-UUID"),  # of events
    *("variable_answer_epoch", "variable_bridge_epoch"),  # from the times in microseconds
    *("Answer-State", "variable_current_application"),  # of a leg that is up
    *("Other-Leg-Unique-ID", "Caller-Caller-ID-Number"),  # told by others, and more reliably
    *("variable_effective_caller_id_name",),  # whose phone it was: a name may hold anything, and one is enough
}


def test_the_template_has_all_that_the_translator_asks_for() -> None:
    """What it learns to ask for must come into ``TEMPLATE``, or be known not to be needed."""
    for name in NAMES:
        translator = FreeSwitchTranslator(LAB)
        for event in stream(name):
            if event.get("Event-Name", "").startswith("CHANNEL_"):
                translator.events(Asked(event), NOON)

    template = {PROFILE.get(name, f"variable_{name}") for name in re.findall(r"\$\{(\w+)\}", TEMPLATE)} | TIMES
    assert set() == Asked.headers - template - ELSEWHERE


def test_the_documented_template_is_the_one_that_is_read() -> None:
    """Whoever copies it from there gets what ``freeswitch_cdr_file`` understands."""
    page = (Path(__file__).parents[2] / "docs" / "freeswitch.md").read_text()
    copied = re.search(r'<template name="textbackd">(.*)</template>', page)

    assert copied is not None
    assert TEMPLATE == copied[1]


# --- our template -----------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("first", [True, False])
def test_legs_of_one_call_may_be_written_hours_apart(tmp_path: Path, *, first: bool) -> None:
    """A phone that was left early, and one that stayed; whichever way the lines lie."""
    late = {"end_uepoch": "1795013200000000"}
    lines = [a_line(PHONE_ANSWERED), a_line({**CALLER_ANSWERED, **late})]
    between = [a_line(uuid=f"{n}", end_uepoch=f"{1795003300 + 60 * n}000000") for n in range(100)]
    path = a_file(tmp_path, *(lines[:1] + between + lines[1:] if first else lines[::-1] + between))

    (call,) = [call for call in calls(path) if call.record.call_id == CALLER["uuid"]]
    assert (Outcome.ANSWERED, ("101",)) == (outcome(call), call.record.spoke_with)


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


def ids(path: Path) -> list[str]:
    return sorted(call.record.call_id for call in calls(path))


# --- the template that FreeSWITCH ships -------------------------------------------------------------------------------


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


# --- a file -----------------------------------------------------------------------------------------------------------


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
