"""Of a recorded call, anonymised, everything can be told but who it was."""

import json
import random
import re
from pathlib import Path

import pytest

from tests.pbx import replay
from tests.pbx.anonymity import LAB, bytes_of, left_over, what_happened
from tests.pbx.replay import TRACES
from textbackd.pbx.anonymise import Anonymised, anonymised
from textbackd.pbx.trace import Trace, sidecar_of

FILTERED = sorted((TRACES / "filtered").glob("*.ami"))
FULL = sorted((TRACES / "full").glob("*.ami.gz"))
OLDER = sorted((TRACES.parent / "asterisk-16").glob("*.ami"))
LOAD = TRACES / "load-1200-calls.filtered.ami.gz"
SOME_FULL = [path for path in FULL if path.name[:3] in {"a01", "b09", "c07", "e11", "e17", "f01", "f15", "h13", "m09"}]
STREAMS = [
    *(pytest.param(path, id=f"{path.parent.name}-{path.name}") for path in [*FILTERED, *OLDER, *SOME_FULL]),
    *(pytest.param(path, id=f"full-{path.name}", marks=pytest.mark.long) for path in FULL if path not in SOME_FULL),
]


def written(made: Anonymised, folder: Path, *, timed: bool) -> Path:
    path = folder / "anonymous.ami"
    path.write_bytes(made.data)
    if timed:
        sidecar_of(path).write_text(json.dumps(made.times))
    return path


@pytest.mark.parametrize("path", STREAMS)
def test_a_recorded_stream(path: Path, tmp_path: Path) -> None:
    """Each call as before, all times as before, nobody recognised."""
    made = anonymised(Trace.read(path), LAB, random.Random(path.name))
    new = written(made, tmp_path, timed=sidecar_of(path).exists())

    assert what_happened(replay.calls(path)) == what_happened(replay.calls(new))
    assert [at for at, _ in Trace.read(path).messages()] == [at for at, _ in Trace.read(new).messages()]
    assert set() == left_over(path, made.data)


@pytest.mark.long
def test_twelve_hundred_overlapping_calls(tmp_path: Path) -> None:
    """So many callers, each of them somebody else still, and each call as before."""
    made = anonymised(Trace.read(LOAD), LAB, random.Random(1))
    before, after = replay.calls(LOAD), replay.calls(written(made, tmp_path, timed=False))

    assert what_happened(before) == what_happened(after)
    assert len({call.record.caller for call in before}) == len({call.record.caller for call in after})


def test_what_was_left_would_be_found() -> None:
    """The search finds everything in streams that are as they were."""
    forwarded, short = TRACES / "full" / "f01_fm_ext_answers.ami.gz", TRACES / "full" / "h09_cid_short_code.ami.gz"

    found = left_over(forwarded, bytes_of(forwarded)) | left_over(short, bytes_of(short))

    numbers = {"7700900123", "7700900777", "1632960109", "84433", "103"}
    assert numbers | {"Cara", "trunk", "127.0.0.1", "PJSIP/103-0000005e", "07700900777@trunk"} <= found


@pytest.mark.parametrize(
    "name", ["f01_fm_ext_answers", "g13_dtmf_attended_transfer", "k03_ami_reconnect_while_ringing"]
)
def test_it_can_be_done_again(name: str, tmp_path: Path) -> None:
    """The shape stays: the same headers with values as long, and as many of everything, though other ones."""
    once = anonymised(Trace.read(TRACES / "full" / f"{name}.ami.gz"), LAB, random.Random(1))
    twice = anonymised(Trace.read(written(once, tmp_path, timed=True)), LAB, random.Random(1))

    assert once.data != twice.data
    assert shape(once.data) == shape(twice.data)
    assert (once.messages, once.numbers, once.names) == (twice.messages, twice.numbers, twice.names)


def shape(data: bytes) -> str:
    return re.sub(r"[0-9]", "0", re.sub(r"\bn[0-9]+|name[0-9]+|VARIABLE[0-9]+", "name", data.decode()))
