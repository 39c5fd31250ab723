"""Recorded streams: the bytes as they came, and beside them when they came.

``FILE.ami`` or ``FILE.esl`` holds the bytes, ``FILE.times.json`` pairs of [offset of a chunk's first byte, Unix time of
its arrival]. Whether the bytes are AMI's or an Event Socket's they tell themselves.
"""

import abc
import bisect
import datetime as dt
import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from textbackd.errors import UserError
from textbackd.pbx import ami_stream, event_socket
from textbackd.pbx.source import NotUnderstood, PbxUnavailable

log = structlog.get_logger()


class Trace(abc.ABC):
    """One recorded stream."""

    _own_time: re.Pattern[bytes]
    """How the PBX itself tells the time of a message."""

    def __init__(self, path: Path, data: bytes, times: Sequence[tuple[int, float]] = ()) -> None:
        """``times``: of chunks, the offset of the first byte and the Unix time of its arrival; in order."""
        self._path = path
        self._data = data
        self._offsets = [offset for offset, _time in times]
        self._times = [time for _offset, time in times]

    @staticmethod
    def read(path: Path) -> "AmiTrace | EventSocketTrace":
        """The stream in ``path`` (``.gz`` too) with its times, if they lie beside it. Raises UserError."""
        data = _read(path)
        # By its beginning first: what an AMI is known by may also stand in some caller's name.
        if _EVENT_SOCKET.match(data):
            if data.partition(b"\n")[0].endswith(b"\r"):
                raise UserError(f"{path}: its line ends were converted; an Event Socket has LF (dos2unix may help)")
            return EventSocketTrace(path, data, _times(path))
        if any(word in data for word in _AMI):
            if b"\r\n" not in data:
                raise UserError(f"{path}: its line ends were converted; AMI has CR LF (unix2dos brings them back)")
            return AmiTrace(path, data, _times(path))
        raise UserError(
            f"{path}: this is no recorded AMI stream, nor one of an Event Socket; textbackd trace record makes one"
        )

    @property
    def timed(self) -> bool:
        """Whether it is known when things happened."""
        return bool(self._times) or self._own_time.search(self._data) is not None

    @abc.abstractmethod
    def messages(self) -> Iterator[tuple[dt.datetime, dict[str, str]]]:
        """What a translator reads, and when it came; one time for all where no times are known. Raises UserError."""

    def _arrived(self, last_byte: int) -> dt.datetime | None:
        """When a message was complete, if there are times beside the stream."""
        if not self._times:
            return None
        return _utc(self._times[max(bisect.bisect_right(self._offsets, last_byte) - 1, 0)])


class AmiTrace(Trace):
    """One recorded AMI stream."""

    _own_time = re.compile(rb"\r\nTimestamp: ")

    def messages(self) -> Iterator[tuple[dt.datetime, ami_stream.Message]]:
        """Each message; where no times are known, at that of the first channel."""
        at = self._day()
        try:
            for offset, block in ami_stream.AmiReader().blocks(self._data):
                message = ami_stream.parsed(block)
                at = self._arrived(offset + len(block) + 3) or _timestamp(message) or at
                yield at, message
        except PbxUnavailable as error:
            raise UserError(f"{self._path}: {error}") from error

    def _day(self) -> dt.datetime:
        """When the first channel was made, which its Uniqueid tells to the second; the hours of a call hang on it."""
        made = re.search(rb"\r\nUniqueid: (?:\S+-)?(\d{9,10})\.\d", self._data)
        return _utc(int(made[1]) if made else 0)


class EventSocketTrace(Trace):
    """One recorded Event Socket stream, of JSON events or of plain ones."""

    _own_time = re.compile(rb'\bEvent-Date-Timestamp"?: ?"?([0-9]{15,16})\b')
    """Microseconds; it stands before whatever a caller can write into."""

    def messages(self) -> Iterator[tuple[dt.datetime, event_socket.Event]]:
        """Each event, and what counts as one."""
        for at, message in self.framed():
            try:
                event = event_socket.event_in(message)
            except NotUnderstood as error:
                log.warning("pbx_event_not_understood", error=str(error))
                continue
            if event is not None:
                yield at, event

    def framed(self) -> Iterator[tuple[dt.datetime, event_socket.Message]]:
        """Each message as it was sent; without times beside the stream, at that of its event. Raises UserError."""
        at = self._told(self._data) or _utc(0)
        try:
            for last_byte, message in event_socket.EventSocketReader().messages(self._data):
                # Events come in nearly any order.
                at = self._arrived(last_byte) or max(self._told(message.body) or at, at)
                yield at, message
        except PbxUnavailable as error:
            raise UserError(f"{self._path}: {error}") from error

    def _told(self, data: bytes) -> dt.datetime | None:
        told = self._own_time.search(data)
        return _utc(int(told[1]) / 1e6) if told else None


_EVENT_SOCKET = re.compile(rb"\n*Content-(?:Type|Length): ")
_AMI = (b"Event: ", b"Asterisk Call Manager")


def holds_records(path: Path) -> bool:
    """Whether a file holds call records (CDR): a line of them begins with a quote.

    What is no stream but is named ``.csv`` counts too: their reader knows best what is wrong with it. Raises UserError.
    """
    start = _read(path, 4096)
    is_stream = _EVENT_SOCKET.match(start) or start.startswith(_AMI)
    return start.startswith(b'"') or (".csv" in path.suffixes and not is_stream)


def _read(path: Path, most: int = -1) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(most)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _utc(unix_time: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(unix_time, dt.UTC)


def _timestamp(message: ami_stream.Message) -> dt.datetime | None:
    """What Asterisk says (``timestampevents`` in manager.conf)."""
    try:
        return _utc(float(message["Timestamp"]))
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
    """``x.ami``, ``x.esl`` and ``x.ami.gz`` -> ``x.times.json``."""
    return path.with_name(path.name.removesuffix(".gz").removesuffix(".ami").removesuffix(".esl") + ".times.json")


def _times(path: Path) -> list[tuple[int, float]]:
    sidecar = sidecar_of(path)
    try:
        pairs = json.loads(sidecar.read_text(encoding="utf-8"))
        times = sorted((int(offset), float(time)) for offset, time in pairs)
        for _offset, time in times:
            _utc(time)
        return times
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise UserError(f"{sidecar}: no list of [offset, time]: {error}") from error
