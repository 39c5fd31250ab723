"""What recorded calls would have left in FreeSWITCH's CDR file, by either template, and what is read there."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from tests.builders import NOON, spoke_with
from tests.pbx import replay
from tests.pbx.freeswitch_cdr_calls import UTC, calls, outcome
from tests.pbx.freeswitch_cdr_rows import EXAMPLE, a_file, a_line
from tests.pbx.replay import FREESWITCH
from textbackd.core.call_records import EndedCall
from textbackd.pbx.cdr import CdrCall
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_cdr_file import TEMPLATE
from textbackd.pbx.freeswitch_events import FreeSwitchTranslator
from textbackd.pbx.freeswitch_headers import VERIFICATION
from textbackd.pbx.trace import Trace
from textbackd.pbx.trunks import Trunk, Trunks

NAMES = sorted(path.name.removesuffix(".truth.json") for path in FREESWITCH.glob("*.truth.json"))
LAB = Trunks((Trunk(contexts=frozenset({"public"}), endpoints=frozenset({"trunk"})),))
"""Where the streams were recorded."""


def recorded(name: str) -> Trace:
    return Trace.read(FREESWITCH / "subscribed" / f"{name}.esl.gz")


def stream(name: str) -> list[Event]:
    return [event for _at, event in recorded(name).messages()]


def truth(name: str) -> list[str]:
    told = json.loads((FREESWITCH / f"{name}.truth.json").read_text())["calls"]
    return [call["outcome"] for call in told]


PROFILE = {
    "uuid": "Unique-ID",
    "context": "Caller-Context",
    "caller_id_name": "Caller-Caller-ID-Name",
    "caller_id_number": "Caller-Caller-ID-Number",
    "orig_caller_id_number": "Caller-Orig-Caller-ID-Number",
    "destination_number": "Caller-Destination-Number",
    "rdnis": "Caller-RDNIS",
    "privacy_hide_number": "Caller-Privacy-Hide-Number",
    "direction": "Call-Direction",
    "channel_name": "Channel-Name",
    "hangup_cause": "Hangup-Cause",
}
TIMES = {f"Caller-Channel-{what}-Time" for what in ("Created", "Answered", "Bridged", "Progress", "Progress-Media")}


def variables(event: Event) -> Mapping[str, str]:
    """What a leg's ``${…}`` stand for when it is over: its variables, else what its caller profile says."""
    own = {name: event[header] for name, header in PROFILE.items() if header in event}
    if not is_originated(event):
        own["bleg_uuid"] = event.get("Other-Leg-Unique-ID", "")
    return own | {h.removeprefix("variable_"): value for h, value in event.items() if h.startswith("variable_")}


def is_originated(event: Event) -> bool:
    return event["Call-Direction"] == "outbound" or "variable_originator" in event


def written(folder: Path, name: str, *, template: str = TEMPLATE, legs: str = "ab") -> Path:
    """What mod_cdr_csv would have written of a recorded stream: a line before each CHANNEL_HANGUP_COMPLETE."""
    ended = [event for event in stream(name) if event.get("Event-Name") == "CHANNEL_HANGUP_COMPLETE"]
    wanted = [event for event in ended if legs == "ab" or not is_originated(event)]
    return a_file(folder, *(a_line(variables(event), template) for event in wanted))


def told(path: Path) -> list[CdrCall]:
    found = calls(path, trunks=LAB, zone=UTC)
    return sorted(found, key=lambda call: (call.record.started_at, call.record.caller))


def watched(name: str) -> list[EndedCall]:
    """The same calls from the whole stream."""
    found = replay.ended(replay.freeswitch_events(recorded(name), LAB))
    return sorted(found, key=lambda call: (call.started_at, call.caller))


@pytest.mark.parametrize("name", NAMES)
def test_our_template_tells_what_happened(name: str, tmp_path: Path) -> None:
    """Every outcome, who called whom by which number and withheld or not, who answered, and for how long it rang."""
    found, expected = told(written(tmp_path, name)), watched(name)

    assert truth(name) == [outcome(call) for call in found]
    for call, seen in zip((call.record for call in found), expected, strict=True):
        for field in ("call_id", "caller", "withheld", "privacy_unknown", "did", "queue"):
            assert getattr(seen, field) == getattr(call, field), field
        assert spoke_with(seen) == spoke_with(call)
        assert seen.caller_name.startswith(call.caller_name)  # a line end in it is the end of the line
        for field in ("ring_seconds", "wait_seconds", "talk_seconds"):
            assert getattr(seen, field) == pytest.approx(getattr(call, field), abs=0.3), field


@pytest.mark.parametrize(
    ("template", "legs", "outcomes", "verdicts"),
    [(TEMPLATE, "ab", 37, 37), (TEMPLATE, "a", 33, 35), (EXAMPLE, "ab", 26, 36), (EXAMPLE, "a", 25, 36)],
    ids=["ours", "ours, first legs only", "example, both legs", "example as shipped"],
)
def test_how_near_each_template_comes_to_the_truth(
    template: str, legs: str, outcomes: int, verdicts: int, tmp_path: Path
) -> None:
    """The figures in the docstring of ``freeswitch_cdr``: outcomes, and whether anybody answered."""
    pairs = list[tuple[str, str]]()
    for name in NAMES:
        found = [str(outcome(call)) for call in told(written(tmp_path, name, template=template, legs=legs))]
        expected = truth(name)
        assert len(found) <= len(expected)
        pairs += zip(expected, found or ["nothing"] * len(expected), strict=True)

    answered = [tuple(said.startswith("answered") for said in pair) for pair in pairs]
    assert (37, outcomes, verdicts) == (
        len(pairs),
        sum(expected == said for expected, said in pairs),
        sum(expected == said for expected, said in answered),
    )


class Asked(dict[str, str]):
    """An event that remembers what it was asked for."""

    headers: ClassVar[set[str]] = set()

    def get(self, header: str, default: str = "") -> str:  # type: ignore[override]
        self.headers.add(header)
        return super().get(header, default)


ELSEWHERE = {
    *("Event-Name", "Unique-ID", "Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "CC-Member-Session-UUID"),  # of events
    *("variable_answer_epoch", "variable_bridge_epoch"),  # from the times in microseconds
    *("Answer-State", "variable_current_application"),  # of a leg that is up
    *("Other-Leg-Unique-ID", "Caller-Caller-ID-Number"),  # told by others, and more reliably
    # A name may hold anything, and one is enough: the caller's, which stands last.
    *("variable_effective_caller_id_name", "variable_sip_from_display"),
    *VERIFICATION,  # whether a text may go: calls on record never make one
}


def test_the_template_has_all_that_the_translator_asks_for() -> None:
    """What it learns to ask for must come into ``TEMPLATE``, or be known not to be needed."""
    for name in NAMES:
        translator = FreeSwitchTranslator(LAB)
        for event in stream(name):
            if event.get("Event-Name", "").startswith("CHANNEL_"):
                translator.events(Asked(event), NOON)

    template = {PROFILE.get(name, f"variable_{name}") for name in re.findall(r"\$\{(\w+)\}", TEMPLATE)} | TIMES
    assert set() == Asked.headers - template - ELSEWHERE
