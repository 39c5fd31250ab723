"""What a FreeSWITCH is asked to tell, and what its account may not have of it."""

import pytest

from tests import freeswitch_calls
from tests.daemon.said import Said
from tests.fake_event_socket import FakeEventSocket
from tests.pbx.watched_source import a_link, connected, watching
from textbackd.core.channel_events import ChannelGone, SnapshotTaken
from textbackd.pbx import freeswitch_link
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.source import LoginRefused, PbxUnavailable

CALLER = "+15555550123"
PING = "api uptime"


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
