"""``textbackd trace record`` where something goes wrong: what it says, and what can be played all the same."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import fake_ami, fake_event_socket
from tests.builders import NOON, seconds
from tests.cli.conftest import BOB, Desk
from tests.daemon import running
from tests.daemon.running import ROOT
from tests.fake_ami import FakeAmi
from tests.fake_event_socket import FakeEventSocket
from tests.freeswitch_calls import rings_out
from textbackd.pbx.trace import Recorder, Trace, sidecar_of

STORY = tuple(fake_ami.rings_out("1795220361.1", BOB))


class Recording(NamedTuple):
    """Where it is recorded, and from what."""

    ami: FakeAmi
    file: Path
    configuration: Path

    async def start(self, *words: str, limit: str = "unlimited") -> "asyncio.subprocess.Process":
        """As ``started``."""
        return await started(self.configuration, self.file, *words, limit=limit)


async def started(
    configuration: Path, file: Path, *words: str, limit: str = "unlimited"
) -> "asyncio.subprocess.Process":
    """``trace record``; no file of it can grow beyond ``limit`` bytes: the kernel's EFBIG stands for ENOSPC."""
    return await asyncio.create_subprocess_exec(
        *("prlimit", f"--fsize={limit}", sys.executable, "-m", "textbackd", "trace", "record"),
        *("--config", str(configuration), *words, str(file)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


@pytest.fixture
async def recording(tmp_path: Path) -> AsyncIterator[Recording]:
    async with fake_ami.listening() as ami:
        configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
        yield Recording(ami, tmp_path / "day.ami", configuration)


async def played(desk: Desk, file: Path) -> list[str]:
    """The outcomes of its calls."""
    result = await asyncio.to_thread(desk.run, "trace", "replay", str(file))
    assert 0 == result.code, result.err
    return [json.loads(line)["outcome"] for line in result.out.splitlines()]


async def kept(recording: Recording) -> None:
    """Until the whole story is in the file."""
    last = fake_ami.as_bytes(STORY[-1])
    async with asyncio.timeout(20):
        while not recording.file.exists() or last not in recording.file.read_bytes():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def ended(process: "asyncio.subprocess.Process") -> tuple[int | None, str, str]:
    """How it ended, and what it said."""
    async with asyncio.timeout(20):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_a_full_disk_ends_it_and_what_came_before_can_be_played(desk: Desk, recording: Recording) -> None:
    """The reason is said once, without a line of the log; the call that was recorded whole is there."""
    process = await recording.start(limit="30000")
    await recording.ami.until_asked("Status")
    recording.ami.send(*STORY, *[{"Event": "Newexten", "Filler": "x" * 1000}] * 50)
    code, out, err = await ended(process)

    assert (1, "") == (code, out)
    first, problem, rest = err.splitlines()
    assert "Recording what asterisk says, until Ctrl-C." == first
    assert f"{recording.file}: File too large; the recording ends here" == problem
    assert rest.startswith(f"30000 bytes in {recording.file}, their times in ")
    assert ["no_answer"] == await played(desk, recording.file)


async def test_a_pbx_that_goes_ends_it_and_what_came_before_can_be_played(desk: Desk, recording: Recording) -> None:
    """What happened behind a gap is another story."""
    process = await recording.start()
    await recording.ami.until_asked("Status")
    recording.ami.send(*STORY)
    await kept(recording)
    recording.ami.drop()
    code, out, err = await ended(process)

    assert (1, "") == (code, out)
    assert ["the PBX closed the connection"] == err.splitlines()[1:-1]
    assert ["no_answer"] == await played(desk, recording.file)


async def test_what_was_recorded_can_be_played_though_it_was_killed(desk: Desk, recording: Recording) -> None:
    """The times are on disk with the bytes."""
    process = await recording.start()
    await recording.ami.until_asked("Status")
    recording.ami.send(*STORY)
    await kept(recording)
    process.kill()
    await ended(process)

    assert sidecar_of(recording.file).exists()
    assert ["no_answer"] == await played(desk, recording.file)


async def test_a_wrong_secret_is_said_once(recording: Recording) -> None:
    """As a sentence, and not as a line of the log beside it; no file is left."""
    recording.ami.secret = "another"
    code, out, err = await ended(await recording.start("--json"))

    assert (1, "") == (code, out)
    (problem,) = err.splitlines()
    assert "refused the user 'textbackd'" in problem
    assert not recording.file.exists()


async def test_what_parts_of_the_daemon_warn_of_comes_in_plain_words(recording: Recording) -> None:
    """An account that may not list bridges records less: a warning, which is no JSON."""
    recording.ami.denied = {"BridgeList"}
    process = await recording.start("--json", "--seconds", "1")
    code, out, err = await ended(process)

    assert (0, str(recording.file)) == (code, json.loads(out)["file"])
    (warning,) = err.splitlines()
    assert warning.startswith("warning: pbx snapshot denied (pbx asterisk, action BridgeList): give the AMI user ")


def test_a_packed_stream_cannot_be_recorded(desk: Desk, tmp_path: Path) -> None:
    """By its name it would be taken for one, and not be played."""
    result = desk.run("trace", "record", str(tmp_path / "day.ami.gz"))

    assert (1, "") == (result.code, result.out)
    assert "choose a name without .gz" in result.err


def test_a_message_that_is_not_understood_is_told_in_plain_words(desk: Desk, tmp_path: Path) -> None:
    """By every command, and beside what it prints for programs."""
    file = tmp_path / "odd.ami"
    file.write_bytes(b"Asterisk Call Manager/9.0.0\r\nEvent: DialBegin\r\nUniqueid: 1.1\r\n\r\n")
    result = desk.run("trace", "replay", str(file))

    assert (0, "") == (result.code, result.out)
    assert result.err.startswith("warning: pbx event not understood: ")


OVERFLOWING = """
import datetime as dt, pathlib, sys
from textbackd.pbx.trace import Recorder
recorder = Recorder(pathlib.Path(sys.argv[1]))
try:
    for n in range(99):
        recorder.write(b"Event: E\\r\\n\\r\\n", dt.datetime.fromtimestamp(1795003200 + n, dt.UTC))
except OSError:
    print(recorder.close())
"""


@pytest.mark.parametrize("most", [90, 100, 110])
def test_times_for_which_there_is_no_room_leave_the_others_whole(tmp_path: Path, most: int) -> None:
    """Wherever in a pair the disk is full."""
    file = tmp_path / "x.ami"
    command = ["prlimit", f"--fsize={most}", sys.executable, "-c", OVERFLOWING, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)

    assert f"{file.stat().st_size}\n" == done.stdout
    pairs = json.loads(sidecar_of(file).read_text())
    assert [[12 * n, 1795003200 + n] for n in range(file.stat().st_size // 12)] == pairs
    assert len(pairs) == len(list(Trace.read(file).messages()))


def test_after_each_write_stream_and_times_can_be_read(tmp_path: Path) -> None:
    """While it is still open, as a process that is killed leaves it."""
    file, begun = tmp_path / "x.ami", NOON
    recorder = Recorder(file)
    for n in range(3):
        recorder.write(f"Event: E{n}\r\n\r\n".encode(), begun + seconds(n))

        found = [(at, message["Event"]) for at, message in Trace.read(file).messages()]
        assert [(begun + seconds(i), f"E{i}") for i in range(n + 1)] == found
    assert 3 * len("Event: E0\r\n\r\n") == recorder.close()


# --- a FreeSWITCH ----------------------------------------------------------------------------------------------------


class SwitchRecording(NamedTuple):
    """Where it is recorded, and from what."""

    switch: FakeEventSocket
    file: Path
    configuration: Path

    async def start(self, *words: str, limit: str = "unlimited") -> "asyncio.subprocess.Process":
        """As ``started``."""
        return await started(self.configuration, self.file, *words, limit=limit)

    async def until_written(self, text: bytes) -> None:
        """The text is in the file."""
        async with asyncio.timeout(20):
            while not self.file.exists() or text not in self.file.read_bytes():  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def of_switch(tmp_path: Path) -> AsyncIterator[SwitchRecording]:
    async with fake_event_socket.listening() as switch:
        configuration = running.configuration(tmp_path, host="127.0.0.1", port=switch.port)
        text = configuration.read_text().replace("kind: asterisk", "kind: freeswitch")
        configuration.write_text(text.replace("    user: textbackd\n", "").replace("name: asterisk", "name: switch"))
        yield SwitchRecording(switch, tmp_path / "day.esl", configuration)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
async def test_what_a_freeswitch_says_is_recorded_until_a_signal(
    desk: Desk, of_switch: SwitchRecording, end: signal.Signals
) -> None:
    """Everything from its greeting on, with the times beside it."""
    process = await of_switch.start("--json")
    await of_switch.switch.until_asked("api show channels")
    of_switch.switch.send(*rings_out("one", BOB))
    await of_switch.until_written(b"NORMAL_CLEARING")
    process.send_signal(end)
    code, out, err = await ended(process)

    assert (0, "") == (code, err)
    recorded = of_switch.file.read_bytes()
    assert recorded.startswith(fake_event_socket.GREETING)
    assert len(recorded) == json.loads(out)["bytes"]
    assert str(sidecar_of(of_switch.file)) == json.loads(out)["times"]
    assert (of_switch.file.with_name("day.times.json"), True) == (
        sidecar_of(of_switch.file),
        Trace.read(of_switch.file).timed,
    )
    assert ["no_answer"] == await played(desk, of_switch.file)


async def test_a_full_disk_ends_that_too(desk: Desk, of_switch: SwitchRecording) -> None:
    """The reason is said once; the call that was recorded whole can be played."""
    process = await of_switch.start(limit="30000")
    await of_switch.switch.until_asked("api show channels")
    of_switch.switch.send(*rings_out("one", BOB), *[{"Event-Name": "HEARTBEAT", "Filler": "x" * 1000}] * 50)
    code, out, err = await ended(process)

    assert (1, "") == (code, out)
    first, problem, rest = err.splitlines()
    assert "Recording what switch says, until Ctrl-C." == first
    assert f"{of_switch.file}: File too large; the recording ends here" == problem
    assert rest.startswith(f"30000 bytes in {of_switch.file}, their times in ")
    assert ["no_answer"] == await played(desk, of_switch.file)


async def test_a_freeswitch_that_lets_nobody_in_says_so_once(of_switch: SwitchRecording) -> None:
    """The password, or the address; no file is left."""
    of_switch.switch.secret = "another"
    code, out, err = await ended(await of_switch.start("--json"))
    of_switch.switch.refuses_address = True
    code_too, out_too, err_too = await ended(await of_switch.start("--json"))

    assert (1, "", 1, "") == (code, out, code_too, out_too)
    (problem,), (problem_too,) = err.splitlines(), err_too.splitlines()
    assert "refused the password" in problem
    assert "refuses this machine's address" in problem_too
    assert not of_switch.file.exists()


async def test_of_several_pbxs_one_is_chosen(of_switch: SwitchRecording) -> None:
    """By its name, whatever kind it is."""
    other = "pbx:\n  - {name: other, kind: asterisk, user: x, secret: x, host: 127.0.0.1, port: 1}\n"
    of_switch.configuration.write_text(of_switch.configuration.read_text().replace("pbx:\n", other))
    none, out, err = await ended(await of_switch.start())
    process = await of_switch.start("--pbx", "switch", "--seconds", "60")
    await of_switch.switch.until_asked("api show channels")
    process.terminate()

    assert (1, "", "which PBX? --pbx is one of: other, switch\n") == (none, out, err)
    assert 0 == (await ended(process))[0]
