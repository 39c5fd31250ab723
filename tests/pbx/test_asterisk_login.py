"""Logging in to an Asterisk: what is refused, what is silent, and what is never told to whom."""

import pytest

from tests import fake_ami
from tests.daemon.said import Said
from tests.fake_ami import FakeAmi
from tests.pbx.watched_source import a_link, watching
from textbackd.core.channel_events import ChannelGone
from textbackd.pbx import ami_link, connection, linked_source
from textbackd.pbx.asterisk_probe import probe
from textbackd.pbx.source import LoginRefused, PbxUnavailable

CALLER = "+447700900123"


async def test_a_wrong_secret_is_a_state_of_its_own(ami: FakeAmi, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says once that the login was refused, tries again after a long while only, and is up when it may."""
    monkeypatch.setattr(linked_source, "REFUSED_DELAY", 0.02)
    ami.secret = "another"
    async with watching(a_link(ami)) as watched:
        assert isinstance(await watched.reported(3), LoginRefused)
        ami.secret = fake_ami.SECRET
        await said.until("pbx_connected")

    assert 1 == len(said.events("pbx_login_refused"))
    assert [] == said.events("pbx_lost")
    assert None is watched.reports[-1]
    assert len(ami.asked("Login")) == ami.connections == len(watched.reports)


async def test_a_pbx_that_never_answers_the_login_is_given_up(ami: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence after the connection is a loss like any other."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.1)
    ami.mute = {"Login"}
    async with watching(a_link(ami)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, PbxUnavailable)
    assert "did not answer Login" in str(error)


@pytest.mark.parametrize(
    ("greeting", "complaint"),
    [
        pytest.param(b"", "did not greet", id="nothing"),
        pytest.param(b"Asterisk Call Manager/9.0", "did not greet", id="half-a-line"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "no Asterisk manager; it said 'SSH-2.0-OpenSSH_9.2'", id="another"),
    ],
)
async def test_only_a_manager_is_told_the_secret(
    ami: FakeAmi, monkeypatch: pytest.MonkeyPatch, greeting: bytes, complaint: str
) -> None:
    """A frozen PBX would find all the logins of the meantime when it wakes; another service has no business with it."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.1)
    ami.greeting = greeting
    async with watching(a_link(ami)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, PbxUnavailable)
    assert complaint in str(error)
    assert [] == ami.actions


@pytest.mark.usefixtures("impatient")
async def test_an_account_in_use_is_not_a_wrong_secret(ami: FakeAmi, said: Said) -> None:
    """Where it may log in once at a time (``allowmultiplelogin``), our own dead link is in the way for a while."""
    ami.in_use = True
    async with watching(a_link(ami)) as watched:
        error = await watched.reported(2)
        ami.in_use = False
        await said.until("pbx_connected")

    assert isinstance(error, PbxUnavailable)
    assert "is still logged in" in str(error)
    assert [] == said.events("pbx_login_refused")


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_not_there_is_said_once(ami: FakeAmi, said: Said) -> None:
    """However many tries fail; and once when it is back."""
    nobody = a_link(ami, port=1)
    async with watching(nobody) as watched:
        await watched.reported(5)
        assert all(isinstance(error, PbxUnavailable) for error in watched.reports)
    assert 1 == len(said.events("pbx_lost"))
    assert "127.0.0.1:1" in said.events("pbx_lost")[0]["error"]


@pytest.mark.parametrize("action", ami_link.SNAPSHOT)
async def test_an_account_that_may_not_list_channels_is_told_of(ami: FakeAmi, said: Said, action: str) -> None:
    """The link stays up, and events come; only what is up already cannot be known."""
    ami.denied = {action}
    async with watching(a_link(ami)) as watched:
        await said.until("pbx_snapshot_denied", action=action)
        await watched.reported(1)
        ami.send(*fake_ami.rings_out("1.1", CALLER))
        await watched.events_until(ChannelGone)

    assert [None] == watched.reports


@pytest.mark.parametrize("injection", ["x\r\nAction: Command", "x\nAction: Command", "x\r"])
async def test_a_line_break_in_what_we_send_is_refused(ami: FakeAmi, injection: str) -> None:
    """It would begin another action."""
    for settings in (a_link(ami, secret=injection), a_link(ami, user=injection)):
        with pytest.raises(ValueError, match="line break"):
            await probe(settings)

    assert ["Command"] != [action["Action"] for action in ami.actions]
    assert [] == ami.asked("Login")
