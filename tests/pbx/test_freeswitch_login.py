"""Logging in to a FreeSWITCH: what is refused, what is silent, and what is never told to whom."""

import itertools

import pytest

from tests import fake_event_socket
from tests.daemon.said import Said
from tests.fake_event_socket import FakeEventSocket
from tests.pbx.watched_source import a_link, connected, watching
from textbackd.pbx import connection, linked_source
from textbackd.pbx.freeswitch_link import EventSocketLink
from textbackd.pbx.source import LoginRefused, PbxError, PbxUnavailable


@pytest.mark.parametrize(
    ("user", "login", "complaint"),
    [
        pytest.param("", "auth not-a-secret", "refused the password: -ERR invalid", id="auth"),
        pytest.param(
            "textbackd@office.test",
            "userauth textbackd@office.test:not-a-secret",
            "refused the user 'textbackd@office.test': -ERR invalid",
            id="userauth",
        ),
    ],
)
async def test_a_wrong_secret_is_a_state_of_its_own(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch, user: str, login: str, complaint: str
) -> None:
    """It says once that the login was refused, tries again after a long while only, and is up when it may."""
    monkeypatch.setattr(linked_source, "REFUSED_DELAY", 0.02)
    switch.secret = "another"
    async with watching(a_link(switch, user=user)) as watched:
        error = await watched.reported(3)
        switch.secret = fake_event_socket.SECRET
        await said.until("pbx_connected")

    assert isinstance(error, LoginRefused)
    assert complaint in str(error)
    assert 1 == len(said.events("pbx_login_refused"))
    assert [] == said.events("pbx_lost")
    assert None is watched.reports[-1]
    assert [login] * switch.connections == switch.asked(login.split()[0])
    assert switch.connections == len(watched.reports)


async def test_an_address_that_is_kept_out_is_a_refusal_too(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FreeSWITCH lets in whom its ACL names, by default this machine alone; nothing is said to one that does not."""
    monkeypatch.setattr(linked_source, "REFUSED_DELAY", 0.02)
    switch.refuses_address = True
    async with watching(a_link(switch)) as watched:
        error = await watched.reported(3)
        assert [] == switch.commands
        switch.refuses_address = False
        await said.until("pbx_connected")

    assert isinstance(error, LoginRefused)
    assert "refuses this machine's address: let it in by apply-inbound-acl" in str(error)
    assert 1 == len(said.events("pbx_login_refused"))


@pytest.mark.parametrize("what", ["password", "address", "events"])
async def test_refused_logins_are_few(switch: FakeEventSocket, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """At most five in any ten minutes, whatever was refused: FreeSWITCH bans nobody, but a fail2ban in front may."""
    delays: list[float] = []
    retry_delay = linked_source.retry_delay

    def noted(error: PbxError, failures: int, *, spread: float) -> float:
        delays.append(retry_delay(error, failures, spread=0.0))
        return 0.01

    monkeypatch.setattr(linked_source, "retry_delay", noted)
    switch.secret = "another" if what == "password" else switch.secret
    switch.refuses_address = what == "address"
    switch.allowed_events = set() if what == "events" else None
    async with watching(a_link(switch)) as watched:
        await watched.reported(6)

    logins = list(itertools.accumulate(delays[:6], initial=0.0))
    for first in logins:
        assert sum(first <= login <= first + 600 for login in logins) <= 5


async def test_a_pbx_that_never_answers_the_login_is_given_up(
    switch: FakeEventSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence after the connection is a loss like any other."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.1)
    switch.mute = {"userauth"}
    async with watching(a_link(switch)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, PbxUnavailable)
    assert "did not answer userauth" in str(error)


@pytest.mark.parametrize(
    ("greeting", "complaint"),
    [
        pytest.param(b"", "did not greet", id="nothing"),
        pytest.param(b"Content-Type: auth/req", "did not greet", id="half-a-line"),
        pytest.param(b"Asterisk Call Manager/9.0.0\r\n", "did not greet", id="asterisk"),
        pytest.param(b"Content-Type: text/html\n\n", "no Event Socket; it said 'text/html'", id="another"),
    ],
)
async def test_only_an_event_socket_is_told_the_secret(
    switch: FakeEventSocket, monkeypatch: pytest.MonkeyPatch, greeting: bytes, complaint: str
) -> None:
    """A frozen PBX would find all the logins of the meantime when it wakes; another service has no business with it."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.1)
    switch.greeting = greeting
    async with watching(a_link(switch)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, PbxUnavailable)
    assert complaint in str(error)
    assert [] == switch.commands


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_not_there_is_said_once(switch: FakeEventSocket, said: Said) -> None:
    """However many tries fail; and with its address as it is written everywhere."""
    for host, where in (("127.0.0.1", "127.0.0.1:1 refused "), ("::1", "[::1]:1 refused ")):
        said.lines.clear()
        async with watching(a_link(switch, host=host, port=1)) as watched:
            await watched.reported(5)
        assert all(isinstance(error, PbxUnavailable) for error in watched.reports)
        assert 1 == len(said.events("pbx_lost"))
        assert said.events("pbx_lost")[0]["error"].startswith(where)


async def test_a_pbx_may_listen_on_ipv6(said: Said) -> None:
    """FreeSWITCH's own configuration listens on ``::``."""
    async with fake_event_socket.listening("::1") as switch, connected(switch, host="::1"):
        assert f"[::1]:{switch.port}" == said.events("pbx_connected")[0]["where"]


@pytest.mark.parametrize("injection", ["x\nevent json ALL", "x\r\n\r\napi status", "x\r"])
@pytest.mark.parametrize("user", ["", "textbackd@office.test"])
async def test_a_line_break_in_what_we_send_is_refused(switch: FakeEventSocket, injection: str, user: str) -> None:
    """It would begin another command; the secret is not told of either."""
    with pytest.raises(ValueError, match="line break") as refusal:
        await EventSocketLink(a_link(switch, user=user, secret=injection), lambda _event: None).open()

    assert [] == switch.commands
    assert "x" not in str(refusal.value).replace(repr("auth"), "")


@pytest.mark.usefixtures("impatient")
async def test_no_secret_is_ever_logged(switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, and wherever."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.05)
    secret = "7-secret-7"
    async with watching(a_link(switch, secret=secret)) as watched:
        await watched.reported(1)  # refused
        switch.secret, switch.mute = secret, {"userauth"}
        count = len(watched.reports)
        await watched.reported(count + 2)  # silent
        switch.mute, switch.drops = set(), {"userauth"}
        count = len(watched.reports)
        await watched.reported(count + 2)  # dropped
        switch.drops = set()
        await said.until("pbx_connected")
        switch.send(b"Content-Length: x\n\n")
        await said.until("pbx_stream_broken")

    assert 3 < len(switch.asked("userauth"))
    assert secret not in repr(said.lines) + repr(watched.reports)
