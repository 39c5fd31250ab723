"""A PBX that cannot be connected to: what is wrong, and what to look at."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator

import pytest

from textbackd.pbx import asterisk_probe, connection, freeswitch_probe
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.connection import establish
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.source import PbxUnavailable

LOOK_AT_HOST = "see that pbx[].host is right, that the machine is up, and that no firewall stands between"

Probe = Callable[[str, int], Awaitable[object]]


def probe_asterisk(host: str, port: int) -> Awaitable[object]:
    return asterisk_probe.probe(AsteriskSettings(name="asterisk", host=host, port=port, user="x", secret="x"))


def probe_freeswitch(host: str, port: int) -> Awaitable[object]:
    return freeswitch_probe.probe(FreeSwitchSettings(name="freeswitch", host=host, port=port, secret="x"))


both_pbxs = pytest.mark.parametrize(
    "probe", [pytest.param(probe_asterisk, id="asterisk"), pytest.param(probe_freeswitch, id="freeswitch")]
)


async def complaint(connecting: Awaitable[object]) -> str:
    """What is said of a connection that is not made."""
    with pytest.raises(PbxUnavailable) as raised:
        await connecting
    return str(raised.value)


@pytest.fixture
def unheeding() -> Iterator[int]:
    """A port at which connections are neither taken nor refused: as many wait already as may."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


async def test_an_asterisk_that_does_not_listen() -> None:
    """Whether it runs, and what manager.conf needs."""
    said = await complaint(probe_asterisk("127.0.0.1", 1))

    assert said == (
        "127.0.0.1:1 refused the connection: see that Asterisk runs, and that manager.conf has under [general]"
        " enabled = yes, this port, and a bindaddr that covers this address"
    )


async def test_a_freeswitch_that_does_not_listen() -> None:
    """Whether it runs, its module, and what event_socket.conf.xml needs."""
    said = await complaint(probe_freeswitch("::1", 1))

    assert said == (
        "[::1]:1 refused the connection: see that FreeSWITCH runs, that mod_event_socket is loaded,"
        " and that event_socket.conf.xml has this port as listen-port and a listen-ip that covers this address"
    )
    assert "write host: localhost" in await complaint(probe_freeswitch("127.0.0.1", 1))


async def test_a_name_with_several_addresses_may_be_refused_at_each() -> None:
    """Such as localhost: asyncio tells of them together, and with another type than of one."""
    both = asyncio.open_connection(None, 1)

    said = await complaint(establish(both, "localhost", 1, if_refused="see that it runs"))

    assert "localhost:1 refused the connection: see that it runs" == said


@both_pbxs
async def test_a_pbx_that_does_not_answer(probe: Probe, unheeding: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall that drops, or a machine that is switched off."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.1)

    said = await complaint(probe("127.0.0.1", unheeding))

    assert f"127.0.0.1:{unheeding} cannot be reached (no answer within 0.1 s): {LOOK_AT_HOST}" == said


@both_pbxs
async def test_a_pbx_to_which_no_way_leads(probe: Probe) -> None:
    """The kernel says so, before anything leaves this machine."""
    said = await complaint(probe("255.255.255.255", 5038))

    assert f"255.255.255.255:5038 cannot be reached (Network is unreachable): {LOOK_AT_HOST}" == said


@both_pbxs
@pytest.mark.parametrize(
    ("host", "what"),
    [
        pytest.param("pbx..office", "'pbx..office' is no host name", id="no name"),
        # Longer than a name can be, so no name server is asked.
        pytest.param("a." * 200, f"the name '{'a.' * 200}' is not known (Name or service not known)", id="unknown"),
    ],
)
async def test_a_host_that_is_not_known(probe: Probe, host: str, what: str) -> None:
    """The key in the configuration comes first, then the resolver."""
    said = await complaint(probe(host, 5038))

    assert f"{what}: see that pbx[].host is right, and that this machine can look names up" == said
