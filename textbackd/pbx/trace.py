"""Recorded streams: the bytes as they came, and beside them when they came.

``FILE.ami`` holds the bytes, ``FILE.times.json`` pairs of [offset of a chunk's first byte, Unix time of its arrival].
"""

import bisect
import datetime as dt
import gzip
import json
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

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
    """Writes a stream and its times as they come; made at the first byte, for the eyes of its owner only."""

    def __init__(self, path: Path) -> None:
        """Raises UserError where one of the files is there already, or cannot be."""
        if not os.access(path.parent, os.W_OK):
            raise UserError(f"{path}: cannot be written: {path.parent} is not there, or not yours")
        for there in (path, sidecar_of(path)):
            if there.exists():
                raise UserError(f"{there}: File exists; choose another name, or remove it")
        self._path = path
        self._file: IO[bytes] | None = None
        self._offset = 0
        self._times: list[tuple[int, float]] = []

    def write(self, data: bytes, at: dt.datetime) -> None:
        """Keep what just arrived. Raises OSError."""
        if self._file is None:
            self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._times.append((self._offset, at.timestamp()))
        self._file.write(data)
        self._offset += len(data)

    def close(self) -> int:
        """Write the times beside the stream: bytes recorded; nothing is made where there are none."""
        if self._file is not None:
            self._file.close()
            sidecar_of(self._path).touch(mode=0o600)
            sidecar_of(self._path).write_text(json.dumps(self._times), encoding="utf-8")
        return self._offset


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
