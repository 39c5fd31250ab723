"""The file that Asterisk's ``cdr_csv`` writes (``Master.csv``): a line for each leg of a channel, once that is over.

There is no heading. Sixteen columns are always there; ``loguniqueid``, ``loguserfield`` and ``newcdrcolumns`` in
cdr.conf add more. Times are local, or UTC (``usegmtime``), and do not say which. Measured on 16.28 and 22.10.
``CdrFile`` reads any file of lines, so FreeSWITCH's too.
"""

import contextlib
import csv
import dataclasses
import datetime as dt
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol, TypeVar

from textbackd.errors import UserError

DISPOSITIONS = frozenset({"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION", "CANCEL"})
"""The last two only where cdr.conf asks for them."""

_COLUMNS = 16
_UNIQUEID = re.compile(r"(?:.+-)?(\d{9,10})\.\d+")
_SAMPLE = 100
"""Lines; the first ones of a file may be torn, not all."""
_CHUNK = 1 << 20
_NEAR = 1 << 16
_MARGIN = dt.timedelta(days=1)
"""Lines come in the order in which calls end, but for batches, summer time and a zone that is not known."""
_ROUNDED = dt.timedelta(seconds=1)
"""What a time that is cut to its second may differ from a length that is."""


class _Row(Protocol):
    @property
    def ended_at(self) -> dt.datetime:
        """Naive."""


R = TypeVar("R", bound=_Row)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CdrRow:
    """One line. Times are naive, as they were written."""

    source: str
    destination: str
    context: str
    caller_id: str
    channel: str
    far_channel: str
    application: str
    data: str
    started_at: dt.datetime
    answered_at: dt.datetime | None
    ended_at: dt.datetime
    seconds: int
    """From the start to the end."""
    answered_seconds: int
    """From the answer to the end."""
    disposition: str
    uniqueid: str
    """Empty where the file has none."""

    @property
    def channel_made_at(self) -> int | None:
        """The Unix time that the Uniqueid tells."""
        found = _UNIQUEID.fullmatch(self.uniqueid)
        return int(found[1]) if found else None


class CdrFile:
    """A file of lines. It may be large, packed (``.gz``), and the PBX may be writing it."""

    def __init__(self, path: Path) -> None:
        """Raises UserError where it cannot be read."""
        self._path = path
        with self._opened() as file:
            self._sample = [line for line in (file.readline() for _ in range(_SAMPLE)) if line.strip()]

    @property
    def is_empty(self) -> bool:
        """It was just rotated."""
        return not self._sample

    def has(self, row: Callable[[bytes], object | None]) -> bool:
        """Whether lines at its beginning are of that kind."""
        return any(map(row, self._sample))

    def rows(self, since: dt.datetime | None = None) -> Iterator[CdrRow]:
        """Asterisk's lines in their order but the torn ones, and perhaps those that end before ``since`` (naive)."""
        return self.rows_of(row, since)

    def rows_of(self, row: Callable[[bytes], R | None], since: dt.datetime | None = None) -> Iterator[R]:
        """The same of another kind of line."""
        with self._opened() as file:
            if since is not None and self._path.suffix != ".gz":
                _seek(file, row, since - _MARGIN)
            for line in file:
                if found := row(line):
                    yield found

    def matches(self, pattern: "re.Pattern[bytes]") -> Iterator["re.Match[bytes]"]:
        """Every match of a pattern that keeps within a line: fast, since no line is taken apart."""
        with self._opened() as file:
            torn = b""
            while chunk := file.read(_CHUNK):
                lines, newline, torn = (torn + chunk).rpartition(b"\n")
                yield from pattern.finditer(lines + newline)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        """The one door where errors of the file become ours."""
        try:
            with self._path.open("rb") as file:
                if self._path.suffix == ".gz":
                    with gzip.open(file) as unpacked:
                        yield unpacked  # type: ignore[misc]
                else:
                    yield file
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(f"{self._path}: {getattr(error, 'strerror', None) or error}") from error


def row(line: bytes) -> CdrRow | None:
    """A line that is whole; None where it was torn by a crash, or is being written."""
    if not line.endswith(b"\n"):
        return None
    try:
        # A line at a time: the quote that a torn line leaves open must not swallow the next ones.
        fields = next(csv.reader([line.decode("utf-8", "replace")]))
        started_at, seconds = _time(fields[9]), int(fields[12])
        found = CdrRow(
            source=fields[1],
            destination=fields[2],
            context=fields[3],
            caller_id=fields[4],
            channel=fields[5],
            far_channel=fields[6],
            application=fields[7],
            data=fields[8],
            started_at=started_at,
            answered_at=_time(fields[10]) if fields[10] else None,
            ended_at=_end(started_at, seconds, _time(fields[11])),
            seconds=seconds,
            answered_seconds=int(fields[13]),
            disposition=fields[14],
            uniqueid=fields[16] if len(fields) > _COLUMNS and _UNIQUEID.fullmatch(fields[16]) else "",
        )
    except (ValueError, IndexError, csv.Error, StopIteration):
        return None
    return found if len(fields) >= _COLUMNS and found.disposition in DISPOSITIONS else None


def _end(started_at: dt.datetime, seconds: int, written: dt.datetime) -> dt.datetime:
    """The end as it was written, but on the same clock as the start when it was put forward or back in mid-call."""
    end = started_at + dt.timedelta(seconds=seconds)
    return written if end <= written <= end + _ROUNDED else end


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=None)


def _seek(file: IO[bytes], row: Callable[[bytes], _Row | None], moment: dt.datetime) -> None:
    """Go to a place before the first line that ends at ``moment`` or later, and not far from it."""
    low, high = 0, file.seek(0, 2)
    while high - low > _NEAR:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()
        found = next((found for line in file if (found := row(line))), None)
        if found is not None and found.ended_at < moment:
            low = middle
        else:
            high = middle
    file.seek(low)
