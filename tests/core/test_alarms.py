"""What an alarm says, when it is one, and who can be texted about it."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from tests.builders import LONDON, NOON, seconds
from textbackd.core import alarms, sms_text
from textbackd.core.alarms import GLITCH, MEANINGS, Alarm, AlarmKind, News, Telling


def an_alarm(**values: Any) -> Alarm:
    """Of the modem gsm, since ``NOON``."""
    alarm = Alarm(
        id=12, kind=AlarmKind.MODEM_DOWN, subject="gsm", detail="it was unplugged", began_at=NOON, cleared_at=None
    )
    return dataclasses.replace(alarm, **values)


def raised(alarm: Alarm) -> Telling:
    return Telling(alarm=alarm, news=News.RAISED, attempts=0)


def cleared(alarm: Alarm) -> Telling:
    return Telling(alarm=alarm, news=News.CLEARED, attempts=0)


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_kind_says_what_is_wrong_and_what_to_do(kind: AlarmKind) -> None:
    """As half a sentence each, which names its subject if it has one; the owner's SMS keeps all of it in one part."""
    alarm = an_alarm(kind=kind)

    for words in (alarm.problem, alarm.remedy):
        assert words
        assert not words.endswith(".")
        assert "{" not in words
    assert ("{subject}" in MEANINGS[kind].problem) == ("gsm" in alarm.problem)
    assert alarms.text_message(raised(alarm), LONDON) == f"ALARM since 12:00: {alarm.problem}"
    assert dt.timedelta(0) <= MEANINGS[kind].lasting <= dt.timedelta(minutes=15)


def test_a_condition_is_an_alarm_once_it_has_lasted() -> None:
    """A modem that reboots, a PBX that restarts, a network that is changed: no alarm. A blocked SIM: at once."""
    assert NOON + seconds(120) == alarms.raised_at(AlarmKind.PBX_DOWN, NOON)
    assert NOON + seconds(120) == alarms.raised_at(AlarmKind.MODEM_DOWN, NOON)
    assert NOON + seconds(300) == alarms.raised_at(AlarmKind.MODEM_NOT_REGISTERED, NOON)
    assert NOON == alarms.raised_at(AlarmKind.SIM_PUK, NOON)


def test_when_an_alarm_goes_by_sms() -> None:
    """After the time that mail has for it; that mail itself fails has been waited for already."""
    assert NOON + alarms.TEXTED_AFTER == alarms.texted_at(AlarmKind.PBX_DOWN, NOON)
    assert NOON == alarms.texted_at(AlarmKind.MAIL_FAILING, NOON)
    assert NOON == alarms.texted_at(AlarmKind.GUARD_TRIPPED, NOON)


@pytest.mark.parametrize(
    ("kind", "lasting"),
    [
        (AlarmKind.MODEM_DOWN, seconds(0)),
        (AlarmKind.SIM_PIN, seconds(0)),
        (AlarmKind.SIM_PUK, seconds(0)),
        (AlarmKind.NO_SERVICE_CENTRE, GLITCH),
        (AlarmKind.MODEM_NOT_REGISTERED, GLITCH),
        (AlarmKind.ALL_SENDS_FAILING, GLITCH),
    ],
)
def test_a_text_leaves_only_by_a_modem_that_can_send(kind: AlarmKind, lasting: dt.timedelta) -> None:
    """What may be over in seconds silences nobody before it has lasted; of two modems one will do."""
    since = an_alarm(kind=kind)

    assert not alarms.can_text(["gsm"], [since], NOON + lasting)
    assert alarms.can_text(["gsm", "two"], [since], NOON + lasting)
    if lasting:
        assert alarms.can_text(["gsm"], [since], NOON + lasting - seconds(1))


def test_a_modem_with_another_alarm_still_sends() -> None:
    """Such as a full SIM; and an alarm of a PBX of the same name is none of the modem."""
    assert alarms.can_text(["gsm"], [], NOON)
    harmless = [an_alarm(kind=kind) for kind in (AlarmKind.SIM_FULL, AlarmKind.PBX_DOWN, AlarmKind.LOOP_TEST_FAILED)]
    assert alarms.can_text(["gsm"], harmless, NOON + seconds(3600))
    assert not alarms.can_text([], [], NOON)


def test_why_a_modem_that_answers_cannot_send() -> None:
    """Each reason of its own; none of another modem, and none that it would not answer with."""
    found = [
        an_alarm(kind=AlarmKind.ALL_SENDS_FAILING),
        an_alarm(kind=AlarmKind.NO_SERVICE_CENTRE),
        an_alarm(kind=AlarmKind.MODEM_NOT_REGISTERED, subject="two"),
        an_alarm(kind=AlarmKind.MODEM_DOWN),
    ]
    both = {AlarmKind.ALL_SENDS_FAILING, AlarmKind.NO_SERVICE_CENTRE}
    assert both == alarms.why_mute("gsm", found, NOON + GLITCH)
    assert frozenset() == alarms.why_mute("gsm", found, NOON + GLITCH - seconds(1))
    assert frozenset() == alarms.why_mute("three", found, NOON + GLITCH)


def test_the_mail() -> None:
    """Times are those of the office; what is over needs no remedy."""
    summer = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)
    alarm = an_alarm(began_at=summer)

    assert "textbackd at Hill Plumbing: " + alarm.problem == alarms.headline(raised(alarm), "Hill\nPlumbing")
    assert "textbackd at Hill Plumbing: over: " + alarm.problem == alarms.headline(cleared(alarm), "Hill Plumbing")
    letter = alarms.letter(raised(alarm), LONDON)
    assert letter.startswith("Modem gsm does not answer")
    assert "Seen:   it was unplugged\nSince:  2026-07-01 13:00:00 (Europe/London)\nTo do:  look at" in letter
    letter = alarms.letter(cleared(dataclasses.replace(alarm, cleared_at=summer + seconds(60))), LONDON)
    assert "Until:  2026-07-01 13:01:00 (Europe/London)\n" in letter
    assert "To do" not in letter
    own = an_alarm(kind=AlarmKind.MAIL_FAILING, detail="")
    assert "Now it works again." in alarms.letter(cleared(own), LONDON)


def test_the_document() -> None:
    """Plain values, and one line that says it all."""
    alarm = an_alarm()
    document = alarms.document(raised(alarm), "Hill Plumbing")

    assert ("alarm.raised", "modem_down", "gsm") == (document["event"], document["kind"], document["subject"])
    assert f"textbackd at Hill Plumbing: {alarm.problem}. To do: {alarm.remedy}." == document["text"]
    assert None is document["cleared_at"]
    over = alarms.document(cleared(dataclasses.replace(alarm, cleared_at=NOON)), "Hill Plumbing")
    assert ("alarm.cleared", NOON.isoformat()) == (over["event"], over["cleared_at"])
    assert "To do" not in str(over["text"])


def test_each_telling_has_a_key_of_its_own() -> None:
    """The same at each try; another for the end, and for an alarm of the same number in another database."""
    alarm = an_alarm()

    assert "alarm-12-20261118T120000-raised" == raised(alarm).key
    assert raised(alarm).key == Telling(alarm=alarm, news=News.RAISED, attempts=3).key
    assert 3 == len({raised(alarm).key, cleared(alarm).key, raised(an_alarm(began_at=NOON + seconds(60))).key})


def test_the_owners_sms_is_one_part_whatever_the_name() -> None:
    """Cut where it is too long, also in letters that cost."""
    for name in ("m" * 300, "модем" * 60):
        assert 1 == len(sms_text.split(alarms.text_message(raised(an_alarm(subject=name)), LONDON)))
    assert alarms.text_message(cleared(an_alarm()), LONDON).startswith("OVER since 12:00: modem gsm")


def test_a_detail_is_one_line() -> None:
    """It stands in headers and logs; half an emoji is no text that a file can hold."""
    assert "a b c" == alarms.one_line(" a\r\nb\x07 c\n")
    assert "x y" == alarms.one_line("x\ud83dy")
    assert 500 == len(alarms.one_line("x" * 1000))
