"""Lines of a Master.csv, valid by default: a test names only what it is about."""

import csv
import io
from pathlib import Path
from typing import Any

COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
RANG_OUT: dict[str, Any] = {
    "accountcode": "",
    "src": "07700900123",
    "dst": "01632960101",
    "dcontext": "from-trunk",
    "clid": '"" <07700900123>',
    "channel": "PJSIP/trunk-00000000",
    "dstchannel": "PJSIP/101-00000001",
    "lastapp": "Dial",
    "lastdata": "PJSIP/101,20,tr",
    "start": "2026-11-18 12:00:00",
    "answer": "",
    "end": "2026-11-18 12:00:20",
    "duration": 20,
    "billsec": 0,
    "disposition": "NO ANSWER",
    "amaflags": "DOCUMENTATION",
}


def a_line(*more: str, **columns: Any) -> str:
    """A call to 101 that rang for its 20 s; ``more``: the columns after the sixteenth."""
    text = io.StringIO()
    values = RANG_OUT | columns
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow(
        [*(values[column] for column in COLUMNS), *more]
    )
    return text.getvalue()


def a_file(folder: Path, *lines: str) -> Path:
    """A Master.csv of these lines."""
    path = folder / "Master.csv"
    path.write_text("".join(lines), encoding="utf-8")
    return path
