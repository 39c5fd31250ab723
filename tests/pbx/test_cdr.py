"""Asterisk's CDR file: what it tells of real calls, what it cannot tell, and what it does not stumble over."""

import asyncio
import csv
import datetime as dt
import gzip
import json
import random
import zoneinfo
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import LONDON, NOON, seconds, spoke_with
from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.sip import Carrier, Phone
from tests.pbx.cdr_rows import a_file, a_line
from tests.pbx.replay import OFFICE, TRACES
from textbackd import clock
from textbackd.core.call_records import Party, What
from textbackd.core.outcomes import Outcome, judge
from textbackd.errors import UserError
from textbackd.pbx.ami_stream import AmiReader, parsed
from textbackd.pbx.cdr import CdrCall, CdrReader
from textbackd.pbx.cdr_file import CdrFile
from textbackd.pbx.trunks import Trunk, Trunks

RECORDED = TRACES.parent / "asterisk-cdr"
"""Files of real Asterisks; each but lab-22 has the calls of calls.json, in the order in which they began."""
TRUNK = Trunks((Trunk(contexts=frozenset({"from-trunk"}), endpoints=frozenset({"trunk"})),))
NEW_YORK, KOLKATA = zoneinfo.ZoneInfo("America/New_York"), zoneinfo.ZoneInfo("Asia/Kolkata")


def calls(path: Path, *, trunks: Trunks = TRUNK, zone: zoneinfo.ZoneInfo = LONDON) -> list[CdrCall]:
    return list(CdrReader(path, trunks, zone).calls())


def the_call(path: Path) -> CdrCall:
    (call,) = calls(path)
    return call


def outcome(call: CdrCall) -> Outcome:
    return judge(call.record, OFFICE, pbx="asterisk", minimum_talk=seconds(2)).outcome


def outcomes(found: Iterable[CdrCall]) -> list[Outcome]:
    return [outcome(call) for call in found]


# --- what real files tell ---------------------------------------------------------------------------------------------

WRONG_EVERYWHERE = {
    "closed_early": "not_offered",  # only the DID told that it is closed
    "closed_full": "not_offered",
    "closed_vm_message": "voicemail_silent",
    "declined603_after2": "abandoned_ringing",
    "vm_message": "voicemail_silent",
}
WRONG: dict[str, dict[str, str | None]] = {
    "default-22": {"abandoned_short": "unavailable", "unregistered": None, "killed_or_stopped": "abandoned_ringing"},
    "freepbx-16": {"abandoned_short": "unavailable", "unregistered": None, "killed_or_stopped": None},
    "cancel-22": {"unregistered": None, "killed_or_stopped": "abandoned_ringing"},
    "everything-22": {
        "abandoned_short": "unavailable",
        "killed_or_stopped": "abandoned_ringing",
        "queue_all_busy_timeout": "abandoned_queue",
    },
}
"""What the file says instead of what happened; None: nothing at all. freepbx-16 was killed, the others stopped."""


@pytest.mark.parametrize("name", WRONG)
def test_the_calls_of_a_real_file(name: str) -> None:
    """Of 44 calls each at least 36 come out as what happened, in whatever columns, zone and options."""
    truth = json.loads((RECORDED / "calls.json").read_text())
    expected: dict[str, str | None] = {call["label"]: call["outcome"] for call in truth}
    expected.update(WRONG_EVERYWHERE)
    expected.update(WRONG[name])

    found = {call.record.caller: outcome(call) for call in calls(RECORDED / f"{name}.csv.gz")}

    assert expected == {call["label"]: found.get(call["caller"]) for call in truth}
    assert {call["caller"] for call in truth} >= found.keys()


def test_how_near_the_calls_of_the_lab_come_to_the_truth() -> None:
    """The figures in the docstring of ``cdr``: what the lab's 316 calls were, and what its file makes of them."""
    truth = json.loads((RECORDED / "lab-22.json").read_text())
    found = {call.record.call_id: outcome(call) for call in calls(RECORDED / "lab-22.csv.gz", trunks=Trunks())}

    right = [call_id for call_id, (_scenario, expected) in truth.items() if expected == found.get(call_id)]
    same_verdict = [
        call_id
        for call_id, (_scenario, expected) in truth.items()
        if (expected == Outcome.ANSWERED) == (found.get(call_id) is Outcome.ANSWERED)
    ]
    assert (316, 229, 314) == (len(truth), len(right), len(same_verdict))


WRONG_OF_RECORDED = {
    "a05_direct_abandoned_short": ["unavailable"],
    "a09_direct_unregistered": [],
    "b09_rg_local_member_vm_steals": ["voicemail_silent"],
    "c01_vm_noanswer_message": ["voicemail_silent"],
    "e11_afterhours_early_hangup": ["not_offered"],
    "k01_asterisk_killed_ringing": [],
    "m11_staff_retrieves_then_hangs": ["answered_briefly"],  # 1.9 s are 1 here
}
FIELDS = (
    *("AccountCode", "Source", "Destination", "DestinationContext", "CallerID", "Channel", "DestinationChannel"),
    *("LastApplication", "LastData", "StartTime", "AnswerTime", "EndTime", "Duration", "BillableSeconds"),
    *("Disposition", "AMAFlags", "UniqueID"),
)


@pytest.mark.parametrize("name", sorted(path.name.split(".")[0] for path in TRACES.glob("[a-km]*.truth.json")))
def test_the_records_of_a_recorded_call(name: str, tmp_path: Path) -> None:
    """The ``Cdr`` events of each recorded stream, as cdr_csv would have written them: 80 of 88 outcomes are right."""
    truth = json.loads((TRACES / f"{name}.truth.json").read_text())["calls"]
    expected = WRONG_OF_RECORDED.get(name, [call["outcome"] for call in truth])
    if name == "j13_six_parallel_mixed":
        expected[3] = "not_offered"  # the closed DID is not on record
    stream = gzip.decompress((TRACES / "full" / f"{name}.ami.gz").read_bytes())
    messages = [parsed(block) for _offset, block in AmiReader().blocks(stream)]
    path = tmp_path / "Master.csv"
    with path.open("w", newline="") as file:
        rows = ([m.get(field, "") for field in FIELDS] for m in messages if m.get("Event") == "Cdr")
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)

    found = sorted(calls(path), key=lambda call: (call.record.started_at, call.record.caller))

    assert expected == outcomes(found)


@pytest.mark.parametrize("asterisk_version", [16, 22])
@pytest.mark.parametrize("ring_seconds", [2])
async def test_what_a_live_asterisk_writes(
    asterisk: Asterisk, carrier: Carrier, phones: dict[str, Phone], asterisk_version: int
) -> None:
    """One call rings out, one is answered: read from the file while Asterisk has it open."""
    began = clock.utc_now()
    await (await carrier.call("07700900123", did=office.RING_GROUP)).ended()
    phones["101"].behaviour = behaviour.Behaviour(answer_after=1.2, hang_up_after=2.5)
    await (await carrier.call("07700900124", did=office.RING_GROUP)).ended()
    path = asterisk.folder / "log" / "cdr-csv" / "Master.csv"
    async with asyncio.timeout(10):
        while not path.exists() or path.read_text().count("\n") < 4:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # nobody tells when a file has grown

    rang_out, answered = calls(path, trunks=Trunks((Trunk(endpoints=frozenset({"trunk-10"})),)))

    assert [Outcome.NO_ANSWER, Outcome.ANSWERED] == outcomes([rang_out, answered])
    assert ["07700900123", "07700900124"] == [call.record.caller for call in (rang_out, answered)]
    assert pytest.approx(2, abs=1) == rang_out.ring_seconds
    assert pytest.approx(1.2, abs=1) == answered.wait_seconds
    assert ("101",) == spoke_with(answered.record)
    assert abs(rang_out.record.started_at - began) < seconds(5)


# --- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK, KOLKATA])
@pytest.mark.parametrize("name", ["freepbx-16", "cancel-22", "everything-22"])
def test_a_uniqueid_tells_the_zone(name: str, zone: zoneinfo.ZoneInfo) -> None:
    """Written in New York, in Kolkata, and in UTC: whatever zone we believe the file to be in."""
    for call in calls(RECORDED / f"{name}.csv.gz", zone=zone):
        made_at = dt.datetime.fromtimestamp(int(call.record.call_id.partition(".")[0]), dt.UTC)
        assert abs(call.record.started_at - made_at) <= seconds(1)


def test_a_record_may_begin_later_than_its_channel(tmp_path: Path) -> None:
    """As after ``ResetCDR``: the Uniqueid tells the zone, the row the second."""
    call = the_call(a_file(tmp_path, a_line("1795003193.0")))  # seven seconds before

    assert NOON == call.record.started_at


def test_without_uniqueids_the_zone_has_to_be_known() -> None:
    """default-22 was written in New York, on a Saturday morning before five."""
    first = calls(RECORDED / "default-22.csv.gz", zone=NEW_YORK)[0].record

    assert dt.datetime(2026, 11, 21, 9, 44, 7, tzinfo=dt.UTC) == first.started_at
    assert "PJSIP/trunk-00000000@2026-11-21T04:44:07" == first.call_id


@pytest.mark.parametrize(
    ("start", "end", "epoch"),
    [
        ("2026-10-25 01:59:50", "2026-10-25 01:00:10", 1792889990),  # the clock is put back
        ("2026-03-29 00:59:50", "2026-03-29 02:00:10", 1774745990),  # and forward
    ],
)
def test_the_clock_may_be_changed_in_mid_call(tmp_path: Path, start: str, end: str, epoch: int) -> None:
    """A call over a change of London's clock is as long as it was."""
    for more in ((), (f"{epoch}.0",)):
        call = the_call(a_file(tmp_path, a_line(*more, start=start, end=end, duration=20))).record

        assert dt.datetime.fromtimestamp(epoch, dt.UTC) == call.started_at
        assert seconds(20) == call.ended_at - call.started_at
        assert (20.0, 20.0) == (call.ring_seconds, call.wait_seconds)


def test_the_hour_that_comes_twice(tmp_path: Path) -> None:
    """By its Uniqueid a call in the second one is known; without, it is taken for the first."""
    twice = {"start": "2026-10-25 01:30:00", "end": "2026-10-25 01:30:20"}

    by_id = the_call(a_file(tmp_path, a_line("1792891800.0", **twice))).record
    by_zone = the_call(a_file(tmp_path, a_line(**twice))).record

    assert dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC) == by_id.started_at
    assert dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC) == by_zone.started_at


@pytest.mark.parametrize(
    ("columns", "ring", "wait"),
    [
        ({}, 20.0, 20.0),
        ({"answer": "2026-11-18 12:00:07", "billsec": 13, "disposition": "ANSWERED"}, 7.0, 7.0),
        ({"answer": "2026-11-18 12:00:00", "billsec": 20, "disposition": "ANSWERED"}, None, None),
        ({"answer": "2026-11-18 12:00:00", "billsec": 20}, None, 20.0),
        ({"dstchannel": "", "lastapp": "VoiceMail", "answer": "2026-11-18 12:00:00", "disposition": "ANSWERED"}, 0, 20),
    ],
    ids=["rang out", "answered", "answered after a menu", "rang out after a menu", "voicemail at once"],
)
def test_what_is_not_known_of_the_times_is_not_told(
    tmp_path: Path, columns: dict[str, object], ring: float | None, wait: float | None
) -> None:
    """Once the PBX itself has answered, no row says when phones began to ring or when a person answered."""
    call = the_call(a_file(tmp_path, a_line(**columns)))

    assert (ring, wait) == (call.ring_seconds, call.wait_seconds)


# --- which calls are inbound ------------------------------------------------------------------------------------------

FREEPBX = {"dst": "600", "dcontext": "ext-group"}
OUTBOUND = {
    "src": "01632960101",
    "dst": "07700900555",
    "dcontext": "macro-dialout-trunk",
    "channel": "PJSIP/101-00000007",
    "dstchannel": "PJSIP/trunk-00000008",
    "lastdata": "PJSIP/07700900555@trunk,300,T",
    "answer": "2026-11-18 12:00:05",
    "disposition": "ANSWERED",
}


def test_a_trunk_is_found_by_the_calls_made_over_it(tmp_path: Path) -> None:
    """FreePBX moves every call on from the trunk's context; what the office dials through is a trunk."""
    path = a_file(tmp_path, a_line(**FREEPBX), a_line(**OUTBOUND))
    reader = CdrReader(path, Trunks(), LONDON)

    assert ["600"] == [call.record.did for call in reader.calls()]
    assert {"trunk"} == reader.endpoints
    assert {"101": 1} == reader.left_out


@pytest.mark.parametrize(
    "dialled",
    ["PJSIP/102", "PJSIP/101/sip:101@192.0.2.1:5060&PJSIP/102", "Local/600@trunk/n", "PJSIP/600@102", "SIP/102"],
)
def test_a_phone_is_not_taken_for_a_trunk(tmp_path: Path, dialled: str) -> None:
    """However it is dialled; nor is its own call then one from outside."""
    path = a_file(tmp_path, a_line(**FREEPBX), a_line(**OUTBOUND | {"lastdata": dialled}))
    reader = CdrReader(path, Trunks(), LONDON)

    assert [] == list(reader.calls())
    assert frozenset() == reader.endpoints
    assert {"trunk": 1, "101": 1} == reader.left_out


@pytest.mark.parametrize("dialled", ["SIP/carrier/07700900555,300", "IAX2/carrier/07700900555,300"])
def test_other_technologies_name_their_trunks_first(tmp_path: Path, dialled: str) -> None:
    """``SIP/NAME/NUMBER``."""
    path = a_file(tmp_path, a_line(**OUTBOUND | {"lastdata": dialled}), a_line(**FREEPBX, channel="SIP/carrier-0000a"))

    assert ["600"] == [call.record.did for call in calls(path, trunks=Trunks())]


def test_where_endpoints_are_named_nothing_is_guessed(tmp_path: Path) -> None:
    """Only those, and the contexts that are named."""
    path = a_file(tmp_path, a_line(**FREEPBX), a_line(**OUTBOUND))
    other = Trunks((Trunk(contexts=frozenset({"from-pstn"}), endpoints=frozenset({"other"})),))

    assert [] == calls(path, trunks=other)


def test_a_call_of_ours_that_is_transferred_is_none_from_outside(tmp_path: Path) -> None:
    """The mobile's leg goes on alone, as a channel of the trunk, and has a row like a caller's."""
    transferred = a_line(**FREEPBX, src="07700900555", channel="PJSIP/trunk-00000008")

    assert [] == calls(a_file(tmp_path, a_line(**OUTBOUND), transferred))


@pytest.mark.parametrize("application", ["AppDial", "AppQueue"])
def test_a_leg_that_was_dialled_is_no_caller(tmp_path: Path, application: str) -> None:
    """``(Outgoing Line)``: a trunk's own leg of an originated call (``j09``)."""
    assert [] == calls(a_file(tmp_path, a_line(lastapp=application, lastdata="(Outgoing Line)")))


@pytest.mark.parametrize(
    ("trunks", "caller"),
    [
        ((Trunk(contexts=frozenset({"from-trunk"}), strip=("9",)),), "07700900123"),
        ((Trunk(endpoints=frozenset({"trunk"}), strip=("9",)), Trunk(endpoints=frozenset({"b"}))), "07700900123"),
        ((Trunk(endpoints=frozenset({"b"}), strip=("9",)), Trunk(endpoints=frozenset({"trunk"}))), "907700900123"),
    ],
)
def test_what_the_pbx_puts_before_a_number_is_taken_off(tmp_path: Path, trunks: tuple[Trunk, ...], caller: str) -> None:
    """As the call's trunk is configured: by its endpoint, or because there is no other."""
    path = a_file(tmp_path, a_line(**OUTBOUND), a_line(**FREEPBX, src="907700900123"))
    (call,) = calls(path, trunks=Trunks(trunks))

    assert caller == call.record.caller


@pytest.mark.parametrize("shown", ["anonymous", "", "Restricted"])
def test_a_caller_without_a_number_is_withheld(tmp_path: Path, shown: str) -> None:
    """And of every other nobody knows, since no row tells."""
    withheld, other = calls(a_file(tmp_path, a_line(src=shown), a_line(channel="PJSIP/trunk-00000004")))

    assert (True, False) == (withheld.record.withheld, other.record.withheld)
    assert (True, True) == (withheld.record.privacy_unknown, other.record.privacy_unknown)


@pytest.mark.parametrize(
    ("caller_id", "name"),
    [
        ('"Jo \\"Ace\\" O\\\\Neil, Ltd" <07700900123>', 'Jo "Ace" O\\Neil, Ltd'),
        ('"07700900123" <07700900123>', ""),
        ("07700900123", ""),
        ('"" <07700900123>', ""),
    ],
)
def test_the_name_of_a_caller(tmp_path: Path, caller_id: str, name: str) -> None:
    """As it was shown, unless it is the number again, which FreePBX puts there."""
    assert name == the_call(a_file(tmp_path, a_line(clid=caller_id))).record.caller_name


@pytest.mark.parametrize(
    ("rows", "did"),
    [
        ([("from-trunk", "01632960101")], "01632960101"),
        ([("ext-group", "600"), ("ext-local", "vmu101")], "600"),
        ([("ivr-1", "s"), ("ext-queues", "700")], "700"),
        ([("app-announcement-1", "s")], ""),
    ],
)
def test_the_did_or_what_stands_for_it(tmp_path: Path, rows: list[tuple[str, str]], did: str) -> None:
    """It is on record only while the call is in the trunk's context."""
    path = a_file(tmp_path, *(a_line(dcontext=context, dst=destination) for context, destination in rows))

    assert did == the_call(path).record.did


# --- which rows are one call ------------------------------------------------------------------------------------------

TAKEN_BY_LOCAL = {
    "dstchannel": "Local/101@from-queue-00000000;1",
    "answer": "2026-11-18 12:00:05",
    "billsec": 15,
    "disposition": "ANSWERED",
}
BEHIND_IT = TAKEN_BY_LOCAL | {"channel": "Local/101@from-queue-00000000;2", "dcontext": "from-queue"}


@pytest.mark.parametrize(
    ("behind", "expected", "talked_to"),
    [
        ({"dstchannel": "PJSIP/101-00000003"}, Outcome.ANSWERED, ("101",)),
        ({"dstchannel": "", "lastapp": "VoiceMail", "lastdata": "101@default,b"}, Outcome.VOICEMAIL_SILENT, ()),
        ({"dstchannel": "CBAnn/800-00000003;1"}, Outcome.NO_ANSWER, ()),
    ],
    ids=["a phone", "a mailbox", "an announcer"],
)
@pytest.mark.parametrize("first", [True, False])
def test_who_took_a_call_is_seen_behind_local_channels(
    tmp_path: Path, behind: dict[str, str], expected: Outcome, talked_to: tuple[str, ...], *, first: bool
) -> None:
    """Whichever of the rows is written first."""
    lines = [a_line(**BEHIND_IT | behind), a_line(**TAKEN_BY_LOCAL)]
    call = the_call(a_file(tmp_path, *(lines if first else reversed(lines))))

    assert talked_to == spoke_with(call.record)
    if expected is not Outcome.NO_ANSWER:
        assert expected == outcome(call)


def test_rows_of_one_call_may_be_written_minutes_apart(tmp_path: Path) -> None:
    """With those of others between them: a batch takes up to five minutes."""
    mailbox = {"dstchannel": "", "lastapp": "VoiceMail", "lastdata": "101@default,b", "end": "2026-11-18 12:04:59"}
    first, last = (
        a_line(channel=f"PJSIP/102-{end}", dcontext="from-internal", end=f"2026-11-18 {end}", duration=seconds)
        for end, seconds in (("12:00:00", 0), ("12:05:01", 301))
    )
    taken = TAKEN_BY_LOCAL | {"end": "2026-11-18 12:04:59", "duration": 299}
    path = a_file(tmp_path, first, a_line(**taken), last, a_line(**BEHIND_IT | mailbox | {"duration": 299}))

    assert Outcome.VOICEMAIL_SILENT == outcome(the_call(path))


def test_an_hour_in_a_queue_is_told_in_a_few_steps(tmp_path: Path) -> None:
    """Its agents are rung every five seconds, and each time that makes rows."""
    queue = {"lastapp": "Queue", "lastdata": "700,t,,,7200", "answer": "2026-11-18 12:00:00", "duration": 4}
    starts = (NOON + seconds(5 * n) for n in range(720))
    rows = (
        a_line(**queue | {"start": f"{at:%F %T}", "end": f"{at + seconds(4):%F %T}"}, dstchannel=f"PJSIP/{agent}-0a")
        for at in starts
        for agent in (101, 102)
    )
    call = the_call(a_file(tmp_path, *rows))

    assert Outcome.ABANDONED_QUEUE == outcome(call)
    assert (7, "700", 3599) == (len(call.record.steps), call.record.queue, call.record.queue_seconds)
    assert (Party(number="101", seconds=2880), Party(number="102", seconds=2880)) == call.record.rang


def test_whoever_comes_back_to_the_same_queue_is_lost_there(tmp_path: Path) -> None:
    """Transferred to where the caller came from: nobody takes it again."""
    queue = {"lastapp": "Queue", "lastdata": "700,t,,,12"}
    taken = queue | {"answer": "2026-11-18 12:00:05", "disposition": "ANSWERED", "billsec": 15}
    again = queue | {"start": "2026-11-18 12:00:20", "answer": "2026-11-18 12:00:20", "end": "2026-11-18 12:00:40"}

    call = the_call(a_file(tmp_path, a_line(**taken), a_line(**again)))

    assert Outcome.ANSWERED_THEN_LOST == outcome(call)
    assert ["queue", "queue"] == [step.value for step in call.record.steps if step.what is What.STAGE]


def test_what_the_dialplan_does_after_the_hangup_is_no_place(tmp_path: Path) -> None:
    """A menu that dials by itself ends in its own ``h``: the caller was with the phones, not in the menu."""
    menu = {"dcontext": "ivr-1", "dst": "1"}
    after = {"dst": "h", "dstchannel": "", "lastapp": "Hangup", "start": "2026-11-18 12:00:20", "duration": 0}

    assert Outcome.NO_ANSWER == outcome(the_call(a_file(tmp_path, a_line(**menu), a_line(**menu | after))))


def test_a_number_outside_that_took_a_call_is_known_for_one(tmp_path: Path) -> None:
    """A mobile's voicemail may have: that is for ``judge`` to say."""
    forwarded = {"dstchannel": "PJSIP/trunk-00000009", "lastdata": "PJSIP/07700900900@trunk,300,T"}
    call = the_call(a_file(tmp_path, a_line(**TAKEN_BY_LOCAL | forwarded)))

    assert (Party(number="07700900900", seconds=15, outside=True),) == call.record.talked_to


def test_names_of_channels_come_again_after_a_restart(tmp_path: Path) -> None:
    """Without Uniqueids a minute between them makes two calls of them; rows that follow on are one."""
    path = a_file(
        tmp_path,
        a_line(),
        a_line(start="2026-11-18 12:00:20", end="2026-11-18 12:00:25", duration=5),
        a_line(start="2026-11-18 12:01:30", end="2026-11-18 12:01:50"),
    )

    assert [25.0, 20.0] == [call.record.wait_seconds for call in calls(path)]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_channels_does_not_matter(tmp_path: Path, seed: int) -> None:
    """Within the minutes that a batch may take; the lines of one channel are always in order."""
    with gzip.open(RECORDED / "freepbx-16.csv.gz", "rt") as file:
        lines = file.readlines()
    draw = random.Random(seed)
    place = {uniqueid: draw.random() for uniqueid in sorted({line.split(",")[-2] for line in lines})}
    shuffled = a_file(tmp_path, *sorted(lines, key=lambda line: place[line.split(",")[-2]]))

    expected, found = (
        {call.record.call_id: outcome(call) for call in calls(path)}
        for path in (RECORDED / "freepbx-16.csv.gz", shuffled)
    )
    assert expected == found


# --- what a file may look like ----------------------------------------------------------------------------------------

SECOND = {"channel": "PJSIP/trunk-00000004", "src": "07700900124"}
THIRD = {"channel": "PJSIP/trunk-00000006"}
TORN = [
    a_line(**THIRD)[:-1],  # all but the end of the line
    a_line(**THIRD)[:150],
    a_line(**THIRD)[:40],
    '"',
    "\n",
    a_line(**THIRD, disposition="MAYBE"),
    a_line(**THIRD, start="yesterday"),
    a_line(**THIRD, duration="long"),
    "\x00\x00\x00\n",
]


@pytest.mark.parametrize("torn", TORN)
def test_a_line_that_is_not_whole_is_left_out(tmp_path: Path, torn: str) -> None:
    """At the end it is being written, and in the middle a crash has cut it: the other lines count."""
    whole = [a_line(), a_line(**SECOND)]

    assert 2 == len(calls(a_file(tmp_path, *whole, torn)))
    assert 1 <= len(calls(a_file(tmp_path, whole[0], torn, whole[1])))


def test_an_open_quote_does_not_swallow_the_lines_after_it(tmp_path: Path) -> None:
    """Only the line to which it was joined."""
    lines = [a_line(channel=f"PJSIP/trunk-{n:08x}") for n in range(10)]

    assert 8 == len(calls(a_file(tmp_path, *lines[:3], lines[3][:60], *lines[4:])))


def test_a_name_in_another_encoding_costs_no_call(tmp_path: Path) -> None:
    """Latin-1, as old phones send it."""
    path = tmp_path / "Master.csv"
    path.write_bytes(a_line(clid='"Zoë" <07700900123>').encode("latin-1"))

    assert "Zo\ufffd" == the_call(path).record.caller_name


@pytest.mark.parametrize("more", [(), ("1795220364.0",), ("pbx-2-1795220364.0", "field"), ("field",), ("", "", "", "")])
def test_columns_that_are_there_or_not(tmp_path: Path, more: tuple[str, ...]) -> None:
    """A seventeenth that is no Uniqueid is the user field."""
    call_id = more[0] if more and "." in more[0] else "PJSIP/trunk-00000000@2026-11-18T12:00:00"

    assert call_id == the_call(a_file(tmp_path, a_line(*more))).record.call_id


def test_an_empty_file_has_no_calls(tmp_path: Path) -> None:
    """It was just rotated."""
    assert [] == calls(a_file(tmp_path))


CDR_CUSTOM = (
    '"""Jo"" <101>","101","102","from-internal","PJSIP/101-1","PJSIP/102-2","Dial","PJSIP/102","2026-11-18 12:00:00"\n'
)


@pytest.mark.parametrize("text", [CDR_CUSTOM, "country: GB\n", "\x00" * 500, "a,b,c\n1,2,3\n"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    """And the right one is named."""
    with pytest.raises(UserError, match=r"Master\.csv: no CDR file of Asterisk's cdr_csv; that is Master\.csv"):
        calls(a_file(tmp_path, text))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Missing, a folder, or a packed one that was cut."""
    cut = tmp_path / "Master.csv.gz"
    cut.write_bytes(gzip.compress(a_line().encode() * 50)[:-20])
    for path, problem in (
        (tmp_path / "nowhere.csv", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (cut, "Compressed file ended before the end-of-stream marker was reached"),
    ):
        with pytest.raises(UserError) as refused:
            calls(path)
        assert f"{path}: {problem}" == str(refused.value)


@given(
    st.lists(st.one_of(st.sampled_from([a_line(), a_line(**TAKEN_BY_LOCAL), a_line(**BEHIND_IT), *TORN]), st.text()))
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


# --- a part of it -----------------------------------------------------------------------------------------------------


def a_month(folder: Path) -> Path:
    """A call of 20 s every ten minutes, and some that are not told in the order in which they ended."""
    starts = [NOON - dt.timedelta(minutes=10 * n) for n in range(4320)][::-1]
    for i in range(0, len(starts) - 1, 7):
        starts[i], starts[i + 1] = starts[i + 1], starts[i]
    lines = [
        a_line(channel=f"PJSIP/trunk-{i:08x}", start=f"{at:%F %T}", end=f"{at + seconds(20):%F %T}")
        for i, at in enumerate(starts)
    ]
    return a_file(folder, *lines)


@pytest.mark.parametrize("back", [dt.timedelta(0), dt.timedelta(hours=5), dt.timedelta(days=12), dt.timedelta(days=99)])
@pytest.mark.parametrize("zone", [LONDON, NEW_YORK])
def test_only_the_calls_since_a_moment(tmp_path: Path, back: dt.timedelta, zone: zoneinfo.ZoneInfo) -> None:
    """The same as all of them, without those that ended before."""
    reader = CdrReader(a_month(tmp_path), TRUNK, zone)
    since = NOON + seconds(20) - back

    assert [call for call in reader.calls() if call.record.ended_at >= since] == list(reader.calls(since))


@pytest.mark.parametrize("garbage", [False, True])
def test_only_the_end_of_a_large_file_is_read(tmp_path: Path, *, garbage: bool) -> None:
    """A day of calls out of a month, with a margin of a day and 64 KiB; lines that say nothing do not lead astray."""
    path = a_month(tmp_path)
    if garbage:
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line if n % 9 == 0 else "#" * len(line) + "\n" for n, line in enumerate(lines)))
    yesterday = (NOON - dt.timedelta(days=1)).replace(tzinfo=None)
    everything, wanted = (len(list(CdrFile(path).rows(since))) for since in (None, yesterday))

    assert (480 if garbage else 4320) == everything
    assert 2 * 144 / (9 if garbage else 1) <= wanted <= everything / 6
