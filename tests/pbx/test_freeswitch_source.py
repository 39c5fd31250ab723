"""The link to FreeSWITCH, against an Event Socket that does everything wrong."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests import fake_event_socket, freeswitch_calls
from tests.daemon.said import Said
from tests.fake_event_socket import FakeEventSocket
from tests.pbx.watched_freeswitch import a_link, connected, watching
from textbackd.core.channel_events import ChannelAppeared, ChannelGone, LinkLost, SnapshotTaken
from textbackd.pbx import freeswitch_link, linked_source, liveness
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.freeswitch_link import EventSocketLink
from textbackd.pbx.source import LoginRefused, PbxError, PbxUnavailable

CALLER = "+15555550123"
LIST = "api show channels"
PING = "api uptime"


@pytest_asyncio.fixture
async def switch() -> AsyncIterator[FakeEventSocket]:
    async with fake_event_socket.listening() as switch:
        yield switch


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comes back at once after a loss."""
    monkeypatch.setattr(linked_source, "retry_delay", lambda error, failures, spread: 0.01)


# --- logging in ------------------------------------------------------------------------------------------------------


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
    monkeypatch.setattr(freeswitch_link, "CONNECT_TIMEOUT", 0.1)
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
    monkeypatch.setattr(freeswitch_link, "CONNECT_TIMEOUT", 0.1)
    switch.greeting = greeting
    async with watching(a_link(switch)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, PbxUnavailable)
    assert complaint in str(error)
    assert [] == switch.commands


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_not_there_is_said_once(switch: FakeEventSocket, said: Said) -> None:
    """However many tries fail; and with its address as it is written everywhere."""
    for host, where in (("127.0.0.1", "127.0.0.1:1: "), ("::1", "[::1]:1: ")):
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
    monkeypatch.setattr(freeswitch_link, "CONNECT_TIMEOUT", 0.05)
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


# --- subscribing -----------------------------------------------------------------------------------------------------


async def test_custom_comes_last_in_what_is_asked_for(switch: FakeEventSocket) -> None:
    """FreeSWITCH takes everything behind it for a subclass, and says +OK."""
    async with connected(switch):
        (asked,) = switch.asked("event")

    for subscription in (asked.removeprefix("event json "), words.LEAST_SUBSCRIPTION):
        names, _, subclasses = subscription.partition(" CUSTOM ")
        assert all("::" not in name for name in names.split())
        assert all("::" in name for name in subclasses.split())


async def test_an_event_that_is_denied_takes_no_other_with_it(switch: FakeEventSocket, said: Said) -> None:
    """One that the user may not have refuses the whole subscription: then the least is asked for, and it is said."""
    switch.allowed_events = set(words.LEAST_SUBSCRIPTION.split())
    async with connected(switch) as watched:
        switch.send(*freeswitch_calls.rings_out("c1", CALLER))
        await watched.events_until(ChannelGone)

    assert [None] == watched.reports
    assert [f"event json {wanted}" for wanted in (words.SUBSCRIPTION, words.LEAST_SUBSCRIPTION)] == switch.asked(
        "event"
    )
    (line,) = said.events("pbx_events_denied")
    assert f"esl-allowed-events needs {words.SUBSCRIPTION}" in line["hint"]


async def test_a_user_who_may_not_have_what_it_takes_is_refused(switch: FakeEventSocket, said: Said) -> None:
    """Without the least there is no verdict; said with what the directory must name."""
    switch.allowed_events = set(words.LEAST_SUBSCRIPTION.split()) - {"vm::maintenance"}
    async with watching(a_link(switch)) as watched:
        error = await watched.reported(1)

    assert isinstance(error, LoginRefused)
    assert f"(-ERR permission denied): esl-allowed-events needs {words.LEAST_SUBSCRIPTION}" in str(error)
    assert [] == said.events("pbx_events_denied")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "misspelt",
    [
        pytest.param("CHANEL_CREATE HEARTBEET CHANNEL_ANSWER", id="names"),
        pytest.param("CUSTOM vm::maintenance CHANNEL_CREATE HEARTBEAT", id="custom-first"),
    ],
)
async def test_a_subscription_that_brings_no_heartbeat_is_found_out(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch, misspelt: str
) -> None:
    """FreeSWITCH says +OK to it, and answers every ping."""
    right = words.SUBSCRIPTION
    monkeypatch.setattr(freeswitch_link, "HEARTBEAT_TIMEOUT", 0.6)
    monkeypatch.setattr(words, "SUBSCRIPTION", misspelt)
    switch.beats_every = 0.1
    async with connected(switch, ping_interval=0.05) as watched:
        error = await watched.reported(2)
        monkeypatch.setattr(words, "SUBSCRIPTION", right)
        await said.until("pbx_connected", count=2)
        await switch.until_asked(PING, len(switch.asked(PING)) + 16)  # 0.8 s

    assert isinstance(error, PbxUnavailable)
    assert "no HEARTBEAT within 0.6 s, though the PBX answers: event-heartbeat-interval" in str(error)
    assert [None] == watched.reports[2:]


async def test_an_account_that_may_ask_nothing_is_told_of(switch: FakeEventSocket, said: Said) -> None:
    """The link stays up, and events come; only what is up already cannot be known. A denied ping is an answer too."""
    switch.allowed_api = set()
    async with watching(a_link(switch, ping_interval=0.05)) as watched:
        line = await said.until("pbx_snapshot_denied")
        await switch.until_asked(PING, 3)
        switch.send(*freeswitch_calls.rings_out("c1", CALLER))
        await watched.events_until(ChannelGone)

    assert ("-ERR permission denied", True) == (line["answer"], "esl-allowed-api needs show" in line["hint"])
    assert [None] == watched.reports


async def test_what_is_up_is_asked_for_behind_the_subscription(switch: FakeEventSocket) -> None:
    """Else a call that begins in between would not be seen; with no calls up the list has no rows."""
    async with watching(a_link(switch)) as watched:
        *_, snapshot = await watched.events_until(SnapshotTaken)

    assert isinstance(snapshot, SnapshotTaken)
    assert frozenset() == snapshot.channels
    assert ["userauth", "event", "api"] == [command.split()[0] for command in switch.commands]


# --- losing the link -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_falls_silent_is_found_out(switch: FakeEventSocket, said: Said) -> None:
    """Half-open, or frozen: within the interval of the ping and its timeout; then it is called again."""
    async with connected(switch, ping_interval=0.1, ping_timeout=0.2) as watched:
        await switch.until_asked(PING, 2)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        switch.frozen = True
        error = await watched.reported(2)
        seconds = loop.time() - begin
        switch.frozen = False

        assert isinstance(error, PbxUnavailable)
        assert "did not answer api within" in str(error)
        assert seconds < 0.1 + 0.2 + 1
        assert isinstance(await watched.next_event(), LinkLost)
    assert 1 == len(said.events("pbx_lost"))


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_thaws_is_followed_again(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is frozen the kernel takes connections for it, and none of them is told the secret."""
    monkeypatch.setattr(freeswitch_link, "CONNECT_TIMEOUT", 0.2)
    async with connected(switch, ping_interval=0.05, ping_timeout=0.2) as watched:
        switch.frozen = True
        await watched.reported(4)
        assert 1 == len(switch.asked("userauth"))
        switch.frozen = False
        await said.until("pbx_connected", count=2)

    assert (1, 2) == (len(said.events("pbx_lost")), len(said.events("pbx_connected")))


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_falls_silent_in_the_list_is_found_out(switch: FakeEventSocket) -> None:
    """No later than one that falls silent at any other time."""
    switch.mute = {LIST}
    async with watching(a_link(switch, ping_interval=0.1, ping_timeout=0.1)) as watched:
        await switch.until_asked(LIST)
        error = await watched.reported(1)
        switch.mute = set()

        assert "did not answer api within" in str(error)
        assert None is await watched.reported(2)


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_heard_but_does_not_hear_is_found_out(
    switch: FakeEventSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events show that it is there, and no question is ever answered."""
    monkeypatch.setattr(liveness, "ANSWER_TIMEOUT", 0.3)
    switch.beats_every = 0.05
    async with connected(switch, ping_interval=0.05, ping_timeout=60) as watched:
        switch.mute = {PING}
        assert isinstance(await watched.reported(2), PbxUnavailable)


async def test_a_pbx_that_breaks_every_snapshot_is_left_in_peace(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets us in each time, but a link is up when it has told what is up: said once, tried ever later."""
    failures: list[int] = []

    def retry_delay(error: PbxError, failed: int, *, spread: float) -> float:
        failures.append(failed)
        return 0.01

    monkeypatch.setattr(linked_source, "retry_delay", retry_delay)
    switch.drops = {LIST}
    async with watching(a_link(switch)) as watched:
        await watched.reported(4)
        switch.drops = set()
        await said.until("pbx_connected")

    assert [1, 2, 3, 4] == failures[:4]
    assert 1 == len(said.events("pbx_lost"))


@pytest.mark.usefixtures("impatient")
async def test_a_link_that_breaks_in_mid_body(switch: FakeEventSocket, said: Said) -> None:
    """The half is forgotten; what comes over the next link is whole, behind a LinkLost and a new snapshot."""
    arriving = freeswitch_calls.arrives("c1", CALLER)
    async with connected(switch) as watched:
        half = fake_event_socket.as_bytes(arriving[0])[:-20]
        switch.send(half)
        await watched.read(half)
        switch.drop()
        assert isinstance(await watched.next_event(), LinkLost)
        await watched.events_until(SnapshotTaken)
        await watched.reported(3)

        switch.send(*arriving)
        appeared = await watched.next_event()

    assert isinstance(appeared, ChannelAppeared)
    assert ("c1", CALLER, "5550101") == (appeared.channel, appeared.number, appeared.did)
    assert (1, 2) == (len(said.events("pbx_lost")), len(said.events("pbx_connected")))


@pytest.mark.usefixtures("impatient")
async def test_a_restart_is_told_from_a_reconnect(switch: FakeEventSocket, said: Said) -> None:
    """By the Core-UUID; said once. What was up is read anew in either case, and the new core has none of it."""
    arriving = freeswitch_calls.arrives("c1", CALLER)
    switch.channels = freeswitch_calls.listed(*arriving)
    async with connected(switch) as watched:
        switch.send(*freeswitch_calls.rings_out("c2", CALLER))
        await watched.events_until(ChannelGone)
        up: list[frozenset[str]] = []
        for again in (switch.drop, switch.restart, switch.drop):
            again()
            _lost, *_, snapshot = await watched.events_until(SnapshotTaken)
            assert isinstance(snapshot, SnapshotTaken)
            up.append(snapshot.channels)
            switch.send({"Event-Name": "HEARTBEAT"})
            await watched.read(switch.core.encode())

    assert [{"c1", "c1-phone"}, set(), set()] == up
    assert 1 == len(said.events("pbx_was_restarted"))


@pytest.mark.usefixtures("impatient")
async def test_a_shutdown_is_told_at_once_and_in_its_words(switch: FakeEventSocket, said: Said) -> None:
    """It may keep the connection open for long, while it ends calls by itself: those ends are nobody's will."""
    async with connected(switch) as watched:
        switch.shut_down()
        assert isinstance(await watched.next_event(), LinkLost)
        error = await watched.reported(2)
        await said.until("pbx_connected", count=2)

    assert "the PBX closed the connection; it said 'The system is being shut down.'" == str(error)
    assert [str(error)] == [line["error"] for line in said.events("pbx_lost")]
