"""The source of events that fits a PBX."""

from collections.abc import Callable

from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.freeswitch import FreeSwitchSource
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.linked_source import LinkedSource
from textbackd.pbx.source import PbxError

PbxSettings = AsteriskSettings | FreeSwitchSettings


def source(
    settings: PbxSettings,
    *,
    inbound: frozenset[str] = frozenset(),
    outside: frozenset[str] = frozenset(),
    report: Callable[[PbxError | None], None] = lambda _error: None,
    tap: Callable[[bytes], None] = lambda _data: None,
) -> LinkedSource:
    """What follows one PBX; the arguments are those of its own source."""
    if isinstance(settings, FreeSwitchSettings):
        return FreeSwitchSource(settings, inbound=inbound, outside=outside, report=report, tap=tap)
    return AsteriskSource(settings, inbound=inbound, outside=outside, report=report, tap=tap)
