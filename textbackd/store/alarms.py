"""Alarms, and how far each channel has told them. One open row for each kind and subject.

``raise_`` and ``clear`` may be called at every look at a thing: they change what has changed. A restart finds here what
began before it and what is still to be told.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence

from textbackd.core import alarms as rules
from textbackd.core.alarms import Alarm, AlarmKind, Channel, News, Telling
from textbackd.store.database import Row, Transaction, moment, stamp


async def raise_(
    tx: Transaction,
    kind: AlarmKind,
    subject: str,
    detail: str,
    now: dt.datetime,
    *,
    began_at: dt.datetime | None = None,
) -> None:
    """The condition holds, since ``began_at`` (by default now). It is an alarm once it has lasted.

    One that was gone for less than ``CALM``, and whose end nobody was told, goes on.
    """
    began, seen = began_at or now, rules.one_line(detail)
    await tx.run(
        "UPDATE alarms SET cleared_at = NULL WHERE kind = ?1 AND subject = ?2 AND cleared_at > ?3"
        " AND NOT EXISTS (SELECT 1 FROM alarms WHERE kind = ?1 AND subject = ?2 AND cleared_at IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM alarm_tellings WHERE alarm_id = alarms.id AND told = 'cleared')",
        kind,
        subject,
        stamp(now - rules.CALM),
    )
    await tx.run(
        "INSERT INTO alarms (kind, subject, detail, began_at, raised_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (kind, subject) WHERE cleared_at IS NULL"
        " DO UPDATE SET detail = excluded.detail WHERE detail <> excluded.detail",
        kind,
        subject,
        seen,
        stamp(began),
        stamp(rules.raised_at(kind, began)),
    )


async def clear(tx: Transaction, kind: AlarmKind, subject: str, now: dt.datetime) -> None:
    """The condition is gone. What was no alarm yet leaves no trace."""
    await tx.run(
        "DELETE FROM alarms WHERE kind = ?1 AND subject = ?2 AND cleared_at IS NULL AND raised_at > ?3"
        " AND id NOT IN (SELECT alarm_id FROM alarm_tellings)",  # the clock may have been set back
        kind,
        subject,
        stamp(now),
    )
    await tx.run(
        "UPDATE alarms SET cleared_at = ?3 WHERE kind = ?1 AND subject = ?2 AND cleared_at IS NULL",
        kind,
        subject,
        stamp(now),
    )


async def clear_all_but(tx: Transaction, subjects: Mapping[AlarmKind, Collection[str]], now: dt.datetime) -> None:
    """End what is open of anything else: it was taken out of the configuration, and nobody looks at it any more."""
    for row in await tx.all("SELECT kind, subject FROM alarms WHERE cleared_at IS NULL"):
        kind = AlarmKind(row["kind"])
        if row["subject"] not in subjects[kind]:
            await clear(tx, kind, row["subject"], now)


async def is_open(tx: Transaction, kind: AlarmKind, subject: str) -> bool:
    """Whether the condition holds, as far as anybody has said."""
    sql = "SELECT EXISTS (SELECT 1 FROM alarms WHERE kind = ?1 AND subject = ?2 AND cleared_at IS NULL)"
    return bool(await tx.value(sql, kind, subject))


async def standing(tx: Transaction, now: dt.datetime) -> Sequence[Alarm]:
    """The alarms that are open, oldest first; not those that have yet to last."""
    rows = await tx.all(
        "SELECT * FROM alarms WHERE cleared_at IS NULL AND raised_at <= ?1 ORDER BY raised_at, id", stamp(now)
    )
    return [_alarm(row) for row in rows]


async def conditions(tx: Transaction) -> Sequence[Alarm]:
    """All that holds, oldest first: also what has yet to last before it is an alarm."""
    return [_alarm(row) for row in await tx.all("SELECT * FROM alarms WHERE cleared_at IS NULL ORDER BY began_at, id")]


async def latest(tx: Transaction, most: int, now: dt.datetime) -> Sequence[Alarm]:
    """The last alarms, open or over, newest first."""
    sql = "SELECT * FROM alarms WHERE raised_at <= ?1 ORDER BY raised_at DESC, id DESC LIMIT ?2"
    return [_alarm(row) for row in await tx.all(sql, stamp(now), most)]


async def tellings(tx: Transaction, alarm_id: int) -> Sequence[Row]:
    """How far each channel has told an alarm: channel, told, attempts, due_at, error."""
    return await tx.all("SELECT * FROM alarm_tellings WHERE alarm_id = ?1 ORDER BY channel", alarm_id)


async def next_to_tell(tx: Transaction, channel: Channel, now: dt.datetime) -> Telling | None:
    """What a channel has to tell now, the oldest first. What is over before it was told is told as over, once."""
    row = await tx.one(
        "SELECT alarms.*, coalesce(told, '') AS told, coalesce(attempts, 0) AS attempts FROM alarms"
        " LEFT JOIN alarm_tellings ON alarm_id = alarms.id AND channel = ?1"
        " WHERE raised_at <= ?2 AND coalesce(due_at, '') <= ?2 AND coalesce(cleared_at, ?2) > ?4"
        " AND (coalesce(told, '') = '' OR (told = 'raised' AND cleared_at <= ?3))"
        " ORDER BY raised_at, alarms.id LIMIT 1",
        channel,
        stamp(now),
        stamp(now - rules.CALM),
        stamp(now - rules.WORTH_TELLING),
    )
    if row is None:
        return None
    alarm = _alarm(row)
    # A channel that tells of its own failure proves that it is over.
    over = alarm.cleared_at is not None or alarm.kind is rules.OWN_KIND.get(channel)
    return Telling(alarm=alarm, news=News.CLEARED if over else News.RAISED, attempts=row["attempts"])


async def next_to_text(tx: Transaction, now: dt.datetime) -> Telling | None:
    """What goes to the owners by SMS: an alarm that no other channel told in its time, or that always goes; and the
    end of such a one.
    """
    rows = await tx.all(
        "SELECT alarms.*, coalesce(told, '') AS told FROM alarms"
        " LEFT JOIN alarm_tellings ON alarm_id = alarms.id AND channel = 'sms'"
        " WHERE raised_at <= ?1 AND (told = 'raised' AND cleared_at <= ?2 AND cleared_at > ?3"
        " OR coalesce(told, '') = '' AND cleared_at IS NULL"
        " AND (kind IN (SELECT value FROM json_each(?4)) OR NOT EXISTS ("
        "  SELECT 1 FROM alarm_tellings AS other WHERE other.alarm_id = alarms.id"
        "  AND other.channel IN ('mail', 'webhook') AND other.told <> '')))"
        " ORDER BY raised_at, alarms.id",
        stamp(now),
        stamp(now - rules.CALM),
        stamp(now - rules.WORTH_TELLING),
        json.dumps(sorted(rules.ALWAYS_TEXTED)),
    )
    for row in rows:
        news = News.CLEARED if row["told"] else News.RAISED
        if news is News.CLEARED or rules.texted_at(AlarmKind(row["kind"]), moment(row["raised_at"])) <= now:
            return Telling(alarm=_alarm(row), news=news, attempts=0)
    return None


async def told(tx: Transaction, telling: Telling, channel: Channel, now: dt.datetime) -> None:
    """It got through; so what else waits for this channel is due."""
    await tx.run(
        "INSERT INTO alarm_tellings (alarm_id, channel, told, due_at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (alarm_id, channel) DO UPDATE SET told = excluded.told, attempts = 0, error = '',"
        " due_at = excluded.due_at",
        telling.alarm.id,
        channel,
        telling.news,
        stamp(now),
    )
    await tx.run("UPDATE alarm_tellings SET due_at = ?2 WHERE channel = ?1 AND due_at > ?2", channel, stamp(now))


async def not_told(tx: Transaction, telling: Telling, channel: Channel, error: str, due_at: dt.datetime) -> None:
    """It did not get through; try again then."""
    await tx.run(
        "INSERT INTO alarm_tellings (alarm_id, channel, attempts, due_at, error) VALUES (?1, ?2, 1, ?3, ?4)"
        " ON CONFLICT (alarm_id, channel) DO UPDATE SET attempts = attempts + 1, due_at = excluded.due_at,"
        " error = excluded.error",
        telling.alarm.id,
        channel,
        stamp(due_at),
        rules.one_line(error),
    )


def _alarm(row: Row) -> Alarm:
    return Alarm(
        id=row["id"],
        kind=AlarmKind(row["kind"]),
        subject=row["subject"],
        detail=row["detail"],
        began_at=moment(row["began_at"]),
        cleared_at=moment(row["cleared_at"]) if row["cleared_at"] else None,
    )
