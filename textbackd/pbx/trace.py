"""Recorded streams: the bytes as they came, and beside them when they came.

``FILE.ami`` holds the bytes, ``FILE.times.json`` pairs of [offset of a chunk's first byte, Unix time of its arrival].
"""

import bisect
import datetime as dt
import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from textbackd.errors import UserError
from textbackd.pbx import ami_stream
from textbackd.pbx.source import PbxUnavailable


class Trace:
    """One recorded AMI stream."""

    def __init__(self, path: Path, data: bytes, times: list[tuple[int, float]]) -> None:
        self._path = path
        self._data = data
        self._offsets = [offset for offset, _time in times]
        self._times = [time for _offset, time in times]

    @classmethod
    def read(cls, path: Path) -> "Trace":
        """The stream in ``path`` (``.gz`` too) with its times, if they lie beside it. Raises UserError."""
        try:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
        if b"Event: " not in data and b"Asterisk Call Manager" not in data:
            raise UserError(f"{path}: this is no recorded AMI stream; textbackd trace record makes one")
        if b"\r\n" not in data:
            raise UserError(f"{path}: its line ends were converted; AMI has CR LF (unix2dos brings them back)")
        return cls(path, data, _times(path))

    @property
    def timed(self) -> bool:
        """Whether it is known when things happened."""
        return bool(self._times) or b"\r\nTimestamp: " in self._data

    def messages(self) -> Iterator[tuple[dt.datetime, ami_stream.Message]]:
        """The messages with their times; one time for all where only the day is known."""
        at = self._day()
        try:
            for offset, block in ami_stream.AmiReader().blocks(self._data):
                message = ami_stream.parsed(block)
                at = self._time_of(offset + len(block) + 3, message) or at
                yield at, message
        except PbxUnavailable as error:
            raise UserError(f"{self._path}: {error}") from error

    def _day(self) -> dt.datetime:
        """When the first channel was made, which its Uniqueid tells to the second; the hours of a call hang on it."""
        made = re.search(rb"\r\nUniqueid: (?:\S+-)?(\d{9,10})\.\d", self._data)
        return dt.datetime.fromtimestamp(int(made[1]) if made else 0, dt.UTC)

    def _time_of(self, last_byte: int, message: ami_stream.Message) -> dt.datetime | None:
        """When a message was complete; else what Asterisk says (``timestampevents`` in manager.conf)."""
        if self._times:
            chunk = max(bisect.bisect_right(self._offsets, last_byte) - 1, 0)
            return dt.datetime.fromtimestamp(self._times[chunk], dt.UTC)
        try:
            return dt.datetime.fromtimestamp(float(message["Timestamp"]), dt.UTC)
        except (KeyError, ValueError, OverflowError):
            return None


class Recorder:
    """Writes a stream and its times as they come; made at the first byte, for the eyes of its owner only.

    What is on disk can be played at every moment, also when the disk is full, or this process is killed.
    """

    def __init__(self, path: Path) -> None:
        """Raises UserError where one of the files is there already, or cannot be."""
        if not os.access(path.parent, os.W_OK):
            raise UserError(f"{path}: cannot be written: {path.parent} is not there, or not yours")
        for there in (path, sidecar_of(path)):
            if there.exists():
                raise UserError(f"{there}: File exists; choose another name, or remove it")
        if path.suffix == ".gz":
            raise UserError(f"{path}: the stream is written as it comes, not packed; choose a name without .gz")
        self._path = path
        self._stream: io.FileIO | None = None
        self._times: io.FileIO | None = None

    def write(self, data: bytes, at: dt.datetime) -> None:
        """Keep what just arrived. Raises OSError; nothing is to be written after that."""
        self._stream = self._stream or _made(self._path)
        self._times = self._times or _made(sidecar_of(self._path))
        self._note(self._times, self._stream.tell(), at)
        _write_whole(self._stream, data)

    def discard(self) -> None:
        """Forget what was recorded."""
        for file in filter(None, (self._stream, self._times)):
            file.seek(0)
            file.truncate()

    def close(self) -> int:
        """Bytes recorded; no file stays where there are none."""
        size = self._stream.tell() if self._stream else 0
        for file, path in ((self._stream, self._path), (self._times, sidecar_of(self._path))):
            if file is not None:
                file.close()
                if not size:
                    path.unlink()
        return size

    @staticmethod
    def _note(times: io.FileIO, offset: int, at: dt.datetime) -> None:
        """Add a pair to the list, in the place of the bracket that closes it."""
        end = max(times.tell() - 1, 0)
        times.seek(end)
        try:
            _write_whole(times, f"{',' if end else '['}[{offset}, {at.timestamp()}]]".encode())
        except OSError:
            if end:
                times.seek(end)
                times.write(b"]")  # over a byte that is there, so it needs no room
                times.truncate()
            raise


def _made(path: Path) -> io.FileIO:
    # Not buffered: what a buffer holds is lost with the process, and fails when it is too late to tell.
    return io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")


def _write_whole(file: io.FileIO, data: bytes) -> None:
    """A nearly full disk takes a part, and raises OSError at the rest."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def sidecar_of(path: Path) -> Path:
    """``x.ami`` and ``x.ami.gz`` -> ``x.times.json``."""
    return path.with_name(path.name.removesuffix(".gz").removesuffix(".ami") + ".times.json")


def _times(path: Path) -> list[tuple[int, float]]:
    sidecar = sidecar_of(path)
    try:
        pairs = json.loads(sidecar.read_text(encoding="utf-8"))
        times = sorted((int(offset), float(time)) for offset, time in pairs)
        for _offset, time in times:
            dt.datetime.fromtimestamp(time, dt.UTC)
        return times
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise UserError(f"{sidecar}: no list of [offset, time]: {error}") from error
