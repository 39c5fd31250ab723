"""Recorded streams: the bytes as they came, and beside them when they came.

``FILE.ami`` holds the bytes, ``FILE.times.json`` pairs of [offset of a chunk's first byte, Unix time of its arrival].
"""

import bisect
import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textbackd.errors import UserError
from textbackd.pbx import ami_stream


class Trace:
    """One recorded AMI stream."""

    def __init__(self, data: bytes, times: list[tuple[int, float]]) -> None:
        self._data = data
        self._offsets = [offset for offset, _time in times]
        self._times = [time for _offset, time in times]

    @classmethod
    def read(cls, path: Path) -> "Trace":
        """The stream in ``path`` (``.gz`` too) with its times, if they lie beside it. Raises UserError."""
        try:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        except (OSError, EOFError, gzip.BadGzipFile) as error:
            raise UserError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
        if b"Event: " not in data and b"Asterisk Call Manager" not in data:
            raise UserError(f"{path}: this is no recorded AMI stream; textbackd trace record makes one")
        return cls(data, _times(path))

    @property
    def timed(self) -> bool:
        """Whether it is known when things happened."""
        return bool(self._times) or b"\r\nTimestamp: " in self._data

    def messages(self) -> Iterator[tuple[dt.datetime, ami_stream.Message]]:
        """The messages with their times; the same time for all where nothing is known of it."""
        at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        for offset, block in ami_stream.AmiReader().blocks(self._data):
            message = ami_stream.parsed(block)
            at = self._time_of(offset + len(block) + 3, message) or at
            yield at, message

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
    """Writes a stream and its times as they come."""

    def __init__(self, path: Path) -> None:
        """Raises UserError where the file is there already, or cannot be made."""
        self._path = path
        self._offset = 0
        self._times: list[list[Any]] = []
        try:
            self._file = path.open("xb")
        except OSError as error:
            raise UserError(f"{path}: {error.strerror}") from error

    def write(self, data: bytes, at: dt.datetime) -> None:
        """Keep what just arrived."""
        self._times.append([self._offset, at.timestamp()])
        self._file.write(data)
        self._offset += len(data)

    def close(self) -> int:
        """Write the times beside the stream: bytes recorded."""
        self._file.close()
        sidecar_of(self._path).write_text(json.dumps(self._times), encoding="utf-8")
        return self._offset


def sidecar_of(path: Path) -> Path:
    """``x.ami`` and ``x.ami.gz`` -> ``x.times.json``."""
    return path.with_name(path.name.removesuffix(".gz").removesuffix(".ami") + ".times.json")


def _times(path: Path) -> list[tuple[int, float]]:
    sidecar = sidecar_of(path)
    try:
        pairs = json.loads(sidecar.read_text(encoding="utf-8"))
        return sorted((int(offset), float(time)) for offset, time in pairs)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{sidecar}: no list of [offset, time]: {error}") from error
