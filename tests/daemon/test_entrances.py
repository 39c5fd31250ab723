"""``check`` tells where calls begin, so that the right contexts and trunks get into the configuration."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests import fake_ami
from tests.daemon import commands, running
from tests.daemon.running import Daemon
from tests.fake_ami import FakeAmi, Message

ANN = "+447700900101"


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with fake_ami.listening() as ami:
        yield ami


def begins(call_id: str, channel: str, context: str) -> list[Message]:
    """A call from somewhere, over at once."""
    ids = {"Channel": channel, "Uniqueid": call_id, "Linkedid": call_id}
    headers = {"ChannelState": "4", "CallerIDNum": ANN, "Context": context, "Exten": "01632960101"}
    return [{"Event": "Newchannel", **ids, **headers}, {"Event": "Hangup", **ids, "Cause": "16"}]


CALLS = [
    *begins("1.1", "PJSIP/trunk-1", "from-trunk"),
    *begins("2.2", "PJSIP/trunk-2", "from-trunk"),
    *begins("3.3", "PJSIP/101-3", "from-internal"),
    *begins("4.4", "PJSIP/carrier2-4", "from-voip"),
]
TOLD = [
    "context from-trunk, endpoint trunk: 2 calls, ",
    "context from-internal, endpoint 101: 1 call, ",
    "context from-voip, endpoint carrier2: 1 call, ",
]


async def test_check_tells_where_calls_began(tmp_path: Path, ami: FakeAmi) -> None:
    """As the daemon saw it; what looks like a trunk that is not named is said to, and nothing else."""
    configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
    async with AsyncExitStack() as stack:
        daemon = Daemon(configuration)
        stack.push_async_callback(daemon.close)
        await daemon.start()
        await daemon.until("pbx_connected")
        before = await commands.run(configuration, "check")
        ami.send(*CALLS)
        await daemon.until("call_ended", call_id="2.2")
        ami.send(*fake_ami.rings_out("5.5", ANN))
        await daemon.until("call_ended", call_id="5.5")
        after = await commands.run(configuration, "check")

    assert "no call seen yet" in before.out
    lines = [line for line in after.out.splitlines() if "context " in line and "endpoint" in line]
    assert len(lines) == len(TOLD)
    assert all(any(told in line for line in lines) for told in TOLD[1:])
    (suspect,) = (line for line in lines if "if this is a trunk" in line)
    assert "endpoint carrier2" in suspect


async def test_check_listens_without_a_daemon(tmp_path: Path, ami: FakeAmi) -> None:
    """For so long as it is told to: a sysadmin makes a call meanwhile."""
    configuration = running.configuration(tmp_path, host="127.0.0.1", port=ami.port)
    async with asyncio.TaskGroup() as group:
        checking = group.create_task(commands.run(configuration, "check", "--listen", "3"))
        await ami.until_asked("CoreShowChannels", 2, within=30)
        ami.send(*CALLS)

    said = checking.result()
    assert said.code == 0
    assert all(told in said.out for told in TOLD)
    assert "from outside" in next(line for line in said.out.splitlines() if TOLD[0] in line)
