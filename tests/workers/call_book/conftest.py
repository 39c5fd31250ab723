"""A call book, and one behind a watcher."""

import pytest

from tests.workers.call_book.book import Book
from tests.workers.call_book.watch import Watch
from tests.workers.far_ends import ManualClock
from textbackd.store.database import Database


@pytest.fixture
def book(database: Database, clock: ManualClock) -> Book:
    return Book(database, clock)


@pytest.fixture
def watch(database: Database, clock: ManualClock) -> Watch:
    return Watch(database, clock)
