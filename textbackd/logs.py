"""What the program says of itself: lines for people on a terminal, JSON for everything else.

1. An event is a past-tense fact: ``call_ended``, ``modem_lost``.
2. Phone numbers are masked to their last three digits, unless ``private`` is set.
3. Bodies of texts and secrets are never written, whatever is set.
"""

import dataclasses
import datetime as dt
import enum
import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor, WrappedLogger

from textbackd.core import phone_numbers


class Level(enum.StrEnum):
    """The least that is said."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(enum.StrEnum):
    """How a line looks."""

    AUTO = "auto"
    """Console on a terminal, else JSON."""
    CONSOLE = "console"
    JSON = "json"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is said, and how."""

    level: Level = Level.INFO
    private: bool = False
    """Write phone numbers in full."""
    format: Format = Format.AUTO


_NEVER = frozenset({"text", "body", "secret", "password"})
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""syslog(3), as sd-daemon(3) reads them at the start of a line."""

# What has as many digits as a phone number, and is none, is taken first: a UUID, a date, an IPv4 address, the end of
# a channel's name, a Uniqueid of Asterisk, a decimal fraction.
_PERHAPS_A_NUMBER = re.compile(
    r"(?P<other>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b(?!\.?\d)"
    r"|-0000[0-9a-f]{4}\b"
    r"|\b\d{9,10}\.\d{1,9}\b(?!\.?\d)"
    r"|\b\d{1,6}\.\d+\b(?!\.?\d))"
    r"|(?P<number>\+?\(?\d(?:[ ().-]{0,3}\d){6,})"
)


def configure(settings: LogSettings, stream: TextIO | None = None, environment: Mapping[str, str] = os.environ) -> None:
    """Set up structlog, and let what libraries log at WARNING or above through it; ``stream`` is standard error.

    May be called again.
    """
    stream = stream or sys.stderr
    console = settings.format is Format.CONSOLE or (settings.format is Format.AUTO and stream.isatty())
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if console else "iso", utc=not console),
        structlog.processors.format_exc_info,
        _without_bodies,
    ]
    if not settings.private:
        processors.append(_masked)
    if console:
        plain = structlog.dev.plain_traceback  # rich would take half a second to write one
        processors.append(structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain))
    else:
        processors.append(structlog.processors.JSONRenderer(default=str))
    if _is_the_journal(stream, environment):
        processors.append(_with_priority)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.level.upper())),
        logger_factory=lambda *names: _Printer(stream, *names),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _FromLibraries)]
    root.addHandler(_FromLibraries(level=logging.WARNING))
    # At DEBUG and INFO panoramisk prints whole messages, secrets among them; so it is not even asked.
    logging.getLogger("panoramisk").setLevel(logging.WARNING)


def get(name: str) -> FilteringBoundLogger:
    """A logger that says who speaks; ``structlog.get_logger(name)`` is the same."""
    return cast(FilteringBoundLogger, structlog.get_logger(name))


def masked(value: Any) -> Any:
    """``value`` with all that looks like a phone number cut to its last three digits, at any depth."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _PERHAPS_A_NUMBER.sub(_mask, str(value))
        case dt.datetime():
            return value.isoformat()
        case Mapping():
            return {masked(key): masked(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [masked(inner) for inner in value]
    return masked(str(value))


def _mask(found: re.Match[str]) -> str:
    if found["other"] is not None:
        return found["other"]
    digits = re.sub(r"\D", "", found["number"])
    return phone_numbers.masked(digits)


def _masked(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value if key in ("event", "level", "timestamp") else masked(value) for key, value in event.items()}


def _without_bodies(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key not in _NEVER}


def _with_priority(_logger: WrappedLogger, method: str, line: Any) -> str:
    # Also before each further line, such as those of a traceback: the journal takes them for messages of their own.
    prefix = f"<{_PRIORITIES.get(method, 6)}>"
    return "\n".join(prefix + part for part in str(line).split("\n"))


def _is_the_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """systemd names the journal's socket by device and inode (systemd.exec(5)); a child's own stream may be another."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class _Printer(structlog.PrintLogger):
    def __init__(self, stream: TextIO, name: str = "textbackd") -> None:
        super().__init__(stream)
        self.name = name


class _FromLibraries(logging.Handler):
    """What a library logs, as an event of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        message = _message(record)
        if record.name.startswith("panoramisk"):
            # "Fail to send {...}" holds the whole action, with the secret at login.
            message = re.split(r"[{'\"]", message)[0].strip()
        library = get(record.name)
        say = library.error if record.levelno >= logging.ERROR else library.warning
        say("library_complained", message=message, exc_info=record.exc_info)


def _message(record: logging.LogRecord) -> str:
    """Without its arguments where they do not fit: whoever logged is not to fail by it."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, LookupError):
        return str(record.msg)
