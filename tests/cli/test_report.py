"""``textbackd report``: the figures as people and programs get them, from the database and from a CDR file."""

import asyncio
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, a_call, a_record, seconds
from tests.cli.conftest import Desk
from tests.cli.stories import happened
from tests.pbx.cdr_rows import a_file, a_line
from textbackd import clock
from textbackd.core.call_records import OutsideCall, Party
from textbackd.core.guards import Guard
from textbackd.core.office import Did
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.outgoing import MessageEvent, MessageKind, MessageState
from textbackd.core.phone_numbers import E164
from textbackd.core.policy import Decision, SendText, StaySilent
from textbackd.core.reasons import Reason
from textbackd.store import calls, outbox, outside_calls, reports
from textbackd.store.database import Database

THAT_WEEK = ("--since", "2026-11-16", "--until", "2026-11-22")
"""Around ``NOON``."""
CDR = Path(__file__).parents[1] / "traces" / "asterisk-cdr"
ANN, BOB = E164("+447700900123"), E164("+447700900124")


def a_story(desk: Desk, *entries: dict[str, Any]) -> None:
    """Keep calls, a minute apart from ``NOON``; ``record`` and ``call`` say what is not as in the builders."""

    async def keep() -> None:
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            for n, entry in enumerate(entries):
                began = entry.get("at", NOON + dt.timedelta(minutes=n))
                record = a_record(
                    call_id=str(n), started_at=began, ended_at=began + seconds(20), **entry.get("record", {})
                )
                call = a_call(record, **entry.get("call", {}))
                number, reason = entry.get("number", ANN), entry.get("reason", Reason.NOTHING_AGAINST)
                decision: Decision = StaySilent(reason=reason)
                if reason is Reason.NOTHING_AGAINST:
                    decision = SendText(to=number, template="missed", text="Sorry", not_before=began)
                row = await calls.record(
                    tx, call, number, decision, None, began, simulated=entry.get("simulated", False)
                )
                if isinstance(decision, SendText):
                    await _text(tx, call, number, row, leaves=entry.get("sent", False))

    asyncio.run(keep())


async def _text(tx: Any, call: Call, number: E164, row: int | None, *, leaves: bool) -> None:
    now = call.record.ended_at
    draft = outbox.Draft(
        kind=MessageKind.CALLER,
        business=call.business,
        to=number,
        text="Sorry",
        about=number,
        since=now,
        not_before=now,
        call_row=row,
    )
    await outbox.enqueue(tx, draft, now)
    message = await outbox.next_due(tx, now)
    if not leaves or message is None:
        return
    await outbox.claim(tx, message, "gsm", now)
    await outbox.accepted(tx, message.id, now)


def called_back(desk: Desk, number: E164, at: dt.datetime) -> None:
    """Somebody of the office was on the line with this number."""

    async def keep() -> None:
        call = OutsideCall(
            channel=f"{at}",
            number=number,
            by=(Party(number="101"),),
            started_at=at,
            answered_at=at + seconds(5),
            ended_at=at + seconds(30),
            talk_seconds=25.0,
        )
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            await outside_calls.record(tx, "asterisk", call, number)

    asyncio.run(keep())


ANSWERED = {"call": {"outcome": Outcome.ANSWERED}, "reason": Reason.OUTCOME_NOT_TEXTED}
CLOSED = {"call": {"outcome": Outcome.VOICEMAIL_SILENT, "hours": Hours.CLOSED}}
SUPPORT = {"record": {"did": "01632960102"}, "call": {"did": Did(number="01632960102")}}


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Six calls on a Wednesday at noon and one an hour later."""
    a_story(
        desk,
        {"sent": True},
        {"call": {"outcome": Outcome.ABANDONED_RINGING}, "number": BOB, "reason": Reason.TOO_SHORT},
        ANSWERED,
        {**SUPPORT, "reason": Reason.REPEAT},
        {"record": {"withheld": True}, "number": None, "reason": Reason.WITHHELD},
        {"call": {"outcome": Outcome.NOT_OFFERED}, "reason": Reason.OUTCOME_NOT_TEXTED},
        {**CLOSED, "at": NOON + dt.timedelta(hours=1), "number": BOB},
    )
    called_back(desk, ANN, NOON + dt.timedelta(hours=2))
    called_back(desk, ANN, NOON + dt.timedelta(hours=3))
    called_back(desk, BOB, NOON - dt.timedelta(hours=1))  # before he called
    called_back(desk, BOB, NOON + dt.timedelta(days=7))  # a week too late
    return desk


def test_what_people_read(told: Desk) -> None:
    """Sentences and tables that fit into 80 columns."""
    result = told.run("report", *THAT_WEEK)

    assert (0, "") == (result.code, result.err)
    assert (
        """\
Calls between 2026-11-16 00:00 and 2026-11-23 00:00 (Europe/London). 5 of 6
calls (83%) found nobody. 4 of them while the office was open, 1 while it was
closed. Most on Wednesdays 12-13 (4 of 5). Beside them the PBX dealt with 1 call
itself.

When: missed calls (. had calls, and none was missed)
HOUR   MON  TUE  WED  THU  FRI  SAT  SUN  MISSED  OF  SHARE
12-13            4                        4       5   80%
13-14            1                        1       1   100%

Where
DID          MISSED  OF  SHARE
Sales        4       5   80%
01632960102  1       1   100%

Why
OUTCOME            CALLS  WHAT HAPPENED
no_answer          3      phones rang, nobody took it
abandoned_ringing  1      gave up while phones rang
voicemail_silent   1      reached voicemail, left no message
answered           1      somebody answered
not_offered        1      dealt with by the PBX itself

How long, in seconds, as far as is known
                                      CALLS  HALF WITHIN  NINE OF TEN
waited until somebody answered        1      20           20
phones rang until the caller gave up  1      19           19

Missed were 2 callers and 1 call without a number; called again: 2, answered
then: 1. Called back and reached: 1. Texts decided on: 2, sent: 1. Not sent: 1,
since it still waits. No text: 1, since the caller gave up too soon
(rules.minimum_wait); 1, since the caller was texted lately
(rules.repeat_window, rules.max_per_30_days); 1, since the caller withheld the
number or asked for privacy.

"""
        == result.out
    )


def test_what_programs_read(told: Desk) -> None:
    """The same figures."""
    found = told.run("report", *THAT_WEEK, "--json").json

    assert {
        "approximate": False,
        "since": "2026-11-16T00:00:00+00:00",
        "until": "2026-11-23T00:00:00+00:00",
        "time_zone": "Europe/London",
        "calls": 6,
        "missed": 5,
        "share": 0.8333,
        "not_offered": 1,
        "unknown": 0,
        "by_hour": [
            {"weekday": "Wednesday", "hour": 12, "calls": 5, "missed": 4, "share": 0.8},
            {"weekday": "Wednesday", "hour": 13, "calls": 1, "missed": 1, "share": 1.0},
        ],
        "by_did": [
            {"did": "Sales", "calls": 5, "missed": 4, "share": 0.8},
            {"did": "01632960102", "calls": 1, "missed": 1, "share": 1.0},
        ],
        "by_hours": {
            "open": {"calls": 5, "missed": 4, "share": 0.8},
            "closed": {"calls": 1, "missed": 1, "share": 1.0},
        },
        "by_outcome": {
            "no_answer": 3,
            "abandoned_ringing": 1,
            "answered": 1,
            "not_offered": 1,
            "voicemail_silent": 1,
        },
        "seconds": {
            "answered": {"calls": 1, "median": 20.0, "nine_of_ten": 20.0},
            "gave_up_ringing": {"calls": 1, "median": 19.0, "nine_of_ten": 19.0},
            "gave_up_waiting": None,
        },
        "callers": {"missed": 2, "withheld": 1, "called_again": 2, "served_later": 1, "called_back": 1},
        "texts": {
            "decided": 2,
            "sent": 1,
            "not_sent": {"queued": 1},
            "not_decided": {"too_short": 1, "repeat": 1, "withheld": 1},
        },
    } == found


@pytest.mark.parametrize(
    ("words", "calls_found"),
    [
        (("--since", "2026-11-18"), 6),
        (("--since", "2026-11-18", "--until", "2026-11-18"), 6),
        (("--since", "2026-11-19"), 0),
        (("--since", "2026-11-16", "--until", "2026-11-17"), 0),
        ((*THAT_WEEK, "--did", "Sales"), 5),
        ((*THAT_WEEK, "--did", "+44 1632 960102"), 1),
        (("--since", "2026-11-19", "--did", "01632960102"), 0),
    ],
)
def test_a_part_of_it(told: Desk, words: tuple[str, ...], calls_found: int) -> None:
    """Whole days of the office, and one DID in any spelling."""
    assert calls_found == told.run("report", *words, "--json").json["calls"]


@pytest.mark.parametrize("did", ["nope", "01632960199", ""])
@pytest.mark.parametrize("approximate", [False, True])
def test_a_did_that_there_is_not_is_refused(told: Desk, tmp_path: Path, did: str, approximate: bool) -> None:
    """Most likely it is misspelt: those that there are are listed, configured or called, each once."""
    cdr = _cdr([a_file(tmp_path, a_line(dst="01632960102"))]) if approximate else ()
    result = told.run("report", *THAT_WEEK, "--did", did, *cdr)

    listed = "01632960101 Sales, 01632960102"
    assert (1, "", f"no DID {did!r} is in dids or on record; there are: {listed}\n") == (
        result.code,
        result.out,
        result.err,
    )


def test_a_did_that_was_never_called_is_no_mistake(desk: Desk) -> None:
    """It is configured."""
    a_story(desk)

    assert 0 == desk.run("report", "--json", "--did", "Sales").json["calls"]


@pytest.mark.parametrize(
    ("event", "detail", "key", "words"),
    [
        (MessageEvent.CANCEL, Reason.ALREADY_SERVED, "already_served", "the caller has since been on the line"),
        (MessageEvent.CANCEL, "by hand", "cancelled", "somebody cancelled it"),
        (MessageEvent.GREW_STALE, Reason.STALE, "stale", "the text waited too long"),
        (MessageEvent.HOLD, "by hand", "held", "somebody holds it back"),
    ],
)
def test_why_a_text_was_not_sent(desk: Desk, event: MessageEvent, detail: str, key: str, words: str) -> None:
    """Though it was decided on: by the rule, or by where it is."""
    a_story(desk, {})
    happened(desk, 1, (event, detail))

    assert {"decided": 1, "sent": 0, "not_sent": {key: 1}, "not_decided": {}} == desk.run(
        "report", *THAT_WEEK, "--json"
    ).json["texts"]
    assert f"Not sent: 1, since {words}" in " ".join(desk.run("report", *THAT_WEEK).out.split())


@pytest.mark.parametrize("guard", Guard)
def test_a_text_that_a_guard_kept_back_at_last(desk: Desk, guard: Guard) -> None:
    """Whichever it was, it counts as the guards' matter."""
    a_story(desk, {})
    happened(desk, 1, (MessageEvent.GREW_STALE, f"guard:{guard}"))

    assert {"guard": 1} == desk.run("report", *THAT_WEEK, "--json").json["texts"]["not_sent"]
    words = "Not sent: 1, since so many texts are not sent in so short a time (rules.guards)."
    assert words in " ".join(desk.run("report", *THAT_WEEK).out.split())


@pytest.mark.parametrize("state", MessageState)
def test_a_text_in_any_state(desk: Desk, state: MessageState) -> None:
    """What was delivered has been sent, whoever noted it; all else is told in words."""
    a_story(desk, {})

    async def put() -> None:
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            await tx.run("UPDATE outbox SET state = ?1, reason = ''", state)

    asyncio.run(put())
    went = state in (MessageState.SENT, MessageState.DELIVERED)
    texts = desk.run("report", *THAT_WEEK, "--json").json["texts"]
    assert (int(went), {} if went else {state: 1}) == (texts["sent"], texts["not_sent"])
    assert went is not ("Not sent: 1, since" in desk.run("report", *THAT_WEEK).out)


def test_by_default_the_last_thirty_days(desk: Desk) -> None:
    """Counted back from now."""
    now = clock.utc_now()
    a_story(desk, *({"at": now - dt.timedelta(days=days)} for days in (1, 29, 31)))

    assert 2 == desk.run("report", "--json").json["calls"]
    assert 3 == desk.run("report", "--json", "--since", "5w").json["calls"]
    assert 1 == desk.run("report", "--json", "--since", "5w", "--until", "30d").json["calls"]


def test_what_was_only_simulated_is_left_out(desk: Desk) -> None:
    """It never happened."""
    a_story(desk, {}, {"simulated": True})

    assert 1 == desk.run("report", *THAT_WEEK, "--json").json["calls"]


def test_calls_by_the_thousand_are_read_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """None twice and none left out, also where several ended in the same moment."""
    monkeypatch.setattr(reports, "PAGE", 3)
    a_story(desk, *({"at": NOON + seconds(n // 4)} for n in range(20)))

    assert 20 == desk.run("report", *THAT_WEEK, "--json").json["calls"]


def test_no_calls_are_told(desk: Desk) -> None:
    """With what to do about it."""
    a_story(desk)

    assert (
        "No calls between 2026-11-16 00:00 and 2026-11-23 00:00 (Europe/London); --since\n"
        "and --until say where to look.\n\n"
    ) == desk.run("report", *THAT_WEEK).out


def test_many_dids_and_the_lost_ones(desk: Desk) -> None:
    """Twenty DIDs with the most missed calls, the others in one line; somebody may have answered before."""
    numbers = [f"016329601{n:02}" for n in range(25)]
    lost = {"outcome": Outcome.ANSWERED_THEN_LOST}
    a_story(desk, *({"record": {"did": n}, "call": {"did": Did(number=n), **lost}} for n in numbers))
    out = desk.run("report", *THAT_WEEK).out

    assert "25 of 25 calls (100%) found nobody, or lost them again." in " ".join(out.split())
    assert "\n01632960119  1       1   100%\n5 others     5       5   100%\n" in out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--since", "yesterday"), "'yesterday' is neither a number of days or weeks (30d, 4w) nor a day (2026-11-01)"),
        (("--since", "2026-13-01"), "is neither a number of days"),
        (("--until", "9999-12-31"), "is neither a number of days"),
    ],
)
def test_a_wrong_time_is_refused(desk: Desk, words: tuple[str, ...], problem: str) -> None:
    """With what it may be."""
    result = desk.run("report", *words)

    assert 2 == result.code
    assert problem in " ".join(result.err.split())


def test_a_period_that_ends_before_it_begins_is_refused(told: Desk) -> None:
    """Most likely they were exchanged."""
    result = told.run("report", "--since", "2026-11-22", "--until", "2026-11-16")

    assert (1, "") == (result.code, result.out)
    assert "--since must be before --until" in result.err


# --- from a CDR file --------------------------------------------------------------------------------------------------


def test_an_approximate_report_needs_no_database(desk: Desk) -> None:
    """And says what it is, where it comes from and what it cannot tell."""
    path = CDR / "freepbx-16.csv.gz"
    result = desk.run("report", *THAT_WEEK, "--cdr", str(path))
    text = " ".join(result.out.split())

    assert (0, 1) == (result.code, result.err.count(f"note: no database {desk.database}: "))
    assert f"Approximate: from the PBX's call records ({path}), which say how lines ended" in text
    assert "Inbound are the calls over trunk." in text
    assert "33 of 39 calls (85%) found nobody, or lost them again." in text
    assert "Most on Saturdays 09-10 (33 of 39)." in text  # it is written in New York, hours earlier
    assert "Texts that would have been sent, if no number was withheld: " in text
    assert not desk.database.exists()


def test_files_that_overlap_tell_of_a_call_once(desk: Desk) -> None:
    """As rotated ones may."""
    path = str(CDR / "freepbx-16.csv.gz")
    once = desk.run("report", *THAT_WEEK, "--json", "--cdr", path).json
    twice = desk.run("report", *THAT_WEEK, "--json", "--cdr", path, "--cdr", path).json

    assert once | {"records": {}} == twice | {"records": {}}


def test_the_same_for_programs(desk: Desk) -> None:
    """The files, the trunks, and what was not taken for a call from outside."""
    paths = [CDR / "freepbx-16.csv.gz", CDR / "cancel-22.csv.gz"]
    found = desk.run("report", *THAT_WEEK, "--json", *_cdr(paths)).json

    assert found["approximate"]
    assert {
        "files": [str(path) for path in paths],
        "trunks": ["trunk"],
        "left_out": {"101": 6},
        "lists": f"no database {desk.database}: no opt-out, no learned number, and of exclusions only those in the file"
        " count",
    } == found["records"]
    assert 79 == found["calls"]


def _cdr(paths: Iterable[Path]) -> list[str]:
    return [word for path in paths for word in ("--cdr", str(path))]


def test_who_would_have_been_texted(desk: Desk, tmp_path: Path) -> None:
    """By the real rules, with a history that begins with the file: a second call soon after is a repeat, and who shows
    the number of a phone that rang is one of the staff.
    """
    path = a_file(
        tmp_path,
        *(a_line(channel=f"PJSIP/trunk-{n:08x}", src=src) for n, src in enumerate(("07700900123",) * 2 + ("101",))),
        a_line(channel="PJSIP/trunk-00000009", src="anonymous"),
    )
    found = desk.run("report", *THAT_WEEK, "--json", "--cdr", str(path)).json

    assert {
        "decided": 1,
        "sent": 0,
        "not_sent": {},
        "not_decided": {"repeat": 1, "own_number": 1, "withheld": 1},
    } == found["texts"]


def test_who_got_through_on_another_line_would_not_have_been_texted(desk: Desk, tmp_path: Path) -> None:
    """The calls overlap; the missed one ends later."""
    got_through = {"start": "2026-11-18 12:00:05", "answer": "2026-11-18 12:00:10", "end": "2026-11-18 12:00:15"}
    answered = a_line(channel="PJSIP/trunk-00000002", **got_through, duration=10, billsec=5, disposition="ANSWERED")
    found = desk.run("report", *THAT_WEEK, "--json", "--cdr", str(a_file(tmp_path, answered, a_line()))).json

    assert {"already_served": 1} == found["texts"]["not_decided"]


def test_a_trunk_that_was_not_found_can_be(desk: Desk, tmp_path: Path) -> None:
    """Its name is told; phones, whose names are numbers, are not."""
    other = a_line(dcontext="ext-group", channel="PJSIP/carrier-00000002")
    phone = a_line(dcontext="from-internal", channel="PJSIP/101-00000003")
    path = a_file(tmp_path, a_line(), other, phone)
    text = " ".join(desk.run("report", *THAT_WEEK, "--cdr", str(path)).out.split())

    assert "Taken for phones of the office: carrier (1); if one is a trunk, name it in pbx[].trunks." in text


def test_where_times_are_not_known_they_are_left_out(desk: Desk, tmp_path: Path) -> None:
    """A person answered, sometime after the PBX did."""
    answered = {"answer": "2026-11-18 12:00:00", "billsec": 20, "disposition": "ANSWERED"}
    found = desk.run("report", *THAT_WEEK, "--json", "--cdr", str(a_file(tmp_path, a_line(**answered)))).json

    assert 1 == found["calls"]
    assert found["seconds"]["answered"] is None


def test_one_did_of_a_file(desk: Desk, tmp_path: Path) -> None:
    """By its label too."""
    path = a_file(tmp_path, a_line(), a_line(channel="PJSIP/trunk-00000002", dst="01632960102"))

    for did in ("Sales", "+441632960101"):
        found = desk.run("report", *THAT_WEEK, "--json", "--did", did, "--cdr", str(path)).json
        assert [{"did": "Sales", "calls": 1, "missed": 1, "share": 1.0}] == found["by_did"]


def test_another_file_is_refused(desk: Desk) -> None:
    """Without a traceback."""
    result = desk.run("report", "--cdr", str(desk.configuration))

    assert (1, "") == (result.code, result.out)
    assert result.err.startswith(f"{desk.configuration}: no CDR file")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "which PBX? --pbx is one of: asterisk, branch\n"),
        (("--pbx", "moon"), "the configuration has no PBX 'moon'; it has: asterisk, branch\n"),
        (("--pbx", "branch"), ""),
    ],
)
def test_of_several_pbxs_one_has_to_be_named(desk: Desk, tmp_path: Path, words: tuple[str, ...], problem: str) -> None:
    """Their trunks differ."""
    text = desk.configuration.read_text()
    entry = text[text.index("  - name: asterisk") : text.index("modems:")]
    branch = entry.replace("name: asterisk", "name: branch")
    desk.configuration.write_text(text.replace(entry, entry + branch))

    assert problem == desk.run("report", "--cdr", str(a_file(tmp_path, a_line())), *words, "--json").err
