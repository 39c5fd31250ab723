"""``textbackd explain``: what became of a text, who made it needless; calls that nobody watched; finding a caller."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.builders import CALLER, NOON, OWNER, a_policy, a_record, an_office, people, seconds, steps
from tests.cli.conftest import Desk
from tests.cli.stories import happened, kept, later, lines, sent
from tests.pbx.cdr_rows import a_file, a_line
from textbackd.cli import explain_words
from textbackd.core.call_records import EndedCall, OutsideCall, Party, What
from textbackd.core.channel_events import Stage
from textbackd.core.office import Business
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageEvent
from textbackd.core.reasons import Reason
from textbackd.pbx.trunks import Trunks
from textbackd.store import outbox
from textbackd.store.database import Database, Transaction
from textbackd.workers.catch_up import CatchUp, Cdr

T = TypeVar("T")

TALKED = steps((What.ARRIVED,), (What.STAGE, Stage.DIAL), (What.JOINED, "", "101"), (What.PARTED,), (What.GONE,))
CALLED_BACK = OutsideCall(
    channel="9.9",
    number="07700900123",
    by=(Party(number="101", name="Anna", seconds=45.0),),
    started_at=NOON + seconds(21),
    answered_at=NOON + seconds(22),
    ended_at=NOON + seconds(67),
    talk_seconds=45.0,
)
"""To the caller of ``a_record``, soon after that call."""
SERVED = "it was cancelled: the caller has since been on the line with a person"


def history(desk: Desk, text: int, call: str = "1") -> list[str]:
    """What happened to a text: times and sentences as people read them."""
    _before, _heading, rest = desk.run("explain", call).out.partition(f"Text {text}: ")
    told = []
    for line in rest.splitlines()[2:]:
        if not line.startswith("  2026-11-18 "):
            break
        told.append(line.removeprefix("  2026-11-18 "))
    return told


# --- what became of a text -------------------------------------------------------------------------------------------


def test_a_text_is_told_in_sentences(desk: Desk) -> None:
    """For whom, from which template, where it is now; then what happened to it. Programs read the same."""
    kept(desk, a_record())
    happened(desk, 1, (MessageEvent.ACCEPTED, ""), (MessageEvent.REPORTED_DELIVERED, "TP-ST 0"))

    assert [f"to the caller {CALLER}, from the template en/general/missed: delivered"] == lines(desk, "1", "Text 1:")
    assert [f"to the owner {OWNER}: sending"] == lines(desk, "1", "Text 2:")
    expected = [
        "12:00:20  it was put into the queue",
        "12:00:50  it was given to the modem gsm",
        "12:01:00  the network took it",
        "12:01:01  it reached the phone",
    ]
    assert expected == history(desk, 1)
    (call,) = desk.run("explain", "1", "--json").json
    assert [line[10:] for line in expected] == [change["told"] for change in call["texts"][0]["changes"]]


def test_a_template_that_was_passed_over_is_told(desk: Desk) -> None:
    """With the reason, beside the one that was taken; as it was when the text was made, whatever is configured now."""
    own = {"missed": "{business}: we ring back {callback_window}. Reply STOP to opt out."}
    business = Business(name="Hill Plumbing", owners=(OWNER,), templates=own)
    kept(desk, a_record(), policy=a_policy(office=an_office(businesses=(business,))))

    assert ", from the template en/general/missed: " in desk.run("explain", "1").out
    told = [line for line in desk.run("explain", "1").out.splitlines() if "passed over" in line]
    assert ["  The template business/missed was passed over: {callback_window} has no value."] == told
    (call,) = desk.run("explain", "1", "--json").json
    assert [{"business/missed": "{callback_window} has no value"}, {}] == [t["passed_over"] for t in call["texts"]]


@pytest.mark.parametrize(
    ("event", "detail", "expected"),
    [
        (MessageEvent.HOLD, "by hand", "it was held back: by hand"),
        (MessageEvent.CANCEL, "by hand", "it was cancelled: by hand"),
        (MessageEvent.CANCEL, "opted_out", "it was cancelled: the caller asked for no more texts"),
        (
            MessageEvent.GREW_STALE,
            Reason.STALE,
            "it was given up: the text waited too long to be of use (rules.stale_after)",
        ),
    ],
)
def test_a_reason_is_told_in_words(desk: Desk, event: MessageEvent, detail: str, expected: str) -> None:
    """The rule's; what is no rule stands for itself."""
    kept(desk, a_record(), send=False)
    happened(desk, 1, (event, detail))

    assert f"12:01:00  {expected}" == history(desk, 1)[-1]


def test_words_that_were_not_said_are_told() -> None:
    """Of a text that left later than it was to."""
    told = explain_words.of_change(outbox.REWORDED, "Hill: closed until 9:00")
    assert "it was given words that are true now, in place of: Hill: closed until 9:00" == told


@pytest.mark.parametrize("event", MessageEvent)
def test_whatever_happens_to_a_text_has_a_sentence(event: MessageEvent) -> None:
    """Also what is rare."""
    told = explain_words.of_change(event, "")

    assert told.startswith(("it ", "the network ", "nobody "))


def test_what_changes_goes_by_the_end_of_the_text(desk: Desk) -> None:
    """Nobody knows whether it went out: a person decides. The line comes last."""
    kept(desk, a_record())
    happened(desk, 1, (MessageEvent.NO_ANSWER, "the modem did not answer"))

    *_, last = desk.run("explain", "1").out.split("\n")[:-2]
    assert last.startswith("Change:   textbackd queue release 1 sends it, perhaps for the second time; ")
    assert "12:01:00  nobody knows whether it went out: the modem did not answer" == history(desk, 1)[-1]


# --- who made it needless --------------------------------------------------------------------------------------------


def test_a_call_back_is_named(desk: Desk) -> None:
    """Who called, when, and how long they talked; for the text to the owner too."""
    kept(desk, a_record(), CALLED_BACK, send=False)
    sent(desk, NOON + seconds(120))

    named = "101 Anna called back and reached the caller at 2026-11-18 12:00:22, for 45 s"
    assert [f"12:02:00  {SERVED} ({named})"] * 2 == [history(desk, text)[-1] for text in (1, 2)]
    assert ["nothing: the caller got through."] == lines(desk, "1", "Change:")
    (call,) = desk.run("explain", "1", "--json").json
    assert {
        "how": "called back",
        "at": "2026-11-18T12:00:22+00:00",
        "by": [{"number": "101", "name": "Anna", "seconds": 45.0, "outside": False}],
        "seconds": 45.0,
        "call": None,
    } == call["texts"][0]["served"]


def test_a_later_call_is_named(desk: Desk) -> None:
    """Which call it was, and who answered."""
    kept(desk, a_record(), talk_at(30), send=False)
    sent(desk, NOON + seconds(120))

    named = "101 answered call 2 of this caller at 2026-11-18 12:00:32, for 30 s"
    assert f"12:02:00  {SERVED} ({named})" == history(desk, 1)[-1]


def test_the_first_who_spoke_with_the_caller_is_named(desk: Desk) -> None:
    """What came later did not end the text; what came before its call did not either."""
    before, after = (in_another_call(CALLED_BACK, by) for by in (-80, 3600))
    kept(desk, later(seconds(-90)), before, a_record(), CALLED_BACK, send=False)
    sent(desk, NOON + seconds(120))
    kept(desk, after, talk_at(4000), talk_at(5000), send=False)

    assert "(101 Anna called back and reached the caller at 2026-11-18 12:00:22" in history(desk, 3, "2")[-1]


def test_the_first_later_call_is_named(desk: Desk) -> None:
    """Of several that were answered."""
    kept(desk, a_record(), talk_at(30), talk_at(50), send=False)
    sent(desk, NOON + seconds(120))

    assert "(101 answered call 2 of this caller" in history(desk, 1)[-1]


def in_another_call(call: OutsideCall, by: float) -> OutsideCall:
    """The same so many seconds later, of somebody else."""
    times = {name: getattr(call, name) + seconds(by) for name in ("started_at", "answered_at", "ended_at")}
    return dataclasses.replace(call, channel=f"9.{by}", by=people("102"), **times)


def talk_at(start: float) -> EndedCall:
    """A call of the same caller so many seconds after ``NOON``, answered by 101 after two."""
    moved = tuple(dataclasses.replace(step, at=step.at + seconds(start)) for step in TALKED)
    return later(seconds(start), talked_to=people("101"), talk_seconds=30.0, steps=moved)


def test_a_call_does_not_serve_its_own_caller(desk: Desk) -> None:
    """Somebody had talked, and then it was voicemail; on another line somebody talked after that."""
    policy = a_policy(text_on=frozenset({Outcome.ANSWERED_THEN_VOICEMAIL}))
    first = steps(
        *((What.ARRIVED,), (What.JOINED, "", "102"), (What.PARTED,), (What.STAGE, Stage.VOICEMAIL, "102"), (What.GONE,))
    )
    talked = a_record(talked_to=people("102"), talk_seconds=5.0, steps=first)
    kept(desk, talk_at(2), talked, policy=policy, send=False)

    assert "(101 answered call 1 of this caller at 2026-11-18 12:00:04" in desk.run("explain", "2").out


def test_who_got_through_before_the_decision_is_named(desk: Desk) -> None:
    """On another line, while the caller still waited here: no text was ever made."""
    talk = a_record(call_id="2.2", talked_to=people("101"), talk_seconds=9.0, steps=TALKED)
    kept(desk, talk, a_record(started_at=NOON + seconds(1)))

    (told,) = lines(desk, "2", "Decision:")
    assert told.startswith("silent (already_served): the caller has since been on the line with a person ")
    assert told.endswith(" (101 answered call 1 of this caller at 2026-11-18 12:00:02, for 9 s).")


# --- calls that nobody watched ---------------------------------------------------------------------------------------


def test_what_only_the_pbx_wrote_down_is_told_as_such(desk: Desk, tmp_path: Path) -> None:
    """Its steps were not seen by anybody, and none decided the outcome; programs are told too."""
    asyncio.run(caught_up(desk, a_file(tmp_path, a_line("1795003200.7", ""))))

    out = desk.run("explain", "1").out.splitlines()
    assert "  Nobody watched the PBX then. This is what its own call record (CDR) says, often wrongly:" == out[1]
    assert any(line.endswith("  101 did not pick up") for line in out)
    assert [] == lines(desk, "1", "* ")
    (outcome,) = lines(desk, "1", "Outcome:")
    assert outcome.startswith(
        "unknown: nobody watched the PBX then; by its own record, which is often wrong: no_answer. "
    )
    (call,) = desk.run("explain", "1", "--json").json
    assert (False, False) == (call["watched"], any(step["decided"] for step in call["steps"]))


def test_what_was_watched_is_told_as_such(desk: Desk) -> None:
    """Also where it was not seen whole."""
    kept(desk, a_record(seen_whole=False, steps=steps((What.ARRIVED,), (What.NOT_SEEN,))))

    assert "call record" not in desk.run("explain", "1").out
    assert desk.run("explain", "1", "--json").json[0]["watched"]


async def caught_up(desk: Desk, file: Path) -> None:
    """The calls of a CDR file from a quarter of an hour in which nobody watched."""
    async with Database.open(desk.database, durable=False) as database:

        async def write(work: Callable[[Transaction], Awaitable[T]]) -> T:
            async with database.transaction() as tx:
                return await work(tx)

        catch_up = CatchUp("asterisk", Cdr(file=file, trunks=Trunks()), a_policy, write)
        await catch_up.link_back(NOON - seconds(60), NOON + seconds(900), ())


# --- finding a caller ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["907700900123", "07700900123", "+447700900123", "00447700900123"])
@pytest.mark.parametrize("asked", ["07700900123", "07700 900123", " +447700900123 ", "447700900123"])
def test_a_caller_is_found_in_any_spelling(desk: Desk, shown: str, asked: str) -> None:
    """Also where the PBX puts something before the number that the configuration does not strip."""
    kept(desk, a_record(caller=shown), later(seconds(60), caller="07700900456"))

    assert [1] == [call["id"] for call in desk.run("explain", asked, "--json").json]


@pytest.mark.parametrize("asked", ["900123", "0123", "anonymous", "07700900123", "+447700900123"])
def test_who_withheld_the_number_is_not_found_by_it(desk: Desk, asked: str) -> None:
    """Else whoever guesses the number learns who called; nor do a few digits tell a caller."""
    kept(desk, a_record(withheld=True), later(seconds(60), caller="anonymous", withheld=True))

    assert (1, f"no call {asked!r} is on record; textbackd calls lists them\n") == (
        desk.run("explain", asked).code,
        desk.run("explain", asked).err,
    )
    assert 0 == desk.run("explain", "1").code


@pytest.mark.parametrize("asked", ["", "  "])
def test_nothing_is_no_caller(desk: Desk, asked: str) -> None:
    """A wrong command, whatever calls there are without a number."""
    kept(desk, a_record(caller="", withheld=True))
    result = desk.run("explain", asked)

    assert (2, "") == (result.code, result.out)
    assert "must not be empty" in result.err
