"""``textbackd explain``: which lines decided the outcome, and what would have to change for another decision."""

import asyncio
import dataclasses
import datetime as dt
from typing import Any

import pytest

from tests.builders import CALLER, LONDON, NOON, a_policy, a_record, people, seconds, steps
from tests.cli.conftest import Desk
from tests.cli.stories import kept, later, lines
from textbackd import clock
from textbackd.core.call_records import Party, What
from textbackd.core.channel_events import DialResult, QueueExit, Stage
from textbackd.core.exclusions import Exclusion
from textbackd.modem.modem import IncomingSms
from textbackd.store import learned_numbers
from textbackd.store.database import Database
from textbackd.store.learned_numbers import Learned
from textbackd.workers import incoming_texts

HOUR = dt.timedelta(hours=1)
TALKED = steps((What.ARRIVED,), (What.STAGE, Stage.DIAL), (What.JOINED, "", "101"), (What.PARTED,), (What.GONE,))
GAVE_UP = steps((What.ARRIVED,), (What.STAGE, Stage.DIAL), (What.DIALLED, "", "101"), (What.GAVE_UP,), (What.GONE,))
ANNOUNCED = steps((What.ARRIVED,), (What.STAGE, Stage.ANNOUNCEMENT, "app-announcement-1"), (What.GONE,))


def change(desk: Desk, call: str = "1") -> str:
    """What would have to change; programs read the same."""
    (told,) = lines(desk, call, "Change:")
    assert told == desk.run("explain", call, "--json").json[0]["change"] + "."
    return told


# --- what would have to change ---------------------------------------------------------------------------------------


def test_a_caller_who_is_texted(desk: Desk) -> None:
    """The command, with his number."""
    kept(desk, a_record())

    assert f"to keep texts from this caller: textbackd exclude add --label LABEL --number {CALLER}." == change(desk)


def test_a_caller_who_was_texted_lately(desk: Desk) -> None:
    """The time from which on it is no repeat, in the office's zone."""
    kept(desk, a_record(), later(HOUR))

    assert "a missed call after 2026-11-19 12:00 would be texted again (rules.repeat_window)." == change(desk, "2")


def test_a_caller_who_was_texted_often(desk: Desk) -> None:
    """The third text counts, and the time from which on it does not; in June London is an hour ahead."""
    day = dt.timedelta(days=1)
    june = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC) - NOON
    kept(desk, *(later(june + day * 2 * i) for i in range(4)))

    assert "a missed call after 2026-07-01 13:00 would be texted again (rules.max_per_30_days)." == change(desk, "4")


def test_texts_to_come_do_not_explain_an_earlier_decision(desk: Desk) -> None:
    """The second call of three was a repeat of the first; the third was texted two days later."""
    kept(desk, a_record(), later(HOUR), later(48 * HOUR))

    assert "a missed call after 2026-11-19 12:00 would be texted again (rules.repeat_window)." == change(desk, "2")


def test_a_caller_who_gave_up_too_soon(desk: Desk) -> None:
    """How long he waited, and which key to look at."""
    kept(desk, a_record(steps=GAVE_UP, wait_seconds=5.0))

    assert change(desk).startswith("the caller waited 5.0 s: with rules.minimum_wait ")


def test_a_caller_who_is_excluded(desk: Desk) -> None:
    """By its label, which the decision names too."""
    kept(desk, a_record(), policy=a_policy(exclusions=[Exclusion(label="supplier", number=CALLER)]))
    entry = f"exclusions: [{{label: supplier, number: '{CALLER}'}}]\n"
    desk.configuration.write_text(desk.configuration.read_text() + entry)

    assert "remove the entry labelled 'supplier' that covers this number or name from exclusions." == change(desk)
    assert ["silent (excluded): the number is on the exclusion list (supplier)."] == lines(desk, "1", "Decision:")


def test_a_caller_who_said_stop(desk: Desk) -> None:
    """The command that it names does it, for a caller who asks."""
    kept(desk, a_record(), stop=True)
    told = change(desk)

    command = told.partition("textbackd ")[2].removesuffix(".").split()
    assert ["opt-out", "remove", CALLER] == command
    assert 0 == desk.run(*command).code


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"withheld": True}, "nothing: who hides the number is never texted."),
        ({"privacy_unknown": True}, "nothing: who hides the number is never texted."),
        ({"seen_whole": False, "steps": steps((What.ARRIVED,), (What.NOT_SEEN,))},
         "nothing: what was not seen whole is never texted; call the lead back."),
        ({"talked_to": people("101"), "talk_seconds": 30.0, "steps": TALKED},
         "nothing: somebody of yours spoke with the caller."),
        ({"talked_to": people("101", seconds=1.0), "talk_seconds": 1.0, "steps": TALKED},
         "add answered_briefly to rules.text_on."),
        ({"caller": "07700900001"},
         "remove the number from own_numbers, owners, dids or a business's phone, if it is none of yours."),
    ],
    ids=["withheld", "privacy", "unknown", "answered", "briefly", "own number"],
)  # fmt: skip
def test_other_decisions(desk: Desk, values: dict[str, Any], expected: str) -> None:
    """Some that nothing changes, some that a key does."""
    kept(desk, a_record(**values))

    assert expected == change(desk)


def test_a_caller_who_got_through_since(desk: Desk) -> None:
    """On another line, while he still waited here."""
    talk = a_record(call_id="2.2", started_at=NOON, talked_to=people("101"), talk_seconds=9.0, steps=TALKED)
    kept(desk, talk, a_record(started_at=NOON + seconds(1)))

    assert "nothing: the caller got through." == change(desk, "2")


def test_what_is_no_phone_number(desk: Desk) -> None:
    """Perhaps the PBX puts a 9 before it."""
    kept(desk, a_record(caller="907700900123"))

    assert "pbx[].trunks[].strip" in change(desk)


def test_a_call_that_was_not_offered(desk: Desk) -> None:
    """The mark on the number in this desk's configuration, where it has one; else three keys that there are."""
    kept(desk, a_record(steps=ANNOUNCED))
    assert "rules.closed_contexts" in change(desk)

    text = desk.configuration.read_text()
    desk.configuration.write_text(text.replace("    label: Sales\n", "    label: Sales\n    marks: [information]\n"))
    assert "remove the mark information from 01632960101 in dids." == change(desk)


# --- while only observing --------------------------------------------------------------------------------------------


@pytest.fixture
def observing(desk: Desk) -> Desk:
    """One whose configuration says so."""
    desk.configuration.write_text(f"mode: observe\n{desk.configuration.read_text()}")
    return desk


def test_what_is_only_observed_is_sent_in_another_mode(observing: Desk) -> None:
    """The decision is a text, and none leaves: no entry among the exclusions is needed for that."""
    kept(observing, a_record(), policy=a_policy(observing=True))

    assert "mode: live" in change(observing)


def test_a_repeat_of_what_was_only_observed(observing: Desk) -> None:
    """What would have been sent counts, as it did when it was decided."""
    kept(observing, a_record(), later(HOUR), policy=a_policy(observing=True))

    assert "a missed call after 2026-11-19 12:00 would be texted again (rules.repeat_window)." == change(observing, "2")


# --- what decided ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ["101 did not pick up"]),
        ({"steps": GAVE_UP}, ["the ringing was cancelled"]),
        ({"steps": ANNOUNCED}, ["an announcement was played (app-announcement-1)"]),
        ({"talked_to": people("101"), "talk_seconds": 30.0, "steps": TALKED}, ["101 was on the line with the caller"]),
        (
            {"steps": steps((What.ARRIVED,), (What.STAGE, Stage.QUEUE, "700"), (What.QUEUE_LEFT, QueueExit.EMPTY))},
            ["the caller came to the queue 700", "the queue let go of the caller (empty)"],
        ),
        (
            {"seen_whole": False, "steps": steps((What.ARRIVED,), (What.NOT_SEEN,))},
            ["events are missing from here on, or before"],
        ),
    ],
    ids=["rang out", "gave up", "announcement", "answered", "queue", "unknown"],
)
def test_the_lines_that_decided_are_marked(desk: Desk, values: dict[str, Any], expected: list[str]) -> None:
    """With a star, in order, behind their time; programs read the same."""
    kept(desk, a_record(**values))

    assert expected == [line.split("  ", 1)[1] for line in lines(desk, "1", "* ")]
    (call,) = desk.run("explain", "1", "--json").json
    assert expected == [step["told"] for step in call["steps"] if step["decided"]]
    assert any("(the lines with *)" in line for line in lines(desk, "1", "Outcome:"))


def test_where_no_line_decided_none_is_promised(desk: Desk) -> None:
    """Nothing was seen but that the call came and went."""
    kept(desk, a_record(steps=steps((What.ARRIVED,), (What.GONE,))))

    assert [] == lines(desk, "1", "* ")
    (outcome,) = lines(desk, "1", "Outcome:")
    assert outcome.startswith("not_offered: ")
    assert "*" not in outcome


def test_a_busy_signal_at_the_end_says_so(desk: Desk) -> None:
    """It is all that tells of a phone that takes no calls."""
    kept(desk, a_record(steps=steps((What.ARRIVED,), (What.GONE, DialResult.BUSY))))

    assert ["12:00:01  the caller's line was closed (busy)"] == [line[11:] for line in lines(desk, "1", "* ")]


# --- who, how long ---------------------------------------------------------------------------------------------------


def test_what_several_phones_tell_is_told_once(desk: Desk) -> None:
    """Each that stops ringing says that the caller gave up; programs read all of it."""
    gave_up = dataclasses.replace(GAVE_UP[3], at=GAVE_UP[4].at)
    kept(desk, a_record(steps=(*GAVE_UP[:3], gave_up, gave_up, GAVE_UP[4])))

    assert 1 == len(lines(desk, "1", "* "))
    assert 2 == sum(step["decided"] for step in desk.run("explain", "1", "--json").json[0]["steps"])


@pytest.mark.parametrize("what", What)
def test_whatever_was_seen_can_be_told(desk: Desk, what: What) -> None:
    """A step of any kind, with any value that it can have."""
    values = {What.STAGE: Stage, What.RESULT: DialResult, What.HALF_RESULT: DialResult}.get(what, ("",))
    seen = steps(*((what, value, "101") for value in values))
    kept(desk, a_record(steps=seen, seen_whole=False))

    told = [step["told"] for step in desk.run("explain", "1", "--json").json[0]["steps"]]
    assert len(seen) == len(set(told))


def test_who_was_rung_and_who_talked(desk: Desk) -> None:
    """Each with name and seconds; the queue with its wait; and that a machine may have answered."""
    record = a_record(
        rang=(Party(number="101", name="Anna", seconds=12.0), Party(number="07700900777", seconds=8.0, outside=True)),
        talked_to=(Party(number="07700900777", seconds=4.5, outside=True),),
        talk_seconds=4.5,
        queue="700",
        queue_seconds=33.3,
        steps=TALKED,
    )
    kept(desk, record)

    assert ["101 Anna (12.0 s), 07700900777 (8.0 s)"] == lines(desk, "1", "Rang:")
    assert ["07700900777 (4.5 s)"] == lines(desk, "1", "Talked:")
    assert ["700 (33.3 s)"] == lines(desk, "1", "Queue:")
    assert ["a mobile's voicemail answered; no event tells it from a person."] == lines(desk, "1", "Perhaps:")


def test_what_there_is_nothing_of_is_left_out(desk: Desk) -> None:
    """Nobody talked, no queue, no machine."""
    kept(desk, a_record())

    for start in ("Rang:", "Talked:", "Queue:", "Perhaps:"):
        assert [] == lines(desk, "1", start)


def test_a_withheld_number_is_shown_to_nobody(desk: Desk) -> None:
    """The PBX shows it in full; neither people nor programs read it."""
    kept(desk, a_record(withheld=True))

    for words in (("explain", "1"), ("explain", "1", "--json"), ("calls", "--json"), ("leads", "--json")):
        assert "900123" not in desk.run(*words).out


# --- what was learned ------------------------------------------------------------------------------------------------


def learn(desk: Desk, what: Learned, because: str, at: dt.datetime) -> None:
    async def work() -> None:
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            await learned_numbers.learn(tx, CALLER, what, because, at)

    asyncio.run(work())


@pytest.mark.parametrize(
    ("what", "because", "decision"),
    [
        (
            Learned.UNDELIVERABLE,
            "the network reported TP-ST 67",
            "silent (undeliverable): a text to this number could not be delivered lately.",
        ),
        (
            Learned.STAFF,
            "asterisk rang it for a caller of Sales",
            "silent (own_number): the PBX rings this number for callers: it is one of the staff's.",
        ),
    ],
)
def test_a_caller_of_whose_number_something_was_learned(desk: Desk, what: Learned, because: str, decision: str) -> None:
    """Why, when, and until when; the command that undoes it is a real one."""
    kept(desk)
    now = clock.utc_now()
    learn(desk, what, because, now)
    record = a_record(started_at=now, ended_at=now + seconds(20))
    kept(desk, record)

    assert [decision] == lines(desk, "1", "Decision:")
    ((learned),) = lines(desk, "1", "Learned:")
    assert learned.startswith(f"{because}, last at {now.astimezone(LONDON):%Y-%m-%d %H:%M:%S}; forgotten at ")
    assert f"{(now + learned_numbers.MEMORY).astimezone(LONDON):%Y-%m-%d %H:%M:%S}." in learned
    assert because == desk.run("explain", "1", "--json").json[0]["learned"]["because"]
    assert change(desk).startswith(f"textbackd exclude forget {CALLER}, if ")
    assert 0 == desk.run("exclude", "forget", CALLER).code
    assert [] == lines(desk, "1", "Learned:")


def test_a_caller_who_writes_to_us(desk: Desk) -> None:
    """Nobody spoke with him, and nobody is named."""
    kept(desk)

    async def wrote() -> None:
        async with Database.open(desk.database, durable=False) as database, database.transaction() as tx:
            message = IncomingSms(sender=CALLER, sent_at=NOON, text="I am late", places=("1",))
            await incoming_texts.take(tx, message, a_policy(), "gsm", NOON, NOON)

    asyncio.run(wrote())
    kept(desk, a_record())

    expected = "silent (already_served): the caller and the office write to each other (rules.conversation)."
    assert [expected] == lines(desk, "1", "Decision:")


@pytest.mark.parametrize(("rules", "waits"), [("true", False), ("false", True)])
def test_a_text_that_waits_for_the_morning(desk: Desk, rules: str, waits: bool) -> None:
    """When that is, in the office's zone, and the keys; as the rules are now."""
    kept(desk, a_record(), send=False)
    now = clock.utc_now().astimezone(LONDON)
    begin, end = now - HOUR, now + HOUR
    text = desk.configuration.read_text().replace("instant_at_night: true", f"instant_at_night: {rules}")
    text = text.replace("rules:\n", f"rules:\n  quiet_hours: {begin:%H:%M}-{end:%H:%M}\n")
    desk.configuration.write_text(text)

    expected = f"it waits for {end:%Y-%m-%d %H:%M}, the end of the caller's night (rules.quiet_hours); "
    assert waits is change(desk).startswith(expected)
