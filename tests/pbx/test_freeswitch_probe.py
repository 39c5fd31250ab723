"""Trying a FreeSWITCH: what ``check`` tells of it, and of what its account may not do."""

import asyncio

import pytest

from tests import fake_event_socket, freeswitch_calls
from tests.fake_event_socket import DENIED, FakeEventSocket
from textbackd.pbx import freeswitch_link, freeswitch_probe
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_probe import probe
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.source import LoginRefused, PbxUnavailable

USER = "textbackd@office.test"


def settings(switch: FakeEventSocket, *, secret: str = fake_event_socket.SECRET, port: int = 0) -> FreeSwitchSettings:
    return FreeSwitchSettings(name="freeswitch", port=port or switch.port, user=USER, secret=secret, ping_interval=0.1)


async def test_a_probe_tells_what_it_found(switch: FakeEventSocket) -> None:
    """The version, how many legs, and where: the usual mistake is in trunks."""
    switch.channels = freeswitch_calls.listed(*freeswitch_calls.arrives("c1", "+15555550123"))

    found = await probe(settings(switch))

    up = "2 channels up, on the profiles external, internal, in the contexts default, public"
    assert f"FreeSWITCH 1.11.3-dev; {up}" == found.seen
    assert (True, ()) == (found.may_ask, tuple(found.withheld))
    assert [] == list(freeswitch_probe.lacks(USER, found))


async def test_a_probe_tells_what_is_wrong(switch: FakeEventSocket) -> None:
    """Refused, or not there."""
    with pytest.raises(LoginRefused, match=r"refused the user 'textbackd@office\.test': -ERR invalid"):
        await probe(settings(switch, secret="wrong"))
    with pytest.raises(PbxUnavailable, match="refused the connection"):
        await probe(settings(switch, port=1))


async def test_a_probe_names_the_events_that_are_kept_back(switch: FakeEventSocket) -> None:
    """FreeSWITCH refuses all for one and does not say which, so each is asked for by itself."""
    switch.allowed_events = set(words.SUBSCRIPTION.split()) - {"CHANNEL_UNBRIDGE", "vm::maintenance"}

    found = await probe(settings(switch))

    assert [("CHANNEL_UNBRIDGE", DENIED), ("vm::maintenance", DENIED)] == list(found.withheld)
    unbridge, voicemail, remedy = freeswitch_probe.lacks(USER, found)
    assert "the user may not have CHANNEL_UNBRIDGE (-ERR permission denied): it would be less sure" in unbridge
    assert "the user may not have vm::maintenance (-ERR permission denied): textbackd does not follow" in voicemail
    assert f'<param name="esl-allowed-events" value="{words.SUBSCRIPTION}"/>' in remedy


async def test_an_account_without_custom_gets_no_subclass(switch: FakeEventSocket) -> None:
    """They stand behind it in esl-allowed-events as in a subscription."""
    names, _, subclasses = words.SUBSCRIPTION.partition(" CUSTOM ")
    switch.allowed_events = set(names.split())

    found = await probe(settings(switch))

    assert subclasses.split() == [event for event, _answer in found.withheld]


async def test_a_probe_tells_what_may_not_be_asked(switch: FakeEventSocket) -> None:
    """Without ``show`` it is unknown who is on the line at a start; without ``version`` nothing is amiss."""
    switch.allowed_api = {"uptime"}

    found = await probe(settings(switch))

    assert ("FreeSWITCH", False) == (found.seen, found.may_ask)
    complaint, remedy = freeswitch_probe.lacks(USER, found)
    assert "may not list the channels" in complaint
    assert '<param name="esl-allowed-api" value="show uptime version"/>' in remedy


def test_what_is_not_needed_is_told_of_each() -> None:
    """An event is in the least subscription, or it is said what its lack means."""
    names = set(words.SUBSCRIPTION.split()) - set(words.LEAST_SUBSCRIPTION.split())
    assert names == set(freeswitch_probe.WITHOUT)


def test_the_rights_fit_into_the_answer_to_a_login() -> None:
    """FreeSWITCH repeats them in it, and cuts it at 512 bytes: then its end, an empty line, would never come."""
    rights = f"Allowed-Events: {words.SUBSCRIPTION}\nAllowed-API: {freeswitch_probe.API}\nAllowed-LOG: false\n\n"
    assert len("~Reply-Text: +OK accepted\n" + rights) < 512


async def test_listening_hears_what_comes_behind_what_is_up(switch: FakeEventSocket) -> None:
    """The list of the channels first; then all that is told, until the time is over."""
    heard: list[Event] = []
    arriving = freeswitch_calls.arrives("c2", "+15555550123")
    switch.channels = freeswitch_calls.listed(*freeswitch_calls.arrives("c1", "+15555550123"))
    async with asyncio.TaskGroup() as group:
        begun = asyncio.Event()
        group.create_task(freeswitch_probe.listen(settings(switch), 0.5, heard.append, begun=begun.set))
        await begun.wait()
        assert 1 == len(switch.asked("api show"))
        switch.send(*arriving)

    listed, *told = [event for event in heard if "Unique-ID" in event or '"c1"' in event.get("_body", "")]
    assert "c1-phone" in listed["_body"]
    assert ["c2", "c2-phone"] == [event["Unique-ID"] for event in told]


async def test_listening_to_a_pbx_that_tells_nothing(switch: FakeEventSocket, monkeypatch: pytest.MonkeyPatch) -> None:
    """No HEARTBEAT shows that it would not tell of a call either."""
    monkeypatch.setattr(freeswitch_link, "HEARTBEAT_TIMEOUT", 0.2)
    with pytest.raises(PbxUnavailable, match=r"no HEARTBEAT within 0\.2 s"):
        await freeswitch_probe.listen(settings(switch), 5, lambda _event: None)
