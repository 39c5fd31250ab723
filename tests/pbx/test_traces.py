"""Every recorded call comes out as what happened, from the full stream and from the least-privilege account's."""

import datetime as dt
import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, spoke_with
from tests.pbx import replay
from tests.pbx.replay import TRACES
from textbackd.core.channel_events import BridgeEntered, ChannelEvent, ChannelGone, ChannelMoved, LinkLost
from textbackd.core.outcomes import Call, Outcome, judge
from textbackd.pbx import asterisk_events
from textbackd.pbx.ami_stream import AmiReader, Message, parsed
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.trunks import Trunks

TRUTHS = sorted(path.name.removesuffix(".truth.json") for path in TRACES.glob("[a-km]*.truth.json"))
WITHHELD = {"h05_cid_anonymous_pai", "h11_cid_privacy_number_in_from", "h13_withheld_freepbx_reset_getvar"}
OURS = TRACES.parent / "asterisk-16"
FROM_THE_MIDDLE = sorted(path.name.split(".")[0] for path in TRACES.glob("filtered/*.reconnect.ami"))


def filtered(name: str) -> Path:
    return TRACES / "filtered" / f"{name}.ami"


def full(name: str) -> Path:
    return TRACES / "full" / f"{name}.ami.gz"


def the_call(name: str) -> Call:
    (call,) = replay.calls(filtered(name))
    return call


def truth(name: str) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = json.loads((TRACES / f"{name}.truth.json").read_text())["calls"]
    return calls


def what_happened(calls: Sequence[Call]) -> list[tuple[str, str, str]]:
    return [(call.record.caller, call.record.did, call.outcome.value) for call in calls]


def bytes_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def messages_of(chunks: Sequence[bytes]) -> list[tuple[int, Message]]:
    reader = AmiReader()
    return [(offset, parsed(block)) for chunk in chunks for offset, block in reader.blocks(chunk)]


def test_every_trace_is_there() -> None:
    """87 scenarios, each with its truth and both streams."""
    assert len(TRUTHS) == 87
    for name in TRUTHS:
        assert filtered(name).exists()
        assert full(name).exists()


@pytest.mark.parametrize("stream", [filtered, full])
@pytest.mark.parametrize("name", TRUTHS)
def test_a_recorded_call_comes_out_as_what_happened(name: str, stream: Callable[[str], Path]) -> None:
    """Caller, DID and outcome of each call, in the order in which they began."""
    expected = [(call["caller"], call["did"], call["outcome"]) for call in truth(name)]

    assert expected == what_happened(replay.calls(stream(name)))


OF_OUR_OWN = {
    "blacklisted_hangup17": [Outcome.NOT_OFFERED],
    "blind_to_vm_no_message": [Outcome.ANSWERED_THEN_VOICEMAIL],
    "conf_two_callers_and_staff": [Outcome.ANSWERED, Outcome.ANSWERED],
    "dnd_hangup17": [Outcome.BUSY],
    "asterisk_stopped_ringing": [Outcome.UNKNOWN],
    "fm_confirm_abandoned": [Outcome.ABANDONED_RINGING],
    "fm_confirm_not_accepted": [Outcome.NO_ANSWER],
    "forwarded_phone_rings_out": [Outcome.NO_ANSWER],
    "mailbox_owner_listens": [Outcome.NOT_OFFERED],
    "park_timeout_back_noanswer": [Outcome.ANSWERED_THEN_LOST],
    "queue_joinempty": [Outcome.UNAVAILABLE],
    "rejected_hangup21": [Outcome.NOT_OFFERED],
}
"""Recorded by us on Asterisk 16, least-privilege account: what the other traces do not show."""


def test_every_trace_of_our_own_has_its_truth() -> None:
    """And no truth is without a trace."""
    assert set(OF_OUR_OWN) == {path.stem for path in OURS.glob("*.ami")}


@pytest.mark.parametrize("name", OF_OUR_OWN)
def test_a_call_on_an_older_asterisk_comes_out_as_what_happened(name: str) -> None:
    """The rare ends of a call, in the words of another version."""
    calls = replay.calls(OURS / f"{name}.ami")

    assert OF_OUR_OWN[name] == [call.outcome for call in calls]


TAKEN_WITHOUT_DIALLING = {"g03_pickup_queue_call", "m11_staff_retrieves_then_hangs"}
"""Only a bridge tells that somebody picked up a call that rings elsewhere, or took one out of a parking slot."""


@pytest.mark.parametrize("name", sorted(set(TRUTHS) - TAKEN_WITHOUT_DIALLING))
def test_without_its_bridges_a_call_that_was_taken_is_unknown(name: str) -> None:
    """An account's filter may leave BridgeEnter out: nobody who spoke with somebody looks like a missed caller."""
    events = [event for event in replay.events(filtered(name)) if not isinstance(event, BridgeEntered)]

    for expected, record in zip(truth(name), replay.ended(events), strict=True):
        outcome = judge(record, replay.OFFICE, pbx="asterisk", minimum_talk=dt.timedelta()).outcome
        assert outcome.value == ("unknown" if expected["outcome"].startswith("answered") else expected["outcome"])


@pytest.mark.parametrize("name", TRUTHS)
def test_privacy_is_seen_where_it_was_asked_for_and_nowhere_else(name: str) -> None:
    """A number that shows through P-Asserted-Identity is withheld all the same."""
    for path in (filtered(name), full(name)):
        for call in replay.calls(path):
            assert (name in WITHHELD) == call.record.withheld


@pytest.mark.parametrize("size", [1, 7, 100, 1460])
@pytest.mark.parametrize("name", ["a01_direct_answered", "b09_rg_local_member_vm_steals", "m09_atxfer_into_older_call"])
def test_the_cutting_of_the_stream_does_not_matter(name: str, size: int) -> None:
    """TCP cuts where it likes, also within a letter or an end of line."""
    data = bytes_of(filtered(name))

    assert messages_of([data]) == messages_of([data[i : i + size] for i in range(0, len(data), size)])


@pytest.mark.parametrize("seed", range(5))
def test_nor_do_ragged_cuts(seed: int) -> None:
    """The same with chunks of all sizes in one stream."""
    data = bytes_of(full("j13_six_parallel_mixed"))
    draw, chunks, rest = random.Random(seed), [], data
    while rest:
        size = draw.choice((1, 2, 3, 5, 64, 1460, 9000))
        chunks.append(rest[:size])
        rest = rest[size:]

    assert messages_of([data]) == messages_of(chunks)


@pytest.mark.parametrize(
    ("name", "ring", "wait", "talk"),
    [
        ("a01_direct_answered", 2.0, 2.0, 3.0),
        ("a03_direct_ringout", 8.0, 8.1, 0.0),
        ("a05_direct_abandoned_short", 0.8, 0.8, 0.0),
        ("a09_direct_unregistered", 0.0, 0.0, 0.0),
        ("a23_hunt_abandoned", 5.0, 5.0, 0.0),
        ("b01_rg_one_answers", 2.0, 2.0, 3.0),
        ("b09_rg_local_member_vm_steals", 0.2, 22.3, 0.0),
        ("c07_vm_zero_operator_noanswer", 16.0, 25.5, 0.0),
        ("d07_queue_rna_then_answer", 6.0, 7.0, 4.0),
        ("e01_ivr_abandoned", 0.0, 3.0, 0.0),
        ("f07_fm_confirm_accept", 2.0, 3.7, 4.3),
        ("g05_blind_transfer_noanswer", 9.0, 1.0, 1.5),
        ("g09_atxfer_complete", 1.0, 1.0, 9.0),
        ("m11_staff_retrieves_then_hangs", 0.0, 2.0, 2.0),
    ],
)
def test_how_long_it_rang_and_how_long_the_caller_waited_and_talked(
    name: str, ring: float, wait: float, talk: float
) -> None:
    """Dialled phones as a union, the wait until the first person or the end, all the talk."""
    record = the_call(name).record

    assert pytest.approx((ring, wait, talk), abs=0.11) == (
        record.ring_seconds,
        record.wait_seconds,
        record.talk_seconds,
    )


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("a01_direct_answered", ("101",)),
        ("b01_rg_one_answers", ("102",)),
        ("f01_fm_ext_answers", ("103",)),
        ("f07_fm_confirm_accept", ("07700900777",)),
        ("g01_pickup_star8", ("102",)),
        ("g09_atxfer_complete", ("101", "102")),
    ],
)
def test_who_was_talked_to(name: str, people: tuple[str, ...]) -> None:
    """Extensions, or the number outside that was dialled."""
    assert people == spoke_with(the_call(name).record)


def test_the_name_that_the_carrier_passed_is_kept() -> None:
    """With a display name there is nothing for the dialplan to put in its place."""
    assert the_call("h03_cid_national_name").record.caller_name == "SMITH JOHN"


@pytest.mark.parametrize("name", FROM_THE_MIDDLE)
def test_a_call_seen_from_its_middle_is_unknown(name: str) -> None:
    """Who connects in mid-call follows the call, and never says what it was."""
    (call,) = replay.calls(TRACES / "filtered" / f"{name}.reconnect.ami")

    assert Outcome.UNKNOWN is call.outcome
    assert call.record.caller == "07700900123"


@pytest.mark.parametrize("name", FROM_THE_MIDDLE)
def test_a_call_over_which_the_link_was_lost_is_one_call_and_unknown(name: str) -> None:
    """The first session breaks in mid-call, the second begins with a snapshot that knows the call again."""
    first = replay.events(filtered(name))
    broken = next(i for i, event in enumerate(first) if isinstance(event, ChannelGone))
    lost = LinkLost(at=first[broken].at)
    second = replay.events(TRACES / "filtered" / f"{name}.reconnect.ami")

    (call,) = replay.ended([*first[:broken], lost, *second])

    assert not call.seen_whole
    assert truth(name)[0]["did"] == call.did


def test_a_pbx_that_was_killed_leaves_the_call_unknown() -> None:
    """After the restart there is an empty list of channels; the call ends with it."""
    killed = replay.events(full("k01_asterisk_killed_ringing"))
    lost = LinkLost(at=killed[-1].at)
    restarted = replay.events(TRACES / "full" / "k01_asterisk_killed_ringing.reconnect.ami.gz")

    (call,) = replay.ended([*killed, lost, *restarted])

    assert not call.seen_whole


@pytest.mark.parametrize("name", TRUTHS)
def test_what_is_not_wanted_changes_nothing(name: str) -> None:
    """Most of what a busy PBX says is dropped before it is taken apart.

    The events are the same; only that a channel moved to another group may be seen one message later.
    """
    everything, wanted = AsteriskTranslator(Trunks()), AsteriskTranslator(Trunks())
    expected: list[ChannelEvent] = []
    found: list[ChannelEvent] = []
    blocks = [block for _offset, block in AmiReader().blocks(bytes_of(full(name)))]
    for block in blocks:
        expected += everything.events(parsed(block), NOON)
        if asterisk_events.wanted(block):
            found += wanted.events(parsed(block), NOON)

    def without_moves(events: Sequence[ChannelEvent]) -> list[ChannelEvent]:
        return [event for event in events if not isinstance(event, ChannelMoved)]

    assert without_moves(expected) == without_moves(found)
    assert replay.ended(expected) == replay.ended(found)
    assert not all(map(asterisk_events.wanted, blocks))


def test_twelve_hundred_overlapping_calls() -> None:
    """Under a load at which Asterisk swaps events, each outcome is right and no call is told twice."""
    expected = json.loads((TRACES / "load-1200-calls.truth.json").read_text())["truth"]
    calls = replay.calls(TRACES / "load-1200-calls.filtered.ami.gz")

    found = Counter((call.record.caller[:5], call.record.did, call.outcome.value) for call in calls)
    assert {(t["caller_prefix"], t["did"], t["outcome"]): t["calls"] for t in expected} == found
    assert len({call.record.call_id for call in calls}) == 1200
