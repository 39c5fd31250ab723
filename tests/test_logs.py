"""What the log says, and above all what it does not."""

import datetime as dt
import io
import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from textbackd import logs
from textbackd.logs import Format, Level, LogSettings


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Logging is global; other tests get it back."""
    handlers, level = list(logging.getLogger().handlers), logging.getLogger("panoramisk").level
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers = handlers
    logging.getLogger("panoramisk").setLevel(level)


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def _logged(settings: LogSettings | None = None, **facts: Any) -> dict[str, Any]:
    stream = io.StringIO()
    logs.configure(settings or LogSettings(), stream)
    logs.get("sender").info("text_sent", **facts)
    line: dict[str, Any] = json.loads(stream.getvalue())
    return line


def test_a_line_is_json_where_nobody_looks() -> None:
    """Who, what and when, in UTC."""
    line = _logged(message_id=12)

    assert line.keys() == {"logger", "event", "level", "timestamp", "message_id"}
    assert (line["logger"], line["event"], line["level"], line["message_id"]) == ("sender", "text_sent", "info", 12)
    assert line["timestamp"].endswith("Z")


def test_a_line_is_for_people_on_a_terminal() -> None:
    """No JSON, and a traceback in plain words."""
    stream = Terminal()
    logs.configure(LogSettings(), stream)
    try:
        raise RuntimeError("caller 07700900123")
    except RuntimeError:
        logs.get("sender").exception("step_failed", number="+447700900123")

    shown = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert "step_failed" in shown
    assert "number=…123" in shown
    assert "RuntimeError: caller …123" in shown
    assert "Traceback" in shown
    assert "7700900" not in shown


@pytest.mark.parametrize(("format_", "is_json"), [(Format.JSON, True), (Format.CONSOLE, False)])
def test_the_format_can_be_set(format_: Format, is_json: bool) -> None:
    """Whatever the stream is."""
    stream = Terminal() if is_json else io.StringIO()
    logs.configure(LogSettings(format=format_), stream)
    logs.get("x").info("modem_opened")

    assert stream.getvalue().startswith("{") is is_json


NUMBERS = [
    ("+447700900123", "…123"),
    ("07700 900123", "…123"),
    ("(01632) 960-101", "…101"),
    ("+1 202-555-0123", "…123"),
    ("+44 (0)1632 960101", "…101"),
    ("00447700900123", "…123"),
    ("202.555.0123", "…123"),
    ("from +447700900123, to 01632960101.", "from …123, to …101."),
    ("sip:+447700900123@10.0.0.1", "sip:…123@10.0.0.1"),
    ("PJSIP/07700900123-0000001a", "PJSIP/…001a"),
    ("Local/07700900123@from-queue-0000001a;1", "Local/…123@from-queue-0000001a;1"),
]


@pytest.mark.parametrize(("text", "expected"), NUMBERS)
def test_numbers_are_masked(text: str, expected: str) -> None:
    """In any spelling, wherever they stand; of a number only its last three digits are left."""
    assert _logged(caller=text)["caller"] == expected


@pytest.mark.parametrize(
    "text",
    [
        "1732123456.123",
        "2026-11-21",
        "2026-11-21T14:02:03.123456+00:00",
        "550e8400-e29b-41d4-a716-446655440000",
        "12345678-1234-1234-1234-123456789012",
        "192.168.100.200",
        "0.123456789",
        "extension 101",
        "60125",
        "/dev/ttyUSB0",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    """Ids of calls, dates, addresses and extensions are what a log is read for."""
    assert _logged(seen=text)["seen"] == text


def test_numbers_are_masked_at_any_depth() -> None:
    """In lists, in mappings, in keys, and in whatever has a text form."""
    line = _logged(
        callers=["07700900123", {"07700900124": ("07700900125",)}],
        error=ValueError("bad 07700900126"),
        at=dt.datetime(2026, 11, 21, 14, 2, tzinfo=dt.UTC),
        file=Path("/tmp/07700900127"),
        none=None,
        sure=True,
        seconds=1.5,
    )

    assert line["callers"] == ["…123", {"…124": ["…125"]}]
    assert line["error"] == "bad …126"
    assert line["at"] == "2026-11-21T14:02:00+00:00"
    assert line["file"] == "/tmp/…127"
    assert (line["none"], line["sure"], line["seconds"]) == (None, True, 1.5)


def test_private_logs_have_numbers_but_no_bodies() -> None:
    """What a text says is never written, nor is a secret, whatever is set."""
    line = _logged(LogSettings(private=True), number="+447700900123", text="hello", body="hi", secret="x", password="y")

    assert line["number"] == "+447700900123"
    assert not line.keys() & {"text", "body", "secret", "password"}


def test_below_the_level_nothing_is_said() -> None:
    """At ``warning``, no ``info``."""
    stream = io.StringIO()
    logs.configure(LogSettings(level=Level.WARNING), stream)
    log = logs.get("x")
    log.info("modem_opened")
    log.warning("modem_lost")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["modem_lost"]


def test_libraries_are_heard_from_warnings_on() -> None:
    """And masked like everybody, once, however often logging is set up."""
    stream = io.StringIO()
    logs.configure(LogSettings(level=Level.DEBUG), io.StringIO())
    logs.configure(LogSettings(level=Level.DEBUG), stream)
    logging.getLogger("asyncio").info("nothing to tell")
    logging.getLogger("asyncio").warning("socket of %s", "07700900123")

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["logger"], line["level"], line["event"]) == ("asyncio", "warning", "library_complained")
    assert line["message"] == "socket of …123"


def _as_configured() -> None:
    """Nothing more."""


def _another_logger() -> None:
    """One that knows the levels and nothing more."""
    structlog.configure(wrapper_class=structlog.BoundLogger)


@pytest.mark.parametrize("reconfigure", [_as_configured, structlog.reset_defaults, _another_logger])
@pytest.mark.parametrize(
    ("template", "arguments", "message"),
    [
        ("try %d of %d", (1, 3), "try 1 of 3"),
        ("try %(count)d", ({"count": 1},), "try 1"),
        ("100 % sure", (), "100 % sure"),
        ("try %d", ("once",), "try %d"),
        ("try %d of %d", (1,), "try %d of %d"),
        ("try %(count)d", ({"tries": 1},), "try %(count)d"),
    ],
)
def test_libraries_are_heard_whatever_they_say(
    template: str, arguments: tuple[Any, ...], message: str, reconfigure: Callable[[], None]
) -> None:
    """With the arguments where they fit, with the traceback where there is one, and with any logger of structlog's."""
    logging.getLogger().handlers = []  # pytest's own raise what does not fit
    logs.configure(LogSettings(), io.StringIO())
    reconfigure()
    with structlog.testing.capture_logs() as lines:
        logging.getLogger("library").warning(template, *arguments)
        try:
            raise RuntimeError("no luck")
        except RuntimeError as error:
            logging.getLogger("library").exception(template, *arguments)
            raised = error

    assert [("library_complained", message)] * 2 == [(line["event"], line["message"]) for line in lines]
    assert ["warning", "error"] == [line["log_level"] for line in lines]
    assert [None, raised] == [line["exc_info"] and line["exc_info"][1] for line in lines]


def test_panoramisk_tells_no_secret() -> None:
    """Its failure to send prints the whole action; at DEBUG it prints every message."""
    stream = io.StringIO()
    logs.configure(LogSettings(level=Level.DEBUG), stream)
    panoramisk = logging.getLogger("panoramisk.manager")
    panoramisk.debug("message interpreted: %r", {"Secret": "s3cret"})
    panoramisk.info("Adding action: %s", "Secret: s3cret")
    panoramisk.error("Fail to send {'Action': 'Login', 'Secret': 's3cret'}")  # it puts all into the message

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert line["message"] == "Fail to send"
    assert "s3cret" not in stream.getvalue()


@pytest.mark.parametrize(("method", "priority"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3)])
def test_the_journal_is_told_the_priority(method: str, priority: int, tmp_path: Path) -> None:
    """Where the stream is the very one that systemd names; before each line of it."""
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        journal = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        logs.configure(LogSettings(level=Level.DEBUG, format=Format.CONSOLE), stream, journal)
        getattr(logs.get("x"), method)("call_ended", because="one\ntwo")
        stream.seek(0)

        assert all(line.startswith(f"<{priority}>") for line in stream.read().splitlines())


def test_another_stream_is_not_the_journal(tmp_path: Path) -> None:
    """A shell under systemd inherits the variable; what it redirects is no journal."""
    with (tmp_path / "file").open("w+") as stream:
        logs.configure(LogSettings(), stream, {"JOURNAL_STREAM": "8:1234"})
        logs.get("x").info("call_ended")
        stream.seek(0)

        assert stream.read().startswith("{")
