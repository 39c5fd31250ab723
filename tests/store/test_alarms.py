"""Alarms on disk: one for each thing that is wrong, however often it is seen, and how far each channel has told it."""

import datetime as dt

from tests.builders import NOON, seconds
from textbackd.core.alarms import CALM, TEXTED_AFTER, WORTH_TELLING, AlarmKind, Channel, News
from textbackd.store import alarms
from textbackd.store.database import Database

MODEM, PUK, MAIL = AlarmKind.MODEM_DOWN, AlarmKind.SIM_PUK, AlarmKind.MAIL_FAILING
LASTED = NOON + seconds(120)
"""When a modem that is down since ``NOON`` is an alarm."""


async def begin(
    database: Database, kind: AlarmKind, at: dt.datetime, subject: str = "gsm", detail: str = "silent"
) -> None:
    async with database.transaction() as tx:
        await alarms.raise_(tx, kind, subject, detail, at)


async def end(database: Database, kind: AlarmKind, at: dt.datetime, subject: str = "gsm") -> None:
    async with database.transaction() as tx:
        await alarms.clear(tx, kind, subject, at)


async def tell(database: Database, at: dt.datetime, channel: Channel = Channel.MAIL) -> tuple[AlarmKind, News] | None:
    """What a channel has to tell; it gets through."""
    async with database.transaction() as tx:
        telling = await alarms.next_to_tell(tx, channel, at)
        if telling is None:
            return None
        await alarms.told(tx, telling, channel, at)
    return telling.alarm.kind, telling.news


async def text(database: Database, at: dt.datetime) -> tuple[AlarmKind, News] | None:
    """The same of what goes by SMS."""
    async with database.transaction() as tx:
        telling = await alarms.next_to_text(tx, at)
        if telling is None:
            return None
        await alarms.told(tx, telling, Channel.SMS, at)
    return telling.alarm.kind, telling.news


async def standing(database: Database, at: dt.datetime) -> list[tuple[str, str, dt.datetime]]:
    async with database.reading() as tx:
        return [(alarm.subject, alarm.detail, alarm.began_at) for alarm in await alarms.standing(tx, at)]


async def count(database: Database) -> int:
    async with database.reading() as tx:
        return int(await tx.value("SELECT count(*) FROM alarms"))


async def test_seen_often_it_is_one_alarm(database: Database) -> None:
    """Since the first time, with what was seen last; another modem's is another."""
    await begin(database, MODEM, NOON)
    await begin(database, MODEM, NOON + seconds(60), detail="gone\nfrom the bus")
    await begin(database, MODEM, NOON + seconds(30), subject="two")

    assert [] == await standing(database, LASTED - seconds(1))
    assert [("gsm", "gone from the bus", NOON)] == await standing(database, LASTED)
    assert ["gsm", "two"] == [subject for subject, _, _ in await standing(database, LASTED + seconds(30))]


async def test_what_did_not_last_leaves_no_trace(database: Database) -> None:
    """And nothing to tell."""
    await begin(database, MODEM, NOON)
    await end(database, MODEM, NOON + seconds(119))

    assert 0 == await count(database)
    assert None is await tell(database, LASTED)


async def test_it_may_have_begun_before_it_was_written_down(database: Database) -> None:
    """Such as while the database was locked."""
    async with database.transaction() as tx:
        await alarms.raise_(tx, MODEM, "gsm", "", LASTED, began_at=NOON)

    assert [("gsm", "", NOON)] == await standing(database, LASTED)


async def test_an_alarm_and_its_end_are_told_once(database: Database) -> None:
    """The end once it has been calm for a while; each channel for itself."""
    await begin(database, MODEM, NOON)

    assert None is await tell(database, LASTED - seconds(1))
    assert (MODEM, News.RAISED) == await tell(database, LASTED)
    assert None is await tell(database, LASTED + seconds(600))
    over = LASTED + seconds(600)
    await end(database, MODEM, over)
    assert [] == await standing(database, over)
    assert None is await tell(database, over + CALM - seconds(1))
    assert (MODEM, News.CLEARED) == await tell(database, over + CALM)
    assert None is await tell(database, over + CALM)
    assert (MODEM, News.CLEARED) == await tell(database, over + CALM, Channel.WEBHOOK)
    assert None is await tell(database, over + CALM, Channel.WEBHOOK)


async def test_what_comes_and_goes_is_one_alarm(database: Database) -> None:
    """As long as nobody was told of its end."""
    await begin(database, PUK, NOON)
    assert (PUK, News.RAISED) == await tell(database, NOON)
    for minute in range(1, 20):
        at = NOON + seconds(60 * minute)
        await end(database, PUK, at)
        await begin(database, PUK, at + seconds(30))
        assert None is await tell(database, at + seconds(59))

    assert 1 == await count(database)
    assert [("gsm", "silent", NOON)] == await standing(database, NOON + seconds(1200))


async def test_after_the_calm_it_is_a_new_alarm(database: Database) -> None:
    """Which is told anew."""
    await begin(database, PUK, NOON)
    await end(database, PUK, NOON)
    await begin(database, PUK, NOON + CALM + seconds(1))

    assert 2 == await count(database)
    assert (PUK, News.CLEARED) == await tell(database, NOON + CALM + seconds(1))
    assert (PUK, News.RAISED) == await tell(database, NOON + CALM + seconds(1))
    # The end of the first one has been told: it cannot go on.
    await end(database, PUK, NOON + CALM + seconds(2))
    assert (PUK, News.CLEARED) == await tell(database, NOON + 3 * CALM)
    await begin(database, PUK, NOON + CALM + seconds(3))
    assert 3 == await count(database)


async def test_what_does_not_get_through_is_tried_again(database: Database) -> None:
    """At its time; once one thing gets through, all the others are due."""
    await begin(database, PUK, NOON)
    await begin(database, PUK, NOON, subject="two")
    async with database.transaction() as tx:
        for seconds_later in (60, 600):
            telling = await alarms.next_to_tell(tx, Channel.MAIL, NOON)
            assert telling is not None
            await alarms.not_told(tx, telling, Channel.MAIL, "busy\nnow", NOON + seconds(seconds_later))
        assert None is await alarms.next_to_tell(tx, Channel.MAIL, NOON + seconds(59))
        again = await alarms.next_to_tell(tx, Channel.MAIL, NOON + seconds(60))
        assert again is not None
        assert ("gsm", 1) == (again.alarm.subject, again.attempts)
        (row,) = await alarms.tellings(tx, again.alarm.id)
        assert ("mail", "", 1, "busy now") == tuple(row[key] for key in ("channel", "told", "attempts", "error"))
        await alarms.told(tx, again, Channel.MAIL, NOON + seconds(60))
        (row,) = await alarms.tellings(tx, again.alarm.id)
        assert ("raised", 0, "") == (row["told"], row["attempts"], row["error"])
        other = await alarms.next_to_tell(tx, Channel.MAIL, NOON + seconds(60))
        assert other is not None
        assert "two" == other.alarm.subject


async def test_what_is_over_before_it_was_told_is_told_once(database: Database) -> None:
    """As over; but not a year later, on a channel that has just been configured."""
    await begin(database, PUK, NOON)
    await end(database, PUK, NOON + seconds(60))

    assert (PUK, News.CLEARED) == await tell(database, NOON + seconds(60))
    assert None is await tell(database, NOON + CALM * 2)
    assert None is await tell(database, NOON + WORTH_TELLING + seconds(60), Channel.WEBHOOK)


async def test_a_channel_that_tells_of_its_own_failure_is_well(database: Database) -> None:
    """It says that it is over; the others are told that it began."""
    await begin(database, MAIL, NOON, subject="")
    at = NOON + seconds(900)

    assert (MAIL, News.RAISED) == await tell(database, at, Channel.WEBHOOK)
    assert (MAIL, News.CLEARED) == await tell(database, at)


async def test_the_owners_are_texted_what_nobody_else_told(database: Database) -> None:
    """After its time; and then also that it is over."""
    await begin(database, PUK, NOON)
    late = NOON + TEXTED_AFTER

    assert None is await text(database, late - seconds(1))
    assert (PUK, News.RAISED) == await text(database, late)
    assert None is await text(database, late)
    await end(database, PUK, late)
    assert None is await text(database, late + CALM - seconds(1))
    assert (PUK, News.CLEARED) == await text(database, late + CALM)
    assert None is await text(database, late + CALM)


async def test_the_owners_are_not_texted_what_others_told(database: Database) -> None:
    """Nor what is over. The log is no other: nobody reads it."""
    await begin(database, PUK, NOON)
    await begin(database, PUK, NOON, subject="two")
    await tell(database, NOON, Channel.WEBHOOK)
    await tell(database, NOON, Channel.LOG)
    await tell(database, NOON, Channel.LOG)
    late = NOON + TEXTED_AFTER
    await begin(database, PUK, NOON, subject="three")
    await end(database, PUK, late, subject="three")

    assert (PUK, News.RAISED) == await text(database, late)  # two's
    assert None is await text(database, late + CALM)
    async with database.reading() as tx:
        sql = "SELECT subject FROM alarms JOIN alarm_tellings ON alarm_id = alarms.id WHERE channel = 'sms'"
        assert ["two"] == [row["subject"] for row in await tx.all(sql)]


async def test_that_mail_fails_is_texted_at_once(database: Database) -> None:
    """It has lasted before it was an alarm."""
    await begin(database, MAIL, NOON, subject="")

    assert None is await text(database, NOON + seconds(899))
    assert (MAIL, News.RAISED) == await text(database, NOON + seconds(900))


async def test_what_was_taken_out_of_the_configuration_is_over(database: Database) -> None:
    """Nobody would ever see that it is well again."""
    await begin(database, PUK, NOON)
    await begin(database, PUK, NOON, subject="sold")
    await begin(database, MAIL, NOON - seconds(900), subject="")
    async with database.transaction() as tx:
        await alarms.clear_all_but(tx, dict.fromkeys(AlarmKind, ("gsm",)), NOON)

    assert [("gsm", "silent", NOON)] == await standing(database, NOON)


async def test_the_latest_alarms(database: Database) -> None:
    """Open or over, newest first; not what has yet to last."""
    await begin(database, PUK, NOON)
    await end(database, PUK, NOON + seconds(1))
    await begin(database, PUK, NOON + seconds(60), subject="two")
    await begin(database, MODEM, NOON + seconds(60))
    async with database.reading() as tx:
        found = await alarms.latest(tx, 5, NOON + seconds(60))
        last = await alarms.latest(tx, 1, NOON + seconds(60))

    assert [("two", None), ("gsm", NOON + seconds(1))] == [(alarm.subject, alarm.cleared_at) for alarm in found]
    assert found[:1] == list(last)


async def test_a_clock_that_is_set_back_loses_no_record(database: Database) -> None:
    """What was told as an alarm stays one, though its time has not come by the new clock."""
    await begin(database, MODEM, NOON)
    await tell(database, LASTED)
    await end(database, MODEM, NOON)

    assert 1 == await count(database)
