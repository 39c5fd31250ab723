"""What is read in a CDR file of FreeSWITCH."""

import zoneinfo
from pathlib import Path

from tests.builders import LONDON, seconds
from tests.pbx import replay
from textbackd.core.call_records import EndedCall
from textbackd.core.outcomes import Outcome, judge
from textbackd.pbx.cdr import CdrCall, CdrReader
from textbackd.pbx.freeswitch_settings import VANILLA
from textbackd.pbx.trunks import Trunks

UTC, NEW_YORK = zoneinfo.ZoneInfo("UTC"), zoneinfo.ZoneInfo("America/New_York")


def calls(
    path: Path, *, trunks: Trunks = VANILLA, zone: zoneinfo.ZoneInfo = LONDON, did_from: str = "request"
) -> list[CdrCall]:
    """The inbound calls of a file."""
    return list(CdrReader(path, trunks, zone, did_from).calls())


def the_call(path: Path) -> CdrCall:
    """The only one."""
    (call,) = calls(path)
    return call


def outcome(call: CdrCall | EndedCall) -> Outcome:
    """What is said of it."""
    record = call.record if isinstance(call, CdrCall) else call
    return judge(record, replay.FREESWITCH_OFFICE, pbx="freeswitch", minimum_talk=seconds(2)).outcome


def ids(path: Path) -> list[str]:
    """The uuids of the callers' legs."""
    return sorted(call.record.call_id for call in calls(path))
