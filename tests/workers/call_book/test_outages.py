"""Texts that wait while nobody watches the PBX: their callers may have got through meanwhile."""

import dataclasses
import datetime as dt

import pytest

from tests.builders import NOON, OWNER, a_call, seconds
from tests.workers.call_book.book import ANNA, Book, an_answered_call
from tests.workers.far_ends import ManualClock
from textbackd.core import channel_events as ev
from textbackd.core.policy import Policy
from textbackd.store.database import Database
from textbackd.workers.call_watcher import CallWatcher
from textbackd.workers.catch_up import Cdr


def watcher(database: Database, policy: Policy, cdr: Cdr | None = None) -> CallWatcher:
    return CallWatcher("asterisk", database, lambda: policy, lambda: None, keep_link=True, cdr=cdr)


async def outage(watcher: CallWatcher, clock: ManualClock, length: dt.timedelta) -> None:
    """The link is lost now, and is back after a while; no call is up."""
    await watcher.take(ev.LinkLost(at=clock()), clock())
    clock.now += length
    await watcher.take(ev.SnapshotTaken(at=clock(), channels=frozenset()), clock())


async def a_missed_call(book: Book, watcher: CallWatcher) -> None:
    """One that was seen, with its text on its way."""
    await watcher.take(ev.SnapshotTaken(at=NOON, channels=frozenset()), NOON)
    await book.keep(a_call())


async def test_who_may_have_got_through_unseen_is_not_texted(
    book: Book, database: Database, clock: ManualClock
) -> None:
    """A minute without a link, and no record of it: the text is cancelled, the lead stays, the owner is told."""
    policy = dataclasses.replace(book.policy, delay=seconds(90))
    book.policy = policy
    watched = watcher(database, policy)
    await a_missed_call(book, watched)
    await outage(watched, clock, seconds(60))

    assert ("caller", "cancelled", "perhaps_served") in await book.texts()
    assert "new" == (await book.lead())[0]
    assert [(OWNER, "owner")] == await book.leaves(after=300)


@pytest.mark.parametrize(("length", "expected"), [(4.9, "queued"), (5.1, "cancelled")])
async def test_a_moment_without_a_link_hides_no_talk(
    book: Book, database: Database, clock: ManualClock, length: float, expected: str
) -> None:
    """Ringing, an answer and two seconds of talk need more."""
    watched = watcher(database, book.policy)
    await a_missed_call(book, watched)
    await outage(watched, clock, seconds(length))

    assert expected == (await book.texts())[0][1]


async def test_a_text_was_made_by_somebody_who_watched(book: Book, database: Database, clock: ManualClock) -> None:
    """When a process was killed it is known to a minute only when it watched last; its texts know better."""
    await a_missed_call(book, watcher(database, book.policy))
    clock.now += seconds(2)
    await watcher(database, book.policy).take(ev.SnapshotTaken(at=clock(), channels=frozenset()), clock())

    assert ("caller", "queued", "") in await book.texts()


async def test_another_pbx_hides_nothing(book: Book, database: Database, clock: ManualClock) -> None:
    """Only the calls of the one that nobody watched."""
    await a_missed_call(book, watcher(database, book.policy))
    other = CallWatcher("other", database, lambda: book.policy, lambda: None, keep_link=True)
    await other.take(ev.SnapshotTaken(at=NOON, channels=frozenset()), NOON)
    await outage(other, clock, seconds(60))

    assert ("caller", "queued", "") in await book.texts()


async def test_of_two_calls_the_later_may_be_answered_first(book: Book) -> None:
    """The caller waits in the queue, rings with another phone and talks; then the first call is given up: no text, and
    the lead is settled.
    """
    await book.keep(an_answered_call(ANNA))
    waited = a_call()
    await book.keep(
        dataclasses.replace(waited, record=dataclasses.replace(waited.record, ended_at=NOON + seconds(200)))
    )

    assert ("contacted", "101 Anna", 60.0, False) == await book.lead()
    assert [] == [text for text in await book.texts() if text[0] == "caller"]
