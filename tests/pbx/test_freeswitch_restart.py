"""A FreeSWITCH that was started anew, and what its dialplan says by itself."""

import gzip
import json

import pytest

from tests.builders import NOON, an_office, seconds
from tests.daemon.said import Said
from tests.fake_event_socket import FakeEventSocket
from tests.pbx.replay import FREESWITCH
from tests.pbx.switch import DID, Leg, Switch
from tests.pbx.watched_source import connected
from textbackd.core.call_records import Ended, EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelAppeared, ChannelEvent, Privacy, PrivacyTold, SnapshotTaken
from textbackd.core.outcomes import judge
from textbackd.pbx import freeswitch
from textbackd.pbx.event_socket import EventSocketReader, event_in
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_settings import VANILLA


def test_after_a_restart_only_what_it_made_itself_is_up() -> None:
    """Also where its list of channels may not be seen; the calls of before ended unseen."""
    fs, translator, tracker = Switch(), FreeSwitchTranslator(VANILLA), CallTracker()
    before = fs.call()
    told = [event for seen in fs.events for event in translator.events(seen, NOON)]
    told += translator.events({"Content-Type": "auth/request"}, NOON)
    fs.events.clear()
    after = fs.call(number="+15551230002")
    told += [event for seen in fs.events for event in translator.events(seen, NOON)]
    told += translator.restarted(NOON)

    assert SnapshotTaken(at=NOON, channels=frozenset({after.uuid})) == told[-1]
    ended = [call for event in told for call in tracker.receive(event)]
    assert [before.uuid] == [call.call_id for call in ended if isinstance(call, EndedCall)]
    assert frozenset({after.uuid}) == tracker.followed()


@pytest.mark.parametrize(("variable", "expected"), [("true", "closed"), ("false", "not_offered")])
def test_a_dialplan_that_says_after_hours_for_itself_is_understood(variable: str, expected: str) -> None:
    """As that of the lab does; nothing in the configuration marks the number dialled."""
    stream = gzip.decompress((FREESWITCH / "subscribed" / "after_hours_announce.esl.gz").read_bytes())
    translator, tracker = FreeSwitchTranslator(VANILLA), CallTracker()
    ended: list[Ended] = []
    for _offset, message in EventSocketReader().messages(stream):
        if event := event_in(message):
            event |= {"variable_after_hours": variable} if "variable_after_hours" in event else {}
            for told in translator.events(event, NOON):
                ended += tracker.receive(told)

    (record,) = [call for call in ended if isinstance(call, EndedCall)]
    assert expected == judge(record, an_office(), pbx="freeswitch", minimum_talk=seconds(2)).outcome


async def test_a_word_of_the_dialplan_that_nobody_understands_is_named_once(
    switch: FakeEventSocket, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the place where it shows first; of ever new words not all are."""
    monkeypatch.setattr(freeswitch, "MOST_MISSPELT", 2)
    fs = Switch()
    for word in ("", "Closed", "close", "Close", "ingore", "third"):
        fs.call(textback=word)
    fs.call()
    async with connected(switch) as watched:
        switch.send(*fs.events)
        for _event in fs.events:
            await watched.events_until(ChannelAppeared)

    place = {"pbx": "freeswitch", "context": "public", "extension": DID}
    assert ["close", "ingore"] == [line["said"] for line in said.events("textback_not_understood", **place)]


def told_again(caller: Leg, translator: FreeSwitchTranslator) -> list[ChannelEvent]:
    """What a list tells of a leg that the translator knows."""
    row = {
        "uuid": caller.uuid,
        "direction": "inbound",
        "name": caller.headers["Channel-Name"],
        "initial_cid_num": caller.headers["Caller-Caller-ID-Number"],
        "initial_context": "public",
        "created_epoch": "1795221191",
    }
    return [
        *translator.events({"Content-Type": "api/response", "_body": json.dumps({"row_count": 1, "rows": [row]})}, NOON)
    ]


def test_a_list_tells_again_of_a_leg_whose_making_was_dropped() -> None:
    """The queue of events was full: the translator knows the leg, nobody behind it does."""
    fs, translator = Switch(), FreeSwitchTranslator(VANILLA)
    caller = fs.call()
    for seen in fs.events:
        translator.events(seen, NOON)

    (again,) = [event for event in told_again(caller, translator) if isinstance(event, ChannelAppeared)]
    assert (caller.uuid, True, False) == (again.channel, again.from_middle, again.begins_call)


def test_a_number_that_was_withheld_is_not_told_again() -> None:
    """Of privacy a list says nothing."""
    fs, translator = Switch(), FreeSwitchTranslator(VANILLA)
    caller = fs.call(sip_Privacy="id")
    for seen in fs.events:
        translator.events(seen, NOON)

    told = told_again(caller, translator)
    assert PrivacyTold(at=NOON, channel=caller.uuid, privacy=Privacy.WITHHELD) in told
    assert ["anonymous"] == [event.number for event in told if isinstance(event, ChannelAppeared)]
